import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { functionName } from '../logical/columns-of.ts'
import type { Call, Case, ColumnId, Expression } from '../logical/expression.ts'
import { integerValue } from '../optimizer/integer-value.ts'

export type BoundsByColumn = ReadonlyMap<ColumnId, ValueBounds>

/** What an expression's values lie in; `never` when the expression can only be NULL. */
type Outcome = ValueBounds | 'never' | undefined

/**
 * Interval arithmetic: bounds of every non-NULL value that the expression can have over columns with
 * these bounds, in the unit of the expression's type. A row for which the expression raises an error
 * has no value, so results are cut to the type's range. Undefined when nothing is known.
 */
export function expressionBounds(
  expr: Expression,
  columns: BoundsByColumn,
): ValueBounds | undefined {
  const outcome = outcomeOf(expr, columns)
  return outcome === 'never' ? undefined : outcome
}

function outcomeOf(expr: Expression, columns: BoundsByColumn): Outcome {
  switch (expr.kind) {
    case 'column':
      return columns.get(expr.id)
    case 'literal': {
      if (expr.value === null) return 'never'
      const value = integerValue(expr.value, expr.type)
      return value === undefined ? undefined : { min: value, max: value }
    }
    case 'cast': {
      const inner = outcomeOf(expr.arg, columns)
      if (inner === undefined || inner === 'never') return inner
      return within(castBounds(inner, expr.arg.type, expr.type), expr.type)
    }
    case 'call':
      return within(callBounds(expr, columns), expr.type)
    case 'case':
      return caseBounds(expr, columns)
    default:
      return undefined
  }
}

function caseBounds(expr: Case, columns: BoundsByColumn): Outcome {
  let all: Outcome = 'never'
  for (const result of [...expr.branches.map(({ then }) => then), expr.otherwise]) {
    const bounds = outcomeOf(result, columns)
    if (bounds === undefined) return undefined
    if (bounds === 'never') continue
    all = all === 'never' ? bounds : union(all, bounds)
  }
  return all
}

export function union(left: ValueBounds, right: ValueBounds): ValueBounds {
  return {
    min: left.min < right.min ? left.min : right.min,
    max: left.max > right.max ? left.max : right.max,
  }
}

const typeRanges: Readonly<Partial<Record<DataType['kind'], ValueBounds>>> = {
  bool: { min: 0n, max: 1n },
  int2: { min: -32768n, max: 32767n },
  int4: { min: -2147483648n, max: 2147483647n },
  int8: { min: -9223372036854775808n, max: 9223372036854775807n },
}

/** The values that a type can hold, where it is integer-like and its range follows from its name. */
export function typeBounds(type: DataType): ValueBounds | undefined {
  if (type.kind !== 'decimal') return typeRanges[type.kind]
  const largest = power10(type.precision) - 1n
  return { min: -largest, max: largest }
}

function within(bounds: ValueBounds | undefined, type: DataType): ValueBounds | undefined {
  const range = typeBounds(type)
  if (bounds === undefined || range === undefined) return bounds
  const min = bounds.min > range.min ? bounds.min : range.min
  const max = bounds.max < range.max ? bounds.max : range.max
  return min <= max ? { min, max } : range
}

export function power10(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

const integerKinds = new Set(['bool', 'int2', 'int4', 'int8'])

/** Digits after the point of an exact number, undefined for other types. */
function scaleOf(type: DataType): number | undefined {
  if (type.kind === 'decimal') return type.scale
  return integerKinds.has(type.kind) ? 0 : undefined
}

const microsPerDay = 86_400_000_000n

function castBounds(bounds: ValueBounds, from: DataType, to: DataType): ValueBounds | undefined {
  if (from.kind === to.kind && from.kind !== 'decimal') return bounds
  const [fromScale, toScale] = [scaleOf(from), scaleOf(to)]
  if (to.kind !== 'bool' && fromScale !== undefined && toScale !== undefined) {
    return rescaled(bounds, fromScale, toScale)
  }
  if (from.kind === 'date' && to.kind === 'timestamp') {
    return { min: bounds.min * microsPerDay, max: bounds.max * microsPerDay }
  }
  if (from.kind === 'timestamp' && to.kind === 'date') {
    return {
      min: floorDivide(bounds.min, microsPerDay),
      max: floorDivide(bounds.max, microsPerDay),
    }
  }
  return undefined
}

/** Outward when digits are dropped, whichever way the cast rounds. */
function rescaled(bounds: ValueBounds, from: number, to: number): ValueBounds {
  if (to >= from) {
    const factor = power10(to - from)
    return { min: bounds.min * factor, max: bounds.max * factor }
  }
  const divisor = power10(from - to)
  return {
    min: floorDivide(bounds.min, divisor),
    max: -floorDivide(-bounds.max, divisor),
  }
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient
}

function callBounds(expr: Call, columns: BoundsByColumn): ValueBounds | undefined {
  if (expr.type.kind === 'bool') return { min: 0n, max: 1n }
  const [first, second] = expr.args
  const left = first && expressionBounds(first, columns)
  if (first === undefined || left === undefined) return undefined
  const name = functionName(expr.fn)
  if (second === undefined) return unaryBounds(name, left, first.type, expr.type)
  const right = expressionBounds(second, columns)
  if (right === undefined || expr.args.length !== 2) return undefined
  return binaryBounds(
    name,
    { bounds: left, type: first.type },
    { bounds: right, type: second.type },
    expr.type,
  )
}

function unaryBounds(
  name: string,
  bounds: ValueBounds,
  from: DataType,
  to: DataType,
): ValueBounds | undefined {
  if (from.kind !== to.kind || scaleOf(from) !== scaleOf(to)) return undefined
  if (name === '-' && scaleOf(from) !== undefined) return { min: -bounds.max, max: -bounds.min }
  if (name === '+') return bounds
  if (name !== 'abs' || scaleOf(from) === undefined) return undefined
  const largest = -bounds.min > bounds.max ? -bounds.min : bounds.max
  return { min: bounds.min > 0n ? bounds.min : bounds.max < 0n ? -bounds.max : 0n, max: largest }
}

interface Operand {
  readonly bounds: ValueBounds
  readonly type: DataType
}

function binaryBounds(
  name: string,
  left: Operand,
  right: Operand,
  result: DataType,
): ValueBounds | undefined {
  const scales = [scaleOf(left.type), scaleOf(right.type), scaleOf(result)] as const
  const [leftScale, rightScale, resultScale] = scales
  const days = daysBounds(name, left, right, result)
  if (days !== undefined) return days
  if (leftScale === undefined || rightScale === undefined || resultScale === undefined) {
    return undefined
  }
  if (name === '*') {
    const products = product(left.bounds, right.bounds)
    return leftScale + rightScale === resultScale
      ? products
      : rescaled(products, leftScale + rightScale, resultScale)
  }
  if (name === '/' || name === '%') {
    const integers = leftScale === 0 && rightScale === 0 && result.kind !== 'decimal'
    return integers ? quotient(name, left.bounds) : undefined
  }
  if (resultScale < leftScale || resultScale < rightScale) return undefined
  const a = rescaled(left.bounds, leftScale, resultScale)
  const b = rescaled(right.bounds, rightScale, resultScale)
  if (name === '+') return { min: a.min + b.min, max: a.max + b.max }
  return name === '-' ? { min: a.min - b.max, max: a.max - b.min } : undefined
}

function daysBounds(
  name: string,
  left: Operand,
  right: Operand,
  result: DataType,
): ValueBounds | undefined {
  const dates = [left.type.kind, right.type.kind, result.kind].filter((kind) => kind === 'date')
  const integers = [left.type.kind, right.type.kind, result.kind].filter((k) => integerKinds.has(k))
  if (dates.length !== 2 || integers.length !== 1) return undefined
  const [a, b] = [left.bounds, right.bounds]
  if (name === '+') return { min: a.min + b.min, max: a.max + b.max }
  return name === '-' ? { min: a.min - b.max, max: a.max - b.min } : undefined
}

function product(a: ValueBounds, b: ValueBounds): ValueBounds {
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max]
  return {
    min: corners.reduce((least, value) => (value < least ? value : least)),
    max: corners.reduce((most, value) => (value > most ? value : most)),
  }
}

/** Integer division and remainder never leave the dividend's magnitude. */
function quotient(name: string, dividend: ValueBounds): ValueBounds {
  const largest = -dividend.min > dividend.max ? -dividend.min : dividend.max
  if (name === '/') return { min: -largest, max: largest }
  return { min: dividend.min < 0n ? -largest : 0n, max: dividend.max > 0n ? largest : 0n }
}
