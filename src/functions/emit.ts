import type { ValueBounds } from '../data/types/value-bounds.ts'
import { typeEntry, valueForm } from '../data/types/catalogue.ts'
import type { ValueForm } from '../data/types/catalogue/entry.ts'
import type { DataType } from '../data/types/data-type.ts'
import { integerBounds } from '../data/types/parse-number.ts'
import type { FunctionBuilder, Local } from '../wasm/assembler/function-builder.ts'
import type { ValueType } from '../wasm/assembler/opcodes.ts'
import type { CodeContext, RaiseReason, Value } from './inline.ts'
import { present } from '../base/assert.ts'

/** The bits that stand for every NaN. */
const CANONICAL_NAN = 0x7ff8000000000000n

/** Pops the stack into a fresh local. */
export function keep(f: FunctionBuilder, type: ValueType): Local {
  const local = f.local(type)
  f.set(local)
  return local
}

/** The only or first lane. */
export function lane(value: Value, index = 0): Local {
  return present(value.lanes[index], 'value without that lane')
}

/** The view of a keyed value's key, which stands before its text; that of a NULL's slot is empty. */
export function keyLane(f: FunctionBuilder, value: Value): Local {
  const view = lane(value)
  const key = f.local('i64')
  f.i64(0n).set(key)
  f.get(view).i64(32n).op('i64.shr_u').op('i64.eqz').op('i32.eqz').if()
  // Its length stands in the last four bytes.
  f.get(view).op('i32.wrap_i64').get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
  f.op('i32.add').i32(4).op('i32.sub').memory('i64.load32_u').i64(32n).op('i64.shl')
  f.get(view).i64(0xffff_ffffn).op('i64.and').op('i64.or').set(key)
  f.end()
  return key
}

/** The view of a keyed value's text, which stands between its key and the key's length. */
export function keyedTextLane(f: FunctionBuilder, value: Value): Local {
  const key = keyLane(f, value)
  const text = f.local('i64')
  f.i64(0n).set(text)
  f.get(lane(value)).i64(32n).op('i64.shr_u').op('i64.eqz').op('i32.eqz').if()
  // Behind the key, and shorter by it and its length.
  f.get(key).i64(32n).op('i64.shr_u').set(text)
  f.get(lane(value)).get(text).op('i64.add')
  f.get(text).i64(4n).op('i64.add').i64(32n).op('i64.shl').op('i64.sub').set(text)
  f.end()
  return text
}

/** Emits: pops an i32 and raises when it is not 0. */
export function raiseIf(ctx: CodeContext, reason: RaiseReason): void {
  ctx.f.if()
  ctx.raise(reason)
  ctx.f.end()
}

/** Turns an f64 on the stack into i64 bits that are the same for equal values: one zero and one NaN. */
export function canonicalDouble(f: FunctionBuilder): void {
  const value = f.local('f64')
  // Adding 0 turns -0 into 0.
  f.f64(0).op('f64.add').set(value)
  f.get(value).op('i64.reinterpret_f64').i64(CANONICAL_NAN)
  f.get(value).get(value).op('f64.eq').op('select')
  f.release(value)
}

const lanesOfForms: Readonly<Record<ValueForm, readonly ValueType[]>> = {
  bit: ['i32'],
  i32: ['i32'],
  i64: ['i64'],
  i128: ['i64', 'i64'],
  f32: ['f32'],
  f64: ['f64'],
  numeric: ['i64', 'i64'],
  interval: ['i64', 'i64'],
  text: ['i64'],
  bytes: ['i64'],
  keyed: ['i64'],
}

/** The wasm types of the lanes that a value of a type has when nothing is known of its range. */
export function laneTypes(type: DataType): readonly ValueType[] {
  return lanesOfForms[valueForm(type)]
}

export const int64Range: ValueBounds = integerBounds.int8

/** What a value can be at most: its known range, else that of its type. */
export function rangeOf(value: Value): ValueBounds {
  return value.range ?? typeRange(value.type) ?? int64Range
}

/** Bounds that the type itself gives; undefined for types without an integer form. */
export function typeRange(type: DataType): ValueBounds | undefined {
  if (type.kind !== 'decimal') return typeEntry(type).bounds
  const max = 10n ** BigInt(type.precision) - 1n
  return { min: -max, max }
}

export function within(inner: ValueBounds, outer: ValueBounds): boolean {
  return inner.min >= outer.min && inner.max <= outer.max
}

export function fitsInt64(range: ValueBounds): boolean {
  return within(range, int64Range)
}

export function intersect(left: ValueBounds, right: ValueBounds): ValueBounds {
  const min = left.min > right.min ? left.min : right.min
  const max = left.max < right.max ? left.max : right.max
  return min <= max ? { min, max } : right
}

export function addRanges(left: ValueBounds, right: ValueBounds): ValueBounds {
  return { min: left.min + right.min, max: left.max + right.max }
}

export function negateRange(range: ValueBounds): ValueBounds {
  return { min: -range.max, max: -range.min }
}

export function multiplyRanges(left: ValueBounds, right: ValueBounds): ValueBounds {
  return spanOf([
    left.min * right.min,
    left.min * right.max,
    left.max * right.min,
    left.max * right.max,
  ])
}

/** The quotients of truncating division, where the divisor has one sign; undefined otherwise. */
export function divideRanges(left: ValueBounds, right: ValueBounds): ValueBounds | undefined {
  // Bounds of what cannot have a value may be upside down.
  if (containsZero(right) || right.min > right.max || right.max === 0n) return undefined
  return spanOf([
    left.min / right.min,
    left.min / right.max,
    left.max / right.min,
    left.max / right.max,
    ...(left.min <= 0n && left.max >= 0n ? [0n] : []),
  ])
}

/** The remainders of truncating division. */
export function remainderRange(left: ValueBounds, right: ValueBounds): ValueBounds {
  const magnitude = right.max > -right.min ? right.max : -right.min
  const most = magnitude > 0n ? magnitude - 1n : 0n
  return {
    min: left.min >= 0n ? 0n : left.min > -most ? left.min : -most,
    max: left.max <= 0n ? 0n : left.max < most ? left.max : most,
  }
}

export function containsZero(range: ValueBounds): boolean {
  return range.min <= 0n && range.max >= 0n
}

function spanOf(values: readonly bigint[]): ValueBounds {
  let [min = 0n] = values
  let max = min
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return { min, max }
}
