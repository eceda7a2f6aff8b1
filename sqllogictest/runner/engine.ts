import type { TextRows } from './compare.ts'

/** An answer with values in PostgreSQL's text output. */
export interface EngineResult {
  readonly rows: TextRows
}

/** A statement's failure as the engine reports it. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly sqlState: string

  constructor(message: string, sqlState: string) {
    super(message)
    this.sqlState = sqlState
  }
}

/** A fresh, empty database for one file. */
export interface EngineSession {
  /** Throws {@link EngineError} when the statement fails. */
  run(sql: string): Promise<EngineResult>
  close(): Promise<void>
}

export interface SqlEngine {
  /** Names that `skipif` and `onlyif` know it by, in lower case; the first is its own. */
  readonly names: readonly string[]
  open(): Promise<EngineSession>
  close(): Promise<void>
}
