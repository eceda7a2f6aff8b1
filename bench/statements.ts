import type { Rival } from './builds.ts'
import { compareQuery } from './compare.ts'
import { inOrder, openPair, type BenchEngine } from './engines.ts'
import type { Line } from './report.ts'

export interface StatementSuite {
  /** Makes what the statements read. */
  setUp(engine: BenchEngine): Promise<void>
  /** What each is called, and its text, which both engines understand. */
  readonly statements: readonly (readonly [name: string, sql: string])[]
  readonly threads: readonly number[]
  readonly runs: number
  readonly against: Rival | undefined
}

/** Times statements in both engines, each with every number of threads; answers are verified first. */
export async function runStatements(suite: StatementSuite): Promise<readonly Line[]> {
  const { setUp, statements, threads, runs, against } = suite
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await setUp(engine)
    for (const [name, sql] of statements) {
      const query = { name, ours: sql, theirs: sql }
      const options = { warmUpRuns: 1, warmUpMs: 200, runs }
      lines.push(await compareQuery(query, count, engines, options))
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}
