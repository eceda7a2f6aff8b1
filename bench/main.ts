import { parseArgs } from 'node:util'
import { runAggregates } from './aggregates/run.ts'
import type { Rival } from './builds.ts'
import { runCold } from './cold/run.ts'
import { runFiles } from './files/run.ts'
import { runFresh } from './fresh/run.ts'
import { runFunctions } from './functions/run.ts'
import { runGrouping } from './grouping/run.ts'
import { runJavascript } from './javascript/run.ts'
import { runLatency } from './latency/run.ts'
import { runLists } from './lists/run.ts'
import { runLoop } from './loop/run.ts'
import { runModels } from './models/run.ts'
import { runOperators } from './operators/run.ts'
import { compareInBothOrders, loadRival, type FirstBuild } from './orders.ts'
import { printReport, type Line } from './report.ts'
import { runRows } from './rows/run.ts'
import { runSeries } from './series/run.ts'
import { runTpcds } from './tpcds/run.ts'
import { queries } from './tpch/queries.ts'
import { runTpch } from './tpch/run.ts'
import { runWindows } from './windows/run.ts'

/** Rounds of each process in which two builds are compared, unless --runs says otherwise. */
const AGAINST_ROUNDS = 15

const usage = `usage: npm run bench -- <suite> [options]
  tpch     [--sf 1] [--queries 1,2,...] [--threads 1,2] [--runs 9]       tables in memory; all 22
  tpcds    [--sf 1] [--queries 1,2,...] [--threads 1,2] [--runs 3]       as tpch; all 99
  files    [--sf 1] [--threads 1,2] [--runs 9]                           straight from files
  latency  [--runs 2000]                                                 smallest queries
  fresh    [--statements 2000] [--seed 1] [--corpus FOLDER]              statements never seen before
  rows     [--statements 200] [--seed 1]                                 the same over few and many rows
  javascript [--rows 1000000] [--runs 5]                                 all rows of a query as JavaScript
  lists    [--runs 9]                                                    IN over many constants
  cold     [--runs 15]                                                   from the start of a process
  windows  [--rows 1000000] [--threads 1,2] [--runs 5]                   window functions
  aggregates [--rows 100000] [--threads 1,2] [--runs 5] [--only NAME]    every aggregate
  functions [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]    scalar functions
  operators [--rows 1000000] [--threads 1,2] [--runs 5] [--only NAME]    joins, sorts, groups, windows, ...
  series   [--threads 1,2] [--runs 9]                                    generate_series
  grouping [--rows 1000000] [--threads 1,2] [--runs 5]                   GROUPING SETS
  loop     [--threads 1,2] [--runs 1] [--only NAME]                      how long the event loop is held
  models   [--rows 1000000] [--features 20] [--threads 1,2] [--runs 5]   CREATE MODEL; no peer
Every other suite runs Heddle and DuckDB in turn and checks that their answers agree (--vs duckdb).
With --against COMMIT the peer is Heddle as it was then, in processes that load the two in either
order; a case is slower when the median of its ratios (the geometric mean over processes) is above
1.03 and 1 lies outside of their 95 % interval, and the exit status tells.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sf: { type: 'string', default: '1' },
    queries: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    rows: { type: 'string' },
    only: { type: 'string', default: '' },
    features: { type: 'string', default: '20' },
    statements: { type: 'string' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string', default: 'bench/data/sqlite/random/select' },
    runs: { type: 'string' },
    against: { type: 'string' },
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

/** The suites that have a peer. */
const suites: Readonly<Record<string, (against?: Rival) => Promise<readonly Line[]>>> = {
  tpch: (against) => {
    const numbers = chosenQueries() ?? Object.keys(queries).map(Number)
    return runTpch({ scale, queries: numbers, threads, runs: runs(9), against })
  },
  tpcds: (against) =>
    runTpcds({ scale, queries: chosenQueries(), threads, runs: runs(3), against }),
  files: (against) => runFiles({ scale, threads, runs: runs(9), against }),
  latency: (against) => runLatency(Number(values.runs ?? 2_000), against),
  fresh: (against) => {
    const [statements, seed] = [Number(values.statements ?? 2_000), Number(values.seed)]
    return runFresh({ folder: values.corpus, statements, seed, against })
  },
  rows: (against) => runRows(Number(values.statements ?? 200), Number(values.seed), against),
  javascript: (against) => runJavascript({ rows: rows(1_000_000), runs: runs(5), against }),
  lists: (against) => runLists(runs(9), against),
  windows: (against) => runWindows(rows(1_000_000), threads, runs(5), against),
  aggregates: (against) =>
    runAggregates({ rows: rows(100_000), threads, runs: runs(5), only: values.only, against }),
  functions: (against) =>
    runFunctions({ rows: rows(1_000_000), threads, runs: runs(5), only: values.only, against }),
  operators: (against) =>
    runOperators({ rows: rows(1_000_000), threads, runs: runs(5), only: values.only, against }),
  series: (against) => runSeries(threads, runs(9), against),
  grouping: (against) => runGrouping(rows(1_000_000), threads, runs(5), against),
  cold: (against) => runCold(Number(values.runs ?? 15), against),
}

const [name = ''] = positionals
const suite = suites[name]
if (name === 'models') {
  const [count, features] = [rows(1_000_000), Number(values.features)]
  await runModels({ rows: count, features, threads, runs: Number(values.runs ?? 5) })
} else if (name === 'loop') {
  await runLoop(threads, Number(values.runs ?? 1), values.only)
} else if (suite === undefined) {
  console.error(usage)
  process.exitCode = 2
} else if (values.against === undefined) {
  printReport(await suite(), 'heddle', 'duckdb')
} else if (values.first === undefined) {
  await compareInBothOrders(values.against)
} else {
  const lines = await suite(await loadRival(values.against, values.first as FirstBuild))
  process.send?.(lines)
}
