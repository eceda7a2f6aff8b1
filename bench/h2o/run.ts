import type { Rival } from '../builds.ts'
import type { Line } from '../report.ts'
import { runStatements } from '../statements.ts'
import { questions } from './questions.ts'
import { makeTables } from './tables.ts'

/** The questions of h2o.ai's db-benchmark; each answer becomes a table, as there. */
export function runH2o(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  return runStatements({
    setUp: (engine) => makeTables(engine, rows),
    statements: questions.map(({ name, sql, sums }) => ({
      name,
      sql: `create table answer as ${sql}`,
      check: `select ${sums} from answer`,
      undo: 'drop table answer',
    })),
    threads,
    runs,
    against,
  })
}
