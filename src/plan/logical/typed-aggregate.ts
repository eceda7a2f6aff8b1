import { shownType } from '../../data/types/coercion.ts'
import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import {
  isOrderedSet,
  sortedArguments,
  withinGroupRequired,
} from '../../functions/aggregates/ordered-sets.ts'
import type { AggregateFunction } from '../../functions/function.ts'
import type { ColumnIds } from './build.ts'
import { expressionKey } from './expression-key.ts'
import type { AggregateCall, Expression, SortKey } from './expression.ts'
import { duplicate } from './fresh.ts'
import { typedAggregate, unify, type Typing } from './typing.ts'
import { spanDetail } from './span-detail.ts'

/** What a call of an aggregate says. */
export interface AggregateParts {
  readonly args: readonly Expression[]
  readonly distinct: boolean
  readonly filter: Expression | undefined
  /** What WITHIN GROUP sorts by; undefined where there is none. */
  readonly within: readonly SortKey[] | undefined
  readonly orderBy: readonly SortKey[]
}

/** Where the call stands, and its name. */
export interface CallSpans {
  readonly name?: Span | undefined
  readonly call?: Span | undefined
}

/**
 * A call with its overload chosen, its arguments and order as the aggregate wants them. Errors:
 * UNDEFINED_FUNCTION, WRONG_OBJECT_TYPE, SYNTAX_ERROR, INVALID_COLUMN_REFERENCE.
 */
export function typedAggregateCall(
  typing: Typing,
  ids: ColumnIds,
  name: string,
  parts: AggregateParts,
  spans: CallSpans = {},
): Omit<AggregateCall, 'id'> {
  const given = argumentsOf(typing, name, parts, spans)
  const { fn, args, type } = typedAggregate(typing, name, given, spans.name)
  checkClauses(fn, parts, spans)
  const { distinct, filter } = parts
  const order = orderOf(ids, fn, args, parts, spans)
  return {
    name,
    type,
    fn,
    args,
    distinct,
    ...(filter !== undefined && { filter }),
    ...(order.length > 0 && { orderBy: order }),
    ...spanDetail(spans.call),
  }
}

/** WITHIN GROUP is for ordered-set aggregates, and they have it always. */
function checkClauses(fn: AggregateFunction, parts: AggregateParts, { name: at }: CallSpans): void {
  const refuse = (code: 'WRONG_OBJECT_TYPE' | 'SYNTAX_ERROR', message: string): never => {
    throw new QueryError(code, message, spanDetail(at))
  }
  const { name } = fn
  const isSorted = isOrderedSet(fn)
  if (parts.within === undefined) {
    if (!isSorted) return
    throw withinGroupRequired(fn, at)
  }
  if (parts.distinct) refuse('SYNTAX_ERROR', 'cannot use DISTINCT with WITHIN GROUP')
  if (parts.orderBy.length > 0) {
    refuse('SYNTAX_ERROR', 'cannot use multiple ORDER BY clauses with WITHIN GROUP')
  }
  if (!isSorted) {
    const what = `${name} is not an ordered-set aggregate`
    refuse('WRONG_OBJECT_TYPE', `${what}, so it cannot have WITHIN GROUP`)
  }
}

/**
 * The direct arguments and the sorted ones of a call: of those that are a row which might be among the sorted
 * ones, each pair is brought to one type.
 */
function argumentsOf(
  typing: Typing,
  name: string,
  { args, within = [] }: AggregateParts,
  spans: CallSpans,
): readonly Expression[] {
  const keys = within.map(({ expr }) => expr)
  const overloads = typing.functions.aggregate.named(name)
  // The direct arguments are a row that might be among the sorted ones.
  if (!overloads.some(({ directArgs }) => directArgs === 'as-sorted')) return [...args, ...keys]
  if (args.length !== keys.length) {
    const types = [...args, ...keys].map(({ type }) => shownType(type)).join(', ')
    throw new QueryError('UNDEFINED_FUNCTION', `function ${name}(${types}) does not exist`, {
      ...spanDetail(spans.name),
      hint:
        `To use the hypothetical-set aggregate ${name}, the number of hypothetical direct arguments ` +
        `(here ${args.length}) must match the number of ordering columns (here ${keys.length}).`,
    })
  }
  const pairs = args.map((arg, index) => unify(typing, [keys[index]!, arg], 'WITHIN GROUP'))
  return [...pairs.map(([, direct]) => direct!), ...pairs.map(([key]) => key!)]
}

/** The order in which an aggregate wants its rows; none where it makes no difference. */
function orderOf(
  ids: ColumnIds,
  fn: AggregateFunction,
  args: readonly Expression[],
  { args: given, distinct, within = [], orderBy }: AggregateParts,
  spans: CallSpans,
): readonly SortKey[] {
  if (isOrderedSet(fn)) {
    const positions = sortedArguments(fn, args.length)
    // The key stands beside the argument: a subquery in both makes columns of its own in each.
    const keyOf = (position: number): Expression => duplicate(ids, args[position]!)
    return positions.map((position, index) => ({ ...within[index]!, expr: keyOf(position) }))
  }
  if (distinct) {
    const keys = new Set([...given, ...args].map(expressionKey))
    const other = orderBy.find(({ expr }) => !keys.has(expressionKey(expr)))
    if (other !== undefined) {
      throw new QueryError(
        'INVALID_COLUMN_REFERENCE',
        'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
        spanDetail(other.expr.span ?? spans.call),
      )
    }
  }
  return fn.form.kind === 'collected' && fn.form.order === 'given' ? orderBy : []
}
