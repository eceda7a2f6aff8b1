import { serialize } from 'pg-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { startPgServer, type RunningPgServer } from '../../src/server/pgwire/server.ts'
import { fields, RawClient, tags, type Answer } from './raw-client.ts'

let db: Database
let server: RunningPgServer
let client: RawClient

beforeAll(async () => {
  db = await connect({ threads: 1 })
  server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  client = await RawClient.started(server.port)
  await db.query(`create table t (b varchar(5), c numeric(10,2), f name, g text, m varchar,
    n numeric, q numeric(5))`)
  await db.query('create view v as select * from t')
})

afterAll(async () => {
  client.end()
  await server.close()
  await db.close()
})

async function answersTo(sql: string): Promise<readonly Answer[]> {
  client.send(serialize.query(sql))
  const answers = await client.until('Z')
  const error = answers.find(({ type }) => type === 'E')
  if (error !== undefined) throw new Error(`${sql}: ${fields(error)['M']}`)
  return answers
}

/** The columns of a RowDescription as `name oid/size/modifier`. */
function described({ body }: Answer): string {
  const columns: string[] = []
  let at = 2
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    const name = body.toString('utf8', at, end)
    const numbers = [body.readInt32BE(end + 7), body.readInt16BE(end + 11)]
    columns.push(`${name} ${numbers.join('/')}/${body.readInt32BE(end + 13)}`)
    at = end + 19
  }
  return columns.join(', ')
}

/** Queries, and PostgreSQL 15's description of their columns. */
const descriptions: readonly (readonly [string, string])[] = [
  [
    'select * from t',
    'b 1043/-1/9, c 1700/-1/655366, f 19/64/-1, g 25/-1/-1, m 1043/-1/-1, n 1700/-1/-1, ' +
      'q 1700/-1/327684',
  ],
  ['select b, f, c from v', 'b 1043/-1/9, f 19/64/-1, c 1700/-1/655366'],
  [
    "select b || 'x', c + 1, c * c, -c, upper(b), coalesce(b, 'x') from t",
    '?column? 25/-1/-1, ?column? 1700/-1/-1, ?column? 1700/-1/-1, ?column? 1700/-1/-1, ' +
      'upper 25/-1/-1, coalesce 1043/-1/-1',
  ],
  ['select max(c), sum(c), max(b) from t', 'max 1700/-1/-1, sum 1700/-1/-1, max 25/-1/-1'],
  ['select b, c from t union all select b, c from t', 'b 1043/-1/9, c 1700/-1/655366'],
  ['select b from t union all select m from t', 'b 1043/-1/-1'],
  ['select b, c from (select * from t) q', 'b 1043/-1/9, c 1700/-1/655366'],
  [
    'with x as (select b, c from t) select x.b, y.c from x left join x y on x.b = y.b',
    'b 1043/-1/9, c 1700/-1/655366',
  ],
  ['select distinct b, c from t order by b limit 1', 'b 1043/-1/9, c 1700/-1/655366'],
  ['select (select b from t limit 1) as x', 'x 1043/-1/9'],
  ['select case when true then b else null end as x from t', 'x 1043/-1/9'],
  [
    'select case when c = 1 then c else null end as x, greatest(b, null) as y, b::text as z from t',
    'x 1700/-1/-1, y 1043/-1/-1, z 25/-1/-1',
  ],
  [
    "select array[b, b] as x, array[c, c] as y, array[b, 'x'] as z, array[[b], [b]] as w from t",
    'x 1015/-1/9, y 1231/-1/655366, z 1015/-1/-1, w 1015/-1/9',
  ],
  [
    'select (array[b])[1] as x, (array[b, b])[1:1] as y, array[f] as z from t',
    'x 1043/-1/9, y 1015/-1/9, z 1003/-1/-1',
  ],
  [
    'select nullif(b, b) as x, nullif(c, 2) as y, nullif(f, f) as z, nullif(array[b], array[b]) as w from t',
    'x 25/-1/-1, y 1700/-1/655366, z 19/64/-1, w 1015/-1/9',
  ],
  [
    'select nullif(c, 2) as x, nullif(b, b) as y, count(*) as n from t group by c, b',
    'x 1700/-1/655366, y 25/-1/-1, n 20/8/-1',
  ],
  [
    'select array(select b from t) as x, array(select nullif(c, 1) from t group by c) as y, (array(select c from t))[1] as z',
    'x 1015/-1/9, y 1231/-1/655366, z 1700/-1/655366',
  ],
  ['select coalesce(c, null) as x, coalesce(c, 1) as y from t', 'x 1700/-1/655366, y 1700/-1/-1'],
  [
    "select 'b'::varchar(3) as v, varchar 'c' as w, 'e'::name as x, 1::numeric(5,2) as y, 1.50 as z",
    'v 1043/-1/7, w 1043/-1/-1, x 19/64/-1, y 1700/-1/327686, z 1700/-1/-1',
  ],
  ['select 1::numeric(50,3) as x, 1::numeric as y', 'x 1700/-1/3276807, y 1700/-1/-1'],
  [
    "select first_value(b) over () as f, lag(b, 1, 'x') over () as l, lead(c) over () as n, lag(m, 1, g) over () as g from t",
    'f 1043/-1/-1, l 1043/-1/-1, n 1700/-1/-1, g 1043/-1/-1',
  ],
  [
    "select nullif(b, 'x') as n, greatest(b, m) as g, least(b, b) as l, array_agg(m) over () as a from t",
    'n 25/-1/-1, g 1043/-1/-1, l 1043/-1/9, a 1015/-1/-1',
  ],
  [
    'select version(), current_user, current_schema, current_database()',
    'version 25/-1/-1, current_user 19/64/-1, current_schema 19/64/-1, current_database 19/64/-1',
  ],
]

describe('columns are described as they were declared', () => {
  test.each(descriptions)('%s', async (sql, wanted) => {
    const answers = await answersTo(sql)
    expect(described(answers.find(({ type }) => type === 'T')!)).toBe(wanted)
  })

  test('those of a table made by a query are as that query has them', async () => {
    await answersTo("create table made as select b, c, c * c as d, f, 'x'::varchar(7) as g from t")
    const answers = await answersTo('select * from made')
    expect(described(answers.find(({ type }) => type === 'T')!)).toBe(
      'b 1043/-1/9, c 1700/-1/655366, d 1700/-1/-1, f 19/64/-1, g 1043/-1/11',
    )
    await expect(answersTo("insert into made (b) values ('too long')")).rejects.toThrow(
      'value too long for type character varying(5)',
    )
  })
})

/** Statements in order, and PostgreSQL 15's command tags. */
const commands: readonly (readonly [string, string])[] = [
  ['begin work', 'BEGIN'],
  ['end', 'COMMIT'],
  ['start transaction', 'START TRANSACTION'],
  ['abort', 'ROLLBACK'],
  ['start transaction read only', 'START TRANSACTION'],
  ['set transaction isolation level repeatable read', 'SET'],
  ['commit and no chain', 'COMMIT'],
  ["set application_name = 'x'", 'SET'],
  ['set application_name to default', 'SET'],
  ['set time zone default', 'SET'],
  ['set local application_name to default', 'SET'],
  ['reset application_name', 'RESET'],
  ['reset all', 'RESET'],
  ['set session authorization default', 'SET'],
  ['reset session authorization', 'RESET'],
  ['set session characteristics as transaction read write', 'SET'],
  ['show time zone', 'SHOW'],
  ['create schema s', 'CREATE SCHEMA'],
  ['create schema if not exists s', 'CREATE SCHEMA'],
  ['create table s.t (a int)', 'CREATE TABLE'],
  ['create table if not exists s.t (a int)', 'CREATE TABLE'],
  ['create table s.u as values (1), (2)', 'SELECT 2'],
  ['create table s.w as select 1 as a with no data', 'CREATE TABLE AS'],
  ['create table if not exists s.u as select 1 as a', 'CREATE TABLE AS'],
  ['insert into s.t values (1), (2)', 'INSERT 0 2'],
  ['insert into s.t select 1 where false', 'INSERT 0 0'],
  ['create or replace view s.v as table s.t', 'CREATE VIEW'],
  ['create unique index i on s.u (column1)', 'CREATE INDEX'],
  ['drop index s.i', 'DROP INDEX'],
  ['drop view s.v', 'DROP VIEW'],
  ['drop table if exists s.nope', 'DROP TABLE'],
  ['drop schema s cascade', 'DROP SCHEMA'],
  ['explain select 1', 'EXPLAIN'],
  ['select', 'SELECT 1'],
  ['values (1), (2)', 'SELECT 2'],
  ['deallocate all', 'DEALLOCATE ALL'],
  ['checkpoint', 'CHECKPOINT'],
  ['discard plans', 'DISCARD PLANS'],
  ['discard temp', 'DISCARD TEMP'],
  ['discard all', 'DISCARD ALL'],
]

test('command tags are those of PostgreSQL', async () => {
  const found: [string, string][] = []
  for (const [sql] of commands) found.push([sql, tags(await answersTo(sql)).join()])
  expect(found).toEqual(commands)
})
