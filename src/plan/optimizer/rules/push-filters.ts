import { and, conjuncts, filter, join, project } from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import type {
  Aggregate,
  Expand,
  Filter,
  Join,
  JoinKind,
  Project,
  Relation,
  UnionAll,
  Window,
} from '../../logical/relation.ts'
import { columnIdSet, columnsUsed, mapInputs, replaceColumns } from '../../logical/walk.ts'
import { passing } from '../output-columns.ts'
import { rejectsNulls } from '../properties.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import type { Rule } from '../rule.ts'
import { isNot } from '../../logical/predicates.ts'

/**
 * Conjuncts sink towards the scans: `Filter(p, X op Y) = Filter(p, X) op Y` where p needs X only.
 * They pass projections and aggregates' keys by substitution, both sides of inner joins, the preserved
 * side of outer joins, every input of UNION ALL, and windows where they decide about whole partitions. What sinks into the NULL-extended side makes an
 * outer join an inner one first, which holds when p is not TRUE for a row of NULLs. A join's own
 * conjuncts sink into the side that is not preserved. Nothing passes a limit (other rows would be cut),
 * and volatile conjuncts stay where they are.
 */
export const pushFilters: Rule = {
  name: 'push-filters',
  order: 'whole',
  about: ['filter', 'join'],
  rewrite: (relation) => push(relation, []),
}

type Conjuncts = readonly Expression[]

/** A relation filtered by conjuncts over its columns, which sink into it as far as they can. */
export function pushDown(relation: Relation, parts: Conjuncts): Relation {
  return push(relation, parts)
}

/** The relation filtered by conjuncts over its columns. */
function push(relation: Relation, parts: Conjuncts): Relation {
  switch (relation.kind) {
    case 'filter': {
      const own = conjuncts(relation.predicate)
      const [fixed, movable] = split(own, isVolatile)
      if (fixed.length === 0) return kept(relation, push(relation.input, [...own, ...parts]))
      return filtered(kept(relation, filtered(push(relation.input, movable), fixed)), parts)
    }
    case 'project':
      return pushThroughProject(relation, parts)
    case 'join':
      return pushIntoJoin(relation, parts)
    case 'aggregate':
      return pushThroughKeys(relation, parts)
    case 'union-all':
      return pushIntoUnion(relation, parts)
    case 'window':
      return pushBelowWindow(relation, parts)
    case 'expand':
      return pushBelowExpand(relation, parts)
    case 'sort': {
      if (relation.limitRows !== undefined) break
      return mapInputs(relation, (input) => push(input, parts))
    }
    case 'with': {
      const definition = push(relation.definition, [])
      const input = push(relation.input, parts)
      const same = definition === relation.definition && input === relation.input
      return same ? relation : { ...relation, definition, input, columns: input.columns }
    }
    case 'scan': {
      const movable = parts.filter((part) => !isVolatile(part))
      const scan =
        movable.length === 0
          ? relation
          : { ...relation, filters: [...relation.filters, ...movable] }
      return filtered(scan, parts.filter(isVolatile))
    }
    case 'values':
    case 'apply':
    case 'recursion':
    case 'working-table':
    case 'limit':
    case 'cte-reference':
      break
  }
  return filtered(
    mapInputs(relation, (input) => push(input, [])),
    parts,
  )
}

/** The filter that was there, if that is what came out again. */
function kept(before: Filter, after: Relation): Relation {
  if (after.kind !== 'filter' || after.input !== before.input) return after
  const [old, now] = [conjuncts(before.predicate), conjuncts(after.predicate)]
  return old.length === now.length && old.every((part, i) => part === now[i]) ? before : after
}

function filtered(relation: Relation, parts: Conjuncts): Relation {
  return parts.length === 0 ? relation : filter(relation, and(parts))
}

function split(
  parts: Conjuncts,
  test: (part: Expression) => boolean,
): readonly [Conjuncts, Conjuncts] {
  return [parts.filter(test), parts.filter((part) => !test(part))]
}

function pushThroughProject(relation: Project, parts: Conjuncts): Relation {
  const exprs = new Map(relation.exprs.map(({ id, expr }) => [id, expr]))
  const [movable, fixed] = split(
    parts,
    (part) =>
      !isVolatile(part) &&
      [...columnsUsed(part)].every((id) => {
        const expr = exprs.get(id)
        return expr === undefined || !isVolatile(expr)
      }),
  )
  const inner = movable.map((part) => replaceColumns(part, (id) => exprs.get(id)))
  // Without a walk between, as plans of many subqueries are as high as the stack is deep.
  const input = push(relation.input, inner)
  const same = input === relation.input
  return filtered(same ? relation : project(input, relation.exprs), fixed)
}

/** A row that is left out is not repeated. */
function pushBelowExpand(relation: Expand, parts: Conjuncts): Relation {
  const below = new Set(relation.input.columns.map(({ id }) => id))
  const [movable, fixed] = split(
    parts,
    (part) => !isVolatile(part) && [...columnsUsed(part)].every((id) => below.has(id)),
  )
  return filtered(
    mapInputs(relation, (input) => push(input, movable)),
    fixed,
  )
}

/** A condition on the keys keeps or drops whole groups. Without keys there is a row even for no input. */
function pushThroughKeys(relation: Aggregate, parts: Conjuncts): Relation {
  const keys = new Map(relation.keys.map(({ id, expr }) => [id, expr]))
  const [movable, fixed] = split(parts, (part) => {
    const used = [...columnsUsed(part)]
    const solid = (id: ColumnId): boolean => {
      const expr = keys.get(id)
      return expr !== undefined && !isVolatile(expr)
    }
    return keys.size > 0 && used.length > 0 && used.every(solid) && !isVolatile(part)
  })
  const inner = movable.map((part) => replaceColumns(part, (id) => keys.get(id)))
  return filtered(
    mapInputs(relation, (input) => push(input, inner)),
    fixed,
  )
}

/** A condition on what partitions are made by keeps or drops whole partitions. */
function pushBelowWindow(relation: Window, parts: Conjuncts): Relation {
  const keys = new Set(
    relation.partitionBy.flatMap((expr) => (expr.kind === 'column' ? [expr.id] : [])),
  )
  const [movable, fixed] = split(parts, (part) => {
    const used = [...columnsUsed(part)]
    return used.length > 0 && !isVolatile(part) && used.every((id) => keys.has(id))
  })
  return filtered(
    mapInputs(relation, (input) => push(input, movable)),
    fixed,
  )
}

function pushIntoUnion(relation: UnionAll, parts: Conjuncts): Relation {
  const [movable, fixed] = split(parts, (part) => !isVolatile(part))
  let position = 0
  const united = mapInputs(relation, (input) => {
    const sources = relation.inputColumns[position] ?? []
    position += 1
    const inputColumns = new Map(input.columns.map((column) => [column.id, column]))
    const inner = movable.map((part) =>
      replaceColumns(part, (id) => {
        const source = sources[relation.columns.findIndex((column) => column.id === id)]
        const column = source === undefined ? undefined : inputColumns.get(source)
        return column && { kind: 'column', id: column.id, name: column.name, type: column.type }
      }),
    )
    return push(input, inner)
  })
  return filtered(united, fixed)
}

/** Which sides of a join keep all their rows (so that conditions above may sink into them). */
const preservedSides: Readonly<Record<JoinKind, { left: boolean; right: boolean }>> = {
  inner: { left: true, right: true },
  left: { left: true, right: false },
  right: { left: false, right: true },
  full: { left: false, right: false },
  semi: { left: true, right: false },
  anti: { left: true, right: false },
  mark: { left: true, right: false },
  single: { left: true, right: false },
}

function pushIntoJoin(given: Join, parts: Conjuncts): Relation {
  const relation = strengthened(given, parts)
  const changed = membershipOf(relation, parts)
  if (changed !== undefined) return changed
  const { joinKind } = relation
  const leftIds = columnIdSet(relation.left.columns)
  const rightIds = columnIdSet(relation.right.columns)
  const within = (ids: ReadonlySet<ColumnId>) => (part: Expression) => {
    const used = columnsUsed(part)
    return used.size > 0 && !isVolatile(part) && [...used].every((id) => ids.has(id))
  }
  const preserved = preservedSides[joinKind]
  const [toLeft, others] = split(parts, (part) => preserved.left && within(leftIds)(part))
  const [toRight, above] = split(others, (part) => preserved.right && within(rightIds)(part))
  const inner = joinKind === 'inner'
  const movableAbove = inner ? above.filter((part) => !isVolatile(part)) : []
  const own = [...conjuncts(relation.condition), ...movableAbove]
  const strict = relation.nullAware !== true
  const ownToLeft = strict && (inner || joinKind === 'semi' || joinKind === 'right')
  const ownToRight = strict && joinKind !== 'right' && joinKind !== 'full'
  const [leftOwn, rest] = split(own, (part) => ownToLeft && within(leftIds)(part))
  const [rightOwn, condition] = split(rest, (part) => ownToRight && within(rightIds)(part))
  const wantedLeft = ownToLeft ? matched(relation.left, own) : relation.left
  const wantedRight = ownToRight ? matched(relation.right, own) : relation.right
  const left = push(wantedLeft, [...toLeft, ...leftOwn])
  const right = push(wantedRight, [...toRight, ...rightOwn])
  const { nullAware, markColumn } = relation
  const same =
    relation === given && left === given.left && right === given.right && leftOwn.length === 0
  const unchanged = same && rightOwn.length === 0 && movableAbove.length === 0
  const joined = unchanged
    ? given
    : join(joinKind, left, right, and(condition), {
        ...(nullAware === undefined ? {} : { nullAware }),
        ...(markColumn === undefined ? {} : { markColumn }),
      })
  return filtered(joined, inner ? above.filter(isVolatile) : above)
}

/**
 * A side of a join of which only rows with a partner are wanted: `(A left join B) join C on b = c` needs no
 * row of A that has none in B.
 */
function matched(side: Relation, condition: Conjuncts): Relation {
  if (side.kind === 'filter') return mapInputs(side, (input) => matched(input, condition))
  if (side.kind !== 'join') return side
  const reduced = strengthened(side, condition)
  return reduced.joinKind === 'inner'
    ? mapInputs(reduced, (input) => matched(input, condition))
    : reduced
}

/** An outer join whose NULL-extended rows the conditions above drop anyway keeps fewer rows. */
function strengthened(relation: Join, parts: Conjuncts): Join {
  const rejects = (side: Relation): boolean => {
    const ids = columnIdSet(side.columns)
    return parts.some((part) => rejectsNulls(part, ids))
  }
  const kind = relation.joinKind
  if (kind !== 'left' && kind !== 'right' && kind !== 'full') return relation
  const keepsLeft = kind !== 'right' && !rejects(relation.right)
  const keepsRight = kind !== 'left' && !rejects(relation.left)
  const joinKind =
    keepsLeft && keepsRight ? 'full' : keepsLeft ? 'left' : keepsRight ? 'right' : 'inner'
  if (joinKind === kind) return relation
  return join(joinKind, relation.left, relation.right, relation.condition)
}

/** A mark that is wanted TRUE makes a semi join, one wanted FALSE an anti join. */
function membershipOf(relation: Join, parts: Conjuncts): Relation | undefined {
  const { markColumn, left, right, condition, nullAware } = relation
  if (relation.joinKind !== 'mark' || markColumn === undefined) return undefined
  const isMark = (expr: Expression | undefined): boolean =>
    expr?.kind === 'column' && expr.id === markColumn.id
  const uses = parts.filter((part) => columnsUsed(part).has(markColumn.id))
  const [only] = uses
  if (only === undefined || uses.length > 1) return undefined
  const negative = isNot(only) && isMark(only.args[0])
  if (!negative && !isMark(only)) return undefined
  const rest = parts.filter((part) => part !== only)
  const options = negative && nullAware === true ? { nullAware } : { nullAware: false }
  const joined = join(negative ? 'anti' : 'semi', left, right, condition, options)
  const known = negative ? 'false' : 'true'
  const mark = {
    id: markColumn.id,
    name: markColumn.name,
    expr: { kind: 'literal', value: known === 'true', type: markColumn.type } as const,
  }
  const pushed = push(joined, rest)
  const passed = passing(pushed, left.columns)
  return { ...passed, exprs: [...passed.exprs, mark], columns: [...passed.columns, markColumn] }
}
