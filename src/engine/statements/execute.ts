import type { Statement } from '../../sql/ast/statement.ts'
import type { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { entryOf } from './table.ts'

/** Runs one statement. */
export async function executeStatement(
  ctx: StatementContext,
  statement: Statement,
): Promise<QueryResult> {
  const entry = entryOf(statement)
  if (entry.writes === 'yes') ctx.transaction.refuseIfReadOnly(entry.tag(statement))
  if (entry.looks(statement)) ctx.transaction.noteQuery()
  return entry.run(ctx, statement)
}
