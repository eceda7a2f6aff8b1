import { textOfUtf8 } from '../../base/utf8.ts'
import type { Heap } from '../arenas/heap.ts'
import { valueForm } from '../types/catalogue.ts'
import type { Scalar } from '../types/scalar.ts'
import { codeAt, isValid, scalarAt } from './to-scalars.ts'
import { NO_ADDRESS, type Vector } from './vector.ts'

/**
 * Texts are decoded together, as one costs as much as a hundred of its characters. A value that is kept
 * keeps all of its block, so blocks are not large.
 */
const BLOCK_BYTES_MAX = 65_536

/** What entries of dictionaries are as plain TypeScript, by dictionary. */
export type KnownDictionaries = Map<Vector, readonly Scalar[]>

/** Whether a vector has fewer rows than its dictionary entries: most of these stand for none of them. */
export function isSparse({ dictionary, length }: Vector): boolean {
  return dictionary !== undefined && length < dictionary.length
}

/** All values of a vector. Dictionary values are decoded once each. */
export function scalarsOf(heap: Heap, vector: Vector): Scalar[] {
  const scalars: Scalar[] = []
  addScalars(scalars, heap, vector)
  return scalars
}

/** Adds all values of a vector to others. `known`: what was decoded of the dictionaries of vectors before. */
export function addScalars(
  scalars: Scalar[],
  heap: Heap,
  vector: Vector,
  known: KnownDictionaries = new Map(),
): void {
  const start = scalars.length
  if (vector.dictionary === undefined) addValues(scalars, heap, vector)
  else if (isSparse(vector)) {
    for (let row = 0; row < vector.length; row++) scalars.push(scalarAt(heap, vector, row))
  } else {
    let distinct = known.get(vector.dictionary)
    if (distinct === undefined) {
      distinct = scalarsOf(heap, vector.dictionary)
      known.set(vector.dictionary, distinct)
    }
    for (let row = 0; row < vector.length; row++) {
      scalars.push(distinct[codeAt(heap, vector, row)] ?? null)
    }
  }
  if (vector.validity === NO_ADDRESS) return
  for (let row = 0; row < vector.length; row++) {
    if (!isValid(heap, vector, row)) scalars[start + row] = null
  }
}

/** Values as they lie: a NULL's slot holds some value. */
function addValues(scalars: Scalar[], heap: Heap, vector: Vector): void {
  const { type, layout, length, values } = vector
  const { buffer } = heap.u8
  const form = valueForm(type)
  switch (layout) {
    case 'i8':
      return addIntegers(scalars, new Int8Array(buffer, values, length), form === 'i32')
    case 'i16':
      return addIntegers(scalars, new Int16Array(buffer, values, length), form === 'i32')
    case 'i32':
      return addIntegers(scalars, new Int32Array(buffer, values, length), form === 'i32')
    case 'i64':
      return addAll(scalars, new BigInt64Array(buffer, values, length))
    case 'f32':
      return addAll(scalars, new Float32Array(buffer, values, length))
    case 'f64':
      return addAll(scalars, new Float64Array(buffer, values, length))
    case 'utf8':
      if (form === 'text') return addTexts(scalars, heap, vector)
      break
    case 'bit':
    case 'i128':
    case 'numeric':
    case 'interval':
    case 'dict8':
    case 'dict16':
    case 'dict32':
      break
  }
  for (let row = 0; row < length; row++) scalars.push(scalarAt(heap, vector, row))
}

function addAll(scalars: Scalar[], values: BigInt64Array | Float32Array | Float64Array): void {
  for (let row = 0; row < values.length; row++) scalars.push(values[row]!)
}

/** `areNumbers`: values of the type are numbers; else they are bigints, made of pairs of words at once. */
function addIntegers(
  scalars: Scalar[],
  values: Int8Array | Int16Array | Int32Array,
  areNumbers: boolean,
): void {
  if (areNumbers) {
    for (let row = 0; row < values.length; row++) scalars.push(values[row]!)
    return
  }
  const words = new Int32Array(2 * values.length)
  for (let row = 0; row < values.length; row++) {
    words[2 * row] = values[row]!
    words[2 * row + 1] = values[row]! >> 31
  }
  addAll(scalars, new BigInt64Array(words.buffer))
}

function addTexts(scalars: Scalar[], heap: Heap, { values, offsets, length }: Vector): void {
  const first = offsets >>> 2
  const ends = heap.u32.subarray(first + 1, first + 1 + length)
  // Texts of a page of a file may lie behind those of others.
  let start = heap.u32[first] ?? 0
  for (let row = 0; row < length;) {
    let last = row + 1
    while (last < length && ends[last]! - start <= BLOCK_BYTES_MAX) last++
    // Text decoders refuse shared memory, hence the copy.
    const bytes = heap.u8.slice(values + start, values + ends[last - 1]!)
    addBlock(scalars, bytes, ends.subarray(row, last), start)
    start = ends[last - 1]!
    row = last
  }
}

/** Cuts a block of texts, whose ends are counted from `start`, in pieces. */
function addBlock(scalars: Scalar[], bytes: Uint8Array, ends: Uint32Array, start: number): void {
  const text = textOfUtf8(bytes)
  let from = 0
  // As many units as bytes: characters of one byte only.
  if (text.length === bytes.length) {
    for (let row = 0; row < ends.length; row++) {
      const end = ends[row]! - start
      scalars.push(text.slice(from, end))
      from = end
    }
    return
  }
  let at = 0
  for (let row = 0; row < ends.length; row++) {
    let end = from
    for (const last = ends[row]! - start; at < last; at++) end += unitsOf(bytes[at]!)
    scalars.push(text.slice(from, end))
    from = end
  }
}

/** UTF-16 units that a byte of UTF-8 begins. */
function unitsOf(byte: number): number {
  if ((byte & 0xc0) === 0x80) return 0
  return byte >= 0xf0 ? 2 : 1
}
