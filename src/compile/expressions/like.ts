import { present } from '../../base/assert.ts'
import { keep, lane } from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import type { Call } from '../../plan/logical/expression.ts'

interface PatternShape {
  readonly kernel: 'text_equal' | 'text_starts_with' | 'text_ends_with' | 'contains'
  /** Wildcards to cut off at the start and in all. */
  readonly skip: number
  readonly cut: number
}

/**
 * Whether a call is LIKE or NOT LIKE with a literal pattern that amounts to a comparison, a prefix, a
 * suffix or a substring search.
 */
export function isTextPattern(expr: Call): boolean {
  return shapeOf(expr) !== undefined
}

/** The wasm form of such a call; the needle is a part of the pattern's own bytes. */
export function compileTextPattern(
  ctx: InlineContext,
  expr: Call,
  args: readonly Value[],
): ReturnType<InlineForm> {
  const { f } = ctx
  const { kernel, skip, cut } = present(shapeOf(expr), 'pattern without a fast form')
  f.get(lane(present(args[0], 'missing text')))
  f.get(lane(present(args[1], 'missing pattern')))
  // A view has its byte length in the high word, its address in the low one.
  if (cut > 0) f.i64((BigInt(cut) << 32n) - BigInt(skip)).op('i64.sub')
  if (kernel === 'contains') {
    f.i32(0).call(ctx.kernel('text_find'))
    f.i32(0).op('i32.ge_s')
  } else f.call(ctx.kernel(kernel))
  if (negative.has(expr.fn)) f.op('i32.eqz')
  return { lanes: [keep(f, 'i32')] }
}

const positive = new Set(['like(text,text)', '~~(text,text)'])
const negative = new Set(['not_like(text,text)', '!~~(text,text)'])

function shapeOf(expr: Call): PatternShape | undefined {
  if (!positive.has(expr.fn) && !negative.has(expr.fn)) return undefined
  const pattern = expr.args[1]
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return undefined
  const { value } = pattern
  const inner = value.replace(/^%/, '').replace(/%$/, '')
  if (/[%_\\]/.test(inner)) return undefined
  if (value === inner) return { kernel: 'text_equal', skip: 0, cut: 0 }
  if (value.length === inner.length + 2) return { kernel: 'contains', skip: 1, cut: 2 }
  if (value.startsWith('%')) return { kernel: 'text_ends_with', skip: 1, cut: 1 }
  return { kernel: 'text_starts_with', skip: 0, cut: 1 }
}
