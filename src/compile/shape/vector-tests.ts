import { unreachable } from '../../base/assert.ts'
import { isIntegerLike } from '../../data/types/catalogue.ts'
import { layoutBytes } from '../../data/vectors/vector.ts'
import { signedComparisons } from '../../functions/operators/comparison-operators.ts'
import type { Expression, Literal } from '../../plan/logical/expression.ts'
import { resolveColumn } from './dense-keys.ts'
import { decidable } from './decidable.ts'
import type { PipelineView } from '../model/shapes.ts'
import type { LaneColumn, LaneLayout, LaneTest, VectorTest } from '../model/lane-test.ts'
import { commutedOperator, operatorOf } from '../../plan/logical/predicates.ts'
import type { ComparisonOperator } from '../../functions/traits.ts'

/** Where {@link laneTest} puts what code must not contain. */
interface LaneTestParts {
  /** Takes a value for the context; returns its number. */
  constant(value: number): number
  expression(expr: Expression): Expression
}

export interface SplitFilter {
  readonly tests: readonly VectorTest[]
  /** Conjuncts that have to be evaluated row by row. */
  readonly rest: readonly Expression[]
}

/**
 * Splits a predicate into conjuncts over narrow integers (dates, decimals) and short dictionaries of the
 * driving chunk, and others. Bounds of one column are joined into one range.
 */
export function splitFilter(view: PipelineView, predicate: Expression): SplitFilter {
  const tests: VectorTest[] = []
  const rest: Expression[] = []
  for (const conjunct of conjuncts(predicate)) {
    const test = vectorTest(view, conjunct)
    if (test === undefined) rest.push(conjunct)
    else if (test.kind === 'range') addRange(tests, test)
    else tests.push(test)
  }
  return { tests, rest }
}

/** The code for a test: the one comparison that suffices for its bounds. */
export function laneTest(test: VectorTest, parts: LaneTestParts): LaneTest {
  const constant = (value: bigint): number => parts.constant(Number(BigInt.asIntN(32, value)))
  switch (test.kind) {
    case 'columns':
      return test
    case 'decision':
      return { kind: 'decision', expr: parts.expression(test.expr) }
    case 'differs':
      return { kind: 'differs', column: test.column, constant: constant(test.value) }
    case 'range': {
      const { column, min, max } = test
      const bounds = laneBounds(column.layout)
      if (min > max) return { kind: 'never', column }
      if (min === max) return { kind: 'equals', column, constant: constant(min) }
      if (max === bounds.max && min === bounds.min) return { kind: 'always', column }
      if (max === bounds.max) return { kind: 'above', column, constant: constant(min - 1n) }
      if (min === bounds.min) return { kind: 'below', column, constant: constant(max + 1n) }
      return { kind: 'between', column, constant: constant(min), span: constant(max - min) }
    }
    default:
      return unreachable(test)
  }
}

/** The smallest and largest value of a layout. */
export function laneBounds(layout: LaneLayout): { readonly min: bigint; readonly max: bigint } {
  const max = (1n << BigInt(layoutBytes[layout] * 8 - 1)) - 1n
  return { min: -max - 1n, max }
}

function conjuncts(expr: Expression): readonly Expression[] {
  return expr.kind === 'and' ? expr.args.flatMap(conjuncts) : [expr]
}

function addRange(tests: VectorTest[], test: VectorTest & { kind: 'range' }): void {
  const at = tests.findIndex(
    (other) => other.kind === 'range' && other.column.place.index === test.column.place.index,
  )
  const other = tests[at]
  if (other?.kind !== 'range') {
    tests.push(test)
    return
  }
  const min = other.min > test.min ? other.min : test.min
  const max = other.max < test.max ? other.max : test.max
  tests[at] = { ...test, min, max }
}

function vectorTest(view: PipelineView, expr: Expression): VectorTest | undefined {
  const decision = decidable(view, expr)
  if (decision !== undefined) {
    return decision.isShort && !decision.nullable ? { kind: 'decision', expr } : undefined
  }
  if (expr.kind !== 'call') return undefined
  const operator = operatorOf(expr)
  const [left, right] = expr.args
  if (operator === undefined || left === undefined || right === undefined) return undefined
  const [first, second] = [laneColumn(view, left), laneColumn(view, right)]
  if (first !== undefined && second !== undefined) {
    const alike = first.layout === second.layout && scaleOf(left) === scaleOf(right)
    const test = { kind: 'columns', operator: signedComparisons[operator] } as const
    return alike ? { ...test, left: first, right: second } : undefined
  }
  if (first !== undefined && right.kind === 'literal') {
    return constantTest(first, operator, literalValue(right, scaleOf(left)))
  }
  if (second !== undefined && left.kind === 'literal') {
    return constantTest(second, commutedOperator(operator), literalValue(left, scaleOf(right)))
  }
  return undefined
}

function constantTest(
  column: LaneColumn,
  operator: ComparisonOperator,
  value: bigint | undefined,
): VectorTest | undefined {
  if (value === undefined) return undefined
  const { min, max } = laneBounds(column.layout)
  const range = (low: bigint, high: bigint): VectorTest => ({
    kind: 'range',
    column,
    min: low > min ? low : min,
    max: high < max ? high : max,
  })
  switch (operator) {
    case '=':
      return range(value, value)
    case '<>':
      return value < min || value > max ? range(min, max) : { kind: 'differs', column, value }
    case '<':
      return range(min, value - 1n)
    case '<=':
      return range(min, value)
    case '>':
      return range(value + 1n, max)
    case '>=':
      return range(value, max)
  }
}

/** A literal in the unit of a column with `scale` digits behind the point, where it has one. */
function literalValue(literal: Literal, scale: number): bigint | undefined {
  const { value } = literal
  const digits = scale - scaleOf(literal)
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'bigint') return undefined
  if (digits >= 0) return value * 10n ** BigInt(digits)
  const unit = 10n ** BigInt(-digits)
  return value % unit === 0n ? value / unit : undefined
}

function scaleOf({ type }: Expression): number {
  return type.kind === 'decimal' ? type.scale : 0
}

function laneColumn(view: PipelineView, expr: Expression): LaneColumn | undefined {
  const column = resolveColumn(view.pipeline, expr)
  if (column.kind !== 'column' || !isIntegerLike(column.type)) return undefined
  const place = view.places.get(column.id)
  const source = place === undefined ? undefined : view.sources[place.source]
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const { layout, nullable } = source.columns[place.index] ?? { layout: 'utf8', nullable: true }
  if (layout !== 'i8' && layout !== 'i16' && layout !== 'i32') return undefined
  return { place, layout, nullable }
}
