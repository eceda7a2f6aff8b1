import { QueryError } from '../../base/errors.ts'
import { present } from '../../base/assert.ts'
import { widen } from '../emit-wide.ts'
import { lane } from '../emit.ts'
import { fixedBytes, writerForm, type Push } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { FLOAT_DIGITS } from './shown-numbers.ts'
import {
  parseNumberTemplate,
  type Action,
  type NumberTemplate,
  type TemplateNode,
} from './number-template.ts'

// A program is read by wasm/kernels/assembly/functions/number-templates.ts, step by step.
const LETTERS = 0

/** Steps by what they write. */
const steps: Readonly<Partial<Record<Action, number>>> = {
  nine: 1,
  zero: 2,
  point: 3,
  comma: 4,
  currency: 5,
  minus: 6,
  plus: 7,
  either: 8,
}

/** What writes nothing where it stands. */
const silent: ReadonlySet<Action> = new Set(['blank', 'none', 'fill', 'bracket', 'sign'])

/** What a template has, as bits. */
const bits: Readonly<Partial<Record<Action, number>>> = {
  fill: 1,
  point: 2,
  zero: 4,
  sign: 8,
  bracket: 16,
  plus: 32,
  minus: 64,
}

const signPlaces = { none: 0, before: 1, behind: 2 } as const
const PLACES_MAX = 40
const encoder = new TextEncoder()
/** A step of one place writes a sign, a digit and another sign at most. */
const STEP_BYTES_MAX = 3
/** Digits of a number of 64 bits, or as many as a template has places, and a point. */
const NUMBER_BYTES = 2 * PLACES_MAX + 8

function headOf({
  has,
  pre,
  post,
  zeroStart,
  zeroEnd,
  sign,
  signPlaces: places,
}: NumberTemplate): readonly number[] {
  const isApart = has.has('plus') || has.has('minus')
  const signAt = !isApart && sign === 'before' && pre === places ? 'behind' : sign
  const flags = Object.entries(bits).reduce(
    (sum, [action, bit]) => (has.has(action as Action) ? sum | bit : sum),
    0,
  )
  return [pre, post, flags, zeroStart, zeroEnd, signPlaces[signAt]]
}

function stepOf(node: TemplateNode): readonly number[] | undefined {
  if (node.kind === 'text') {
    const bytes = encoder.encode(node.text)
    return [LETTERS, bytes.length, ...bytes]
  }
  if (silent.has(node.action)) return []
  const step = steps[node.action]
  return step === undefined ? undefined : [step]
}

/** A template as a program; undefined where it is wrong, or has a part that code has no step for. */
export function numberProgram(source: string): Uint8Array | undefined {
  if (source === '') return undefined
  const template = parsed(source)
  if (template === undefined || template.pre > PLACES_MAX || template.post > PLACES_MAX) {
    return undefined
  }
  const walked = template.nodes.map(stepOf)
  return walked.every((step) => step !== undefined)
    ? Uint8Array.from([...headOf(template), ...walked.flat()])
    : undefined
}

/** What is wrong with a template is said once a row is shown by it. */
function parsed(source: string): NumberTemplate | undefined {
  try {
    return parseNumberTemplate(source)
  } catch (error) {
    if (error instanceof QueryError && error.code === 'SYNTAX_ERROR') return undefined
    throw error
  }
}

/** The bytes that a number takes by a program at most. */
export function templateRoom(program: Uint8Array): number {
  return program.length * STEP_BYTES_MAX
}

/** to_char of a number with a literal template. */
export const literalNumberForm: NonNullable<FunctionTraits['literalForm']> = (
  [, template],
  [type],
) => {
  const program = typeof template === 'string' ? numberProgram(template) : undefined
  if (program === undefined) return undefined
  const room = templateRoom(program)
  const isFloat = type?.kind === 'float4' || type?.kind === 'float8'
  const push: Push = (ctx, [number]) => {
    const { f } = ctx
    const value = present(number, 'missing number')
    const { kind } = value.type
    if (kind === 'float4' || kind === 'float8') {
      f.get(lane(value))
      if (kind === 'float4') f.op('f64.promote_f32')
      f.i32(FLOAT_DIGITS[kind])
    } else if (kind === 'numeric') f.get(lane(value)).get(lane(value, 1)).i32(-1)
    else {
      const { low, high } = widen(ctx, value)
      f.get(low).get(high)
      f.i32(kind === 'decimal' ? value.type.scale : 0)
    }
    f.get(ctx.bytes(program)).i32(room)
  }
  return writerForm(
    isFloat ? 'floatTemplate' : 'exactTemplate',
    fixedBytes(room + NUMBER_BYTES),
    push,
  )
}
