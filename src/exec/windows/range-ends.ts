import { assert, present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import {
  interval,
  numeric,
  timestamp,
  type DataType,
  type DecimalType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { addNumeric } from '../../data/types/numeric-arithmetic.ts'
import { isNaNumeric, numericSign } from '../../data/types/numeric-specials.ts'
import { isInterval, isNumeric, type NumericValue, type Scalar } from '../../data/types/scalar.ts'
import { intervalShift } from '../../functions/datetime/arithmetic.ts'
import type { FrameBound } from '../../plan/logical/expression.ts'
import type { OrderedRows, RangeEnd } from './frames.ts'
import type { RowMemory } from './row-memory.ts'

/** The key that orders rows: its type and direction, and its value in a row. */
export interface RangeKey {
  readonly type: DataType
  readonly descending: boolean
  value(row: number): Scalar
}

/** How values of a type are moved and compared. */
interface Distance {
  /** What stands for a value where it is compared. */
  position(value: Scalar): Scalar
  /** The position so far from a value; null: infinity away from infinity is everything but NaN. */
  moved(value: Scalar, offset: Scalar, sign: 1 | -1): Scalar
  compare(left: Scalar, right: Scalar): number
}

/**
 * The ends of frames over values that are so far from each row's own. Rows are in the order of the key, so
 * an end never goes back within a partition.
 */
export function rangeEnds(rows: OrderedRows, key: RangeKey, memory: RowMemory): RangeEnd {
  return (bound, offset, side) => {
    checkSign(offset)
    const distance = distanceOf(key.type)
    const ends = memory.words(rows.count)
    for (let start = 0; start < rows.count; start = rows.partitionEnds[start]!) {
      partitionEnds(rows, key, distance, { bound, offset, side }, start, ends)
    }
    return ends
  }
}

interface Wanted {
  readonly bound: FrameBound
  readonly offset: Scalar
  readonly side: 'start' | 'end'
}

/** Rows whose key is NULL have each other, rows with a value have those with values. */
function partitionEnds(
  rows: OrderedRows,
  key: RangeKey,
  distance: Distance,
  { bound, offset, side }: Wanted,
  start: number,
  ends: Int32Array,
): void {
  const end = rows.partitionEnds[start]!
  let first = start
  if (key.value(start) === null) first = rows.peerEnds[start]!
  let last = end
  if (first < end && key.value(end - 1) === null) last = rows.peerStarts[end - 1]!
  ends.fill(side === 'start' ? start : first, start, first)
  ends.fill(side === 'start' ? last : end, last, end)
  const isBack = (bound.kind === 'preceding') !== key.descending
  let at = first
  let [known, position]: [number, Scalar] = [-1, null]
  for (let row = first; row < last; row = rows.peerEnds[row]!) {
    const limit = distance.moved(key.value(row), offset, isBack ? -1 : 1)
    const isBefore = (): boolean => {
      if (limit === null) {
        const isNaN = Number.isNaN(position)
        return side === 'start' ? key.descending && isNaN : key.descending || !isNaN
      }
      const order = distance.compare(position, limit)
      const along = key.descending ? -order : order
      return side === 'start' ? along < 0 : along <= 0
    }
    for (; at < last; at++) {
      // The one that stopped the row before is looked at again.
      if (at !== known) [known, position] = [at, distance.position(key.value(at))]
      if (!isBefore()) break
    }
    ends.fill(at, row, rows.peerEnds[row])
  }
}

function checkSign(offset: Scalar): void {
  const isNegative = isInterval(offset)
    ? compareScalars(offset, { months: 0, days: 0, micros: 0n }, interval) < 0
    : isNumeric(offset)
      ? isNaNumeric(offset) || numericSign(offset) < 0
      : Number(offset) < 0 || Number.isNaN(Number(offset))
  if (!isNegative) return
  const message = 'invalid preceding or following size in window function'
  throw new QueryError('INVALID_FRAME_OFFSET', message)
}

/** Types that a RANGE may have an offset over. */
const distances: Readonly<Partial<Record<TypeKind, (type: DataType) => Distance>>> = {
  int2: () => shortIntegers,
  int4: () => shortIntegers,
  int8: () => integers,
  float4: () => floats,
  float8: () => floats,
  decimal: (type) =>
    numbers(
      ({ scale }) =>
        (value) => ({ unscaled: BigInt(value as bigint), scale }),
      type as DecimalType,
    ),
  numeric: (type) => numbers(() => (value) => value as NumericValue, type),
  time: () => times,
  date: () => dates,
  timestamp: byFunction,
  timestamptz: byFunction,
  interval: byFunction,
}

function distanceOf(type: DataType): Distance {
  return present(distances[type.kind], `distance of ${type.kind}`)(type)
}

function order<T extends number | bigint>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Short enough to be doubles: an offset that is none leads beyond all of them. */
const shortIntegers: Distance = {
  position: (value) => value,
  moved: (value, offset, sign) => (value as number) + sign * Number(offset),
  compare: (left, right) => order(left as number, right as number),
}

const integers: Distance = {
  position: (value) => BigInt(value as number | bigint),
  moved: (value, offset, sign) => {
    const step = BigInt(offset as bigint)
    return BigInt(value as number | bigint) + (sign < 0 ? -step : step)
  },
  compare: (left, right) => order(left as bigint, right as bigint),
}

const floats: Distance = {
  position: (value) => Number(value),
  moved: (value, offset, sign) => {
    const [from, step] = [Number(value), Number(offset)]
    const moved = sign < 0 ? from - step : from + step
    return Number.isNaN(moved) && !Number.isNaN(from) ? null : moved
  },
  compare: (left, right) => {
    const [a, b] = [left as number, right as number]
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return order(a, b)
  },
}

function numbers<T extends DataType>(
  reading: (type: T) => (value: Scalar) => NumericValue,
  type: T,
): Distance {
  const read = reading(type)
  return {
    position: read,
    moved: (value, offset, sign) => {
      assert(isNumeric(offset), 'offset of another type')
      const { unscaled, scale } = offset
      return addNumeric(read(value), { unscaled: sign < 0 ? -unscaled : unscaled, scale })
    },
    compare: (left, right) => compareScalars(left!, right!, numeric),
  }
}

/** Times of day do not go round: an end beyond midnight takes all. */
const times: Distance = {
  position: (value) => value,
  moved: (value, offset, sign) => {
    assert(isInterval(offset), 'offset of another type')
    return (value as bigint) + (sign < 0 ? -offset.micros : offset.micros)
  },
  compare: (left, right) => order(left as bigint, right as bigint),
}

const MICROS_A_DAY = 86_400_000_000n

const dates: Distance = {
  position: (value) => BigInt(value as number) * MICROS_A_DAY,
  moved: (value, offset, sign) => {
    const midnight = BigInt(value as number) * MICROS_A_DAY
    return byFunction(timestamp).moved(midnight, offset, sign)
  },
  compare: (left, right) => order(left as bigint, right as bigint),
}

/** By the operators that add an interval and take it away. */
function byFunction(type: DataType): Distance {
  return {
    position: (value) => value,
    moved: (value, offset, sign) =>
      intervalShift(type.kind, sign).evaluate([value, offset], [type, interval], type),
    compare: (left, right) => compareScalars(left!, right!, type),
  }
}
