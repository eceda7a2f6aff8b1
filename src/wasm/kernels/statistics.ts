import type { Heap } from '../../data/arenas/heap.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  type Address,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** Rows per chunk that the estimate of distinct values looks at. */
const SAMPLE_ROWS_MAX = 4_096
const SAMPLE_SLOTS = 16_384
const OUT_BYTES = 128

const integerLayouts: ReadonlySet<Layout> = new Set(['i8', 'i16', 'i32', 'i64', 'i128'])

/**
 * Bounds, NULLs, order and an estimate of the distinct values of a column of a chunk, at memory
 * speed. Bounds and order are exact and known for integer-like layouts (integers, decimals, dates,
 * times); the distinct values are counted for dictionaries and estimated from 4096 rows otherwise.
 */
export function gatherStatistics(heap: Heap, kernels: Kernels, vector: Vector): ColumnStatistics {
  const { length, validity } = vector
  const valid = validity === NO_ADDRESS ? length : kernels.call('countBits', validity, length)
  const nullCount = length - valid
  if (valid === 0) return { ...nothingKnown, nullCount, distinct: 0 }
  const block = heap.allocate(OUT_BYTES + 8 * SAMPLE_SLOTS)
  try {
    const distinct = distinctOf(kernels, vector, valid, address(block + OUT_BYTES))
    if (!integerLayouts.has(vector.layout)) return { ...nothingKnown, nullCount, distinct }
    const { min, max, ascending } = boundsOf(heap, kernels, vector, block)
    const range = Number(max - min) + 1
    return { min, max, ascending, nullCount, distinct: Math.min(distinct, range) }
  } finally {
    heap.free(block)
  }
}

/** Bounds and NULLs of a vector of integers, or of what is stored as such; undefined for others. */
export function integerBoundsOf(
  heap: Heap,
  kernels: Kernels,
  vector: Vector,
): Pick<ColumnStatistics, 'min' | 'max' | 'nullCount'> | undefined {
  if (!integerLayouts.has(vector.layout) || vector.length === 0) return undefined
  const block = heap.allocate(OUT_BYTES)
  try {
    const { min, max, valid } = boundsOf(heap, kernels, vector, block)
    const nullCount = vector.length - valid
    return valid === 0 ? { min: undefined, max: undefined, nullCount } : { min, max, nullCount }
  } finally {
    heap.free(block)
  }
}

const nothingKnown = { min: undefined, max: undefined, ascending: false }

interface IntegerBounds {
  readonly min: bigint
  readonly max: bigint
  /** Rows that are not NULL. */
  readonly valid: number
  readonly ascending: boolean
}

function boundsOf(heap: Heap, kernels: Kernels, vector: Vector, out: Address): IntegerBounds {
  const { values, length, validity, layout } = vector
  const { view } = heap
  if (layout === 'i128') {
    kernels.call('wideBounds', values, length, validity, out)
    const wide = (at: number): bigint =>
      (view.getBigInt64(out + at + 8, true) << 64n) | view.getBigUint64(out + at, true)
    return {
      min: wide(0),
      max: wide(16),
      valid: view.getUint32(out + 32, true),
      ascending: view.getUint32(out + 36, true) === 1,
    }
  }
  kernels.call('integerBounds', values, layoutBytes[layout], length, validity, out)
  return {
    min: view.getBigInt64(out, true),
    max: view.getBigInt64(out + 8, true),
    valid: view.getUint32(out + 16, true),
    ascending: view.getUint32(out + 20, true) === 1,
  }
}

function distinctOf(kernels: Kernels, vector: Vector, valid: number, slots: Address): number {
  const { layout, values, offsets, length, validity, dictionary } = vector
  if (layout === 'bit') return Math.min(2, valid)
  if (dictionary !== undefined && dictionary.length <= valid) return dictionary.length
  const width = layoutBytes[layout]
  const step = Math.max(1, Math.ceil(length / SAMPLE_ROWS_MAX))
  const sample = BigInt(
    kernels.call(
      'sampleDistinct',
      values,
      offsets,
      width,
      length,
      validity,
      step,
      slots,
      SAMPLE_SLOTS - 1,
    ),
  )
  const sampled = Number(BigInt.asUintN(32, sample >> 32n))
  return estimateDistinct(Number(BigInt.asUintN(32, sample)), sampled, valid)
}

/**
 * Distinct values of `rows` rows of which a sample of `sampled` had `distinct`: the D for which
 * D * (1 - (1 - 1/D)^sampled) is what was seen, as if all values were equally frequent.
 */
export function estimateDistinct(distinct: number, sampled: number, rows: number): number {
  if (sampled === 0) return 0
  if (sampled >= rows) return distinct
  if (distinct >= sampled * 0.99) return rows
  let low = distinct
  let high = rows
  while (high - low > 0.5) {
    const middle = (low + high) / 2
    const expected = middle * (1 - Math.exp(sampled * Math.log1p(-1 / middle)))
    if (expected < distinct) low = middle
    else high = middle
  }
  return Math.round(low)
}

/** Statistics of two pieces of a column, the left one before the right one. */
export function mergeStatistics(left: ColumnStatistics, right: ColumnStatistics): ColumnStatistics {
  const ascending =
    left.ascending &&
    right.ascending &&
    (left.max === undefined || right.min === undefined || left.max <= right.min)
  return {
    min: least(left.min, right.min),
    max: greatest(left.max, right.max),
    nullCount: left.nullCount + right.nullCount,
    distinct: mergedDistinct(left, right),
    ascending,
  }
}

function least(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return left < right ? left : right
}

function greatest(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return left > right ? left : right
}

/**
 * Pieces whose ranges do not overlap share no value; pieces over the same range share most. Between
 * them the part of the range that is new is taken as the part of the values that is.
 */
function mergedDistinct(left: ColumnStatistics, right: ColumnStatistics): number | undefined {
  if (left.distinct === undefined || right.distinct === undefined) return undefined
  const sum = left.distinct + right.distinct
  const larger = Math.max(left.distinct, right.distinct)
  const { min: leftMin, max: leftMax } = left
  const { min: rightMin, max: rightMax } = right
  if (leftMin === undefined || leftMax === undefined) return larger
  if (rightMin === undefined || rightMax === undefined) return larger
  const low = leftMin > rightMin ? leftMin : rightMin
  const high = leftMax < rightMax ? leftMax : rightMax
  if (low > high) return sum
  const shared = Number(high - low + 1n) / Number(rightMax - rightMin + 1n)
  return Math.min(sum, Math.max(larger, left.distinct + right.distinct * (1 - shared)))
}
