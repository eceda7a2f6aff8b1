import type { Table } from 'apache-arrow'
import { givenText, wrongArgument } from '../base/given.ts'
import { DataFrame } from '../collections/dataframe/dataframe.ts'
import { Engine } from './process/engine.ts'
import { frameAccess } from './frames.ts'
import type { HostParameter } from './results/host-values.ts'
import type { ConnectOptions } from './process/options.ts'
import type { RunOptions } from './results/query.ts'
import type { QueryResult } from './results/result.ts'
import type { RunningQuery } from './process/running-queries.ts'
import { Session } from './session.ts'

/** An embedded Heddle: an engine of its own and a session on it. */
export interface Database {
  /** Runs one statement; `$1`, `$2`, ... take their values from `parameters`. */
  query(
    text: string,
    parameters?: readonly HostParameter[],
    options?: RunOptions,
  ): Promise<QueryResult>
  /** Runs one statement given as a template; every `${value}` becomes a parameter. */
  sql(strings: TemplateStringsArray, ...values: readonly HostParameter[]): Promise<QueryResult>
  /** A dataframe over a table or view. */
  table(name: string): DataFrame<QueryResult>
  /**
   * Makes a table in memory from an Arrow table, or from the bytes of an Arrow IPC stream or file;
   * gives the number of rows.
   */
  load(name: string, data: Table | Uint8Array): number
  /** Another session on the same engine, with its own settings and transaction. */
  session(): Session
  /** The statements that run on the engine now, by every door. */
  queries(): readonly RunningQuery[]
  /** The engine, for opening doors (PostgreSQL wire, HTTP) on it. */
  readonly engine: Engine
  close(): Promise<void>
}

/** Starts an engine in this process. */
export async function connect(options: ConnectOptions = {}): Promise<Database> {
  const engine = await Engine.start(options)
  const session = new Session(engine)
  return {
    engine,
    query: (text, parameters, runOptions) => session.query(text, parameters, runOptions),
    sql: (strings, ...values) => session.query(templateText(strings), values),
    table: (name) => DataFrame.table(frameAccess(session), givenText('name', name)),
    load: (name, data) => session.load(name, data),
    session: () => new Session(engine),
    queries: () => engine.running.list(),
    async close() {
      session.close()
      await engine.close()
    },
  }
}

function templateText(strings: TemplateStringsArray): string {
  if (!Array.isArray(strings)) throw wrongArgument('strings', 'a template', strings)
  return strings.reduce((text, part, index) => `${text}$${index}${part}`)
}
