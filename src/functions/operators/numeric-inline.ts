import { assert } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import type { KernelName } from '../../wasm/kernels/signatures.ts'
import { keep, lane } from '../emit.ts'
import type { CodeContext, InlineContext, InlineForm, Value } from '../inline.ts'
import { takePair } from '../kernel-forms.ts'
import { longOperations, type LongCall } from '../long-forms.ts'
import { signedComparisons } from './comparison-operators.ts'
import type { ComparisonOperator } from '../traits.ts'

/*
 * Numerics of 16 bytes: 120 bits and a scale on top of them. What most are is computed by code, all others by kernels
 * (wasm/kernels/assembly/numeric.ts): those of other scales, of more than 127 digits behind the point, which includes
 * the tag of those that have bytes of their own, and what needs more than 120 bits.
 */

/** The scale of a numeric, on top of its upper word. */
const SCALE = 0xffn << 56n
/** Its bits without the scale. */
export const UPPER = (1n << 56n) - 1n
const LOWEST = -(2n ** 63n)

/** The words of a numeric. */
export interface Words {
  readonly low: Local
  readonly high: Local
}

export function wordsOf(value: Value): Words {
  return { low: lane(value), high: lane(value, 1) }
}

/** Pushes 1 where two numerics have one scale, which is below 128. */
export function pushIsAlike(f: FunctionBuilder, a: Words, b: Words): void {
  f.get(a.high).get(b.high).op('i64.xor').get(b.high).i64(LOWEST).op('i64.and').op('i64.or')
  f.i64(56n).op('i64.shr_u').op('i64.eqz')
}

/** Pushes the upper word without the scale, its sign on top and zeros below. */
function pushUpper(f: FunctionBuilder, { high }: Words): void {
  f.get(high).i64(8n).op('i64.shl')
}

/** Pops an upper word as {@link pushUpper} has it, and the scale that it gets, on top of whatever bits. */
function packUpper(f: FunctionBuilder, scaleFrom: Local): void {
  f.i64(8n).op('i64.shr_u').get(scaleFrom).i64(SCALE).op('i64.and').op('i64.or')
}

interface Sum extends Words {
  /** Whether the numerics have one scale, and the sum has room. */
  readonly isDone: Local
}

/** The sum or the difference of two numerics. */
export function emitSum(f: FunctionBuilder, a: Words, b: Words, operation: 'add' | 'sub'): Sum {
  f.get(a.low).get(b.low).op(`i64.${operation}`)
  const low = keep(f, 'i64')
  pushUpper(f, a)
  const left = keep(f, 'i64')
  pushUpper(f, b)
  const right = keep(f, 'i64')
  f.get(left).get(right).op(`i64.${operation}`)
  // What is carried, or borrowed.
  if (operation === 'add') f.get(low).get(a.low).op('i64.lt_u')
  else f.get(a.low).get(b.low).op('i64.lt_u')
  f.op('i64.extend_i32_u').i64(8n).op('i64.shl').op(`i64.${operation}`)
  const upper = keep(f, 'i64')
  f.get(upper)
  packUpper(f, a.high)
  const high = keep(f, 'i64')
  pushIsAlike(f, a, b)
  // An overflow: a sum with another sign than both have, a difference with another than the first where signs differ.
  f.get(left).get(upper).op('i64.xor')
  f.get(operation === 'add' ? right : left)
    .get(operation === 'add' ? upper : right)
    .op('i64.xor')
  f.op('i64.and').i64(0n).op('i64.ge_s').op('i32.and')
  const isDone = keep(f, 'i32')
  f.release(left)
  f.release(right)
  f.release(upper)
  return { low, high, isDone }
}

/** Emits: where `isDone` is 0, the result is what a kernel stores. */
function orByKernel(
  ctx: InlineContext,
  { low, high }: Words,
  isDone: Local,
  name: KernelName,
  args: readonly Value[],
  long: LongCall,
  mode?: number,
): ReturnType<InlineForm> {
  const { f } = ctx
  const work = ctx.workspace()
  f.get(isDone).op('i32.eqz').if()
  f.get(work)
  for (const { lanes } of args) for (const local of lanes) f.get(local)
  if (mode !== undefined) f.i32(mode)
  f.call(ctx.kernel(name))
  const [first, second] = takePair(ctx, work, long)
  assert(first !== undefined && second !== undefined, 'numeric without two words')
  f.get(first).set(low).get(second).set(high)
  f.end()
  return { lanes: [low, high] }
}

function pairOf(args: readonly Value[]): readonly [Words, Words] {
  const [left, right] = args
  assert(left !== undefined && right !== undefined, 'operator without two operands')
  return [wordsOf(left), wordsOf(right)]
}

function additive(operation: 'add' | 'sub'): InlineForm {
  return (ctx, args) => {
    const [a, b] = pairOf(args)
    const sum = emitSum(ctx.f, a, b, operation)
    const long = longOperations[operation === 'add' ? 'sum' : 'difference']
    const mode = operation === 'add' ? 0 : 1
    return orByKernel(
      ctx,
      sum,
      sum.isDone,
      'numericSum',
      args,
      { operation: long, operands: args },
      mode,
    )
  }
}

export const numericAdd = additive('add')
export const numericSubtract = additive('sub')

/** The negation of every numeric, or of those below 0. */
function signed(isAlways: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [value] = args
    assert(value !== undefined, 'missing operand')
    const words = wordsOf(value)
    pushUpper(f, words)
    const upper = keep(f, 'i64')
    // -x is ~x + 1, where all bits of `turn` are 1.
    if (isAlways) f.i64(-1n)
    else f.get(upper).i64(63n).op('i64.shr_s')
    const turn = keep(f, 'i64')
    f.get(words.low).get(turn).op('i64.xor').get(turn).op('i64.sub')
    const low = keep(f, 'i64')
    f.get(upper).i64(8n).op('i64.shr_s').get(turn).op('i64.xor')
    f.get(low).op('i64.eqz').op('i64.extend_i32_u').get(turn).op('i64.and').op('i64.add')
    f.i64(UPPER).op('i64.and').get(words.high).i64(SCALE).op('i64.and').op('i64.or')
    const high = keep(f, 'i64')
    f.get(words.high).i64(0n).op('i64.ge_s').get(upper).i64(LOWEST).op('i64.ne').op('i32.and')
    const isDone = keep(f, 'i32')
    const operation = longOperations[isAlways ? 'negated' : 'absolute']
    const long = { operation, operands: args }
    return orByKernel(ctx, { low, high }, isDone, 'numericSigned', args, long, isAlways ? 0 : 1)
  }
}

export const numericNegate = signed(true)
export const numericAbsolute = signed(false)

/** Pushes 1 where a numeric is its low word. */
function pushIsShort(f: FunctionBuilder, { low, high }: Words): void {
  f.get(high).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s').get(low).i64(63n).op('i64.shr_s')
  f.op('i64.eq')
}

/** Numbers of 32 bits and one sign more lie so far around 0: their product has 63 bits. */
const FACTOR_MAX = 2n ** 31n

export const numericMultiply: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [a, b] = pairOf(args)
  f.get(a.low).get(b.low).op('i64.mul')
  const low = keep(f, 'i64')
  f.get(low).i64(63n).op('i64.shr_s').i64(UPPER).op('i64.and')
  for (const { high } of [a, b]) f.get(high).i64(SCALE).op('i64.and')
  f.op('i64.add').op('i64.or')
  const high = keep(f, 'i64')
  f.get(a.high).get(b.high).op('i64.or').i64(0n).op('i64.ge_s')
  for (const factor of [a, b]) {
    pushIsShort(f, factor)
    f.get(factor.low).i64(FACTOR_MAX).op('i64.add')
    f.i64(2n * FACTOR_MAX)
      .op('i64.lt_u')
      .op('i32.and')
      .op('i32.and')
  }
  const isDone = keep(f, 'i32')
  const long = { operation: longOperations.product, operands: args }
  return orByKernel(ctx, { low, high }, isDone, 'numericProduct', args, long)
}

/** What a division leaves; by 0 it is left to TypeScript. */
export const numericRemainder: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [a, b] = pairOf(args)
  const [low, high] = [f.local('i64'), f.local('i64')]
  pushIsAlike(f, a, b)
  for (const words of [a, b]) {
    pushIsShort(f, words)
    f.op('i32.and')
  }
  // 0 has no remainders, and -1 may trap.
  f.get(b.low).i64(1n).op('i64.add').i64(1n).op('i64.gt_u').op('i32.and')
  const isDone = keep(f, 'i32')
  f.get(isDone).if()
  f.get(a.low).get(b.low).op('i64.rem_s').set(low)
  f.get(low).i64(63n).op('i64.shr_s').i64(UPPER).op('i64.and')
  f.get(a.high).i64(SCALE).op('i64.and').op('i64.or').set(high)
  f.end()
  const long = { operation: longOperations.remainder, operands: args }
  return orByKernel(ctx, { low, high }, isDone, 'numericRest', args, long, 0)
}

/** Pushes 1 or 0: of one scale by code, else by a kernel. */
export function pushNumericComparison(
  ctx: CodeContext,
  operator: ComparisonOperator,
  left: Words,
  right: Words,
): void {
  const { f } = ctx
  const compare = signedComparisons[operator]
  pushIsAlike(f, left, right)
  f.if('i32')
  if (operator === '=' || operator === '<>') {
    f.get(left.low).get(right.low).op('i64.xor').get(left.high).get(right.high).op('i64.xor')
    f.op('i64.or').op('i64.eqz')
    if (operator === '<>') f.op('i32.eqz')
  } else {
    f.get(left.low).get(right.low)
    f.op(`i64.${unsignedComparisons[operator]}`)
    pushUpper(f, left)
    pushUpper(f, right)
    f.op(`i64.${compare}`)
    f.get(left.high).get(right.high).op('i64.eq').op('select')
  }
  f.else()
  for (const { low, high } of [left, right]) f.get(low).get(high)
  f.call(ctx.kernel('numericOrder')).i32(0).op(`i32.${compare}`)
  f.end()
}

const unsignedComparisons = { '<': 'lt_u', '<=': 'le_u', '>': 'gt_u', '>=': 'ge_u' } as const

/** What {@link KernelName} `roundedDigits` answers for what it leaves to others. */
const LEFT_OUT = LOWEST

/**
 * A numeric rounded to so many places, which may be negative: an i32. `mode`: as kernels number the ways to round. `long`:
 * what is done of those that 16 bytes do not hold.
 */
export function roundedNumeric(
  ctx: InlineContext,
  value: Value,
  places: Local,
  mode: number,
  long: LongCall,
): ReturnType<InlineForm> {
  const { f } = ctx
  const words = wordsOf(value)
  f.get(words.low).get(words.high).get(places).i32(mode).call(ctx.kernel('roundedDigits'))
  const low = keep(f, 'i64')
  f.get(low).i64(63n).op('i64.shr_s').i64(UPPER).op('i64.and')
  f.get(places).i32(0).get(places).i32(0).op('i32.gt_s').op('select')
  f.op('i64.extend_i32_u').i64(56n).op('i64.shl').op('i64.or')
  const high = keep(f, 'i64')
  f.get(low).i64(LEFT_OUT).op('i64.ne')
  const isDone = keep(f, 'i32')
  const at: Value = { type: { kind: 'int4' }, lanes: [places], valid: undefined, range: undefined }
  return orByKernel(ctx, { low, high }, isDone, 'numericRound', [value, at], long, mode)
}
