import type { Build } from '../builds.ts'
import { openHeddle, openPeer, type BenchEngine } from '../engines.ts'
import { quantile, summarize, type Timing } from '../measure.ts'
import { report } from '../report.ts'

const WARM_UP_RUNS = 300

/** The round trip of the smallest queries through the embedded API. */
export async function runLatency(runs: number, against: Build | undefined): Promise<void> {
  const engines = [await openHeddle(1), await openPeer(1, against)] as const
  const setUp = 'create table t as select 1 as a, 2.5 as b'
  for (const engine of engines) await engine.run(setUp)
  const lines = []
  for (const sql of ['select 1', 'select a, b from t where a = 1']) {
    const [ours, theirs] = await sample(engines, sql, runs)
    lines.push({ name: sql, threads: 1, ours: ours!, theirs: theirs! })
  }
  for (const engine of engines) await engine.close()
  report(lines, against)
}

async function sample(
  engines: readonly BenchEngine[],
  sql: string,
  runs: number,
): Promise<readonly Timing[]> {
  const samples: number[][] = engines.map(() => [])
  for (let run = -WARM_UP_RUNS; run < runs; run++) {
    for (const [index, engine] of engines.entries()) {
      const started = performance.now()
      await engine.run(sql)
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
