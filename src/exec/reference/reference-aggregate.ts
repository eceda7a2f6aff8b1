import { assert, unreachable } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { compareScalars, equalsLookDifferent } from '../../data/types/compare-scalar.ts'
import { addNumeric } from '../../data/types/numeric-arithmetic.ts'
import { isInterval, isNumeric, type NumericValue, type Scalar } from '../../data/types/scalar.ts'
import type { KeptRows, PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import { referenceDeviation } from './reference-deviation.ts'
import { same, valueOf, type ReferenceRow } from './reference-row.ts'
import { aggregateRows } from '../../functions/aggregates/collect.ts'
import { addIntervals } from '../../functions/datetime/interval-arithmetic.ts'

/** The first unscaled value with more digits than decimals have. */
const DECIMAL_END = 10n ** 38n

/** One aggregate over the rows of one group. */
export function referenceAggregate(
  call: PhysicalAggregateCall,
  rows: readonly ReferenceRow[],
): Scalar {
  const { arg, filter, distinct, accumulator } = call
  const kept = filter === undefined ? rows : rows.filter((row) => valueOf(filter, row) === true)
  if (call.kept !== undefined) return referenceRows(call, call.kept, kept)
  if (arg === undefined) return BigInt(kept.length)
  const all = kept.map((row) => valueOf(arg, row)).filter((value) => value !== null)
  if (distinct) spend(all.length * all.length)
  const values = distinct
    ? all.filter((value, at) => all.findIndex((other) => same(other, value, arg.type)) === at)
    : all
  switch (accumulator) {
    case 'count-star':
    case 'count':
      return BigInt(values.length)
    case 'sum':
      return values.length === 0 ? null : sum(call, values)
    case 'sum-zero':
      return sum(call, values)
    case 'sum-squares':
      return values.length === 0 ? null : sum(call, values.filter(isNumeric).map(square))
    case 'min':
      return extreme(call, values, 1)
    case 'max':
      return extreme(call, values, -1)
    case 'bool-and':
      return values.length === 0 ? null : values.every((value) => value === true)
    case 'bool-or':
      return values.length === 0 ? null : values.some((value) => value === true)
    case 'deviation':
    case 'deviation-merge':
      return referenceDeviation(call, values)
    case 'any-value':
      return values[0] ?? null
    case 'bit-and':
      return combined(call, values, (a, b) => a & b)
    case 'bit-or':
      return combined(call, values, (a, b) => a | b)
    case 'bit-xor':
      return combined(call, values, (a, b) => a ^ b)
    case 'fold':
    case 'collect':
      return assert(false, 'an aggregate that keeps rows') as never
    default:
      return unreachable(accumulator)
  }
}

function referenceRows(
  { type }: PhysicalAggregateCall,
  { fn, exprs, args, order, distinct, constants }: KeptRows,
  rows: readonly ReferenceRow[],
): Scalar {
  const types = exprs.map((expr) => expr.type)
  const values = rows.map((row) => exprs.map((expr) => valueOf(expr, row)))
  const typed = { types, args, order, distinct, result: type, constants }
  return aggregateRows(fn, typed, values)
}

function combined(
  { type }: PhysicalAggregateCall,
  values: readonly Scalar[],
  combine: (left: bigint, right: bigint) => bigint,
): Scalar {
  if (values.length === 0) return null
  const all = values.map((value) => BigInt(value as number | bigint)).reduce(combine)
  return type.kind === 'int8' ? all : Number(all)
}

function extreme(call: PhysicalAggregateCall, values: readonly Scalar[], sign: number): Scalar {
  const type = call.arg?.type ?? call.type
  // Of equal values that may look different the last one stays, as in PostgreSQL.
  const isTieTaken = equalsLookDifferent(type)
  return values.reduce((best, value) => {
    if (best === null) return value
    const order = compareScalars(value!, best, type) * sign
    return order < 0 || (order === 0 && isTieTaken) ? value : best
  }, null)
}

function sum(call: PhysicalAggregateCall, values: readonly Scalar[]): Scalar {
  const kind = call.arg?.type.kind
  if (kind === 'float4' || kind === 'float8') {
    const total = values.reduce<number>((a, b) => a + Number(b), 0)
    if (!Number.isFinite(total) && values.every((value) => Number.isFinite(Number(value)))) {
      throw new QueryError('NUMERIC_OUT_OF_RANGE', 'value out of range: overflow')
    }
    return call.type.kind === 'float4' ? Math.fround(total) : total
  }
  if (kind === 'numeric') {
    return values.filter((value) => isNumeric(value)).reduce(addNumeric)
  }
  if (kind === 'interval') return values.filter((v) => isInterval(v)).reduce(addIntervals)
  const total = values.reduce<bigint>((a, b) => a + BigInt(b as number | bigint), 0n)
  if (call.type.kind === 'numeric') {
    const scale = call.arg?.type.kind === 'decimal' ? call.arg.type.scale : 0
    return { unscaled: total, scale }
  }
  if (call.type.kind === 'int8' && BigInt.asIntN(64, total) !== total) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', 'bigint out of range')
  }
  if (call.type.kind === 'decimal' && (total >= DECIMAL_END || total <= -DECIMAL_END)) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', 'numeric field overflow')
  }
  return total
}

function square({ unscaled, scale }: NumericValue): NumericValue {
  return { unscaled: unscaled * unscaled, scale: 2 * scale }
}
