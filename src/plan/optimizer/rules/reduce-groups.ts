import { and, join } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Aggregate, Relation } from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, mapInputs, replaceColumns } from '../../logical/walk.ts'
import { askedBy, reducedTo, type Asked } from '../asked-rows.ts'
import { equalityOf } from '../conditions.ts'
import { groupedLeaf, type GroupedLeaf } from '../grouped-leaf.ts'
import { innerJoins, isInnerJoin, mapLeaves } from '../inner-joins.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule, RuleContext } from '../rule.ts'

/** Groups are worth to be reduced when so few of their rows stay, at most. */
const KEPT_FRACTION_MAX = 0.2
/**
 * So many rows are read again for what is looked up, at most, for each row that is grouped: it takes some three
 * times as long to find a row's group, and often joins before, as to filter a row.
 */
const READ_AGAIN_MAX = 2

/**
 * `S join Groups(X by k) on s = k` = `S join Groups(X semijoin S on s = k by k) on s = k`: groups that S
 * does not have are dropped by the join anyway, so their rows need not be added up. This is what a
 * correlated aggregate needs whose outer rows are few: unnested it is made for all groups there are. S is a
 * filtered scan, which is cheap to have twice, or what has partners in such a scan: `T semijoin S on t = s`
 * where `t = k`.
 */
export const reduceGroups: Rule = {
  name: 'reduce-groups',
  order: 'top-down',
  about: ['join'],
  rewrite(relation, ctx) {
    if (!isInnerJoin(relation)) return undefined
    const { leaves, conjuncts: parts } = innerJoins(relation)
    let changed = false
    const reduced = mapLeaves(relation, (leaf) => {
      const made = reducedLeaf(leaf, leaves, parts, ctx)
      changed ||= made !== undefined
      return made ?? leaf
    })
    return changed ? reduced : undefined
  },
}

function reducedLeaf(
  leaf: Relation,
  leaves: readonly Relation[],
  parts: readonly Expression[],
  ctx: RuleContext,
): Relation | undefined {
  const groups = groupedLeaf(leaf)
  if (groups === undefined) return undefined
  // It is done once: reduced again it would read what was looked up a third time.
  const { input: grouped } = groups.aggregate
  if (grouped.kind === 'join' && grouped.joinKind === 'semi') return undefined
  for (const other of leaves) {
    const asked = other === leaf ? undefined : askedBy(other, parts)
    if (asked === undefined) continue
    const lookups = asked.conditions.flatMap((part) => lookupOf(part, groups, asked.rows) ?? [])
    if (lookups.length === 0 || !isWorthwhile(groups.aggregate, asked, lookups, ctx)) continue
    const input = reducedTo(grouped, asked, lookups, ctx)
    return replaced(leaf, groups.aggregate, input)
  }
  return undefined
}

/** An equality of keys with columns of `other`, as one of the rows that are grouped; undefined for others. */
function lookupOf(
  part: Expression,
  { aggregate, lower }: GroupedLeaf,
  other: Relation,
): Expression | undefined {
  if (part.kind !== 'call' || isVolatile(part)) return undefined
  const lowered = lower(part)
  const keys = new Map(aggregate.keys.map(({ id, expr }) => [id, expr]))
  const outer = columnIdSet(other.columns)
  const used = [...columnsUsed(lowered)]
  if (!used.every((id) => keys.has(id) || outer.has(id))) return undefined
  if (!used.some((id) => keys.has(id)) || !used.some((id) => outer.has(id))) return undefined
  const lookup = replaceColumns(lowered, (id) => keys.get(id))
  if (isVolatile(lookup)) return undefined
  const inner = columnIdSet(aggregate.input.columns)
  return equalityOf(lookup, inner, outer) === undefined ? undefined : lookup
}

function isWorthwhile(
  { input }: Aggregate,
  { scan, rows: asked }: Asked,
  lookups: readonly Expression[],
  { estimator }: RuleContext,
): boolean {
  const rows = estimator.profile(input).rows
  const read = estimator.profile({ ...scan, filters: [] }).rows
  if (read > rows * READ_AGAIN_MAX) return false
  const kept = join('semi', input, asked, and(lookups))
  return estimator.profile(kept).rows <= rows * KEPT_FRACTION_MAX
}

/** The leaf with other rows below its groups. */
function replaced(relation: Relation, aggregate: Aggregate, input: Relation): Relation {
  return mapInputs(relation, (below) =>
    relation === aggregate ? input : replaced(below, aggregate, input),
  )
}
