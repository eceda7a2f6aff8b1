import * as errors from '../base/errors.ts'
import { keptProgram } from '../cluster/kept-program.ts'
import * as expression from '../collections/dataframe/expression.ts'
import type * as Program from './database.ts'
import type { Database } from './database.ts'
import type { ConnectOptions } from './options.ts'

/** Errors and columns are told by their class, so there must be one of each. */
const shared = { 'heddle:errors': errors, 'heddle:expression': expression }

/**
 * Starts an engine in this process. It is loaded with the first one: importing the package alone
 * takes no time.
 */
export async function connect(options: ConnectOptions = {}): Promise<Database> {
  const kept = keptProgram(import.meta.url, { shared, onlyKept: false })
  const program = (kept as typeof Program | undefined) ?? (await import('./database.ts'))
  return program.connect(options)
}
