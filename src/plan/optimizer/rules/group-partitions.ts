import { and, aggregate, columnReference, join, named, project } from '../../logical/build.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { AggregateCall, Expression, WindowCall } from '../../logical/expression.ts'
import { freshCopy } from '../../logical/fresh.ts'
import type { Relation, Window } from '../../logical/relation.ts'
import { compared } from '../../logical/predicates.ts'
import { replaceColumns } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import type { Rule, RuleContext } from '../rule.ts'

/** Of partitions with fewer rows as many groups are made, and looked up, as rows would be sorted. */
const ROWS_A_PARTITION_MIN = 4
/** Fewer rows are sorted sooner than a table is read again. */
const ROWS_MIN = 10_000

/**
 * `Window(sum(x) of whole partitions by k, X) = X join Groups(X by k, sum(x)) on k`: no row is moved or
 * sorted, and all threads have a share, however few partitions there are. X is read twice, so it is a
 * filtered table in memory; the aggregates ask for no order of their rows.
 */
export const groupPartitions: Rule = {
  name: 'group-partitions',
  order: 'bottom-up',
  about: ['window'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'window' || relation.orderBy.length > 0) return undefined
    const { input, calls, partitionBy } = relation
    const whole = calls.flatMap((call) => ofWholePartition(call) ?? [])
    if (whole.length < calls.length || partitionBy.some(isVolatile)) return undefined
    if (!isCheapTwice(input)) return undefined
    const joined = withGroups(relation, whole, ctx)
    const { rows } = ctx.estimator.profile(input)
    const groups = ctx.estimator.profile(joined.groups).rows
    if (rows < ROWS_MIN || groups * ROWS_A_PARTITION_MIN > rows) return undefined
    return joined.relation
  },
}

/** An aggregate over all rows of the partition, in any order. */
function ofWholePartition({ fn, frame, ...call }: WindowCall): AggregateCall | undefined {
  if (fn.cataloguedAs !== 'aggregate' || fn.form.kind !== 'accumulator') return undefined
  if (fn.form.accumulator === 'any-value' || call.args.some(isVolatile)) return undefined
  const { unit, start, end, exclude } = frame
  // Without an order all rows are peers.
  const endsWithIt =
    end.kind === 'unbounded-following' || (end.kind === 'current-row' && unit !== 'rows')
  const isWhole = start.kind === 'unbounded-preceding' && endsWithIt && exclude === 'no-others'
  return isWhole ? { ...call, fn, distinct: false } : undefined
}

/** A filtered table in memory, columns chosen or computed. */
function isCheapTwice(relation: Relation): boolean {
  if (relation.kind === 'scan') {
    return relation.table.source.kind === 'memory' && !relation.filters.some(isVolatile)
  }
  if (relation.kind === 'filter') {
    return !isVolatile(relation.predicate) && isCheapTwice(relation.input)
  }
  if (relation.kind !== 'project') return false
  return !relation.exprs.some(({ expr }) => isVolatile(expr)) && isCheapTwice(relation.input)
}

function withGroups(
  { input, partitionBy, calls }: Window,
  aggregates: readonly AggregateCall[],
  ctx: RuleContext,
): { readonly relation: Relation; readonly groups: Relation } {
  const { relation: copy, columns } = freshCopy(ctx.ids, input, ctx.nextCteId)
  const copied = new Map(copy.columns.map((column) => [column.id, column]))
  const ofCopy = (expr: Expression): Expression =>
    replaceColumns(expr, (id) => {
      const column = copied.get(columns.get(id) ?? id)
      return column === undefined ? undefined : columnReference(column)
    })
  const keys = partitionBy.map((expr) => named(ctx.ids, 'partition', ofCopy(expr)))
  const given = aggregates.map(({ filter, ...call }) => ({
    ...call,
    args: call.args.map(ofCopy),
    ...(filter && { filter: ofCopy(filter) }),
  }))
  const groups = aggregate(copy, keys, given)
  const nullable = new Map(input.columns.map((column) => [column.id, column.nullable]))
  const same = partitionBy.map((expr, at) => {
    const mayBeNull = expr.kind !== 'column' || nullable.get(expr.id) !== false
    const key = columnReference(groups.columns[at]!)
    return compared(mayBeNull ? 'not-distinct' : '=', expr, key)
  })
  const joined = join('inner', input, groups, and(same))
  const own = new Set(calls.map(({ id }) => id))
  const made = joined.columns.filter(({ id }) => own.has(id))
  return { relation: project(joined, passedOn([...input.columns, ...made])), groups }
}
