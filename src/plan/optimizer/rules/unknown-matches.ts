import { bool, int8 } from '../../../data/types/data-type.ts'
import {
  aggregate,
  and,
  caseOf,
  columnReference,
  conjuncts,
  crossJoin,
  cteReference,
  filter,
  join,
  limit,
  literal,
  named,
  or,
  project,
  values,
  withCte,
} from '../../logical/build.ts'
import { markColumnOf, nullability } from '../../logical/columns-of.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Expression, NamedExpression } from '../../logical/expression.ts'
import { freshCopy } from '../../logical/fresh.ts'
import { compared, testOf, tested } from '../../logical/predicates.ts'
import type { Join, OutputColumn, Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsedByAll, replaceColumns, visitRelation } from '../../logical/walk.ts'
import { distinctCount } from '../cardinality.ts'
import { equalityOf, type Equality } from '../conditions.ts'
import { passedOn } from '../output-columns.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { isCheap } from '../unnest/eliminate-apply.ts'

/**
 * `mark(L, R, (a = x AND b = y) IS UNKNOWN)`, and with IS NOT FALSE: pairs of rows that are equal wherever neither is NULL. For
 * each set Q of columns that R's rows have NULLs in, these rows are hashed by the others:
 *
 *     mark_Q = mark(L, keys of rows with NULLs just in Q, a IS NOT DISTINCT FROM x AND ... outside Q)
 *
 * and the mark is that of any Q. A row of L with NULLs of its own finds what it is equal to elsewhere because each
 * row of R is there once more for each set P of columns outside Q that L may have NULLs in, with NULLs for these. A loop over all pairs becomes a look-up
 * a Q. At most three columns are treated so, others that may be NULL are compared where these agree.
 *
 * Semi joins keep rows of which any mark holds, anti joins are one after another.
 */
export const unknownMatches: Rule = {
  name: 'unknown-matches',
  order: 'bottom-up',
  about: ['join'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'join' || relation.nullAware === true) return undefined
    const { joinKind } = relation
    if (joinKind !== 'mark' && joinKind !== 'semi' && joinKind !== 'anti') return undefined
    if (relation.right.kind === 'values' || isVolatile(relation.condition)) return undefined
    const matching = matchingOf(relation)
    if (matching === undefined || hasFewPairs(relation, ctx)) return undefined
    if (findsFew(relation, matching, ctx)) return undefined
    return splitByNulls(relation, matching, ctx)
  },
}

/** Columns of rows that are hashed by NULLs: eight tables at most, of eight variants of a row at most. */
const HASHED_COLUMNS_MAX = 3
/** With no more rows a key than this, comparing what has the key is quicker than further tables. */
const ROWS_A_KEY_MAX = 16

/** So many pairs are compared sooner than further joins are planned. */
const PAIRS_MIN = 65_536

/** An equality of which either side may be NULL. */
interface NullableEquality extends Equality {
  readonly whole: Expression
  readonly leftMayBeNull: boolean
  readonly rightMayBeNull: boolean
}

/** What pairs of rows must meet. */
interface Matching {
  /** Whether equal rows without NULLs match too: IS NOT FALSE, as against IS UNKNOWN. */
  readonly withEqual: boolean
  readonly hashed: readonly NullableEquality[]
  /** Those of which a row may be NULL too, but which are no keys. */
  readonly compared: readonly NullableEquality[]
  /** What must be true of a pair besides, as these parts have no NULLs or decide membership. */
  readonly others: readonly Expression[]
}

function matchingOf({ left, right, condition }: Join): Matching | undefined {
  const parts = conjuncts(condition)
  const [leftIds, rightIds] = [columnIdSet(left.columns), columnIdSet(right.columns)]
  const [leftNull, rightNull] = [nullability(left.columns), nullability(right.columns)]
  for (const part of parts) {
    const test = unknownTest(part)
    if (test === undefined) continue
    const others = parts.filter((other) => other !== part)
    const open: NullableEquality[] = []
    const read = conjuncts(test.arg).map((whole) => {
      const equality = equalityOf(whole, leftIds, rightIds)
      if (equality === undefined || equality.nullSafe) return false
      const leftMayBeNull = leftNull(equality.left)
      const rightMayBeNull = rightNull(equality.right)
      if (leftMayBeNull || rightMayBeNull)
        open.push({ ...equality, whole, leftMayBeNull, rightMayBeNull })
      else others.push(whole)
      return true
    })
    if (!read.every(Boolean) || open.length === 0) continue
    const { withEqual } = test
    const hashed = open.slice(0, HASHED_COLUMNS_MAX)
    return { withEqual, hashed, compared: open.slice(HASHED_COLUMNS_MAX), others }
  }
  return undefined
}

/** Reads `x IS NULL`, `x IS UNKNOWN` and `x IS NOT FALSE` of a condition x. */
function unknownTest(
  part: Expression,
): { readonly arg: Expression; readonly withEqual: boolean } | undefined {
  if (part.kind !== 'call') return undefined
  const [arg] = part.args
  const test = testOf(part)
  if (arg === undefined || arg.type.kind !== 'bool' || test === undefined) return undefined
  if (test.negated) return test.of === 'false' ? { arg, withEqual: true } : undefined
  return test.of === 'null' || test.of === 'unknown' ? { arg, withEqual: false } : undefined
}

function hasFewPairs({ left, right }: Join, ctx: RuleContext): boolean {
  return rowsAtMost(left, ctx) * rowsAtMost(right, ctx) < PAIRS_MIN
}

/** About the most rows that a relation may have: what its filters leave is a guess, what is in its tables is not. */
function rowsAtMost(relation: Relation, { estimator }: RuleContext): number {
  let scanned = 0
  visitRelation(relation, {
    relation: (part) => {
      if (part.kind === 'scan') scanned += part.table.statistics.rows
    },
  })
  return Math.max(scanned, estimator.profile(relation).rows)
}

/** Whether the other conditions leave so few rows to be compared that no more is needed. */
function findsFew({ left, right }: Join, { others }: Matching, ctx: RuleContext): boolean {
  const [leftIds, rightIds] = [columnIdSet(left.columns), columnIdSet(right.columns)]
  const keys = others.flatMap((part) => equalityOf(part, leftIds, rightIds)?.right ?? [])
  if (keys.length === 0) return false
  const profile = ctx.estimator.profile(right)
  return profile.rows <= distinctCount(profile, keys) * ROWS_A_KEY_MAX
}

/** Rows of the right side, under ids of their own each time that they are asked for. */
interface Source {
  readonly relation: Relation
  /** An expression over the right side, over these rows. */
  onRows(expr: Expression): Expression
}

/** The right side as often as it is needed: read again where that is cheap, else made once. */
function sourcesOf(
  right: Relation,
  ctx: RuleContext,
): { readonly next: () => Source; readonly bound: (made: Relation) => Relation } {
  const cteId = isCheap(right) ? undefined : ctx.nextCteId()
  const next = (): Source => {
    const relation =
      cteId === undefined
        ? freshCopy(ctx.ids, right, ctx.nextCteId).relation
        : cteReference(ctx.ids, cteId, 'compared', right.columns)
    const columns = new Map(right.columns.map(({ id }, at) => [id, relation.columns[at]]))
    const onRows = (expr: Expression): Expression =>
      replaceColumns(expr, (id) => {
        const column = columns.get(id)
        return column && columnReference(column)
      })
    return { relation, onRows }
  }
  const bound = (made: Relation): Relation =>
    cteId === undefined ? made : withCte(cteId, 'compared', right, made)
  return { next, bound }
}

/** Rows that look-ups are made in, and what a row of the left side and one of these must meet. */
interface Table {
  readonly rows: Relation
  readonly condition: Expression
}

function splitByNulls(relation: Join, matching: Matching, ctx: RuleContext): Relation {
  const { joinKind, left, right, markColumn } = relation
  const { next, bound } = sourcesOf(right, ctx)
  const nullable = matching.hashed.filter(({ rightMayBeNull }) => rightMayBeNull)
  const tables = subsetsOf(nullable).flatMap(
    (nulls) => tableOf(matching, new Set(nulls), next, ctx) ?? [],
  )
  let joined = left
  if (joinKind === 'anti') {
    for (const { rows, condition } of tables) joined = join('anti', joined, rows, condition)
    return bound(joined)
  }
  const marks: Expression[] = []
  for (const { rows, condition } of tables) {
    const mark = markColumnOf(ctx.ids.next(), 'unclear', false)
    joined = join('mark', joined, rows, condition, { nullAware: false, markColumn: mark })
    marks.push(columnReference(mark))
  }
  const kept = passedOn(left.columns)
  if (markColumn === undefined) return bound(project(filter(joined, or(marks)), kept))
  return bound(
    project(joined, [...kept, { id: markColumn.id, name: markColumn.name, expr: or(marks) }]),
  )
}

/** The rows that have NULLs in just these of the hashed columns; undefined where none of them can match. */
function tableOf(
  matching: Matching,
  nulls: ReadonlySet<NullableEquality>,
  next: () => Source,
  ctx: RuleContext,
): Table | undefined {
  const { hashed, others, withEqual } = matching
  const keyed = hashed.filter((equality) => !nulls.has(equality))
  const open = keyed.filter(({ leftMayBeNull }) => leftMayBeNull)
  const isEqualOnly = nulls.size === 0 && !withEqual && matching.compared.length === 0
  const variants = subsetsOf(open).filter((variant) => variant.length > 0 || !isEqualOnly)
  if (variants.length === 0) return undefined
  const { relation, onRows } = next()
  const tests = hashed.flatMap((equality) =>
    equality.rightMayBeNull ? [tested(onRows(equality.right), 'null', !nulls.has(equality))] : [],
  )
  const rows = filter(relation, and(tests))
  const residual = [...others, ...unclearOf(matching, nulls)].map(onRows)
  const read = columnsUsedByAll(residual)
  const carried = passedOn(relation.columns.filter(({ id }) => read.has(id)))
  if (keyed.length === 0 && carried.length === 0) {
    return { rows: limit(rows, { limit: literal(1n, int8) }), condition: and(residual) }
  }
  const { input, keys } = withVariants(rows, keyed, variants, onRows, ctx)
  const equal = keyed.map(({ left, leftMayBeNull }, at) => {
    const { id, name, expr } = keys[at]!
    const key = columnReference({ id, name, type: expr.type })
    return compared(leftMayBeNull ? 'not-distinct' : '=', left, key)
  })
  const isKeysOnly = carried.length === 0
  return {
    rows: isKeysOnly ? aggregate(input, keys, []) : project(input, [...keys, ...carried]),
    condition: and([...equal, ...residual]),
  }
}

/** What is left to be compared of rows that agree in the hashed columns. */
function unclearOf(
  { hashed, compared: open, withEqual }: Matching,
  nulls: ReadonlySet<NullableEquality>,
): readonly Expression[] {
  if (open.length === 0) return []
  const both = and(open.map(({ whole }) => whole))
  const possible = tested(both, 'false', true)
  if (withEqual || nulls.size > 0) return [possible]
  const onLeft = hashed.flatMap(({ left, leftMayBeNull }) =>
    leftMayBeNull ? [tested(left, 'null')] : [],
  )
  return [possible, or([...onLeft, tested(both, 'unknown')])]
}

/** Each row once a variant, with NULLs for the keys in it. */
function withVariants(
  rows: Relation,
  keyed: readonly NullableEquality[],
  variants: readonly (readonly NullableEquality[])[],
  onRows: (expr: Expression) => Expression,
  ctx: RuleContext,
): { readonly input: Relation; readonly keys: readonly NamedExpression[] } {
  const flags = new Map<NullableEquality, OutputColumn>()
  if (variants.some((variant) => variant.length > 0)) {
    for (const equality of keyed) {
      if (!equality.leftMayBeNull) continue
      flags.set(equality, { id: ctx.ids.next(), name: 'is_null', type: bool, nullable: false })
    }
  }
  const keys = keyed.map((equality) => {
    const value = onRows(equality.right)
    const flag = flags.get(equality)
    if (flag === undefined) return named(ctx.ids, 'key', value)
    const none = literal(null, value.type)
    return named(ctx.ids, 'key', caseOf([{ when: columnReference(flag), then: none }], value))
  })
  if (flags.size === 0) return { input: rows, keys }
  const listed = variants.map((variant) =>
    [...flags.keys()].map((equality) => literal(variant.includes(equality), bool)),
  )
  return { input: crossJoin(rows, values(listed, [...flags.values()])), keys }
}

function subsetsOf<T>(members: readonly T[]): readonly (readonly T[])[] {
  return members.reduce<readonly (readonly T[])[]>(
    (sets, member) => [...sets, ...sets.map((set) => [...set, member])],
    [[]],
  )
}
