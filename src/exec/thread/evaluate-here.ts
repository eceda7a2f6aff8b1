import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { CallHere } from '../../compile/wasm/scope/pipeline-module.ts'
import { applyTo } from '../../plan/logical/evaluate.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { BytesKeeper } from '../../data/vectors/numeric-slots.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import type { Instance } from './run-state.ts'

/** How a call of a module reads its arguments and writes its result. */
interface Access {
  readonly read: readonly ((row: number) => Scalar)[]
  readonly types: readonly DataType[]
}

/** By the memory that they are in: code is shared by all engines of a process. */
const accesses = new WeakMap<Heap, WeakMap<CallHere, Access>>()

function accessOf(heap: Heap, here: CallHere): Access {
  const ofHeap = accesses.get(heap) ?? new WeakMap<CallHere, Access>()
  accesses.set(heap, ofHeap)
  const known = ofHeap.get(here)
  if (known !== undefined) return known
  const fields = here.layout.fields.slice(0, -1)
  const read = fields.map((field) => fieldReader(heap, field))
  const access = { read, types: fields.map(({ type }) => type) }
  ofHeap.set(here, access)
  return access
}

/**
 * Evaluates a call or cast of generated code for the row whose arguments are in the context, and leaves the
 * result there; its bytes go to `keeper`. Throws the QueryError that it ends with.
 */
export function evaluateHere(
  heap: Heap,
  { context, loaded }: Instance,
  number: number,
  keeper: BytesKeeper,
): void {
  const here = present(loaded.compiled.calls[number], 'call of a module')
  const { call, layout, offset } = here
  const row = context + offset
  const { read, types } = accessOf(heap, here)
  const args = read.map((argument) => argument(row))
  const value = applyTo(call, args, types)
  fieldWriter(heap, present(layout.fields.at(-1), 'field of a result'), keeper)(row, value)
}
