import type { Steps } from '../../base/steps.ts'
import type { GroupTable } from '../../compile/model/pipeline.ts'
import { joinHeader, layOutRow } from '../../compile/model/row-layout.ts'
import { expressionKey } from '../../plan/logical/expression-key.ts'
import type { Expression, NamedExpression } from '../../plan/logical/expression.ts'
import type { HashAggregate, PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import {
  closePipeline,
  groupLayout,
  groupTable,
  inOrder,
  nullableIn,
  openRows,
  type Cutter,
} from './cutting.ts'
import { addStep, columnIds, referenceTo, type Open } from './open-pipeline.ts'
import { callExpressions } from '../../plan/physical/plan.ts'

/** The distinct aggregates over one argument, and the set of (keys, argument) they are fed from. */
interface DistinctSet {
  readonly arg: NamedExpression
  readonly calls: readonly PhysicalAggregateCall[]
}

/**
 * Aggregates of which some are DISTINCT. One pass over the input fills the table of the plain ones and,
 * for each distinct argument, a set of (keys, argument); the sets are then aggregated by the keys and
 * joined back. Every table has a row for each group, as NULL arguments are kept in the sets.
 */
export function* cutDistinct(cutter: Cutter, plan: HashAggregate): Steps<Open[]> {
  const { input, keys, aggregates } = plan
  const sets = distinctSets(cutter, aggregates)
  const plain = aggregates.filter(({ distinct }) => !distinct)
  const read = [...keys.map(({ expr }) => expr), ...aggregates.flatMap(callExpressions)]
  const opens = yield* cutter.open(input, columnIds(read))
  const nullable = nullableIn(input)
  const layout = groupLayout(keys, plain, nullable)
  const breaker = cutter.breakers++
  const setBreakers = sets.map(() => cutter.breakers++)
  const setLayouts = sets.map(({ arg }) => groupLayout([...keys, arg], [], nullable))
  for (const open of opens) {
    const tables: GroupTable[] = [yield* groupTable(cutter, open, breaker, layout, keys, plain)]
    for (const [index, { arg }] of sets.entries()) {
      const id = setBreakers[index]!
      tables.push(yield* groupTable(cutter, open, id, setLayouts[index]!, [...keys, arg], []))
    }
    closePipeline(cutter, inOrder(open, aggregates), { kind: 'aggregate', tables })
  }
  const result = openRows(breaker, layout)
  for (const [index, set] of sets.entries()) {
    const source = openRows(setBreakers[index]!, setLayouts[index]!)
    yield* joinBack(cutter, plan, set, source, result)
  }
  return [result]
}

/** Aggregates a set by the keys and adds its columns to the result's rows. */
function* joinBack(
  cutter: Cutter,
  plan: HashAggregate,
  set: DistinctSet,
  source: Open,
  result: Open,
): Steps<void> {
  const arg = referenceTo({ id: set.arg.id, type: set.arg.expr.type, name: set.arg.name })
  // Fresh ids: the groups' own keys have these already.
  const keys = plan.keys.map((key): NamedExpression => ({
    id: cutter.freshId(),
    name: key.name,
    expr: referenceTo({ id: key.id, type: key.expr.type, name: key.name }),
  }))
  const calls = set.calls.map((call) => ({ ...call, arg, filter: undefined, distinct: false }))
  const layout = groupLayout(keys, calls, () => true)
  const grouped = cutter.breakers++
  const table = yield* groupTable(cutter, source, grouped, layout, keys, calls)
  closePipeline(cutter, source, { kind: 'aggregate', tables: [table] })

  const fields = layout.fields.map(({ id, type }) => ({ id, type, nullable: true }))
  const values = fields.map((field) => referenceTo({ ...field, name: '' }))
  const rows = layOutRow(joinHeader.bytes, fields)
  const build = openRows(grouped, layout)
  const breaker = cutter.breakers++
  const shared = { ...innerJoin, breaker }
  if (keys.length === 0) {
    closePipeline(cutter, build, { kind: 'rows', breaker, layout: rows, values, range: undefined })
    addStep(result, {
      kind: 'nested-loop',
      ...shared,
      layout: rows,
      outer: 'probe',
      condition: undefined,
      range: undefined,
    })
    return
  }
  const joinTable = {
    layout: rows,
    keyFields: keys.map((_, index) => index),
    nullSafe: keys.map(() => true),
    rank: undefined,
    carried: undefined,
  }
  const sink = {
    kind: 'join-build',
    breaker,
    table: joinTable,
    values,
    keepNullKeys: true,
  } as const
  closePipeline(cutter, build, sink)
  const probeKeys = plan.keys.map(({ id, name, expr }) =>
    referenceTo({ id, name, type: expr.type }),
  )
  addStep(result, {
    kind: 'probe',
    ...shared,
    keys: probeKeys,
    table: joinTable,
    placing: 'linked',
    residual: undefined,
  })
}

const innerJoin = {
  joinKind: 'inner',
  pairs: [],
  nullAware: false,
  mark: undefined,
  narrows: [],
} as const

function distinctSets(
  cutter: Cutter,
  aggregates: readonly PhysicalAggregateCall[],
): readonly DistinctSet[] {
  const sets = new Map<string, { arg: NamedExpression; calls: PhysicalAggregateCall[] }>()
  for (const call of aggregates) {
    if (!call.distinct || call.arg === undefined) continue
    const expr = filtered(call.arg, call.filter)
    const key = expressionKey(expr)
    const known = sets.get(key)
    if (known === undefined) {
      const arg = { id: cutter.freshId(), name: 'distinct', expr }
      sets.set(key, { arg, calls: [call] })
    } else known.calls.push(call)
  }
  return [...sets.values()]
}

/** What the filter leaves out counts as NULL, which aggregates ignore. */
function filtered(arg: Expression, filter: Expression | undefined): Expression {
  if (filter === undefined) return arg
  const { type } = arg
  const otherwise: Expression = { kind: 'literal', type, value: null }
  return { kind: 'case', type, branches: [{ when: filter, then: arg }], otherwise }
}
