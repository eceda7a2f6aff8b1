import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { textOfUtf8 } from '../../base/utf8.ts'
import { QueryError } from '../../base/errors.ts'
import { ELEMENT_STEPS, writeArrayText } from './array-text.ts'
import { valueForm } from './catalogue.ts'
import type { ValueForm } from './catalogue/entry.ts'
import type { ArrayType, DataType, TypeKind } from './data-type.ts'
import { formatScalar } from './format-scalar.ts'
import type { Scalar } from './scalar.ts'
import { keyLength, KEY_LENGTH_BYTES } from './sort-key.ts'

/*
 * Arrays that lie in memory without their text. Most arrays are lists: one dimension, from 1 on, of elements whose keys tell
 * all of them. Of such only the key is kept, and its length; the text is made where it is asked for. Arrays of any
 * other kind have their text between the two, as all keyed values have.
 */

/** Kinds whose keys leave something out, be it the digits behind a point or all. */
const untold: ReadonlySet<TypeKind> = new Set([
  'decimal',
  'numeric',
  'interval',
  'json',
  'jsonpath',
  'bytea',
])

/** Whether the keys of elements of a type tell their texts, but for the sign of a float's zero. */
export function keysTell(element: DataType): boolean {
  return !untold.has(element.kind) && valueForm(element) !== 'keyed'
}

/** A float's zero with a sign, whose key is that of the other one. */
const SIGNED_ZERO = /[{,]-0[,}]/

/** Whether an array lies in memory without its text, as array_out gives it. */
export function isBareText(text: string, { element }: ArrayType): boolean {
  if (!text.startsWith('{') || text[1] === '{' || text[1] === '}' || !keysTell(element))
    return false
  const isFloat = element.kind === 'float4' || element.kind === 'float8'
  return !isFloat || !SIGNED_ZERO.test(text)
}

/** Whether the bytes of an array, from `start` to `end` of some, are a list without text. */
export function isBare(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  return end > start && keyLength(bytes, start, end) === end - start - KEY_LENGTH_BYTES
}

/** Where the dimensions of a list begin, counted from the end of its bytes: a mark, how many, a length, a bound. */
export const LIST_TAIL_BYTES = 10 + KEY_LENGTH_BYTES
/** Stands before the key of an element that is not NULL. */
export const LIST_ELEMENT = 1

/** The elements of a list without text. */
export function bareElements(bytes: Uint8Array, element: DataType): readonly Scalar[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = bytes.length - LIST_TAIL_BYTES
  const read = keyReader(view, bytes, element)
  const elements: Scalar[] = []
  for (let at = 0; at < end;) {
    spend(ELEMENT_STEPS)
    if (bytes[at++] === LIST_ELEMENT) {
      const { value, next } = read(at)
      elements.push(value)
      at = next
    } else elements.push(null)
  }
  return elements
}

/** The text of a list without text. Throws PROGRAM_LIMIT_EXCEEDED. */
export function bareText(bytes: Uint8Array, { element }: ArrayType): string {
  let length = 0
  const texts = bareElements(bytes, element).map((item) => {
    const text = item === null ? null : formatScalar(item, element)
    length += text?.length ?? 0
    return text
  })
  if (length > TEXT_LENGTH_MAX) throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'array is too long')
  return writeArrayText({ dimensions: [{ lower: 1, length: texts.length }], elements: texts })
}

/** Characters of the elements together; quotes and commas may double them. */
export const TEXT_LENGTH_MAX = 134_217_728

interface ReadKey {
  readonly value: Scalar
  readonly next: number
}

const SIGN_64 = 1n << 63n
const SIGN_128 = 1n << 127n

/** Reads a key that `writeValueKey` writes, and where it ends. */
function keyReader(view: DataView, bytes: Uint8Array, element: DataType): (at: number) => ReadKey {
  const form = valueForm(element)
  if (form === 'text') {
    return (at) => {
      const end = bytes.indexOf(0, at)
      return { value: textOfUtf8(bytes.slice(at, end)), next: end + 1 }
    }
  }
  const { width, read } = present(fixedKeys[form], 'keys that tell texts')
  return (at) => ({ value: read(view, at), next: at + width })
}

interface FixedKey {
  readonly width: number
  read(view: DataView, at: number): Scalar
}

const double: FixedKey = { width: 8, read: doubleOfKey }

const fixedKeys: Readonly<Partial<Record<ValueForm, FixedKey>>> = {
  bit: { width: 1, read: (view, at) => view.getUint8(at) === 1 },
  i32: { width: 4, read: (view, at) => view.getUint32(at) - 2 ** 31 },
  i64: { width: 8, read: (view, at) => view.getBigUint64(at) - SIGN_64 },
  i128: {
    width: 16,
    read: (view, at) => ((view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)) - SIGN_128,
  },
  f32: double,
  f64: double,
}

const turned = new DataView(new ArrayBuffer(8))

/** Of positive numbers the topmost bit is set, of negative ones all are turned. */
function doubleOfKey(view: DataView, at: number): number {
  const bits = view.getBigUint64(at)
  turned.setBigUint64(0, bits >= SIGN_64 ? bits ^ SIGN_64 : ~bits & MASK_64)
  return turned.getFloat64(0)
}

const MASK_64 = (1n << 64n) - 1n
