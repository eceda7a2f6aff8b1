import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { assert, present } from '../../base/assert.ts'
import { MICROS_PER_DAY } from '../../data/types/calendar.ts'
import { exactDecimal } from '../../data/types/coercion.ts'
import {
  DECIMAL64_PRECISION_MAX,
  sameType,
  type DataType,
  type DecimalType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { hasBytes } from '../../data/vectors/text-values.ts'
import type { ValueType } from '../../wasm/assembler/opcodes.ts'
import { WIDE_TAG } from '../../data/types/wide-numeric.ts'
import { checkDigits, scaleUp, widen, withinDigits, type Wide } from '../../functions/emit-wide.ts'
import {
  containsZero,
  fitsInt64,
  intersect,
  keep,
  lane,
  laneTypes,
  raiseIf,
  rangeOf,
  typeRange,
  within,
} from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import { orElsewhere } from '../../functions/kernel-forms.ts'
import { overflowOf } from '../../functions/operators/integer-inline.ts'
import type { Cast } from '../../plan/logical/expression.ts'
import { castsArray, compileArrayCast } from './array-casts.ts'
import { castsExact, compileExactCast } from './exact-casts.ts'
import { castsText, compileTextCast } from './text-casts.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'

type Emitted = ReturnType<InlineForm>

/** Digits of an integer that a double holds exactly. */
const EXACT_FLOAT_DIGITS = 15
/** Digits that always fit the 16 bytes of a numeric. */
const NUMERIC_DIGITS_MAX = 35
/** Room for the bytes of a numeric of 38 digits. */
const WIDE_BYTES_MAX = 48

/** Whether a cast can be emitted. Most lenient ones are call-outs. */
export function castsInline(expr: Cast): boolean {
  const [from, to] = [expr.arg.type, expr.type]
  if (sameType(from, to)) return true
  if (from.kind === 'unknown') return expr.arg.kind === 'literal' && expr.arg.value === null
  if (expr.lenient && !isWidening(from, to)) return false
  if (castsText(from, to) || castsArray(from, to)) return true
  if (inlineCasts[to.kind]?.takes(from, to) ?? false) return true
  return castsExact(from, to)
}

/** Emits a cast of a value that is not NULL; it may raise. */
export function compileCast(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const from = value.type
  if (sameType(from, to) || from.kind === 'unknown') return recast(ctx, value, to)
  if (castsText(from, to)) return compileTextCast(ctx, value, to)
  if (castsArray(from, to)) return compileArrayCast(ctx, value, to)
  const inline = inlineCasts[to.kind]
  if (inline?.takes(from, to) === true) return inline.emit(ctx, value, to)
  assert(castsExact(from, to), `inline cast to ${to.kind}`)
  return compileExactCast(ctx, value, to)
}

interface InlineCast {
  takes(from: DataType, to: DataType): boolean
  emit(ctx: InlineContext, value: Value, to: DataType): Emitted
}

const integerCast: InlineCast = {
  takes(from, to) {
    if (from.kind === 'bit') return to.kind !== 'int2'
    const exact = exactDecimal(from)
    return from.kind === 'bool' || isFloat(from) || (exact !== undefined && scalesInline(exact, 0))
  },
  emit: (ctx, value, to) =>
    value.type.kind === 'bit' ? integerOfBits(ctx, value, to) : toInteger(ctx, value, to),
}

/** Of no more bits than the integer has. */
function integerOfBits(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { f } = ctx
  const width = to.kind === 'int4' ? 32n : 64n
  f.get(lane(value)).call(ctx.kernel('bitsNumber'))
  if (to.kind === 'int4') f.op('i32.wrap_i64')
  const result = keep(f, to.kind === 'int4' ? 'i32' : 'i64')
  f.get(lane(value)).i64(32n).op('i64.shr_u').i64(width).op('i64.gt_u')
  orElsewhere(ctx, result, 1n, keep(f, 'i32'))
  return { lanes: [result] }
}

const timestampCast: InlineCast = {
  takes: (from) => from.kind === 'date' || isTimestamp(from),
  emit: (ctx, value, to) =>
    value.type.kind === 'date' ? dateToTimestamp(ctx, value) : recast(ctx, value, to),
}

/** Casts that can be emitted, by what they are cast to; the others are call-outs. */
const inlineCasts: Readonly<Partial<Record<TypeKind, InlineCast>>> = {
  bool: {
    takes: (from) => from.kind === 'int4',
    emit(ctx, value) {
      ctx.f.get(lane(value)).i32(0).op('i32.ne')
      return { lanes: [keep(ctx.f, 'i32')] }
    },
  },
  int2: integerCast,
  int4: integerCast,
  int8: integerCast,
  float4: {
    takes: (from) => from.kind === 'float8' || isInteger(from),
    emit: (ctx, value) => toFloat(ctx, value, 'float4'),
  },
  float8: {
    takes: (from) =>
      isFloat(from) ||
      isInteger(from) ||
      (exactDecimal(from)?.precision ?? 99) <= EXACT_FLOAT_DIGITS,
    emit: (ctx, value) => toFloat(ctx, value, 'float8'),
  },
  decimal: {
    takes(from, to) {
      const exact = exactDecimal(from)
      return exact !== undefined && scalesInline(exact, decimalOf(to).scale)
    },
    emit: (ctx, value, to) => toDecimal(ctx, value, decimalOf(to)),
  },
  numeric: { takes: (from) => exactDecimal(from) !== undefined, emit: toNumeric },
  bit: { takes: ({ kind }) => kind === 'varbit', emit: recast },
  varbit: { takes: ({ kind }) => kind === 'bit', emit: recast },
  timestamp: timestampCast,
  timestamptz: timestampCast,
  date: { takes: isTimestamp, emit: (ctx, value) => ({ lanes: [dayOf(ctx, value)] }) },
  time: { takes: isTimestamp, emit: timeOf },
  interval: {
    takes: ({ kind }) => kind === 'time',
    emit({ f }, value) {
      f.i64(0n)
      return { lanes: [keep(f, 'i64'), lane(value)] }
    },
  },
}

function decimalOf(type: DataType): DecimalType {
  assert(type.kind === 'decimal', 'decimals of another type')
  return type
}

function isTimestamp(type: DataType): boolean {
  return type.kind === 'timestamp' || type.kind === 'timestamptz'
}

function isFloat(type: DataType): boolean {
  return type.kind === 'float4' || type.kind === 'float8'
}

function isInteger(type: DataType): boolean {
  return type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8'
}

function isWidening(from: DataType, to: DataType): boolean {
  const [source, target] = [exactDecimal(from), exactDecimal(to)]
  if (source !== undefined && target !== undefined) {
    const whole = source.precision - source.scale
    return source.scale <= target.scale && whole < target.precision - target.scale
  }
  return to.kind === 'float8' && (isFloat(from) || isInteger(from))
}

// Scaling down 128-bit values needs a division that generated code does not have.
function scalesInline(from: DecimalType, scale: number): boolean {
  return from.scale <= scale || from.precision <= DECIMAL64_PRECISION_MAX
}

/** The same lanes in another type; of a NULL of unknown type, any lanes of it. */
function recast(ctx: InlineContext, value: Value, to: DataType): Emitted {
  if (value.type.kind !== 'unknown' || hasBytes(to)) {
    return { lanes: value.lanes, range: value.range }
  }
  return { lanes: laneTypes(to).map((type) => zeroLane(ctx, type)) }
}

function zeroLane({ f }: InlineContext, type: ValueType): Local {
  if (type === 'i32') f.i32(0)
  else if (type === 'i64') f.i64(0n)
  else if (type === 'f32') f.f32(0)
  else f.f64(0)
  return keep(f, type)
}

function toInteger(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { f } = ctx
  if (isFloat(value.type)) return floatToInteger(ctx, value, to)
  if (value.type.kind === 'bool') {
    f.get(lane(value))
    if (to.kind === 'int8') f.op('i64.extend_i32_u')
    return { lanes: [keep(f, to.kind === 'int8' ? 'i64' : 'i32')], range: { min: 0n, max: 1n } }
  }
  const exact = value.type.kind === 'decimal' ? rescaled(ctx, value, value.type.scale, 0) : value
  const range = rangeOf(exact)
  const bounds = present(typeRange(to), 'integer without bounds')
  const known = intersect(range, bounds)
  const source = narrowLane(ctx, exact, to)
  const from64 = f.typeOf(source) === 'i64'
  if (!within(range, bounds)) {
    f.get(source)
    if (!from64) f.op('i64.extend_i32_s')
    const wide = keep(f, 'i64')
    f.get(wide).i64(bounds.min).op('i64.lt_s').get(wide).i64(bounds.max).op('i64.gt_s')
    f.op('i32.or')
    raiseIf(ctx, overflowOf(to))
  }
  f.get(source)
  if (to.kind === 'int8' && !from64) f.op('i64.extend_i32_s')
  if (to.kind !== 'int8' && from64) f.op('i32.wrap_i64')
  return { lanes: [keep(f, to.kind === 'int8' ? 'i64' : 'i32')], range: known }
}

/** The only lane, or the low one of two after a check that the high one only repeats its sign. */
function narrowLane(ctx: InlineContext, value: Value, to: DataType): Local {
  const { f } = ctx
  const [low, high] = value.lanes
  const source = present(low, 'value without lanes')
  if (high !== undefined && !fitsInt64(rangeOf(value))) {
    f.get(source).i64(63n).op('i64.shr_s').get(high).op('i64.ne')
    raiseIf(ctx, overflowOf(to))
  }
  return source
}

function floatToInteger(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { f } = ctx
  f.get(lane(value))
  if (value.type.kind === 'float4') f.op('f64.promote_f32')
  f.op('f64.nearest')
  const rounded = keep(f, 'f64')
  const bounds = present(typeRange(to), 'integer without bounds')
  // max + 1 is a power of two and so exact; NaN fails both comparisons.
  f.get(rounded).f64(Number(bounds.min)).op('f64.ge')
  f.get(rounded)
    .f64(Number(bounds.max + 1n))
    .op('f64.lt')
  f.op('i32.and')
  const isInside = keep(f, 'i32')
  f.get(isInside).op('i32.eqz')
  raiseIf(ctx, overflowOf(to))
  // The guard of a raise may let other rows through, for which the truncation must not trap.
  f.get(rounded).f64(0).get(isInside).op('select')
  if (to.kind === 'int8') {
    f.op('i64.trunc_f64_s')
    return { lanes: [keep(f, 'i64')] }
  }
  f.op('i32.trunc_f64_s')
  return { lanes: [keep(f, 'i32')] }
}

function toFloat(ctx: InlineContext, value: Value, kind: 'float4' | 'float8'): Emitted {
  const { f } = ctx
  const { type } = value
  f.get(lane(value))
  if (type.kind === 'float4') f.op('f64.promote_f32')
  else if (type.kind === 'int2' || type.kind === 'int4') {
    f.op(kind === 'float4' ? 'f32.convert_i32_s' : 'f64.convert_i32_s')
  } else if (type.kind === 'int8') {
    f.op(kind === 'float4' ? 'f32.convert_i64_s' : 'f64.convert_i64_s')
  } else if (type.kind === 'decimal') {
    // Both operands are exact, so the quotient is the double nearest to the decimal.
    f.op('f64.convert_i64_s')
    if (type.scale > 0) f.f64(10 ** type.scale).op('f64.div')
  } else return demoted(ctx, lane(value))
  return { lanes: [keep(f, kind === 'float4' ? 'f32' : 'f64')] }
}

/** The stack holds the double once more. */
function demoted(ctx: InlineContext, source: Local): Emitted {
  const { f } = ctx
  f.op('f32.demote_f64')
  const single = keep(f, 'f32')
  f.get(single).op('f32.abs').f32(Infinity).op('f32.eq')
  f.get(source).op('f64.abs').f64(Infinity).op('f64.ne').op('i32.and')
  raiseIf(ctx, 'float-out-of-range')
  f.get(single).f32(0).op('f32.eq').get(source).f64(0).op('f64.ne').op('i32.and')
  raiseIf(ctx, 'float-underflow')
  return { lanes: [single] }
}

function toDecimal(ctx: InlineContext, value: Value, to: DecimalType): Emitted {
  const { scale } = present(exactDecimal(value.type), 'inexact value cast to decimal')
  const exact = rescaled(ctx, inInt64(ctx, value), scale, to.scale)
  const range = rangeOf(exact)
  const limit = present(typeRange(to), 'decimal without a range')
  if (!withinDigits(range, to.precision)) checkDigits(ctx, widen(ctx, exact), to.precision)
  const known = intersect(range, limit)
  if (fitsInt64(known)) return { lanes: exact.lanes.slice(0, 1), range: known }
  return { lanes: exact.lanes, range: known }
}

function inInt64(ctx: InlineContext, value: Value): Value {
  const { f } = ctx
  if (f.typeOf(lane(value)) !== 'i32') return value
  f.get(lane(value)).op('i64.extend_i32_s')
  return { ...value, lanes: [keep(f, 'i64')], range: rangeOf(value) }
}

/** An exact value at another scale, halves rounded away from zero. */
function rescaled(ctx: InlineContext, value: Value, from: number, to: number): Value {
  if (to >= from) return scaleUp(ctx, value, to - from)
  const { f } = ctx
  assert(value.lanes.length === 1, 'scaling down of a wide decimal')
  const factor = 10n ** BigInt(from - to)
  const half = factor / 2n
  const source = lane(value)
  f.get(source)
  const range = rangeOf(value)
  if (range.min >= 0n) f.i64(half)
  else {
    // half with the sign of the value: (half ^ s) - s, where s is 0 or -1
    f.get(source).i64(63n).op('i64.shr_s')
    const sign = keep(f, 'i64')
    f.i64(half).get(sign).op('i64.xor').get(sign).op('i64.sub')
  }
  f.op('i64.add').i64(factor).op('i64.div_s')
  const bound = (end: bigint): bigint => (end < 0n ? end - half : end + half) / factor
  const narrowed: ValueBounds = { min: bound(range.min), max: bound(range.max) }
  return { ...value, lanes: [keep(f, 'i64')], range: narrowed }
}

function toNumeric(ctx: InlineContext, value: Value): Emitted {
  const { f } = ctx
  const { scale } = present(exactDecimal(value.type), 'inexact value cast to numeric')
  const { low, high } = widen(ctx, value)
  f.get(high).i64(0x00ff_ffff_ffff_ffffn).op('i64.and')
  f.i64(BigInt(scale) << 56n).op('i64.or')
  const inline = { low, high: keep(f, 'i64') }
  const fits = withinDigits(rangeOf(value), NUMERIC_DIGITS_MAX)
  const { low: first, high: second } = fits
    ? inline
    : toWideNumeric(ctx, { low, high }, inline, scale)
  return { lanes: [first, second] }
}

/** The bytes of a numeric where 120 bits do not hold the value. */
function toWideNumeric(ctx: InlineContext, value: Wide, inline: Wide, scale: number): Wide {
  const { f } = ctx
  const write = ctx.kernel('numericFromDecimal')
  const [low, high, target] = [f.local('i64'), f.local('i64'), f.local('i32')]
  f.get(inline.low).set(low)
  f.get(inline.high).set(high)
  f.get(value.high).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s').get(value.high)
  f.op('i64.ne').if()
  f.i32(WIDE_BYTES_MAX)
  ctx.allocateText()
  f.set(target)
  f.get(target).get(value.low).get(value.high).i32(scale).call(write).op('i64.extend_i32_u')
  f.i64(32n).op('i64.shl').get(target).op('i64.extend_i32_u').op('i64.or').set(low)
  f.i64(BigInt(WIDE_TAG) << 56n).set(high)
  f.end()
  return { low, high }
}

function dateToTimestamp(ctx: InlineContext, value: Value): Emitted {
  const { f } = ctx
  const range = rangeOf(value)
  f.get(lane(value)).op('i64.extend_i32_s')
  const days = keep(f, 'i64')
  const limit = (2n ** 63n - 1n) / MICROS_PER_DAY
  if (range.max > limit) {
    f.get(days).i64(limit).op('i64.gt_s')
    raiseIf(ctx, 'date-beyond-timestamps')
  }
  f.get(days).i64(MICROS_PER_DAY).op('i64.mul')
  const known = { min: range.min, max: range.max > limit ? limit : range.max }
  return {
    lanes: [keep(f, 'i64')],
    range: { min: known.min * MICROS_PER_DAY, max: known.max * MICROS_PER_DAY },
  }
}

/** Days since 1970-01-01 of a timestamp, rounded down. */
function dayOf({ f }: InlineContext, value: Value): Local {
  f.get(lane(value))
  if (!containsNegative(value)) f.i64(MICROS_PER_DAY).op('i64.div_s')
  else {
    // Floor division: one less where the remainder is negative.
    f.i64(MICROS_PER_DAY).op('i64.div_s')
    f.get(lane(value)).i64(MICROS_PER_DAY).op('i64.rem_s').i64(63n).op('i64.shr_s')
    f.op('i64.add')
  }
  f.op('i32.wrap_i64')
  return keep(f, 'i32')
}

function timeOf({ f }: InlineContext, value: Value): Emitted {
  f.get(lane(value)).i64(MICROS_PER_DAY).op('i64.rem_s')
  const remainder = keep(f, 'i64')
  f.get(remainder).get(remainder).i64(63n).op('i64.shr_s').i64(MICROS_PER_DAY).op('i64.and')
  f.op('i64.add')
  return { lanes: [keep(f, 'i64')], range: { min: 0n, max: MICROS_PER_DAY - 1n } }
}

function containsNegative(value: Value): boolean {
  const range = rangeOf(value)
  return range.min < 0n || (containsZero(range) && range.max < 0n)
}
