import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { present } from '../../base/assert.ts'
import { isIntegerLike } from '../../data/types/catalogue.ts'
import { type DataType } from '../../data/types/data-type.ts'
import { widen } from '../../functions/emit-wide.ts'
import { fitsInt64, keep, laneTypes } from '../../functions/emit.ts'
import type { CodeContext, Value } from '../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import type { ValueType } from '../../wasm/assembler/opcodes.ts'

/** A fresh local that holds a small integer. */
export function constantLane(f: FunctionBuilder, type: ValueType, value: number): Local {
  if (type === 'i32') f.i32(value)
  else if (type === 'i64') f.i64(BigInt(value))
  else if (type === 'f32') f.f32(value)
  else f.f64(value)
  return keep(f, type)
}

/** A typed NULL. */
export function nullValue(f: FunctionBuilder, type: DataType): Value {
  const wide = type.kind === 'decimal'
  const types = wide ? (['i64'] as const) : laneTypes(type)
  const range = isIntegerLike(type) ? { min: 0n, max: 0n } : undefined
  const lanes = types.map((lane) => constantLane(f, lane, 0))
  return { type, lanes, valid: constantLane(f, 'i32', 0), range }
}

/** `condition ? yes : no` without a branch. */
export function selectValue(
  ctx: CodeContext,
  type: DataType,
  condition: Local,
  yes: Value,
  no: Value,
): Value {
  const { f } = ctx
  const range = unite(yes.range, no.range)
  const [first, second] = evenLanes(ctx, yes, no, range)
  const lanes = first.map((local, index) => {
    f.get(local).get(present(second[index], 'lanes differ')).get(condition).op('select')
    return keep(f, f.typeOf(local))
  })
  return { type, lanes, valid: selectValid(f, condition, yes, no), range }
}

/**
 * Copies a value into the locals of `target`, or into fresh ones; a target with two lanes takes a
 * one-lane decimal sign-extended.
 */
export function mergeInto(f: FunctionBuilder, value: Value, target: Value | undefined): Value {
  const lanes = target?.lanes ?? value.lanes.map((local) => f.local(f.typeOf(local)))
  const valid = target?.valid ?? (value.valid === undefined ? undefined : f.local('i32'))
  const [first] = value.lanes
  lanes.forEach((local, index) => {
    const source = value.lanes[index]
    if (source !== undefined) f.get(source)
    else f.get(present(first, 'value without lanes')).i64(63n).op('i64.shr_s')
    f.set(local)
  })
  if (valid !== undefined) {
    if (value.valid === undefined) f.i32(1)
    else f.get(value.valid)
    f.set(valid)
  }
  return { ...value, lanes, valid }
}

function evenLanes(
  ctx: CodeContext,
  yes: Value,
  no: Value,
  range: ValueBounds | undefined,
): readonly [readonly Local[], readonly Local[]] {
  if (yes.lanes.length === no.lanes.length) return [yes.lanes, no.lanes]
  if (range !== undefined && fitsInt64(range)) return [yes.lanes.slice(0, 1), no.lanes.slice(0, 1)]
  const [first, second] = [widen(ctx, yes), widen(ctx, no)]
  return [
    [first.low, first.high],
    [second.low, second.high],
  ]
}

function selectValid(
  f: FunctionBuilder,
  condition: Local,
  yes: Value,
  no: Value,
): Local | undefined {
  if (yes.valid === no.valid) return yes.valid
  for (const { valid } of [yes, no]) {
    if (valid === undefined) f.i32(1)
    else f.get(valid)
  }
  f.get(condition).op('select')
  return keep(f, 'i32')
}

function unite(
  left: ValueBounds | undefined,
  right: ValueBounds | undefined,
): ValueBounds | undefined {
  if (left === undefined || right === undefined) return undefined
  return {
    min: left.min < right.min ? left.min : right.min,
    max: left.max > right.max ? left.max : right.max,
  }
}
