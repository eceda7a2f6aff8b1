import { openPair, type BenchEngine } from '../engines.ts'
import { summarize } from '../measure.ts'
import { toldByProcess } from '../orders.ts'
import type { Line } from '../report.ts'
import { tpcdsData } from '../tpcds/data.ts'
import { load as loadTpcds } from '../tpcds/run.ts'
import { queries as tpchQueries } from '../tpch/queries.ts'
import { load as loadTpch } from '../tpch/run.ts'
import { tpchFolder } from '../tpch/data.ts'

export interface FirstRunOptions {
  readonly scale: number
  readonly threads: readonly number[]
  /** Processes, each of which runs every query once in each engine. */
  readonly runs: number
}

/** A query's milliseconds in one process. */
interface Told {
  readonly name: string
  readonly threads: number
  readonly ours: number
  readonly theirs: number
}

/**
 * The first run of every query of TPC-H and TPC-DS over tables in memory: planning and compiling counts.
 * Each run is a process of its own; of two processes one begins with the peer.
 */
export async function runFirstRuns(options: FirstRunOptions): Promise<readonly Line[]> {
  const told = new Map<string, Told[]>()
  for (let run = 0; run < options.runs; run++) {
    for (const one of await toldByProcess<readonly Told[]>(run % 2 === 0 ? 'ours' : 'theirs')) {
      const key = `${one.name} t${one.threads}`
      told.set(key, [...(told.get(key) ?? []), one])
    }
  }
  return [...told.values()].map((times) => ({
    name: times[0]!.name,
    threads: times[0]!.threads,
    ours: summarize(times.map(({ ours }) => ours)),
    theirs: summarize(times.map(({ theirs }) => theirs)),
  }))
}

/** In a process of its own: every query once in each engine. */
export async function tellFirstRuns(
  { scale, threads }: FirstRunOptions,
  first: string,
): Promise<readonly Told[]> {
  const told: Told[] = []
  const folder = await tpchFolder(scale)
  const tpcds = tpcdsData(scale)
  for (const count of threads) {
    const tpch = Object.entries(tpchQueries).map(([at, sql]) => [`tpch q${at}`, sql] as const)
    told.push(...(await firstRuns(tpch, count, first, (engine) => loadTpch(engine, folder))))
    const texts = [...tpcds.queries].map(([at, sql]) => [`tpcds q${at}`, sql] as const)
    told.push(...(await firstRuns(texts, count, first, (engine) => loadTpcds(engine, tpcds))))
  }
  return told
}

async function firstRuns(
  queries: readonly (readonly [name: string, sql: string])[],
  threads: number,
  first: string,
  load: (engine: BenchEngine) => Promise<void>,
): Promise<readonly Told[]> {
  const engines = await openPair(threads, undefined)
  for (const engine of engines) await load(engine)
  const told: Told[] = []
  for (const [at, [name, sql]] of queries.entries()) {
    const [ours, theirs] = engines
    const isOursFirst = (at % 2 === 0) === (first === 'ours')
    const early = await milliseconds(isOursFirst ? ours : theirs, sql)
    const late = await milliseconds(isOursFirst ? theirs : ours, sql)
    const [oursMs, theirsMs] = isOursFirst ? [early, late] : [late, early]
    told.push({ name, threads, ours: oursMs, theirs: theirsMs })
  }
  for (const engine of engines) await engine.close()
  return told
}

async function milliseconds(engine: BenchEngine, sql: string): Promise<number> {
  const started = performance.now()
  await engine.run(sql)
  return performance.now() - started
}
