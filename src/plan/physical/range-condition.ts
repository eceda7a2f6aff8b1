import { valueForm } from '../../data/types/catalogue.ts'
import type { ValueForm } from '../../data/types/catalogue/entry.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import { raisesItself } from '../logical/raising.ts'
import { hasSubquery, isVolatile } from '../logical/expression-size.ts'
import { commutedOperator, operatorOf } from '../logical/predicates.ts'
import { columnIdSet, expressionChildrenOf } from '../logical/walk.ts'
import type { NestedLoopJoin } from './plan.ts'

/** What a value of a build row is compared with: one of the probe row. */
export interface RangeBound {
  readonly build: Expression
  readonly probe: Expression
}

/** A condition of which a pair fails that does not keep to the bounds, whatever else is in it. */
export interface RangeCondition {
  /** The build row's value is not above the probe row's. */
  readonly low: RangeBound | undefined
  /** The build row's value is not below the probe row's. */
  readonly high: RangeBound | undefined
}

/** Forms that are put in the order of 64-bit integers. */
const ordered: ReadonlySet<ValueForm> = new Set(['i32', 'i64', 'f32', 'f64'])

/**
 * The bounds that a join's condition sets, one a side at most: `x between b.lo and b.hi`, `a.t < b.t`. Build rows
 * are kept in their order, so that a row is compared with those only that are about. Undefined where there is none.
 */
export function rangeConditionOf(plan: NestedLoopJoin): RangeCondition | undefined {
  const { condition, nullAware, probe, build } = plan
  // What is NULL for some pair must be seen.
  if (condition === undefined || nullAware) return undefined
  const sides = { probe: columnIdSet(probe.columns), build: columnIdSet(build.columns) }
  let [low, high]: (RangeBound | undefined)[] = []
  for (const part of partsOf(condition)) {
    const found = boundOf(part, sides)
    if (found?.side === 'low') low ??= found
    else high ??= found
  }
  return low === undefined && high === undefined ? undefined : { low, high }
}

function partsOf(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.args.flatMap(partsOf) : [condition]
}

interface Sides {
  readonly probe: ReadonlySet<ColumnId>
  readonly build: ReadonlySet<ColumnId>
}

function boundOf(
  part: Expression,
  sides: Sides,
): (RangeBound & { readonly side: 'low' | 'high' }) | undefined {
  const operator = operatorOf(part)
  if (part.kind !== 'call' || operator === undefined) return undefined
  const [left, right] = part.args
  if (left === undefined || right === undefined || !isOrdered(left, right)) return undefined
  const isBuildFirst = readsOnly(left, sides.build) && readsOnly(right, sides.probe)
  if (!isBuildFirst && !(readsOnly(right, sides.build) && readsOnly(left, sides.probe))) {
    return undefined
  }
  const [build, probe] = isBuildFirst ? [left, right] : [right, left]
  const seen = isBuildFirst ? operator : commutedOperator(operator)
  if (seen === '<' || seen === '<=') return { build, probe, side: 'low' }
  return seen === '>' || seen === '>=' ? { build, probe, side: 'high' } : undefined
}

/** Whether two values are of one type whose order is that of integers. */
function isOrdered({ type: left }: Expression, { type: right }: Expression): boolean {
  if (left.kind !== right.kind || !ordered.has(valueForm(left))) return false
  if (left.kind !== 'decimal' || right.kind !== 'decimal') return true
  return left.scale === right.scale && valueForm(left) === valueForm(right)
}

/** What raises errors only where a value is beyond the end of its type. */
const overflowing: ReadonlySet<string> = new Set(['+', '-', '*'])

/** Kinds that hold what may be no value of the type that they are cast to. */
const unparsed: ReadonlySet<TypeKind> = new Set(['text', 'bpchar', 'json', 'jsonb'])

/**
 * Whether a bound may end in an error of rows that the condition is never evaluated for, there being no row to meet
 * them: 1 / x of an empty join. Only sums and the like are worked out beforehand all the same, as they rarely do.
 */
function raisesByValue(part: Expression): boolean {
  if (!raisesItself(part)) return false
  return part.kind === 'cast' ? unparsed.has(part.arg.type.kind) : !isOverflowing(part)
}

function isOverflowing(part: Expression): boolean {
  return part.kind === 'call' && overflowing.has(part.fn.name)
}

/** Whether an expression reads columns, all of them of one side, and may be worked out apart. */
function readsOnly(expr: Expression, side: ReadonlySet<ColumnId>): boolean {
  let reads = false
  const isWithin = (part: Expression): boolean => {
    if (part.kind === 'column') {
      reads = true
      return side.has(part.id)
    }
    return !raisesByValue(part) && expressionChildrenOf(part).every(isWithin)
  }
  return isWithin(expr) && reads && !isVolatile(expr) && !hasSubquery(expr)
}
