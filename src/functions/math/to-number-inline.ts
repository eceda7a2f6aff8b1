import { present } from '../../base/assert.ts'
import { keep, lane } from '../emit.ts'
import { UNREAD } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { parseNumberTemplate, type Action } from './number-template.ts'

// A program is read by wasm/kernels/assembly/functions/templates.ts, step by step.
const END = 0
const steps: Readonly<Partial<Record<Action, number>>> = { nine: 1, zero: 1, point: 2, comma: 3 }
const PLACES_MAX = 255

/** A template as a program; undefined where it has more than places, a point and commas. */
export function numberReadingProgram(pattern: string): Uint8Array | undefined {
  const { nodes, pre, post, has } = parseNumberTemplate(pattern)
  const program = nodes.map((node) => (node.kind === 'action' ? steps[node.action] : undefined))
  const isRead = program.every((step) => step !== undefined)
  if (!isRead || program.length === 0 || Math.max(pre, post) > PLACES_MAX) return undefined
  return Uint8Array.from([pre, post, has.has('point') ? 1 : 0, ...program, END])
}

/** to_number with a literal template. */
export const literalNumberForm: NonNullable<FunctionTraits['literalForm']> = ([, pattern]) => {
  const program = typeof pattern === 'string' ? numberReadingProgram(pattern) : undefined
  if (program === undefined) return undefined
  return (ctx, [text]) => {
    const { f } = ctx
    f.get(lane(present(text, 'missing text'))).get(ctx.bytes(program))
    f.call(ctx.kernel('numberOfTemplate'))
    const read = keep(f, 'i64')
    // A slot of a numeric has 120 bits of digits, and behind them the places.
    f.get(read).i64(8n).op('i64.shr_s')
    const low = keep(f, 'i64')
    f.get(low).i64(63n).op('i64.shr_s').i64(8n).op('i64.shr_u')
    f.get(read).i64(56n).op('i64.shl').op('i64.or')
    const high = keep(f, 'i64')
    f.get(read).i64(UNREAD).op('i64.eq').if()
    f.i64(0n).set(low).i64(0n).set(high)
    ctx.elsewhere([low, high])
    f.end()
    return { lanes: [low, high] }
  }
}
