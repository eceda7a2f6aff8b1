import type { BenchEngine } from '../engines.ts'
import { numberedRows } from '../numbers.ts'
import { scattered } from '../scattered.ts'

/** Groups of the small keys. */
const GROUPS = 100

const integer = (sql: string): string => `cast(${sql} as integer)`
const double = (sql: string): string => `cast(${sql} as double precision)`
const idText = (number: string, digits: number): string =>
  `'id' || lpad(cast(${number} as varchar), ${digits}, '0')`

/** Of so many keys of one side eleven tenths are the other's: some find no partner. */
const withoutPartner = (keys: number): number => Math.floor(keys * 1.1)

/**
 * The tables of h2o.ai's db-benchmark (https://github.com/h2oai/db-benchmark, _data/groupby-datagen.R and
 * join-datagen.R): `x` of so many rows, keys of 100 groups and of one group in 100 rows, and what it
 * is joined with: `small` of a millionth, `medium` of a thousandth, `big` of all of its rows.
 */
export async function makeTables(engine: BenchEngine, rows: number): Promise<void> {
  const many = Math.max(1, Math.floor(rows / GROUPS))
  const key = (below: number, stream: number): string => `${scattered('i', below, stream)} + 1`
  await engine.run(`create table groups as select
    ${idText(key(GROUPS, 0), 3)} as id1, ${idText(key(GROUPS, 1), 3)} as id2,
    ${idText(key(many, 2), 10)} as id3,
    ${integer(key(GROUPS, 3))} as id4, ${integer(key(GROUPS, 4))} as id5, ${integer(key(many, 5))} as id6,
    ${integer(key(5, 6))} as v1, ${integer(key(15, 7))} as v2,
    ${double(scattered('i', 100_000_000, 8))} / 1000000 as v3
    from ${numberedRows(rows)}`)
  const partOf = (part: number): number => Math.max(10, Math.floor(rows / part))
  const [small, medium] = [partOf(1_000_000), partOf(1_000)]
  const value = (stream: number): string =>
    `${double(scattered('i', 100_000_000, stream))} / 1000000`
  await engine.run(`create table x as select
    ${integer(scattered('i', withoutPartner(small), 0))} as id1, ${integer(scattered('i', withoutPartner(medium), 1))} as id2,
    ${integer(scattered('i', rows, 2))} as id3,
    ${idText(scattered('i', withoutPartner(small), 0), 1)} as id4, ${idText(scattered('i', withoutPartner(medium), 1), 1)} as id5,
    ${value(3)} as v1 from ${numberedRows(rows)}`)
  await engine.run(`create table small as select
    ${integer('i')} as id1, ${idText('i', 1)} as id4, ${value(4)} as v2 from ${numberedRows(small)}`)
  await engine.run(`create table medium as select
    ${integer(scattered('i', small, 0))} as id1, ${integer('i')} as id2,
    ${idText('i', 1)} as id5, ${value(5)} as v2 from ${numberedRows(medium)}`)
  await engine.run(`create table big as select
    ${integer(scattered('i', medium, 1))} as id2, ${integer(`i * 7919 % ${rows}`)} as id3,
    ${value(6)} as v2 from ${numberedRows(rows)}`)
}
