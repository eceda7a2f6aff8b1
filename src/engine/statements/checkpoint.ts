import type { CheckpointStatement } from '../../sql/ast/statement.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult } from '../results/result.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CHECKPOINT; of tables that are in memory only there is nothing to write. */
export const checkpointEntry: StatementEntry<CheckpointStatement> = {
  tag: () => 'CHECKPOINT',
  looks: () => false,
  writes: 'no',
  describe: () => noShape,
  run: checkpoint,
}

async function checkpoint({ engine }: StatementContext): Promise<QueryResult> {
  await engine.dataFolder?.checkpoint()
  return QueryResult.ofCommand('CHECKPOINT')
}
