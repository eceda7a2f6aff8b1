import { QueryError } from '../../base/errors.ts'
import type { SavepointStatement } from '../../sql/ast/statement.ts'
import { QueryResult } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** The command as its tag has it, and as it is named where there is no transaction. */
const names = {
  set: ['SAVEPOINT', 'SAVEPOINT'],
  release: ['RELEASE', 'RELEASE SAVEPOINT'],
  rollback: ['ROLLBACK', 'ROLLBACK TO SAVEPOINT'],
} as const

/** SAVEPOINT, RELEASE SAVEPOINT, ROLLBACK TO SAVEPOINT. */
export const savepointEntry: StatementEntry<SavepointStatement> = {
  tag: ({ action }) => names[action][0],
  looks: () => false,
  writes: 'no',
  runsFailed: ({ action }) => action === 'rollback',
  describe: () => noShape,
  run: savepoint,
}

function savepoint({ transaction }: StatementContext, statement: SavepointStatement): QueryResult {
  const { action, name } = statement
  const [tag, shown] = names[action]
  if (!transaction.isExplicit) {
    const message = `${shown} can only be used in transaction blocks`
    throw new QueryError('NO_ACTIVE_TRANSACTION', message)
  }
  if (action === 'set') transaction.setSavepoint(name.text)
  else if (action === 'release') transaction.releaseSavepoint(name.text)
  else transaction.rollbackToSavepoint(name.text)
  return QueryResult.ofCommand(tag)
}
