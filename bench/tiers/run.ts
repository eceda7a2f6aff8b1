import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareQuery } from '../compare.ts'
import { openDuckDb, openHeddle } from '../engines.ts'
import type { Line } from '../report.ts'

const MIB = 1_048_576

/** What a row takes in a table, about: four numbers and a text of twenty letters. */
const ROW_BYTES = 48

/** How many times the memory that tables take. */
const timesMemory = [0.5, 2, 4]

export interface TiersOptions {
  readonly memoryMib: number
  readonly threads: readonly number[]
  readonly runs: number
  /** Part of the names of the cases that are wanted. */
  readonly only: string
}

/** Queries over a table that is larger than the memory, each reading some of its columns. */
const cases = (rows: number): Readonly<Record<string, string>> => ({
  count: 'select count(*), sum(other) from big',
  filter: 'select count(*), max(name) from big where v between 100 and 150',
  'group by': 'select v, count(*), sum(other), min(name) from big group by v order by v limit 10',
  join: 'select count(*), sum(big.other) from big join small on big.v = small.v where small.w < 100',
  'look-up': `select id, other, v, name from big where id = ${Math.floor(rows / 3)}`,
  'sort with limit': 'select id, name from big order by other desc, id limit 10',
})

/** Heddle and DuckDB under the same limit on memory, over tables of their own of half to four times as much. */
export async function runTiers(options: TiersOptions): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  try {
    const lines: Line[] = []
    for (const threads of options.threads) {
      for (const times of timesMemory) {
        lines.push(...(await compared(folder, times, threads, options)))
      }
    }
    return lines
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compared(
  folder: string,
  times: number,
  threads: number,
  { memoryMib, runs, only }: TiersOptions,
): Promise<readonly Line[]> {
  const rows = Math.round((memoryMib * MIB * times) / ROW_BYTES)
  const engines = [
    await openHeddle(threads, undefined, memoryMib * MIB),
    await openDuckDb(threads),
  ] as const
  await engines[1].run(`set memory_limit = '${memoryMib}MiB'`)
  await engines[1].run(`set temp_directory = '${join(folder, 'duckdb')}'`)
  for (const engine of engines) await engine.run(smallTable)
  const once = { warmUpRuns: 0, warmUpMs: 0, runs }
  const lines: Line[] = []
  const compare = async (name: string, sql: string, more = {}): Promise<void> => {
    if (!name.includes(only)) return
    const query = { name: `${name}, ${times} x memory`, ours: sql, theirs: sql, ...more }
    lines.push(await compareQuery(query, threads, engines, once))
  }
  const load = bigTable(rows)
  await compare('load', load, { check: 'select count(*), sum(v) from big', undo: 'drop table big' })
  for (const engine of engines) await engine.run(load)
  for (const [name, sql] of Object.entries(cases(rows))) await compare(name, sql)
  for (const engine of engines) await engine.close()
  return lines
}

const smallTable = `create table small as select g as v, (g * 7) % 1009 as w from generate_series(0, 1008) s(g)`

/** Ids ascend, the other numbers are scattered by primes. */
function bigTable(rows: number): string {
  return `create table big as select g as id, (g::bigint * 104729) % ${rows} as other,
    (g::bigint * 31) % 1009 as v, g * 0.5::float8 as half,
    'name of ' || ((g::bigint * 15485863) % ${rows})::text as name from generate_series(1, ${rows}) s(g)`
}
