import { serialize } from 'pg-protocol'
import type { Chooser } from '../chooser.ts'
import type { Step } from './talk.ts'
import { parameterOids, randomValue } from './values.ts'

/** Run before each conversation, on every server. */
export const preparation = `create table f1 (a int, b text);
insert into f1 values (1, 'x'), (2, null), (3, 'zä€');
create table zero as select 0 as a`

interface Text {
  readonly sql: string
  /** Types of its parameters, by object id. */
  readonly oids: readonly number[]
}

const texts: readonly Text[] = [
  { sql: 'select a, b from f1 order by a', oids: [] },
  { sql: 'select g from (values (1), (2), (3), (4), (5)) v (g)', oids: [] },
  {
    sql: "select repeat('x', 3000) as long, true as t, 1.50 as d, date '2024-02-29' as day",
    oids: [],
  },
  { sql: 'select a from f1 where a > $1 order by a', oids: [23] },
  { sql: 'select $1 as a, $2 as b, $3 as c', oids: [25, 20, 1700] },
  { sql: 'select $1 as a, $2 as b', oids: [701, 16] },
  { sql: 'select $1 as a, $2 as b', oids: [1082, 1114] },
  { sql: 'insert into f1 values ($1, $2)', oids: [23, 25] },
  { sql: "insert into f1 values (7, 'seven'), (8, 'eight')", oids: [] },
  { sql: 'begin', oids: [] },
  { sql: 'commit', oids: [] },
  { sql: 'rollback', oids: [] },
  { sql: 'select 1 / a from zero', oids: [] },
  { sql: 'select nothing from f1', oids: [] },
  { sql: 'selec 1', oids: [] },
  { sql: '', oids: [] },
  { sql: 'create table f2 (x int)', oids: [] },
  { sql: 'drop table f2', oids: [] },
  { sql: 'discard all', oids: [] },
  { sql: 'deallocate all', oids: [] },
  { sql: 'select count(*) from f1', oids: [] },
  // What is prepared may find another table later.
  { sql: 'select * from f1', oids: [] },
  { sql: 'drop table f1', oids: [] },
  { sql: 'create table f1 (a text, b int, c varchar(3))', oids: [] },
  { sql: "select current_setting('fuzz.x', true) as x", oids: [] },
  { sql: "select set_config('fuzz.x', $1, false) as x", oids: [25] },
  { sql: 'start transaction', oids: [] },
  { sql: 'select b from f1 where b = $1 or b is null', oids: [25] },
  { sql: 'select a from f1 where a in ($1, $2) order by a', oids: [23, 23] },
  { sql: 'select $2 || $2 as y, $1 as x', oids: [23, 25] },
]

/** Types that come back as text, which the description of a result tells: varchar, uuid. */
const keptAsText: ReadonlySet<number> = new Set([1043, 2950])

/** Each type's own: a value there and back, compared, and among others. */
const typed: readonly Text[] = parameterOids.flatMap((oid) => [
  { sql: 'select $1 = $2 as same, $1 < $2 as less', oids: [oid, oid] },
  ...(keptAsText.has(oid)
    ? []
    : [
        { sql: 'select $1 as v', oids: [oid] },
        { sql: 'select v from (values ($1), ($2), ($3)) q (v)', oids: [oid, oid, oid] },
      ]),
])

/** Texts of several statements; for simple queries only. */
const scripts: readonly string[] = [
  'select 1 as one; select 2 as two',
  "insert into f1 values (9, 'nine'); select count(*) from f1",
  "insert into f1 values (9, 'nine'); select 1 / a from zero",
  'begin; select 1 as one',
  'commit; select 1 as one',
  'commit; begin isolation level repeatable read; select count(*) from f1',
]

const statementNames = ['', '', 's1', 's2']
const portalNames = ['', '', 'p1', 'p2']
const limits = [0, 0, 1, 2, 5]

/** Messages in any order, most of them of use together. */
export function conversation(choose: Chooser): Step[] {
  const steps: Step[] = []
  const length = choose.between(1, 14)
  while (steps.length < length) steps.push(...turn(choose))
  return steps
}

function turn(choose: Chooser): readonly Step[] {
  const kind = choose.between(0, 13)
  if (kind <= 4) return whole(choose)
  switch (kind) {
    case 5:
    case 6: {
      const sql = choose.chance(0.3) ? choose.pick(scripts) : parameterless(choose)
      return [{ what: `Query ${sql}`, bytes: serialize.query(sql) }]
    }
    case 7:
    case 8:
      return [sync]
    case 9:
      return [parse(choose, choose.pick(texts), choose.pick(statementNames))]
    case 10:
      return [
        bind(choose, choose.pick(texts), choose.pick(statementNames), choose.pick(portalNames)),
      ]
    case 11:
      return [execute(choose.pick(portalNames), choose.pick(limits))]
    case 12:
      return [describe(choose)]
    default:
      return [close(choose)]
  }
}

function parameterless(choose: Chooser): string {
  return choose.pick(texts.filter(({ oids }) => oids.length === 0)).sql
}

/** Parse, Bind, perhaps Describe, Execute once or more, perhaps Sync. */
function whole(choose: Chooser): readonly Step[] {
  const text = choose.chance(0.4) ? choose.pick(typed) : choose.pick(texts)
  const [statement, portal] = [choose.pick(statementNames), choose.pick(portalNames)]
  return [
    parse(choose, text, statement),
    bind(choose, text, statement, portal),
    ...(choose.chance(0.4) ? [described('P', portal)] : []),
    ...choose.some(1, 3, () => execute(portal, choose.pick(limits))),
    ...(choose.chance(0.6) ? [sync] : []),
  ]
}

export const sync: Step = { what: 'Sync', bytes: serialize.sync() }

function parse(choose: Chooser, { sql, oids }: Text, name: string): Step {
  const types = oids.map((oid) => (choose.chance(0.8) ? oid : 0))
  // Without its type a parameter that stands alone is text, which is another question.
  const declared = sql.startsWith('select $1') || sql.includes('($1)') ? [...oids] : types
  const bytes = serialize.parse({ name, text: sql, types: declared })
  return { what: `Parse "${name}" ${sql}`, bytes }
}

function bind(choose: Chooser, { oids }: Text, statement: string, portal: string): Step {
  const binary = oids.map(() => choose.chance(0.5))
  const parts: Buffer[] = [cString(portal), cString(statement), int16(oids.length)]
  parts.push(...binary.map((isBinary) => int16(isBinary ? 1 : 0)), int16(oids.length))
  oids.forEach((oid, index) => {
    if (choose.chance(0.1)) return void parts.push(int32(-1))
    const sent = randomValue(choose, oid)
    const value = binary[index] === true ? sent.binary : Buffer.from(sent.text)
    parts.push(int32(value.length), value)
  })
  parts.push(...(choose.chance(0.5) ? [int16(0)] : [int16(1), int16(choose.between(0, 1))]))
  return { what: `Bind "${portal}" to "${statement}"`, bytes: framed('B', Buffer.concat(parts)) }
}

function execute(portal: string, rows: number): Step {
  return { what: `Execute "${portal}" ${rows}`, bytes: serialize.execute({ portal, rows }) }
}

function describe(choose: Chooser): Step {
  // PostgreSQL leaves the unnamed portal of a failed simple query behind; nobody looks at it.
  return choose.chance(0.5)
    ? described('P', choose.pick(['p1', 'p2']))
    : described('S', choose.pick(statementNames))
}

function described(type: 'P' | 'S', name: string): Step {
  return { what: `Describe ${type} "${name}"`, bytes: serialize.describe({ type, name }) }
}

function close(choose: Chooser): Step {
  const type = choose.chance(0.5) ? 'P' : 'S'
  const name = choose.pick(type === 'P' ? portalNames : statementNames)
  return { what: `Close ${type} "${name}"`, bytes: serialize.close({ type, name }) }
}

/** A message with its type and length. */
export function framed(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(letter, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
