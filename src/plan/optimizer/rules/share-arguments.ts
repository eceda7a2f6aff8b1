import { aggregate, columnReference, project } from '../../logical/build.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { AggregateCall, Expression, NamedExpression } from '../../logical/expression.ts'
import { hasSubquery, isVolatile, sizeOf } from '../../logical/expression-size.ts'
import { passedOn } from '../output-columns.ts'
import { isTrivial } from '../properties.ts'
import type { Rule } from '../rule.ts'

/**
 * `Aggregate(sum(e), count(e), X) = Aggregate(sum(c), count(c), Project(e as c, X))`: what several aggregates are over
 * is computed once a row. One of them at least has no filter, so that e is computed for the same rows as before, with
 * the same errors. Last of all, as the projection would stand between groups and the joins that they are reduced by.
 */
export const shareArguments: Rule = {
  name: 'share-arguments',
  order: 'bottom-up',
  about: ['aggregate'],
  rewrite(relation, { ids }) {
    if (relation.kind !== 'aggregate' || relation.aggregates.length === 0) return undefined
    const shared = sharedBy(relation.aggregates)
    if (shared.size === 0) return undefined
    const columns = new Map(
      [...shared].map(([key, expr]): [string, NamedExpression] => [
        key,
        { id: ids.next(), name: 'argument', expr },
      ]),
    )
    const made = [...columns.values()]
    const input = project(relation.input, [...passedOn(relation.input.columns), ...made])
    const known = new Map(input.columns.map((column) => [column.id, column]))
    const replaced = (expr: Expression): Expression => {
      if (isTrivial(expr)) return expr
      const column = columns.get(expressionKey(expr))
      const made = column && known.get(column.id)
      return made === undefined ? expr : columnReference(made)
    }
    return aggregate(
      input,
      relation.keys,
      relation.aggregates.map((call) => withArguments(call, replaced)),
    )
  },
}

/** What the calls are over more than once, by its key. */
function sharedBy(calls: readonly AggregateCall[]): ReadonlyMap<string, Expression> {
  const uses = new Map<string, { readonly expr: Expression; count: number; always: boolean }>()
  for (const call of calls) {
    for (const expr of argumentsOf(call)) {
      if (isCheap(expr)) continue
      const key = expressionKey(expr)
      const use = uses.get(key) ?? { expr, count: 0, always: false }
      use.count++
      use.always ||= call.filter === undefined
      uses.set(key, use)
    }
  }
  const shared = [...uses].filter(
    ([, { expr, count, always }]) => count > 1 && always && !isVolatile(expr) && !hasSubquery(expr),
  )
  return new Map(shared.map(([key, { expr }]) => [key, expr]))
}

/** Nodes of arithmetic that is done again as quickly as its result is passed on. */
const CHEAP_NODES_MAX = 8

/** Columns, and a little arithmetic on integers and decimals, whose sums are narrower for its being known. */
function isCheap(expr: Expression): boolean {
  return isTrivial(expr) || (sizeOf(expr).nodes <= CHEAP_NODES_MAX && isExact(expr))
}

const exactKinds: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'decimal'])

function isExact(expr: Expression): boolean {
  if (!exactKinds.has(expr.type.kind)) return false
  if (expr.kind === 'cast') return isExact(expr.arg)
  if (expr.kind === 'call') return expr.fn.bounds !== undefined && expr.args.every(isExact)
  return isTrivial(expr)
}

function argumentsOf({ args, orderBy = [] }: AggregateCall): readonly Expression[] {
  return [...args, ...orderBy.map(({ expr }) => expr)]
}

function withArguments(
  call: AggregateCall,
  replaced: (expr: Expression) => Expression,
): AggregateCall {
  const args = call.args.map(replaced)
  if (call.orderBy === undefined) return { ...call, args }
  return {
    ...call,
    args,
    orderBy: call.orderBy.map((key) => ({ ...key, expr: replaced(key.expr) })),
  }
}
