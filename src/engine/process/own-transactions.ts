import { QueryError } from '../../base/errors.ts'
import { isWorkingMemoryFull } from '../../data/arenas/heap.ts'
import type { Engine } from './engine.ts'
import type { ChangeTurn } from './overtaken-statements.ts'

/** How often a statement is run that others overtake again and again. */
const TRIES_MAX = 100
/** And one that others left no memory for. */
const TRIES_FOR_ROOM_MAX = 5

/** A statement that is a transaction of its own. */
export interface OwnTransaction<T> {
  /** What tells apart the tables that statements change; undefined where it changes none. */
  readonly table: string | undefined
  run(): Promise<T>
  /** Waits for a turn to change the table. */
  turn(table: string): Promise<ChangeTurn>
}

/**
 * Runs a statement until nobody overtakes it, and one that changes a table and that others left no memory for, for a while:
 * see {@link OvertakenStatements}. Errors: those of the statement.
 */
export async function runAlone<T>(
  engine: Pick<Engine, 'overtaken' | 'running'>,
  { table, run, turn: wait }: OwnTransaction<T>,
): Promise<T> {
  let turn: ChangeTurn | undefined
  try {
    for (let tries = 1; ; tries++) {
      const mustWait = table !== undefined && (tries > 1 || engine.overtaken.isHeld(table))
      if (mustWait && turn === undefined) turn = await wait(table)
      else if (tries > 2) turn?.hold()
      try {
        return await run()
      } catch (error) {
        if (tries >= triesMax(engine, error, table)) throw error
      }
    }
  } finally {
    turn?.end()
  }
}

/** How often a statement is run that failed like this. */
function triesMax(
  { running }: Pick<Engine, 'running'>,
  error: unknown,
  table: string | undefined,
): number {
  if (error instanceof QueryError && error.code === 'SERIALIZATION_FAILURE') return TRIES_MAX
  // In its turn it has memory that others have now.
  const isForOthers = isWorkingMemoryFull(error) && running.count > 1
  return isForOthers && table !== undefined ? TRIES_FOR_ROOM_MAX : 1
}
