import { NODE_STEPS, spend } from '../../../base/budget.ts'
import { isTrue, withCte } from '../../logical/build.ts'
import type { ColumnId } from '../../logical/expression.ts'
import type { Relation, RelationOf, With } from '../../logical/relation.ts'
import { mapInputs } from '../../logical/walk.ts'
import { isOneRow } from '../properties.ts'

/** A relation, and the CTEs that were bound within it and now have to be bound around it. */
export interface Lifted {
  readonly relation: Relation
  readonly ctes: readonly With[]
}

/**
 * Takes the CTEs out of a relation that stand around its rows' main source, outermost first. Their
 * numbers are their own, so they may be bound further out, where others can refer to them too.
 */
export function liftCtes(relation: Relation): Lifted {
  const ctes: With[] = []
  const path: Relation[] = []
  for (let at: Relation | undefined = relation; at !== undefined; at = mainInput(at)) {
    spend(NODE_STEPS)
    if (at.kind === 'with') ctes.push(at)
    else path.push(at)
  }
  if (ctes.length === 0) return { relation, ctes }
  const lifted = path.reduceRight((below, at) => withMainInput(at, below))
  return { relation: lifted, ctes }
}

/** Binds the CTEs that {@link liftCtes} took out around a relation. */
export function underCtes(ctes: readonly With[], relation: Relation): Relation {
  return ctes.reduceRight<Relation>(
    (inner, { cteId, name, definition }) => withCte(cteId, name, definition, inner),
    relation,
  )
}

/**
 * From a relation down to the lowest one that has these columns in as many combinations: projections that
 * pass them on and joins that keep each row of their left side are gone through. At least the relation itself.
 */
export function pathToMaker(
  relation: Relation,
  wanted: ReadonlySet<ColumnId>,
): readonly Relation[] {
  const path: Relation[] = []
  for (let at: Relation | undefined = relation; at !== undefined;) {
    spend(NODE_STEPS)
    path.push(at)
    at = keepsRows(at) ? mainInput(at) : undefined
  }
  // From the lowest on, which has few columns: those above have one more for each subquery.
  while (path.length > 1 && !hasAll(path.at(-1)!, wanted)) path.pop()
  return path
}

/** The first relation of a path with another in the place of its last. */
export function replacedAlong(path: readonly Relation[], last: Relation): Relation {
  return path.slice(0, -1).reduceRight((below, at) => withMainInput(at, below), last)
}

/** The input whose rows a relation is about, others being added to them. */
function mainInput(relation: Relation): Relation | undefined {
  switch (relation.kind) {
    case 'project':
    case 'filter':
    case 'sort':
    case 'with':
      return relation.input
    case 'join':
      return relation.joinKind === 'right' || relation.joinKind === 'full'
        ? undefined
        : relation.left
    case 'scan':
    case 'values':
    case 'apply':
    case 'aggregate':
    case 'window':
    case 'limit':
    case 'union-all':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
    case 'expand':
      return undefined
  }
}

function withMainInput(relation: Relation, input: Relation): Relation {
  const before = mainInput(relation)
  return before === input
    ? relation
    : mapInputs(relation, (each) => (each === before ? input : each))
}

/** Whether each row of the main input is there in the result, at least once. */
function keepsRows(relation: Relation): boolean {
  if (relation.kind === 'join') return keepsLeft(relation)
  return relation.kind === 'project' || relation.kind === 'sort'
}

function keepsLeft({ joinKind, condition, right }: RelationOf<'join'>): boolean {
  if (joinKind === 'inner') return isTrue(condition) && isOneRow(right)
  return joinKind === 'left' || joinKind === 'single' || joinKind === 'mark'
}

function hasAll({ columns }: Relation, wanted: ReadonlySet<ColumnId>): boolean {
  let found = 0
  for (const { id } of columns) if (wanted.has(id)) found++
  return found === wanted.size
}
