import * as errors from '../base/errors.ts'
import { isRecord } from '../base/given.ts'
import { keptProgram } from '../cluster/host/kept-program.ts'
import * as aggregate from '../collections/dataframe/aggregate.ts'
import * as expression from '../collections/dataframe/expression.ts'
import * as window from '../collections/dataframe/window.ts'
import type * as Program from './database.ts'
import type { Database } from './database.ts'
import type { ConnectOptions } from './process/options.ts'

/** Errors and what dataframes are given are told by their class, so there must be one of each. */
const shared = {
  'heddle:errors': errors,
  'heddle:expression': expression,
  'heddle:aggregate': aggregate,
  'heddle:window': window,
}

/**
 * Starts an engine in this process. It is loaded with the first one: importing the package alone
 * takes no time.
 */
export async function connect(options: ConnectOptions = {}): Promise<Database> {
  const program = programFor(options) ?? (await import('./database.ts'))
  return program.connect(options)
}

/** The program whose code is kept; it knows no worker processes. */
function programFor(options: ConnectOptions): typeof Program | undefined {
  if (isRecord(options) && options.cluster !== undefined) return undefined
  const kept = keptProgram(import.meta.url, { shared, onlyKept: false })
  return kept as typeof Program | undefined
}
