import { assert } from '../../base/assert.ts'
import { keyedBytes, keyedText, SortKeyWriter } from '../types/sort-key.ts'
import { valueForm, writeValueKey } from '../types/catalogue.ts'
import type { DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Whether values of a type lie as bytes of any length, of which lanes hold views. */
export function hasBytes(type: DataType): boolean {
  const form = valueForm(type)
  return form === 'text' || form === 'bytes' || form === 'keyed'
}

/** What lies in memory for a value of a type that {@link hasBytes}. */
export function bytesOfScalar(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  if (value instanceof Uint8Array) return value
  assert(typeof value === 'string', `${type.kind} of another value`)
  return valueForm(type) === 'keyed' ? keyedBytes(keyOf(value, type), value) : encoder.encode(value)
}

/** What equal values of such a type have in common: the bytes that are compared and hashed. */
export function comparedBytes(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  return valueForm(type) === 'keyed' ? keyOf(value, type) : bytesOfScalar(value, type)
}

function keyOf(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  const out = new SortKeyWriter()
  writeValueKey(out, value, type)
  return out.finish()
}

/** The value of such bytes; they are not shared memory, which text decoders refuse. */
export function scalarOfBytes(bytes: Uint8Array, type: DataType): NonNullable<Scalar> {
  const form = valueForm(type)
  if (form === 'bytes') return bytes
  return decoder.decode(form === 'keyed' ? keyedText(bytes) : bytes)
}
