import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { BytesKeeper } from '../../data/vectors/numeric-slots.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import type { Instance } from './run-state.ts'

/**
 * Evaluates a call of generated code for the row whose arguments are in the context, and leaves the result
 * there; its bytes go to `keeper`. Throws the QueryError that the call ends with.
 */
export function evaluateHere(
  heap: Heap,
  { context, loaded }: Instance,
  number: number,
  keeper: BytesKeeper,
): void {
  const { call, layout, offset } = present(loaded.compiled.calls[number], 'call of a module')
  const row = context + offset
  const fields = layout.fields.slice(0, -1)
  const args = fields.map((field) => fieldReader(heap, field)(row))
  const types = fields.map(({ type }) => type)
  const value = call.fn.evaluate(args, types, call.type)
  fieldWriter(heap, present(layout.fields.at(-1), 'field of a result'), keeper)(row, value)
}
