import type { Engine } from '../process/engine.ts'
import { Cursors } from './cursors.ts'
import { PlanCache, type SelectPlan } from './plan-cache.ts'
import { PreparedStatements } from './prepared-statements.ts'
import type { QueryShape } from '../results/query.ts'
import type { SessionSettings } from '../settings/settings.ts'
import { settle, type SettledSettings } from '../settings/settled-settings.ts'
import type { TransactionState } from '../transactions/transaction.ts'
import { SessionSequences } from './session-sequences.ts'

/** What statements run in: their session without its conversation. */
export class Surroundings {
  readonly engine: Engine
  readonly settings: SessionSettings
  readonly transaction: TransactionState
  /** The schema of the session's temporary objects, there from the first one on. */
  readonly temporarySchema: string
  /** The plans of its last queries. */
  readonly plans = new PlanCache<SelectPlan>()
  /** What those give and take that a client prepared last. */
  readonly shapes = new PlanCache<QueryShape>()
  /** Its prepared statements that have names. */
  readonly prepared = new PreparedStatements()
  readonly cursors = new Cursors()
  /** What it took of sequences. */
  readonly sequences: SessionSequences
  #lastSettled: SettledSettings | undefined

  constructor(
    engine: Engine,
    settings: SessionSettings,
    transaction: TransactionState,
    temporarySchema: string,
  ) {
    this.engine = engine
    this.settings = settings
    this.transaction = transaction
    this.temporarySchema = temporarySchema
    this.sequences = new SessionSequences((sequence, isSet) => {
      engine.dataFolder?.moved(sequence, isSet)
    })
  }

  /** What the settings come to, found anew when one of them changed. */
  get settled(): SettledSettings {
    if (this.#lastSettled?.version !== this.settings.version) {
      this.#lastSettled = settle(this.settings, this.engine.workers, this.temporarySchema)
    }
    return this.#lastSettled
  }
}
