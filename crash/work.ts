import { QueryError } from '#heddle/base/errors.js'
import type { Engine } from '#heddle/engine/process/engine.js'
import { Session } from '#heddle/engine/session.js'
import type { SessionModel, Step } from './workload.ts'

/** Where a session's work is told of. */
export interface WorkListener {
  /** A transaction has committed, as the engine says. Resolves when that is known elsewhere. */
  acknowledged(session: number, number: number): Promise<void>
  /** Whether an error is one of those that are made to happen: the transaction is tried again. */
  isMade(error: QueryError): boolean
  readonly isOver: () => boolean
}

/** Runs the transactions of one session until it is over. Rejects with what no transaction may give. */
export async function work(
  engine: Engine,
  model: SessionModel,
  listener: WorkListener,
): Promise<void> {
  const session = new Session(engine)
  try {
    let isReady = false
    while (!listener.isOver()) {
      const step = model.next()
      let running = ''
      try {
        if (!isReady) await run(session, (running = 'create temp table mine as select 1 as a'))
        isReady = true
        for (const statement of step.statements) {
          running = statement
          await run(session, statement)
        }
      } catch (error) {
        if (listener.isOver()) return
        const isMade = error instanceof QueryError && listener.isMade(error)
        if (!isMade) {
          const what = `${nameOf(model, step)}, ${running}: ${String(error)}`
          throw new Error(what, { cause: error })
        }
        await run(session, 'rollback')
        continue
      }
      if (listener.isOver()) return
      step.commit()
      await listener.acknowledged(model.session, step.number)
    }
  } finally {
    session.close()
  }
}

function nameOf({ session }: SessionModel, { number }: Step): string {
  return `session ${session}, transaction ${number}`
}

/** Runs a statement whose rows nobody wants. */
export async function run(session: Session, statement: string): Promise<void> {
  const result = await session.query(statement)
  result.release()
}
