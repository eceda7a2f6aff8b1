import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import type { CommonTableExpression, WithClause } from '../../sql/ast/select.ts'
import { inlined, scan, withCte } from '../logical/build.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { rewriteAllRelations, visitRelation } from '../logical/walk.ts'
import { settle } from '../logical/typing.ts'
import type { QueryEnvironment } from './context.ts'
import { bindRecursive, type BoundRecursion } from './recursive.ts'
import { refuseSearch } from './search-cycle.ts'
import { inReferenceOrder, type RecursiveQuery } from './recursive-references.ts'

/** The environment of a query under its WITH clause, and what puts the definitions around its rows. */
export interface BoundWith {
  readonly environment: QueryEnvironment
  wrap(relation: Relation): Relation
}

interface BoundCte {
  readonly cteId: number
  readonly name: string
  readonly materialized: boolean
  readonly definition: Relation
}

/**
 * Binds the CTEs of a query, in steps: see `isOverdue`. Every use is a reference at first; {@link BoundWith.wrap} then puts the
 * definition in the place of a single reference, and keeps it apart where several share it.
 */
export function* bindWith(environment: QueryEnvironment, clause: WithClause): Steps<BoundWith> {
  const bound: BoundCte[] = []
  let { ctes } = environment
  refuseTwice(clause)
  const items = clause.recursive
    ? inReferenceOrder(clause)
    : clause.ctes.map((cte) => ({ cte, recursive: undefined }))
  for (const { cte, recursive } of items) {
    const inner = { ...environment, ctes }
    const { columns, ...definition } = yield* bindDefinition(inner, cte, recursive)
    bound.push(definition)
    const { cteId } = definition
    const { query } = cte
    const givesNoRows = query.kind !== 'select' && query.returning === undefined
    ctes = { name: cte.name.text, definition: { cteId, columns, givesNoRows }, next: ctes }
  }
  return {
    environment: { ...environment, ctes },
    wrap: (relation) => wrapped(relation, bound),
  }
}

function refuseTwice({ ctes }: WithClause): void {
  const seen = new Set<string>()
  for (const { name } of ctes) {
    if (seen.has(name.text)) {
      const message = `WITH query name "${name.text}" specified more than once`
      throw new QueryError('DUPLICATE_ALIAS', message, { span: name.span })
    }
    seen.add(name.text)
  }
}

function* bindDefinition(
  environment: QueryEnvironment,
  cte: CommonTableExpression,
  recursive: RecursiveQuery | undefined,
): Steps<BoundCte & { readonly columns: readonly OutputColumn[] }> {
  const { binder } = environment
  if (recursive === undefined) refuseSearch(cte)
  const { relation, names } =
    recursive === undefined
      ? yield* bindPlain(environment, cte)
      : yield* bindRecursion(environment, cte, recursive)
  const name = cte.name.text
  if (cte.columns.length > relation.columns.length) {
    const counts = `${relation.columns.length} columns available but ${cte.columns.length}`
    throw new QueryError(
      'INVALID_COLUMN_REFERENCE',
      `WITH query "${name}" has ${counts} columns specified`,
      { span: cte.name.span },
    )
  }
  const columns = relation.columns.map((column, index) => ({
    ...column,
    name: cte.columns[index]?.text ?? names[index] ?? column.name,
  }))
  // A column id, so that no two CTEs of a plan share one, copies included.
  const cteId: number = binder.ctx.columnIds.next()
  const materialized = cte.materialized === true
  return { cteId, name, materialized, definition: relation, columns }
}

/** The rows of a statement that ran before, or a query. Errors: FEATURE_NOT_SUPPORTED for a change below the top. */
function* bindPlain(
  environment: QueryEnvironment,
  cte: CommonTableExpression,
): Steps<BoundRecursion> {
  const { binder } = environment
  const { query } = cte
  const given = binder.ctx.rowsOfChange?.(cte)
  if (given !== undefined) {
    const relation = scan(binder.ctx.columnIds, given)
    return { relation, names: relation.columns.map(({ name }) => name) }
  }
  if (query.kind !== 'select') {
    const message = 'WITH clause containing a data-modifying statement must be at the top level'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: cte.name.span })
  }
  const draft = yield* binder.query(query, environment)
  const relation = draft.finish(draft.exprs.map((expr) => settle(binder, expr)))
  return { relation, names: draft.names }
}

/** Both terms see the WITH of the query that they are the terms of. */
function* bindRecursion(
  environment: QueryEnvironment,
  cte: CommonTableExpression,
  recursive: RecursiveQuery,
): Steps<BoundRecursion> {
  const clause = recursive.query.with
  if (clause === undefined) return yield* bindRecursive(environment, cte, recursive)
  const inner = yield* bindWith(environment, clause)
  const { relation, names } = yield* bindRecursive(inner.environment, cte, recursive)
  return { relation: inner.wrap(relation), names }
}

/** Definitions put into one another; a longer chain is cut, so that every walk of the plan may recurse. */
const INLINED_MAX = 64

/** Each definition is looked at once, however many there are. */
function wrapped(relation: Relation, ctes: readonly BoundCte[]): Relation {
  const uses = usesOf(relation, ctes)
  const inline = new Map<number, Inline>()
  const kept: BoundCte[] = []
  for (const cte of ctes) {
    const used = uses.get(cte.cteId) ?? 0
    if (used === 0) continue
    const { relation: definition, depth } = inlinedIn(cte.definition, inline)
    if (used === 1 && !cte.materialized && depth < INLINED_MAX) {
      inline.set(cte.cteId, { definition, depth: depth + 1 })
    } else kept.push({ ...cte, definition })
  }
  return kept.reduceRight(
    (input, { cteId, name, definition }) => withCte(cteId, name, definition, input),
    inlinedIn(relation, inline).relation,
  )
}

/** A definition that goes to the place of its one reference, and how many it holds one in another. */
interface Inline {
  readonly definition: Relation
  readonly depth: number
}

/** References to each of the CTEs from the relation and from those definitions that are used at all. */
function usesOf(relation: Relation, ctes: readonly BoundCte[]): ReadonlyMap<number, number> {
  const uses = new Map(ctes.map(({ cteId }) => [cteId, 0]))
  const count = (within: Relation): void =>
    visitRelation(within, {
      relation: (node) => {
        if (node.kind !== 'cte-reference') return
        const used = uses.get(node.cteId)
        if (used !== undefined) uses.set(node.cteId, used + 1)
      },
    })
  count(relation)
  // A definition is referred to from behind it only.
  for (const { cteId, definition } of ctes.toReversed()) {
    if (uses.get(cteId) !== 0) count(definition)
  }
  return uses
}

function inlinedIn(
  relation: Relation,
  inline: ReadonlyMap<number, Inline>,
): { readonly relation: Relation; readonly depth: number } {
  let depth = 0
  const changed = rewriteAllRelations(relation, (node) => {
    if (node.kind !== 'cte-reference') return node
    const found = inline.get(node.cteId)
    if (found === undefined) return node
    depth = Math.max(depth, found.depth)
    return inlined(found.definition, node)
  })
  return { relation: changed, depth }
}
