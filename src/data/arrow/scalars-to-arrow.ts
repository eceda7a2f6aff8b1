import type * as Arrow from 'apache-arrow'
import { assert } from '../../base/assert.ts'
import { valueForm, widestLayout } from '../types/catalogue.ts'
import { formatScalar } from '../types/format-scalar.ts'
import type { DataType } from '../types/data-type.ts'
import type { Scalar } from '../types/scalar.ts'
import type { Schema } from '../types/schema.ts'
import { arrowField, arrowTypeOf } from './arrow-type.ts'
import { arrow } from './library.ts'
import {
  fixedValues,
  intervalWords,
  recordBatch,
  textValues,
  type ArrowBatches,
  type ArrowValues,
} from './to-arrow.ts'

const encoder = new TextEncoder()

/** Columns of scalars as one Arrow record batch, none where there are no rows. */
export function scalarBatches(
  schema: Schema,
  rows: number,
  columns: readonly (readonly Scalar[])[],
): ArrowBatches {
  const types = schema.map(({ type }) => arrowTypeOf(type))
  const arrowSchema = new arrow.Schema(schema.map((field, i) => arrowField(field, types[i]!)))
  if (rows === 0) return { arrowSchema, batches: [] }
  const children = columns.map((scalars, column) =>
    arrowColumn(scalars, schema[column]!.type, types[column]!),
  )
  return { arrowSchema, batches: [recordBatch(arrowSchema, rows, children)] }
}

function arrowColumn(
  scalars: readonly Scalar[],
  type: DataType,
  arrowType: Arrow.DataType,
): Arrow.Data {
  const nulls = scalars.filter((scalar) => scalar === null).length
  const bitmap = nulls === 0 ? undefined : bitsOf(scalars, (scalar) => scalar !== null)
  const { offsets, values } = valuesOf(scalars, type)
  // Offsets, values, validity: apache-arrow's order of buffers.
  const buffers = [offsets, values, bitmap] as ConstructorParameters<typeof Arrow.Data>[4]
  return new arrow.Data(arrowType, 0, scalars.length, nulls, buffers)
}

function valuesOf(scalars: readonly Scalar[], type: DataType): ArrowValues {
  if (type.kind === 'decimal') return fixedValues(wideIntegers(scalars))
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
    case 'numeric':
    case 'i128':
    case 'text':
    case 'bytes':
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
