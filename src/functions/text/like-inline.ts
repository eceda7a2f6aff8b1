import { present } from '../../base/assert.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { ELSEWHERE, orElsewhere, written } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { pushLetters } from './inline.ts'
import { lowerText } from './letters.ts'

/** The escape character where none is said. */
const BACKSLASH = '\\'
/** What kernels answer besides 1 and 0, see wasm/kernels/assembly/functions/like.ts. */
const ESCAPE_AT_END = 2

export interface LikeOptions {
  readonly negated: boolean
  readonly caseless: boolean
}

/** LIKE and its kind; their arguments are the text, the pattern, and the escape character where one is said. */
export function likeForm({ negated, caseless }: LikeOptions): InlineForm {
  return (ctx, args) => {
    const pattern = present(args[1], 'missing pattern')
    const wanted = caseless ? written(ctx, 'textLower', [pattern], pushLetters) : lane(pattern)
    return matched(ctx, args, wanted, { negated, caseless })
  }
}

function matched(
  ctx: InlineContext,
  args: readonly Value[],
  pattern: Local,
  { negated, caseless }: LikeOptions,
): ReturnType<InlineForm> {
  const { f } = ctx
  const [text, , escape] = args
  f.get(lane(present(text, 'missing text'))).get(pattern)
  if (escape === undefined) f.i32(BACKSLASH.charCodeAt(0))
  else f.get(lane(escape)).call(ctx.kernel('likeEscape'))
  f.call(ctx.kernel(caseless ? 'textLikeFolded' : 'textLike'))
  const outcome = keep(f, 'i32')
  f.get(outcome).i32(ESCAPE_AT_END).op('i32.eq')
  raiseIf(ctx, 'escape-at-end')
  f.get(outcome)
    .i32(1)
    .op(negated ? 'i32.ne' : 'i32.eq')
  const result = keep(f, 'i32')
  orElsewhere(ctx, args, result, ELSEWHERE, outcome)
  return { lanes: [result] }
}

interface PatternShape {
  readonly kernel: 'textEqual' | 'textStartsWith' | 'textEndsWith' | 'contains'
  /** Wildcards to cut off at the start and in all. */
  readonly skip: number
  readonly cut: number
}

/**
 * With a literal pattern: what amounts to a comparison, a prefix, a suffix or a substring search, whose needle is
 * a part of the pattern's own bytes, and a pattern that is in lower case already.
 */
export function literalLikeForm({
  negated,
  caseless,
}: LikeOptions): NonNullable<FunctionTraits['literalForm']> {
  return (constants) => {
    const [, pattern] = constants
    if (typeof pattern !== 'string') return undefined
    if (caseless) {
      const lower = new TextEncoder().encode(lowerText(pattern))
      return (ctx, args) => matched(ctx, args, ctx.bytes(lower), { negated, caseless })
    }
    const escape = constants.length > 2 ? constants[2] : BACKSLASH
    const shape = shapeOf(pattern, escape)
    return shape && patternForm(shape, negated)
  }
}

function patternForm({ kernel, skip, cut }: PatternShape, negated: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    f.get(lane(present(args[0], 'missing text')))
    f.get(lane(present(args[1], 'missing pattern')))
    // A view has its byte length in the high word, its address in the low one.
    if (cut > 0) f.i64((BigInt(cut) << 32n) - BigInt(skip)).op('i64.sub')
    if (kernel === 'contains') {
      f.i32(0).call(ctx.kernel('textFind'))
      f.i32(0).op('i32.ge_s')
    } else f.call(ctx.kernel(kernel))
    if (negated) f.op('i32.eqz')
    return { lanes: [keep(f, 'i32')] }
  }
}

function shapeOf(pattern: string, escape: Scalar | undefined): PatternShape | undefined {
  if (typeof escape !== 'string' || escape === '%' || [...escape].length > 1) return undefined
  const inner = pattern.replace(/^%/, '').replace(/%$/, '')
  if (/[%_]/.test(inner) || (escape !== '' && inner.includes(escape))) return undefined
  if (pattern === inner) return { kernel: 'textEqual', skip: 0, cut: 0 }
  if (pattern.length === inner.length + 2) return { kernel: 'contains', skip: 1, cut: 2 }
  if (pattern.startsWith('%')) return { kernel: 'textEndsWith', skip: 1, cut: 1 }
  return { kernel: 'textStartsWith', skip: 0, cut: 1 }
}
