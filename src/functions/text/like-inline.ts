import { present } from '../../base/assert.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import type { FunctionTraits } from '../traits.ts'

interface PatternShape {
  readonly kernel: 'textEqual' | 'textStartsWith' | 'textEndsWith' | 'contains'
  /** Wildcards to cut off at the start and in all. */
  readonly skip: number
  readonly cut: number
}

/**
 * LIKE and NOT LIKE with a literal pattern that amounts to a comparison, a prefix, a suffix or a substring
 * search; the needle is a part of the pattern's own bytes.
 */
export function literalLikeForm(negated: boolean): NonNullable<FunctionTraits['literalForm']> {
  return ([, pattern]) => {
    const shape = shapeOf(pattern)
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

function shapeOf(pattern: Scalar | undefined): PatternShape | undefined {
  if (typeof pattern !== 'string') return undefined
  const inner = pattern.replace(/^%/, '').replace(/%$/, '')
  if (/[%_\\]/.test(inner)) return undefined
  if (pattern === inner) return { kernel: 'textEqual', skip: 0, cut: 0 }
  if (pattern.length === inner.length + 2) return { kernel: 'contains', skip: 1, cut: 2 }
  if (pattern.startsWith('%')) return { kernel: 'textEndsWith', skip: 1, cut: 1 }
  return { kernel: 'textStartsWith', skip: 0, cut: 1 }
}
