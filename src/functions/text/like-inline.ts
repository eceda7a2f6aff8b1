import { present } from '../../base/assert.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { ELSEWHERE, orElsewhere, written } from '../kernel-forms.ts'
import { pushLetters } from './inline.ts'

/** The escape character where none is said. */
export const BACKSLASH = '\\'
/** What kernels answer besides 1 and 0, see wasm/kernels/assembly/functions/like.ts. */
const ESCAPE_AT_END = 2
/** What `likeEscape` answers for a text that is no character. */
const NO_CHARACTER = -2

export interface LikeOptions {
  readonly negated: boolean
  readonly caseless: boolean
}

/** LIKE and its kind; their arguments are the text, the pattern, and the escape character where one is said. */
export function likeForm({ negated, caseless }: LikeOptions): InlineForm {
  return (ctx, args) => {
    const pattern = present(args[1], 'missing pattern')
    const wanted = caseless ? written(ctx, 'textLower', [pattern], pushLetters) : lane(pattern)
    return matchedForm(ctx, args, wanted, { negated, caseless })
  }
}

/** The same with a pattern that is in lower case where case does not matter. */
export function matchedForm(
  ctx: InlineContext,
  args: readonly Value[],
  pattern: Local,
  { negated, caseless }: LikeOptions,
): ReturnType<InlineForm> {
  const { f } = ctx
  const [text, , escape] = args
  f.get(lane(present(text, 'missing text'))).get(pattern)
  if (escape === undefined) f.i32(BACKSLASH.charCodeAt(0))
  else {
    f.get(lane(escape)).call(ctx.kernel('likeEscape'))
    if (caseless) withoutCase(ctx)
  }
  f.call(ctx.kernel(caseless ? 'textLikeFolded' : 'textLike'))
  const outcome = keep(f, 'i32')
  f.get(outcome).i32(ESCAPE_AT_END).op('i32.eq')
  raiseIf(ctx, 'escape-at-end')
  f.get(outcome)
    .i32(1)
    .op(negated ? 'i32.ne' : 'i32.eq')
  const result = keep(f, 'i32')
  orElsewhere(ctx, result, ELSEWHERE, outcome)
  return { lanes: [result] }
}

/** Pops an escape character; where it may have a case, which the pattern has no more, it becomes one that kernels leave out. */
function withoutCase({ f }: InlineContext): void {
  const code = keep(f, 'i32')
  f.i32(NO_CHARACTER).get(code)
  f.get(code).i32(32).op('i32.or').i32(97).op('i32.sub').i32(26).op('i32.lt_u')
  f.get(code).i32(127).op('i32.gt_s').op('i32.or').op('select')
}
