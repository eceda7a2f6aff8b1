import type { CheckpointStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'

/** CHECKPOINT */
export function parseCheckpoint(cursor: TokenCursor): CheckpointStatement {
  const { start } = cursor.expect('checkpoint')
  return { kind: 'checkpoint', span: cursor.spanFrom(start) }
}
