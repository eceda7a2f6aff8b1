import { QueryError } from '../../base/errors.ts'
import { isInterval, type Scalar } from '../types/scalar.ts'
import { UUID_BYTES, writeUuid } from '../types/uuid.ts'

/** One Arrow buffer: anything that apache-arrow takes for one. */
export type ArrowBuffer =
  | Uint8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** Buffers of a column besides its validity. */
export interface ArrowValues {
  readonly offsets: Int32Array | undefined
  readonly values: ArrowBuffer
}

/** Values of one width. */
export function fixedValues(values: ArrowBuffer): ArrowValues {
  return { offsets: undefined, values }
}

/** Uuids as their bytes. */
export function uuidBytes(length: number, valueAt: (row: number) => Scalar): Uint8Array {
  const bytes = new Uint8Array(UUID_BYTES * length)
  for (let row = 0; row < length; row++) {
    const value = valueAt(row)
    if (typeof value === 'bigint') writeUuid(value, bytes, UUID_BYTES * row)
  }
  return bytes
}

const NANOS_PER_MICRO = 1_000n

/** Intervals as Arrow lays them out. Throws NUMERIC_OUT_OF_RANGE for what nanoseconds do not hold. */
export function intervalWords(length: number, valueAt: (row: number) => Scalar): Int32Array {
  const words = new Int32Array(4 * length)
  const view = new DataView(words.buffer)
  for (let row = 0; row < length; row++) {
    const value = valueAt(row)
    if (value === null || !isInterval(value)) continue
    const nanos = value.micros * NANOS_PER_MICRO
    if (BigInt.asIntN(64, nanos) !== nanos) {
      throw new QueryError('NUMERIC_OUT_OF_RANGE', 'interval out of range for Arrow nanoseconds')
    }
    view.setInt32(16 * row, value.months, true)
    view.setInt32(16 * row + 4, value.days, true)
    view.setBigInt64(16 * row + 8, nanos, true)
  }
  return words
}

/** Text, of which `pieceAt` gives the bytes of each row; undefined for NULL. */
export function textValues(
  length: number,
  pieceAt: (row: number) => Uint8Array | undefined,
): ArrowValues {
  const offsets = new Int32Array(length + 1)
  const pieces: Uint8Array[] = []
  let total = 0
  for (let row = 0; row < length; row++) {
    const piece = pieceAt(row)
    if (piece !== undefined) pieces.push(piece)
    total += piece?.length ?? 0
    offsets[row + 1] = total
  }
  const values = new Uint8Array(total)
  let at = 0
  for (const piece of pieces) {
    values.set(piece, at)
    at += piece.length
  }
  return { offsets, values }
}
