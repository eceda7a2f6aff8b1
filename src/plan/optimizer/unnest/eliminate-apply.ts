import {
  aggregate,
  and,
  columnReference,
  conjuncts,
  cteReference,
  expand,
  filter,
  isTrue,
  join,
  named,
  project,
  withCte,
} from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import type { Aggregate, OutputColumn, Relation } from '../../logical/relation.ts'
import {
  columnIdSet,
  expressionsOf,
  freeColumns,
  mapInputs,
  replaceColumns,
} from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import { isOneRow } from '../properties.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { RuleContext } from '../rule.ts'
import {
  groupedByOuter,
  outerEqualities,
  pushDown,
  type DependentJoin,
  type OuterValue,
  type Pushed,
} from './dependent-join.ts'
import { emptyValues } from './empty-values.ts'
import { gatedCondition, gatedInput, mayRaise } from './gated-subquery.ts'
import { freshCopy } from '../../logical/fresh.ts'
import { joinOfApply, type JoinShape } from './join-of-apply.ts'
import { liftCtes, pathToMaker, replacedAlong, underCtes } from './outer-source.ts'
import { pullUp, uses } from './pull-up.ts'

/**
 * Replaces an Apply, whose inputs hold none any more, by joins. In order: a right side that is
 * independent needs nothing; conjuncts are pulled up where that suffices; projections over inputs that
 * always match move above; functions of the outer columns repeat the outer rows; a scalar aggregate is grouped by the outer columns and left-joined; the rest
 * goes by the general method.
 */
export function eliminateApply(shape: JoinShape, right: Relation, ctx: RuleContext): Relation {
  const leftIds = columnIdSet(shape.left.columns)
  const free = freeColumns(right)
  const outer = shape.left.columns.filter(({ id }) => free.has(id))
  if (outer.length === 0) return joinOfApply(shape, right, [], ctx)
  return (
    byPullingUp(shape, right, leftIds, ctx) ??
    byProjectingAbove(shape, right, leftIds, ctx) ??
    byExpanding(shape, right) ??
    byGrouping(shape, right, outer, ctx) ??
    byGeneralMethod(shape, right, outer, ctx)
  )
}

/**
 * The same where nothing of the right side or the condition may be evaluated but for the rows of the left that
 * want it. In order: where only what comes from the left may end in an error, that is asked for where it is
 * wanted; else the gate goes below all that is computed of the right. LIMIT does not go with one.
 */
export function eliminateGated(
  given: JoinShape,
  right: Relation,
  wanted: Expression,
  ctx: RuleContext,
): Relation {
  const pulled = byPullingUpGated(given, right, wanted, ctx)
  if (pulled !== undefined) return pulled
  const condition = gatedCondition(given.condition, wanted, columnIdSet(given.left.columns))
  const shape = condition === undefined ? given : { ...given, condition }
  const below = gatedInput(right, wanted)
  if (below === undefined) return eliminateApply(shape, right, ctx)
  const free = freeColumns(below)
  const outer = shape.left.columns.filter(({ id }) => free.has(id))
  return byGrouping(shape, below, outer, ctx) ?? byGeneralMethod(shape, below, outer, ctx)
}

/** A single join may not find two rows where it is not wanted either. */
function byPullingUpGated(
  shape: JoinShape,
  right: Relation,
  wanted: Expression,
  ctx: RuleContext,
): Relation | undefined {
  const isMark = shape.joinKind === 'mark'
  if (!isMark && shape.joinKind !== 'single') return undefined
  const leftIds = columnIdSet(shape.left.columns)
  const pulled = pullUp(right, leftIds, isMark)
  if (pulled === undefined || mayRaise(pulled.relation)) return undefined
  const condition = gatedCondition(
    replaceColumns(shape.condition, (id) => pulled.computed.get(id)),
    wanted,
    leftIds,
  )
  const correlation = pulled.correlation.map((part) => gatedCondition(part, wanted, leftIds))
  if (condition === undefined || !correlation.every((part) => part !== undefined)) return undefined
  const parts = isMark ? correlation : [wanted, ...correlation]
  return joinOfApply({ ...shape, condition }, pulled.relation, parts, ctx)
}

function byPullingUp(
  shape: JoinShape,
  right: Relation,
  leftIds: ReadonlySet<ColumnId>,
  ctx: RuleContext,
): Relation | undefined {
  const { joinKind } = shape
  const hidden = joinKind === 'semi' || joinKind === 'anti' || joinKind === 'mark'
  const pulled = pullUp(right, leftIds, hidden)
  if (pulled === undefined) return undefined
  const condition = replaceColumns(shape.condition, (id) => pulled.computed.get(id))
  return joinOfApply({ ...shape, condition }, pulled.relation, pulled.correlation, ctx)
}

/** Whether every left row finds at least one right row, so nothing is made up of NULLs. */
function alwaysMatches(shape: JoinShape, right: Relation): boolean {
  if (shape.joinKind === 'inner') return true
  const preserving = shape.joinKind === 'left' || shape.joinKind === 'single'
  return preserving && isTrue(shape.condition) && isOneRow(right)
}

function byProjectingAbove(
  shape: JoinShape,
  right: Relation,
  leftIds: ReadonlySet<ColumnId>,
  ctx: RuleContext,
): Relation | undefined {
  if (!alwaysMatches(shape, right)) return undefined
  const { left, condition } = shape
  if (right.kind === 'values' && right.rows.length === 1 && right.columns.length === 0) {
    return isTrue(condition) ? left : filter(left, condition)
  }
  if (right.kind !== 'project') {
    if (right.kind !== 'values' || right.rows.length !== 1) return undefined
    const exprs = right.columns.map(({ id, name }, i) => ({ id, name, expr: right.rows[0]![i]! }))
    const above = project(left, [...passedOn(left.columns), ...exprs])
    return isTrue(condition) ? above : filter(above, condition)
  }
  const computed = right.exprs.some(({ expr }) => uses(expr, leftIds))
  const isPlain = !computed && !isOneRow(right) && !expandsNothing(right.input)
  if (isPlain && shape.joinKind === 'inner') return undefined
  const always: JoinShape = { joinKind: shape.joinKind, left, condition: and([]) }
  const inner = eliminateApply(always, right.input, ctx)
  const above = project(inner, [...passedOn(left.columns), ...right.exprs])
  return isTrue(condition) ? above : filter(above, and(conjuncts(condition)))
}

/** Functions in FROM of outer columns alone: `Apply(L, Expand(one row)) = Expand(L)`. */
function byExpanding(
  { joinKind, left, condition }: JoinShape,
  right: Relation,
): Relation | undefined {
  if (joinKind !== 'inner' || right.kind !== 'expand') return undefined
  if (!expandsNothing(right)) return undefined
  const { calls, ordinality } = right
  const rows = expand(left, calls, ordinality)
  return isTrue(condition) ? rows : filter(rows, condition)
}

/** Functions that give rows, of no rows but those of their arguments. */
function expandsNothing(relation: Relation): boolean {
  if (relation.kind !== 'expand') return false
  const { input } = relation
  return input.kind === 'values' && input.rows.length === 1 && input.columns.length === 0
}

/** The count bug (R. Ganski, H. Wong, 1987) is what {@link emptyValues} avoids. */
function byGrouping(
  shape: JoinShape,
  right: Relation,
  outer: readonly OutputColumn[],
  ctx: RuleContext,
): Relation | undefined {
  if (right.kind !== 'aggregate' || right.keys.length > 0) return undefined
  if (!alwaysMatches(shape, right)) return undefined
  const { left, condition } = shape
  const grouped = (aggregates: Aggregate['aggregates']): Relation =>
    withDomain(left, outer, ctx, (dj, main) => {
      const pushed = groupedByOuter(dj, right, aggregates)
      return joinBack('left', main, pushed)
    })
  const { calls, exprs } = emptyValues(ctx, right.aggregates)
  const above = project(grouped(calls), [...passedOn(left.columns), ...exprs])
  return isTrue(condition) ? above : filter(above, condition)
}

function joinBack(kind: 'left', left: Relation, pushed: Pushed): Relation {
  const columns = new Map(left.columns.map((column) => [column.id, column]))
  const on = outerEqualities((id) => columnReference(columns.get(id)!), solid(left, pushed.outers))
  return join(kind, left, pushed.relation, and(on))
}

/** An outer column that is never NULL can be compared with `=`. */
function solid(
  left: Relation,
  outers: ReadonlyMap<ColumnId, OuterValue>,
): ReadonlyMap<ColumnId, OuterValue> {
  const never = new Set(left.columns.filter(({ nullable }) => !nullable).map(({ id }) => id))
  return new Map(
    [...outers].map(([id, value]) => [id, never.has(id) ? { ...value, nullSafe: false } : value]),
  )
}

function byGeneralMethod(
  shape: JoinShape,
  right: Relation,
  outer: readonly OutputColumn[],
  ctx: RuleContext,
): Relation {
  return withDomain(shape.left, outer, ctx, (dj, main) => {
    const pushed = pushDown(dj, right)
    const columns = new Map(main.columns.map((column) => [column.id, column]))
    const on = outerEqualities(
      (id) => columnReference(columns.get(id)!),
      solid(main, pushed.outers),
    )
    return joinOfApply({ ...shape, left: main }, pushed.relation, on, ctx)
  })
}

/**
 * Builds with a left side of which a part may be read twice: where it stands, and as the source of D. A
 * cheap part is simply copied, others become a CTE. Where D was not needed the left side stays as it is.
 * What earlier subqueries added to the left side is no part of it, so that a select list of many costs
 * time with their number and not with its square.
 */
function withDomain(
  left: Relation,
  outer: readonly OutputColumn[],
  ctx: RuleContext,
  build: (dj: DependentJoin, main: Relation) => Relation,
): Relation {
  const outside = liftCtes(left)
  const path = pathToMaker(outside.relation, columnIdSet(outer))
  const maker = path.at(-1)!
  const copy = freshCopy(ctx.ids, maker, ctx.nextCteId)
  const cteId = isCheap(maker) ? undefined : ctx.nextCteId()
  let domains = 0
  const domain = (columns: readonly OutputColumn[]): Pushed => {
    domains += 1
    const again =
      domains === 1 || cteId !== undefined ? copy : freshCopy(ctx.ids, maker, ctx.nextCteId)
    const source =
      cteId === undefined
        ? again.relation
        : cteReference(ctx.ids, cteId, 'outer', copyColumns(copy, columns))
    const outers = new Map<ColumnId, OuterValue>()
    const keys = columns.map((column, i) => {
      const id = cteId === undefined ? again.columns.get(column.id)! : source.columns[i]!.id
      const key = named(ctx.ids, column.name, columnReference({ ...column, id }))
      const nullSafe = column.nullable
      outers.set(column.id, { column: columnReference({ ...column, id: key.id }), nullSafe })
      return key
    })
    return { relation: aggregate(source, keys, []), outers }
  }
  const dj: DependentJoin = {
    ctx,
    outer,
    outerIds: columnIdSet(outer),
    domain,
    dependentCtes: new Map(),
  }
  if (cteId === undefined) return underCtes(outside.ctes, build(dj, outside.relation))
  const definitionColumns = maker.columns.map(({ id }) => copy.columns.get(id)!)
  const reference: Relation = {
    kind: 'cte-reference',
    cteId,
    name: 'outer',
    definitionColumns,
    columns: maker.columns,
  }
  const main = replacedAlong(path, reference)
  const built = build(dj, main)
  if (domains === 0) return replaceRelation(built, main, left)
  return underCtes(outside.ctes, withCte(cteId, 'outer', copy.relation, built))
}

function copyColumns(
  copy: { readonly columns: ReadonlyMap<ColumnId, ColumnId> },
  columns: readonly OutputColumn[],
): readonly OutputColumn[] {
  return columns.map((column) => ({ ...column, id: copy.columns.get(column.id)! }))
}

function replaceRelation(root: Relation, from: Relation, to: Relation): Relation {
  return root === from ? to : mapInputs(root, (input) => replaceRelation(input, from, to))
}

/** Scans with filters and computed columns: reading them again is cheaper than keeping the rows. */
export function isCheap(relation: Relation): boolean {
  if (expressionsOf(relation).some(isVolatile)) return false
  const { kind } = relation
  if (kind === 'filter' || kind === 'project') return isCheap(relation.input)
  if (kind === 'values') return relation.rows.length <= 100
  return kind === 'scan' || kind === 'cte-reference'
}
