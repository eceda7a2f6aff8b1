import { LoopWatch } from '../../fuzz/lengths/watch.ts'
import { openHeddle, type BenchEngine } from '../engines.ts'
import { setUp, statements, type LongStatement } from './statements.ts'

/** So long the loop is let alone before and after a statement, so that it is not charged with others' work. */
const QUIET_MS = 50

/** What a statement did to the process that ran it. */
interface Hold {
  /** From its text to its answer. */
  readonly statementMs: number
  /** Processor time of the whole process, threads included. */
  readonly processorMs: number
  /** The longest time for which nothing else had a turn of the event loop. */
  readonly worstMs: number
  /** The longest for which the loop's thread worked in between, which other processes add nothing to. */
  readonly worstProcessorMs: number
  /** How it ended where it did not give rows. */
  readonly error: string
}

/**
 * How long statements hold the event loop of the process that they run in, each beside its time, worst first. Of
 * other processes' load a hold is part: on a busy machine compare several runs.
 */
export async function runLoop(
  threads: readonly number[],
  runs: number,
  only: string,
): Promise<void> {
  for (const count of threads) {
    const chosen = statements.filter(({ name }) => name.includes(only))
    const engine = await openHeddle(count)
    for (const sql of setUp) await engine.run(sql)
    const found: (LongStatement & Hold)[] = []
    for (const statement of chosen) {
      const holds: Hold[] = []
      for (let run = 0; run < runs; run++) holds.push(await holdOf(engine, statement.sql))
      const best = holds.toSorted((a, b) => a.worstProcessorMs - b.worstProcessorMs)[0]!
      found.push({ ...statement, ...best })
      process.stdout.write(`${line({ ...statement, ...best })}\n`)
    }
    await engine.close()
    const worst = found.toSorted((a, b) => b.worstProcessorMs - a.worstProcessorMs).slice(0, 5)
    console.log(
      `t${count}, held longest: ${worst.map(({ name, worstProcessorMs }) => `${name} ${worstProcessorMs.toFixed(0)} ms`).join(', ')}`,
    )
  }
}

function line(hold: LongStatement & Hold): string {
  const { name, statementMs, processorMs, worstMs, worstProcessorMs, error } = hold
  const [worst, all, busy, whole] = [worstMs, statementMs, worstProcessorMs, processorMs].map(
    (ms) => ms.toFixed(0).padStart(6),
  )
  return `${name.padEnd(32)} held ${worst} of ${all} ms; processor time ${busy} of ${whole} ms ${error}`
}

async function holdOf(engine: BenchEngine, sql: string): Promise<Hold> {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  await pause()
  const watch = new LoopWatch()
  await watch.begin()
  const cpu = process.cpuUsage()
  const began = performance.now()
  let error = ''
  try {
    // As from a socket, a turn of its own.
    await new Promise<void>((resolve) => setImmediate(resolve))
    await engine.run(sql)
  } catch (thrown) {
    error = String(thrown).slice(0, 80)
  }
  const statementMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  await pause()
  watch.end()
  const { worstMs, worstProcessorMs } = watch
  const processorMs = (user + system) / 1000
  return { statementMs, processorMs, worstMs, worstProcessorMs, error }
}
