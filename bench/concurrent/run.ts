import { compareAnswers } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, rowsOf, type BenchEngine, type BenchSession } from '../engines.ts'
import { summarize } from '../measure.ts'
import type { Line } from '../report.ts'
import { makeShop } from '../shop.ts'

const SESSIONS = 8
/** How often each session runs each of its statements. */
const REPEATS = 3

/** What sessions ask for in turn, each beginning elsewhere: from a row to several joins. */
const statements: readonly string[] = [
  'select total from orders where id = 4711',
  `select customer % 100 as k, count(*), sum(total) from orders group by k order by k`,
  `select c.name, sum(o.total) as spent from orders o join customers c on c.id = o.customer
    group by c.name order by spent desc, c.name limit 10`,
  "select count(*), avg(total) from orders where note like '%77%'",
  'select * from customers where id = 99',
  `select id, total from orders order by total desc, id limit 100`,
  `select count(*) from (select customer, total, row_number() over (partition by customer
    order by total desc, id) as place from orders) ranked where place = 1`,
  'select count(distinct customer) from orders where total > 500',
]

/** Eight sessions at once, each with the same statements: until all have their answers, and the last of each. */
export async function runConcurrent(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) await makeShop(engine, rows)
    for (const sql of statements) {
      compareAnswers(sql, await rowsOf(engines[0], sql), await rowsOf(engines[1], sql))
    }
    const sessions = await Promise.all(engines.map(sessionsOf))
    const [ours, theirs] = await alternate(sessions, runs)
    lines.push(
      { name: 'all of 8 sessions', threads: count, ...pair(ours!.totals, theirs!.totals) },
      { name: 'each statement, mean', threads: count, ...pair(ours!.means, theirs!.means) },
      { name: 'each statement, worst', threads: count, ...pair(ours!.worst, theirs!.worst) },
    )
    for (const engine of engines) await engine.close()
  }
  return lines
}

const pair = (
  ours: readonly number[],
  theirs: readonly number[],
): Pick<Line, 'ours' | 'theirs'> => ({
  ours: summarize(ours),
  theirs: summarize(theirs),
})

function sessionsOf(engine: BenchEngine): Promise<readonly BenchSession[]> {
  return Promise.all(Array.from({ length: SESSIONS }, () => engine.session()))
}

/** Milliseconds of each round. */
interface Samples {
  readonly totals: number[]
  readonly means: number[]
  readonly worst: number[]
}

async function alternate(
  engines: readonly (readonly BenchSession[])[],
  runs: number,
): Promise<readonly Samples[]> {
  const samples = engines.map((): Samples => ({ totals: [], means: [], worst: [] }))
  for (let round = -1; round < runs; round++) {
    for (let turn = 0; turn < engines.length; turn++) {
      const at = (turn + round + 1) % engines.length
      const started = performance.now()
      const times = (await Promise.all(engines[at]!.map(converse))).flat()
      if (round < 0) continue
      const { totals, means, worst } = samples[at]!
      totals.push(performance.now() - started)
      means.push(times.reduce((sum, time) => sum + time, 0) / times.length)
      worst.push(Math.max(...times))
    }
  }
  return samples
}

/** Milliseconds of each statement of a session. */
async function converse(session: BenchSession, offset: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let step = 0; step < REPEATS * statements.length; step++) {
    const started = performance.now()
    await session.run(statements[(step + offset) % statements.length]!)
    times.push(performance.now() - started)
  }
  return times
}
