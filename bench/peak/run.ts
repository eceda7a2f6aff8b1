import { readFileSync, writeFileSync } from 'node:fs'
import { openDuckDb, openHeddle } from '../engines.ts'
import { geometricMean } from '../measure.ts'
import { toldByProcess, type FirstBuild } from '../orders.ts'
import { makePyarrowFiles, tpchFolder, type ParquetSource } from '../tpch/data.ts'
import { queries } from '../tpch/queries.ts'
import { load, openFiles } from '../tpch/run.ts'

const MIB = 1_048_576

export interface PeakOptions {
  readonly scale: number
  /** Where the tables are: in the engine's memory, or in Parquet files made so. */
  readonly source: 'memory' | ParquetSource
  readonly queries: readonly number[]
  readonly threads: number
}

/** What a process took of memory, in bytes that were resident. */
export interface Peak {
  /** With the engine open and nothing in it. */
  readonly idle: number
  /** With the tables there. */
  readonly loaded: number
  /** The most while the query ran. */
  readonly peak: number
}

/**
 * The most memory that TPC-H's queries take above what a process takes that does nothing, each engine and each query
 * in a process of its own: neither gives all back to the system, so what ran before would count. Prints the figures
 * and throws where the system does not tell a process's peak (Linux does).
 */
export async function runPeaks(options: PeakOptions): Promise<void> {
  const folder = await tpchFolder(options.scale)
  if (options.source === 'pyarrow') makePyarrowFiles(folder)
  const ratios: number[] = []
  console.log(
    'query  heddle idle, loaded, peak MiB  duckdb idle, loaded, peak MiB  above idle  above loaded',
  )
  for (const number of options.queries) {
    const chosen = ['--queries', String(number)]
    const ours = await toldByProcess<Peak>('ours', chosen)
    const theirs = await toldByProcess<Peak>('theirs', chosen)
    const aboveIdle = (ours.peak - ours.idle) / (theirs.peak - theirs.idle)
    const aboveLoaded = (ours.peak - ours.loaded) / (theirs.peak - theirs.loaded)
    ratios.push(aboveIdle)
    const cells = [mebibytes(ours), mebibytes(theirs), aboveIdle.toFixed(2), aboveLoaded.toFixed(2)]
    console.log([`q${number}`, ...cells].join('  '))
  }
  const worst = Math.max(...ratios)
  console.log(
    `geomean ratio t${options.threads}=${geometricMean(ratios).toFixed(3)} worst=${worst.toFixed(3)}`,
  )
}

const mebibytes = ({ idle, loaded, peak }: Peak): string =>
  [idle, loaded, peak].map((bytes) => String(Math.round(bytes / MIB)).padStart(5)).join(' ')

/** In a process of its own: one query in one engine. */
export async function tellPeak(options: PeakOptions, first: FirstBuild): Promise<Peak> {
  const folder = await tpchFolder(options.scale)
  const { threads, source } = options
  const engine = first === 'ours' ? await openHeddle(threads) : await openDuckDb(threads)
  await engine.run('select 1')
  const idle = process.memoryUsage.rss()
  if (source === 'memory') await load(engine, folder)
  else await openFiles(engine, folder, source)
  const loaded = process.memoryUsage.rss()
  forgetPeak()
  await engine.run(queries[options.queries[0]!]!)
  const peak = peakResidentBytes()
  await engine.close()
  return { idle, loaded, peak }
}

/** What is resident now is the most that ever was (proc(5), clear_refs). */
function forgetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5')
}

function peakResidentBytes(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if (kib === undefined)
    throw new Error('this system does not tell how much memory a process took at most')
  return Number(kib) * 1024
}
