import { QueryError } from '../../base/errors.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { kindName } from '../../plan/catalog/catalog.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import type { QualifiedName } from '../../sql/ast/expression.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { MemoryTable } from './memory-tables.ts'

/** What a statement does to a table, in the words of its errors. */
export type TargetVerb =
  | 'insert into'
  | 'update'
  | 'delete from'
  | 'merge into'
  | 'truncate'
  | 'copy to'

/** The table whose rows a statement changes. Errors: UNDEFINED_TABLE; WRONG_OBJECT_TYPE for views and files. */
export function targetTable(
  ctx: StatementContext,
  name: QualifiedName,
  verb: TargetVerb,
): MemoryTable {
  const entry = findRelation(ctx.catalog, objectName(name), ctx.searchPath)
  if (entry.kind === 'table' && entry.source.kind === 'memory') return entry as MemoryTable
  const { span } = name
  if (verb !== 'truncate' && kindName(entry) === 'materialized view') {
    const message = `cannot change materialized view "${entry.name}"`
    throw new QueryError('WRONG_OBJECT_TYPE', message, { span })
  }
  const what = entry.kind === 'view' ? 'view' : 'file table'
  if (verb === 'truncate') {
    throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a table`, {
      span,
      found: what,
    })
  }
  throw new QueryError('WRONG_OBJECT_TYPE', `cannot ${verb} ${what} "${entry.name}"`, {
    span,
    hint: 'CREATE TABLE ... AS SELECT makes a table in memory whose rows can be changed.',
  })
}

/** Refuses to change a lasting table in a read-only transaction. Errors: READ_ONLY_TRANSACTION. */
export function refuseChangeIfReadOnly(
  ctx: StatementContext,
  { schema }: MemoryTable,
  command: string,
): void {
  if (schema !== ctx.temporarySchema) ctx.transaction.refuseIfReadOnly(command)
}
