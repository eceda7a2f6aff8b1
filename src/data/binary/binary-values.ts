import { assert, present } from '../../base/assert.ts'
import { readArrayText } from '../types/array-text.ts'
import { rangeSubtypes } from '../types/data-type.ts'
import { readMultirangeText, readRangeText, type RangeParts } from '../types/range-text.ts'
import { readRecordText } from '../types/record-text.ts'
import { formatScalar } from '../types/format-scalar.ts'
import { parseScalar } from '../types/parse-scalar.ts'
import { encodeBits } from './bit-strings.ts'
import { oidOf } from './type-oids.ts'
import type { DataType, TypeKind } from '../types/data-type.ts'
import { intervalOf, numericOf, type NumericValue, type Scalar } from '../types/scalar.ts'
import { zonedTimeOf } from '../types/zoned-time.ts'
import { MICROS_PER_SECOND } from '../types/calendar.ts'
import { UUID_BYTES, writeUuid } from '../types/uuid.ts'

/** The same for dates, in days. */
export const DAYS_1970_TO_2000 = 10_957
/** What a timestamp counts from here, in microseconds before PostgreSQL's 2000-01-01. */
export const MICROS_1970_TO_2000 = 946_684_800_000_000n
const NUMERIC_BASE_DIGITS = 4
const NUMERIC_NEGATIVE = 0x4000
const specialSigns = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 } as const
const INFINITE_SCALE = 0x20

/** A value in PostgreSQL's binary format. */
export function encodeBinary(value: NonNullable<Scalar>, type: DataType): Buffer {
  return encoders[type.kind](value, type)
}

type Encoder = (value: NonNullable<Scalar>, type: DataType) => Buffer

const asText: Encoder = (value) => Buffer.from(String(value), 'utf8')
const asInt64: Encoder = (value) => fixed(8, (b) => b.writeBigInt64BE(value as bigint))
const asTimestamp: Encoder = (value) =>
  fixed(8, (b) => b.writeBigInt64BE((value as bigint) - MICROS_1970_TO_2000))
const asNumeric: Encoder = (value, type) => encodeNumeric(numericOf(value, type))

const encoders: Readonly<Record<TypeKind, Encoder>> = {
  bool: (value) => Buffer.of(value === true ? 1 : 0),
  int2: (value) => fixed(2, (b) => b.writeInt16BE(Number(value))),
  int4: (value) => fixed(4, (b) => b.writeInt32BE(Number(value))),
  int8: asInt64,
  float4: (value) => fixed(4, (b) => b.writeFloatBE(Number(value))),
  float8: (value) => fixed(8, (b) => b.writeDoubleBE(Number(value))),
  decimal: asNumeric,
  numeric: asNumeric,
  date: (value) => fixed(4, (b) => b.writeInt32BE(Number(value) - DAYS_1970_TO_2000)),
  time: asInt64,
  timestamp: asTimestamp,
  timestamptz: asTimestamp,
  interval: (value) =>
    fixed(16, (b) => {
      const { months, days, micros } = intervalOf(value)
      b.writeBigInt64BE(micros, 0)
      b.writeInt32BE(days, 8)
      b.writeInt32BE(months, 12)
    }),
  text: asText,
  bytea: (value) => Buffer.from(value as Uint8Array),
  timetz(value) {
    const { micros, zone } = zonedTimeOf(value)
    return fixed(12, (b) => {
      b.writeBigInt64BE(micros, 0)
      // In seconds west of Greenwich.
      b.writeInt32BE(Number(-zone / MICROS_PER_SECOND), 8)
    })
  },
  bpchar: asText,
  oid: (value) => fixed(4, (b) => b.writeUInt32BE(Number(value))),
  uuid: (value) => fixed(UUID_BYTES, (b) => writeUuid(value as bigint, b)),
  bit: encodeBits,
  varbit: encodeBits,
  json: asText,
  // jsonpath_send: a version, and the text.
  jsonpath: (value) => Buffer.concat([Buffer.of(1), Buffer.from(String(value), 'utf8')]),
  // A version in front.
  jsonb: (value) => Buffer.concat([Buffer.of(1), Buffer.from(String(value), 'utf8')]),
  array: encodeArray,
  record: encodeRecord,
  range: encodeRange,
  multirange: encodeMultirange,
  reg: (value) => fixed(4, (b) => b.writeUInt32BE(Number(value))),
  enum: (value, type) => Buffer.from(formatScalar(value, type), 'utf8'),
  unknown: asText,
}

/** array_send: dimensions, whether there are NULLs, the elements' type, bounds, elements. */
function encodeArray(value: NonNullable<Scalar>, type: DataType): Buffer {
  assert(type.kind === 'array', 'array of another type')
  const { element } = type
  const { dimensions, elements } = readArrayText(String(value))
  const head = Buffer.alloc(ARRAY_HEAD_BYTES + 8 * dimensions.length)
  head.writeInt32BE(dimensions.length, 0)
  head.writeInt32BE(elements.includes(null) ? 1 : 0, 4)
  head.writeUInt32BE(oidOf(element), 8)
  dimensions.forEach(({ lower, length }, at) => {
    head.writeInt32BE(length, ARRAY_HEAD_BYTES + 8 * at)
    head.writeInt32BE(lower, ARRAY_HEAD_BYTES + 8 * at + 4)
  })
  const parts = elements.flatMap((item) => {
    if (item === null) return [fixed(4, (b) => b.writeInt32BE(-1))]
    const bytes = encodeBinary(present(parseScalar(item, element), 'an element'), element)
    return [fixed(4, (b) => b.writeInt32BE(bytes.length)), bytes]
  })
  return Buffer.concat([head, ...parts])
}

/** record_send: how many fields, then the type and bytes of each. */
function encodeRecord(value: NonNullable<Scalar>, type: DataType): Buffer {
  assert(type.kind === 'record', 'row of another type')
  const texts = readRecordText(String(value), type.fields.length)
  const parts = type.fields.flatMap((field, at) => {
    const text = texts[at] ?? null
    const bytes =
      text === null
        ? undefined
        : encodeBinary(present(parseScalar(text, field.type), 'a field'), field.type)
    const head = fixed(8, (b) => {
      b.writeUInt32BE(oidOf(field.type), 0)
      b.writeInt32BE(bytes?.length ?? -1, 4)
    })
    return bytes === undefined ? [head] : [head, bytes]
  })
  return Buffer.concat([fixed(4, (b) => b.writeInt32BE(type.fields.length)), ...parts])
}

const RANGE_EMPTY = 1
const RANGE_HAS_LOWER = 2
const RANGE_HAS_UPPER = 4
const RANGE_IS_LOWEST = 8
const RANGE_IS_HIGHEST = 16

/** range_send: what the bounds are like, then each that is finite. */
function encodeRange(value: NonNullable<Scalar>, type: DataType): Buffer {
  return encodeRangeParts(readRangeText(String(value)), type)
}

function encodeRangeParts(parts: RangeParts | undefined, type: DataType): Buffer {
  assert('of' in type, 'range of another type')
  if (parts === undefined) return Buffer.of(RANGE_EMPTY)
  const { lower, upper, hasLower, hasUpper } = parts
  const flags =
    (hasLower ? RANGE_HAS_LOWER : 0) +
    (hasUpper ? RANGE_HAS_UPPER : 0) +
    (lower === null ? RANGE_IS_LOWEST : 0) +
    (upper === null ? RANGE_IS_HIGHEST : 0)
  const subtype = rangeSubtypes[type.of]
  const bounds = [lower, upper].flatMap((text) => {
    if (text === null) return []
    const bytes = encodeBinary(present(parseScalar(text, subtype), 'a bound'), subtype)
    return [fixed(4, (b) => b.writeInt32BE(bytes.length)), bytes]
  })
  return Buffer.concat([Buffer.of(flags), ...bounds])
}

/** multirange_send: how many ranges, then each. */
function encodeMultirange(value: NonNullable<Scalar>, type: DataType): Buffer {
  const ranges = readMultirangeText(String(value))
  const parts = ranges.flatMap((range) => {
    const bytes = encodeRangeParts(range, type)
    return [fixed(4, (b) => b.writeInt32BE(bytes.length)), bytes]
  })
  return Buffer.concat([fixed(4, (b) => b.writeInt32BE(ranges.length)), ...parts])
}

/** Before the bounds of the dimensions. */
export const ARRAY_HEAD_BYTES = 12

function fixed(bytes: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(bytes)
  write(buffer)
  return buffer
}

/** Sign and base-10000 digits around the decimal point (numeric_send in PostgreSQL's numeric.c). */
function encodeNumeric({ unscaled, scale, special }: NumericValue): Buffer {
  if (special !== undefined) {
    return fixed(8, (b) => {
      b.writeUInt16BE(specialSigns[special], 4)
      // What an infinity's header says where a scale would stand.
      if (special !== 'NaN') b.writeInt16BE(INFINITE_SCALE, 6)
    })
  }
  const fractionGroups = Math.ceil(scale / NUMERIC_BASE_DIGITS)
  const magnitude = unscaled < 0n ? -unscaled : unscaled
  const zeros = '0'.repeat(fractionGroups * NUMERIC_BASE_DIGITS - scale)
  const text = magnitude === 0n ? '' : `${magnitude}${zeros}`
  const lead = text.length % NUMERIC_BASE_DIGITS
  const digits: number[] = lead === 0 ? [] : [Number(text.slice(0, lead))]
  for (let at = lead; at < text.length; at += NUMERIC_BASE_DIGITS) {
    digits.push(Number(text.slice(at, at + NUMERIC_BASE_DIGITS)))
  }
  const weight = digits.length - fractionGroups - 1
  while (digits.at(-1) === 0) digits.pop()
  const buffer = Buffer.alloc(8 + 2 * digits.length)
  buffer.writeUInt16BE(digits.length, 0)
  buffer.writeInt16BE(digits.length === 0 ? 0 : weight, 2)
  buffer.writeUInt16BE(unscaled < 0n ? NUMERIC_NEGATIVE : 0, 4)
  buffer.writeInt16BE(scale, 6)
  digits.forEach((digit, index) => buffer.writeInt16BE(digit, 8 + 2 * index))
  return buffer
}
