import type { Rival } from './builds.ts'
import { compareQuery, type QueryCase } from './compare.ts'
import { inOrder, openPair, type BenchEngine } from './engines.ts'
import { titled, type Line } from './report.ts'

/** A statement whose text both engines understand. */
export interface Statement extends Omit<QueryCase, 'ours' | 'theirs'> {
  readonly sql: string
}

export interface StatementSuite {
  /** Makes what the statements read. */
  setUp(engine: BenchEngine): Promise<void>
  readonly statements: readonly Statement[]
  readonly threads: readonly number[]
  readonly runs: number
  readonly against: Rival | undefined
  /** A part of the names of those that are run. */
  readonly only?: string
}

/** Times statements in both engines, each with every number of threads; answers are verified first. */
export async function runStatements(suite: StatementSuite): Promise<readonly Line[]> {
  const { setUp, statements, threads, runs, against, only = '' } = suite
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await setUp(engine)
    for (const { sql, ...rest } of statements) {
      if (!rest.name.includes(only)) continue
      const options = { warmUpRuns: 1, warmUpMs: 200, runs }
      const line = await compareQuery({ ...rest, ours: sql, theirs: sql }, count, engines, options)
      console.error(titled(line))
      lines.push(line)
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

/** Statements by name. */
export function named(statements: Readonly<Record<string, string>>): readonly Statement[] {
  return Object.entries(statements).map(([name, sql]) => ({ name, sql }))
}
