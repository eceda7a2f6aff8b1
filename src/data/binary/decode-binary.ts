import { decodeBits } from './bit-strings.ts'
import { assert, present } from '../../base/assert.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import {
  DATE_MAX,
  DATE_MIN,
  MICROS_PER_SECOND,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../types/calendar.ts'
import { typeEntry } from '../types/catalogue.ts'
import {
  ARRAY_ELEMENTS_MAX,
  checkBounds,
  checkDimensions,
  checkElements,
  writeArrayText,
} from '../types/array-text.ts'
import { postgresType } from '../types/coercion.ts'
import { sameType, typeName, type DataType, type TypeKind } from '../types/data-type.ts'
import { formatScalar } from '../types/format-scalar.ts'
import { parseScalar } from '../types/parse-scalar.ts'
import type { Scalar } from '../types/scalar.ts'
import { zonedTimeText } from '../types/zoned-time.ts'
import { uuidOfBytes } from '../types/uuid.ts'
import { DAYS_1970_TO_2000, MICROS_1970_TO_2000 } from './binary-values.ts'
import { insufficientData } from './insufficient-data.ts'
import { numericText } from './numeric-text.ts'
import { oidOf, parameterType } from './type-oids.ts'

const DATE_INFINITY = 2_147_483_647
const TIMESTAMP_INFINITY = 9_223_372_036_854_775_807n
const DAY_MICROS = 86_400_000_000n

/**
 * A value in PostgreSQL's binary format, which has to be whole. `parameter`: counted from 0, of a statement that it is given
 * to. Errors: PROTOCOL_VIOLATION, INVALID_BINARY_REPRESENTATION, and those of the value.
 */
export function decodeBinary(bytes: Buffer, type: DataType, parameter?: number): Scalar {
  const { wireBytes } = typeEntry(type)
  if (bytes.length < wireBytes) throw insufficientData()
  const value = decoders[type.kind](bytes, type, parameter)
  // As in PostgreSQL last: a value that is wrong in itself is said to be.
  if (wireBytes >= 0 && bytes.length > wireBytes) throw incorrectBinary(parameter)
  return value
}

function incorrectBinary(parameter: number | undefined): QueryError {
  const place = parameter === undefined ? '' : ` in bind parameter ${parameter + 1}`
  const message = `incorrect binary data format${place}`
  return new QueryError('INVALID_BINARY_REPRESENTATION', message)
}

type Decoder = (bytes: Buffer, type: DataType, index: number | undefined) => Scalar

const timestampOf: Decoder = (bytes, type) => decodeTimestamp(bytes.readBigInt64BE(), type)
const textOf: Decoder = (bytes) => decodeUtf8(bytes)

const decoders: Readonly<Record<TypeKind, Decoder>> = {
  bool: (bytes) => bytes[0] !== 0,
  int2: (bytes) => bytes.readInt16BE(),
  int4: (bytes) => bytes.readInt32BE(),
  int8: (bytes) => bytes.readBigInt64BE(),
  float4: (bytes) => bytes.readFloatBE(),
  float8: (bytes) => bytes.readDoubleBE(),
  decimal: decodeNumeric,
  numeric: decodeNumeric,
  date: (bytes, type) => decodeDate(bytes.readInt32BE(), type),
  time(bytes) {
    const micros = bytes.readBigInt64BE()
    if (micros >= 0n && micros <= DAY_MICROS) return micros
    throw new QueryError('DATETIME_OVERFLOW', 'time out of range')
  },
  timestamp: timestampOf,
  timestamptz: timestampOf,
  interval: (bytes) => ({
    micros: bytes.readBigInt64BE(0),
    days: bytes.readInt32BE(8),
    months: bytes.readInt32BE(12),
  }),
  text: textOf,
  bytea: (bytes) => new Uint8Array(bytes),
  timetz: decodeZonedTime,
  bpchar: textOf,
  oid: (bytes) => BigInt(bytes.readUInt32BE()),
  uuid: (bytes) => uuidOfBytes(bytes),
  bit: decodeBits,
  varbit: decodeBits,
  json: (bytes, type) => parseScalar(decodeUtf8(bytes), type),
  jsonb: decodeVersioned,
  jsonpath: decodeVersioned,
  array: decodeArray,
  record() {
    throw notSupported('input of rows')
  },
  range: refuseRange,
  multirange: refuseRange,
  reg: (bytes) => BigInt(bytes.readUInt32BE()),
  enum: (bytes, type) => parseScalar(decodeUtf8(bytes), type),
  unknown: textOf,
}

function refuseRange(_: Buffer, type: DataType): never {
  throw notSupported(`a value of type ${typeName(type)} in binary`)
}

/** array_recv. Throws what PostgreSQL throws of a head that lies. */
function decodeArray(bytes: Buffer, type: DataType, index: number | undefined): Scalar {
  assert(type.kind === 'array', 'array of another type')
  const { element } = type
  let at = 0
  const next = (): number => {
    if (at + 4 > bytes.length) throw insufficientData()
    at += 4
    return bytes.readInt32BE(at - 4)
  }
  const count = next()
  if (count < 0) {
    const message = `invalid number of dimensions: ${count}`
    throw new QueryError('INVALID_BINARY_REPRESENTATION', message)
  }
  checkDimensions(count)
  const flags = next()
  if (flags !== 0 && flags !== 1) {
    throw new QueryError('INVALID_BINARY_REPRESENTATION', 'invalid array flags')
  }
  const told = next() >>> 0
  const sent = told === oidOf(element) ? element : parameterType(told)
  if (sent === undefined || !sameType(sent, postgresType(element))) {
    const message =
      'binary data has array element type ' +
      `${told} (${sent === undefined ? '???' : typeName(sent)}) instead of expected ` +
      `${oidOf(element)} (${typeName(postgresType(element))})`
    throw new QueryError('DATATYPE_MISMATCH', message)
  }
  const dimensions = Array.from({ length: count }, () => {
    const length = next()
    const lower = next()
    checkElements(length < 0 ? ARRAY_ELEMENTS_MAX + 1 : length)
    return { lower, length }
  })
  const size = dimensions.reduce((product, { length }) => product * length, count === 0 ? 0 : 1)
  checkElements(size)
  // Each takes four bytes at least: no head makes us promise more than was sent.
  if (size * 4 > bytes.length - at) throw insufficientData()
  checkBounds(dimensions)
  const elements = Array.from({ length: size }, (_, number): string | null => {
    const length = next()
    if (length === -1) return null
    if (length < 0 || at + length > bytes.length) {
      const message = 'insufficient data left in message'
      throw new QueryError('INVALID_BINARY_REPRESENTATION', message)
    }
    const part = bytes.subarray(at, (at += length))
    const { wireBytes } = typeEntry(element)
    if (wireBytes >= 0 && part.length < wireBytes) throw insufficientData()
    const value = decoders[element.kind](part, element, index)
    if (wireBytes >= 0 && part.length > wireBytes) {
      const message = `improper binary format in array element ${number + 1}`
      throw new QueryError('INVALID_BINARY_REPRESENTATION', message)
    }
    return formatScalar(present(value, 'an element'), element)
  })
  if (at < bytes.length) throw incorrectBinary(index)
  return writeArrayText({ dimensions: size === 0 ? [] : dimensions, elements })
}

/** jsonb_recv and jsonpath_recv: a version, which is 1, and the text. */
function decodeVersioned(bytes: Buffer, type: DataType): Scalar {
  const [version] = bytes
  if (version === undefined) throw insufficientData()
  if (version === 1) return parseScalar(decodeUtf8(bytes.subarray(1)), type)
  // XX000 in PostgreSQL, though it is the client's mistake.
  const message = `unsupported ${type.kind} version number ${version}`
  throw new QueryError('INVALID_BINARY_REPRESENTATION', message)
}

/** timetz_recv: the time of day, and the zone in seconds west of Greenwich. */
function decodeZonedTime(bytes: Buffer): Scalar {
  const [micros, west] = [bytes.readBigInt64BE(0), bytes.readInt32BE(8)]
  if (micros < 0n || micros > DAY_MICROS) {
    throw new QueryError('DATETIME_OVERFLOW', 'time out of range')
  }
  if (Math.abs(west) > ZONE_SECONDS_MAX) {
    const message = 'time zone displacement out of range'
    throw new QueryError('INVALID_TIME_ZONE_DISPLACEMENT', message)
  }
  return zonedTimeText({ micros, zone: BigInt(-west) * MICROS_PER_SECOND })
}

const ZONE_SECONDS_MAX = 15 * 3_600 + 59 * 60 + 59

function decodeDate(days2000: number, type: DataType): Scalar {
  if (days2000 === DATE_INFINITY) return parseScalar('infinity', type)
  if (days2000 === -DATE_INFINITY - 1) return parseScalar('-infinity', type)
  const days = days2000 + DAYS_1970_TO_2000
  if (days >= DATE_MIN && days <= DATE_MAX) return days
  throw new QueryError('DATETIME_OVERFLOW', 'date out of range')
}

function decodeTimestamp(micros2000: bigint, type: DataType): Scalar {
  if (micros2000 === TIMESTAMP_INFINITY) return parseScalar('infinity', type)
  if (micros2000 === -TIMESTAMP_INFINITY - 1n) return parseScalar('-infinity', type)
  const micros = micros2000 + MICROS_1970_TO_2000
  if (micros >= TIMESTAMP_MIN && micros <= TIMESTAMP_MAX) return micros
  throw new QueryError('DATETIME_OVERFLOW', 'timestamp out of range')
}

function decodeNumeric(bytes: Buffer, type: DataType, index: number | undefined): Scalar {
  const { text, size } = numericText(bytes)
  const value = parseScalar(text, type)
  if (bytes.length > size) throw incorrectBinary(index)
  return value
}
