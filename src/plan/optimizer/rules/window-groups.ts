import { and, columnReference, join, project, scan, window } from '../../logical/build.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  Frame,
  NamedExpression,
  WindowCall,
} from '../../logical/expression.ts'
import { comparisonOf, tested, testOf } from '../../logical/predicates.ts'
import type { CteReference, Relation, Scan } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, dependsOnlyOn, replaceColumns } from '../../logical/walk.ts'
import { askedBy, reducedTo } from '../asked-rows.ts'
import { equalityOf, hasExactEquality } from '../conditions.ts'
import { groupedLeaf, type GroupedLeaf } from '../grouped-leaf.ts'
import { innerJoins, isInnerJoin } from '../inner-joins.ts'
import { passedOn } from '../output-columns.ts'
import type { Rule, RuleContext } from '../rule.ts'

/** Rows are grouped in place where so few of them are asked for, at most: they are moved to their partitions. */
const KEPT_FRACTION_MAX = 0.2
/** Tables that groups are of, at most: each may be any of those with its name outside. */
const TABLES_MAX = 8

/**
 * `R join X on r = k join Groups(X by k) on r = k` = `R join Window(X semijoin R on r = k, partitions by k) on r = k`,
 * where X is joined tables that the outer query joins in the same way: what a correlated aggregate over the
 * outer query's own tables becomes. X is read once, and its rows need not find their groups again (C. Zuzarte et
 * al., WinMagic: Subquery Elimination Using Window Aggregation, SIGMOD 2003). R is a filtered scan, which is cheap
 * to have twice, and leaves few of the rows of X.
 */
export const windowGroups: Rule = {
  name: 'window-groups',
  order: 'top-down',
  about: ['join'],
  rewrite(relation, ctx) {
    if (!isInnerJoin(relation)) return undefined
    const region = innerJoins(relation)
    for (const leaf of region.leaves) {
      const groups = groupsOf(leaf)
      const made = groups && inPlace(region, leaf, groups, ctx)
      if (made !== undefined) return project(made, passedOn(relation.columns))
    }
    return undefined
  },
}

type Region = ReturnType<typeof innerJoins>
type Table = Scan | CteReference

/** Groups of tables that are joined by conditions. */
interface Groups extends GroupedLeaf {
  readonly tables: readonly Table[]
  readonly conditions: readonly Expression[]
}

function groupsOf(leaf: Relation): Groups | undefined {
  const grouped = groupedLeaf(leaf)
  if (grouped === undefined) return undefined
  const { keys, aggregates, input } = grouped.aggregate
  // Each row has its own key in place of the group's, of which there is one: they must be the same.
  if (!keys.every(({ expr }) => expr.kind === 'column' && hasExactEquality(expr.type))) {
    return undefined
  }
  if (!aggregates.every(isOfAnyOrder)) return undefined
  const { leaves, conjuncts: conditions } = innerJoins(input)
  const tables = leaves.filter(isTable)
  if (tables.length < leaves.length || tables.length > TABLES_MAX) return undefined
  if (conditions.some(isVolatile) || tables.some((table) => filtersOf(table).some(isVolatile)))
    return undefined
  return { ...grouped, tables, conditions }
}

/** An aggregate that gives the same whatever order rows come in, as one over a window. */
function isOfAnyOrder({ fn, args, distinct, orderBy }: AggregateCall): boolean {
  if (distinct || orderBy !== undefined || fn.form.kind !== 'accumulator') return false
  if (fn.form.accumulator === 'any-value' || args.some(isVolatile)) return false
  return !args.some(({ type: { kind } }) => kind === 'float4' || kind === 'float8')
}

function isTable(relation: Relation): relation is Table {
  return relation.kind === 'scan' || relation.kind === 'cte-reference'
}

function filtersOf(table: Table): readonly Expression[] {
  return table.kind === 'scan' ? table.filters : []
}

/** The region with the groups' leaf made of the region's own tables; undefined where it has not the same rows. */
function inPlace(
  region: Region,
  leaf: Relation,
  groups: Groups,
  ctx: RuleContext,
): Relation | undefined {
  for (const twins of twinsOf(groups.tables, region.leaves)) {
    const shared = sharedRows(groups, twins, region, ctx)
    if (shared === undefined) continue
    const { keys, rows, left } = shared
    if (!areOuterKeys(groups, keys, leaf, region.conjuncts)) continue
    const others = region.leaves.filter(
      (other) => other !== leaf && !twins.includes(other as Table),
    )
    const reduced = reducedBy(others, keys, rows, region.conjuncts, ctx)
    if (reduced === undefined) continue
    const own = withGroups(groups, leaf, shared, reduced)
    const conditions = distinctConditions([
      ...left.map((condition) => shared.ofGroups(groups.lower(condition))),
      ...groups.having.map(shared.ofGroups),
    ])
    return [...others, own].reduce((joined, other, at, all) =>
      join('inner', joined, other, and(at === all.length - 1 ? conditions : [])),
    )
  }
  return undefined
}

/** The ways to find each of some tables among others. */
function* twinsOf(
  tables: readonly Table[],
  leaves: readonly Relation[],
  taken: readonly Table[] = [],
): Generator<readonly Table[]> {
  const table = tables[taken.length]
  if (table === undefined) return yield taken
  for (const leaf of leaves) {
    if (!isTable(leaf) || taken.includes(leaf) || !isSameTable(table, leaf)) continue
    yield* twinsOf(tables, leaves, [...taken, leaf])
  }
}

function isSameTable(one: Table, other: Table): boolean {
  if (one.kind === 'scan') return other.kind === 'scan' && one.table === other.table
  return other.kind === 'cte-reference' && one.cteId === other.cteId
}

/** The rows that are grouped, as the outer query has them. */
interface SharedRows {
  readonly rows: Relation
  /** The columns of the outer query that the keys are. */
  readonly keys: readonly Expression[]
  /** The region's conditions that are still to be checked. */
  readonly left: readonly Expression[]
  /** An expression over rows that are grouped, as one over these. */
  readonly ofRows: (expr: Expression) => Expression
  /** An expression over the columns of groups, with the keys of these rows. */
  readonly ofGroups: (expr: Expression) => Expression
}

function sharedRows(
  { aggregate, tables, conditions }: Groups,
  twins: readonly Table[],
  { conjuncts: outer }: Region,
  ctx: RuleContext,
): SharedRows | undefined {
  const known = new Map<ColumnId, Expression>()
  const wider = twins.map((twin, at) => withColumnsOf(twin, tables[at]!, known, ctx))
  const ofRows = (expr: Expression): Expression => replaceColumns(expr, (id) => known.get(id))
  const own = conditions.map(ofRows)
  const stated = new Map(outer.map((condition) => [conditionKey(condition), condition]))
  const used = own.map((condition) => stated.get(conditionKey(condition)))
  if (used.includes(undefined)) return undefined
  const keys = aggregate.keys.map(({ expr }) => ofRows(expr))
  const given = new Map(aggregate.keys.map(({ id }, at) => [id, keys[at]]))
  const left = outer.filter((condition) => !used.includes(condition))
  const scans: Relation[] = []
  for (const [at, twin] of wider.entries()) {
    const wanted = filtersOf(tables[at]!).map(ofRows)
    const has = new Set(filtersOf(twin).map(expressionKey))
    const isStated = (filter: Expression): boolean =>
      has.has(expressionKey(filter)) || isImplied(filter, [...outer, ...own], keys)
    if (!wanted.every(isStated)) return undefined
    const wantedKeys = new Set(wanted.map(expressionKey))
    left.push(...filtersOf(twin).filter((filter) => !wantedKeys.has(expressionKey(filter))))
    scans.push(twin.kind === 'scan' ? { ...twin, filters: wanted } : twin)
  }
  const rows = scans.reduce((joined, table, at) => {
    const isLast = at === scans.length - 1
    return join('inner', joined, table, and(isLast ? own : []))
  })
  const ofGroups = (expr: Expression): Expression => replaceColumns(expr, (id) => given.get(id))
  return { rows, keys, left, ofRows, ofGroups }
}

/** A table with all columns that its twin has; what these are is added to `known`. */
function withColumnsOf(
  table: Table,
  twin: Table,
  known: Map<ColumnId, Expression>,
  ctx: RuleContext,
): Table {
  if (table.kind === 'scan' && twin.kind === 'scan') {
    const missing = twin.sourceColumns.filter((source) => !table.sourceColumns.includes(source))
    const more = scan(ctx.ids, table.table, missing)
    const sourceColumns = [...table.sourceColumns, ...missing]
    const wider = { ...table, sourceColumns, columns: [...table.columns, ...more.columns] }
    twin.columns.forEach(({ id }, at) => {
      const column = wider.columns[sourceColumns.indexOf(twin.sourceColumns[at]!)]
      if (column !== undefined) known.set(id, columnReference(column))
    })
    return wider
  }
  if (table.kind !== 'cte-reference' || twin.kind !== 'cte-reference') return table
  const columns = [...table.columns]
  const definitionColumns = [...table.definitionColumns]
  twin.definitionColumns.forEach((source, at) => {
    const column = twin.columns[at]!
    if (!definitionColumns.includes(source)) {
      definitionColumns.push(source)
      columns.push({ ...column, id: ctx.ids.next() })
    }
    known.set(column.id, columnReference(columns[definitionColumns.indexOf(source)]!))
  })
  return { ...table, columns, definitionColumns }
}

/** The same for `a = b` and `b = a`. */
function conditionKey(condition: Expression): string {
  if (condition.kind !== 'call' || comparisonOf(condition) !== '=') return expressionKey(condition)
  return `= ${condition.args.map(expressionKey).sort().join(' ')}`
}

/** Conditions without those that say what another says: of keys that are the outer query's own. */
function distinctConditions(conditions: readonly Expression[]): readonly Expression[] {
  const distinct = new Map<string, Expression>()
  for (const condition of conditions) {
    const [first, second] = condition.kind === 'call' ? condition.args : []
    const isItself =
      comparisonOf(condition) === '=' &&
      first !== undefined &&
      second !== undefined &&
      expressionKey(first) === expressionKey(second)
    const said = isItself ? tested(first, 'null', true) : condition
    distinct.set(conditionKey(said), said)
  }
  return [...distinct.values()]
}

/** Whether a column is not NULL because equalities ask for it, or because no group of NULL is joined. */
function isImplied(
  filter: Expression,
  conditions: readonly Expression[],
  keys: readonly Expression[],
): boolean {
  const test = testOf(filter)
  if (filter.kind !== 'call' || test?.of !== 'null' || !test.negated) return false
  const [arg] = filter.args
  if (arg?.kind !== 'column') return false
  const isIt = (expr: Expression): boolean => expr.kind === 'column' && expr.id === arg.id
  return (
    keys.some(isIt) ||
    conditions.some(
      (part) => part.kind === 'call' && comparisonOf(part) === '=' && part.args.some(isIt),
    )
  )
}

/** Whether the outer query joins each of its rows with the group that they belong to. */
function areOuterKeys(
  { aggregate, lower }: Groups,
  keys: readonly Expression[],
  leaf: Relation,
  conditions: readonly Expression[],
): boolean {
  const ofLeaf = columnIdSet(leaf.columns)
  const equalities = conditions.filter(
    (part) => part.kind === 'call' && comparisonOf(part) === '=' && part.args.length === 2,
  )
  const same = new Set(equalities.map(conditionKey))
  return aggregate.keys.every(({ id }, at) => {
    const key = keys[at]!
    return equalities.some((part) => {
      const args = part.kind === 'call' ? part.args : []
      return args.some((arg, side) => {
        const other = args[1 - side]!
        const lowered = dependsOnlyOn(arg, ofLeaf) ? lower(arg) : undefined
        if (lowered?.kind !== 'column' || lowered.id !== id) return false
        if (expressionKey(other) === expressionKey(key)) return true
        const [a, b] = [expressionKey(other), expressionKey(key)]
        return same.has(`= ${[a, b].sort().join(' ')}`)
      })
    })
  })
}

/** The rows of which a filtered scan has the keys, where it leaves out enough of them. */
function reducedBy(
  others: readonly Relation[],
  keys: readonly Expression[],
  rows: Relation,
  conditions: readonly Expression[],
  ctx: RuleContext,
): Relation | undefined {
  const keyIds = new Set(keys.flatMap((key) => [...columnsUsed(key)]))
  for (const other of others) {
    const asked = askedBy(other, conditions)
    if (asked === undefined) continue
    const ids = columnIdSet(asked.rows.columns)
    const lookups = asked.conditions.filter(
      (part) => equalityOf(part, keyIds, ids) !== undefined && !isVolatile(part),
    )
    if (lookups.length === 0) continue
    const kept = reducedTo(rows, asked, lookups, ctx)
    const all = ctx.estimator.profile(rows).rows
    if (ctx.estimator.profile(kept).rows <= all * KEPT_FRACTION_MAX) return kept
  }
  return undefined
}

const wholePartition: Frame = {
  unit: 'range',
  start: { kind: 'unbounded-preceding' },
  end: { kind: 'unbounded-following' },
  exclude: 'no-others',
}

/** The rows with what their groups give beside them, under the ids that the groups' leaf gives it. */
function withGroups(
  { aggregate, lower }: Groups,
  leaf: Relation,
  { keys, ofRows, ofGroups }: SharedRows,
  rows: Relation,
): Relation {
  const calls = aggregate.aggregates.map(({ id, name, type, fn, args, filter }): WindowCall => ({
    id,
    name,
    type,
    fn,
    args: args.map(ofRows),
    ...(filter && { filter: ofRows(filter) }),
    frame: wholePartition,
  }))
  const made = window(rows, { partitionBy: keys, orderBy: [] }, calls)
  const given = leaf.columns.map((column): NamedExpression => {
    const { id, name } = column
    return { id, name, expr: ofGroups(lower(columnReference(column))) }
  })
  const own = new Set(given.map(({ id }) => id))
  const passed = passedOn(made.columns).filter(({ id }) => !own.has(id))
  return project(made, [...passed, ...given])
}
