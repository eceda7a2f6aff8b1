import type { ComparisonOperator } from '../traits.ts'
import { assert, present } from '../../base/assert.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import {
  DECIMAL_PRECISION_MAX,
  type DataType,
  type DecimalType,
} from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { equalWide, lessWide, scaleUp, widen } from '../emit-wide.ts'
import { keep, keyLane, lane } from '../emit.ts'
import type { CodeContext, InlineForm, Value } from '../inline.ts'
import { signedComparisons } from './comparison-operators.ts'
import { pushNumericComparison, wordsOf } from './numeric-inline.ts'

/** The wasm form of a comparison; it never raises and is defined for every legal lane. */
export function comparisonForm(operator: ComparisonOperator): InlineForm {
  return (ctx, [left, right]) => {
    assert(left !== undefined && right !== undefined, 'comparison without two operands')
    pushComparison(ctx, operator, left, right)
    return { lanes: [keep(ctx.f, 'i32')], range: undefined }
  }
}

/** Whether values of two types can be compared in generated code. */
export function comparesInline([left, right]: readonly DataType[]): boolean {
  if (left === undefined) return false
  if (left.kind !== 'decimal') return true
  // Brought to one scale, both must stay within 38 digits.
  if (right?.kind !== 'decimal') return false
  const scale = Math.max(left.scale, right.scale)
  return [left, right].every((t) => t.precision - t.scale + scale <= DECIMAL_PRECISION_MAX)
}

/**
 * Pushes 1 or 0; NULL-ness of the operands is not looked at. The one place that says how values compare
 * in generated code: operators, joins, groups and sorts all come here.
 */
export function pushComparison(
  ctx: CodeContext,
  operator: ComparisonOperator,
  left: Value,
  right: Value,
): void {
  const { f } = ctx
  const form = valueForm(left.type)
  if (left.type.kind === 'decimal') return pushDecimalComparison(ctx, operator, left, right)
  switch (form) {
    case 'bit':
    case 'i32':
      f.get(lane(left)).get(lane(right)).op(`i32.${signedComparisons[operator]}`)
      return
    case 'i64':
      f.get(lane(left)).get(lane(right)).op(`i64.${signedComparisons[operator]}`)
      return
    case 'i128':
      return pushWideComparison(ctx, operator, left, right)
    case 'f32':
    case 'f64':
      return pushFloatComparison(ctx, operator, form, lane(left), lane(right))
    case 'text':
    case 'bytes':
      if (operator !== '=' && operator !== '<>') {
        return pushOrderOfTexts(ctx, operator, lane(left), lane(right))
      }
      return pushTextComparison(ctx, operator, lane(left), lane(right))
    case 'keyed':
      return pushTextComparison(ctx, operator, keyLane(ctx.f, left), keyLane(ctx.f, right))
    case 'numeric':
      return pushNumericComparison(ctx, operator, wordsOf(left), wordsOf(right))
    case 'interval': {
      const order = ctx.kernel('intervalOrder')
      for (const value of [left, right]) f.get(lane(value)).get(lane(value, 1))
      f.call(order).i32(0).op(`i32.${signedComparisons[operator]}`)
    }
  }
}

// NaN equals NaN and is above everything; wasm's comparisons with NaN are all false.
function pushFloatComparison(
  { f }: CodeContext,
  operator: ComparisonOperator,
  type: 'f32' | 'f64',
  left: Local,
  right: Local,
): void {
  switch (operator) {
    case '=':
    case '<>':
      f.get(left).get(right).op(`${type}.eq`)
      f.get(left).get(left).op(`${type}.ne`).get(right).get(right).op(`${type}.ne`)
      f.op('i32.and').op('i32.or')
      break
    case '<=':
    case '>':
      f.get(left).get(right).op(`${type}.le`).get(right).get(right).op(`${type}.ne`).op('i32.or')
      break
    case '>=':
    case '<':
      f.get(left).get(right).op(`${type}.ge`).get(left).get(left).op(`${type}.ne`).op('i32.or')
  }
  if (operator === '<>' || operator === '>' || operator === '<') f.op('i32.eqz')
}

function pushDecimalComparison(
  ctx: CodeContext,
  operator: ComparisonOperator,
  left: Value,
  right: Value,
): void {
  const scale = Math.max(decimalOf(left).scale, decimalOf(right).scale)
  const a = scaleUp(ctx, left, scale - decimalOf(left).scale)
  const b = scaleUp(ctx, right, scale - decimalOf(right).scale)
  pushWideComparison(ctx, operator, a, b)
}

/** Integers of up to 128 bits, of one lane where they are known to fit. */
function pushWideComparison(
  ctx: CodeContext,
  operator: ComparisonOperator,
  left: Value,
  right: Value,
): void {
  const { f } = ctx
  if (left.lanes.length === 1 && right.lanes.length === 1) {
    f.get(lane(left)).get(lane(right)).op(`i64.${signedComparisons[operator]}`)
    return
  }
  const [wideA, wideB] = [widen(ctx, left), widen(ctx, right)]
  if (operator === '=' || operator === '<>') equalWide(ctx, wideA, wideB)
  else if (operator === '<' || operator === '>=') lessWide(ctx, wideA, wideB)
  else lessWide(ctx, wideB, wideA)
  if (operator === '<>' || operator === '>=' || operator === '<=') f.op('i32.eqz')
}

function pushTextComparison(
  ctx: CodeContext,
  operator: ComparisonOperator,
  left: Local,
  right: Local,
): void {
  const { f } = ctx
  if (operator === '=' || operator === '<>') {
    pushEqualTexts(ctx, left, right)
    if (operator === '<>') f.op('i32.eqz')
    return
  }
  f.get(left).get(right).call(ctx.kernel('textOrder'))
  f.i32(0).op(`i32.${signedComparisons[operator]}`)
}

/** Bytes of texts that are compared at once. */
const COMPARED_BYTES = 16
/** Texts of more bytes are compared by a kernel. */
const EQUAL_BYTES_MAX = 2 * COMPARED_BYTES

/** Texts of as many bytes, up to 32, are equal where their first and their last 16 are. Bytes behind every text are readable. */
function pushEqualTexts(ctx: CodeContext, left: Local, right: Local): void {
  const { f } = ctx
  const [isEqual, bytes] = [f.local('i32'), f.local('i32')]
  const texts = [left, right]
  f.i32(0).set(isEqual)
  f.get(left).get(right).op('i64.xor').i64(32n).op('i64.shr_u').op('i64.eqz').if()
  f.get(left).i64(32n).op('i64.shr_u').op('i32.wrap_i64').tee(bytes)
  f.i32(EQUAL_BYTES_MAX).op('i32.gt_u').if()
  f.get(left).get(right).call(ctx.kernel('textEqual')).set(isEqual)
  f.else()
  for (const text of texts) f.get(text).op('i32.wrap_i64').memory('v128.load')
  f.simd('i8x16.ne').simd('i8x16.bitmask').op('i32.ctz').get(bytes).op('i32.ge_u').set(isEqual)
  f.get(bytes).i32(COMPARED_BYTES).op('i32.gt_u').if()
  f.get(isEqual)
  for (const text of texts) {
    f.get(text)
      .op('i32.wrap_i64')
      .get(bytes)
      .op('i32.add')
      .i32(COMPARED_BYTES)
      .op('i32.sub')
      .memory('v128.load')
  }
  f.simd('v128.xor').simd('v128.any_true').op('i32.eqz').op('i32.and').set(isEqual)
  f.end()
  f.end()
  f.end()
  f.get(isEqual)
  f.release(isEqual)
  f.release(bytes)
}

/**
 * The first bytes of two texts mostly tell, or the first byte in which they differ, if it is among the first 16: without a
 * call. So many may be read of any text: bytes behind every text are readable.
 */
function pushOrderOfTexts(
  ctx: CodeContext,
  operator: Exclude<ComparisonOperator, '=' | '<>'>,
  left: Local,
  right: Local,
): void {
  const { f } = ctx
  const order = f.local('i32')
  const texts = [left, right]
  for (const text of texts) f.get(text).op('i32.wrap_i64').memory('i32.load8_u')
  f.op('i32.sub').tee(order).op('i32.eqz')
  for (const text of texts) f.get(text).i64(32n).op('i64.shr_u').op('i64.eqz').op('i32.or')
  f.if()
  for (const text of texts) f.get(text).op('i32.wrap_i64').memory('v128.load')
  // One bit more stands for what lies behind.
  f.simd('i8x16.ne').simd('i8x16.bitmask')
  f.i32(1 << COMPARED_BYTES)
    .op('i32.or')
    .op('i32.ctz')
    .tee(order)
  // The shorter one: lengths are the upper halves.
  f.get(left).get(right).get(left).get(right).op('i64.lt_u').op('select')
  f.i64(32n).op('i64.shr_u').op('i32.wrap_i64').op('i32.ge_u')
  f.get(order).i32(COMPARED_BYTES).op('i32.eq').op('i32.or').if()
  f.get(left).get(right).call(ctx.kernel('textOrder')).set(order)
  f.else()
  for (const text of texts) {
    f.get(text).op('i32.wrap_i64').get(order).op('i32.add').memory('i32.load8_u')
  }
  f.op('i32.sub').set(order)
  f.end()
  f.end()
  f.get(order).i32(0).op(`i32.${signedComparisons[operator]}`)
  f.release(order)
}

/** IS [NOT] DISTINCT FROM. */
export function distinctForm(negated: boolean): InlineForm {
  return (ctx, [left, right]) => {
    assert(left !== undefined && right !== undefined, 'comparison without two operands')
    const { f } = ctx
    pushComparison(ctx, negated ? '=' : '<>', left, right)
    if (left.valid === undefined && right.valid === undefined) {
      return { lanes: [keep(f, 'i32')], valid: undefined }
    }
    pushValid(ctx, left)
    pushValid(ctx, right)
    f.op(negated ? 'i32.eq' : 'i32.ne')
    pushValid(ctx, left)
    pushValid(ctx, right)
    f.op('i32.and').op('select')
    return { lanes: [keep(f, 'i32')], valid: undefined }
  }
}

/** IS [NOT] NULL. */
export function nullForm(negated: boolean): InlineForm {
  return (ctx, [operand]) => {
    pushValid(ctx, present(operand, 'missing operand'))
    if (!negated) ctx.f.op('i32.eqz')
    return { lanes: [keep(ctx.f, 'i32')], valid: undefined }
  }
}

/** IS [NOT] TRUE, FALSE and UNKNOWN (`wanted` null). */
export function truthForm(wanted: boolean | null, negated: boolean): InlineForm {
  return (ctx, [operand]) => {
    const value = present(operand, 'missing operand')
    const { f } = ctx
    pushValid(ctx, value)
    if (wanted === null) f.op('i32.eqz')
    else {
      f.get(lane(value))
      if (!wanted) f.op('i32.eqz')
      f.op('i32.and')
    }
    if (negated) f.op('i32.eqz')
    return { lanes: [keep(f, 'i32')], valid: undefined }
  }
}

export const notForm: InlineForm = (ctx, [operand]) => {
  ctx.f.get(lane(present(operand, 'missing operand'))).op('i32.eqz')
  return { lanes: [keep(ctx.f, 'i32')] }
}

function pushValid({ f }: CodeContext, value: Value): void {
  if (value.valid === undefined) f.i32(1)
  else f.get(value.valid)
}

function decimalOf({ type }: Value): DecimalType {
  assert(type.kind === 'decimal', 'decimal expected')
  return type
}
