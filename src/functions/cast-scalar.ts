import { assert, AssertionError, present } from '../base/assert.ts'
import { notSupported, QueryError, type ErrorCode } from '../base/errors.ts'
import { readArrayText, writeArrayText } from '../data/types/array-text.ts'
import {
  MICROS_PER_DAY,
  splitMicros,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../data/types/calendar.ts'
import { plainLocale, type Locale } from '../data/types/datetime/locale.ts'
import { offsetAt, offsetByClock } from '../data/zones/time-zone.ts'
import { withoutBlanks } from '../data/types/catalogue/bpchar.ts'
import { zonedTimeOf, zonedTimeText } from '../data/types/zoned-time.ts'
import { scalarOfJson } from './json-scalar.ts'
import {
  bool,
  float4,
  isSameRow,
  jsonb,
  numeric,
  sameType,
  timestamp,
  typeName,
  type DataType,
  type TypeKind,
} from '../data/types/data-type.ts'
import { formatNumeric, roundedExponential } from '../data/types/format-values.ts'
import { formatScalar } from '../data/types/format-scalar.ts'
import { nearestSingle } from '../data/types/nearest-single.ts'
import { checkedNumeric, rescale } from '../data/types/numeric-arithmetic.ts'
import {
  integerBounds,
  parseFloatText,
  parseNumeric,
  toDecimal,
} from '../data/types/parse-number.ts'
import { specialNumeric } from '../data/types/numeric-specials.ts'
import { readRecordText, writeRecordText } from '../data/types/record-text.ts'
import { parseScalar } from '../data/types/parse-scalar.ts'
import { roundHalfEven } from '../data/types/round-half-even.ts'
import { isInterval, isNumeric, type NumericValue, type Scalar } from '../data/types/scalar.ts'

/** Converts a non-NULL value as PostgreSQL's casts do. Throws the QueryError of the cast. */
export function castScalar(
  value: NonNullable<Scalar>,
  from: DataType,
  to: DataType,
  locale = plainLocale,
): Scalar {
  if (sameType(from, to)) return value
  if (isText(from)) return parseScalar(String(value), to, locale)
  if (from.kind === 'timetz' && to.kind === 'time') return zonedTimeOf(value).micros
  if (isOid(from) && to.kind === 'int4') return Number(BigInt.asIntN(32, value as bigint))
  if (from.kind === 'bit' && (to.kind === 'int4' || to.kind === 'int8')) {
    return integerOfBits(String(value), to.kind)
  }
  if (from.kind === 'bpchar') {
    const isPlain = to.kind === 'text' || to.kind === 'unknown'
    return isPlain ? withoutBlanks(String(value)) : parseScalar(String(value), to, locale)
  }
  if (from.kind === 'jsonb' && !writesJson.has(to.kind)) {
    return castScalar(scalarOfJson(String(value), to), to.kind === 'bool' ? bool : numeric, to)
  }
  const caster = present(casters[to.kind], `cast from ${from.kind} to ${to.kind}`)
  return caster(value, from, to, locale)
}

type Caster = (value: NonNullable<Scalar>, from: DataType, to: DataType, locale: Locale) => Scalar

const BITS = { int4: 32, int8: 64 } as const

const toInt =
  (kind: 'int2' | 'int4'): Caster =>
  (value, from) =>
    Number(toInteger(value, from, kind))

/** Casts to a type from those that are not text, by what they are cast to; only a text becomes another. */
const casters: Readonly<Partial<Record<TypeKind, Caster>>> = {
  bool: (value) => Number(value) !== 0,
  int2: toInt('int2'),
  int4: toInt('int4'),
  int8: (value, from) => toInteger(value, from, 'int8'),
  float4: (value, from) => toFloat(value, from, 'float4'),
  float8: (value, from) => toFloat(value, from, 'float8'),
  decimal(value, from, to) {
    assert(to.kind === 'decimal', 'decimals of another type')
    return toDecimal(toNumeric(value, from), to)
  },
  numeric: (value, from) => checkedNumeric(toNumeric(value, from)),
  date: toDateTime,
  time: toDateTime,
  timestamp: toDateTime,
  timestamptz: toDateTime,
  interval: toDateTime,
  text: toText,
  unknown: toText,
  timetz: toZonedTime,
  oid: toOid,
  reg: toOid,
  bpchar: toText,
  bit: toBits,
  varbit: (value) => String(value),
  json: (value) => String(value),
  jsonb: (value) => parseScalar(String(value), jsonb),
  array: castElements,
  record: castFields,
  multirange: (value) => (value === 'empty' ? '{}' : `{${String(value)}}`),
}

/** A row, field by field; to what its own type has become, by the fields' names. */
function castFields(value: NonNullable<Scalar>, from: DataType, to: DataType): Scalar {
  assert(from.kind === 'record' && to.kind === 'record', 'row of another type')
  const texts = readRecordText(String(value), from.fields.length)
  const isAltered = from.name !== undefined && isSameRow(from, to)
  const fields = to.fields.map(({ name, type: target }, position) => {
    const at = isAltered ? from.fields.findIndex((field) => field.name === name) : position
    const type = from.fields[at]?.type ?? target
    const text = texts[at] ?? null
    if (text === null || sameType(type, target)) return text
    const field = parseScalar(text, type)
    const result = field === null ? null : castScalar(field, type, target)
    return result === null ? null : formatScalar(result, target)
  })
  return writeRecordText(fields)
}

/** Of a bit string; of an integer all bits that its type has. */
function toBits(value: NonNullable<Scalar>, from: DataType): string {
  if (from.kind !== 'int4' && from.kind !== 'int8') return String(value)
  const width = BITS[from.kind]
  const unsigned = BigInt.asUintN(width, BigInt(value as number | bigint))
  return unsigned.toString(2).padStart(width, '0')
}

function integerOfBits(bits: string, kind: 'int4' | 'int8'): Scalar {
  const width = BITS[kind]
  if (bits.length > width) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', `${typeName({ kind })} out of range`)
  }
  const number = BigInt.asIntN(width, BigInt(`0b0${bits}`))
  return kind === 'int4' ? Number(number) : number
}

/** An array, element by element. */
function castElements(
  value: NonNullable<Scalar>,
  from: DataType,
  to: DataType,
  locale: Locale,
): Scalar {
  assert(from.kind === 'array' && to.kind === 'array', 'array of another type')
  const [source, target] = [from.element, to.element]
  const { dimensions, elements } = readArrayText(String(value))
  const cast = (text: string | null): string | null => {
    if (text === null) return null
    const element = parseScalar(text, source)
    const result = element === null ? null : castScalar(element, source, target, locale)
    return result === null ? null : formatScalar(result, target)
  }
  return writeArrayText({ dimensions, elements: elements.map(cast) })
}

/** What a jsonb is cast to as it is written, not by its value. */
const writesJson: ReadonlySet<TypeKind> = new Set(['json', 'text', 'bpchar', 'unknown'])

function isText({ kind }: DataType): boolean {
  return kind === 'text' || kind === 'unknown'
}

/** What a lenient cast ends with, whatever its value is. */
const notOfData: ReadonlySet<ErrorCode> = new Set(['FEATURE_NOT_SUPPORTED', 'QUERY_CANCELED'])

/** Like {@link castScalar}; NULL where the cast would raise an error of the data. */
export function castScalarLeniently(
  value: NonNullable<Scalar>,
  from: DataType,
  to: DataType,
  locale = plainLocale,
): Scalar {
  try {
    return castScalar(value, from, to, locale)
  } catch (error) {
    if (!(error instanceof QueryError) || notOfData.has(error.code)) throw error
    return null
  }
}

/** The exact value of an integer, decimal or numeric; a float by its 15 (6) leading digits, as in PostgreSQL. */
export function toNumeric(value: NonNullable<Scalar>, from: DataType): NumericValue {
  if (isNumeric(value)) return value
  if (from.kind === 'float4' || from.kind === 'float8') {
    const float = Number(value)
    if (!Number.isFinite(float)) return specialNumeric(float)
    const digits = roundedExponential(float, from.kind === 'float4' ? 5 : 14)
    return parseNumeric(digits.replace(/\.?0+e/, 'e'))
  }
  const unscaled = BigInt(value as bigint | number | boolean)
  return { unscaled, scale: from.kind === 'decimal' ? from.scale : 0 }
}

/** The number nearest to an exact value. */
export function numericToFloat(value: NumericValue): number {
  return Number(formatNumeric(value))
}

function isOid({ kind }: DataType): boolean {
  return kind === 'oid' || kind === 'reg'
}

/** An integer as an oid: of 32 bits those below 0 too, as in PostgreSQL. */
function toOid(value: NonNullable<Scalar>, from: DataType): bigint {
  const integer = BigInt(value as number | bigint)
  if (from.kind !== 'int8') return BigInt.asUintN(32, integer)
  if (BigInt.asUintN(32, integer) === integer) return integer
  throw new QueryError('NUMERIC_OUT_OF_RANGE', 'OID out of range')
}

function toText(value: NonNullable<Scalar>, from: DataType, _: DataType, locale: Locale): string {
  if (from.kind === 'bpchar') return withoutBlanks(String(value))
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return formatScalar(value, from, locale)
}

function toInteger(
  value: NonNullable<Scalar>,
  from: DataType,
  kind: 'int2' | 'int4' | 'int8',
): bigint {
  const { min, max } = integerBounds[kind]
  const outOfRange = (): QueryError =>
    new QueryError('NUMERIC_OUT_OF_RANGE', `${typeName({ kind })} out of range`)
  let rounded: bigint
  if (from.kind === 'float4' || from.kind === 'float8') {
    if (!Number.isFinite(value)) throw outOfRange()
    rounded = BigInt(roundHalfEven(Number(value)))
  } else {
    const { unscaled, scale, special } = toNumeric(value, from)
    if (special !== undefined) {
      const what = special === 'NaN' ? special : 'infinity'
      throw new QueryError(
        'FEATURE_NOT_SUPPORTED',
        `cannot convert ${what} to ${typeName({ kind })}`,
      )
    }
    rounded = rescale(unscaled, scale, 0)
  }
  if (rounded < min || rounded > max) throw outOfRange()
  return rounded
}

function toFloat(value: NonNullable<Scalar>, from: DataType, kind: 'float4' | 'float8'): number {
  const double = typeof value === 'number' ? value : numericToFloat(toNumeric(value, from))
  if (isNumeric(value) && beyondFloat(value, double)) {
    const text = formatNumeric(value)
    throw new QueryError(
      'NUMERIC_OUT_OF_RANGE',
      `"${text}" is out of range for type ${typeName({ kind })}`,
    )
  }
  if (kind === 'float8') return double
  if (isNumeric(value)) return parseFloatText(formatNumeric(value), float4)
  const single =
    typeof value === 'number' ? Math.fround(value) : nearestSingle(exactText(value, from))
  if (!Number.isFinite(single) && Number.isFinite(double)) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: overflow')
  }
  if (single === 0 && double !== 0) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: underflow')
  }
  return single
}

function exactText(value: NonNullable<Scalar>, from: DataType): string {
  return formatNumeric(toNumeric(value, from))
}

/** Whether a number became infinity or zero. */
function beyondFloat({ unscaled, special }: NumericValue, double: number): boolean {
  if (special !== undefined) return false
  return !Number.isFinite(double) || (double === 0 && unscaled !== 0n)
}

/** A time of day with the session's zone: of a moment as it was then, of a time of day as it is today. */
function toZonedTime(
  value: NonNullable<Scalar>,
  from: DataType,
  _: DataType,
  locale: Locale,
): string {
  const micros = value as bigint
  const isTime = from.kind === 'time'
  const moment = isTime && locale.zone.starts.length > 1 ? nowOf(locale) : micros
  const seconds = Number(moment / 1_000_000n)
  const offset = BigInt(offsetAt(locale.zone, seconds)) * 1_000_000n
  return zonedTimeText({
    micros: isTime ? micros : splitMicros(micros + offset).rest,
    zone: offset,
  })
}

function nowOf({ nowMicros }: Locale): bigint {
  if (nowMicros === undefined) throw notSupported('a time of day in a zone whose offset changes')
  return nowMicros()
}

/** What the clocks of a locale show, or from that, the moment. */
function byClock(micros: bigint, { zone }: Locale, to: 'local' | 'moment'): bigint {
  const seconds = splitMicros(micros).days * 86_400
  const rest = Number(splitMicros(micros).rest / 1_000_000n)
  const offset =
    to === 'local' ? offsetAt(zone, seconds + rest) : offsetByClock(zone, seconds + rest)
  return to === 'local'
    ? micros + BigInt(offset) * 1_000_000n
    : micros - BigInt(offset) * 1_000_000n
}

/** Dates and times as those of another type. */
function toDateTime(
  value: NonNullable<Scalar>,
  from: DataType,
  to: DataType,
  locale: Locale,
): Scalar {
  if (from.kind === 'timestamptz' && to.kind !== 'timestamptz') {
    const local = byClock(value as bigint, locale, 'local')
    return to.kind === 'timestamp' ? local : toDateTime(local, timestamp, to, locale)
  }
  if (to.kind === 'timestamptz' && from.kind !== 'timestamptz') {
    const local = from.kind === 'timestamp' ? value : toDateTime(value, from, timestamp, locale)
    return byClock(local as bigint, locale, 'moment')
  }
  if (from.kind === 'date' && (to.kind === 'timestamp' || to.kind === 'timestamptz')) {
    const micros = BigInt(value as number) * MICROS_PER_DAY
    if (micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX) {
      throw new QueryError('DATETIME_OVERFLOW', 'date out of range for timestamp')
    }
    return micros
  }
  if (from.kind === 'timestamp' || from.kind === 'timestamptz') {
    if (to.kind === 'timestamp' || to.kind === 'timestamptz') return value
    const { days, rest } = splitMicros(value as bigint)
    if (to.kind === 'date') return days
    if (to.kind === 'time') return rest
  }
  if (from.kind === 'time' && to.kind === 'interval') {
    return { months: 0, days: 0, micros: value as bigint }
  }
  if (to.kind === 'time' && isInterval(value)) return splitMicros(value.micros).rest
  throw new AssertionError(`internal error: cast from ${from.kind} to ${to.kind}`)
}
