import { present } from '../../base/assert.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, Value } from '../inline.ts'
import { orElsewhere, UNREAD } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { templateParts, type TemplatePart } from './to-char.ts'

// A program is read by wasm/kernels/assembly/functions/templates.ts, step by step.
const END = 0
const LETTER = 1
const fields: Readonly<Record<string, number>> = {
  YYYY: 2,
  MM: 3,
  DD: 4,
  HH24: 5,
  MI: 6,
  SS: 7,
  MS: 8,
  US: 9,
  MON: 10,
}
/** Numbers of as many digits always: of fewer the rest is not zeros before them. */
const whole: ReadonlySet<string> = new Set(['YYYY', 'MS', 'US'])

/** Letters that stand for one another, see template-fields.ts. */
const gap = /[ !-/:-@[-`{-~]/

/** A template as a program; undefined where it has a part that code has no step for, or one twice. */
export function readingProgram(template: string): Uint8Array | undefined {
  const parts = templateParts(template)
  const steps: number[] = []
  const seen = new Set<string>()
  for (const [at, part] of parts.entries()) {
    if (part.kind === 'letters') {
      // Where a text begins, blanks are passed over.
      if (at === 0 || !/^[ -~]*$/.test(part.letters)) return undefined
      for (const letter of part.letters) steps.push(LETTER, letter.charCodeAt(0))
      continue
    }
    const name = part.name.toUpperCase()
    const step = fields[name]
    const isPlain = part.fill && part.suffix === ''
    if (step === undefined || !isPlain || seen.has(name)) return undefined
    seen.add(name)
    steps.push(step, !whole.has(name) && isOpen(parts[at + 1]) ? 1 : 0)
  }
  const hasMonth = seen.has('MM') && seen.has('MON')
  return !seen.has('YYYY') || hasMonth ? undefined : Uint8Array.from([...steps, END])
}

/** Whether a number may have fewer digits before a part of the template, or before its end. */
function isOpen(next: TemplatePart | undefined): boolean {
  if (next === undefined) return true
  return next.kind === 'letters' && next.isQuoted !== true && gap.test(next.letters.slice(0, 1))
}

type LiteralForm = NonNullable<FunctionTraits['literalForm']>

function momentForm(result: (ctx: InlineContext, micros: Local) => Local): LiteralForm {
  return ([, template]) => {
    const program = typeof template === 'string' ? readingProgram(template) : undefined
    if (program === undefined) return undefined
    return (ctx, [text]: readonly Value[]) => {
      const { f } = ctx
      f.get(lane(present(text, 'missing text'))).get(ctx.bytes(program))
      f.call(ctx.kernel('momentOfTemplate'))
      const micros = keep(f, 'i64')
      const made = result(ctx, micros)
      orElsewhere(ctx, made, UNREAD, micros)
      return { lanes: [made] }
    }
  }
}

/** to_timestamp by the clock of UTC. */
export const literalTimestampForm: LiteralForm = momentForm(({ f }, micros) => {
  f.get(micros)
  return keep(f, 'i64')
})

/** to_date. */
export const literalDateForm: LiteralForm = momentForm((ctx, micros) => {
  const { f } = ctx
  f.get(micros).call(ctx.kernel('timestampDate'))
  return keep(f, 'i32')
})
