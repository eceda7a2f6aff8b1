import { assert, present } from '../../base/assert.ts'
import type { GroupTable } from '../../compile/model/pipeline.ts'
import { type RowField, listBlock, listCells } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { rowsForm } from '../../functions/aggregates/collect.ts'
import type { FoldedForm } from '../../functions/aggregate-form.ts'
import type { KeptField, Page } from '../jobs/jobs.ts'
import { fieldReader } from './row-values.ts'

const BLOCK_BYTES_MAX = 65_536
/** Rows of a group's first block: most groups have few. */
const FIRST_ROWS = 2
/** Rows that are folded at once, and so kept of a group at most. */
const FOLDED_ROWS_MAX = 128
const ROOM_BYTES = 65_536

/** The aggregates of a table that keep rows, by their number. */
export function keptFields({
  layout,
  keys,
  aggregates,
}: GroupTable): readonly (KeptField | undefined)[] {
  return aggregates.map((call, index) => {
    const field = present(layout.fields[keys.length + index], 'field of an aggregate')
    const rows = field.state?.kept
    if (call.kept === undefined || rows === undefined) return undefined
    const { exprs: _, ...kept } = call.kept
    return { field, layout: rows, kept, folds: call.accumulator === 'fold' }
  })
}

/** Memory for blocks, which are small where groups are: taken in larger pieces. */
class ListRoom {
  readonly #arena: Arena
  #next = 0
  #end = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  take(bytes: number): number {
    if (bytes > ROOM_BYTES / 4) return this.#arena.allocate(bytes)
    if (this.#end - this.#next < bytes) {
      this.#next = this.#arena.allocate(ROOM_BYTES)
      this.#end = this.#next + ROOM_BYTES
    }
    const taken = this.#next
    this.#next += bytes
    return taken
  }
}

/** The words of a list's cells. */
function cellsAt(cells: number): number {
  assert(cells % 4 === 0, 'cells of a list are words')
  return cells >>> 2
}

/** Reads a field of rows that were left out where it is NULL. */
function solidReader(heap: Heap, field: RowField): (row: number) => Scalar {
  if (field.type.kind !== 'float8') return fieldReader(heap, { ...field, validOffset: undefined })
  const { f64 } = heap
  const { offset } = present(field.lanes[0], 'lane of a field')
  return (row) => f64[(row + offset) / 8] ?? 0
}

/** Folds rows into numbers, with the readers of the arguments made once. */
export class Folder {
  readonly #heap: Heap
  readonly #item: KeptField
  readonly #form: FoldedForm
  readonly #readers: readonly ((row: number) => Scalar)[]

  constructor(heap: Heap, item: KeptField) {
    const form = rowsForm(item.kept.fn)
    assert(form.kind === 'folded', 'an aggregate that folds')
    this.#heap = heap
    this.#item = item
    this.#form = form
    const fields = item.layout.fields.slice(0, item.kept.args)
    this.#readers = fields.map((field) => solidReader(heap, field))
  }

  get bytes(): number {
    return this.#form.numbers * 8
  }

  /** The numbers of a block. */
  numbers(block: number): Float64Array {
    const first = (block + listBlock.bytes) / 8
    return this.#heap.f64.subarray(first, first + this.#form.numbers)
  }

  /** Folds the rows of a list, which has none afterwards. */
  fold(cells: number): void {
    const { u32 } = this.#heap
    const word = cellsAt(cells)
    const block = u32[word + listCells.first] ?? 0
    if (block === 0) return
    const start = block + listBlock.bytes + this.bytes
    const end = u32[word + listCells.cursor] ?? 0
    const numbers = this.numbers(block)
    const { rowBytes } = this.#item.layout
    const readers = this.#readers
    const form = this.#form
    const args: Scalar[] = readers.map(() => null)
    for (let row = start; row < end; row += rowBytes) {
      for (let arg = 0; arg < readers.length; arg++) args[arg] = readers[arg]!(row)
      form.step(numbers, args)
    }
    u32[word + listCells.cursor] = start
  }

  merge(into: number, from: number): void {
    const { u32 } = this.#heap
    this.fold(into)
    this.fold(from)
    const [a, b] = [into, from].map((cells) => u32[(cells >>> 2) + listCells.first] ?? 0)
    this.#form.merge(this.numbers(a!), this.numbers(b!))
  }

  finish(cells: number): Scalar {
    this.fold(cells)
    const block = this.#heap.u32[(cells >>> 2) + listCells.first] ?? 0
    const numbers = block === 0 ? new Float64Array(this.#form.numbers) : this.numbers(block)
    return this.#form.finish(numbers)
  }
}

/** The lists of the aggregates that a sink feeds: what generated code cannot do to them. */
export class KeptLists {
  readonly #heap: Heap
  readonly #room: ListRoom
  readonly #tables: readonly (readonly (KeptCall | undefined)[])[]

  constructor(arena: Arena, tables: readonly GroupTable[]) {
    this.#heap = arena.heap
    this.#room = new ListRoom(arena)
    this.#tables = tables.map((table) =>
      keptFields(table).map((item) => {
        if (item === undefined) return undefined
        return { item, folder: item.folds ? new Folder(arena.heap, item) : undefined }
      }),
    )
  }

  /** Makes room for another row in the list of an aggregate of a table, both by their number. */
  grow(cells: number, table: number, call: number): void {
    const { item, folder } = present(this.#tables[table]?.[call], 'aggregate that keeps rows')
    growList(this.#heap, this.#room, cells, item, folder)
  }

  /** Adds the rows of a list of the one table that is merged to another, behind its own. */
  merge(into: number, from: number, call: number): void {
    const { folder } = present(this.#tables[0]?.[call], 'aggregate that keeps rows')
    mergeLists(this.#heap, into, from, folder)
  }
}

interface KeptCall {
  readonly item: KeptField
  readonly folder: Folder | undefined
}

function growList(
  heap: Heap,
  room: ListRoom,
  cells: number,
  { layout: { rowBytes } }: KeptField,
  folder: Folder | undefined,
): void {
  const { u32 } = heap
  const word = cellsAt(cells)
  const last = u32[word + listCells.last] ?? 0
  const head = listBlock.bytes + (folder?.bytes ?? 0)
  const rowsBefore = last === 0 ? 0 : ((u32[word + listCells.end] ?? 0) - last - head) / rowBytes
  folder?.fold(cells)
  if (folder !== undefined && rowsBefore >= FOLDED_ROWS_MAX) return
  const wanted = rowsBefore === 0 ? FIRST_ROWS : rowsBefore * 4
  const most = Math.max(1, Math.floor((BLOCK_BYTES_MAX - head) / rowBytes))
  const rows = Math.min(wanted, folder === undefined ? most : FOLDED_ROWS_MAX)
  const block = room.take(head + rows * rowBytes)
  u32[(block + listBlock.next) >>> 2] = 0
  if (folder !== undefined) {
    const numbers = folder.numbers(block)
    if (last === 0) numbers.fill(0)
    else numbers.set(folder.numbers(last))
  } else if (last !== 0) {
    u32[(last + listBlock.next) >>> 2] = block
    u32[(last + listBlock.end) >>> 2] = u32[word + listCells.cursor] ?? 0
  }
  if (last === 0 || folder !== undefined) u32[word + listCells.first] = block
  u32[word + listCells.last] = block
  u32[word + listCells.cursor] = block + head
  u32[word + listCells.end] = block + head + rows * rowBytes
}

function mergeLists(heap: Heap, into: number, from: number, folder: Folder | undefined): void {
  const { u32 } = heap
  const [target, source] = [cellsAt(into), cellsAt(from)]
  const first = u32[source + listCells.first] ?? 0
  if (first === 0) return
  if ((u32[target + listCells.first] ?? 0) === 0) {
    for (let cell = 0; cell < listCells.count; cell++) u32[target + cell] = u32[source + cell] ?? 0
    return
  }
  if (folder !== undefined) return folder.merge(into, from)
  const last = u32[target + listCells.last] ?? 0
  u32[(last + listBlock.next) >>> 2] = first
  u32[(last + listBlock.end) >>> 2] = u32[target + listCells.cursor] ?? 0
  for (const cell of [listCells.last, listCells.cursor, listCells.end]) {
    u32[target + cell] = u32[source + cell] ?? 0
  }
}

/** The rows of a list, block by block. */
export function listPages(heap: Heap, cells: number, rowBytes: number): readonly Page[] {
  const { u32 } = heap
  const word = cellsAt(cells)
  const last = u32[word + listCells.last] ?? 0
  const pages: Page[] = []
  for (let block = u32[word + listCells.first] ?? 0; block !== 0;) {
    const isLast = block === last
    const end = u32[isLast ? word + listCells.cursor : (block + listBlock.end) >>> 2] ?? 0
    const start = block + listBlock.bytes
    if (end > start)
      pages.push({ address: start as Page['address'], rows: (end - start) / rowBytes })
    block = isLast ? 0 : (u32[(block + listBlock.next) >>> 2] ?? 0)
  }
  return pages
}
