import { assert } from '../../base/assert.ts'
import { textOfUtf8 } from '../../base/utf8.ts'
import { keyedText, SortKeyWriter } from '../types/sort-key.ts'
import { bareText, isBare, isBareText } from '../types/bare-list.ts'
import { valueForm, writeValueKey } from '../types/catalogue.ts'
import type { DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'

const encoder = new TextEncoder()

/** Whether values of a type lie as bytes of any length, of which lanes hold views. */
export function hasBytes(type: DataType): boolean {
  const form = valueForm(type)
  return form === 'text' || form === 'bytes' || form === 'keyed'
}

/** What lies in memory for a value of a type that {@link hasBytes}. */
export function bytesOfScalar(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  if (value instanceof Uint8Array) return value
  assert(typeof value === 'string', `${type.kind} of another value`)
  if (valueForm(type) !== 'keyed') return encoder.encode(value)
  const writer = keyWriter(value, type)
  const isBare = type.kind === 'array' && isBareText(value, type)
  return isBare ? writer.finishBare() : writer.finishKeyed(value)
}

/** What equal values of such a type have in common: the bytes that are compared and hashed. */
export function comparedBytes(value: NonNullable<Scalar>, type: DataType): Uint8Array {
  return valueForm(type) === 'keyed' ? keyWriter(value, type).finish() : bytesOfScalar(value, type)
}

/** Used again and again: most keys are short, and there are many. */
const key = new SortKeyWriter()

/** A writer with the key of a value, good until the next one is asked for. */
function keyWriter(value: NonNullable<Scalar>, type: DataType): SortKeyWriter {
  key.clear()
  writeValueKey(key, value, type)
  return key
}

/** The value of such bytes; they are not shared memory, which text decoders refuse. */
export function scalarOfBytes(bytes: Uint8Array, type: DataType): NonNullable<Scalar> {
  const form = valueForm(type)
  if (form === 'bytes') return bytes
  if (type.kind === 'array' && isBare(bytes)) return bareText(bytes, type)
  return textOfUtf8(form === 'keyed' ? keyedText(bytes) : bytes)
}
