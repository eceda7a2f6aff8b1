import { present } from '../../base/assert.ts'
import { rangeSubtypes, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { ELSEWHERE, orElsewhere, written } from '../kernel-forms.ts'
import { rangeNameOf } from '../range-places.ts'

/** Bytes of a bound's value in a key, where these are as many for all values. */
const widths: Readonly<Partial<Record<TypeKind, 4 | 8>>> = {
  int4: 4,
  int8: 8,
  date: 4,
  timestamp: 8,
  timestamptz: 8,
}

/** As in wasm/kernels/assembly/functions/ranges.ts. */
export const rangeTests = {
  contains: 0,
  overlap: 1,
  before: 2,
  endsWithin: 3,
  beginsWithin: 4,
  touch: 5,
} as const
export const rangeTraits = {
  isEmpty: 1,
  lowerIsWithin: 2,
  upperIsWithin: 4,
  lowerIsInfinite: 8,
  upperIsInfinite: 16,
} as const
const RANGE_BYTES_MAX = 80n

function widthOf(types: readonly DataType[]): 4 | 8 | undefined {
  const of = types.map(rangeNameOf).find((name) => name !== undefined)
  return of && widths[rangeSubtypes[of].kind]
}

/** Whether kernels know ranges of these types: no sets of them, and no numerics. */
export function haveKernels(types: readonly DataType[]): boolean {
  return types.every(({ kind }) => kind !== 'multirange') && widthOf(types) !== undefined
}

function pushWidth({ f }: InlineContext, args: readonly Value[]): void {
  f.i32(present(widthOf(args.map(({ type }) => type)), 'width of bounds'))
}

function pushLong({ f }: InlineContext, value: Value): void {
  f.get(lane(value))
  if (f.typeOf(lane(value)) === 'i32') f.op('i64.extend_i32_s')
}

/** A test of two ranges, or, for `contains`, of a range and a value. */
export function testForm(test: keyof typeof rangeTests, isSwapped = false): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [left, right] = (isSwapped ? args.toReversed() : args) as readonly [Value, Value]
    f.get(lane(left))
    if (right.type.kind === 'range') {
      f.get(lane(right))
      pushWidth(ctx, args)
      f.i32(rangeTests[test]).call(ctx.kernel('rangesTest'))
    } else {
      pushLong(ctx, right)
      pushWidth(ctx, args)
      f.call(ctx.kernel('rangeContains'))
    }
    return { lanes: [keep(f, 'i32')] }
  }
}

function pushTraits(ctx: InlineContext, args: readonly Value[], wanted: number): void {
  ctx.f.get(lane(present(args[0], 'missing range')))
  pushWidth(ctx, args)
  ctx.f.call(ctx.kernel('rangeTraits')).i32(wanted).op('i32.and')
}

export function traitForm(trait: keyof typeof rangeTraits): InlineForm {
  return (ctx, args) => {
    pushTraits(ctx, args, rangeTraits[trait])
    ctx.f.i32(0).op('i32.ne')
    return { lanes: [keep(ctx.f, 'i32')] }
  }
}

/** A bound, which is NULL where there is none. */
export function boundForm(which: 'lower' | 'upper'): InlineForm {
  return (ctx, args, result) => {
    const { f } = ctx
    const { isEmpty, lowerIsInfinite, upperIsInfinite } = rangeTraits
    pushTraits(ctx, args, isEmpty | (which === 'lower' ? lowerIsInfinite : upperIsInfinite))
    f.op('i32.eqz')
    const valid = keep(f, 'i32')
    f.get(lane(present(args[0], 'missing range'))).i32(which === 'upper' ? 1 : 0)
    pushWidth(ctx, args)
    f.call(ctx.kernel('rangeBound'))
    const isNarrow = widths[result.kind] === 4
    if (isNarrow) f.op('i32.wrap_i64')
    return { lanes: [keep(f, isNarrow ? 'i32' : 'i64')], valid }
  }
}

/** The range from an integer up to another, either of which may be NULL. */
export const madeForm: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  const push = (): void => {
    for (const value of args) {
      pushLong(ctx, value)
      if (value.valid === undefined) f.i32(1)
      else f.get(value.valid)
    }
    f.i32(present(widthOf([result]), 'width of bounds'))
  }
  const made = written(ctx, 'rangeOfIntegers', args, () => f.i64(RANGE_BYTES_MAX), push)
  orElsewhere(ctx, made, ELSEWHERE)
  return { lanes: [made] }
}
