import { unreachable } from '../../../base/assert.ts'
import { notSupported } from '../../../base/errors.ts'
import { abbreviations, meaningOf, type Abbreviation } from '../../zones/abbreviations.ts'
import { offsetAt, offsetByClock, type TimeZone } from '../../zones/time-zone.ts'
import { zoneNamed } from '../../zones/zone-names.ts'
import { DatetimeFault, unknownZone } from './errors.ts'
import type { Locale } from './locale.ts'
import { DATE, Reading, TIME, told } from './reading.ts'
import { tokensOf, type Token } from './tokens.ts'
import { words, type Label, type Special, type Word } from './words.ts'

/*
 * Dates and times as PostgreSQL reads them, from left to right: DecodeDateTime and DecodeTimeOnly in its datetime.c.
 */

/** A moment by the clock of a zone, or one that has a name. */
export type Decoded =
  | 'infinity'
  | '-infinity'
  | {
      /** Since 1970-01-01. */
      readonly days: number
      /** Microseconds since midnight. */
      readonly micros: number
      /** East of Greenwich, in seconds. */
      readonly zone: number
    }

const MICROS_PER_SECOND = 1_000_000
const MICROS_PER_DAY = 86_400_000_000
const SECONDS_PER_DAY = 86_400
const SUMMER_SECONDS = 3_600

interface Decoding {
  readonly reading: Reading
  readonly locale: Locale
  readonly tokens: readonly Token[]
  readonly isTimeOnly: boolean
  /** What the number that comes next was said to be. */
  label: Label | undefined
  /** What tells the offset once the date is known. */
  zone: TimeZone | undefined
  abbreviation: readonly [name: string, meaning: Abbreviation] | undefined
  named: 'epoch' | 'infinity' | '-infinity' | undefined
}

/** Reads a date or a timestamp. Throws DatetimeFault. */
export function decodeMoment(source: string, locale: Locale): Decoded {
  const decoding = decode(source, locale, false)
  const { reading, named } = decoding
  reading.finish()
  if (named === 'epoch') return { days: 0, micros: 0, zone: 0 }
  if (named !== undefined) return named
  if (!reading.has(DATE)) throw new DatetimeFault('format')
  return { days: reading.days, micros: reading.micros, zone: zoneOf(decoding) }
}

/** Reads a time of day. Throws DatetimeFault. */
export function decodeTime(
  source: string,
  locale: Locale,
): { readonly micros: number; readonly zone: number } {
  const decoding = decode(source, locale, true)
  const { reading, zone, abbreviation } = decoding
  reading.finish()
  reading.checkTime()
  if (!reading.has(TIME)) throw new DatetimeFault('format')
  const isDated = reading.has(DATE)
  const isTold = (reading.given & told.zone) !== 0
  const followsDay = abbreviation !== undefined || (!isTold && locale.zone.starts.length > 1)
  const isHalfDated = !isDated && (reading.given & DATE) !== 0
  const needsDate = zone !== undefined && zone.starts.length > 1
  const followsAny = abbreviation !== undefined || !isTold
  if (!isDated && (needsDate || (isHalfDated && followsAny))) throw new DatetimeFault('format')
  // What a zone's clocks show today is meant.
  if (!isDated && followsDay) reading.days = today(locale)
  return { micros: reading.micros, zone: zoneOf(decoding) }
}

function decode(source: string, locale: Locale, isTimeOnly: boolean): Decoding {
  const tokens = tokensOf(source)
  if (tokens === undefined) throw new DatetimeFault('format')
  const decoding: Decoding = {
    reading: new Reading(locale.dateOrder),
    locale,
    tokens,
    isTimeOnly,
    label: undefined,
    zone: undefined,
    abbreviation: undefined,
    named: undefined,
  }
  for (const [index, token] of tokens.entries()) readToken(decoding, token, index)
  return decoding
}

function readToken(decoding: Decoding, token: Token, index: number): void {
  const { reading, isTimeOnly } = decoding
  switch (token.kind) {
    case 'date':
      return isTimeOnly ? dateOfTime(decoding, token.text, index) : readDate(decoding, token.text)
    case 'time':
      if (!isTimeOnly && decoding.label !== undefined) takeTimeLabel(decoding)
      reading.readTime(token.text)
      if (!isTimeOnly) reading.checkTime()
      return reading.give(TIME)
    case 'zone':
      reading.readZone(token.text)
      return reading.give(told.zone)
    case 'number':
      return readNumber(decoding, token.text, index)
    case 'word':
    case 'signed-word':
      return readWord(decoding, token.text, index)
  }
}

/** A label in front of what is none of its numbers must be that of a time. */
function takeTimeLabel(decoding: Decoding): void {
  if (decoding.label !== 'time') throw new DatetimeFault('format')
  decoding.label = undefined
}

function readDate(decoding: Decoding, text: string): void {
  const { reading, label } = decoding
  if (label === 'julian') {
    const [whole = ''] = /^\d+/.exec(text) ?? []
    if (whole === '') throw new DatetimeFault('format')
    const read = reading.readJulian(whole)
    reading.readZone(text.slice(whole.length))
    decoding.label = undefined
    return reading.give(read | TIME | told.zone)
  }
  const isBehindDate = reading.has(told.month | told.day)
  if (label === undefined && !isBehindDate) return reading.give(reading.readDate(text))
  if (label !== undefined || /^\d/.test(text)) return readRunWithZone(decoding, text, 0)
  return takeZone(decoding, text)
}

/** `040506-08`: a time whose zone follows at once. */
function readRunWithZone(decoding: Decoding, text: string, parts: number): void {
  const { reading, label } = decoding
  if (label !== undefined) takeTimeLabel(decoding)
  const at = text.indexOf('-')
  if (reading.has(TIME) || at < 0) throw new DatetimeFault('format')
  reading.readZone(text.slice(at))
  const read = reading.readRun(text.slice(0, at), reading.given | parts)
  reading.give(read | told.zone)
}

/** Where a time is wanted a date is only taken in front of one. */
function dateOfTime(decoding: Decoding, text: string, index: number): void {
  const { reading, tokens } = decoding
  const isInFront =
    index === 0 &&
    tokens.length >= 2 &&
    (tokens.at(-1)?.kind === 'date' || tokens[1]?.kind === 'time')
  if (isInFront) return reading.give(reading.readDate(text))
  if (/^\d/.test(text)) {
    decoding.label = undefined
    return readRunWithZone(decoding, text, DATE)
  }
  return takeZone(decoding, text)
}

function takeZone(decoding: Decoding, text: string): void {
  const zone = zoneNamed(text)
  if (zone === undefined) throw unknownZone(text)
  decoding.zone = zone
  decoding.reading.give(told.zone)
}

function readNumber(decoding: Decoding, text: string, index: number): void {
  const { reading, label, isTimeOnly, tokens } = decoding
  if (label !== undefined) {
    const read = reading.readLabelled(label, text)
    decoding.label = undefined
    decoding.named = undefined
    return reading.give(read)
  }
  const point = text.indexOf('.')
  if (isTimeOnly) {
    const given = reading.given | DATE
    const isDate = index === 0 && tokens.length >= 2 && tokens.at(-1)?.kind === 'date'
    if (point >= 0 && isDate) return reading.give(reading.readDate(text))
    if (point >= 0 && point <= 2) throw new DatetimeFault('format')
    const isRun = point >= 0 || text.length > 4
    return reading.give(
      isRun ? reading.readRun(text, given) : reading.readNumber(text, false, given),
    )
  }
  if (point >= 0 && (reading.given & DATE) === 0) return reading.give(reading.readDate(text))
  const isOpen = (reading.given & DATE) === 0 || (reading.given & TIME) === 0
  const isRun = point > 2 || (point < 0 && text.length >= 6 && isOpen)
  reading.give(
    isRun
      ? reading.readRun(text, reading.given)
      : reading.readNumber(text, reading.hasNamedMonth, reading.given),
  )
}

/** Words of PostgreSQL's tables have so many letters at most, and only these are compared. */
const WORD_LETTERS = 10

function readWord(decoding: Decoding, text: string, index: number): void {
  const key = text.slice(0, WORD_LETTERS)
  const abbreviation = abbreviations.get(key)
  if (abbreviation !== undefined) return takeAbbreviation(decoding, key, abbreviation)
  const word = words.get(key)
  if (word !== undefined) return takeWord(decoding, word, index)
  const zone = zoneNamed(text)
  if (zone === undefined) throw new DatetimeFault('format')
  decoding.zone = zone
  decoding.reading.give(told.zone)
}

function takeAbbreviation(decoding: Decoding, name: string, meaning: Abbreviation): void {
  const { reading } = decoding
  if (meaning.kind === 'zone') {
    decoding.abbreviation = [name, meaning]
    return reading.give(told.zone | told.variable)
  }
  reading.zone = meaning.offset
  reading.give(told.zone | (meaning.isSummer ? told.summer : 0))
}

function takeWord(decoding: Decoding, word: Word, index: number): void {
  const { reading } = decoding
  switch (word.kind) {
    case 'ignored':
      return undefined
    case 'month':
      return takeMonth(decoding, word.number)
    case 'weekday':
      if (decoding.isTimeOnly) throw new DatetimeFault('format')
      return reading.give(told.weekday)
    case 'half':
      reading.isLate = word.isLate
      return reading.give(told.half)
    case 'era':
      reading.isBefore = word.isBefore
      return reading.give(told.era)
    case 'summer':
      reading.zone += SUMMER_SECONDS
      return reading.give(told.summerWord | told.summer)
    case 'label':
      decoding.label = word.label
      return undefined
    case 'iso-time': {
      const next = decoding.tokens[index + 1]?.kind
      const isDated = decoding.isTimeOnly || reading.has(DATE)
      if (!isDated || (next !== 'number' && next !== 'time' && next !== 'date')) {
        throw new DatetimeFault('format')
      }
      decoding.label = 'time'
      return undefined
    }
    case 'special':
      return decoding.isTimeOnly
        ? takeSpecialTime(decoding, word.special)
        : takeSpecial(decoding, word.special)
    default:
      return unreachable(word)
  }
}

/** A number that was taken for the month gives way to a month's name: it was the day. */
function takeMonth({ reading, isTimeOnly }: Decoding, number: number): void {
  if (isTimeOnly) throw new DatetimeFault('format')
  const wasDay =
    (reading.given & told.month) !== 0 &&
    !reading.hasNamedMonth &&
    (reading.given & told.day) === 0 &&
    reading.month >= 1 &&
    reading.month <= 31
  if (wasDay) reading.day = reading.month
  reading.hasNamedMonth = true
  reading.month = number
  reading.give(wasDay ? told.day : told.month)
}

function takeSpecialTime({ reading, locale }: Decoding, special: Special): void {
  if (special === 'now') {
    reading.micros = clockNow(locale).micros
    return reading.give(TIME)
  }
  if (special !== 'allballs') throw new DatetimeFault('format')
  reading.give(TIME | told.zone)
}

const daysFromToday = { today: 0, tomorrow: 1, yesterday: -1 } as const

function takeSpecial(decoding: Decoding, special: Special): void {
  const { reading, locale } = decoding
  decoding.named = undefined
  switch (special) {
    case 'now': {
      const { days, micros, zone } = clockNow(locale)
      reading.days = days
      reading.micros = micros
      reading.zone = zone
      reading.isJulian = true
      return reading.give(DATE | TIME | told.zone)
    }
    case 'today':
    case 'tomorrow':
    case 'yesterday':
      reading.days = today(locale) + daysFromToday[special]
      return reading.give(DATE)
    case 'allballs':
      return reading.give(TIME | told.zone)
    case 'epoch':
    case 'infinity':
    case '-infinity':
      decoding.named = special
      return reading.give(told.name)
    default:
      return unreachable(special)
  }
}

function clockNow(locale: Locale): {
  readonly days: number
  readonly micros: number
  readonly zone: number
} {
  if (locale.nowMicros === undefined)
    throw notSupported("'now' and days from it outside of constants")
  const now = Number(locale.nowMicros())
  const zone = offsetAt(locale.zone, Math.floor(now / MICROS_PER_SECOND))
  const local = now + zone * MICROS_PER_SECOND
  const days = Math.floor(local / MICROS_PER_DAY)
  return { days, micros: local - days * MICROS_PER_DAY, zone }
}

function today(locale: Locale): number {
  return clockNow(locale).days
}

/** The offset that a text tells or, without one, that the session's zone has then. */
function zoneOf(decoding: Decoding): number {
  const { reading, abbreviation, locale } = decoding
  const isTold = (reading.given & told.zone) !== 0
  const hasSummerWord = (reading.given & told.summerWord) !== 0
  const isLater = abbreviation !== undefined || decoding.zone !== undefined || !isTold
  if (isLater && hasSummerWord) throw new DatetimeFault('format')
  const local = reading.days * SECONDS_PER_DAY + Math.floor(reading.micros / MICROS_PER_SECOND)
  if (abbreviation !== undefined) return meaningOf(...abbreviation, local, true)
  if (decoding.zone !== undefined) return offsetByClock(decoding.zone, local)
  return isTold ? reading.zone : offsetByClock(locale.zone, local)
}
