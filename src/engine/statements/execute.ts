import type { Statement } from '../../sql/ast/statement.ts'
import type { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { StatementShape } from './entry.ts'
import { entryOf } from './table.ts'
import { changesInWith, describeWithChanges, runWithChanges } from './with-changes.ts'

/** Runs one statement. */
export async function executeStatement(
  ctx: StatementContext,
  statement: Statement,
): Promise<QueryResult> {
  const entry = entryOf(statement)
  if (entry.writes === 'yes') ctx.transaction.refuseIfReadOnly(entry.tag(statement))
  if (entry.looks(statement)) ctx.transaction.noteQuery()
  const changing = changesInWith(statement)
  if (changing !== undefined) return runWithChanges(ctx, changing, entryOf)
  return entry.run(ctx, statement)
}

/** What a statement gives and takes, without running it. Errors: those of binding it. */
export async function describeStatement(
  ctx: StatementContext,
  statement: Statement,
): Promise<StatementShape> {
  const changing = changesInWith(statement)
  if (changing !== undefined) return describeWithChanges(ctx, changing, entryOf)
  return entryOf(statement).describe(ctx, statement)
}
