import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import { listCells, type RowField } from '../../compile/model/row-layout.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { BytesKeeper } from '../../data/vectors/numeric-slots.ts'
import type { Address } from '../../data/vectors/vector.ts'
import {
  comparer,
  finishRows,
  rowsForm,
  wantedOrder,
  type TypedRows,
} from '../../functions/aggregates/collect.ts'
import type { CollectedForm, CollectedRows, FoldedForm } from '../../functions/aggregate-form.ts'
import { checkBytes } from '../../functions/text/bounds.ts'
import type { CollectedField, Page } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { copyBytes } from '../rows/copy-bytes.ts'
import { listPages } from '../rows/kept-lists.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { SORT_COUNT_BYTES, SORT_ENTRY_BYTES, sortRows } from '../sort/sort-rows.ts'
import {
  emptySortBounds,
  packSortKeys,
  readSortBounds,
  sortBoundsBytes,
  sortKeysBytes,
  writeSortKeys,
  type PackedKeys,
} from '../sort/sort-keys.ts'

/** Rows of groups that are sorted together; a group of more is sorted by itself. */
const ROWS_A_BATCH = 32_768
/** What looking at a row costs, in steps of a budget. */
const ROW_STEPS = 4

/** Rows of groups that lie one after another. */
export interface GroupRows extends Page {
  readonly rowBytes: number
}

/**
 * Makes the values of an aggregate that keeps rows, for groups that lie one after another: the rows of many
 * groups are listed and put in order at once, each group's by itself.
 */
export function* collectedSteps(
  env: ThreadEnvironment,
  item: CollectedField,
  groups: GroupRows,
  target: RowField,
  keeper: BytesKeeper,
): Steps<void> {
  const scratch = new Arena(env.heap)
  try {
    const lists = new ListedGroups(env, scratch, item, groups)
    const maker = new ValueMaker(env, item, target, keeper)
    for (let first = 0; first < groups.rows;) {
      const behind = lists.batchEnd(first)
      const batch = new Arena(env.heap)
      try {
        const rows = lists.list(batch, first, behind, maker.needsMarks)
        const left = lists.join(rows, first, behind, maker.joining) ? behind : first
        for (let group = left; group < behind; group++) {
          maker.make(lists.address(group), rows, lists.start(group), lists.end(group))
        }
      } finally {
        batch.release()
      }
      first = behind
      yield
    }
  } finally {
    scratch.release()
  }
}

/** More bytes than these are joined group by group. */
const JOINED_BYTES_MAX = 1_048_576

/** How bytes of rows are joined: where the value, the separator and its mark are, and where the result goes. */
interface Joining {
  readonly places: readonly [value: number, separator: number, valid: number]
  readonly target: RowField
  readonly keeper: BytesKeeper
}

/** Rows of a batch of groups, in order. */
interface ListedBatch {
  /** Where their addresses are listed, a u32 each, and the number of the first among the rows of all groups. */
  readonly list: Address
  readonly first: number
  /** A byte a row, 0 where it equals the one before; undefined where nobody asks. */
  readonly marks: Address | undefined
}

/** The rows that groups keep, listed group by group in the order that is wanted. */
class ListedGroups {
  readonly #env: ThreadEnvironment
  readonly #item: CollectedField
  readonly #groups: GroupRows
  readonly #sort: SortShape
  readonly #cells: number
  /** Where the number of rows up to each group is. */
  readonly #ends: Address

  constructor(env: ThreadEnvironment, scratch: Arena, item: CollectedField, groups: GroupRows) {
    this.#env = env
    this.#item = item
    this.#groups = groups
    const keys = wantedOrder(typedRows(item))
    this.#sort = { layout: item.layout, values: [], keys, limitRows: undefined }
    this.#cells = present(item.field.lanes[listCells.first], 'cell of a list').offset
    this.#ends = scratch.allocate(groups.rows * 4)
    const { rowBytes } = item.layout
    env.kernels.call('listCount', ...this.#place(0, groups.rows), rowBytes, this.#ends)
  }

  address(group: number): number {
    return this.#groups.address + group * this.#groups.rowBytes
  }

  /** How many rows come before a group's. */
  start(group: number): number {
    return group === 0 ? 0 : this.end(group - 1)
  }

  end(group: number): number {
    return this.#env.heap.u32[(this.#ends >>> 2) + group] ?? 0
  }

  /** The group behind the last one whose rows are listed together with those of a first one. */
  batchEnd(first: number): number {
    const most = this.start(first) + ROWS_A_BATCH
    let behind = first + 1
    while (behind < this.#groups.rows && this.end(behind) <= most) behind++
    return behind
  }

  list(arena: Arena, from: number, to: number, needsMarks: boolean): ListedBatch {
    const first = this.start(from)
    const count = this.end(to - 1) - first
    spend(ROW_STEPS * count)
    const { kernels } = this.#env
    const list = arena.allocate(Math.max(1, count) * 4)
    if (count === 0) return { list, first, marks: undefined }
    const keys = arena.allocateZeroed(sortKeysBytes(this.#sort))
    writeSortKeys(this.#env.heap, this.#sort, keys)
    const isAlone = count > ROWS_A_BATCH && this.#sort.keys.length > 0
    const entries = isAlone
      ? this.#sortedAlone(arena, from)
      : this.#sortedTogether(arena, keys, from, to, count)
    kernels.call('sortList', entries, count, list)
    if (!needsMarks) return { list, first, marks: undefined }
    const marks = arena.allocate(count)
    kernels.call('sortMarks', keys, 0, this.#sort.keys.length, list, 0, count, marks)
    return { list, first, marks }
  }

  /** Joins the bytes of the groups of a batch at once, if that is what is to be made of them; false where it is not. */
  join(
    { list, first }: ListedBatch,
    from: number,
    to: number,
    joining: Joining | undefined,
  ): boolean {
    if (joining === undefined || to - from === 1) return false
    const { kernels } = this.#env
    const { places, target, keeper } = joining
    const rows = this.end(to - 1) - first
    // More than it takes, as the first separator of each group is left out.
    const bytes = Number(kernels.call('listJoin', list, rows, ...places, 0))
    if (bytes > JOINED_BYTES_MAX) return false
    const groups = [this.address(from), to - from, this.#groups.rowBytes] as const
    const room = keeper.allocate(Math.max(1, bytes))
    const end = this.#ends + from * 4
    const mark = present(target.validOffset, 'field that may be NULL')
    const result = [room, target.lanes[0]!.offset, mark] as const
    kernels.call('listJoinGroups', list, end, first, ...groups, ...places, ...result)
    return true
  }

  #sortedAlone(arena: Arena, group: number): Address {
    const { heap } = this.#env
    const pages = listPages(heap, this.address(group) + this.#cells, this.#item.layout.rowBytes)
    return sortRows(this.#env, arena, this.#sort, pages).entries
  }

  #sortedTogether(arena: Arena, keys: Address, from: number, to: number, count: number): Address {
    const { kernels } = this.#env
    const { rowBytes } = this.#item.layout
    const keyCount = this.#sort.keys.length
    const place = this.#place(from, to)
    const packed = keyCount === 0 ? undefined : this.#packed(arena, keys, from, to)
    const entries = arena.allocate(count * SORT_ENTRY_BYTES)
    kernels.call('listEntries', keys, keyCount, ...place, rowBytes, entries)
    if (packed === undefined) return entries
    const other = arena.allocate(count * SORT_ENTRY_BYTES)
    const counts = arena.allocate(SORT_COUNT_BYTES)
    const order = [keys, keyCount, packed.bits, packed.exact ? 1 : 0] as const
    const ends = this.#ends + from * 4
    const room = [entries, other, counts] as const
    kernels.call('listSort', ...order, ...room, ends, to - from, this.start(from))
    return entries
  }

  #packed(arena: Arena, keys: Address, from: number, to: number): PackedKeys {
    const { heap, kernels } = this.#env
    const { rowBytes } = this.#item.layout
    const bounds = arena.allocate(sortBoundsBytes(this.#sort))
    const place = this.#place(from, to)
    for (const [key, cells] of emptySortBounds(heap, keys, this.#sort.keys.length, bounds)) {
      kernels.call('listBounds', key, ...place, rowBytes, cells)
    }
    return packSortKeys(heap, this.#sort, keys, readSortBounds(heap, this.#sort, bounds, 1))
  }

  /** Groups as the kernels take them: the first, how many, their bytes, and where they have the list. */
  #place(from: number, to: number): readonly [number, number, number, number] {
    return [this.address(from), to - from, this.#groups.rowBytes, this.#cells]
  }
}

function typedRows({ layout, kept, field }: CollectedField): TypedRows {
  const { args, order, distinct, constants } = kept
  return {
    types: layout.fields.map(({ type }) => type),
    args,
    order,
    distinct,
    result: field.type,
    constants,
  }
}

/** Makes the value of each group's rows: {@link CollectedRows} of one group after the other. */
class ValueMaker implements CollectedRows {
  readonly #env: ThreadEnvironment
  readonly #item: CollectedField
  readonly #form: CollectedForm | FoldedForm
  readonly #readers: readonly ((row: number) => Scalar)[]
  readonly #target: RowField
  readonly #write: (group: number, value: Scalar) => void
  readonly #keeper: BytesKeeper
  readonly types: readonly DataType[]
  readonly result: DataType
  readonly compare: CollectedRows['compare']
  readonly needsMarks: boolean
  count = 0
  #list = 0
  #marks = 0

  constructor(env: ThreadEnvironment, item: CollectedField, target: RowField, keeper: BytesKeeper) {
    this.#env = env
    this.#item = item
    this.#form = rowsForm(item.kept.fn)
    this.#readers = item.layout.fields.map((field) => fieldReader(env.heap, field))
    this.#target = target
    this.#write = fieldWriter(env.heap, target, keeper)
    this.#keeper = keeper
    const typed = typedRows(item)
    this.types = typed.types.slice(0, typed.args)
    this.result = typed.result
    this.compare = comparer(typed)
    const { distinct } = item.kept
    this.needsMarks = distinct || (this.#form.kind === 'collected' && this.#form.tells === true)
  }

  /** Set where the value is joined bytes of all rows. */
  get joining(): Joining | undefined {
    const joins = this.#form.kind === 'collected' ? this.#form.joins : undefined
    if (joins === undefined || this.#item.kept.distinct) return undefined
    return { places: this.#placesOf(joins), target: this.#target, keeper: this.#keeper }
  }

  /** Makes the value of the group at an address of the rows from one to another, counted over all groups. */
  make(group: number, rows: ListedBatch, from: number, to: number): void {
    this.count = to - from
    this.#list = (rows.list >>> 2) + from - rows.first
    this.#marks = (rows.marks ?? 0) + from - rows.first
    if (this.#item.kept.distinct) this.#keepDistinct()
    const form = this.#form
    if (form.kind === 'collected' && form.joins !== undefined && this.count > 0) {
      return this.#join(group, form.joins)
    }
    this.#write(group, finishRows(form, this))
  }

  value(row: number, arg: number): Scalar {
    return this.#readers[arg]!(this.#at(row))
  }

  direct(arg: number): Scalar | undefined {
    const known = this.#item.kept.constants[arg]
    return known !== undefined || this.count === 0 ? known : this.value(0, arg)
  }

  copyBytes(row: number, arg: number, target: Uint8Array, at: number): number | undefined {
    return copyBytes(this.#env.heap, this.#item.layout.fields[arg]!, this.#at(row), target, at)
  }

  startsAnew(row: number): boolean {
    return row === 0 || this.#env.heap.u8[this.#marks + row] !== 0
  }

  /** The address of a row. */
  #at(row: number): number {
    return this.#env.heap.u32[this.#list + row] ?? 0
  }

  /** Of rows that are the same, which lie together, the first. */
  #keepDistinct(): void {
    const { u32, u8 } = this.#env.heap
    let kept = 0
    for (let row = 0; row < this.count; row++) {
      if (!this.startsAnew(row)) continue
      u32[this.#list + kept] = u32[this.#list + row]!
      u8[this.#marks + kept++] = 1
    }
    this.count = kept
  }

  /** Joins bytes where they are to stay. */
  #join(group: number, joins: NonNullable<CollectedForm['joins']>): void {
    const { heap, kernels } = this.#env
    const given = [this.#list * 4, this.count, ...this.#placesOf(joins)] as const
    const bytes = Number(kernels.call('listJoin', ...given, 0))
    checkBytes(bytes)
    const target = this.#keeper.allocate(Math.max(1, bytes))
    kernels.call('listJoin', ...given, target)
    const word = (group + this.#target.lanes[0]!.offset) >>> 2
    heap.u32[word] = target
    heap.u32[word + 1] = bytes
    heap.u8[group + present(this.#target.validOffset, 'field that may be NULL')] = 1
  }

  #placesOf({ value, separator }: NonNullable<CollectedForm['joins']>): Joining['places'] {
    const { fields } = this.#item.layout
    const [text, between] = [fields[value]!, fields[separator]!]
    return [text.lanes[0]!.offset, between.lanes[0]!.offset, between.validOffset ?? -1]
  }
}
