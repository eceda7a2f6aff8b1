import { mkdtempSync, rmSync } from 'node:fs'
import { register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Chooser } from '../fuzz/chooser.ts'
import type { KilledReport } from './killed-writer.ts'
import type { WriterOptions } from './messages.ts'
import { mutantHook, mutants } from './mutants.ts'

const SESSIONS = 4
/** A folder is left for a new one after so many crashes. */
const CRASHES_MAX = 12

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** kill: kill -9 of a process; power: a disk that forgets what was not synced; both in turns. */
    way: { type: 'string', default: 'both' },
    crashes: { type: 'string' },
    mutant: { type: 'string' },
  },
})

/** One way to end abruptly. */
type Crash = (options: WriterOptions, chooser: Chooser) => Promise<KilledReport>

process.exitCode = await main()

/** Crashes again and again, and tells whether what was acknowledged is there each time. */
async function main(): Promise<number> {
  const mutant = mutants.find(({ name }) => name === values.mutant)
  if (mutant !== undefined)
    register(`data:text/javascript,${encodeURIComponent(mutantHook(mutant))}`)
  const ways = await crashesOf(values.way)
  const endMs = performance.now() + Number(values.minutes) * 60_000
  const crashesMax = Number(values.crashes ?? Infinity)
  const totals = { crashes: 0, transactions: 0, rows: 0, folders: 0 }
  console.log(`crash: seed ${values.seed}, ${SESSIONS} sessions`)
  for (let seed = Number(values.seed); ; seed++) {
    const chooser = new Chooser(seed)
    const way = ways[totals.folders++ % ways.length]!
    const faults = await live(seed, chooser, way, totals, () => {
      return performance.now() < endMs && totals.crashes < crashesMax
    })
    for (const fault of faults) console.log(`seed ${seed}: ${fault}`)
    if (faults.length > 0) return 1
    if (performance.now() >= endMs || totals.crashes >= crashesMax) break
  }
  const { crashes, transactions, rows, folders } = totals
  console.log(`${crashes} crashes of ${folders} folders, ${transactions} transactions acknowledged`)
  console.log(`${rows} rows compared: 0 lost, 0 uncommitted seen`)
  return 0
}

/** One folder from its first transaction on; what is wrong with it. */
async function live(
  seed: number,
  chooser: Chooser,
  crash: Crash,
  totals: { crashes: number; transactions: number; rows: number },
  goesOn: () => boolean,
): Promise<readonly string[]> {
  const path = mkdtempSync(join(tmpdir(), 'heddle-crash-'))
  let acknowledged: readonly number[] = Array.from({ length: SESSIONS }, () => 0)
  try {
    for (let crashes = 0; crashes < CRASHES_MAX && goesOn(); crashes++) {
      const checkpointBytes = chooser.pick([20_000, 300_000, 5_000_000])
      const report = await crash({ path, seed, acknowledged, checkpointBytes }, chooser).catch(
        (error: unknown): KilledReport => ({
          acknowledged,
          faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
          rows: 0,
        }),
      )
      if (report.faults.length > 0) return report.faults
      totals.crashes++
      totals.rows += report.rows
      totals.transactions += sum(report.acknowledged) - sum(acknowledged)
      acknowledged = report.acknowledged
    }
    return []
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

/** Loaded when a mutant is in its place. */
async function crashesOf(way: string): Promise<readonly Crash[]> {
  const { runKilled } = await import('./killed-writer.ts')
  const { runToPowerCut } = await import('./power-cut.ts')
  if (way === 'kill') return [runKilled]
  if (way === 'power') return [runToPowerCut]
  return [runKilled, runToPowerCut]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
