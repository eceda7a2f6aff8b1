import { present } from '../../base/assert.ts'
import { lane } from '../emit.ts'
import { fixedBytes, writerForm } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { templateParts, type TemplatePart } from './to-char.ts'

// A program is read by wasm/kernels/assembly/functions/moments.ts, step by step.
const LETTERS = 0
const NUMBER = 1
const NAME = 2
const HALF_OF_DAY = 3

const upper = 0
const capital = 1
const lower = 2

/** Numbers: which one, and the digits that it is filled up to. */
const numbers: Readonly<Record<string, readonly [field: number, digits: number]>> = {
  HH24: [0, 2],
  HH12: [1, 2],
  HH: [1, 2],
  MI: [2, 2],
  SS: [3, 2],
  MS: [4, 3],
  US: [5, 6],
  YYYY: [6, 4],
  YYY: [7, 3],
  YY: [8, 2],
  Y: [9, 1],
  MM: [10, 2],
  DD: [11, 2],
  DDD: [12, 3],
  D: [13, 1],
  ID: [14, 1],
  IW: [15, 2],
  IYYY: [16, 4],
  WW: [17, 2],
  W: [18, 1],
  Q: [19, 1],
}

/** Names: of months (0) or days (1), how many letters, and how these are written. */
const names: Readonly<Record<string, readonly [which: number, letters: number, form: number]>> = {
  MONTH: [0, 9, upper],
  Month: [0, 9, capital],
  month: [0, 9, lower],
  MON: [0, 3, upper],
  Mon: [0, 3, capital],
  mon: [0, 3, lower],
  DAY: [1, 9, upper],
  Day: [1, 9, capital],
  day: [1, 9, lower],
  DY: [1, 3, upper],
  Dy: [1, 3, capital],
  dy: [1, 3, lower],
}

/** AM and PM, by whether they are small letters. */
const halves: Readonly<Record<string, number>> = { AM: 0, PM: 0, am: 1, pm: 1 }

const encoder = new TextEncoder()
/** Bytes of letters in one step, and of a field's text. */
const LETTERS_MAX = 255
const FIELD_BYTES_MAX = 9

/** The step of a part; undefined where code has none. */
function stepOf(part: TemplatePart): readonly number[] | undefined {
  if (part.kind === 'refused') return undefined
  if (part.kind === 'letters') {
    const bytes = encoder.encode(part.letters)
    return bytes.length > LETTERS_MAX ? undefined : [LETTERS, bytes.length, ...bytes]
  }
  const { name, fill, suffix } = part
  if (suffix !== '') return undefined
  const number = numbers[name]
  if (number !== undefined) return [NUMBER, number[0], fill ? number[1] : 1]
  const named = names[name]
  if (named !== undefined) return [NAME, ...named, fill ? 1 : 0]
  const half = halves[name]
  return half === undefined ? undefined : [HALF_OF_DAY, half]
}

/** A template as a program; undefined where it has a part that code has no step for. */
export function momentProgram(template: string): Uint8Array | undefined {
  const steps = templateParts(template).map(stepOf)
  return steps.every((step) => step !== undefined) ? Uint8Array.from(steps.flat()) : undefined
}

/** to_char of a timestamp with a literal template of the usual fields. */
export const literalMomentForm: NonNullable<FunctionTraits['literalForm']> = ([, template]) => {
  const program = typeof template === 'string' ? momentProgram(template) : undefined
  // No template at all gives NULL.
  if (program === undefined || program.length === 0) return undefined
  // Each step has two bytes at least.
  const bytesMax = program.length * FIELD_BYTES_MAX
  return writerForm('momentText', fixedBytes(bytesMax), (ctx, [micros]) => {
    ctx.f.get(lane(present(micros, 'missing timestamp'))).get(ctx.bytes(program))
  })
}
