import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Database } from 'heddle'

const MIB = 1_048_576
/** Numbers that do not narrow, and texts that no dictionary holds. */
const ROW_BYTES = 76
/** Of the limit: what the process may take in all, beside what it takes without a table. */
const RESIDENT_PART_MAX = 1.2
const SAMPLE_MS = 50

export interface LargeTableOptions {
  readonly memoryMib: number
  readonly tableMib: number
  readonly threads: number
}

/** A statement and its answer, which follows from how the table was made. */
interface Step {
  readonly name: string
  readonly sql: string
  readonly answer: readonly (readonly (string | null)[])[]
}

/**
 * Loads a table that is larger than the memory, asks, appends to it and drops it; prints what each step took and
 * how much memory the process had. Throws where an answer is wrong, the process took more than it may, or
 * something is left.
 */
export async function runLargeTable(options: LargeTableOptions): Promise<void> {
  const { memoryMib, tableMib, threads } = options
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  const rows = Math.round((tableMib * MIB) / ROW_BYTES / 1_000) * 1_000
  const db = await connect({ threads, memoryBytesMax: memoryMib * MIB, tempDirectory: folder })
  const residentBefore = process.memoryUsage.rss()
  let residentMax = 0
  const look = (): void => {
    residentMax = Math.max(residentMax, process.memoryUsage.rss())
  }
  const sampling = setInterval(look, SAMPLE_MS)
  try {
    console.log(`${rows} rows, some ${tableMib} MiB, in ${memoryMib} MiB on ${threads} threads`)
    for (const step of steps(rows)) {
      const seconds = await take(db, step)
      look()
      console.log(
        `${step.name.padEnd(16)} ${seconds.toFixed(2).padStart(8)} s, most resident ${Math.round(residentMax / MIB)} MiB`,
      )
    }
    refuseLeft(readdirSync(folder).flatMap((name) => readdirSync(join(folder, name))))
    await db.close()
    refuseLeft(readdirSync(folder))
  } finally {
    clearInterval(sampling)
    rmSync(folder, { recursive: true })
  }
  const allowed = residentBefore + memoryMib * MIB * RESIDENT_PART_MAX
  if (residentMax > allowed) throw new Error(`${residentMax} bytes were resident, not ${allowed}`)
}

function refuseLeft(files: readonly string[]): void {
  if (files.length > 0) throw new Error(`files are left: ${files.join(', ')}`)
}

function steps(rows: number): readonly Step[] {
  const n = BigInt(rows)
  const sum = (n * (n + 1n)) / 2n
  const made = (from: number, to: number): string =>
    `select g::bigint as id, g::bigint * 1000003 as other, (g * 7919) % 1009 as v, g * 0.5::float8 as half,
       'the name of row ' || g || ' and its tail' as name from generate_series(${from}::bigint, ${to}) s(g)`
  const more = Math.floor(rows / 20)
  const all = BigInt(rows + more)
  const key = Math.floor(rows / 3)
  const name = (row: number): string => `the name of row ${row} and its tail`
  return [
    { name: 'load', sql: `create table big as ${made(1, rows)}`, answer: [] },
    {
      name: 'count and sums',
      sql: 'select count(*), sum(id), max(half)::int8 from big',
      answer: [[`${n}`, `${sum}`, `${rows / 2}`]],
    },
    {
      name: 'filter',
      sql: `select count(*), min(name) from big where other % 1000 = 0 and id <= 999999`,
      answer: [['999', name(1000)]],
    },
    {
      name: 'group by',
      sql: 'select count(*), sum(c), sum(s) from (select v, count(*) c, sum(id) s from big group by v) q',
      answer: [['1009', `${n}`, `${sum}`]],
    },
    {
      name: 'join',
      sql: `select count(*), min(big.name), max(big.id) from big
        join (values (17), (${key}), (${rows}), (-1)) s(i) on big.id = s.i`,
      answer: [['3', [name(17), name(key), name(rows)].toSorted()[0]!, `${rows}`]],
    },
    {
      name: 'look-up',
      sql: `select id, name from big where id = ${key}`,
      answer: [[`${key}`, name(key)]],
    },
    {
      name: 'sort with limit',
      sql: 'select id from big order by other desc limit 3',
      answer: [[`${rows}`], [`${rows - 1}`], [`${rows - 2}`]],
    },
    { name: 'append', sql: `insert into big ${made(rows + 1, rows + more)}`, answer: [] },
    {
      name: 'text of all rows',
      sql: 'select count(*), sum(length(name)), max(id) from big',
      answer: [[`${all}`, `${lengths(rows + more)}`, `${all}`]],
    },
    { name: 'drop', sql: 'drop table big', answer: [] },
  ]
}

/** Letters of the names of rows 1 to `last`. */
function lengths(last: number): bigint {
  let letters = BigInt(last) * BigInt('the name of row  and its tail'.length)
  for (let from = 1, digits = 1; from <= last; from *= 10, digits++) {
    letters += BigInt(digits) * BigInt(Math.min(last, from * 10 - 1) - from + 1)
  }
  return letters
}

async function take(db: Database, { name, sql, answer }: Step): Promise<number> {
  const began = performance.now()
  const result = await db.query(sql)
  const texts = result.texts()
  result.release()
  const seconds = (performance.now() - began) / 1_000
  if (JSON.stringify(texts) !== JSON.stringify(answer)) {
    throw new Error(`${name}: ${JSON.stringify(texts)}, not ${JSON.stringify(answer)}`)
  }
  return seconds
}
