import { serialize } from 'pg-protocol'
import type { Chooser } from '../chooser.ts'
import type { Step } from './talk.ts'

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
]

/** Texts of several statements; for simple queries only. */
const scripts: readonly string[] = [
  'select 1 as one; select 2 as two',
  "insert into f1 values (9, 'nine'); select count(*) from f1",
  "insert into f1 values (9, 'nine'); select 1 / a from zero",
  'begin; select 1 as one',
  'commit; select 1 as one',
]

/** Text and binary forms of a value of a type, by object id. */
const values: Readonly<Record<number, readonly (readonly [text: string, hex: string])[]>> = {
  16: [
    ['t', '01'],
    ['false', '00'],
  ],
  20: [
    ['9007199254740993', '0020000000000001'],
    ['-1', 'ffffffffffffffff'],
  ],
  23: [
    ['2', '00000002'],
    ['-7', 'fffffff9'],
    ['x', '0001'],
  ],
  25: [
    ['ä€', 'c3a4e282ac'],
    ['', ''],
  ],
  701: [
    ['1.5', '3ff8000000000000'],
    ['-0', '8000000000000000'],
    ['NaN', '7ff8000000000000'],
  ],
  1082: [
    ['2024-02-29', '00002276'],
    ['1999-12-31', 'ffffffff'],
  ],
  1114: [
    ['2000-01-01 00:00:00.5', '000000000007a120'],
    ['1969-07-20 20:17:40', 'fffc97d27abce900'],
  ],
  1700: [
    ['15.50', '0002000000000002000f1388'],
    ['-0.001', '0001ffff40000003000a'],
  ],
}

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
  const text = choose.pick(texts)
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
  // Without its type a parameter of `select $1` is text, which is another question.
  const declared = sql.startsWith('select $1') ? [...oids] : types
  const bytes = serialize.parse({ name, text: sql, types: declared })
  return { what: `Parse "${name}" ${sql}`, bytes }
}

function bind(choose: Chooser, { oids }: Text, statement: string, portal: string): Step {
  const binary = oids.map(() => choose.chance(0.5))
  const parts: Buffer[] = [cString(portal), cString(statement), int16(oids.length)]
  parts.push(...binary.map((isBinary) => int16(isBinary ? 1 : 0)), int16(oids.length))
  oids.forEach((oid, index) => {
    if (choose.chance(0.1)) return void parts.push(int32(-1))
    const [text, hex] = choose.pick(values[oid] ?? [['', '']])
    const value = binary[index] === true ? Buffer.from(hex, 'hex') : Buffer.from(text)
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
