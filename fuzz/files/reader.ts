import { createHash } from 'node:crypto'
import { connect } from '#heddle/index.js'
import { QueryError } from '#heddle/base/errors.js'
import type { Answer, Question } from './child.ts'

/** Reads files for the fuzzer, in a process of its own: whatever a file does, it does it here. */
const MEMORY_BYTES = 536_870_912
/** What the process may take besides the engine's memory. */
const OTHER_BYTES_MAX = 1_610_612_736
/** What the engine keeps for itself when it does something for the first time. */
const KEPT_BYTES_MAX = 32_768
const TURNS_MAX = 500

const db = await connect({ threads: 1, memoryBytesMax: MEMORY_BYTES, allowedRoots: ['/'] })

process.on('message', (question: Question) => {
  void answer(question).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ kind: 'ready' } satisfies Answer)

async function answer({ path, withRows }: Question): Promise<Answer> {
  const { heap } = db.engine
  const before = heap.bytesInUse
  const outcome = await read(path, withRows)
  // Threads give back what they used a little later.
  for (let turn = 0; turn < TURNS_MAX && heap.bytesInUse - before > KEPT_BYTES_MAX; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const leaked = heap.bytesInUse - before
  if (leaked > KEPT_BYTES_MAX)
    return { kind: 'fault', what: 'leak', text: `${leaked} bytes stay in use` }
  const { rss } = process.memoryUsage()
  if (rss > MEMORY_BYTES + OTHER_BYTES_MAX) {
    return { kind: 'fault', what: 'memory', text: `the process takes ${rss} bytes` }
  }
  return outcome
}

async function read(path: string, withRows: boolean): Promise<Answer> {
  try {
    const result = await db.query(`select * from '${path}'`)
    const rows = result.texts()
    const digest = createHash('sha1').update(JSON.stringify(rows)).digest('hex')
    const names = result.columns.map(({ name }) => name)
    result.release()
    const missed = await missedRows(path, names, rows)
    if (missed !== undefined) return { kind: 'fault', what: 'rows', text: missed }
    return { kind: 'rows', count: rows.length, digest, ...(withRows && { rows }) }
  } catch (error) {
    if (error instanceof QueryError) {
      return { kind: 'error', sqlState: error.sqlState, text: `${error.code}: ${error.message}` }
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { kind: 'fault', what: 'exception', text }
  }
}

/** Columns of a file that are asked for one of their values. */
const COLUMNS_ASKED = 2

/**
 * A file may have nothing left out by a condition that reading all of it gives: what it says of its row groups and
 * pages is believed there, so a lie that is not noticed shows here.
 */
async function missedRows(
  path: string,
  names: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): Promise<string | undefined> {
  const middle = rows[rows.length >> 1]
  if (middle === undefined) return undefined
  for (let at = 0; at < Math.min(COLUMNS_ASKED, names.length); at++) {
    const column = (rows.length + at) % names.length
    const [name, value] = [names[column] ?? '', middle[column] ?? null]
    if (value === null) continue
    for (const operator of ['=', '>=']) {
      const condition = `"${name.replaceAll('"', '""')}" ${operator} '${value.replaceAll("'", "''")}'`
      const all = await counted(`count(*) filter (where ${condition}), count(*) from '${path}'`)
      // Some types have no such operator, and some columns share a name.
      if (all === undefined) continue
      const some = await counted(`count(*), 0 from '${path}' where ${condition}`)
      if (some !== all) return `${some ?? 'no answer'} rows of ${all} where ${condition}`
    }
  }
  return undefined
}

/** The first number of a query's only row; undefined where it ends in an error. */
async function counted(query: string): Promise<string | undefined> {
  try {
    const result = await db.query(`select ${query}`)
    const count = result.texts()[0]?.[0] ?? undefined
    result.release()
    return count
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}
