import { parseArgs } from 'node:util'
import { runAll } from './all/run.ts'
import { runAggregates } from './aggregates/run.ts'
import type { Rival } from './builds.ts'
import { runChanges } from './changes/run.ts'
import { runCold } from './cold/run.ts'
import { runConcurrent } from './concurrent/run.ts'
import { runFiles } from './files/run.ts'
import { runFirstRuns, tellFirstRuns } from './first-run/run.ts'
import { runFresh } from './fresh/run.ts'
import { runFunctions } from './functions/run.ts'
import { runGrouping } from './grouping/run.ts'
import { runH2o } from './h2o/run.ts'
import { runHive } from './hive/run.ts'
import { runJavascript } from './javascript/run.ts'
import { runLatency } from './latency/run.ts'
import { runLists } from './lists/run.ts'
import { runLoop } from './loop/run.ts'
import { runModels } from './models/run.ts'
import { runOperators } from './operators/run.ts'
import { compareInBothOrders, loadRival, type FirstBuild } from './orders.ts'
import { runPeaks, tellPeak, type PeakOptions } from './peak/run.ts'
import { runPoints } from './points/run.ts'
import { runRanges } from './ranges/run.ts'
import { printReport, type Line } from './report.ts'
import { runRows } from './rows/run.ts'
import { runScans } from './scans/run.ts'
import { runSeries } from './series/run.ts'
import { runFuturesBench } from './scheduler/futures.ts'
import { runSchedulerBench } from './scheduler/run.ts'
import { runSorts } from './sorts/run.ts'
import { runSpill } from './spill/run.ts'
import { runLargeTable } from './tiers/large-table.ts'
import { runTiers } from './tiers/run.ts'
import { runTpcds } from './tpcds/run.ts'
import { queries } from './tpch/queries.ts'
import { runTpch } from './tpch/run.ts'
import { runWindows } from './windows/run.ts'

/** Rounds of each process in which two builds are compared, unless --runs says otherwise. */
const AGAINST_ROUNDS = 15

const usage = `usage: npm run bench -- <suite> [options]
  tpch     [--sf 1] [--source memory] [--queries 1,2,...] [--threads 1,2] [--runs 9]  all 22; or from
                                                                         snappy, zstd, pyarrow (Parquet);
                                                                         --cold: nothing kept of them
  peak     [--sf 1] [--source memory] [--queries 1,2,...] [--threads 1]  as tpch: memory, once a process
  tpcds    [--sf 1] [--queries 1,2,...] [--threads 1,2] [--runs 3]       as tpch; all 99
  files    [--sf 1] [--threads 1,2] [--runs 9]                           straight from files
  scans    [--sf 1] [--threads 1,2] [--runs 5] [--only NAME]             CSV and JSON that is sniffed
  hive     [--threads 1,2] [--runs 9]                                    500 small files in folders
  first-run [--sf 1] [--threads 1,2] [--runs 3]                          TPC-H and TPC-DS, once a process
  h2o      [--rows 10000000] [--threads 1,2] [--runs 3]                  questions of h2o.ai's benchmark
  sorts    [--rows 5000000] [--threads 1,2] [--runs 3] [--only NAME]     ORDER BY
  ranges   [--rows 1000000] [--threads 1,2] [--runs 3]                   joins on ranges
  points   [--rows 1000000] [--statements 2000] [--runs 5]               prepared lookups by a key
  concurrent [--rows 1000000] [--threads 1,2] [--runs 5]                 eight sessions at once
  latency  [--runs 2000]                                                 smallest queries
  fresh    [--statements 2000] [--seed 1] [--corpus FOLDER]              statements never seen before
  rows     [--statements 200] [--seed 1]                                 the same over few and many rows
  javascript [--rows 1000000] [--runs 5]                                 all rows of a query as JavaScript
  lists    [--runs 9]                                                    IN over many constants
  cold     [--runs 15]                                                   from the start of a process
  windows  [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]     window functions
  aggregates [--rows 100000] [--threads 1,2] [--runs 5] [--only NAME]    every aggregate
  functions [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]    scalar functions
  operators [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]    joins, sorts, groups, windows, ...
  changes  [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]     INSERT, UPDATE, DELETE, MERGE
  series   [--threads 1,2] [--runs 9]                                    generate_series
  grouping [--rows 1000000] [--threads 1,2] [--runs 5]                   GROUPING SETS
  loop     [--threads 1,2] [--runs 1] [--only NAME]                      how long the event loop is held
  spill    [--memory 128] [--threads 2] [--runs 1] [--only NAME]         rows of four times the memory
  tiers    [--memory 128] [--threads 1,2] [--runs 3] [--only NAME]       tables of up to four times the memory
  large-table [--memory 128] [--table 512] [--threads 1,2]               one table, and what is resident; no peer
  scheduler [--tasks 100000] [--runs 9]                                  the scheduler's machine, and calls of functions; no peer
  models   [--rows 1000000] [--features 20] [--threads 1,2] [--runs 5]   CREATE MODEL; no peer
  all      [--report bench/report] [--only SUITE,...]                    all that have a peer, and a page
Every other suite runs Heddle and DuckDB in turn and checks that their answers agree (--vs duckdb).
With --against COMMIT the peer is Heddle as it was then, in processes that load the two in either
order; a case is slower when the median of its ratios (the geometric mean over processes) is above
1.03 and 1 lies outside of their 95 % interval, and the exit status tells.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sf: { type: 'string', default: '1' },
    source: { type: 'string', default: 'memory' },
    cold: { type: 'boolean', default: false },
    queries: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    rows: { type: 'string' },
    only: { type: 'string', default: '' },
    memory: { type: 'string', default: '128' },
    table: { type: 'string', default: '512' },
    features: { type: 'string', default: '20' },
    statements: { type: 'string' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string', default: 'bench/data/sqlite/random/select' },
    runs: { type: 'string' },
    tasks: { type: 'string', default: '100000' },
    against: { type: 'string' },
    report: { type: 'string', default: 'bench/report' },
    // Of the processes that --against starts.
    first: { type: 'string' },
    vs: { type: 'string', default: 'duckdb' },
  },
})

const threads = values.threads.split(',').map(Number)
const scale = Number(values.sf)
const rows = (usual: number): number => Number(values.rows ?? usual)
const runs = (usual: number): number =>
  Number(values.runs ?? (values.against === undefined ? usual : AGAINST_ROUNDS))

/** The numbers that --queries names. */
const chosenQueries = (): readonly number[] | undefined => values.queries?.split(',').map(Number)

const sources = ['memory', 'snappy', 'zstd', 'pyarrow'] as const

/** Where --source says that TPC-H's tables are, and which queries are asked. */
function tpchOptions(): Pick<PeakOptions, 'scale' | 'source' | 'queries'> {
  const source = sources.find((known) => known === values.source)
  if (source === undefined) throw new Error(`no source ${values.source}: ${sources.join(', ')}`)
  return { scale, source, queries: chosenQueries() ?? Object.keys(queries).map(Number) }
}

/** The suites that have a peer. */
const suites: Readonly<Record<string, (against?: Rival) => Promise<readonly Line[]>>> = {
  tpch: (against) =>
    runTpch({ ...tpchOptions(), isCold: values.cold, threads, runs: runs(9), against }),
  tpcds: (against) =>
    runTpcds({ scale, queries: chosenQueries(), threads, runs: runs(3), against }),
  scans: (against) => runScans(scale, threads, runs(5), values.only, against),
  hive: (against) => runHive(threads, runs(9), against),
  h2o: (against) => runH2o(rows(10_000_000), threads, runs(3), against),
  sorts: (against) => runSorts(rows(5_000_000), threads, runs(3), against, values.only),
  ranges: (against) => runRanges(rows(1_000_000), threads, runs(3), against),
  points: (against) =>
    runPoints(rows(1_000_000), Number(values.statements ?? 2_000), runs(5), against),
  concurrent: (against) => runConcurrent(rows(1_000_000), threads, runs(5), against),
  files: (against) => runFiles({ scale, threads, runs: runs(9), against }),
  latency: (against) => runLatency(Number(values.runs ?? 2_000), against),
  fresh: (against) => {
    const [statements, seed] = [Number(values.statements ?? 2_000), Number(values.seed)]
    return runFresh({ folder: values.corpus, statements, seed, against })
  },
  rows: (against) => runRows(Number(values.statements ?? 200), Number(values.seed), against),
  javascript: (against) => runJavascript({ rows: rows(1_000_000), runs: runs(5), against }),
  lists: (against) => runLists(runs(9), against),
  windows: (against) => runWindows(rows(1_000_000), threads, runs(5), against, values.only),
  aggregates: (against) =>
    runAggregates({ rows: rows(100_000), threads, runs: runs(5), only: values.only, against }),
  functions: (against) =>
    runFunctions({ rows: rows(1_000_000), threads, runs: runs(5), only: values.only, against }),
  operators: (against) =>
    runOperators({ rows: rows(1_000_000), threads, runs: runs(5), only: values.only, against }),
  changes: (against) =>
    runChanges({ rows: rows(1_000_000), threads, runs: runs(5), only: values.only, against }),
  series: (against) => runSeries(threads, runs(9), against),
  grouping: (against) => runGrouping(rows(1_000_000), threads, runs(5), against),
  cold: (against) => runCold(Number(values.runs ?? 15), against),
}

const [name = ''] = positionals
const suite = suites[name]
/** Prints what was measured, and hands it to who started this process. */
function tell(lines: readonly Line[]): void {
  printReport(lines, 'heddle', 'duckdb')
  process.send?.(lines)
}

if (name === 'all') {
  await runAll(values.report, values.only)
} else if (name === 'models') {
  const [count, features] = [rows(1_000_000), Number(values.features)]
  await runModels({ rows: count, features, threads, runs: Number(values.runs ?? 5) })
} else if (name === 'scheduler') {
  const runs = Number(values.runs ?? 9)
  runSchedulerBench({ tasks: Number(values.tasks), runs })
  await runFuturesBench(runs)
} else if (name === 'first-run') {
  const options = { scale, threads, runs: Number(values.runs ?? 3) }
  if (values.first === undefined) tell(await runFirstRuns(options))
  else process.send?.(await tellFirstRuns(options, values.first))
} else if (name === 'peak') {
  const options = { ...tpchOptions(), threads: threads[0] ?? 1 }
  if (values.first === undefined) await runPeaks(options)
  else process.send?.(await tellPeak(options, values.first as FirstBuild))
} else if (name === 'spill') {
  const memoryMib = Number(values.memory)
  const options = { memoryMib, threads, runs: Number(values.runs ?? 1), only: values.only }
  tell(await runSpill(options))
} else if (name === 'tiers') {
  const memoryMib = Number(values.memory)
  const options = { memoryMib, threads, runs: Number(values.runs ?? 3), only: values.only }
  tell(await runTiers(options))
} else if (name === 'large-table') {
  const [memoryMib, tableMib] = [Number(values.memory), Number(values.table)]
  await runLargeTable({ memoryMib, tableMib, threads: threads.at(-1) ?? 1 })
} else if (name === 'loop') {
  await runLoop(threads, Number(values.runs ?? 1), values.only)
} else if (suite === undefined) {
  console.error(usage)
  process.exitCode = 2
} else if (values.against === undefined) {
  tell(await suite())
} else if (values.first === undefined) {
  await compareInBothOrders(values.against)
} else {
  const lines = await suite(await loadRival(values.against, values.first as FirstBuild))
  process.send?.(lines)
}
