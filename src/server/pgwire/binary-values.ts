import { notSupported } from '../../base/errors.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { NUMERIC_SCALE_MAX, numericValue } from '../../data/types/numeric-arithmetic.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import { isInterval, isNumeric, type NumericValue, type Scalar } from '../../data/types/scalar.ts'
import { violation } from './frontend-messages.ts'

const DAYS_1970_TO_2000 = 10_957
const MICROS_1970_TO_2000 = 946_684_800_000_000n
const NUMERIC_BASE = 10_000
const NUMERIC_BASE_DIGITS = 4
const NUMERIC_NEGATIVE = 0x4000
const NUMERIC_SPECIAL = 0xc000

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

/** A value in PostgreSQL's binary format. */
export function encodeBinary(value: NonNullable<Scalar>, type: DataType): Buffer {
  switch (type.kind) {
    case 'bool':
      return Buffer.of(value === true ? 1 : 0)
    case 'int2':
      return fixed(2, (b) => b.writeInt16BE(Number(value)))
    case 'int4':
      return fixed(4, (b) => b.writeInt32BE(Number(value)))
    case 'date':
      return fixed(4, (b) => b.writeInt32BE(Number(value) - DAYS_1970_TO_2000))
    case 'int8':
    case 'time':
      return fixed(8, (b) => b.writeBigInt64BE(value as bigint))
    case 'timestamp':
    case 'timestamptz':
      return fixed(8, (b) => b.writeBigInt64BE((value as bigint) - MICROS_1970_TO_2000))
    case 'float4':
      return fixed(4, (b) => b.writeFloatBE(Number(value)))
    case 'float8':
      return fixed(8, (b) => b.writeDoubleBE(Number(value)))
    case 'decimal':
      return encodeNumeric({ unscaled: value as bigint, scale: type.scale })
    case 'numeric':
      return encodeNumeric(isNumeric(value) ? value : { unscaled: 0n, scale: 0 })
    case 'interval':
      return fixed(16, (b) => {
        if (!isInterval(value)) return
        b.writeBigInt64BE(value.micros, 0)
        b.writeInt32BE(value.days, 8)
        b.writeInt32BE(value.months, 12)
      })
    case 'bytea':
      return Buffer.from(value as Uint8Array)
    case 'text':
    case 'unknown':
      return Buffer.from(String(value), 'utf8')
  }
}

/** A parameter as a client sent it, in text (0) or binary (1) format. */
export function decodeParameter(bytes: Buffer | null, format: number, type: DataType): Scalar {
  if (bytes === null) return null
  if (format === 0) return parseScalar(bytes.toString('utf8'), type)
  if (format !== 1) throw violation(`unsupported format code: ${format}`)
  const size = expectedBytes[type.kind]
  if (size !== undefined && bytes.length !== size) {
    throw violation('incorrect binary data format in bind parameter')
  }
  return decodeBinary(bytes, type)
}

function decodeBinary(bytes: Buffer, type: DataType): Scalar {
  switch (type.kind) {
    case 'bool':
      return bytes[0] !== 0
    case 'int2':
      return bytes.readInt16BE()
    case 'int4':
      return bytes.readInt32BE()
    case 'date':
      return bytes.readInt32BE() + DAYS_1970_TO_2000
    case 'int8':
    case 'time':
      return bytes.readBigInt64BE()
    case 'timestamp':
    case 'timestamptz':
      return bytes.readBigInt64BE() + MICROS_1970_TO_2000
    case 'float4':
      return bytes.readFloatBE()
    case 'float8':
      return bytes.readDoubleBE()
    case 'numeric':
      return decodeNumeric(bytes)
    case 'decimal':
      return parseScalar(numericText(decodeNumeric(bytes)), type)
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
      return bytes.toString('utf8')
  }
}

function fixed(bytes: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(bytes)
  write(buffer)
  return buffer
}

/** Sign and base-10000 digits around the decimal point (numeric_send in PostgreSQL's numeric.c). */
function encodeNumeric({ unscaled, scale }: NumericValue): Buffer {
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

function decodeNumeric(bytes: Buffer): NumericValue {
  if (bytes.length < 8 || bytes.length !== 8 + 2 * bytes.readUInt16BE(0)) {
    throw violation('incorrect binary data format in bind parameter')
  }
  const sign = bytes.readUInt16BE(4)
  if ((sign & NUMERIC_SPECIAL) === NUMERIC_SPECIAL) throw notSupported('numeric NaN and Infinity')
  const count = bytes.readUInt16BE(0)
  const scale = bytes.readInt16BE(6)
  if (scale < 0 || scale > NUMERIC_SCALE_MAX)
    throw violation('invalid scale in external "numeric" value')
  let text = '0'
  for (let i = 0; i < count; i++) {
    const digit = bytes.readUInt16BE(8 + 2 * i)
    if (digit >= NUMERIC_BASE) throw violation('invalid digit in external "numeric" value')
    text += String(digit).padStart(NUMERIC_BASE_DIGITS, '0')
  }
  let unscaled = BigInt(text)
  const exponent = (bytes.readInt16BE(2) - count + 1) * NUMERIC_BASE_DIGITS + scale
  unscaled =
    exponent >= 0 ? unscaled * 10n ** BigInt(exponent) : unscaled / 10n ** BigInt(-exponent)
  return numericValue(sign === NUMERIC_NEGATIVE ? -unscaled : unscaled, scale)
}

function numericText({ unscaled, scale }: NumericValue): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = scale === 0 ? '' : `.${digits.slice(point)}`
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`
}
