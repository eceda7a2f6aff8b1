import { QueryError } from '../../base/errors.ts'
import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { widen } from '../emit-wide.ts'
import { lane } from '../emit.ts'
import { fixedBytes, pushLanes, writerForm, type Push } from '../kernel-forms.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
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
  ordinal: 9,
  smallOrdinal: 10,
}

/** What writes nothing where it stands. */
const silent: ReadonlySet<Action> = new Set(['blank', 'none', 'fill', 'bracket', 'sign', 'shift'])

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
/** Digits of a number of 128 bits, or as many as a template has places, and a point. */
const NUMBER_BYTES = 2 * PLACES_MAX + 8

function headOf({
  has,
  pre,
  post,
  zeroStart,
  zeroEnd,
  sign,
  signPlaces: places,
  multi,
}: NumberTemplate): readonly number[] {
  const isApart = has.has('plus') || has.has('minus')
  const digits = pre + multi
  const signAt = !isApart && sign === 'before' && digits === places ? 'behind' : sign
  const flags = Object.entries(bits).reduce(
    (sum, [action, bit]) => (has.has(action as Action) ? sum | bit : sum),
    0,
  )
  return [digits, post, flags, zeroStart, zeroEnd, signPlaces[signAt], multi]
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

/** A template as a program; undefined where it has a part that code has no step for. */
export function numberProgram(template: NumberTemplate): Uint8Array | undefined {
  if (template.has.has('scientific') || template.has.has('roman')) return undefined
  const walked = template.nodes.map(stepOf)
  return walked.every((step) => step !== undefined)
    ? Uint8Array.from([...headOf(template), ...walked.flat()])
    : undefined
}

// A program of numerals is read by wasm/kernels/assembly/functions/number-words.ts.
const NUMERALS = 1
const FILLED = 1
const SMALL = 2
const NUMERAL_BYTES = 32

/** A template with RN as a program: only letters, separators and numerals are written, up to the sign of SG. */
export function romanProgram({ nodes, has }: NumberTemplate): Uint8Array {
  const program: number[] = []
  const blank = has.has('fill') ? '' : ' '
  const shown: Readonly<Partial<Record<Action, string>>> = {
    currency: ' ',
    comma: blank,
    minus: blank,
    plus: blank,
  }
  for (const node of nodes) {
    const action = node.kind === 'action' ? node.action : undefined
    if (action === 'either') break
    if (action === 'roman' || action === 'smallRoman') {
      const form = (has.has('fill') ? 0 : FILLED) + (action === 'smallRoman' ? SMALL : 0)
      program.push(NUMERALS, form)
      continue
    }
    const letters = node.kind === 'text' ? node.text : (shown[node.action] ?? '')
    const bytes = encoder.encode(letters)
    program.push(LETTERS, bytes.length, ...bytes)
  }
  return Uint8Array.from(program)
}

/** The template, if it is right and kernels have room for its places. */
export function readTemplate(source: string): NumberTemplate | undefined {
  if (source === '') return undefined
  const template = parsed(source)
  if (template === undefined) return undefined
  return template.pre + template.multi > PLACES_MAX || template.post > PLACES_MAX
    ? undefined
    : template
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
  [, source],
  [type],
) => {
  const template = typeof source === 'string' ? readTemplate(source) : undefined
  if (template === undefined) return undefined
  const isFloat = type?.kind === 'float4' || type?.kind === 'float8'
  if (template.has.has('scientific')) return scientificForm(template, type)
  if (template.has.has('roman')) return romanForm(template, isFloat)
  const program = numberProgram(template)
  if (program === undefined) return undefined
  const room = templateRoom(program)
  const push: Push = (ctx, [number]) => {
    const value = present(number, 'missing number')
    const { kind } = value.type
    pushNumber(ctx, value)
    if (kind === 'float4' || kind === 'float8') ctx.f.i32(FLOAT_DIGITS[kind])
    ctx.f.get(ctx.bytes(program)).i32(room)
  }
  const pushBytes: Push = (ctx, [number]) => {
    const value = present(number, 'missing number')
    fixedBytes(room + NUMBER_BYTES)(ctx, [])
    // All digits of an exact number, before they are rounded.
    if (value.type.kind === 'numeric') {
      pushLanes(ctx, [value])
      ctx.f.call(ctx.kernel('numericTextBytes')).op('i64.extend_i32_u').op('i64.add')
    }
  }
  return writerForm(isFloat ? 'floatTemplate' : 'exactTemplate', pushBytes, push)
}

/** Pushes a float, or 128 bits and how many of their digits are behind the point: -1 for a numeric, which says it. */
function pushNumber(ctx: InlineContext, value: Value): void {
  const { f } = ctx
  const { kind } = value.type
  if (kind === 'float4' || kind === 'float8') {
    f.get(lane(value))
    if (kind === 'float4') f.op('f64.promote_f32')
  } else if (kind === 'numeric') f.get(lane(value)).get(lane(value, 1)).i32(-1)
  else {
    const { low, high } = widen(ctx, value)
    f.get(low).get(high)
    f.i32(kind === 'decimal' ? value.type.scale : 0)
  }
}

/** How halves are rounded: an int4 is a float on its way. */
const AWAY_FROM_ZERO = 0
const TO_EVEN = 1
const EXPONENT_BYTES = 2 * PLACES_MAX

function scientificForm({ post }: NumberTemplate, type: DataType | undefined): InlineForm {
  const isFloat = type?.kind === 'float4' || type?.kind === 'float8'
  const halves = type?.kind === 'int2' || type?.kind === 'int4' ? TO_EVEN : AWAY_FROM_ZERO
  const push: Push = (ctx, [number]) => {
    pushNumber(ctx, present(number, 'missing number'))
    ctx.f.i32(post)
    if (!isFloat) ctx.f.i32(halves)
  }
  return writerForm(
    isFloat ? 'floatScientific' : 'exactScientific',
    fixedBytes(EXPONENT_BYTES),
    push,
  )
}

function romanForm(template: NumberTemplate, isFloat: boolean): InlineForm {
  const program = romanProgram(template)
  const bytesMax = program.length * NUMERAL_BYTES
  return writerForm(
    isFloat ? 'floatRoman' : 'exactRoman',
    fixedBytes(bytesMax),
    (ctx, [number]) => {
      pushNumber(ctx, present(number, 'missing number'))
      ctx.f.get(ctx.bytes(program))
    },
  )
}
