import type { Scalar } from './scalar.ts'

/*
 * Ranges and sets of them as values, after PostgreSQL's rangetypes.c and multirangetypes.c. Those of types whose values are
 * one apart come in canonical form: with their lower bound, without their upper one.
 */

/** One end: NULL is infinity, which is never within. */
export interface RangeBound {
  readonly value: Scalar
  readonly isWithin: boolean
}

/** Without bounds: empty. */
export interface RangeValue {
  readonly lower: RangeBound
  readonly upper: RangeBound
  readonly isEmpty: boolean
}

/** The order of the values that bounds are. */
export type CompareValues = (left: Scalar, right: Scalar) => number

const infinite: RangeBound = { value: null, isWithin: false }
export const emptyRange: RangeValue = { lower: infinite, upper: infinite, isEmpty: true }

/** A bound that knows which end it is. */
interface End {
  readonly bound: RangeBound
  readonly isLower: boolean
}

function compareEnds(a: End, b: End, compare: CompareValues): number {
  const order = compareValues(a, b, compare)
  if (order !== 0 || a.bound.value === null) return order
  const [left, right] = [a.bound.isWithin, b.bound.isWithin]
  if (left && right) return 0
  if (!left && !right) return a.isLower === b.isLower ? 0 : a.isLower ? 1 : -1
  if (!left) return a.isLower ? 1 : -1
  return b.isLower ? -1 : 1
}

/** The same whether the values are within or not. */
function compareValues(a: End, b: End, compare: CompareValues): number {
  const [left, right] = [a.bound.value, b.bound.value]
  if (left === null && right === null) return a.isLower === b.isLower ? 0 : a.isLower ? -1 : 1
  if (left === null) return a.isLower ? -1 : 1
  if (right === null) return b.isLower ? 1 : -1
  return compare(left, right)
}

const lowerOf = ({ lower }: RangeValue): End => ({ bound: lower, isLower: true })
const upperOf = ({ upper }: RangeValue): End => ({ bound: upper, isLower: false })

/** What can be asked of, and made of, ranges over values in an order. */
export class Ranges {
  readonly #compare: CompareValues

  constructor(compare: CompareValues) {
    this.#compare = compare
  }

  #order(a: End, b: End): number {
    return compareEnds(a, b, this.#compare)
  }

  /** A range of two bounds; undefined where the lower one is above. */
  between(lower: RangeBound, upper: RangeBound): RangeValue | undefined {
    if (lower.value !== null && upper.value !== null) {
      const order = this.#compare(lower.value, upper.value)
      if (order > 0) return undefined
      if (order === 0 && !(lower.isWithin && upper.isWithin)) return emptyRange
    }
    return { lower, upper, isEmpty: false }
  }

  contains(range: RangeValue, other: RangeValue): boolean {
    if (other.isEmpty) return true
    if (range.isEmpty) return false
    return (
      this.#order(lowerOf(range), lowerOf(other)) <= 0 &&
      this.#order(upperOf(range), upperOf(other)) >= 0
    )
  }

  containsValue(range: RangeValue, value: Scalar): boolean {
    const bound = { value, isWithin: true }
    return this.contains(range, { lower: bound, upper: bound, isEmpty: false })
  }

  overlap(a: RangeValue, b: RangeValue): boolean {
    if (a.isEmpty || b.isEmpty) return false
    return this.#order(lowerOf(a), upperOf(b)) <= 0 && this.#order(lowerOf(b), upperOf(a)) <= 0
  }

  isBefore(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(upperOf(a), lowerOf(b)) < 0
  }

  endsWithin(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(upperOf(a), upperOf(b)) <= 0
  }

  beginsWithin(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(lowerOf(a), lowerOf(b)) >= 0
  }

  /** Whether one begins where the other ends, and no value is of both or between them. */
  touch(a: RangeValue, b: RangeValue): boolean {
    if (a.isEmpty || b.isEmpty) return false
    return this.#meet(a.upper, b.lower) || this.#meet(b.upper, a.lower)
  }

  #meet(upper: RangeBound, lower: RangeBound): boolean {
    if (upper.value === null || lower.value === null) return false
    return this.#compare(upper.value, lower.value) === 0 && upper.isWithin !== lower.isWithin
  }

  /** The least range with both in it. */
  around(a: RangeValue, b: RangeValue): RangeValue {
    if (a.isEmpty) return b
    if (b.isEmpty) return a
    const lower = this.#order(lowerOf(a), lowerOf(b)) <= 0 ? a.lower : b.lower
    const upper = this.#order(upperOf(a), upperOf(b)) >= 0 ? a.upper : b.upper
    return { lower, upper, isEmpty: false }
  }

  common(a: RangeValue, b: RangeValue): RangeValue {
    if (!this.overlap(a, b)) return emptyRange
    const lower = this.#order(lowerOf(a), lowerOf(b)) >= 0 ? a.lower : b.lower
    const upper = this.#order(upperOf(a), upperOf(b)) <= 0 ? a.upper : b.upper
    return { lower, upper, isEmpty: false }
  }

  /** What is left of a range without another: none, one or two. */
  without(a: RangeValue, b: RangeValue): readonly RangeValue[] {
    if (a.isEmpty) return []
    if (!this.overlap(a, b)) return [a]
    const left: RangeValue[] = []
    if (this.#order(lowerOf(a), lowerOf(b)) < 0) {
      left.push({ ...a, upper: { value: b.lower.value, isWithin: !b.lower.isWithin } })
    }
    if (this.#order(upperOf(a), upperOf(b)) > 0) {
      left.push({ ...a, lower: { value: b.upper.value, isWithin: !b.upper.isWithin } })
    }
    return left
  }

  /** Empty ranges first, then by lower bound, then by upper bound. */
  order(a: RangeValue, b: RangeValue): number {
    if (a.isEmpty || b.isEmpty) return Number(b.isEmpty) - Number(a.isEmpty)
    return this.#order(lowerOf(a), lowerOf(b)) || this.#order(upperOf(a), upperOf(b))
  }

  /** Ranges as a set has them: none empty, in order, those that overlap or touch as one. */
  normalized(ranges: readonly RangeValue[]): readonly RangeValue[] {
    const sorted = ranges.filter(({ isEmpty }) => !isEmpty).toSorted((a, b) => this.order(a, b))
    const merged: RangeValue[] = []
    for (const range of sorted) {
      const last = merged.at(-1)
      const isOne = last !== undefined && (this.overlap(last, range) || this.touch(last, range))
      if (isOne) merged[merged.length - 1] = this.around(last, range)
      else merged.push(range)
    }
    return merged
  }
}
