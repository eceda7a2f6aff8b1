import { addExtension, Packr } from 'msgpackr'
import { QueryError } from '../../base/errors.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'

/** No control message or header may be larger. */
export const MESSAGE_BYTES_MAX = 64 << 20

// Records make plain objects come back as objects and Maps as Maps; integers of any size survive.
const packr = new Packr({ useRecords: true, useBigIntExtension: true, moreTypes: true })

/** Stands for -0, which the encoding would make 0 of; see {@link keepNegativeZeros}. */
class NegativeZero {}

const NEGATIVE_ZERO_TYPE = 1

addExtension({
  Class: NegativeZero,
  type: NEGATIVE_ZERO_TYPE,
  pack: () => new Uint8Array(0),
  unpack: () => -0,
})

/** The same plain data, to be encoded, with every -0 in it decoded as -0. */
export function keepNegativeZeros(value: unknown): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? new NegativeZero() : value
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(keepNegativeZeros)
  if (value instanceof Map) {
    return new Map([...value].map(([key, held]) => [key, keepNegativeZeros(held)]))
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, keepNegativeZeros(held)]),
  )
}

/** Plain data (objects, arrays, Maps, bigints, numbers, strings, byte arrays, undefined) to bytes. */
export function encodeMessage(message: unknown): Uint8Array {
  const bytes = packr.pack(message)
  if (bytes.byteLength > MESSAGE_BYTES_MAX) {
    const text = `a message of ${bytes.byteLength} bytes, more than ${MESSAGE_BYTES_MAX}`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', text)
  }
  return bytes
}

/** Throws PROTOCOL_VIOLATION when the bytes are not a message. Its shape is still to be checked. */
export function decodeMessage(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes) as unknown
  } catch (error) {
    throw protocolViolation('a message that cannot be decoded', error)
  }
}
