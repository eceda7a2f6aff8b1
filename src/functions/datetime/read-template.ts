import { spend } from '../../base/budget.ts'
import { notSupported, QueryError, type ErrorDetails } from '../../base/errors.ts'
import {
  daysFromCivil,
  daysInMonth,
  isLeapYear,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../data/types/calendar.ts'

/** What a template read of a text. */
export interface ReadMoment {
  readonly hasDate: boolean
  readonly hasTime: boolean
  /** Days since 1970-01-01; of no date, some day. */
  readonly days: number
  /** Microseconds of the day. */
  readonly micros: bigint
  /** Microseconds east of Greenwich, where the template has a zone. */
  readonly zone: bigint | undefined
}

/** A part of a template: a letter that has to be there, or a field. */
type Part =
  | { readonly kind: 'letter'; readonly letter: string; readonly isSeparator: boolean }
  | { readonly kind: 'field'; readonly field: Field; readonly isFilled: boolean }

interface Field {
  readonly name: string
  /** Digits that are read where a digit may follow. */
  readonly digits: number
  readonly of: 'date' | 'time' | 'zone' | 'none'
  /** Whether digits are read. */
  readonly isDigits: boolean
  read(reader: TextReader, part: Field): void
}

/** Templates have at most so many characters. */
const TEMPLATE_CHARACTERS_MAX = 10_000
/** What a part costs, in steps of a budget. */
const PART_STEPS = 8

/**
 * Reads a text by a template as SQL/JSON's datetime() does: all of the template has to fit, and nothing may be left. Throws
 * INVALID_DATETIME_FORMAT and DATETIME_OVERFLOW in PostgreSQL's words (formatting.c).
 */
export function readStrictly(text: string, template: string): ReadMoment {
  const parts = partsOf(template)
  const reader = new TextReader(text, parts)
  reader.read()
  const fields = parts.flatMap((part) => (part.kind === 'field' ? [part.field] : []))
  const has = (what: Field['of']): boolean => fields.some((field) => field.of === what)
  return {
    hasDate: has('date'),
    hasTime: has('time'),
    days: reader.days(),
    micros: reader.micros(),
    zone: has('zone') ? reader.zone() : undefined,
  }
}

/** Templates that are kept: ISO's forms are tried one after another, for every text. */
const TEMPLATES_MAX = 64
const templates = new Map<string, readonly Part[]>()

function partsOf(template: string): readonly Part[] {
  const known = templates.get(template)
  if (known !== undefined) return known
  if (template.length > TEMPLATE_CHARACTERS_MAX) {
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'datetime format is too long', {
      expected: `at most ${TEMPLATE_CHARACTERS_MAX} characters`,
    })
  }
  const parts: Part[] = []
  let at = 0
  while (at < template.length) {
    const isFilled = /^fm/i.test(template.slice(at, at + 2))
    const start = isFilled ? at + 2 : at
    const name = fieldNames.find((one) => isWritten(template, start, one))
    if (name !== undefined) {
      parts.push({ kind: 'field', field: fieldOf(name), isFilled })
      at = start + name.length
    } else if (template[at] === '"') at = quoted(template, at + 1, parts)
    else {
      const letter = String.fromCodePoint(template.codePointAt(at) ?? 0)
      if (!"-./,':; ".includes(letter)) {
        throw formatError(`invalid datetime format separator: "${letter}"`)
      }
      parts.push({ kind: 'letter', letter, isSeparator: true })
      at += letter.length
    }
  }
  if (templates.size >= TEMPLATES_MAX) templates.clear()
  templates.set(template, parts)
  return parts
}

function quoted(template: string, start: number, parts: Part[]): number {
  let at = start
  while (at < template.length && template[at] !== '"') {
    if (template[at] === '\\' && at + 1 < template.length) at++
    const letter = String.fromCodePoint(template.codePointAt(at) ?? 0)
    parts.push({ kind: 'letter', letter, isSeparator: false })
    at += letter.length
  }
  return at + 1
}

/** A field is written in capitals, in small letters, or as a name with one capital. */
function isWritten(template: string, at: number, name: string): boolean {
  const written = template.slice(at, at + name.length)
  if (written === name || written === name.toLowerCase()) return true
  const isName = ['MONTH', 'MON', 'DAY', 'DY'].includes(name)
  return isName && written === `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`
}

function formatError(message: string, details?: ErrorDetails): QueryError {
  return new QueryError('INVALID_DATETIME_FORMAT', message, details)
}

const FILL_HINT = {
  hint: 'If your source string is not fixed-width, try using the "FM" modifier.',
}
const INT4_MAX = 2_147_483_647

/** The number that C's strtol reads: the text of it, with blanks before. */
const numberAt = /\s*[+-]?\d+/y

class TextReader {
  readonly values = new Map<string, number>()
  /** What stands behind the field at hand. */
  #isSlurped = false
  readonly #text: string
  readonly #parts: readonly Part[]
  #at = 0

  constructor(text: string, parts: readonly Part[]) {
    this.#text = text
    this.#parts = parts
  }

  read(): void {
    let count = 0
    for (const [index, part] of this.#parts.entries()) {
      spend(PART_STEPS)
      const next = this.#text[this.#at]
      if (next === undefined) break
      count++
      if (part.kind === 'letter') this.#letter(part)
      else {
        this.#isSlurped = part.isFilled || !mayBeDigit(this.#parts[index + 1])
        part.field.read(this, part.field)
      }
    }
    if (count < this.#parts.length) {
      throw formatError('input string is too short for datetime format')
    }
    if (/\S/.test(this.#text.slice(this.#at))) {
      throw formatError('trailing characters remain in input string after datetime format')
    }
  }

  #letter({ letter, isSeparator }: Extract<Part, { kind: 'letter' }>): void {
    if (!this.#text.startsWith(letter, this.#at)) {
      const what = isSeparator ? 'separator' : 'character'
      throw formatError(`unmatched format ${what} "${letter}"`)
    }
    this.#at += letter.length
  }

  /** Reads a number of a field; how many characters it took. */
  number(name: string, digits: number, into: string): number {
    const start = this.#at
    const from = start + (/^\s*/.exec(this.#text.slice(start))?.[0].length ?? 0)
    const copy = this.#text.slice(from, from + digits)
    let found: string
    if (this.#isSlurped) {
      numberAt.lastIndex = start
      found = numberAt.exec(this.#text)?.[0] ?? ''
      this.#at = start + found.length
    } else {
      if (copy.length < digits) {
        throw formatError(`source string too short for "${name}" formatting field`, {
          detail: `Field requires ${digits} characters, but only ${copy.length} remain.`,
          ...FILL_HINT,
        })
      }
      found = /^[+-]?\d+/.exec(copy)?.[0] ?? ''
      if (found !== '' && found.length < digits) {
        throw formatError(`invalid value "${copy}" for "${name}"`, {
          detail: `Field requires ${digits} characters, but only ${found.length} could be parsed.`,
          ...FILL_HINT,
        })
      }
      this.#at = found === '' ? start : from + found.length
    }
    if (found === '') {
      throw formatError(`invalid value "${copy}" for "${name}"`, {
        detail: 'Value must be an integer.',
      })
    }
    const value = Number(found)
    if (value < -INT4_MAX - 1 || value > INT4_MAX) {
      const message = `value for "${name}" in source string is out of range`
      throw new QueryError('DATETIME_OVERFLOW', message, {
        detail: `Value must be in the range ${-INT4_MAX - 1} to ${INT4_MAX}.`,
      })
    }
    this.set(name, into, value)
    return found.length
  }

  set(name: string, into: string, value: number): void {
    const before = this.values.get(into)
    if (before !== undefined && before !== value) {
      throw formatError(`conflicting values for "${name}" field in formatting string`, {
        detail: 'This value contradicts a previous setting for the same field type.',
      })
    }
    this.values.set(into, value)
  }

  /** One of several words, whose number is kept. */
  word(name: string, words: readonly string[], into: string): void {
    const rest = this.#text.slice(this.#at).toLowerCase()
    const found = words.findIndex((word) => word !== '' && rest.startsWith(word))
    if (found < 0) {
      const shown = /^\S{0,12}/.exec(this.#text.slice(this.#at))?.[0] ?? ''
      throw formatError(`invalid value "${shown}" for "${name}"`, {
        detail: 'The given value did not match any of the allowed values for this field.',
      })
    }
    this.#at += words[found]?.length ?? 0
    this.set(name, into, found)
  }

  sign(): void {
    const sign = this.#text[this.#at]
    if (sign === '+' || sign === '-' || sign === ' ') this.#at++
    this.values.set('sign', sign === '-' ? -1 : 1)
  }

  #value(name: string, otherwise: number): number {
    return this.values.get(name) ?? otherwise
  }

  #outOfRange(): QueryError {
    const message = `date/time field value out of range: "${this.#text}"`
    return new QueryError('DATETIME_OVERFLOW', message)
  }

  days(): number {
    const given = this.#value('year', 0)
    const year = given < 0 ? given + 1 : given
    const dayOfYear = this.values.get('dayOfYear')
    if (dayOfYear !== undefined) {
      const days = isLeapYear(year) ? 366 : 365
      if (dayOfYear < 1 || dayOfYear > days) throw this.#outOfRange()
      return daysFromCivil(year, 1, dayOfYear)
    }
    const [month, day] = [this.#value('month', 1), this.#value('day', 1)]
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
      throw this.#outOfRange()
    }
    return daysFromCivil(year, month, day)
  }

  micros(): bigint {
    const secondOfDay = this.#value('secondOfDay', 0)
    let hour = this.#value('hour', Math.trunc(secondOfDay / 3_600))
    const minute = this.#value('minute', Math.trunc(secondOfDay / 60) % 60)
    const second = this.#value('second', secondOfDay % 60)
    if (this.values.has('twelve')) {
      if (hour < 1 || hour > 12) {
        throw formatError(`hour "${hour}" is invalid for the 12-hour clock`, {
          hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
        })
      }
      hour = (hour % 12) + (this.#value('half', 0) % 2 === 1 ? 12 : 0)
    }
    const fraction = this.#value('micros', 0) + 1_000 * this.#value('millis', 0)
    const isWrong =
      hour < 0 ||
      hour > 23 ||
      minute < 0 ||
      minute > 59 ||
      second < 0 ||
      second > 59 ||
      fraction < 0
    if (isWrong || fraction >= Number(MICROS_PER_SECOND)) throw this.#outOfRange()
    const whole =
      BigInt(hour) * MICROS_PER_HOUR +
      BigInt(minute) * MICROS_PER_MINUTE +
      BigInt(second) * MICROS_PER_SECOND
    return whole + BigInt(fraction)
  }

  zone(): bigint {
    const [hours, minutes] = [this.#value('zoneHours', 0), this.#value('zoneMinutes', 0)]
    if (hours < 0 || hours > ZONE_HOURS_MAX || minutes < 0 || minutes > 59) throw this.#outOfRange()
    const away = BigInt(hours) * MICROS_PER_HOUR + BigInt(minutes) * MICROS_PER_MINUTE
    return this.#value('sign', 1) < 0 ? -away : away
  }
}

const ZONE_HOURS_MAX = 15

/** Whether what follows a field may begin with a digit: then the field has all of its digits. */
function mayBeDigit(next: Part | undefined): boolean {
  if (next === undefined) return false
  return next.kind === 'field' ? next.field.isDigits : /\d/.test(next.letter)
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ')
const monthWords = ['', ...monthNames]
const shortMonthWords = ['', ...monthNames.map((name) => name.slice(0, 3))]

/** A field that is a number, kept under a name. */
function numberField(of: Field['of'], digits: number, into: string): Omit<Field, 'name'> {
  return {
    of,
    digits,
    isDigits: true,
    read: (reader, { name }) => void reader.number(name, digits, into),
  }
}

/** A fraction of a second, of so many digits. */
function fractionField(digits: number, unit: 'micros' | 'millis'): Omit<Field, 'name'> {
  const all = unit === 'micros' ? 6 : 3
  return {
    of: 'time',
    digits,
    isDigits: true,
    read(reader, { name }) {
      const length = reader.number(name, digits, unit)
      const value = reader.values.get(unit) ?? 0
      reader.values.set(unit, value * 10 ** Math.max(0, all - length))
    },
  }
}

/** A year of fewer than four digits is one near 2020. */
function shortYearField(digits: number): Omit<Field, 'name'> {
  return {
    of: 'date',
    digits,
    isDigits: true,
    read(reader, { name }) {
      const length = reader.number(name, digits, 'year')
      const year = reader.values.get('year') ?? 0
      if (length >= 4) return
      const added = year < 70 ? 2_000 : year < 100 ? 1_900 : year < 520 ? 2_000 : 1_000
      reader.values.set('year', year < 1_000 ? year + added : year)
    },
  }
}

const twelveHours: Omit<Field, 'name'> = {
  ...numberField('time', 2, 'hour'),
  read(reader, { name }) {
    reader.number(name, 2, 'hour')
    reader.values.set('twelve', 1)
  },
}

function halfField(words: readonly string[]): Omit<Field, 'name'> {
  return {
    of: 'time',
    digits: 0,
    isDigits: false,
    read(reader, { name }) {
      reader.word(name, words, 'half')
      reader.values.set('twelve', 1)
    },
  }
}

function monthField(words: readonly string[]): Omit<Field, 'name'> {
  return {
    of: 'date',
    digits: 0,
    isDigits: false,
    read: (reader, { name }) => reader.word(name, words, 'month'),
  }
}

const dotted = halfField(['a.m.', 'p.m.'])
const plain = halfField(['am', 'pm'])

const fields: Readonly<Record<string, Omit<Field, 'name'>>> = {
  YYYY: numberField('date', 4, 'year'),
  YYY: shortYearField(3),
  YY: shortYearField(2),
  Y: shortYearField(1),
  MONTH: monthField(monthWords),
  MON: monthField(shortMonthWords),
  MM: numberField('date', 2, 'month'),
  DDD: numberField('date', 3, 'dayOfYear'),
  DD: numberField('date', 2, 'day'),
  HH24: numberField('time', 2, 'hour'),
  HH12: twelveHours,
  HH: twelveHours,
  MI: numberField('time', 2, 'minute'),
  SSSSS: numberField('time', 5, 'secondOfDay'),
  SSSS: numberField('time', 4, 'secondOfDay'),
  SS: numberField('time', 2, 'second'),
  MS: fractionField(3, 'millis'),
  US: fractionField(6, 'micros'),
  FF1: fractionField(1, 'micros'),
  FF2: fractionField(2, 'micros'),
  FF3: fractionField(3, 'micros'),
  FF4: fractionField(4, 'micros'),
  FF5: fractionField(5, 'micros'),
  FF6: fractionField(6, 'micros'),
  'A.M.': dotted,
  'P.M.': dotted,
  AM: plain,
  PM: plain,
  TZH: {
    of: 'zone',
    digits: 3,
    isDigits: false,
    read(reader, { name }) {
      reader.sign()
      reader.number(name, 2, 'zoneHours')
    },
  },
  TZM: numberField('zone', 2, 'zoneMinutes'),
  FX: { of: 'none', digits: 0, isDigits: false, read: () => undefined },
}

/** Fields of PostgreSQL that are not read yet; a longer name comes first. */
const unread = 'B.C. BC A.D. AD CC DAY DY D IDDD ID IW IYYY IYY IY I J OF Q RM TZ WW W Y,YYY'.split(
  ' ',
)

const fieldNames = [...Object.keys(fields), ...unread].toSorted((a, b) => b.length - a.length)

function fieldOf(name: string): Field {
  const field = fields[name]
  if (field === undefined) throw notSupported(`"${name}" in a template that is read`)
  return { ...field, name }
}
