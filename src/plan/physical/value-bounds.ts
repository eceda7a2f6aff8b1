import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Call, Case, ColumnId, Expression } from '../logical/expression.ts'
import { integerValue } from '../optimizer/integer-value.ts'
import { floorDivide, power10, rescaled, scaleOf } from '../../functions/bounds.ts'
import type { BoundedArgument } from '../../functions/traits.ts'

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
    case 'parameter':
    case 'and':
    case 'or':
    case 'in-list':
    case 'in-set':
    case 'let':
    case 'subquery':
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

function callBounds(expr: Call, columns: BoundsByColumn): ValueBounds | undefined {
  if (expr.type.kind === 'bool') return { min: 0n, max: 1n }
  const { bounds: boundsOf } = expr.fn
  if (boundsOf === undefined) return undefined
  const args: BoundedArgument[] = []
  for (const arg of expr.args) {
    const bounds = expressionBounds(arg, columns)
    if (bounds === undefined) return undefined
    args.push({ bounds, type: arg.type })
  }
  return boundsOf(args, expr.type)
}
