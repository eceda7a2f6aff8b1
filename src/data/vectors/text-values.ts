import { assert } from '../../base/assert.ts'
import { valueForm } from '../types/catalogue.ts'
import type { DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Whether values of a type lie as bytes of any length, of which lanes hold views. */
export function hasBytes(type: DataType): boolean {
  const form = valueForm(type)
  return form === 'text' || form === 'bytes'
}

/** What lies in memory for a value of a type that {@link hasBytes}. */
export function bytesOfScalar(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  if (value instanceof Uint8Array) return value
  assert(typeof value === 'string', `${type.kind} of another value`)
  return encoder.encode(value)
}

/** The value of such bytes; they are not shared memory, which text decoders refuse. */
export function scalarOfBytes(bytes: Uint8Array, type: DataType): NonNullable<Scalar> {
  return valueForm(type) === 'bytes' ? bytes : decoder.decode(bytes)
}
