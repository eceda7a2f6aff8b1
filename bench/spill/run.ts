import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareAnswers } from '../answers.ts'
import { openDuckDb, openHeddle, rowsOf, type BenchEngine } from '../engines.ts'
import { measure, type Timing } from '../measure.ts'
import type { Line } from '../report.ts'

const MIB = 1_048_576

/** What each row takes in memory, about: three numbers and a text of twenty letters. */
const ROW_BYTES = 48

/** How many times the memory that the rows take. */
const TIMES_MEMORY = 4

export interface SpillOptions {
  readonly memoryMib: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Part of the names of the cases that are wanted. */
  readonly only: string
}

/** Queries whose state grows with the rows: a case's answer is small, so that it can be compared. */
const cases: Readonly<Record<string, string>> = {
  'group by': `select count(*), sum(n), sum(s), max(t) from
    (select id % 3000000 as g, count(*) as n, sum(v) as s, max(name) as t from rows group by 1) q`,
  'group by text': `select count(*), sum(n) from (select name, count(*) as n from rows group by 1) q`,
  distinct: 'select count(*), sum(id) from (select distinct id, v from rows) q',
  'count distinct': 'select count(distinct name) from rows',
  join: `select count(*), sum(a.v - b.v), max(b.name) from rows a join rows b on a.id = b.other`,
  'left join': `select count(*), count(b.id), max(b.name) from rows a
    left join (select * from rows where v < 500) b on a.id = b.other`,
  window: `select sum(r), max(s) from (select row_number() over (partition by v order by id) as r,
    sum(other) over (partition by v order by id) as s from rows) q`,
  except: `select count(*) from (select id from rows except select other * 2 from rows) q`,
}

/** Cases whose rows are taken as they come, and not kept. */
const streamed: Readonly<Record<string, string>> = {
  sort: 'select * from rows order by id',
  'sort by text': 'select * from rows order by name desc, id',
}

/** Heddle and DuckDB under the same limit on memory, over a file whose rows take four times as much. */
export async function runSpill(options: SpillOptions): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  try {
    const file = join(folder, 'rows.parquet')
    const rows = Math.round((options.memoryMib * MIB * TIMES_MEMORY) / ROW_BYTES)
    await write(file, rows)
    const lines: Line[] = []
    for (const threads of options.threads)
      lines.push(...(await compared({ file, rows }, threads, options)))
    return lines
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function write(file: string, rows: number): Promise<void> {
  const duckdb = await openDuckDb(2)
  // Scattered by a prime, so that nothing comes in order.
  await duckdb.run(`copy (select (i * 7919) % ${rows} as id, (i * 104729) % ${rows} as other,
    (i * 31) % 1009 as v, 'name of ' || ((i * 15485863) % ${rows}) as name from range(${rows}) r(i))
    to '${file}' (format parquet, row_group_size 122880)`)
  await duckdb.close()
}

async function compared(
  { file, rows }: { readonly file: string; readonly rows: number },
  threads: number,
  { memoryMib, runs, only }: SpillOptions,
): Promise<readonly Line[]> {
  const engines = [
    await openHeddle(threads, undefined, memoryMib * MIB),
    await openDuckDb(threads),
  ] as const
  await engines[1].run(`set memory_limit = '${memoryMib}MiB'`)
  await engines[1].run(`set temp_directory = '${join(file, '..', 'duckdb')}'`)
  for (const engine of engines) {
    await engine.run(`create view rows as select * from '${file}'`)
  }
  const lines: Line[] = []
  for (const [name, sql] of Object.entries({ ...cases, ...streamed })) {
    if (!name.includes(only)) continue
    try {
      const [ours, theirs] = await timed(engines, { name, sql, rows, runs })
      lines.push({ name, threads, ours: ours!, theirs: theirs! })
    } catch (error) {
      // One that an engine has too little memory for says so, and the others go on.
      console.error(`${name}: ${String(error)}`)
      process.exitCode = 1
    }
  }
  for (const engine of engines) await engine.close()
  return lines
}

/** Verifies that both answer alike, and times them in turn. */
async function timed(
  engines: readonly [BenchEngine, BenchEngine],
  query: {
    readonly name: string
    readonly sql: string
    readonly rows: number
    readonly runs: number
  },
): Promise<readonly Timing[]> {
  const { name, sql, rows, runs } = query
  const isStreamed = name in streamed
  if (!isStreamed) {
    compareAnswers(name, await rowsOf(engines[0], sql), await rowsOf(engines[1], sql))
  }
  const run = async (engine: BenchEngine): Promise<void> => {
    if (!isStreamed) return engine.run(sql)
    const given = await engine.take(sql)
    if (given !== rows) throw new Error(`${engine.name} gave ${given} of ${rows} rows`)
  }
  return measure(
    engines.map((engine) => ({ name: engine.name, run: () => run(engine) })),
    { warmUpRuns: 0, warmUpMs: 0, runs },
  )
}
