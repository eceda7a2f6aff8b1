import type { Rival } from '../builds.ts'
import type { BenchEngine } from '../engines.ts'
import { numberedRows } from '../numbers.ts'
import type { Line } from '../report.ts'
import { scattered } from '../scattered.ts'
import { named, runStatements } from '../statements.ts'

const statements: Readonly<Record<string, string>> = {
  'between a value and 5 more': `select count(*), sum(e.v) from points p
    join events e on e.at between p.at and p.at + 5`,
  'within an interval of the other side': `select count(*), sum(e.v) from events e
    join spans s on e.at >= s.starts and e.at < s.ends`,
  'within an interval, of the same group': `select count(*), sum(e.v) from events e
    join spans s on e.g = s.g and e.at >= s.starts and e.at < s.ends`,
  'overlapping intervals': `select count(*) from spans a
    join spans b on a.starts < b.ends and b.starts < a.ends and a.i < b.i`,
  'two inequalities of different columns': `select count(*) from points a
    join points b on a.at < b.at and a.v > b.v and a.g = b.g`,
  'left join by a range': `select count(*), count(s.i), sum(e.v) from events e
    left join spans s on e.at >= s.starts and e.at < s.starts + 10`,
  'exists by a range': `select count(*) from events e where exists
    (select 1 from spans s where e.at >= s.starts and e.at < s.ends)`,
}

/** Joins on ranges: a million events, ten thousand points and intervals. */
export function runRanges(
  rows: number,
  threads: readonly number[],
  runs: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const setUp = (engine: BenchEngine): Promise<void> => load(engine, rows)
  return runStatements({ setUp, statements: named(statements), threads, runs, against })
}

async function load(engine: BenchEngine, rows: number): Promise<void> {
  const of = (modulus: number, stream: number): string =>
    `cast(${scattered('i', modulus, stream)} as integer)`
  const few = Math.ceil(rows / 100)
  await engine.run(`create table events as
    select i, ${of(rows, 0)} as at, ${of(100, 1)} as g, ${of(1_000, 2)} as v from ${numberedRows(rows)}`)
  await engine.run(`create table points as
    select i, ${of(rows, 3)} as at, ${of(100, 4)} as g, ${of(1_000, 5)} as v from ${numberedRows(few)}`)
  await engine.run(`create table spans as select i, starts, starts + length as ends, g from
    (select i, ${of(rows, 6)} as starts, ${of(300, 7)} as length, ${of(100, 8)} as g from ${numberedRows(few)}) s`)
}
