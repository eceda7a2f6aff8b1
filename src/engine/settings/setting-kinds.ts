import { notSupported, QueryError } from '../../base/errors.ts'

/** What a setting takes, and how it reads. Values are kept as text in one canonical form. */
export interface SettingKind {
  /** What it takes, for messages and the documentation. */
  readonly expected: string
  /**
   * The canonical form of what SET was given. Errors: INVALID_PARAMETER_VALUE in PostgreSQL's words for
   * what PostgreSQL refuses too, FEATURE_NOT_SUPPORTED for what it takes and Heddle cannot do. `current`: what it
   * is now, of which SET may leave a part as it is.
   */
  read(text: string, name: string, current?: string): string
  /** As SHOW prints the canonical form; as it is where this is left out. */
  show?(value: string): string
}

export function invalidValue(name: string, text: string, hint?: string): QueryError {
  const message = `invalid value for parameter "${name}": "${text}"`
  return new QueryError('INVALID_PARAMETER_VALUE', message, hint === undefined ? {} : { hint })
}

export function notOfferedValue(name: string, text: string): QueryError {
  return notSupported(`${name} = "${text}"`)
}

export const anyText: SettingKind = { expected: 'text', read: (text) => text }

/** Letters that PostgreSQL's log can print; every byte of others becomes a question mark. */
export const printableText: SettingKind = {
  expected: 'text',
  read: (text) => {
    const bytes = new TextEncoder().encode(text)
    return [...bytes].map((b) => (b < 32 || b > 126 ? '?' : String.fromCharCode(b))).join('')
  },
}

/** `offered`: the values that have their effect; the others of PostgreSQL's raise 0A000. */
export function oneOf(all: readonly string[], offered: readonly string[] = all): SettingKind {
  return {
    expected: offered.length === 1 ? `${offered[0]} only` : `one of ${offered.join(', ')}`,
    read(text, name) {
      const value = all.find((candidate) => candidate === text.toLowerCase())
      if (value === undefined)
        throw invalidValue(name, text, `Available values: ${all.join(', ')}.`)
      if (!offered.includes(value)) throw notOfferedValue(name, text)
      return value
    },
  }
}

const booleanWords = ['on', 'off', 'true', 'false', 'yes', 'no', '1', '0'] as const

/** PostgreSQL's booleans: a word or what it begins with, as far as that is one word's only. */
function booleanOf(text: string): 'on' | 'off' | undefined {
  const word = text.trim().toLowerCase()
  if (word === '' || word === 'o') return undefined
  const found = booleanWords.find((candidate) => candidate.startsWith(word))
  if (found === undefined) return undefined
  return ['on', 'true', 'yes', '1'].includes(found) ? 'on' : 'off'
}

/** `offered`: the only value that can be had, where the other is not offered. */
export function onOrOff(offered?: 'on' | 'off'): SettingKind {
  return {
    expected: offered === undefined ? 'on or off' : `${offered} only`,
    read(text, name) {
      const value = booleanOf(text)
      if (value === undefined) {
        const message = `parameter "${name}" requires a Boolean value`
        throw new QueryError('INVALID_PARAMETER_VALUE', message)
      }
      if (offered !== undefined && value !== offered) throw notOfferedValue(name, text)
      return value
    },
  }
}

export interface UnitFamily {
  /** The unit in which values are kept. */
  readonly base: string
  /** How many of the base each unit is, ascending. */
  readonly sizes: readonly (readonly [string, number])[]
  readonly hint: string
}

export const milliseconds: UnitFamily = {
  base: 'ms',
  sizes: [
    ['us', 0.001],
    ['ms', 1],
    ['s', 1_000],
    ['min', 60_000],
    ['h', 3_600_000],
    ['d', 86_400_000],
  ],
  hint: 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".',
}

const memoryHint = 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".'

export const kibibytes: UnitFamily = {
  base: 'kB',
  sizes: [
    ['B', 1 / 1_024],
    ['kB', 1],
    ['MB', 1_024],
    ['GB', 1_048_576],
    ['TB', 1_073_741_824],
  ],
  hint: memoryHint,
}

/** Bytes in the largest unit that gives a whole number. */
export function memoryText(bytes: number): string {
  const units = kibibytes.sizes.map(([unit, size]) => [unit, size * 1_024] as const)
  return withUnit(bytes, { ...kibibytes, sizes: units })
}

/** PostgreSQL's pages of 8 kB. */
export const pages: UnitFamily = {
  base: '8kB',
  sizes: kibibytes.sizes.map(([unit, size]) => [unit, size / 8] as const),
  hint: memoryHint,
}

const INTEGER_MAX = 2_147_483_647

/** A whole number, with a unit where there is a family of them; fractions are rounded. */
export function integer(min: number, max: number, units?: UnitFamily): SettingKind {
  const range = `an integer from ${min} to ${max}`
  return {
    expected: units === undefined ? range : `${range} ${units.base}, or with another unit`,
    read(text, name) {
      const value = Math.round(numberOf(text, name, units))
      if (Math.abs(value) > INTEGER_MAX) {
        throw invalidValue(name, text, 'Value exceeds integer range.')
      }
      checkRange(value, name, { min, max, unit: units && ` ${units.base}` })
      return String(value)
    },
    ...(units && { show: (value) => withUnit(Number(value), units) }),
  }
}

export function real(min: number, max: number): SettingKind {
  return {
    expected: `a number from ${shownReal(min)} to ${shownReal(max)}`,
    read(text, name) {
      const value = numberOf(text, name, undefined)
      checkRange(value, name, { min, max, unit: undefined })
      return shownReal(value)
    },
  }
}

function shownReal(value: number): string {
  return String(Number(value.toPrecision(6)))
}

const numberForm = /^\s*([-+]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?))\s*(\S*)\s*$/i

function numberOf(text: string, name: string, units: UnitFamily | undefined): number {
  const [, digits, unit = ''] = numberForm.exec(text) ?? []
  if (digits === undefined) throw invalidValue(name, text)
  const value = Number(digits)
  if (unit === '') return value
  const size = units?.sizes.find(([candidate]) => candidate === unit)?.[1]
  if (size === undefined) throw invalidValue(name, text, units?.hint)
  return value * size
}

function checkRange(
  value: number,
  name: string,
  range: { readonly min: number; readonly max: number; readonly unit: string | undefined },
): void {
  const { min, max, unit = '' } = range
  if (value >= min && value <= max) return
  const bounds = [min, max].map((bound) =>
    Number.isInteger(bound) && bound < 1e15 ? bound : shownReal(bound),
  )
  throw new QueryError(
    'INVALID_PARAMETER_VALUE',
    `${value}${unit} is outside the valid range for parameter "${name}" (${bounds.join(' .. ')})`,
  )
}

/** `5s` for 5000 ms: in the largest unit that gives a whole number. */
function withUnit(value: number, { sizes }: UnitFamily): string {
  if (value <= 0) return String(value)
  const [unit, size] = sizes.findLast(([, size]) => Number.isInteger(value / size)) ?? ['', 1]
  return `${value / size}${unit}`
}
