import { notSupported } from '../../../base/errors.ts'
import { float8, int8, type DataType } from '../../../data/types/data-type.ts'
import { resolveAggregate, resolveScalar } from '../../../functions/catalogue.ts'
import { isResolved } from '../../../functions/resolve.ts'
import { aggregate, call, castTo, columnReference, project } from '../../logical/build.ts'
import { functionName } from '../../logical/columns-of.ts'
import type { AggregateCall, ColumnReference, Expression } from '../../logical/expression.ts'
import { passedOn } from '../output-columns.ts'
import type { Rule, RuleContext } from '../rule.ts'

/**
 * `avg(x) = avg_final(sum(x), count(x))`, for the accumulators that execution has. Both ignore NULLs,
 * the count is 0 only where the sum is NULL, and avg_final is then NULL as avg is over no values. DISTINCT and FILTER
 * go to both. float4 is summed as float8, as PostgreSQL does.
 */
export const expandAggregates: Rule = {
  name: 'expand-aggregates',
  order: 'bottom-up',
  required: true,
  rewrite(relation, ctx) {
    if (relation.kind !== 'aggregate') return undefined
    if (!relation.aggregates.some((item) => functionName(item.fn) === 'avg')) return undefined
    const calls: AggregateCall[] = []
    const exprs = relation.aggregates.map((item) => {
      const { id, name } = item
      if (functionName(item.fn) !== 'avg') {
        calls.push(item)
        return { id, name, expr: columnReference(item) }
      }
      return { id, name, expr: average(item, calls, ctx) }
    })
    const inner = aggregate(relation.input, relation.keys, calls)
    const keys = inner.columns.slice(0, relation.keys.length)
    return project(inner, [...passedOn(keys), ...exprs])
  },
}

function average(item: AggregateCall, calls: AggregateCall[], ctx: RuleContext): Expression {
  const args = item.args.map((arg) => (arg.type.kind === 'float4' ? castTo(arg, float8) : arg))
  const sum = addCall(item, 'sum', args, calls, ctx)
  const count = addCall(item, 'count', args, calls, ctx)
  const finishing = resolveScalar('avg_final', [sum.type, int8])
  if (!isResolved(finishing)) throw notSupported(`${item.fn}`, item.span)
  const inputs = [sum, count].map((arg, i) => castTo(arg, finishing.argTypes[i] ?? arg.type))
  return castTo(call(finishing.fn.id, inputs, finishing.resultType, item.span), item.type)
}

function addCall(
  item: AggregateCall,
  name: string,
  args: readonly Expression[],
  calls: AggregateCall[],
  ctx: RuleContext,
): ColumnReference {
  const resolution = resolveAggregate(
    name,
    args.map(({ type }): DataType => type),
  )
  if (!isResolved(resolution)) throw notSupported(item.fn, item.span)
  const id = ctx.ids.next()
  const type = resolution.resultType
  const cast = args.map((arg, i) => castTo(arg, resolution.argTypes[i] ?? arg.type))
  const added = { ...item, id, name: `${name}`, type, fn: resolution.fn.id, args: cast }
  calls.push(added)
  return columnReference(added)
}
