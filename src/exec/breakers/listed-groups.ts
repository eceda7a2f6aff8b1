import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import { listCells } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import { wantedOrder, type TypedRows } from '../../functions/aggregates/collect.ts'
import type { CollectedField } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { listPages } from '../rows/kept-lists.ts'
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
import { ROW_STEPS, type GroupedList, type GroupRows } from './kernel-values.ts'

/** Rows of groups that are sorted together; a group of more is sorted by itself. */
const ROWS_A_BATCH = 32_768

/** Rows of a batch of groups, in order. */
export interface ListedBatch extends GroupedList {
  /** A byte a row, 0 where it equals the one before; undefined where nobody asks. */
  readonly marks: Address | undefined
}

/** What is asked of the rows that groups keep beside their order. */
export interface WantedOrder {
  readonly needsMarks: boolean
  /** The places, ascending, of so many rows that are looked at; undefined: all of them. */
  places?(rows: number): readonly number[] | undefined
}

/** The rows that groups keep, listed group by group in the order that is wanted. */
export class ListedGroups {
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

  address(group: number): Address {
    return address(this.#groups.address + group * this.#groups.rowBytes)
  }

  /** The group behind the last one whose rows are listed together with those of a first one. */
  batchEnd(first: number): number {
    const most = this.#start(first) + ROWS_A_BATCH
    let behind = first + 1
    while (behind < this.#groups.rows && this.#end(behind) <= most) behind++
    return behind
  }

  /**
   * Lists the rows of groups; the list is the caller's to change. Of many rows of one group only those need be in order
   * that have one of the places, where these are told, by how many rows there are.
   */
  list(arena: Arena, from: number, to: number, { needsMarks, places }: WantedOrder): ListedBatch {
    const first = this.#start(from)
    const ends = arena.allocate((to - from) * 4)
    this.#env.kernels.call('copy', ends, this.#ends + from * 4, (to - from) * 4)
    const count = this.#end(to - 1) - first
    spend(ROW_STEPS * count)
    const { kernels } = this.#env
    const list = arena.allocate(Math.max(1, count) * 4)
    if (count === 0) return { list, ends, first, marks: undefined }
    if (this.#sort.keys.length === 0) {
      kernels.call('listRows', ...this.#place(from, to), this.#item.layout.rowBytes, list)
      return { list, ends, first, marks: undefined }
    }
    const keys = arena.allocateZeroed(sortKeysBytes(this.#sort))
    writeSortKeys(this.#env.heap, this.#sort, keys)
    const entries =
      count > ROWS_A_BATCH
        ? this.#sortedAlone(arena, from, needsMarks ? undefined : places?.(count))
        : this.#sortedTogether(arena, keys, from, to, count)
    kernels.call('sortList', entries, count, list)
    if (!needsMarks) return { list, ends, first, marks: undefined }
    const marks = arena.allocate(count)
    kernels.call('sortMarks', keys, 0, this.#sort.keys.length, list, 0, count, marks)
    return { list, ends, first, marks }
  }

  /** How many rows come before a group's. */
  #start(group: number): number {
    return group === 0 ? 0 : this.#end(group - 1)
  }

  #end(group: number): number {
    return this.#env.heap.u32[(this.#ends >>> 2) + group] ?? 0
  }

  #sortedAlone(arena: Arena, group: number, places: readonly number[] | undefined): Address {
    const { heap } = this.#env
    const pages = listPages(heap, this.address(group) + this.#cells, this.#item.layout.rowBytes)
    return sortRows(this.#env, arena, this.#sort, pages, places).entries
  }

  #sortedTogether(arena: Arena, keys: Address, from: number, to: number, count: number): Address {
    const { kernels } = this.#env
    const { rowBytes } = this.#item.layout
    const keyCount = this.#sort.keys.length
    const place = this.#place(from, to)
    const packed = this.#packed(arena, keys, from, to)
    const entries = arena.allocate(count * SORT_ENTRY_BYTES)
    kernels.call('listEntries', keys, keyCount, ...place, rowBytes, entries)
    const other = arena.allocate(count * SORT_ENTRY_BYTES)
    const counts = arena.allocate(SORT_COUNT_BYTES)
    const order = [keys, keyCount, packed.bits, packed.exact ? 1 : 0] as const
    const ends = this.#ends + from * 4
    const room = [entries, other, counts] as const
    kernels.call('listSort', ...order, ...room, ends, to - from, this.#start(from))
    return entries
  }

  #packed(arena: Arena, keys: Address, from: number, to: number): PackedKeys {
    const { heap, kernels } = this.#env
    const { rowBytes } = this.#item.layout
    const bounds = arena.allocateZeroed(sortBoundsBytes(this.#sort))
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

/** How an aggregate that keeps rows was called. */
export function typedRows({ layout, kept, field }: CollectedField): TypedRows {
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
