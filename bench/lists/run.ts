import { compareAnswers } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, rowsOf, type BenchEngine } from '../engines.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'

const MEMBERS = [16, 100, 1_000, 10_000, 100_000]
const SPREAD = 7_919

/** Columns that are looked up, and the member of a number. */
const columns: Readonly<Record<string, (number: number) => string>> = {
  id: (number) => `${number}`,
  large: (number) => `${number * 7_000}`,
  half: (number) => `${number}.5`,
  name: (number) => `'k${number}'`,
  price: (number) => `${number}.25`,
  '(id, name)': (number) => `(${number}, 'k${number}')`,
}

const digits = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'

/**
 * IN lists of constants over 100,000 rows, from text to answer: each run has another text, so that no
 * engine keeps its plan.
 */
export async function runLists(runs: number, against: Rival | undefined): Promise<readonly Line[]> {
  const engines = await openPair(1, against)
  for (const engine of inOrder(engines, against)) await load(engine)
  const lines: Line[] = []
  for (const [column, member] of Object.entries(columns)) {
    for (const count of MEMBERS) {
      const name = `${column} in ${count}`
      const sql = (run: number): string => statement(column, count, member, run)
      compareAnswers(name, await rowsOf(engines[0], sql(0)), await rowsOf(engines[1], sql(0)))
      const contenders = engines.map((engine) => {
        let run = 0
        return { name: engine.name, run: () => engine.run(sql(++run)) }
      })
      const options = { warmUpRuns: 2, warmUpMs: 200, runs }
      const [ours, theirs] = await measure(contenders, options)
      lines.push({ name, threads: 1, ours: ours!, theirs: theirs! })
    }
  }
  for (const engine of engines) await engine.close()
  return lines
}

function statement(
  column: string,
  count: number,
  member: (number: number) => string,
  run: number,
): string {
  const members = Array.from({ length: count }, (_, at) => member((at * SPREAD + run) % 1_000_003))
  return `select count(*) from listed where ${column} in (${members.join(', ')})`
}

async function load(engine: BenchEngine): Promise<void> {
  const joins = ['a', 'b', 'c', 'd', 'e'].map((name) => `${digits} ${name}(x)`).join(' cross join ')
  const number = 'a.x + 10 * b.x + 100 * c.x + 1000 * d.x + 10000 * e.x'
  await engine.run(`create table listed as select cast(n as integer) as id,
    cast(n as bigint) * 7000 as large, cast(n as double precision) / 2 as half,
    'k' || cast(n as varchar) as name, cast(n as decimal(12, 2)) + 0.25 as price
    from (select ${number} as n from ${joins}) numbers`)
}
