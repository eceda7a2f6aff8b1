import { Packr } from 'msgpackr'
import { QueryError } from '../../base/errors.ts'

/** No control message or header may be larger. */
export const MESSAGE_BYTES_MAX = 64 << 20

// Records make plain objects come back as objects and Maps as Maps; integers of any size survive.
const packr = new Packr({ useRecords: true, useBigIntExtension: true, moreTypes: true })

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

export function protocolViolation(what: string, cause?: unknown): QueryError {
  const details = cause === undefined ? {} : { cause }
  return new QueryError(
    'PROTOCOL_VIOLATION',
    `protocol violation between processes: ${what}`,
    details,
  )
}
