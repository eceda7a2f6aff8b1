import type * as Arrow from 'apache-arrow'
import { assert, present } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import { readArrayText } from '../types/array-text.ts'
import { valueForm, widestLayout } from '../types/catalogue.ts'
import { formatScalar } from '../types/format-scalar.ts'
import type { ArrayType, DataType } from '../types/data-type.ts'
import { parseScalar } from '../types/parse-scalar.ts'
import type { Scalar } from '../types/scalar.ts'
import {
  fixedValues,
  intervalWords,
  textValues,
  uuidBytes,
  type ArrowValues,
} from './arrow-values.ts'
import { arrow } from './library.ts'

const encoder = new TextEncoder()

/** A column of values as Arrow lays it out. */
export function arrowColumn(
  scalars: readonly Scalar[],
  type: DataType,
  arrowType: Arrow.DataType,
): Arrow.Data {
  if (type.kind === 'array') return listColumn(scalars, type, arrowType)
  const nulls = scalars.filter((scalar) => scalar === null).length
  const bitmap = nulls === 0 ? undefined : bitsOf(scalars, (scalar) => scalar !== null)
  const { offsets, values } = valuesOf(scalars, type)
  // Offsets, values, validity: apache-arrow's order of buffers.
  const buffers = [offsets, values, bitmap] as ConstructorParameters<typeof Arrow.Data>[4]
  return new arrow.Data(arrowType, 0, scalars.length, nulls, buffers)
}

/** Arrays of one dimension as lists. Throws FEATURE_NOT_SUPPORTED for others. */
function listColumn(
  scalars: readonly Scalar[],
  { element }: ArrayType,
  arrowType: Arrow.DataType,
): Arrow.Data {
  const offsets = new Int32Array(scalars.length + 1)
  const members: Scalar[] = []
  scalars.forEach((scalar, row) => {
    if (scalar !== null) {
      const { dimensions, elements } = readArrayText(String(scalar))
      if (dimensions.length > 1) throw notSupported('arrays of several dimensions in Arrow')
      for (const item of elements) members.push(item === null ? null : parseScalar(item, element))
    }
    offsets[row + 1] = members.length
  })
  const nulls = scalars.filter((scalar) => scalar === null).length
  const bitmap = nulls === 0 ? undefined : bitsOf(scalars, (scalar) => scalar !== null)
  const child = present(arrowType.children?.[0], 'the field of members').type
  const buffers = [offsets, undefined, bitmap] as ConstructorParameters<typeof Arrow.Data>[4]
  const data = [arrowColumn(members, element, child)]
  return new arrow.Data(arrowType, 0, scalars.length, nulls, buffers, data)
}

function valuesOf(scalars: readonly Scalar[], type: DataType): ArrowValues {
  if (type.kind === 'decimal') return fixedValues(wideIntegers(scalars))
  if (type.kind === 'enum') {
    return textValues(scalars.length, (row) => bytesOf(scalars[row] ?? null, type))
  }
  switch (valueForm(type)) {
    case 'bit':
      return fixedValues(bitsOf(scalars, (scalar) => scalar === true))
    case 'i32':
      return fixedValues(
        widestLayout(type) === 'i16'
          ? Int16Array.from(scalars, Number)
          : Int32Array.from(scalars, Number),
      )
    case 'i64':
      return fixedValues(BigInt64Array.from(scalars, integerOf))
    case 'f32':
      return fixedValues(Float32Array.from(scalars, Number))
    case 'f64':
      return fixedValues(Float64Array.from(scalars, Number))
    case 'interval':
      return fixedValues(intervalWords(scalars.length, (row) => scalars[row] ?? null))
    case 'i128':
      return fixedValues(uuidBytes(scalars.length, (row) => scalars[row] ?? null))
    case 'numeric':
    case 'text':
    case 'bytes':
    case 'keyed':
      return textValues(scalars.length, (row) => bytesOf(scalars[row] ?? null, type))
  }
}

/** Bit by row, least significant first. */
function bitsOf(scalars: readonly Scalar[], isSet: (scalar: Scalar) => boolean): Uint8Array {
  const bits = new Uint8Array((scalars.length + 7) >>> 3)
  scalars.forEach((scalar, row) => {
    if (isSet(scalar)) bits[row >> 3]! |= 1 << (row & 7)
  })
  return bits
}

function integerOf(scalar: Scalar): bigint {
  if (scalar === null) return 0n
  if (typeof scalar === 'bigint') return scalar
  assert(typeof scalar === 'number', 'integer column of another value')
  return BigInt(scalar)
}

/** Integers of 128 bits, the low half first. */
function wideIntegers(scalars: readonly Scalar[]): Uint32Array {
  const halves = new BigInt64Array(2 * scalars.length)
  scalars.forEach((scalar, row) => {
    const value = integerOf(scalar)
    halves[2 * row] = BigInt.asIntN(64, value)
    halves[2 * row + 1] = BigInt.asIntN(64, value >> 64n)
  })
  return new Uint32Array(halves.buffer)
}

function bytesOf(scalar: Scalar, type: DataType): Uint8Array | undefined {
  if (scalar === null) return undefined
  if (scalar instanceof Uint8Array) return scalar
  return encoder.encode(typeof scalar === 'string' ? scalar : formatScalar(scalar, type))
}
