import { QueryError } from '../../base/errors.ts'
import type { CommonTableExpression, WithClause } from '../../sql/ast/select.ts'
import { columnReference, project, withCte } from '../logical/build.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { rewriteAllRelations, visitRelation } from '../logical/walk.ts'
import { settle } from './coerce.ts'
import type { CteScope, QueryEnvironment } from './context.ts'

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
 * Binds the CTEs of a query. Every use is a reference at first; {@link BoundWith.wrap} then puts the
 * definition in the place of a single reference, and keeps it apart where several share it.
 */
export function bindWith(environment: QueryEnvironment, clause: WithClause | undefined): BoundWith {
  if (clause === undefined) return { environment, wrap: (relation) => relation }
  const bound: BoundCte[] = []
  const seen = new Set<string>()
  let { ctes } = environment
  for (const cte of clause.ctes) {
    const name = cte.name.text
    if (seen.has(name)) {
      throw new QueryError(
        'DUPLICATE_ALIAS',
        `WITH query name "${name}" specified more than once`,
        {
          span: cte.name.span,
        },
      )
    }
    seen.add(name)
    const self: CteScope = { name, definition: 'being defined', next: ctes }
    const inner = { ...environment, ctes: clause.recursive ? self : ctes }
    const { columns, ...definition } = bindDefinition(inner, cte)
    bound.push(definition)
    ctes = { name, definition: { cteId: definition.cteId, columns }, next: ctes }
  }
  return {
    environment: { ...environment, ctes },
    wrap: (relation) => bound.reduceRight(wrapOne, relation),
  }
}

function bindDefinition(
  environment: QueryEnvironment,
  cte: CommonTableExpression,
): BoundCte & { readonly columns: readonly OutputColumn[] } {
  const { binder } = environment
  const draft = binder.query(cte.query, environment)
  const definition = draft.finish(draft.exprs.map((expr) => settle(binder, expr)))
  const name = cte.name.text
  if (cte.columns.length > definition.columns.length) {
    const counts = `${definition.columns.length} columns available but ${cte.columns.length}`
    throw new QueryError(
      'INVALID_COLUMN_REFERENCE',
      `WITH query "${name}" has ${counts} columns specified`,
      { span: cte.name.span },
    )
  }
  const columns = definition.columns.map((column, index) => ({
    ...column,
    name: cte.columns[index]?.text ?? draft.names[index] ?? column.name,
  }))
  // A column id, so that no two CTEs of a plan share one, copies included.
  const cteId: number = binder.ctx.columnIds.next()
  return { cteId, name, materialized: cte.materialized === true, definition, columns }
}

function wrapOne(relation: Relation, cte: BoundCte): Relation {
  const references = countReferences(relation, cte.cteId)
  if (references === 0) return relation
  if (references === 1 && !cte.materialized) {
    return rewriteAllRelations(relation, (node) => {
      if (node.kind !== 'cte-reference' || node.cteId !== cte.cteId) return node
      return inlined(cte.definition, node.columns)
    })
  }
  return withCte(cte.cteId, cte.name, cte.definition, relation)
}

function inlined(definition: Relation, columns: readonly OutputColumn[]): Relation {
  const exprs = definition.columns.map((column, index) => {
    const { id, name } = columns[index]!
    return { id, name, expr: columnReference(column) }
  })
  return project(definition, exprs)
}

function countReferences(relation: Relation, cteId: number): number {
  let count = 0
  visitRelation(relation, {
    relation: (node) => {
      if (node.kind === 'cte-reference' && node.cteId === cteId) count += 1
    },
  })
  return count
}
