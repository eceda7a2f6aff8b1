import { connect, type Database } from '#heddle/index.js'
import { lengthKinds, setUp } from './kinds.ts'
import { LoopWatch } from './watch.ts'

/** What one statement took. */
export interface LengthCost {
  readonly size: number
  /** Processor time of the process, threads included. */
  readonly processorMs: number
  /** The longest for which the loop's thread worked without giving it to others. */
  readonly heldMs: number
  readonly grownBytes: number
  /** The SQLSTATE; empty for rows. */
  readonly state: string
  readonly message: string
}

/** What the child says: the cost of a size, or how long it worked on once a statement was cancelled. */
export type LengthReport =
  | { readonly kind: 'cost'; readonly cost: LengthCost }
  | { readonly kind: 'late'; readonly processorMs: number }

/** A statement that is to be cancelled has to last so long. */
const CANCELLED_MS_MIN = 60
const QUIET_MS = 20

const [name, ...sizes] = process.argv.slice(2)
const kind = lengthKinds().find((one) => one.name === name)
if (kind !== undefined && process.send !== undefined) await measure(sizes.map(Number))
process.disconnect?.()

async function measure(given: readonly number[]): Promise<void> {
  const db = await connect({ threads: 1 })
  for (const sql of setUp) await db.query(sql)
  await db.query('select count(*) from t where a > 1')
  let [lastMs, lastSize] = [0, 0]
  for (const size of given) {
    const began = performance.now()
    const cost = await costOf(db, size)
    ;[lastMs, lastSize] = [performance.now() - began - 3 * QUIET_MS, size]
    report({ kind: 'cost', cost })
  }
  if (lastMs >= CANCELLED_MS_MIN) await cancel(db, lastSize, Math.ceil(lastMs / 3))
  await db.close()
}

/** Cancels a statement in the middle, and tells what processor time it takes until it has ended. */
async function cancel(db: Database, size: number, afterMs: number): Promise<void> {
  const controller = new AbortController()
  let cpu = process.cpuUsage()
  setTimeout(() => {
    cpu = process.cpuUsage()
    controller.abort()
  }, afterMs)
  await ended(db, textOf(size), controller.signal)
  const { user, system } = process.cpuUsage(cpu)
  if (controller.signal.aborted) report({ kind: 'late', processorMs: (user + system) / 1000 })
}

/** A statement in one piece, as it comes from a socket: joined texts are put together when they are first read. */
function textOf(size: number): string {
  return Buffer.from(kind!.sql(size)).toString()
}

async function costOf(db: Database, size: number): Promise<LengthCost> {
  const sql = textOf(size)
  await quiet()
  const watch = new LoopWatch()
  await watch.begin()
  const [memory, cpu] = [process.memoryUsage().rss, process.cpuUsage()]
  const { state, message } = await ended(db, sql)
  const { user, system } = process.cpuUsage(cpu)
  const grownBytes = process.memoryUsage().rss - memory
  await quiet()
  watch.end()
  const heldMs = watch.worstProcessorMs
  return { size, processorMs: (user + system) / 1000, heldMs, grownBytes, state, message }
}

async function ended(
  db: Database,
  sql: string,
  signal?: AbortSignal,
): Promise<{ readonly state: string; readonly message: string }> {
  try {
    // As from a socket, a turn of its own.
    await new Promise<void>((resolve) => setImmediate(resolve))
    await db.query(sql, [], signal && { signal })
    return { state: '', message: '' }
  } catch (error) {
    const { sqlState = 'none' } = error as { readonly sqlState?: string }
    return { state: sqlState, message: String(error).slice(0, 100) }
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS))
}

function report(said: LengthReport): void {
  process.send!(said)
}
