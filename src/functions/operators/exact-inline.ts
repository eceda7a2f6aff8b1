import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import { widen } from '../emit-wide.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { takePair } from '../kernel-forms.ts'
import { longOperations } from '../long-forms.ts'

// What the kernels of wasm/kernels/assembly/exact.ts answer beside 0, which is done.
const BY_ZERO = 2

// How they are told which spread is wanted.
const SAMPLE = 1
const ROOTED = 2

/** Pushes an exact value as the kernels take it: two words, and its places, -1 for a numeric that tells them. */
function pushExact(ctx: InlineContext, value: Value): void {
  const { f } = ctx
  const { type } = value
  if (type.kind === 'numeric') return void f.get(lane(value)).get(lane(value, 1)).i32(-1)
  const { low, high } = widen(ctx, value)
  f.get(low)
    .get(high)
    .i32(type.kind === 'decimal' ? type.scale : 0)
}

/** Two lanes that are 0 before a kernel's result is there. */
function emptyLanes({ f }: InlineContext): readonly Local[] {
  return ['low', 'high'].map(() => {
    const local = f.local('i64')
    f.i64(0n).set(local)
    return local
  })
}

/** The quotient of two exact values as a numeric. */
export const exactQuotient: InlineForm = (ctx, args) => {
  const { f } = ctx
  const work = ctx.workspace()
  f.get(work)
  for (const arg of args) pushExact(ctx, arg)
  f.call(ctx.kernel('exactQuotient'))
  const answer = keep(f, 'i32')
  f.get(answer).i32(BY_ZERO).op('i32.eq').if()
  ctx.raise('division-by-zero')
  f.end()
  f.get(answer)
  const long = { operation: longOperations.quotient, operands: args }
  return { lanes: takePair(ctx, work, long) }
}

/** Pushes 1 where no argument is NULL and there are more rows than `least`. */
function pushHasRows({ f }: InlineContext, args: readonly Value[], least: bigint): void {
  f.get(lane(args.at(-1)!))
    .i64(least)
    .op('i64.gt_s')
  for (const { valid } of args) if (valid !== undefined) f.get(valid).op('i32.and')
}

/** A mean from sum and count. */
export const exactMean: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  pushHasRows(ctx, args, 0n)
  const valid = keep(f, 'i32')
  const lanes = emptyLanes(ctx)
  f.get(valid).if()
  const quotient = exactQuotient(ctx, args, result).lanes
  lanes.forEach((local, index) => f.get(quotient[index]!).set(local))
  f.end()
  return { lanes, valid }
}

/** The mean of intervals from sum and count: where there are months or days, their fractions spill down. */
export const intervalMean: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [sum, count] = [args[0]!, lane(args[1]!)]
  pushHasRows(ctx, args, 0n)
  const valid = keep(f, 'i32')
  const lanes = emptyLanes(ctx)
  f.get(valid).if()
  f.get(lane(sum)).op('i64.eqz').if()
  f.get(lane(sum, 1)).op('f64.convert_i64_s').get(count).op('f64.convert_i64_s').op('f64.div')
  f.op('f64.nearest')
  const micros = keep(f, 'f64')
  f.get(micros)
    .op('f64.abs')
    .f64(2 ** 63)
    .op('f64.ge')
    .if()
  ctx.raise('interval-out-of-range')
  f.end()
  f.get(micros).op('i64.trunc_f64_s').set(lanes[1]!)
  f.else()
  ctx.elsewhere(lanes)
  f.end()
  f.end()
  return { lanes, valid }
}

/** What is made of sums over rows: of a sample or the population, the variance or its root. */
export interface Spread {
  readonly sample: boolean
  readonly root: boolean
}

/** Variance or deviation from sum, sum of squares and count. */
export function exactSpread({ sample, root }: Spread): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushHasRows(ctx, args, sample ? 1n : 0n)
    const valid = keep(f, 'i32')
    const lanes = emptyLanes(ctx)
    f.get(valid).if()
    const work = ctx.workspace()
    f.get(work)
    for (const arg of args.slice(0, 2)) pushExact(ctx, arg)
    f.get(lane(args[2]!)).i32((sample ? SAMPLE : 0) | (root ? ROOTED : 0))
    f.call(ctx.kernel('exactSpread'))
    const operation = longOperations.spread + (sample ? SAMPLE : 0) + (root ? ROOTED : 0)
    const long = { operation, operands: args.slice(0, 2), extra: lane(args[2]!) }
    const spread = takePair(ctx, work, long)
    lanes.forEach((local, index) => f.get(spread[index]!).set(local))
    f.end()
    return { lanes, valid }
  }
}

/** The same of floats, from the sum of squared deviations and the count. */
export function floatSpread({ sample, root }: Spread): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const count = lane(args[1]!)
    pushHasRows(ctx, args, sample ? 1n : 0n)
    const valid = keep(f, 'i32')
    f.get(lane(args[0]!)).get(count)
    if (sample) f.i64(1n).op('i64.sub')
    f.op('f64.convert_i64_s').op('f64.div')
    if (root) f.op('f64.sqrt')
    return { lanes: [keep(f, 'f64')], valid }
  }
}
