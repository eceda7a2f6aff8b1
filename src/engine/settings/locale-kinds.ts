import { QueryError } from '../../base/errors.ts'
import { parseInterval } from '../../data/types/parse-interval.ts'
import { zoneOfOffset } from '../../data/zones/time-zone.ts'
import { zoneNamed } from '../../data/zones/zone-names.ts'
import { encodingKinds } from './encodings.ts'
import { invalidValue, notOfferedValue, type SettingKind } from './setting-kinds.ts'

const dateStyles: Readonly<Record<string, 'ISO' | 'SQL' | 'Postgres' | 'German'>> = {
  iso: 'ISO',
  sql: 'SQL',
  postgres: 'Postgres',
  german: 'German',
}

const fieldOrders: Readonly<Record<string, 'MDY' | 'DMY' | 'YMD'>> = {
  ymd: 'YMD',
  dmy: 'DMY',
  mdy: 'MDY',
  us: 'MDY',
}

/** DateStyle: the form of dates, and the order of day and month where a date leaves it open. */
export const dateStyle: SettingKind = {
  expected: 'ISO, SQL, Postgres or German, and MDY, DMY or YMD, or one of the two',
  read(text, name, current = 'ISO, MDY') {
    const [ownStyle = 'ISO', ownOrder = 'MDY'] = current.split(', ')
    let [style, order]: [string | undefined, string | undefined] = [undefined, undefined]
    const { code, message } = invalidValue(name, text)
    const refuse = (detail: string): QueryError => new QueryError(code, message, { detail })
    for (const part of text.split(',')) {
      const word = part.trim().toLowerCase()
      if (word === 'default') {
        style ??= 'ISO'
        order ??= 'MDY'
        continue
      }
      const [givenStyle, givenOrder] = [dateStyles[word], orderOf(word)]
      if (givenStyle === undefined && givenOrder === undefined) {
        throw refuse(`Unrecognized key word: "${word}".`)
      }
      const isOther =
        (givenStyle !== undefined && style !== undefined && style !== givenStyle) ||
        (givenOrder !== undefined && order !== undefined && order !== givenOrder)
      if (isOther) throw refuse('Conflicting "datestyle" specifications.')
      style = givenStyle ?? style
      order = givenOrder ?? order
    }
    // In Germany days come first.
    if (style === 'German') order ??= 'DMY'
    return `${style ?? ownStyle}, ${order ?? ownOrder}`
  },
}

/** Words for orders of fields are known by how they begin. */
function orderOf(word: string): string | undefined {
  if (word.startsWith('euro')) return 'DMY'
  if (word.startsWith('noneuro')) return 'MDY'
  return fieldOrders[word]
}

const HOURS_MAX = 167

/** TimeZone: a name, a rule of POSIX, hours, or an interval. */
export const timeZone: SettingKind = {
  expected:
    'the name of a time zone, a rule as POSIX has it, hours east of Greenwich, or an interval',
  read(text, name) {
    const interval = /^interval\s+'([^']*)'\s*(.*)$/i.exec(text)
    if (interval !== null) return zoneOfInterval(interval[1] ?? '', interval[2] ?? '', name, text)
    if (/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) {
      const seconds = Math.trunc(Number(text) * 3_600)
      const { name: zone } = zoneOfOffset(seconds)
      if (Math.abs(seconds) < (HOURS_MAX + 1) * 3_600) return zone
      throw invalidValue(name, text)
    }
    const zone = zoneNamed(text)
    if (zone === undefined) throw invalidValue(name, text)
    return zone.name
  },
}

function zoneOfInterval(value: string, fields: string, name: string, text: string): string {
  const { months, days, micros } = parseInterval(value, fields.toLowerCase().split(' to '))
  const refuse = (detail: string): QueryError => {
    const { code, message } = invalidValue(name, text)
    return new QueryError(code, message, { detail })
  }
  if (months !== 0) throw refuse('Cannot specify months in time zone interval.')
  if (days !== 0) throw refuse('Cannot specify days in time zone interval.')
  return zoneOfOffset(Number(micros / 1_000_000n)).name
}

export const clientEncoding: SettingKind = {
  expected: 'UTF8 only',
  read(text, name) {
    const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
    if (plain === 'utf8' || plain === 'unicode') return 'UTF8'
    throw encodingKinds.has(plain) ? notOfferedValue(name, text) : invalidValue(name, text)
  },
}

/** Digits beyond those that a float needs change nothing; fewer are not offered. */
export const extraFloatDigits: SettingKind = {
  expected: 'an integer from 1 to 3',
  read(text, name) {
    const value = Math.round(Number(text.trim() === '' ? 'x' : text))
    if (Number.isNaN(value)) throw invalidValue(name, text)
    if (value < -15 || value > 3) {
      const message = `${value} is outside the valid range for parameter "${name}" (-15 .. 3)`
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
    if (value < 1) throw notOfferedValue(name, text)
    return String(value)
  },
}

/** The default value is the only one that can be had. */
export function only(value: string, ...same: readonly string[]): SettingKind {
  return {
    expected: value === '' ? 'nothing' : `${value} only`,
    read(text, name) {
      const known = [value, ...same].some((one) => one.toLowerCase() === text.toLowerCase())
      if (known) return value
      throw notOfferedValue(name, text)
    },
  }
}
