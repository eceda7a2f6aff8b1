import { present } from '../../base/assert.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import {
  ELSEWHERE,
  kernelForm,
  orElsewhere,
  pushCount,
  pushLanes,
  pushSize,
  viewForm,
  writerForm,
  type Push,
} from '../kernel-forms.ts'

const pushSame: Push = (ctx, [bits]) => pushSize(ctx, bits)

export const combinations = { and: 0, or: 1, xor: 2 } as const

export function combineForm(operation: keyof typeof combinations): InlineForm {
  return writerForm('bitsCombine', pushSame, (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.i32(combinations[operation])
  })
}

export const complementForm = writerForm('bitsNot', pushSame)

export function shiftForm(isRight: boolean): InlineForm {
  return writerForm('bitsShift', pushSame, ({ f }, [bits, by]) => {
    f.get(lane(present(bits, 'missing bits')))
    f.get(lane(present(by, 'missing count'))).op('i64.extend_i32_s')
    if (isRight) f.i64(-1n).op('i64.mul')
  })
}

export const countForm = kernelForm('bitsCount')
export const withDigitForm = writerForm('bitsWithDigit', pushSame)

export const digitForm: InlineForm = (ctx, args) => {
  pushLanes(ctx, args)
  ctx.f.call(ctx.kernel('bitsDigit'))
  const result = keep(ctx.f, 'i32')
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

/** Bytes that bits take. */
export const octetsForm: InlineForm = ({ f }, [bits]) => {
  f.get(lane(present(bits, 'missing bits')))
    .i64(32n)
    .op('i64.shr_u')
    .op('i32.wrap_i64')
  f.i32(7).op('i32.add').i32(3).op('i32.shr_u')
  return { lanes: [keep(f, 'i32')] }
}

/** As with texts, but that nothing is found in nothing. */
export const positionForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [bits] = args
  pushLanes(ctx, args)
  f.call(ctx.kernel('bytesPosition'))
  f.i32(0)
  f.get(lane(present(bits, 'missing bits')))
    .i64(32n)
    .op('i64.shr_u')
    .op('i64.eqz')
    .op('i32.eqz')
  f.op('select')
  return { lanes: [keep(f, 'i32')] }
}

/** As many digits as the second argument says. */
const pushWanted: Push = (ctx, [, wanted]) => pushCount(ctx, wanted)

export const resizeForm = writerForm('bitsResize', pushWanted)

export const ofNumberForm = writerForm('bitsOfNumber', pushWanted, ({ f }, [number, wanted]) => {
  const source = lane(present(number, 'missing number'))
  f.get(source)
  if (f.typeOf(source) === 'i32') f.op('i64.extend_i32_s')
  f.get(lane(present(wanted, 'missing length')))
})

/** The first digits. */
export const cutForm = viewForm('textLeft')

/** Bits of a value as they are where there are not more than wanted, or exactly so many. */
export function storedForm(isExact: boolean): InlineForm {
  return (ctx, [bits, wanted]) => {
    const { f } = ctx
    const result = f.local('i64')
    const source = lane(present(bits, 'missing bits'))
    f.get(source).set(result)
    f.get(source).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
    f.get(lane(present(wanted, 'missing length'))).op(isExact ? 'i32.ne' : 'i32.gt_s')
    const isWrong = keep(f, 'i32')
    orElsewhere(ctx, result, 1n, isWrong)
    return { lanes: [result] }
  }
}
