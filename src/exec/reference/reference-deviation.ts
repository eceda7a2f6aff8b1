import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'

/** Number, sum and sum of squared deviations of floats, after float8_accum in PostgreSQL's float.c. */
interface Deviation {
  readonly count: number
  readonly sum: number
  readonly deviation: number
}

const none: Deviation = { count: 0, sum: 0, deviation: 0 }

/** The aggregate over values that are not NULL: floats, or the bytes of partial states. */
export function referenceDeviation(call: PhysicalAggregateCall, values: readonly Scalar[]): Scalar {
  if (values.length === 0) return null
  const total =
    call.accumulator === 'deviation'
      ? values.map(Number).reduce(added, none)
      : values.map((value) => stateOf(value as Uint8Array)).reduce(combined, none)
  return call.type.kind === 'bytea' ? bytesOf(total) : total.deviation
}

function added({ count, sum, deviation }: Deviation, value: number): Deviation {
  const next = { count: count + 1, sum: sum + value }
  if (count === 0) return { ...next, deviation: Number.isFinite(value) ? 0 : Number.NaN }
  const step = value * next.count - next.sum
  const grown = deviation + (step * step) / (next.count * count)
  if (!isInfinite(next.sum) && !isInfinite(grown)) return { ...next, deviation: grown }
  if (!isInfinite(sum) && !isInfinite(value)) throw overflow()
  return { ...next, deviation: Number.NaN }
}

function combined(left: Deviation, right: Deviation): Deviation {
  if (left.count === 0) return right
  if (right.count === 0) return left
  const count = left.count + right.count
  const [a, b] = [meanOf(left), meanOf(right)]
  const step = a.rounded - b.rounded + (a.rest - b.rest)
  const deviation =
    left.deviation + right.deviation + (left.count * right.count * step * step) / count
  const sum = left.sum + right.sum
  const overflown = (whole: number, ...parts: readonly number[]): boolean =>
    isInfinite(whole) && !parts.some(isInfinite)
  if (overflown(deviation, left.deviation, right.deviation)) throw overflow()
  if (overflown(sum, left.sum, right.sum)) throw overflow()
  return { count, sum, deviation }
}

/** The mean, and what its rounding left out, with a product that is exact in two parts. */
function meanOf({ count, sum }: Deviation): { readonly rounded: number; readonly rest: number } {
  const rounded = sum / count
  const bits = new BigInt64Array(Float64Array.of(rounded).buffer)
  bits[0] = (bits[0] ?? 0n) & (-1n << 27n)
  const [upper = 0] = new Float64Array(bits.buffer)
  return { rounded, rest: (sum - upper * count - (rounded - upper) * count) / count }
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Infinity
}

function overflow(): QueryError {
  return new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: overflow')
}

function bytesOf({ count, sum, deviation }: Deviation): Uint8Array {
  return new Uint8Array(Float64Array.of(count, sum, deviation).buffer)
}

function stateOf(bytes: Uint8Array): Deviation {
  const [count = 0, sum = 0, deviation = 0] = new Float64Array(bytes.slice().buffer)
  return { count, sum, deviation }
}
