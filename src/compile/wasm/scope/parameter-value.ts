import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { fitsInt64, laneTypes } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Parameter } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { ValueType } from '../../../wasm/assembler/opcodes.ts'
import type { EmitScope } from './emit-scope.ts'
import { emitLoad } from './values.ts'

/** Bytes of the context that hold one literal: two lanes. */
export const PARAMETER_BYTES = 16

/**
 * A literal whose value only the run knows, in locals that are read from the context before the loop.
 * `range` is all that the code may know of it.
 */
export function emitParameter(
  scope: EmitScope,
  { index, type }: Parameter,
  range: ValueBounds | undefined,
): Value {
  const offset = scope.module.context.word({ kind: 'parameter', index }, PARAMETER_BYTES)
  const lanes = laneTypes(type)
  const isShort = type.kind === 'decimal' && range !== undefined && fitsInt64(range)
  const used = isShort ? lanes.slice(0, 1) : lanes
  const locals = used.map((lane, at) => hoistedLoad(scope, lane, offset + at * 8))
  return { type, lanes: locals, valid: undefined, range }
}

function hoistedLoad({ f, ctx }: EmitScope, type: ValueType, offset: number): Local {
  return f.hoisted(type, () => {
    f.get(ctx)
    emitLoad(f, type, offset)
  })
}
