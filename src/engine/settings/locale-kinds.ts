import { notSupported, QueryError } from '../../base/errors.ts'
import { invalidValue, notOfferedValue, type SettingKind } from './setting-kinds.ts'

const dateStyles: Readonly<Record<string, 'ISO' | 'SQL' | 'Postgres' | 'German'>> = {
  iso: 'ISO',
  sql: 'SQL',
  postgres: 'Postgres',
  german: 'German',
  default: 'ISO',
}

const fieldOrders: Readonly<Record<string, 'MDY' | 'DMY' | 'YMD'>> = {
  ymd: 'YMD',
  dmy: 'DMY',
  euro: 'DMY',
  european: 'DMY',
  mdy: 'MDY',
  us: 'MDY',
  noneuro: 'MDY',
  noneuropean: 'MDY',
}

/** DateStyle: the form of dates, and the order of day and month where a date leaves it open. */
export const dateStyle: SettingKind = {
  expected: 'ISO, MDY, or one of the two',
  read(text, name) {
    for (const word of text.split(',').map((part) => part.trim().toLowerCase())) {
      const style = dateStyles[word]
      const order = fieldOrders[word]
      if (style === undefined && order === undefined) {
        const { code, message } = invalidValue(name, text)
        throw new QueryError(code, message, { detail: `Unrecognized key word: "${word}".` })
      }
      if ((style ?? 'ISO') !== 'ISO' || (order ?? 'MDY') !== 'MDY') {
        throw notOfferedValue(name, text)
      }
    }
    return 'ISO, MDY'
  },
}

/** Names of the one time zone there is, as PostgreSQL writes them. */
const utcNames: readonly string[] = [
  'UTC',
  'Etc/UTC',
  'GMT',
  'Etc/GMT',
  'UCT',
  'Etc/UCT',
  'Zulu',
  'Etc/Zulu',
  'Universal',
  'Etc/Universal',
  'Greenwich',
  'Etc/Greenwich',
  'GMT0',
  'Etc/GMT0',
  'UTC0',
]

/** TimeZone: every name and offset that means UTC. */
export const timeZone: SettingKind = {
  expected: 'UTC, GMT, Etc/UTC and other names of it, or the offset 0',
  read(text, name) {
    const utc = utcNames.find((zone) => zone.toLowerCase() === text.trim().toLowerCase())
    if (utc !== undefined) return utc
    if (/^\s*[-+]?0+(?::?00)?(?:\.0*)?\s*$/.test(text)) return '<+00>-00'
    if (/^\s*[-+<]?\d/.test(text) || isKnownZone(text)) {
      throw notSupported(`time zone "${text}": there is UTC only`)
    }
    throw invalidValue(name, text)
  },
}

function isKnownZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name.trim() }).format(0) !== ''
  } catch {
    return false
  }
}

/** PostgreSQL's encodings for clients, without punctuation. */
const encodings: ReadonlySet<string> = new Set(
  (
    'big5 eucjp euccn euckr euctw eucjis2004 gb18030 gbk iso88595 iso88596 iso88597 iso88598 johab ' +
    'koi8 koi8r koi8u latin1 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 latin10 ' +
    'iso88591 iso88592 iso88593 iso88594 iso88599 muleinternal sjis shiftjis shiftjis2004 ' +
    'sqlascii uhc win866 win874 win1250 win1251 win1252 win1253 win1254 win1255 win1256 win1257 ' +
    'win1258 windows1250 windows1251 windows1252 alt abc tcvn vscii mskanji'
  ).split(' '),
)

export const clientEncoding: SettingKind = {
  expected: 'UTF8 only',
  read(text, name) {
    const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
    if (plain === 'utf8' || plain === 'unicode') return 'UTF8'
    throw encodings.has(plain) ? notOfferedValue(name, text) : invalidValue(name, text)
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
