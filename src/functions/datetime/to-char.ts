import { spend } from '../../base/budget.ts'
import {
  civilFromDays,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  splitMicros,
} from '../../data/types/calendar.ts'
import { TextBuilder } from '../text/characters.ts'
import { dayOfYear, displayYear, isoWeek, weekday } from './fields.ts'

const monthNames =
  'January February March April May June July August September October November December'.split(' ')
const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const romans = 'I II III IV V VI VII VIII IX X XI XII'.split(' ')

interface Moment {
  readonly days: number
  readonly micros: bigint
  readonly zone: ShownZone
}

/** What a template tells of a zone. */
export interface ShownZone {
  /** None for a timestamp without one. */
  readonly name: string
  /** East of Greenwich, in seconds. */
  readonly offset: number
}

export const noZone: ShownZone = { name: '', offset: 0 }

/** A field: its text, and the width that it is padded to with zeros or spaces unless FM is given. */
interface Shown {
  readonly text: string
  readonly width: number
  readonly padding: '0' | ' '
  /** The whole text where FM is not given, if it is another one than padding gives. */
  readonly filled?: string
}

const number = (value: number | bigint, width: number): Shown => ({
  text: String(value),
  width,
  padding: '0',
})

/** Digits that are never filled up nor cut off. */
const digitsOf = (text: string): Shown => ({ text, width: 0, padding: '0' })

/** So many digits of a second's fraction, of which none goes. */
const fraction = (micros: bigint, digits: number): Shown =>
  digitsOf(String((micros % MICROS_PER_SECOND) / 10n ** BigInt(6 - digits)).padStart(digits, '0'))

const word = (text: string, width: number): Shown => ({ text, width, padding: ' ' })

type Renderer = (moment: Moment) => Shown

const year = ({ days }: Moment): number => Math.abs(displayYear(civilFromDays(days).year))
const isoYear = ({ days }: Moment): number => Math.abs(displayYear(isoWeek(days).year))
const month = ({ days }: Moment): number => civilFromDays(days).month
const hour = ({ micros }: Moment): number => Number(micros / MICROS_PER_HOUR)
const lastDigits = (value: number, digits: number): Shown => number(value % 10 ** digits, digits)
const half = (moment: Moment): string => (hour(moment) >= 12 ? 'PM' : 'AM')
const dotted = (letters: string): string => letters.replaceAll(/./g, '$&.')
const era = ({ days }: Moment): string => (civilFromDays(days).year <= 0 ? 'BC' : 'AD')
const second = (micros: bigint): bigint => (micros % MICROS_PER_MINUTE) / MICROS_PER_SECOND
const capital = (text: string): string => text.slice(0, 1) + text.slice(1).toLowerCase()

function named(
  names: readonly string[],
  index: (moment: Moment) => number,
  width: number,
  change: (name: string) => string,
): Renderer {
  return (moment) => word(change((names[index(moment)] ?? '').slice(0, width)), width)
}

const upper = (text: string): string => text.toUpperCase()
const lower = (text: string): string => text.toLowerCase()

const monthIndex = (moment: Moment): number => month(moment) - 1
const dayIndex = ({ days }: Moment): number => weekday(days)

function zoneHours({ zone: { offset } }: Moment, digits: number): string {
  const hours = Math.floor(Math.abs(offset) / 3_600)
  return `${offset < 0 ? '-' : '+'}${String(hours).padStart(digits, '0')}`
}

function zoneMinutes({ zone: { offset } }: Moment): string {
  return String(Math.floor(Math.abs(offset) / 60) % 60).padStart(2, '0')
}

function zoneOffset(moment: Moment, digits: number): string {
  const isWhole = moment.zone.offset % 3_600 === 0
  return `${zoneHours(moment, digits)}${isWhole ? '' : `:${zoneMinutes(moment)}`}`
}

/** Centuries before Christ are negative, of three characters with the sign. */
function century({ days }: Moment): Shown {
  const { year } = civilFromDays(days)
  if (year > 0) return number(Math.ceil(year / 100), 2)
  const count = String(1 - Math.trunc(year / 100))
  return { text: `-${count}`, width: 0, padding: '0', filled: `-${count.padStart(2, '0')}` }
}

// The templates of PostgreSQL's manual, table 9.27; longer ones first where one starts another.
const templates: readonly (readonly [string, Renderer])[] = [
  ['HH24', (moment) => number(hour(moment), 2)],
  ['HH12', (moment) => number(((hour(moment) + 11) % 12) + 1, 2)],
  ['HH', (moment) => number(((hour(moment) + 11) % 12) + 1, 2)],
  ['MI', ({ micros }) => number((micros / MICROS_PER_MINUTE) % 60n, 2)],
  ['SSSSS', ({ micros }) => number(micros / MICROS_PER_SECOND, 0)],
  ['SSSS', ({ micros }) => number(micros / MICROS_PER_SECOND, 0)],
  ['SS', ({ micros }) => number(second(micros), 2)],
  ['MS', ({ micros }) => fraction(micros, 3)],
  ['US', ({ micros }) => fraction(micros, 6)],
  ...[1, 2, 3, 4, 5, 6].map((digits): readonly [string, Renderer] => [
    `FF${digits}`,
    ({ micros }) => fraction(micros, digits),
  ]),
  [
    'Y,YYY',
    (moment) =>
      digitsOf(
        `${Math.floor(year(moment) / 1_000)},${String(year(moment) % 1_000).padStart(3, '0')}`,
      ),
  ],
  ['YYYY', (moment) => number(year(moment), 4)],
  ['YYY', (moment) => lastDigits(year(moment), 3)],
  ['YY', (moment) => lastDigits(year(moment), 2)],
  ['Y', (moment) => lastDigits(year(moment), 1)],
  ['IYYY', (moment) => number(isoYear(moment), 4)],
  ['IYY', (moment) => lastDigits(isoYear(moment), 3)],
  ['IY', (moment) => lastDigits(isoYear(moment), 2)],
  ['IDDD', ({ days }) => number((isoWeek(days).week - 1) * 7 + (((weekday(days) + 6) % 7) + 1), 3)],
  ['ID', ({ days }) => number(weekday(days) === 0 ? 7 : weekday(days), 1)],
  ['IW', ({ days }) => number(isoWeek(days).week, 2)],
  ['I', (moment) => lastDigits(isoYear(moment), 1)],
  ['A.M.', (moment) => word(dotted(half(moment)), 0)],
  ['P.M.', (moment) => word(dotted(half(moment)), 0)],
  ['a.m.', (moment) => word(lower(dotted(half(moment))), 0)],
  ['p.m.', (moment) => word(lower(dotted(half(moment))), 0)],
  ['AM', (moment) => word(half(moment), 0)],
  ['PM', (moment) => word(half(moment), 0)],
  ['am', (moment) => word(lower(half(moment)), 0)],
  ['pm', (moment) => word(lower(half(moment)), 0)],
  ['B.C.', (moment) => word(dotted(era(moment)), 0)],
  ['A.D.', (moment) => word(dotted(era(moment)), 0)],
  ['b.c.', (moment) => word(lower(dotted(era(moment))), 0)],
  ['a.d.', (moment) => word(lower(dotted(era(moment))), 0)],
  ['BC', (moment) => word(era(moment), 0)],
  ['AD', (moment) => word(era(moment), 0)],
  ['bc', (moment) => word(lower(era(moment)), 0)],
  ['ad', (moment) => word(lower(era(moment)), 0)],
  ['MONTH', named(monthNames, monthIndex, 9, upper)],
  ['Month', named(monthNames, monthIndex, 9, capital)],
  ['month', named(monthNames, monthIndex, 9, lower)],
  ['MON', named(monthNames, monthIndex, 3, upper)],
  ['Mon', named(monthNames, monthIndex, 3, capital)],
  ['mon', named(monthNames, monthIndex, 3, lower)],
  ['MM', (moment) => number(month(moment), 2)],
  ['DAY', named(dayNames, dayIndex, 9, upper)],
  ['Day', named(dayNames, dayIndex, 9, capital)],
  ['day', named(dayNames, dayIndex, 9, lower)],
  ['DY', named(dayNames, dayIndex, 3, upper)],
  ['Dy', named(dayNames, dayIndex, 3, capital)],
  ['dy', named(dayNames, dayIndex, 3, lower)],
  ['DDD', ({ days }) => number(dayOfYear(days), 3)],
  ['DD', ({ days }) => number(civilFromDays(days).day, 2)],
  ['D', ({ days }) => number(weekday(days) + 1, 1)],
  ['WW', ({ days }) => number(Math.floor((dayOfYear(days) - 1) / 7) + 1, 2)],
  ['W', ({ days }) => number(Math.floor((civilFromDays(days).day - 1) / 7) + 1, 1)],
  ['CC', century],
  ['J', ({ days }) => number(days + 2_440_588, 0)],
  ['Q', (moment) => number(Math.floor((month(moment) + 2) / 3), 1)],
  ['RM', (moment) => word(romans[monthIndex(moment)] ?? '', 4)],
  ['rm', (moment) => word(lower(romans[monthIndex(moment)] ?? ''), 4)],
  ['TZH', (moment) => word(zoneHours(moment, 2), 0)],
  ['TZM', (moment) => word(zoneMinutes(moment), 0)],
  ['tzh', (moment) => word(zoneHours(moment, 2), 0)],
  ['tzm', (moment) => word(zoneMinutes(moment), 0)],
  ['TZ', ({ zone }) => word(zone.name, 0)],
  ['tz', ({ zone }) => word(lower(zone.name), 0)],
  ['OF', (moment) => ({ ...word(zoneOffset(moment, 1), 0), filled: zoneOffset(moment, 2) })],
  // What says how strictly to_timestamp reads.
  ['FX', () => word('', 0)],
]

/** Names that TM translates: to those of the locale C, which are English, and are not filled up. */
const translated: ReadonlySet<string> = new Set(
  'MONTH Month month MON Mon mon DAY Day day DY Dy dy'.split(' '),
)

/** What it takes to see whether a field begins at a letter: all of them are tried. */
const FIELD_STEPS = 2 * templates.length

/** No template is longer. */
const TEMPLATE_LENGTH_MAX = 5

const prefixes: ReadonlyMap<string, 'not filled' | 'translated'> = new Map([
  ['FM', 'not filled'],
  ['fm', 'not filled'],
  ['TM', 'translated'],
  ['tm', 'translated'],
])
/** What may stand behind a field: for a number as first, second; for one that is spelled. */
export type Suffix = '' | 'TH' | 'th' | 'SP'
const suffixes: ReadonlyMap<string, Suffix> = new Map(
  (['TH', 'th', 'SP'] as const).map((suffix) => [suffix, suffix]),
)

/** A part of a template: letters as they are, or a field. */
export type TemplatePart =
  | {
      readonly kind: 'letters'
      readonly letters: string
      /** Given in quotes: they stand for any letters when a text is read. */
      readonly isQuoted?: true
    }
  | FieldPart

/** A field: how it is shown, whether it is filled up, and what stands behind it. */
export interface FieldPart {
  readonly kind: 'field'
  readonly name: string
  readonly render: Renderer
  readonly fill: boolean
  readonly suffix: Suffix
}

/** The parts of the template that was read last: it is mostly the same in all rows. */
let lastTemplate = ''
let lastParts: readonly TemplatePart[] = []

/** A timestamp in a template of to_char. */
export function formatMoment(micros: bigint, template: string, zone: ShownZone): string {
  const { days, rest } = splitMicros(micros)
  const moment: Moment = { days, micros: rest % MICROS_PER_DAY, zone }
  const result = new TextBuilder()
  for (const part of templateParts(template)) {
    if (part.kind === 'letters') result.add(part.letters)
    else result.add(filled(part.render(moment), part.fill, part.suffix))
  }
  return result.finish()
}

/** The parts of a template of to_char for dates. What is before a field tells of this one only. */
export function templateParts(template: string): readonly TemplatePart[] {
  if (template !== lastTemplate) {
    lastParts = partsOf(template)
    lastTemplate = template
  }
  return lastParts
}

function partsOf(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  const letters = (text: string): void => void parts.push({ kind: 'letters', letters: text })
  let at = 0
  while (at < template.length) {
    spend(FIELD_STEPS)
    const prefix = prefixes.get(template.slice(at, at + 2))
    if (prefix !== undefined) at += 2
    const found = templateAt(template, at)
    if (found !== undefined) {
      const [name, render] = found
      at += name.length
      const suffix = suffixes.get(template.slice(at, at + 2)) ?? ''
      const isTranslated = prefix === 'translated' && translated.has(name)
      const fill = prefix !== 'not filled' && !isTranslated
      parts.push({ kind: 'field', name, render, fill, suffix })
      at += suffix.length
    } else if (template[at] === '"') {
      const quoted = quotedAt(template, at + 1)
      parts.push({ kind: 'letters', letters: quoted.text, isQuoted: true })
      at = quoted.end
    } else {
      if (template.startsWith('\\"', at)) at++
      letters(template[at] ?? '')
      at++
    }
  }
  return parts
}

/** The text up to the closing quote, in which a backslash takes the next character literally. */
function quotedAt(
  template: string,
  start: number,
): { readonly text: string; readonly end: number } {
  let at = start
  let text = ''
  while (at < template.length && template[at] !== '"') {
    if (template[at] === '\\' && at + 1 < template.length) at++
    text += template[at++] ?? ''
  }
  return { text, end: at + 1 }
}

function filled(
  { text, width, padding, filled: whole }: Shown,
  fill: boolean,
  suffix: Suffix,
): string {
  const padded = whole ?? (padding === '0' ? text.padStart(width, '0') : text.padEnd(width))
  const shown = fill ? padded : text
  return padding === '0' ? withOrdinal(shown, suffix) : shown
}

/** A number and what a suffix puts behind it; numbers are not spelled, as in PostgreSQL. */
export function withOrdinal(number: string, suffix: Suffix): string {
  if (suffix === 'TH') return number + ordinal(number).toUpperCase()
  return suffix === 'th' ? number + ordinal(number) : number
}

/** Those that have no small letters of their own may be written in small letters, too: all of them. */
const smallTemplates = templates.flatMap((template) =>
  /[a-z]/.test(template[0]) ? [] : [{ written: template[0].toLowerCase(), template }],
)

/** The template at a place, which is the first that it begins with. */
function templateAt(template: string, at: number): readonly [string, Renderer] | undefined {
  const rest = template.slice(at, at + TEMPLATE_LENGTH_MAX)
  const exact = templates.find(([name]) => rest.startsWith(name))
  if (exact !== undefined) return exact
  return smallTemplates.find(({ written }) => rest.startsWith(written))?.template
}

function ordinal(digits: string): string {
  const last = digits.slice(-1)
  if (digits.length > 1 && digits.at(-2) === '1') return 'th'
  return last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th'
}
