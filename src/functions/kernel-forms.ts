import { present } from '../base/assert.ts'
import { kernelContract } from '../wasm/kernels/contract.ts'
import type { KernelName } from '../wasm/kernels/signatures.ts'
import type { Local } from '../wasm/assembler/function-builder.ts'
import { keep, lane } from './emit.ts'
import { KNOWN_BYTES, type InlineContext, type InlineForm, type Value } from './inline.ts'
import { emitLong, longOperations, takeWords, type LongCall, type LongMaker } from './long-forms.ts'

/*
 * Forms that call a static kernel for the row at hand: code calls code, and what decides whether a row is
 * looked at at all is around it as around any other code.
 */

/** A kernel's answer for what it leaves to TypeScript, see wasm/kernels/assembly/functions/views.ts. */
export const ELSEWHERE = -1n
/** The same of kernels whose answers may be -1, see wasm/kernels/assembly/functions/templates.ts. */
export const UNREAD = -(2n ** 63n)
/** How many bytes the text of an array may take for each of its own, see wasm/kernels/assembly/bare-lists.ts. */
export const LIST_TEXT_FACTOR = 6n
/** Bytes behind those that a kernel may write which it may spoil. */
export const PAST_BYTES = 16
/** Longer texts are made in TypeScript: a kernel cannot be cancelled. */
const WRITTEN_BYTES_MAX = 1_048_576n

/** Pushes something for a kernel. */
export type Push = (ctx: InlineContext, args: readonly Value[]) => void

/** Pushes the lanes of all arguments. */
export const pushLanes: Push = ({ f }, args) => {
  for (const { lanes } of args) for (const local of lanes) f.get(local)
}

/** A kernel over the arguments' lanes as they are. */
export function kernelForm(name: KernelName, push = pushLanes): InlineForm {
  const result = present(kernelContract[name].results[0], 'result of a kernel')
  return (ctx, args) => {
    const { f } = ctx
    push(ctx, args)
    f.call(ctx.kernel(name))
    return { lanes: [keep(f, result)] }
  }
}

/** A kernel that gives a view of one of its arguments, or leaves it to TypeScript. */
export function viewForm(name: KernelName, push = pushLanes): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    push(ctx, args)
    f.call(ctx.kernel(name))
    const result = keep(f, 'i64')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

/**
 * A kernel that writes a text: its last parameter is where. `pushBytesMax` pushes how many bytes it writes
 * at most, as an i64 that may be any number; beyond `bytesMax` TypeScript makes it.
 */
export function writerForm(
  name: KernelName,
  pushBytesMax: Push,
  push = pushLanes,
  bytesMax = WRITTEN_BYTES_MAX,
): InlineForm {
  return (ctx, args) => {
    const result = written(ctx, name, args, pushBytesMax, push, bytesMax)
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

/** The view that such a kernel gives, or {@link ELSEWHERE}. */
export function written(
  ctx: InlineContext,
  name: KernelName,
  args: readonly Value[],
  pushBytesMax: Push,
  push = pushLanes,
  bytesMax = WRITTEN_BYTES_MAX,
): Local {
  const { f } = ctx
  const [result, bytes, target] = [f.local('i64'), f.local('i64'), f.local('i32')]
  f.i64(ELSEWHERE).set(result)
  pushBytesMax(ctx, args)
  f.tee(bytes).i64(bytesMax).op('i64.le_u').if()
  f.get(bytes).op('i32.wrap_i64').i32(PAST_BYTES).op('i32.add')
  ctx.allocateText()
  f.set(target)
  push(ctx, args)
  f.get(target).call(ctx.kernel(name)).set(result)
  ctx.settleText(target, result)
  f.end()
  return result
}

/**
 * Has the call evaluated in TypeScript where a kernel's answer is what stands for that; where no error of the row
 * counts, the result becomes 0. The answer is the result unless it is given apart; `valid` is for results that may be
 * NULL.
 */
export function orElsewhere(
  ctx: InlineContext,
  result: Local,
  standsFor: bigint,
  answer = result,
  valid?: Local,
): void {
  const { f } = ctx
  if (f.typeOf(answer) === 'i32') f.get(answer).i32(Number(standsFor)).op('i32.eq').if()
  else f.get(answer).i64(standsFor).op('i64.eq').if()
  if (f.typeOf(result) === 'i32') f.i32(0).set(result)
  else f.i64(0n).set(result)
  ctx.elsewhere([result], valid)
  f.end()
}

/**
 * Pops a kernel's answer: the numeric or interval of 16 bytes that is at an address, or where it is not 0 that of a kernel
 * of long numerics, or TypeScript's; 0 for a row with a NULL there.
 */
export function takePair(
  ctx: InlineContext,
  work: Local,
  long?: LongCall | LongMaker,
): readonly Local[] {
  const { f } = ctx
  const lanes = [f.local('i64'), f.local('i64')]
  f.if()
  for (const local of lanes) f.i64(0n).set(local)
  if (long === undefined) ctx.elsewhere(lanes)
  else {
    f.get(typeof long === 'function' ? long(lanes) : emitLong(ctx, work, long, lanes))
      .i64(ELSEWHERE)
      .op('i64.eq')
      .if()
    ctx.elsewhere(lanes)
    f.end()
  }
  f.else()
  takeWords(ctx, work, lanes)
  f.end()
  return lanes
}

/** What a kernel takes behind the arguments' lanes, and the operation on long numerics that is its like. */
interface PairOptions {
  readonly mode?: number
  readonly long?: keyof typeof longOperations
}

/**
 * A kernel that stores a numeric or interval of 16 bytes made of the arguments' lanes, or leaves it to another one or to
 * TypeScript.
 */
export function pairForm(name: KernelName, { mode, long }: PairOptions = {}): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const work = ctx.workspace()
    f.get(work)
    pushLanes(ctx, args)
    if (mode !== undefined) f.i32(mode)
    f.call(ctx.kernel(name))
    if (long === undefined) return { lanes: takePair(ctx, work) }
    return {
      lanes: takePair(ctx, work, { operation: longOperations[long], operands: args }),
    }
  }
}

/** The same for a kernel that takes long: it has room for results that it found before. */
export function knownPairForm(name: KernelName): InlineForm {
  return (ctx, args) => {
    const work = ctx.workspace()
    ctx.f.get(work).get(ctx.kept(KNOWN_BYTES))
    pushLanes(ctx, args)
    ctx.f.call(ctx.kernel(name))
    return { lanes: takePair(ctx, work) }
  }
}

/** Pushes the bytes of a text as an i64. */
export function pushSize({ f }: InlineContext, text: Value | undefined): void {
  f.get(lane(present(text, 'missing text')))
    .i64(32n)
    .op('i64.shr_u')
}

/** So many bytes, whatever the arguments are. */
export function fixedBytes(count: number): Push {
  return ({ f }) => void f.i64(BigInt(count))
}

/** Pushes an i32 that is not below 0 as an i64; 0 for what is. */
export function pushCount({ f }: InlineContext, count: Value | undefined): void {
  const local = lane(present(count, 'missing count'))
  f.get(local).i32(0).get(local).i32(0).op('i32.gt_s').op('select').op('i64.extend_i32_s')
}
