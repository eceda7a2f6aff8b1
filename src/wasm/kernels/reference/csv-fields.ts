// What the field parsers of CSV make of one field. A field that is neither NULL nor of the parser's
// form is odd: it is left to the type's general input rules.

/** How fields are quoted ('' for not at all) and which of them, unquoted, are NULL. */
export interface FieldSettings {
  readonly quote: string
  readonly nullStrings: readonly string[]
  /** Whether numbers with zeros in front, as codes have them, are odd. */
  readonly isStrict: boolean
}

export type Parsed<T> = { readonly value: T } | 'null' | 'odd'

/** A type's form: its value from a field without quotes, undefined when it is not of the form. */
export type FieldForm<T> = (text: string, isStrict: boolean) => T | undefined

/** The reference of all field parsers but `csvTexts`. */
export function parseField<T>(
  field: string,
  settings: FieldSettings,
  form: FieldForm<T>,
): Parsed<T> {
  if (settings.nullStrings.includes(field)) return 'null'
  const { quote } = settings
  const isQuoted = quote !== '' && field.length > 1 && field.startsWith(quote)
  const content = isQuoted ? field.slice(1, -1) : field
  const value = form(content, settings.isStrict)
  return value === undefined ? 'odd' : { value }
}

/** A number with zeros in front: a code, to a column whose type comes from a sample. */
function isPadded(content: string): boolean {
  return /^[+-]?0\d+(?:\.\d*)?(?:[eE].*)?$/i.test(content)
}

/** An integer with more digits than a float holds surely. */
function isLongInteger(content: string): boolean {
  return /^[+-]?\d+$/.test(content) && BigInt(content.replace(/^[+-]/, '')) > 2n ** 53n
}

/** The reference of `csvTexts`: a quoted field is never NULL, and odd where a quote is not doubled. */
export function parseText(field: string, { quote, nullStrings }: FieldSettings): Parsed<string> {
  if (quote === '' || !field.startsWith(quote)) {
    return nullStrings.includes(field) ? 'null' : { value: field }
  }
  if (field.length < 2 || !field.endsWith(quote)) return 'odd'
  const pieces = field.slice(1, -1).split(quote + quote)
  return pieces.some((piece) => piece.includes(quote)) ? 'odd' : { value: pieces.join(quote) }
}

/** `csvIntegers`: at most 19 digits. Strict: no zeros in front, for `csvNumerics` and `csvFloats` too. */
export function integerForm(bits: number): FieldForm<bigint> {
  return (text, isStrict) => {
    if (!/^[+-]?\d{1,19}$/.test(text) || (isStrict && isPadded(text))) return undefined
    const value = BigInt(text.replace(/^\+/, ''))
    return BigInt.asIntN(bits, value) === value ? value : undefined
  }
}

interface Fixed {
  readonly unscaled: bigint
  readonly scale: number
}

/** `csvNumerics`: at most 18 digits. */
export function fixedForm(text: string, isStrict = false): Fixed | undefined {
  if (isStrict && isPadded(text)) return undefined
  const [, sign, whole = '', fraction = ''] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text) ?? []
  const digits = whole + fraction
  if (digits.length === 0 || digits.length > 18) return undefined
  return { unscaled: BigInt(sign === '-' ? -1 : 1) * BigInt(digits), scale: fraction.length }
}

/** `csvDecimals`: as many digits fit, halves are rounded away from zero. */
export function decimalForm(precision: number, scale: number): FieldForm<bigint> {
  return (text) => {
    const fixed = fixedForm(text)
    if (fixed === undefined || scale > 18) return undefined
    const places = BigInt(Math.max(0, fixed.scale - scale))
    const scaled = fixed.unscaled * 10n ** BigInt(Math.max(0, scale - fixed.scale))
    const half = (10n ** places / 2n) * (scaled < 0n ? -1n : 1n)
    const value = (scaled + half) / 10n ** places
    const limit = 10n ** BigInt(Math.min(precision, 18))
    return value < limit && value > -limit ? value : undefined
  }
}

/**
 * `csvFloats`: at most 19 digits behind leading zeros. Subnormal values, and those
 * that overflow, are odd; strictly also integers beyond 2^53; so are floats of 32 bits whose rounding a float of 64 bits cannot decide.
 */
export function floatForm(bits: 32 | 64): FieldForm<number> {
  return (text, isStrict) => {
    if (isStrict && (isPadded(text) || isLongInteger(text))) return undefined
    const [, mantissa = ''] = /^[+-]?(\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?$/i.exec(text) ?? []
    const digits = mantissa.replace('.', '').replace(/^0+/, '')
    if (mantissa === '' || digits.length > 19) return undefined
    const value = Number(text)
    if (digits === '') return value
    const size = Math.abs(value)
    if (bits === 64) return size >= 2 ** -1022 && size < Infinity ? value : undefined
    const single = Math.fround(value)
    if (size < 2 ** -126 || Math.abs(single) === Infinity) return undefined
    const step = 2 ** (Math.floor(Math.log2(size)) - 23)
    return Math.abs(value - single) === step / 2 ? undefined : single
  }
}

/** `csvBooleans`: one letter or digit, or the whole word; strict: the whole word. */
export function booleanForm(text: string, isStrict: boolean): boolean | undefined {
  if (isStrict && text.length === 1) return undefined
  if (/^(?:t|y|1|true)$/i.test(text)) return true
  return /^(?:f|n|0|false)$/i.test(text) ? false : undefined
}

/** `csvDates`: years 1 to 9999. Days since 1970-01-01. */
export function dateForm(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return undefined
  const millis = Date.parse(`${text}T00:00:00Z`)
  // Date goes on into the next month where there is no such day.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text) return undefined
  return millis / 86_400_000
}

/** `csvTimes` of form 0: microseconds of the day. */
export function timeForm(text: string): bigint | undefined {
  const [, hour, minute, second, fraction = ''] =
    /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{0,6}))?$/.exec(text) ?? []
  if (hour === undefined) return undefined
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

/** `csvTimes` of form 1: a date, perhaps with a time behind it. */
export function timestampForm(text: string): bigint | undefined {
  const [, date = '', time] = /^(.{10})(?:[ T](.*))?$/.exec(text) ?? []
  const days = dateForm(date)
  const micros = time === undefined ? 0n : timeForm(time)
  if (days === undefined || micros === undefined) return undefined
  return BigInt(days) * 86_400_000_000n + micros
}

/** `csvTimes` of form 2: with a time, and in UTC. */
export function zonedForm(text: string): bigint | undefined {
  const [, local] = /^(.{11}.*?)(?:Z|\+00(?::00)?)$/.exec(text) ?? []
  return local === undefined ? undefined : timestampForm(local)
}
