import { QueryError } from '../../base/errors.ts'
import { insufficientData } from './insufficient-data.ts'
import { BITS_MAX } from '../types/catalogue/bits.ts'
import type { Scalar } from '../types/scalar.ts'

const BITS_A_BYTE = 8
const COUNT_BYTES = 4

/** bit_send: how many bits, then these, zeros behind the last. */
export function encodeBits(value: NonNullable<Scalar>): Buffer {
  const bits = String(value)
  const bytes = Buffer.alloc(COUNT_BYTES + Math.ceil(bits.length / BITS_A_BYTE))
  bytes.writeInt32BE(bits.length)
  for (let at = 0; at < bits.length; at++) {
    if (bits[at] === '1') bytes[COUNT_BYTES + (at >> 3)]! |= 0x80 >> (at & 7)
  }
  return bytes
}

/** bit_recv. Throws INVALID_BINARY_REPRESENTATION. */
export function decodeBits(bytes: Buffer): Scalar {
  const count = bytes.readInt32BE()
  if (count < 0 || count > BITS_MAX) {
    const message = 'invalid length in external bit string'
    throw new QueryError('INVALID_BINARY_REPRESENTATION', message)
  }
  if (bytes.length < COUNT_BYTES + Math.ceil(count / BITS_A_BYTE)) {
    throw insufficientData()
  }
  return Array.from({ length: count }, (_, at) =>
    (bytes[COUNT_BYTES + (at >> 3)]! & (0x80 >> (at & 7))) === 0 ? '0' : '1',
  ).join('')
}
