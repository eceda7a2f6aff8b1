import { present } from '../../base/assert.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'

type FloatType = 'f32' | 'f64'

export const floatAdd: InlineForm = (ctx, args) => additive(ctx, args, 'add')

export const floatSubtract: InlineForm = (ctx, args) => additive(ctx, args, 'sub')

export const floatMultiply: InlineForm = (ctx, args) => {
  const { type, left, right } = operands(args)
  const { f } = ctx
  f.get(left).get(right).op(`${type}.mul`)
  const result = keep(f, type)
  // One cheap test keeps the two rare checks out of the way.
  isInfinite(ctx, type, result)
  isZero(ctx, type, result)
  f.op('i32.or')
  f.if()
  raiseOverflow(ctx, type, result, [left, right])
  isZero(ctx, type, result)
  isNonZero(ctx, type, left)
  f.op('i32.and')
  isNonZero(ctx, type, right)
  f.op('i32.and')
  raiseIf(ctx, 'float-underflow')
  f.end()
  return { lanes: [result] }
}

export const floatDivide: InlineForm = (ctx, args) => {
  const { type, left, right } = operands(args)
  const { f } = ctx
  isZero(ctx, type, right)
  f.get(left).get(left).op(`${type}.eq`).op('i32.and')
  raiseIf(ctx, 'division-by-zero')
  f.get(left).get(right).op(`${type}.div`)
  const result = keep(f, type)
  isInfinite(ctx, type, result)
  isZero(ctx, type, result)
  f.op('i32.or')
  f.if()
  raiseOverflow(ctx, type, result, [left])
  isZero(ctx, type, result)
  isNonZero(ctx, type, left)
  f.op('i32.and')
  isInfinite(ctx, type, right)
  f.op('i32.eqz').op('i32.and')
  raiseIf(ctx, 'float-underflow')
  f.end()
  return { lanes: [result] }
}

export const floatNegate: InlineForm = (ctx, args) => unary(ctx, args, 'neg')
export const floatAbsolute: InlineForm = (ctx, args) => unary(ctx, args, 'abs')
export const floatCeil: InlineForm = (ctx, args) => unary(ctx, args, 'ceil')
export const floatFloor: InlineForm = (ctx, args) => unary(ctx, args, 'floor')
export const floatTruncate: InlineForm = (ctx, args) => unary(ctx, args, 'trunc')
export const floatRound: InlineForm = (ctx, args) => unary(ctx, args, 'nearest')

export const floatSqrt: InlineForm = (ctx, args) => {
  const operand = lane(present(args[0], 'missing operand'))
  ctx.f.get(operand)
  constant(ctx, 'f64', 0)
  ctx.f.op('f64.lt')
  raiseIf(ctx, 'negative-square-root')
  return unary(ctx, args, 'sqrt')
}

function unary(
  { f }: InlineContext,
  args: readonly Value[],
  operation: 'neg' | 'abs' | 'ceil' | 'floor' | 'trunc' | 'nearest' | 'sqrt',
): ReturnType<InlineForm> {
  const operand = lane(present(args[0], 'missing operand'))
  const type = f.typeOf(operand) === 'f32' ? 'f32' : 'f64'
  f.get(operand).op(`${type}.${operation}`)
  return { lanes: [keep(f, type)] }
}

function additive(
  ctx: InlineContext,
  args: readonly Value[],
  operation: 'add' | 'sub',
): ReturnType<InlineForm> {
  const { type, left, right } = operands(args)
  const { f } = ctx
  f.get(left).get(right).op(`${type}.${operation}`)
  const result = keep(f, type)
  isInfinite(ctx, type, result)
  f.if()
  raiseOverflow(ctx, type, result, [left, right])
  f.end()
  return { lanes: [result] }
}

/** Raises when the result is infinite although every operand is finite (or NaN). */
function raiseOverflow(
  ctx: InlineContext,
  type: FloatType,
  result: Local,
  sources: readonly Local[],
): void {
  isInfinite(ctx, type, result)
  for (const source of sources) {
    isInfinite(ctx, type, source)
    ctx.f.op('i32.eqz').op('i32.and')
  }
  raiseIf(ctx, 'float-out-of-range')
}

function isInfinite(ctx: InlineContext, type: FloatType, value: Local): void {
  ctx.f.get(value).op(`${type}.abs`)
  constant(ctx, type, Infinity)
  ctx.f.op(`${type}.eq`)
}

function isZero(ctx: InlineContext, type: FloatType, value: Local): void {
  ctx.f.get(value)
  constant(ctx, type, 0)
  ctx.f.op(`${type}.eq`)
}

function isNonZero(ctx: InlineContext, type: FloatType, value: Local): void {
  ctx.f.get(value)
  constant(ctx, type, 0)
  ctx.f.op(`${type}.ne`)
}

function constant({ f }: InlineContext, type: FloatType, value: number): void {
  if (type === 'f32') f.f32(value)
  else f.f64(value)
}

function operands(args: readonly Value[]): {
  readonly type: FloatType
  readonly left: Local
  readonly right: Local
} {
  const [left, right] = args
  const first = present(left, 'missing operand')
  return {
    type: first.type.kind === 'float4' ? 'f32' : 'f64',
    left: lane(first),
    right: lane(present(right, 'missing operand')),
  }
}
