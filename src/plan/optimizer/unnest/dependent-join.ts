import { AssertionError, present, unreachable } from '../../../base/assert.ts'
import { notSupported, QueryError } from '../../../base/errors.ts'
import { sameType } from '../../../data/types/data-type.ts'
import {
  aggregate,
  and,
  caseOf,
  columnReference,
  conjuncts,
  crossJoin,
  cteReference,
  expand,
  filter,
  join,
  named,
  project,
  sort,
  window,
  withCte,
} from '../../logical/build.ts'
import { unionAllColumns } from '../../logical/columns-of.ts'
import type {
  AggregateCall,
  ColumnId,
  ColumnReference,
  Expression,
} from '../../logical/expression.ts'
import type {
  Aggregate,
  CteReference,
  Filter,
  Join,
  Limit,
  OutputColumn,
  Recursion,
  Relation,
  UnionAll,
  Window,
  With,
  WorkingTable,
} from '../../logical/relation.ts'
import { spanDetail } from '../../logical/span-detail.ts'
import { inputsOf, mapExpressions, replaceColumns } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import { hasExactEquality } from '../conditions.ts'
import { limitedRows } from '../../logical/ranked-rows.ts'
import { typingOf, type RuleContext } from '../rule.ts'
import { emptyValues } from './empty-values.ts'
import { joinOfApply } from './join-of-apply.ts'
import { isDependent, uses } from './pull-up.ts'
import { valuesAsUnion } from './values-as-union.ts'
import { compared, comparisonOf, tested } from '../../logical/predicates.ts'

/** A column that carries an outer column's value in a rewritten relation. */
export interface OuterValue {
  readonly column: ColumnReference
  /** False where it is never NULL, or only in rows that belong to no outer row. */
  readonly nullSafe: boolean
}

export type Outers = ReadonlyMap<ColumnId, OuterValue>

/** A relation made independent: its rows for each combination of outer values that it carries. */
export interface Pushed {
  readonly relation: Relation
  readonly outers: Outers
}

/** One use of the general method, for one Apply. */
export interface DependentJoin {
  readonly ctx: RuleContext
  /** The outer columns that the right side depends on. */
  readonly outer: readonly OutputColumn[]
  readonly outerIds: ReadonlySet<ColumnId>
  /** The distinct combinations of some of the outer columns (D in the paper), anew at each call. */
  domain(columns: readonly OutputColumn[]): Pushed
  /** CTEs whose definitions were dependent: the outer values their references now carry. */
  readonly dependentCtes: Map<number, Outers>
}

/**
 * `D dependent-join relation` with the dependence pushed down until it is gone (Th. Neumann,
 * A. Kemper: Unnesting Arbitrary Queries, BTW 2015). The result has the relation's columns and a column
 * for each outer column; restricted to one combination of these it is what the relation would give for
 * it. It may hold rows for combinations that do not occur outside: whoever joins it back drops them.
 */
export function pushDown(dj: DependentJoin, relation: Relation): Pushed {
  if (!dependent(dj, relation)) {
    const domain = dj.domain(dj.outer)
    const single =
      relation.kind === 'values' && relation.rows.length === 1 && relation.columns.length === 0
    return single ? domain : { ...domain, relation: crossJoin(domain.relation, relation) }
  }
  switch (relation.kind) {
    case 'scan':
      return pushFilter(dj, filter({ ...relation, filters: [] }, and(relation.filters)))
    case 'filter':
      return pushFilter(dj, relation)
    case 'project': {
      const { relation: input, outers } = pushDown(dj, relation.input)
      const exprs = relation.exprs.map((item) => ({ ...item, expr: replaced(item.expr, outers) }))
      return { relation: project(input, [...exprs, ...carried(outers, exprs)]), outers }
    }
    case 'expand': {
      const { relation: input, outers } = pushDown(dj, relation.input)
      const calls = relation.calls.map((call) => {
        return { ...call, args: call.args.map((arg) => replaced(arg, outers)) }
      })
      return { relation: expand(input, calls, relation.ordinality), outers }
    }
    case 'aggregate':
      return relation.keys.length === 0
        ? pushScalarAggregate(dj, relation)
        : groupedByOuter(dj, relation, relation.aggregates)
    case 'window':
      return pushWindow(dj, relation)
    case 'join':
      return pushJoin(dj, relation)
    case 'sort': {
      // An aggregate above may tell the order; where nothing does, the sort goes later.
      const { relation: input, outers } = pushDown(dj, relation.input)
      const keys = relation.keys.map((key) => ({ ...key, expr: replaced(key.expr, outers) }))
      return { relation: sort(input, keys), outers }
    }
    case 'union-all':
      return pushUnion(dj, relation)
    case 'values':
      return pushDown(dj, valuesAsUnion(dj.ctx, relation))
    case 'with':
      return pushWith(dj, relation)
    case 'cte-reference':
      return pushReference(dj, relation)
    case 'recursion':
      return pushRecursion(dj, relation)
    case 'working-table':
      return pushWorkingTable(dj, relation)
    case 'limit':
      return pushLimit(dj, relation)
    case 'apply':
      throw new AssertionError('internal error: an inner Apply is left while unnesting')
    default:
      return unreachable(relation)
  }
}

/** `outer IS NOT DISTINCT FROM inner` for each outer column, as `=` where no NULL can meet. */
export function outerEqualities(
  left: (id: ColumnId) => Expression,
  outers: Outers,
): readonly Expression[] {
  return [...outers].map(([id, { column, nullSafe }]) => equality(left(id), column, nullSafe))
}

/**
 * A scalar aggregate grouped by the outer columns. Combinations without rows are missing: their
 * aggregates are NULL after a left join, and what counts gets its 0 from {@link emptyValues}.
 */
export function groupedByOuter(
  dj: DependentJoin,
  relation: Aggregate,
  aggregates: readonly AggregateCall[],
): Pushed {
  const { relation: input, outers } = pushDown(dj, relation.input)
  const keys = relation.keys.map((key) => ({ ...key, expr: replaced(key.expr, outers) }))
  const fresh = new Map<ColumnId, OuterValue>()
  const outerKeys = [...outers].map(([id, value]) => {
    const key = named(dj.ctx.ids, value.column.name, value.column)
    fresh.set(id, { ...value, column: { ...value.column, id: key.id } })
    return key
  })
  const holder = mapExpressions({ ...relation, keys: [], aggregates }, (expr) =>
    replaced(expr, outers),
  )
  const calls = holder.kind === 'aggregate' ? holder.aggregates : aggregates
  return { relation: aggregate(input, [...keys, ...outerKeys], calls), outers: fresh }
}

/** Each combination of outer values has partitions of its own. */
function pushWindow(dj: DependentJoin, relation: Window): Pushed {
  const { relation: input, outers } = pushDown(dj, relation.input)
  const inner = mapExpressions(relation, (expr) => replaced(expr, outers)) as Window
  const outerKeys = [...outers.values()].map(({ column }) => column)
  const spec = { ...inner, partitionBy: [...inner.partitionBy, ...outerKeys] }
  return { relation: window(input, spec, inner.calls), outers }
}

function dependent(dj: DependentJoin, relation: Relation): boolean {
  if (isDependent(relation, dj.outerIds)) return true
  if (dj.dependentCtes.size === 0) return false
  if (relation.kind === 'cte-reference') return dj.dependentCtes.has(relation.cteId)
  if (relation.kind === 'working-table') return dj.dependentCtes.has(relation.recursionId)
  return inputsOf(relation).some((input) => dependent(dj, input))
}

function replaced(expr: Expression, outers: Outers): Expression {
  return replaceColumns(expr, (id) => outers.get(id)?.column)
}

function replacedBy(outers: Outers): (expr: Expression) => Expression {
  return (expr) => replaced(expr, outers)
}

function carried(
  outers: Outers,
  exprs: readonly { readonly id: ColumnId }[],
): readonly { id: ColumnId; name: string; expr: Expression }[] {
  const made = new Set(exprs.map(({ id }) => id))
  const columns = new Map([...outers.values()].map(({ column }) => [column.id, column]))
  return [...columns.values()]
    .filter(({ id }) => !made.has(id))
    .map((column) => ({ id: column.id, name: column.name, expr: column }))
}

function equality(left: Expression, right: Expression, nullSafe: boolean): Expression {
  return compared(nullSafe ? 'not-distinct' : '=', left, right)
}

/**
 * Filter: where an outer column is set equal to an expression of an independent input, that expression
 * is the outer column from then on, and D is not needed for it (section 4 of the paper). Where D is needed
 * for others it has such columns, too: rows of the input meet the combinations with their own value only,
 * `c.g = o.g and c.k < o.k` not each `o.k` that there is.
 */
function pushFilter(dj: DependentJoin, relation: Filter): Pushed {
  const parts = conjuncts(relation.predicate)
  if (dependent(dj, relation.input)) {
    const { relation: input, outers } = pushDown(dj, relation.input)
    return { relation: filter(input, and(parts.map((p) => replaced(p, outers)))), outers }
  }
  const outers = new Map<ColumnId, OuterValue>()
  const computed: { id: ColumnId; name: string; expr: Expression }[] = []
  const rest = parts.filter((part) => {
    const found = substitution(dj, part)
    if (found === undefined || outers.has(found.outer.id)) return true
    const { inner, outer } = found
    const item = named(dj.ctx.ids, outer.name, inner)
    if (inner.kind !== 'column') computed.push(item)
    const column = inner.kind === 'column' ? inner : columnReference({ ...item, type: inner.type })
    outers.set(outer.id, { column, nullSafe: false })
    return false
  })
  const same = [...outers]
  let input = relation.input
  if (computed.length > 0) input = project(input, [...passedOn(input.columns), ...computed])
  if (outers.size === dj.outer.length) {
    const given = same.map(([, { column }]) => tested(column, 'null', true))
    return { relation: filter(input, and([...given, ...rest].map(replacedBy(outers)))), outers }
  }
  const domain = dj.domain(dj.outer)
  for (const [id, value] of domain.outers) if (!outers.has(id)) outers.set(id, value)
  const met = same.map(([id, { column }]) =>
    equality(present(domain.outers.get(id), 'D').column, column, false),
  )
  const predicate = and([...met, ...rest.map(replacedBy(outers))])
  return { relation: filter(crossJoin(domain.relation, input), predicate), outers }
}

function substitution(
  dj: DependentJoin,
  part: Expression,
): { readonly outer: ColumnReference; readonly inner: Expression } | undefined {
  if (part.kind !== 'call' || comparisonOf(part) !== '=') return undefined
  const [first, second] = part.args
  for (const [outer, inner] of [
    [first, second],
    [second, first],
  ]) {
    if (outer?.kind !== 'column' || inner === undefined || !dj.outerIds.has(outer.id)) continue
    if (uses(inner, dj.outerIds) || !hasExactEquality(outer.type)) continue
    if (sameType(outer.type, inner.type)) return { outer, inner }
  }
  return undefined
}

/** A scalar aggregate has a row for every combination, those without input rows included. */
function pushScalarAggregate(dj: DependentJoin, relation: Aggregate): Pushed {
  const { calls, exprs } = emptyValues(dj.ctx, relation.aggregates)
  const grouped = groupedByOuter(dj, relation, calls)
  const domain = dj.domain(dj.outer)
  const on = outerEqualities((id) => present(domain.outers.get(id), 'D').column, grouped.outers)
  const joined = join('left', domain.relation, grouped.relation, and(on))
  return { ...domain, relation: project(joined, [...exprs, ...carried(domain.outers, exprs)]) }
}

function pushJoin(dj: DependentJoin, relation: Join): Pushed {
  const { joinKind, condition } = relation
  const parts = conjuncts(condition)
  const outside = parts.filter((part) => uses(part, dj.outerIds))
  if (joinKind === 'inner' && outside.length > 0) {
    const inside = and(parts.filter((part) => !uses(part, dj.outerIds)))
    return pushDown(dj, filter(join('inner', relation.left, relation.right, inside), and(outside)))
  }
  const [leftDependent, rightDependent] = [relation.left, relation.right].map((input) =>
    dependent(dj, input),
  )
  if (joinKind === 'right' || joinKind === 'full') return pushOuterJoin(dj, relation)
  if (joinKind === 'inner' && !(leftDependent && rightDependent)) {
    const pushed = pushDown(dj, leftDependent ? relation.left : relation.right)
    const joined = leftDependent
      ? join('inner', pushed.relation, relation.right, condition)
      : join('inner', relation.left, pushed.relation, condition)
    return { ...pushed, relation: joined }
  }
  const left = pushDown(dj, relation.left)
  const shape = { ...relation, left: left.relation, condition: replaced(condition, left.outers) }
  if (!rightDependent) {
    return { ...left, relation: joinOfApply(shape, relation.right, [], dj.ctx) }
  }
  const right = pushDown(dj, relation.right)
  const same = sameOuters(left.outers, right.outers)
  return { ...left, relation: joinOfApply(shape, right.relation, same, dj.ctx) }
}

function sameOuters(left: Outers, right: Outers): readonly Expression[] {
  return [...right].map(([id, value]) => {
    const other = present(left.get(id), 'an outer column is missing')
    return equality(other.column, value.column, other.nullSafe && value.nullSafe)
  })
}

/** Both inputs get D; the outer value of a row without partner is the other side's. */
function pushOuterJoin(dj: DependentJoin, relation: Join): Pushed {
  const left = pushDown(dj, relation.left)
  const right = pushDown(dj, relation.right)
  const condition = and([
    ...conjuncts(replaced(relation.condition, right.outers)),
    ...sameOuters(left.outers, right.outers),
  ])
  const joined = join(relation.joinKind, left.relation, right.relation, condition)
  if (relation.joinKind === 'right') return { relation: joined, outers: right.outers }
  const outers = new Map<ColumnId, OuterValue>()
  const exprs = [...left.outers].map(([id, value]) => {
    const other = present(right.outers.get(id), 'an outer column is missing')
    const isNull = tested(value.column, 'null')
    const expr = caseOf([{ when: isNull, then: other.column }], value.column)
    const item = named(dj.ctx.ids, value.column.name, expr)
    const nullSafe = value.nullSafe || other.nullSafe
    outers.set(id, { column: columnReference({ ...item, type: expr.type }), nullSafe })
    return item
  })
  return { relation: project(joined, [...passedOn(relation.columns), ...exprs]), outers }
}

function pushUnion(dj: DependentJoin, relation: UnionAll): Pushed {
  const pushed = relation.inputs.map((input) => pushDown(dj, input))
  const inputColumns = pushed.map(({ outers }, i) => [
    ...(relation.inputColumns[i] ?? []),
    ...dj.outer.map(({ id }) => present(outers.get(id), 'an outer column is missing').column.id),
  ])
  const extra = dj.outer.map((column) => ({ ...column, id: dj.ctx.ids.next() }))
  const inputs = pushed.map((part) => part.relation)
  const columns = unionAllColumns(inputs, inputColumns, [...relation.columns, ...extra])
  const outers = new Map(
    dj.outer.map(({ id }, i) => {
      const nullSafe = pushed.some((part) => part.outers.get(id)?.nullSafe === true)
      const column = columnReference(present(extra[i], 'an outer column is missing'))
      return [id, { column, nullSafe }] as const
    }),
  )
  return { relation: { ...relation, inputs, inputColumns, columns }, outers }
}

function pushWith(dj: DependentJoin, relation: With): Pushed {
  const { cteId, name } = relation
  let { definition } = relation
  if (dependent(dj, definition)) {
    const pushed = pushDown(dj, definition)
    dj.dependentCtes.set(cteId, pushed.outers)
    definition = pushed.relation
  }
  const input = pushDown(dj, relation.input)
  return { ...input, relation: withCte(cteId, name, definition, input.relation) }
}

function pushReference(dj: DependentJoin, relation: CteReference): Pushed {
  const carriedOuters = present(dj.dependentCtes.get(relation.cteId), 'a CTE is not dependent')
  const sources = [...carriedOuters].map(([id, value]) => ({ id, ...value }))
  const extra = cteReference(
    dj.ctx.ids,
    relation.cteId,
    relation.name,
    sources.map(({ column, nullSafe }) => ({ ...column, nullable: nullSafe })),
  )
  const outers = new Map(
    sources.map(({ id, nullSafe }, i) => {
      const column = columnReference(present(extra.columns[i], 'an outer column is missing'))
      return [id, { column, nullSafe }] as const
    }),
  )
  const columns = [...relation.columns, ...extra.columns]
  const definitionColumns = [...relation.definitionColumns, ...extra.definitionColumns]
  return { relation: { ...relation, columns, definitionColumns }, outers }
}

/** Each combination of outer values has its own first rows; they are given in their order. */
function pushLimit(dj: DependentJoin, relation: Limit): Pushed {
  const { input, limit, offset } = relation
  const sorted = input.kind === 'sort' && input.limitRows === undefined ? input : undefined
  const pushed = pushDown(dj, sorted === undefined ? input : sorted.input)
  const { outers } = pushed
  const orderBy = (sorted?.keys ?? []).map((key) => ({ ...key, expr: replaced(key.expr, outers) }))
  const partitionBy = [...outers.values()].map(({ column }) => column)
  const counts = { limit: countOf('LIMIT', limit), offset: countOf('OFFSET', offset) ?? 0n }
  const ranking = { typing: typingOf(dj.ctx), ids: dj.ctx.ids }
  const first = limitedRows(ranking, pushed.relation, { partitionBy, orderBy }, counts)
  return { relation: orderBy.length === 0 ? first : sort(first, orderBy), outers }
}

function countOf(clause: 'LIMIT' | 'OFFSET', count: Expression | undefined): bigint | undefined {
  if (count === undefined) return undefined
  if (count.kind !== 'literal') {
    throw notSupported(`${clause} that is not constant in a correlated subquery`, count.span)
  }
  if (count.value === null) return undefined
  const rows = BigInt(Number(count.value))
  if (rows >= 0n) return rows
  const code = clause === 'LIMIT' ? 'INVALID_LIMIT' : 'INVALID_OFFSET'
  throw new QueryError(code, `${clause} must not be negative`, spanDetail(count.span))
}

/**
 * Rows of all rounds carry the outer values that those of the base began with. Only combinations that there are begin: others
 * might never end.
 */
function pushRecursion(dj: DependentJoin, relation: Recursion): Pushed {
  const { recursionId } = relation
  const begun = pushDown(dj, relation.base)
  const domain = dj.domain(dj.outer)
  const same = sameOuters(begun.outers, domain.outers)
  const base = join('semi', begun.relation, domain.relation, and(same))
  const carriedOuters = new Map<ColumnId, OuterValue>()
  for (const column of dj.outer) {
    const own = columnReference({ ...column, id: dj.ctx.ids.next() })
    carriedOuters.set(column.id, { column: own, nullSafe: column.nullable })
  }
  dj.dependentCtes.set(recursionId, carriedOuters)
  const step = pushDown(dj, relation.step)
  const [ofBase, ofStep] = [begun, step].map(({ outers }, i) => [
    ...present(relation.inputColumns[i], 'columns of a recursion'),
    ...dj.outer.map(({ id }) => present(outers.get(id), 'an outer column is missing').column.id),
  ])
  const inputColumns = [present(ofBase, 'base'), present(ofStep, 'step')] as const
  const extra = [...carriedOuters.values()].map(({ column }): OutputColumn => {
    const { name, type } = column
    return { id: dj.ctx.ids.next(), name, type, nullable: true }
  })
  const outers = new Map(
    dj.outer.map((column, i) => {
      const own = columnReference(present(extra[i], 'an outer column is missing'))
      return [column.id, { column: own, nullSafe: column.nullable }] as const
    }),
  )
  const columns = [...relation.columns, ...extra]
  return { relation: { ...relation, base, step: step.relation, inputColumns, columns }, outers }
}

/** The working table of a recursion that carries outer values. */
function pushWorkingTable(dj: DependentJoin, relation: WorkingTable): Pushed {
  const outers = present(dj.dependentCtes.get(relation.recursionId), 'a recursion of its own')
  const extra = [...outers.values()].map(({ column: { id, name, type } }): OutputColumn => {
    return { id, name, type, nullable: true }
  })
  return { relation: { ...relation, columns: [...relation.columns, ...extra] }, outers }
}
