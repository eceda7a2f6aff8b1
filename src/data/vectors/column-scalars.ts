import type { MemoryViews } from '../arenas/memory-views.ts'
import { valueForm } from '../types/catalogue.ts'
import type { Scalar } from '../types/scalar.ts'
import { addColumn, type KnownEntries } from './add-column.ts'
import { addWrittenTexts } from './column-texts.ts'
import { addStoredTexts } from './text-blocks.ts'
import { scalarAt } from './to-scalars.ts'
import type { Vector } from './vector.ts'

/** All values of a vector. Dictionary values are decoded once each. */
export function scalarsOf(memory: MemoryViews, vector: Vector): Scalar[] {
  const scalars: Scalar[] = []
  addScalars(scalars, memory, vector)
  return scalars
}

/** Adds all values of a vector to others. `known`: what was decoded of the dictionaries of vectors before. */
export function addScalars(
  scalars: Scalar[],
  memory: MemoryViews,
  vector: Vector,
  known: KnownEntries<Scalar> = new Map(),
): void {
  addColumn(scalars, memory, vector, known, addValues)
}

/** Adds values as they lie, of a vector without a dictionary: a NULL's slot holds some value. */
export function addValues(scalars: Scalar[], memory: MemoryViews, vector: Vector): void {
  const { type, layout, length, values } = vector
  const { buffer } = memory.u8
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
    case 'bit':
      return addBits(scalars, memory, vector)
    case 'utf8':
      if (form === 'text') return addStoredTexts(scalars, memory, vector)
      // Arrays and whatever else has a key are their text.
      if (form === 'keyed') return addWrittenTexts(scalars, memory, vector)
      break
    case 'i128':
    case 'numeric':
    case 'interval':
    case 'dict8':
    case 'dict16':
    case 'dict32':
      break
  }
  for (let row = 0; row < length; row++) scalars.push(scalarAt(memory, vector, row))
}

function addBits(scalars: Scalar[], { u8 }: MemoryViews, { values, length }: Vector): void {
  for (let row = 0; row < length; row++) {
    scalars.push(((u8[values + (row >> 3)]! >> (row & 7)) & 1) === 1)
  }
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
