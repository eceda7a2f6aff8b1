import { parseArgs } from 'node:util'
import { buildOfCommit } from './builds.ts'
import { runCold } from './cold/run.ts'
import { runFiles } from './files/run.ts'
import { runLatency } from './latency/run.ts'
import { runModels } from './models/run.ts'
import { runTpch } from './tpch/run.ts'

/** Rounds in which two builds are compared, unless --runs says otherwise. */
const AGAINST_ROUNDS = 15

const usage = `usage: npm run bench -- <suite> [options]
  tpch     [--sf 1] [--queries 1,3,6,12,14] [--threads 1,2] [--runs 9]   tables in memory
  files    [--sf 1] [--threads 1,2] [--runs 9]                           straight from files
  latency  [--runs 2000]                                                 smallest queries
  cold     [--runs 15]                                                   from the start of a process
  models   [--rows 1000000] [--features 20] [--threads 1,2] [--runs 5]   CREATE MODEL; no peer
Every other suite runs Heddle and DuckDB in turn and checks that their answers agree (--vs duckdb).
With --against COMMIT the peer is Heddle as it was then; a case is slower when the median of its
ratios is above 1.03 and 1 lies outside of their 95 % interval, and the exit status tells.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sf: { type: 'string', default: '1' },
    queries: { type: 'string', default: '1,3,6,12,14' },
    threads: { type: 'string', default: '1,2' },
    rows: { type: 'string', default: '1000000' },
    features: { type: 'string', default: '20' },
    runs: { type: 'string' },
    against: { type: 'string' },
    vs: { type: 'string', default: 'duckdb' },
  },
})

const threads = values.threads.split(',').map(Number)
const scale = Number(values.sf)
const [suite] = positionals
const against = values.against === undefined ? undefined : await buildOfCommit(values.against)
const runs = (usual: number): number =>
  Number(values.runs ?? (against === undefined ? usual : AGAINST_ROUNDS))

if (suite === 'tpch') {
  const numbers = values.queries.split(',').map(Number)
  await runTpch({ scale, queries: numbers, threads, runs: runs(9), against })
} else if (suite === 'files') {
  await runFiles({ scale, threads, runs: runs(9), against })
} else if (suite === 'latency') {
  await runLatency(Number(values.runs ?? 2_000), against)
} else if (suite === 'cold') {
  await runCold(Number(values.runs ?? 15))
} else if (suite === 'models') {
  const [rows, features] = [Number(values.rows), Number(values.features)]
  await runModels({ rows, features, threads, runs: Number(values.runs ?? 5) })
} else {
  console.error(usage)
  process.exitCode = 2
}
