import { assert } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import type { Arena } from '../data/arenas/arena.ts'
import { typeName, type DataType, type TypeKind } from '../data/types/data-type.ts'
import { numericOf, type NumericValue, type Scalar } from '../data/types/scalar.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import { scalarsOf } from '../data/vectors/column-scalars.ts'
import type { Vector } from '../data/vectors/vector.ts'
import { readsAsIs } from './widen-type.ts'

const MICROS_PER_DAY = 86_400_000_000n

/**
 * A file's values in the type of the table (see widerDeclaredType). Integers in wider integers cost
 * nothing, anything else is looked at value by value. Throws NUMERIC_OUT_OF_RANGE for an integer
 * that a float does not hold exactly, BAD_FILE for a value in a column said to hold none.
 */
export function widenedVector(arena: Arena, vector: Vector, to: DataType): Vector {
  const { type: from } = vector
  if (readsAsIs(from, to)) return { ...vector, type: to }
  const scalars = scalarsOf(arena.heap, vector).map((value) =>
    value === null ? null : widened(value, from, to),
  )
  return vectorFromScalars(arena, to, scalars)
}

type Widener = (value: NonNullable<Scalar>, from: DataType, to: DataType) => Scalar

const wideners: Readonly<Partial<Record<TypeKind, Widener>>> = {
  float8: floatOf,
  numeric: (value, from, to) => exactOf(value, from) ?? valueOfNone(from, to),
  decimal(value, from, to) {
    const exact = exactOf(value, from)
    if (exact === undefined || to.kind !== 'decimal') return valueOfNone(from, to)
    return exact.unscaled * 10n ** BigInt(to.scale - exact.scale)
  },
  timestamp(value, from, to) {
    if (from.kind !== 'date' || typeof value !== 'number') return valueOfNone(from, to)
    return BigInt(value) * MICROS_PER_DAY
  },
}

function widened(value: NonNullable<Scalar>, from: DataType, to: DataType): Scalar {
  return (wideners[to.kind] ?? ((_, source, target) => valueOfNone(source, target)))(
    value,
    from,
    to,
  )
}

function floatOf(value: NonNullable<Scalar>, from: DataType): number {
  if (from.kind === 'float4' || from.kind === 'float8') return Number(value)
  const exact = exactOf(value, from)
  if (exact === undefined) return valueOfNone(from, { kind: 'float8' })
  const { unscaled, scale } = exact
  const float = Number(scale === 0 ? unscaled : `${unscaled}e${-scale}`)
  if (scale === 0 && BigInt(float) !== unscaled) {
    const message = `integer ${unscaled} has no exact double precision value`
    throw new QueryError('NUMERIC_OUT_OF_RANGE', message, {
      hint: 'The files of the table hold integers and floats in one column: declare it as numeric.',
    })
  }
  return float
}

function exactOf(value: NonNullable<Scalar>, type: DataType): NumericValue | undefined {
  const { kind } = type
  if (kind === 'int2' || kind === 'int4' || kind === 'int8') {
    assert(typeof value === 'number' || typeof value === 'bigint', 'an integer of another kind')
    return { unscaled: BigInt(value), scale: 0 }
  }
  return kind === 'decimal' || kind === 'numeric' ? numericOf(value, type) : undefined
}

/** Only a column that claimed to hold nothing but NULL is read as a type that its own cannot become. */
function valueOfNone(from: DataType, to: DataType): never {
  const message = 'a column that is said to hold NULLs only holds a value'
  throw new QueryError('BAD_FILE', message, { expected: typeName(to), found: typeName(from) })
}
