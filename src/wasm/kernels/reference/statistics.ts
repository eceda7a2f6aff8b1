import type { Heap } from '../../../data/arenas/heap.ts'
import { scalarsOf } from '../../../data/vectors/column-scalars.ts'
import type { ColumnStatistics, Vector } from '../../../data/vectors/vector.ts'

/** What the statistics kernels find, from plain values; `distinct` is exact here. */
export function referenceStatistics(heap: Heap, vector: Vector): ColumnStatistics {
  const scalars = scalarsOf(heap, vector)
  const values = scalars.filter((scalar) => scalar !== null)
  const nullCount = scalars.length - values.length
  const distinct = new Set(values.map(keyOf)).size
  const isInteger = /^i\d/.test(vector.layout)
  if (!isInteger || values.length === 0) {
    return { min: undefined, max: undefined, nullCount, distinct, ascending: false }
  }
  const integers = values.map((value) => BigInt(value as number | bigint))
  return {
    min: integers.reduce((a, b) => (a < b ? a : b)),
    max: integers.reduce((a, b) => (a > b ? a : b)),
    nullCount,
    distinct,
    ascending: integers.every((value, at) => at === 0 || integers[at - 1]! <= value),
  }
}

function keyOf(value: unknown): unknown {
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return value
  return Object.values(value).join(' ')
}

/** The reference of `integerBounds` and `wideBounds`; undefined stands for NULL. */
export function referenceBounds(values: readonly (bigint | undefined)[]): {
  readonly min: bigint
  readonly max: bigint
  readonly count: number
  readonly ascending: boolean
} {
  const known = values.filter((value) => value !== undefined)
  return {
    min: known.reduce((a, b) => (a < b ? a : b), known[0]!),
    max: known.reduce((a, b) => (a > b ? a : b), known[0]!),
    count: known.length,
    ascending: known.every((value, at) => at === 0 || known[at - 1]! <= value),
  }
}

/** The reference of `integerSum`. */
export function referenceSum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
