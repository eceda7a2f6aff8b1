import { civilFromDays, daysFromCivil, daysInMonth } from '../calendar.ts'
import { roundHalfEven } from '../round-half-even.ts'
import { DatetimeFault } from './errors.ts'
import type { DateOrder } from './locale.ts'
import { words } from './words.ts'

/** What of a moment was told, as bits. */
export const told = {
  year: 1,
  month: 2,
  day: 4,
  dayOfYear: 8,
  hour: 16,
  minute: 32,
  second: 64,
  fraction: 128,
  zone: 256,
  /** A zone's word for its summer, or what says that there is one. */
  summer: 512,
  summerWord: 1_024,
  half: 2_048,
  era: 4_096,
  weekday: 8_192,
  /** A moment by a name. */
  name: 16_384,
  /** An abbreviation that meant this and that. */
  variable: 32_768,
} as const
export const DATE = told.year | told.month | told.day
export const SECONDS = told.second | told.fraction
export const TIME = told.hour | told.minute | SECONDS

const JULIAN_1970 = 2_440_588
const INT4_MAX = 2_147_483_647
export const MICROS_PER_SECOND = 1_000_000
const MICROS_PER_DAY = 86_400_000_000

/** What is known of a text that is read from left to right. See DecodeNumber and others in PostgreSQL's datetime.c. */
export class Reading {
  readonly order: DateOrder
  given = 0
  year = 0
  month = 0
  day = 0
  dayOfYear = 0
  hour = 0
  minute = 0
  second = 0
  /** In microseconds. */
  fraction = 0
  /** East of Greenwich, in seconds. */
  zone = 0
  isJulian = false
  isShortYear = false
  isBefore = false
  isLate: boolean | undefined
  hasNamedMonth = false

  constructor(order: DateOrder) {
    this.order = order
  }

  /** Each part may be told once. */
  give(parts: number): void {
    if ((this.given & parts) !== 0) throw new DatetimeFault('format')
    this.given |= parts
  }

  has(parts: number): boolean {
    return (this.given & parts) === parts
  }

  get days(): number {
    return daysFromCivil(this.year, this.month, this.day)
  }

  set days(days: number) {
    Object.assign(this, civilFromDays(days))
  }

  /** Microseconds since midnight. */
  get micros(): number {
    const seconds = (this.hour * 60 + this.minute) * 60 + this.second
    return seconds * MICROS_PER_SECOND + this.fraction
  }

  set micros(micros: number) {
    const seconds = Math.floor(micros / MICROS_PER_SECOND)
    this.hour = Math.floor(seconds / 3_600)
    this.minute = Math.floor(seconds / 60) % 60
    this.second = seconds % 60
    this.fraction = micros - seconds * MICROS_PER_SECOND
  }

  /** A day's number since 4714 BC, with a time of day behind the point. */
  readJulian(text: string): number {
    const [whole = '', fraction] = text.split('.')
    this.days = int4(whole) - JULIAN_1970
    this.isJulian = true
    if (fraction === undefined) return DATE
    this.micros = Math.trunc(Number(`0.${fraction}0`) * MICROS_PER_DAY)
    return DATE | TIME
  }

  /** `1999-01-08`, `8/1/99`, `8-jan-1999`: fields with separators. */
  readDate(text: string): number {
    if (/[^a-z\d]{2}$/.test(text)) throw new DatetimeFault('format')
    const parts = text.split(/[^a-z\d]+/).filter((field) => field !== '')
    let read = 0
    const give = (part: number): void => {
      if (((this.given | read) & part) !== 0) throw new DatetimeFault('format')
      read |= part
    }
    let isNamed = false
    for (const part of parts.filter((field) => /^[a-z]/.test(field))) {
      const word = monthOf(part)
      if (word === 'ignored') continue
      this.month = word
      isNamed = true
      give(told.month)
    }
    for (const part of parts.filter((field) => /^\d/.test(field))) {
      give(this.readNumber(part, isNamed, this.given | read))
    }
    if (((this.given | read) & ~(told.dayOfYear | told.zone)) !== DATE) {
      throw new DatetimeFault('format')
    }
    return read
  }

  /** `10:11:12.5`; of two numbers before a fraction these are minutes and seconds. */
  readTime(text: string): number {
    const match = /^(\d+):(\d*)(?::(\d*))?(\.\d*)?$/.exec(text)
    if (match === null) throw new DatetimeFault('format')
    const [, first = '0', second = '', third, fraction] = match
    const numbers = [first, second, third ?? ''].map((digits) => int4(digits === '' ? '0' : digits))
    const [hour = 0, minute = 0, rest = 0] =
      third === undefined && fraction !== undefined ? [0, ...numbers] : numbers
    const micros = fraction === undefined ? 0 : fractionMicros(fraction)
    if (minute > 59 || rest > 60) throw new DatetimeFault('field')
    Object.assign(this, { hour, minute, second: rest, fraction: micros })
    return TIME
  }

  /** A number that stands for itself: what it is follows from what is known already. */
  readNumber(text: string, isNamed: boolean, given: number): number {
    const [whole = '', fraction] = text.split('.')
    const value = int4(whole === '' ? 'x' : whole)
    if (fraction !== undefined) {
      if (whole.length > 2) return this.readRun(text, given | DATE)
      this.fraction = fractionMicros(`.${fraction}`)
    }
    const { length } = text
    const isDayOfYear = length === 3 && (given & DATE) === told.year && value >= 1 && value <= 366
    if (isDayOfYear) {
      this.dayOfYear = value
      return told.dayOfYear | told.month | told.day
    }
    if ((given & DATE) === DATE) return this.readRun(text, given)
    const part = this.#partOf(length, isNamed, given)
    if (part === told.year) {
      this.isShortYear = length <= 2
      this.year = value
    } else if (part === told.month) this.month = value
    else if (isNamed && length >= 3 && this.isShortYear && (given & DATE) !== told.month) {
      // The number before was taken for the year.
      this.day = this.year
      this.year = value
      this.isShortYear = false
    } else this.day = value
    return part
  }

  #partOf(length: number, isNamed: boolean, given: number): number {
    const { order } = this
    switch (given & DATE) {
      case 0:
        if (length >= 3 || order === 'YMD') return told.year
        return order === 'DMY' ? told.day : told.month
      case told.year:
      case told.day:
        return told.month
      case told.month:
        return isNamed && (length >= 3 || order === 'YMD') ? told.year : told.day
      case told.year | told.month:
        return told.day
      case told.month | told.day:
        return told.year
      default:
        throw new DatetimeFault('format')
    }
  }

  /** Digits without separators: `20011225`, `040506.789`, `0405`. */
  readRun(text: string, given: number): number {
    const [digits = '', fraction] = text.split('.')
    const { length } = digits
    if (fraction !== undefined) this.fraction = fractionMicros(`.${fraction}`)
    else if ((given & DATE) !== DATE && length >= 6) {
      this.day = Number(digits.slice(-2))
      this.month = Number(digits.slice(-4, -2))
      this.year = Number(digits.slice(0, -4)) | 0
      if (length === 6) this.isShortYear = true
      return DATE
    }
    if ((given & TIME) === TIME || (length !== 6 && length !== 4)) throw new DatetimeFault('format')
    this.hour = Number(digits.slice(0, 2))
    this.minute = Number(digits.slice(2, 4))
    this.second = Number(digits.slice(4))
    return TIME
  }

  /** What the number behind a label is. */
  readLabelled(label: string, text: string): number {
    const [whole = '', fraction] = text.split('.')
    const value = int4(whole)
    const mayHaveFraction = label === 'julian' || label === 'time' || label === 'second'
    if (fraction !== undefined && !mayHaveFraction) throw new DatetimeFault('format')
    switch (label) {
      case 'month':
        // Where there is a month and an hour it is minutes.
        if ((this.given & told.month) !== 0 && (this.given & told.hour) !== 0) {
          this.minute = value
          return told.minute
        }
        this.month = value
        return told.month
      case 'year':
      case 'day':
      case 'hour':
      case 'minute':
        this[label] = value
        return told[label]
      case 'second':
        this.second = value
        if (fraction === undefined) return told.second
        this.fraction = fractionMicros(`.${fraction}`)
        return SECONDS
      case 'julian':
        return this.readJulian(text)
      case 'time': {
        const read = this.readRun(text, this.given | DATE)
        if (read !== TIME) throw new DatetimeFault('format')
        return read
      }
      default:
        throw new DatetimeFault('format')
    }
  }

  /** `+05:30`, `-8`, `+0530`. */
  readZone(text: string): void {
    this.zone = zoneSeconds(text)
  }

  /** What could not be looked at before all was read: years, months, days, halves of the day. */
  finish(): void {
    if ((this.given & told.year) !== 0) this.#finishYear()
    if ((this.given & told.dayOfYear) !== 0) {
      this.days = daysFromCivil(this.year, 1, 1) + this.dayOfYear - 1
    }
    const isWrongMonth = (this.given & told.month) !== 0 && (this.month < 1 || this.month > 12)
    const isWrongDay = (this.given & told.day) !== 0 && (this.day < 1 || this.day > 31)
    if (isWrongMonth || isWrongDay) throw new DatetimeFault('month-or-day')
    if (this.has(DATE) && this.day > daysInMonth(this.year, this.month)) {
      throw new DatetimeFault('field')
    }
    if (this.isLate === undefined) return
    if (this.hour > 12) throw new DatetimeFault('field')
    this.hour = (this.hour % 12) + (this.isLate ? 12 : 0)
  }

  #finishYear(): void {
    if (this.isJulian) return
    if (this.isBefore) {
      if (this.year <= 0) throw new DatetimeFault('field')
      this.year = 1 - this.year
    } else if (this.isShortYear) {
      if (this.year < 70) this.year += 2_000
      else if (this.year < 100) this.year += 1_900
    } else if (this.year <= 0) throw new DatetimeFault('field')
  }

  /** Raises for a time of day beyond 24:00. */
  checkTime(): void {
    const { hour, minute, second, micros } = this
    const isWrong = hour > 24 || minute > 59 || second > 60 || micros > MICROS_PER_DAY
    if (isWrong) throw new DatetimeFault('field')
  }
}

function monthOf(text: string): number | 'ignored' {
  const word = words.get(text)
  if (word?.kind === 'ignored') return 'ignored'
  if (word?.kind !== 'month') throw new DatetimeFault('format')
  return word.number
}

/** Errors: a number beyond 32 bits is out of range. */
function int4(digits: string): number {
  const value = Number(digits)
  if (Number.isNaN(value)) throw new DatetimeFault('format')
  if (value > INT4_MAX) throw new DatetimeFault('field')
  return value
}

/** A point and digits behind it as microseconds: what they are as a float rounded, as in PostgreSQL. */
export function fractionMicros(text: string): number {
  return roundHalfEven(Number(`0${text}0`) * MICROS_PER_SECOND)
}

const ZONE_HOURS_MAX = 15

/** East of Greenwich, in seconds. */
export function zoneSeconds(text: string): number {
  const match = /^([+-])(\d+)(?::(\d*)(?::(\d*))?)?(.*)$/.exec(text)
  if (match === null) throw new DatetimeFault('format')
  const [, sign, first = '', second, third, rest] = match
  const isRun = second === undefined && rest === '' && text.length > 3
  const whole = Number(first)
  if (whole > INT4_MAX) throw new DatetimeFault('zone')
  const hours = isRun ? Math.floor(whole / 100) : whole
  const minutes = isRun ? whole % 100 : Number(second ?? 0)
  const seconds = Number(third ?? 0)
  if (hours > ZONE_HOURS_MAX || minutes > 59 || seconds > 59) throw new DatetimeFault('zone')
  if (rest !== '') throw new DatetimeFault('format')
  const size = (hours * 60 + minutes) * 60 + seconds
  return sign === '-' ? -size + 0 : size
}
