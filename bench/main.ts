import { parseArgs } from 'node:util'
import { runFiles } from './files/run.ts'
import { runLatency } from './latency/run.ts'
import { runTpch } from './tpch/run.ts'

const usage = `usage: npm run bench -- <suite> [options]
  tpch     [--sf 1] [--queries 1,3,6,12,14] [--threads 1,2] [--runs 9]   tables in memory
  files    [--sf 1] [--threads 1,2] [--runs 9]                           straight from files
  latency  [--runs 2000]                                                 smallest queries
Every suite runs Heddle and DuckDB in turn and checks that their answers agree (--vs duckdb).`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sf: { type: 'string', default: '1' },
    queries: { type: 'string', default: '1,3,6,12,14' },
    threads: { type: 'string', default: '1,2' },
    runs: { type: 'string' },
    vs: { type: 'string', default: 'duckdb' },
  },
})

const threads = values.threads.split(',').map(Number)
const scale = Number(values.sf)
const [suite] = positionals

if (suite === 'tpch') {
  const numbers = values.queries.split(',').map(Number)
  await runTpch({ scale, queries: numbers, threads, runs: Number(values.runs ?? 9) })
} else if (suite === 'files') {
  await runFiles({ scale, threads, runs: Number(values.runs ?? 9) })
} else if (suite === 'latency') {
  await runLatency(Number(values.runs ?? 2_000))
} else {
  console.error(usage)
  process.exitCode = 2
}
