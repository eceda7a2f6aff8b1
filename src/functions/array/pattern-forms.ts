import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { elementType } from '../array-elements.ts'
import { lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { orElsewhere, PAST_BYTES } from '../kernel-forms.ts'
import type { LikeOptions } from '../text/like-inline.ts'
import { pushIsNull } from './cells.ts'

/* LIKE ANY and ALL with the patterns of a row's array: wasm/kernels/assembly/functions/array-likes.ts. */

/** What the kernel answers for what it leaves to TypeScript, and for NULL. */
const LEFT_OUT = -1n
const UNKNOWN = 2
/** Longer arrays are left to TypeScript. */
const ARRAY_BYTES_MAX = 65_536n

/** A text that is like any or all of the patterns, or unlike them. */
export function likesForm(
  { negated, caseless }: LikeOptions,
  quantifier: 'any' | 'all',
): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [text, patterns] = [present(args[0], 'missing text'), present(args[1], 'missing array')]
    const [answer, target, view] = [f.local('i32'), f.local('i32'), f.local('i64')]
    f.get(lane(patterns))
    if (patterns.valid !== undefined) f.i64(0n).get(patterns.valid).op('select')
    f.set(view)
    const pushLikes = (): void => {
      f.get(lane(text))
      pushIsNull(ctx, text)
      f.get(view)
        .i32(negated ? 1 : 0)
        .i32(quantifier === 'any' ? 1 : 0)
      if (caseless) f.get(target)
      else f.i32(0)
      f.call(ctx.kernel('arrayLikes')).set(answer)
    }
    if (caseless) {
      f.i32(Number(LEFT_OUT)).set(answer)
      f.get(view).i64(32n).op('i64.shr_u').i64(ARRAY_BYTES_MAX).op('i64.le_u').if()
      // A letter may take half as many bytes again in lower case.
      f.get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
      f.i32(3).op('i32.mul').i32(1).op('i32.shr_u').i32(PAST_BYTES).op('i32.add')
      ctx.allocateText()
      f.set(target)
      pushLikes()
      // No bytes at the target are kept.
      f.get(target).op('i64.extend_i32_u').set(view)
      ctx.settleText(target, view)
      f.end()
    } else pushLikes()
    const [result, valid] = [f.local('i32'), f.local('i32')]
    f.get(answer).i32(1).op('i32.eq').set(result)
    f.get(answer).i32(UNKNOWN).op('i32.ne').set(valid)
    orElsewhere(ctx, result, LEFT_OUT, answer, valid)
    return { lanes: [result], valid }
  }
}

export const likesTexts = ([text, patterns]: readonly DataType[]): boolean =>
  text?.kind === 'text' && elementType(patterns).kind === 'text'
