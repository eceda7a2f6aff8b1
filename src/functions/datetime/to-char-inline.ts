import { present } from '../../base/assert.ts'
import { lane } from '../emit.ts'
import { fixedBytes, writerForm } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { templateParts, type FieldPart, type Suffix, type TemplatePart } from './to-char.ts'

// A program is read by wasm/kernels/assembly/functions/moments.ts, step by step.
const LETTERS = 0
const NUMBER = 1
const NAME = 2
const HALF_OF_DAY = 3
const ROMAN = 4

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
  SSSS: [20, 1],
  SSSSS: [20, 1],
  J: [21, 1],
  CC: [22, 2],
  IYY: [23, 3],
  IY: [24, 2],
  I: [25, 1],
  IDDD: [26, 3],
  FF1: [27, 1],
  FF2: [28, 2],
  FF3: [29, 3],
  FF4: [30, 4],
  FF5: [31, 5],
  FF6: [32, 6],
}

/** The numbers that an interval has, and those that are wider by one character with a sign. */
const ofIntervals = new Set(
  (
    'HH24 HH12 HH MI SS MS US YYYY YYY YY Y MM DD DDD WW W SSSS SSSSS CC FF1 FF2 FF3 FF4 FF5 FF6 ' +
    'Q J IW IYYY IYY IY I IDDD'
  ).split(' '),
)
const growing = new Set('HH24 HH12 HH MI SS YYYY YYY YY IYYY IYY IY MM CC'.split(' '))
const GROWS = 128

const suffixes: Readonly<Record<Suffix, number>> = { '': 0, SP: 0, TH: 1, th: 2 }

/** Those that FM leaves as they are. */
const unchanged: ReadonlySet<string> = new Set('MS US FF1 FF2 FF3 FF4 FF5 FF6'.split(' '))

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

/** AM and PM: 1 for small letters, 2 more with points. */
const halves: Readonly<Record<string, number>> = {
  AM: 0,
  PM: 0,
  am: 1,
  pm: 1,
  'A.M.': 2,
  'P.M.': 2,
  'a.m.': 3,
  'p.m.': 3,
}

const romans: Readonly<Record<string, number>> = { RM: upper, rm: lower }

/** What is the same for all moments that kernels show, which are of years after Christ. */
const constants: Readonly<Record<string, string>> = {
  BC: 'AD',
  AD: 'AD',
  bc: 'ad',
  ad: 'ad',
  'B.C.': 'A.D.',
  'A.D.': 'A.D.',
  'b.c.': 'a.d.',
  'a.d.': 'a.d.',
  TZH: '+00',
  TZM: '00',
  tzh: '+00',
  tzm: '00',
}

/** Thousands of years, and the number of what is behind them. */
const THOUSANDS = 33
const BEHIND_THOUSANDS = 7

const encoder = new TextEncoder()
/** Bytes of letters in one step, and of a field's text. */
const LETTERS_MAX = 255
const FIELD_BYTES_MAX = 9

/** Whose moments a template shows: the name of a timestamp's zone, or none of an interval. */
type Shown = 'interval' | { readonly zone: string }

/** The step of a part; undefined where code has none. */
function stepOf(part: TemplatePart, of: Shown): readonly number[] | undefined {
  if (part.kind === 'letters') return lettersStep(part.letters)
  const { name, fill, suffix } = part
  if (name === 'FX') return []
  const number = of === 'interval' && !ofIntervals.has(name) ? undefined : numbers[name]
  if (number !== undefined) {
    const digits = fill || unchanged.has(name) ? number[1] : 1
    const grows = of === 'interval' && fill && growing.has(name)
    return [NUMBER, number[0], grows ? digits + GROWS : digits, suffixes[suffix]]
  }
  if (name === 'Y,YYY') {
    const [comma, rest] = [lettersStep(','), [NUMBER, BEHIND_THOUSANDS, 3, suffixes[suffix]]]
    return comma && [NUMBER, THOUSANDS, 1, 0, ...comma, ...rest]
  }
  const half = halves[name]
  if (half !== undefined) return [HALF_OF_DAY, half]
  const roman = romans[name]
  if (roman !== undefined) return [ROMAN, roman, fill ? 1 : 0]
  return of === 'interval' ? undefined : momentStep(part, of.zone)
}

/** The step of what an interval has nothing of. */
function momentStep({ name, fill }: FieldPart, zone: string): readonly number[] | undefined {
  const constant = constants[name]
  if (constant !== undefined) return lettersStep(constant)
  if (name === 'TZ') return lettersStep(zone)
  if (name === 'tz') return lettersStep(zone.toLowerCase())
  if (name === 'OF') return lettersStep(fill ? '+00' : '+0')
  const named = names[name]
  return named === undefined ? undefined : [NAME, ...named, fill ? 1 : 0]
}

function lettersStep(letters: string): readonly number[] | undefined {
  const bytes = encoder.encode(letters)
  return bytes.length > LETTERS_MAX ? undefined : [LETTERS, bytes.length, ...bytes]
}

/** A template as a program; undefined where it has a part that code has no step for. */
export function momentProgram(template: string, of: Shown): Uint8Array | undefined {
  const steps = templateParts(template).map((part) => stepOf(part, of))
  return steps.every((step) => step !== undefined) ? Uint8Array.from(steps.flat()) : undefined
}

/** to_char of a timestamp with a literal template. */
export const literalMomentForm: NonNullable<FunctionTraits['literalForm']> = (
  [, template],
  [type],
) => {
  const zone = type?.kind === 'timestamptz' ? 'UTC' : ''
  const program = typeof template === 'string' ? momentProgram(template, { zone }) : undefined
  // No template at all gives NULL.
  if (program === undefined || program.length === 0) return undefined
  // Each step has two bytes at least.
  const bytesMax = program.length * FIELD_BYTES_MAX
  return writerForm('momentText', fixedBytes(bytesMax), (ctx, [micros]) => {
    ctx.f.get(lane(present(micros, 'missing timestamp'))).get(ctx.bytes(program))
  })
}

/** Bytes of a number of 64 bits. */
const WIDE_FIELD_BYTES = 24

/** to_char of an interval with a literal template of what intervals have. */
export const literalIntervalForm: NonNullable<FunctionTraits['literalForm']> = ([, template]) => {
  const program = typeof template === 'string' ? momentProgram(template, 'interval') : undefined
  if (program === undefined || program.length === 0) return undefined
  const bytesMax = program.length * WIDE_FIELD_BYTES
  return writerForm('intervalTemplate', fixedBytes(bytesMax), (ctx, [span]) => {
    for (const local of present(span, 'missing interval').lanes) ctx.f.get(local)
    ctx.f.get(ctx.bytes(program))
  })
}
