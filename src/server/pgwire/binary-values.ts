import type { DataType } from '../../data/types/data-type.ts'
import { isInterval, isNumeric, type NumericValue, type Scalar } from '../../data/types/scalar.ts'

/** The same for dates, in days. */
export const DAYS_1970_TO_2000 = 10_957
/** What a timestamp counts from here, in microseconds before PostgreSQL's 2000-01-01. */
export const MICROS_1970_TO_2000 = 946_684_800_000_000n
const NUMERIC_BASE_DIGITS = 4
const NUMERIC_NEGATIVE = 0x4000

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
