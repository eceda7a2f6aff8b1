import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anyOrder, difference } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, rowsOf, type BenchEngine } from '../engines.ts'
import { measure } from '../measure.ts'
import { numberedRows } from '../numbers.ts'
import { titled, type Line } from '../report.ts'

/** Statements that change a table, which is made anew before each run of a case. */
interface ChangeCase {
  readonly name: string
  /** Done one after another, timed together. */
  readonly statements: readonly string[]
  /** Whether the table has a primary key. */
  readonly isKeyed?: boolean
}

/** Single-row statements of a case. */
const SMALL_STATEMENTS = 200

/** Of a table with `rows` rows. */
function casesOf(rows: number): readonly ChangeCase[] {
  const tenth = Math.floor(rows / 10)
  const middle = Math.floor(rows / 2)
  const keys = Array.from({ length: SMALL_STATEMENTS }, (_, at) => ((at * 7_919) % rows) + 1)
  const changed = `(select i + ${rows - tenth} as k, i as x from ${numberedRows(2 * tenth)}) v`
  return [
    { name: 'insert as many rows again', statements: ['insert into t select * from source'] },
    {
      name: `${SMALL_STATEMENTS} inserts of a row`,
      statements: keys.map((key) => `insert into t values (${key}, 1, 2.5, 'new')`),
    },
    {
      name: `${SMALL_STATEMENTS} updates of a row`,
      statements: keys.map((key) => `update t set b = b + 1 where a = ${key}`),
    },
    { name: 'copy to csv', statements: [`copy t to '${copied(rows)}' (format csv, header true)`] },
    {
      name: 'copy from csv',
      statements: [`copy t from '${copied(rows)}' (format csv, header true)`],
    },
    { name: 'update a row', statements: [`update t set b = 7 where a = ${middle}`] },
    { name: 'update a tenth, scattered', statements: ['update t set b = b + 1 where a % 10 = 3'] },
    { name: 'update a tenth, together', statements: [`update t set b = 1 where a <= ${tenth}`] },
    { name: 'update all rows', statements: ['update t set c = c * 2'] },
    {
      name: 'update from another table',
      statements: [`update t set b = v.x from ${changed} where a = v.k`],
    },
    { name: 'delete a row', statements: [`delete from t where a = ${middle}`] },
    { name: 'delete a tenth, scattered', statements: ['delete from t where a % 10 = 3'] },
    { name: 'delete a tenth, together', statements: [`delete from t where a <= ${tenth}`] },
    { name: 'delete all rows', statements: ['delete from t'] },
    {
      name: 'insert a tenth, keys checked',
      isKeyed: true,
      statements: [`insert into t select a + ${rows}, b, c, s from source where a <= ${tenth}`],
    },
    {
      name: 'insert or update a fifth',
      isKeyed: true,
      statements: [
        `insert into t select k, x, 1.5, 'new' from ${changed}
         on conflict (a) do update set b = excluded.b`,
      ],
    },
    {
      name: 'merge a fifth',
      statements: [
        `merge into t using ${changed} on a = v.k when matched then update set b = v.x
         when not matched then insert values (v.k, v.x, 1.5, 'new')`,
      ],
    },
  ]
}

/** A file that every engine writes, and reads as it was written. */
function copied(rows: number): string {
  return join(tmpdir(), `heddle-bench-copied-${rows}.csv`)
}

const columns = 'a integer, b integer, c double precision, s varchar'

/** Statements that change a table in memory; what they leave is verified. */
export async function runChanges(given: {
  readonly rows: number
  readonly threads: readonly number[]
  readonly runs: number
  readonly only: string
  readonly against: Rival | undefined
}): Promise<readonly Line[]> {
  const { rows, threads, runs, only, against } = given
  const lines: Line[] = []
  for (const count of threads) {
    const engines = await openPair(count, against)
    for (const engine of inOrder(engines, against)) {
      await engine.run(`create table source (${columns})`)
      await engine.run(`insert into source select i + 1, i % 1000, i * 1.5, 'v' || i
        from ${numberedRows(rows)}`)
    }
    for (const one of casesOf(rows)) {
      if (!one.name.includes(only)) continue
      const [ours, theirs] = await measure(
        engines.map((engine) => ({ name: engine.name, run: () => timed(engine, one) })),
        { warmUpRuns: 1, warmUpMs: 0, runs },
      )
      await verify(one.name, engines)
      const line = { name: one.name, threads: count, ours: ours!, theirs: theirs! }
      console.error(titled(line))
      lines.push(line)
    }
    for (const engine of engines) await engine.close()
  }
  return lines
}

/** Milliseconds of a case over a table made anew. */
async function timed(engine: BenchEngine, { statements, isKeyed }: ChangeCase): Promise<number> {
  await engine.run('drop table if exists t')
  await engine.run(`create table t (${columns}${isKeyed === true ? ', primary key (a)' : ''})`)
  await engine.run('insert into t select * from source')
  const started = performance.now()
  for (const sql of statements) await engine.run(sql)
  return performance.now() - started
}

async function verify(
  name: string,
  [ours, theirs]: readonly [BenchEngine, BenchEngine],
): Promise<void> {
  const left = `select count(*), sum(cast(a as bigint)), sum(cast(b as bigint)), sum(c),
    count(distinct s) from t`
  const found = difference(await rowsOf(ours, left), await rowsOf(theirs, left), anyOrder)
  if (found !== undefined) throw new Error(`${name}: ${found}`)
}
