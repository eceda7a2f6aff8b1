import { spend } from '../../base/budget.ts'
import type { RowField, RowLayout } from '../../compile/model/row-layout.ts'
import { present } from '../../base/assert.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { ownBytes } from '../../data/types/sort-key.ts'
import type { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { checkBytes, TEXT_BYTES_MAX, tooLong } from '../../functions/text/bounds.ts'
import {
  collected,
  COLUMN_BYTES,
  valueKindOf,
  valueKinds,
  writeValueColumn,
  type Collected,
  type ValueColumn,
} from '../../wasm/kernels/value-kinds.ts'
import type { Page } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { sortKeysBytes, writeSortKeys } from '../sort/sort-keys.ts'
import { SORT_COUNT_BYTES, SORT_ENTRY_BYTES } from '../sort/sort-rows.ts'

/** More bytes than these are made group by group. */
const TOGETHER_BYTES_MAX = 8_388_608
/** What braces, dimensions and lengths take of a group at most. */
const GROUP_BYTES = 64
/** Rows of which the text is made to see how long it is, and bytes that is less than what it was thought to be. */
const MEASURED_ROWS = 65_536
const MEASURED_SURPLUS_BYTES = 8_388_608
/** What a row costs that a value is made of, in steps of a budget. */
export const ROW_STEPS = 4

/** Rows of groups that lie one after another. */
export interface GroupRows extends Page {
  readonly rowBytes: number
}

/** Addresses of rows, group by group. */
export interface GroupedList {
  readonly list: Address
  /** Where the rows of each group end in the list, counted from `first`. */
  readonly ends: Address
  readonly first: number
}

/** What is made, and of which fields of rows. */
export interface Making {
  readonly made: Collected
  readonly layout: RowLayout
  readonly args: readonly RowField[]
  readonly target: RowField
}

/** Makes the values of groups by kernels; undefined where these do not know the types. */
export function kernelValues(
  env: ThreadEnvironment,
  scratch: Arena,
  making: Making,
  keeper: WideNumerics,
): KernelValues | undefined {
  const columns = making.args.map((field) => columnOf(making.made, field))
  if (!canMake(making.made, columns)) return undefined
  const at = scratch.allocateZeroed(columns.length * COLUMN_BYTES)
  columns.forEach((column, index) => {
    if (column !== undefined) writeValueColumn(env.heap, at + index * COLUMN_BYTES, column)
  })
  return new KernelValues(env, making, at, keeper)
}

function columnOf(
  made: Collected,
  { type, lanes, validOffset }: RowField,
): ValueColumn | undefined {
  const known = made === 'joined' ? 'text' : made === 'arrays' ? 'keyed' : valueKindOf(type)
  if (known === undefined) return undefined
  const kind = known === 'decimal128' && lanes.length === 1 ? 'decimal64' : known
  const places = type.kind === 'decimal' ? type.scale : elementKind(type)
  return { kind, offset: present(lanes[0], 'lane of a value').offset, validOffset, places }
}

/** The kind of the elements of an array, which are read from what it has of them; 0 for others. */
function elementKind(type: DataType): number {
  const kind = type.kind === 'array' ? valueKindOf(type.element) : undefined
  return kind === undefined ? 0 : valueKinds[kind]
}

function canMake(made: Collected, columns: readonly (ValueColumn | undefined)[]): boolean {
  if (columns.includes(undefined)) return false
  const [first, second] = columns.map((column) => column?.kind)
  switch (made) {
    case 'joined':
    case 'array':
    case 'arrays':
    case 'json-list':
      return true
    case 'jsonb-list':
      return first !== 'json'
    case 'json-members':
      return first !== 'json' && first !== 'jsonb'
    case 'jsonb-members':
      return first === 'text' && second !== 'json'
  }
}

class KernelValues {
  readonly #env: ThreadEnvironment
  readonly #making: Making
  readonly #what: number
  readonly #columns: Address
  readonly #keeper: WideNumerics
  readonly #lane: number
  readonly #mark: number

  constructor(env: ThreadEnvironment, making: Making, columns: Address, keeper: WideNumerics) {
    this.#env = env
    this.#making = making
    this.#what = collected[making.made]
    this.#columns = columns
    this.#keeper = keeper
    const { lanes, validOffset } = making.target
    this.#lane = present(lanes[0], 'lane of a value').offset
    this.#mark = present(validOffset, 'field that may be NULL')
  }

  /** Whether rows are put in another order. */
  get reorders(): boolean {
    return this.#making.made === 'jsonb-members'
  }

  /**
   * Makes the values of groups of listed rows, which may be put in another order; false where TypeScript has to,
   * as where there are errors. Throws PROGRAM_LIMIT_EXCEEDED.
   */
  make(rows: GroupedList, groups: GroupRows): boolean {
    if (this.reorders && !this.#sortNames(rows, groups.rows)) return false
    const count = this.#end(rows, groups.rows - 1) - rows.first
    const bytes = this.#bytes(rows.list, count) + groups.rows * GROUP_BYTES
    if (groups.rows > 1 && bytes > TOGETHER_BYTES_MAX) return this.#makeEach(rows, groups)
    return this.#makeGroups(rows, groups, bytes)
  }

  #makeEach(rows: GroupedList, groups: GroupRows): boolean {
    let first = rows.first
    for (let group = 0; group < groups.rows; group++) {
      const list = (rows.list + (first - rows.first) * 4) as Address
      const ends = (rows.ends + group * 4) as Address
      const address = (groups.address + group * groups.rowBytes) as Address
      const end = this.#end(rows, group)
      const bytes = this.#bytes(list, end - first) + GROUP_BYTES
      const page = { ...groups, address, rows: 1 }
      if (!this.#makeGroups({ list, ends, first }, page, bytes)) return false
      first = end
    }
    return true
  }

  #makeGroups(rows: GroupedList, groups: GroupRows, bytes: number): boolean {
    this.#checkLength(rows.list, this.#end(rows, groups.rows - 1) - rows.first, bytes)
    const target = this.#keeper.allocate(bytes)
    const end = this.#collect(rows, groups, this.#lane, this.#mark, target)
    this.#keeper.giveBack(target + bytes - (end === 0 ? target : end))
    if (end > 0 && bytes > TEXT_BYTES_MAX) checkBytes(this.#textBytes(groups.address + this.#lane))
    return end > 0
  }

  /** Where the values end; 0 where TypeScript has to make them. */
  #collect(
    { list, ends, first }: GroupedList,
    { address, rows, rowBytes }: GroupRows,
    lane: number,
    mark: number,
    target: Address,
  ): number {
    const { kernels } = this.#env
    const group = [address, rows, rowBytes, lane, mark] as const
    const given = [this.#what, this.#columns, list, ends, first] as const
    return kernels.call('collectGroups', ...given, ...group, target) >>> 0
  }

  /** Bytes that the value of listed rows takes at most. */
  #bytes(list: Address, rows: number): number {
    return Number(this.#env.kernels.call('collectBytes', this.#what, this.#columns, list, rows))
  }

  /** Bytes of the text of the value that a view names, or of the key that stands for it. */
  #textBytes(view: number): number {
    const { u32, u8 } = this.#env.heap
    const [at, bytes] = [u32[view >>> 2]!, u32[(view >>> 2) + 1]!]
    const { made } = this.#making
    if (bytes === 0 || made === 'joined' || made.startsWith('json-')) return bytes
    return ownBytes(u8.subarray(at, at + bytes))
  }

  /** Looks whether the value may be too long before there is room for it: values of fixed width are mostly shorter. */
  #checkLength(list: Address, rows: number, bytes: number): void {
    if (this.#making.made === 'joined') return checkBytes(bytes - GROUP_BYTES)
    if (bytes <= 2 * TEXT_BYTES_MAX) return
    const { heap } = this.#env
    const scratch = new Arena(heap)
    try {
      const cells = scratch.allocateZeroed(16)
      const page: GroupRows = { address: cells, rows: 1, rowBytes: 16 }
      let [length, room, roomBytes] = [0, cells, 0]
      for (let from = 0; from < rows; from += MEASURED_ROWS) {
        const count = Math.min(MEASURED_ROWS, rows - from)
        const part = (list + from * 4) as Address
        const most = this.#bytes(part, count) + GROUP_BYTES
        if (most > 2 * TEXT_BYTES_MAX + MEASURED_SURPLUS_BYTES) throw tooLong()
        if (most > roomBytes) [room, roomBytes] = [scratch.allocate(most), most]
        heap.u32[(cells >>> 2) + 3] = count
        const ends = (cells + 12) as Address
        spend(ROW_STEPS * count)
        if (this.#collect({ list: part, ends, first: 0 }, page, 0, 8, room) === 0) return
        checkBytes((length += this.#textBytes(cells)))
      }
    } finally {
      scratch.release()
    }
  }

  /** Puts rows in the order that jsonb has names in, each name once; false where kernels cannot. */
  #sortNames({ list, ends, first }: GroupedList, groups: number): boolean {
    const { heap, kernels } = this.#env
    const { layout, args } = this.#making
    const scratch = new Arena(heap)
    try {
      const field = layout.fields.indexOf(present(args[0], 'names'))
      const order = [{ field, descending: false, nullsFirst: false }]
      const sort = { layout, values: [], keys: order, limitRows: undefined }
      const keys = scratch.allocateZeroed(sortKeysBytes(sort))
      writeSortKeys(heap, sort, keys)
      const rows = this.#end({ list, ends, first }, groups - 1) - first
      const entries = scratch.allocate(Math.max(1, rows) * SORT_ENTRY_BYTES)
      const other = scratch.allocate(Math.max(1, rows) * SORT_ENTRY_BYTES)
      const counts = scratch.allocate(SORT_COUNT_BYTES)
      const given = [keys, this.#columns, list, ends, first, groups] as const
      return kernels.call('collectNames', ...given, entries, other, counts) !== 0
    } finally {
      scratch.release()
    }
  }

  #end({ ends }: GroupedList, group: number): number {
    return this.#env.heap.u32[(ends >>> 2) + group]!
  }
}

export type { KernelValues }
