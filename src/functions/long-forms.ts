import type { Local } from '../wasm/assembler/function-builder.ts'
import { keep, lane } from './emit.ts'
import { widen } from './emit-wide.ts'
import type { InlineContext, Value } from './inline.ts'

/*
 * Numerics that 16 bytes do not hold, and results that they do not hold, are made by kernels of their own
 * (wasm/kernels/assembly/long/operations.ts), for the rows that quicker ones leave out.
 */

/** What is computed, as the kernels number it. */
export const longOperations = {
  sum: 0,
  difference: 1,
  product: 2,
  quotient: 3,
  remainder: 4,
  wholeQuotient: 5,
  negated: 6,
  absolute: 7,
  sign: 8,
  trimmed: 9,
  root: 10,
  power: 11,
  factorial: 12,
  /** To so many digits in all and behind the point: two words of `extra`. */
  limited: 13,
  /** The ways to round follow, in the order in which other kernels number them. */
  rounded: 16,
  /** Variances; 1 more of a sample, 2 more for their roots. */
  spread: 20,
} as const

/** Says which operation a kernel of long numerics does of which values. */
export interface LongCall {
  readonly operation: number
  /** One or two exact values. */
  readonly operands: readonly Value[]
  /** An i64: places, rows or factors. */
  readonly extra?: Local
}

/** Emits what makes a long numeric of something else, as {@link emitLong} does. */
export type LongMaker = (lanes: readonly Local[]) => Local

/** Tells the kernels that a numeric says itself how many places it has. */
const OWN_PLACES = -1

function pushOperand(ctx: InlineContext, value: Value | undefined): void {
  const { f } = ctx
  if (value === undefined) return void f.i64(0n).i64(0n).i32(0)
  const { type } = value
  if (type.kind === 'numeric') {
    return void f.get(lane(value)).get(lane(value, 1)).i32(OWN_PLACES)
  }
  const { low, high } = widen(ctx, value)
  f.get(low)
    .get(high)
    .i32(type.kind === 'decimal' ? type.scale : 0)
}

function pushCall(ctx: InlineContext, { operation, operands, extra }: LongCall): void {
  const { f } = ctx
  f.i32(operation)
  pushOperand(ctx, operands[0])
  pushOperand(ctx, operands[1])
  if (extra === undefined) f.i64(0n)
  else f.get(extra)
}

/**
 * Emits a call of the kernel: the two words of its result go to `lanes`, bytes of their own to where the batch's texts
 * are. Gives an i64 that is -1 where TypeScript is to make the result.
 */
export function emitLong(
  ctx: InlineContext,
  work: Local,
  call: LongCall,
  lanes: readonly Local[],
): Local {
  const { f } = ctx
  const [answer, bytes, target] = [f.local('i64'), f.local('i32'), f.local('i32')]
  f.i64(-1n).set(answer)
  pushCall(ctx, call)
  f.call(ctx.kernel('longBytes')).tee(bytes).if()
  f.get(bytes)
  ctx.allocateText()
  f.set(target).get(work).get(target)
  pushCall(ctx, call)
  f.call(ctx.kernel('longNumeric')).set(answer)
  ctx.settleText(target, answer)
  f.get(answer).i64(-1n).op('i64.ne').if()
  takeWords(ctx, work, lanes)
  f.end()
  f.end()
  return answer
}

/** Bytes that a numeric made of a float takes at most. */
const FLOAT_BYTES = 256

/** Emits the same of a float by so many of its digits. */
export function emitLongOfFloat(
  ctx: InlineContext,
  work: Local,
  float: { readonly value: Local; readonly digits: number },
  lanes: readonly Local[],
): Local {
  const { f } = ctx
  const [answer, target] = [f.local('i64'), f.local('i32')]
  f.i32(FLOAT_BYTES)
  ctx.allocateText()
  f.set(target).get(work).get(target).get(float.value).i32(float.digits)
  f.call(ctx.kernel('longOfFloat')).set(answer)
  ctx.settleText(target, answer)
  f.get(answer).i64(-1n).op('i64.ne').if()
  takeWords(ctx, work, lanes)
  f.end()
  return answer
}

/** Emits: two words at an address go to lanes. */
export function takeWords({ f }: InlineContext, work: Local, lanes: readonly Local[]): void {
  lanes.forEach((local, index) =>
    f
      .get(work)
      .memory('i64.load', index * 8)
      .set(local),
  )
}

/** A number of 32 bits as `extra`. */
export function extraOf({ f }: InlineContext, value: Local): Local {
  f.get(value).op('i64.extend_i32_s')
  return keep(f, 'i64')
}
