import { compareAnswers } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, rowsOf, type BenchEngine } from '../engines.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'
import { customersOf, makeShop } from '../shop.ts'

/** Statements that are given a key each time, over a table of `rows` rows and one of `rows / 10`. */
const lookups: Readonly<Record<string, string>> = {
  'a row by its key': 'select * from orders where id = $1',
  'a value by the key of the row': 'select total from orders where id = $1',
  'rows by a key of ten': 'select id, total from orders where customer = $1 order by id',
  'a row and what it refers to': `select o.id, o.total, c.name from orders o
    join customers c on c.id = o.customer where o.id = $1`,
  'a sum over ten rows': 'select count(*), sum(total) from orders where customer = $1',
}

/** A prime: keys come in no order. */
const STRIDE = 7_919

/** Prepared statements that look for few rows by a key, each lookup with another one. */
export async function runPoints(
  rows: number,
  count: number,
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const engines = await openPair(1, against)
  for (const engine of inOrder(engines, against)) await makeShop(engine, rows)
  const lines: Line[] = []
  const customers = customersOf(rows)
  for (const [name, sql] of Object.entries(lookups)) {
    await verify(name, sql, engines)
    const prepared = await Promise.all(engines.map((engine) => engine.prepare(sql)))
    let key = 0
    const contenders = engines.map((engine, at) => ({
      name: engine.name,
      run: async () => {
        const lookup = prepared[at]!
        for (let left = count; left > 0; left--) {
          key = (key + STRIDE) % customers
          await lookup(key)
        }
      },
    }))
    const [ours, theirs] = await measure(contenders, { warmUpRuns: 1, warmUpMs: 500, runs })
    const each = ((ours?.medianMs ?? NaN) / count).toFixed(3)
    console.log(`${name}: ${count} lookups, ${each} ms each`)
    lines.push({ name, threads: 1, ours: ours!, theirs: theirs! })
  }
  for (const engine of engines) await engine.close()
  return lines
}

async function verify(
  name: string,
  sql: string,
  [ours, theirs]: readonly [BenchEngine, BenchEngine],
): Promise<void> {
  for (const key of [0, 17, 4_711]) {
    const text = sql.replace('$1', String(key))
    compareAnswers(name, await rowsOf(ours, text), await rowsOf(theirs, text))
  }
}
