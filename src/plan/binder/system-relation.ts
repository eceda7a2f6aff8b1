import { QueryError } from '../../base/errors.ts'
import { finishSteps } from '../../base/steps.ts'
import { present } from '../../base/assert.ts'
import { sameType } from '../../data/types/data-type.ts'
import type { Field } from '../../data/types/schema.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { TableName } from '../../sql/ast/select.ts'
import { parseStatements } from '../../sql/parse.ts'
import type { ObjectName } from '../catalog/schemas.ts'
import { columnReference, literal, named, project, scan, values } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { castExplicitly, settle } from '../logical/typing.ts'
import {
  VIEW_DEPTH_MAX,
  type Binder,
  type QueryEnvironment,
  type SystemRelation,
} from './context.ts'

/** A relation that every database has, under the names of its columns. */
export interface BoundSystemRelation {
  readonly schema: string
  readonly name: string
  readonly relation: Relation
  readonly names: readonly string[]
}

/**
 * A relation of pg_catalog or information_schema; undefined for other names. Names without a schema lead to pg_catalog before
 * they lead anywhere else.
 */
export function bindSystemRelation(
  environment: QueryEnvironment,
  { schema = 'pg_catalog', name }: ObjectName,
  table: TableName,
): BoundSystemRelation | undefined {
  const { binder } = environment
  const found = binder.ctx.systemRelation?.(schema, name)
  if (found === undefined) return undefined
  return { ...bindFound(binder, found, table), schema, name }
}

type Bound = Pick<BoundSystemRelation, 'relation' | 'names'>

function bindFound(binder: Binder, found: SystemRelation, table: TableName): Bound {
  const { ctx } = binder
  switch (found.kind) {
    case 'table': {
      const relation = scan(ctx.columnIds, found.entry)
      return { relation, names: relation.columns.map((column) => column.name) }
    }
    case 'rows': {
      const columns = found.columns.map((column) => ({ ...column, id: ctx.columnIds.next() }))
      const rows = found.rows.map((row) =>
        columns.map(({ type }, at) => literal(row[at] ?? null, type)),
      )
      return asDeclared(binder, values(rows, columns), found.columns)
    }
    case 'view':
      return bindSystemView(binder, found, table)
  }
}

/** Rows whose columns are told to clients as PostgreSQL declares them. */
function asDeclared(binder: Binder, relation: Relation, fields: readonly Field[]): Bound {
  const columns = relation.columns.map((column, at) => {
    const field = present(fields[at], 'a column of a view')
    return named(binder.ctx.columnIds, field.name, brought(binder, columnReference(column), field))
  })
  return { relation: project(relation, columns), names: fields.map(({ name }) => name) }
}

function brought(binder: Binder, value: Expression, { type, declared }: Field): Expression {
  const cast = sameType(value.type, type) ? { ...value } : castExplicitly(binder, value, type)
  if (declared !== undefined) binder.declared.set(cast, { name: declared })
  return cast
}

const parsed = new Map<string, Statement>()

/** The query of a view, which is read once. */
function queryOf(text: string): Statement {
  let statement = parsed.get(text)
  if (statement === undefined) {
    statement = present(parseStatements(text)[0], 'the query of a view')
    parsed.set(text, statement)
  }
  return statement
}

/** A view's query is bound without sight of the outer query, its names in pg_catalog. */
function bindSystemView(
  binder: Binder,
  { query, columns }: { readonly query: string; readonly columns: readonly Field[] },
  { span }: TableName,
): Bound {
  const depth = binder.views.length
  if (depth >= VIEW_DEPTH_MAX) {
    throw new QueryError('STATEMENT_TOO_COMPLEX', 'views nested too deeply', { span })
  }
  const statement = queryOf(query)
  if (statement.kind !== 'select') throw new QueryError('INTERNAL_ERROR', 'a view without a query')
  const inner = { binder, parent: undefined, ctes: undefined }
  const draft = finishSteps(binder.query(statement, inner))
  const relation = draft.finish(draft.exprs.map((expr) => settle(binder, expr)))
  return asDeclared(binder, relation, columns)
}
