import { decisionBits } from '../../compile/wasm/scope/dictionary-decision.ts'
import { type ColumnShape, FEW_ENTRIES } from '../../compile/model/shapes.ts'
import type { Arena } from '../../data/arenas/arena.ts'
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
  const fits = before !== undefined && before.capacityEntries >= entries
  const capacityEntries = fits ? before.capacityEntries : Math.max(64, entries)
  // Generated code reads 16 bytes from the first entry on.
  const address = fits ? before.address : arena.allocate(capacityEntries + 32)
  const byteFor = (value: Scalar): number => {
    const result = evaluate(expr, () => value)
    if (result === null) return 0
    return decisionBits.isValid | (result === true ? decisionBits.isTrue : 0)
  }
  heap.u8[address] = byteFor(null)
  for (let entry = 0; entry < entries; entry++) {
    heap.u8[address + 1 + entry] = byteFor(scalarAt(heap, dictionary, entry))
  }
  return { dictionary, address, capacityEntries }
}

/** A zeroed u32 for each entry of a dictionary; `before` is the memo that the same step had last. */
export function memoOfEntries(
  arena: Arena,
  kernels: Kernels,
  dictionary: Vector,
  before: EntryTable | undefined,
): EntryTable {
  if (before?.dictionary === dictionary) return before
  const fits = before !== undefined && before.capacityEntries >= dictionary.length
  const capacityEntries = fits ? before.capacityEntries : Math.max(64, dictionary.length)
  const address = fits ? before.address : arena.allocate(capacityEntries * 4)
  kernels.call('fill', address, 0, capacityEntries * 4)
  return { dictionary, address, capacityEntries }
}
