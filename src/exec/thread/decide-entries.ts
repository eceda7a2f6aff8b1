import { present } from '../../base/assert.ts'
import { cellLayout, cellStates, entryTableHeader } from '../../compile/wasm/scope/entry-values.ts'
import type { RowLayout } from '../../compile/model/row-layout.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { decisionBits } from '../../compile/wasm/scope/dictionary-decision.ts'
import { type ColumnShape, FEW_ENTRIES } from '../../compile/model/shapes.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import { NO_ADDRESS, type Address, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** Rows that an entry must have on average before it pays to look at the dictionary first. */
const ROWS_PER_ENTRY_MIN = 32

/** What generated code depends on in a chunk's columns. */
export function columnShapes(chunk: Chunk): readonly ColumnShape[] {
  return chunk.columns.map((vector) => ({
    layout: vector.layout,
    nullable: vector.validity !== NO_ADDRESS,
    entries: entriesOf(vector, chunk.rows),
  }))
}

function entriesOf(vector: Vector, rows: number): ColumnShape['entries'] {
  const entries = vector.dictionary?.length
  if (entries === undefined) return undefined
  if (entries <= FEW_ENTRIES) return 'few'
  return entries * ROWS_PER_ENTRY_MIN <= rows ? 'many' : undefined
}

/** A table with a cell for each entry of a dictionary. */
export interface EntryTable {
  readonly dictionary: Vector
  readonly address: Address
  readonly capacityEntries: number
  /** What the cells refer to, where they hold values. */
  readonly values?: EntryCells
}

/** Cells for the values of an expression, see compile/wasm/scope/entry-values.ts. */
export interface EntryCells {
  readonly expr: Expression
  readonly cell: RowLayout
  readonly texts: Arena
}

/** Room for the cells of a dictionary's entries: that of the table before where it is large enough. */
function roomFor(
  arena: Arena,
  dictionary: Vector,
  before: EntryTable | undefined,
  bytesFor: (capacityEntries: number) => number,
): Pick<EntryTable, 'address' | 'capacityEntries'> & { readonly bytes: number } {
  const fits = before !== undefined && before.capacityEntries >= dictionary.length
  const capacityEntries = fits ? before.capacityEntries : Math.max(64, dictionary.length)
  const bytes = bytesFor(capacityEntries)
  const address = fits ? before.address : arena.allocate(bytes)
  return { address, capacityEntries, bytes }
}

/**
 * The results of a condition for NULL and for each entry of a dictionary. `before` is the table made
 * last for the same condition; it is taken again, filled anew where the dictionary is another one.
 */
export function decideEntries(
  heap: Heap,
  arena: Arena,
  expr: Expression,
  dictionary: Vector,
  before: EntryTable | undefined,
): EntryTable {
  if (before?.dictionary === dictionary) return before
  const entries = dictionary.length
  // Generated code reads 16 bytes from the first entry on.
  const room = roomFor(arena, dictionary, before, (capacity) => capacity + 32)
  const { address } = room
  const byteFor = (value: Scalar): number => {
    const result = evaluate(expr, () => value)
    if (result === null) return 0
    return decisionBits.isValid | (result === true ? decisionBits.isTrue : 0)
  }
  heap.u8[address] = byteFor(null)
  for (let entry = 0; entry < entries; entry++) {
    heap.u8[address + 1 + entry] = byteFor(scalarAt(heap, dictionary, entry))
  }
  return { dictionary, ...room }
}

/** A zeroed u32 for each entry of a dictionary; `before` is the memo that the same step had last. */
export function memoOfEntries(
  arena: Arena,
  kernels: Kernels,
  dictionary: Vector,
  before: EntryTable | undefined,
): EntryTable {
  if (before?.dictionary === dictionary) return before
  const room = roomFor(arena, dictionary, before, (capacity) => capacity * 4)
  kernels.call('fill', room.address, 0, room.bytes)
  return { dictionary, ...room }
}

/** Empty cells for NULL and each entry of a dictionary, to be filled as rows want them. */
export function entryCells(
  arena: Arena,
  expr: Expression,
  dictionary: Vector,
  before: EntryTable | undefined,
): EntryTable {
  if (before?.dictionary === dictionary) return before
  before?.values?.texts.release()
  const cell = before?.values?.cell ?? cellLayout(expr)
  const bytesFor = (capacity: number): number =>
    entryTableHeader.bytes + (capacity + 1) * cell.rowBytes
  const room = roomFor(arena, dictionary, before, bytesFor)
  arena.heap.fill(room.address, 0, room.bytes)
  const texts = before?.values?.texts ?? new Arena(arena.heap)
  return { dictionary, ...room, values: { expr, cell, texts } }
}

/** Fills the cell of NULL (slot 0) or of a code (one less than the slot). */
export function evaluateEntry(heap: Heap, table: EntryTable, slot: number): void {
  const { expr, cell, texts } = present(table.values, 'cells of a table')
  const given = slot === 0 ? null : scalarAt(heap, table.dictionary, slot - 1)
  const value = evaluate(expr, () => given)
  const at = table.address + entryTableHeader.bytes + slot * cell.rowBytes
  const field = present(cell.fields[0], 'field of a cell')
  if (value !== null) fieldWriter(heap, field, texts)(at, value)
  heap.u8[at + present(field.validOffset, 'state of a cell')] =
    value === null ? cellStates.isNull : cellStates.isValid
}

const TEXT_BYTES_MIN = 4_096

/** Room for so many bytes of texts that cells refer to. */
export function growEntryTexts(heap: Heap, { address, values }: EntryTable, bytes: number): void {
  const { texts } = present(values, 'cells of a table')
  const size = Math.max(bytes, TEXT_BYTES_MIN, Math.min(texts.bytes, 16 * TEXT_BYTES_MIN))
  const block = texts.allocate(size)
  heap.u32[(address + entryTableHeader.cursor) >>> 2] = block
  heap.u32[(address + entryTableHeader.end) >>> 2] = block + size
}
