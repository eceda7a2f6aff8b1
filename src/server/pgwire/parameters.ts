import { notSupported, QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { DATE_MAX, DATE_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../data/types/calendar.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { DAYS_1970_TO_2000, MICROS_1970_TO_2000 } from './binary-values.ts'
import { insufficientData } from './frontend-messages.ts'
import { numericText } from './numeric-text.ts'
import { oids } from './type-oids.ts'

/** What is known of a parameter. */
export interface WireParameter {
  readonly type: DataType
  /** The type that the client declared at Parse; 0 when it left that open. */
  readonly declaredOid: number
}

const expectedBytes: Readonly<Partial<Record<DataType['kind'], number>>> = {
  bool: 1,
  int2: 2,
  int4: 4,
  int8: 8,
  float4: 4,
  float8: 8,
  date: 4,
  time: 8,
  timestamp: 8,
  timestamptz: 8,
  interval: 16,
}

const DATE_INFINITY = 2_147_483_647
const TIMESTAMP_INFINITY = 9_223_372_036_854_775_807n
const DAY_MICROS = 86_400_000_000n
const OID_MAX = 4_294_967_295n
const UUID_BYTES = 16

/** A parameter as a client sent it, in text (0) or binary (1) format. `index` counts from 0. */
export function decodeParameter(
  bytes: Buffer | null,
  format: number,
  parameter: WireParameter,
  index: number,
): Scalar {
  if (format !== 0 && format !== 1) throw unsupportedFormat(format)
  if (bytes === null) return null
  if (format === 0) return parseText(decodeUtf8(bytes), parameter)
  const { type, declaredOid } = parameter
  const size = binarySize(parameter)
  if (size !== undefined && bytes.length < size) throw insufficientData()
  const value = ((): Scalar => {
    switch (declaredOid) {
      case oids.oid:
        return BigInt(bytes.readUInt32BE())
      case oids.uuid:
        return uuidText(bytes.toString('hex', 0, UUID_BYTES))
      case oids.json:
        return parseText(decodeUtf8(bytes), parameter)
      default:
        return decodeBinary(bytes, type, index)
    }
  })()
  // As in PostgreSQL last: a value that is wrong in itself is said to be.
  if (size !== undefined && bytes.length > size) throw incorrectBinary(index)
  return value
}

export function unsupportedFormat(format: number): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `unsupported format code: ${format}`)
}

function binarySize({ type, declaredOid }: WireParameter): number | undefined {
  if (declaredOid === oids.oid) return 4
  return declaredOid === oids.uuid ? UUID_BYTES : expectedBytes[type.kind]
}

function incorrectBinary(index: number): QueryError {
  const message = `incorrect binary data format in bind parameter ${index + 1}`
  return new QueryError('INVALID_BINARY_REPRESENTATION', message)
}

/** Types that are text to the engine are still checked, and written as PostgreSQL writes them. */
function parseText(text: string, { type, declaredOid }: WireParameter): Scalar {
  switch (declaredOid) {
    case oids.uuid: {
      const match = /^(\{?)((?:[0-9a-f]{4}-?){7}[0-9a-f]{4})(\}?)$/i.exec(text)
      const [, open = '', digits = '', close = ''] = match ?? []
      if (match === null || (open === '') !== (close === '')) throw invalidInput('uuid', text)
      return uuidText(digits.replaceAll('-', '').toLowerCase())
    }
    case oids.json:
      return checkedJson(text)
    case oids.oid: {
      const value = parseScalar(text, type)
      if (typeof value === 'bigint' && value >= 0n && value <= OID_MAX) return value
      const message = `value "${text}" is out of range for type oid`
      throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
    }
    default:
      return parseScalar(text, type)
  }
}

function invalidInput(type: string, text: string): QueryError {
  const message = `invalid input syntax for type ${type}: "${text}"`
  return new QueryError('INVALID_TEXT_REPRESENTATION', message)
}

function uuidText(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function checkedJson(text: string): string {
  try {
    JSON.parse(text)
  } catch {
    throw new QueryError('INVALID_TEXT_REPRESENTATION', 'invalid input syntax for type json')
  }
  return text
}

function decodeBinary(bytes: Buffer, type: DataType, index: number): Scalar {
  switch (type.kind) {
    case 'bool':
      return bytes[0] !== 0
    case 'int2':
      return bytes.readInt16BE()
    case 'int4':
      return bytes.readInt32BE()
    case 'int8':
      return bytes.readBigInt64BE()
    case 'float4':
      return bytes.readFloatBE()
    case 'float8':
      return bytes.readDoubleBE()
    case 'date':
      return decodeDate(bytes.readInt32BE(), type)
    case 'time': {
      const micros = bytes.readBigInt64BE()
      if (micros >= 0n && micros <= DAY_MICROS) return micros
      throw new QueryError('DATETIME_OVERFLOW', 'time out of range')
    }
    case 'timestamp':
    case 'timestamptz':
      return decodeTimestamp(bytes.readBigInt64BE(), type)
    case 'numeric':
    case 'decimal':
      return decodeNumeric(bytes, type, index)
    case 'interval':
      return {
        micros: bytes.readBigInt64BE(0),
        days: bytes.readInt32BE(8),
        months: bytes.readInt32BE(12),
      }
    case 'bytea':
      return new Uint8Array(bytes)
    case 'text':
    case 'unknown':
      return decodeUtf8(bytes)
    default:
      throw notSupported(`parameters of type ${type satisfies never} in binary format`)
  }
}

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

function decodeNumeric(bytes: Buffer, type: DataType, index: number): Scalar {
  const { text, size } = numericText(bytes)
  const value = parseScalar(text, type)
  if (bytes.length > size) throw incorrectBinary(index)
  return value
}
