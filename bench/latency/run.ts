import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine } from '../engines.ts'
import { quantile, summarize, type Timing } from '../measure.ts'
import type { Line } from '../report.ts'

const WARM_UP_RUNS = 300

/** The round trip of the smallest queries through the embedded API. */
export async function runLatency(
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const engines = await openPair(1, against)
  const setUp = 'create table t as select 1 as a, 2.5 as b'
  for (const engine of inOrder(engines, against)) await engine.run(setUp)
  const lines = []
  for (const sql of ['select 1', 'select a, b from t where a = 1']) {
    const [ours, theirs] = await sample(engines, sql, runs)
    lines.push({ name: sql, threads: 1, ours: ours!, theirs: theirs! })
  }
  for (const engine of engines) await engine.close()
  return lines
}

async function sample(
  engines: readonly BenchEngine[],
  sql: string,
  runs: number,
): Promise<readonly Timing[]> {
  const samples: number[][] = engines.map(() => [])
  for (let run = -WARM_UP_RUNS; run < runs; run++) {
    for (let turn = 0; turn < engines.length; turn++) {
      const index = (turn + run + WARM_UP_RUNS) % engines.length
      const started = performance.now()
      await engines[index]!.run(sql)
      if (run >= 0) samples[index]!.push(performance.now() - started)
    }
  }
  for (const [index, engine] of engines.entries()) {
    const sorted = samples[index]!.toSorted((a, b) => a - b)
    const figures = [0.5, 0.9, 0.99].map((q) => `p${q * 100} ${quantile(sorted, q).toFixed(3)} ms`)
    console.log(`${sql} | ${engine.name}: ${figures.join(', ')}`)
  }
  return samples.map(summarize)
}
