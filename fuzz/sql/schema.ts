import type { Chooser } from '../chooser.ts'

/** What the generator tells apart; each is a PostgreSQL type. */
export type Kind =
  | 'int'
  | 'numeric'
  | 'float'
  | 'text'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'interval'
  | 'uuid'
  | 'ints'
  | 'texts'
  | 'jsonb'

export const kinds: readonly Kind[] = [
  'int',
  'numeric',
  'float',
  'text',
  'bool',
  'date',
  'timestamp',
  'interval',
  'uuid',
  'ints',
  'texts',
  'jsonb',
]

/** Kinds that have a least and a greatest value. */
export const extremeKinds: readonly Kind[] = kinds.filter(
  (kind) => !['bool', 'uuid', 'ints', 'texts', 'jsonb'].includes(kind),
)

export interface Column {
  readonly name: string
  readonly kind: Kind
  readonly type: string
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  /** Values as SQL literals. */
  readonly rows: readonly (readonly string[])[]
}

const types: Readonly<Record<Kind, readonly string[]>> = {
  int: ['int2', 'int4', 'int4', 'int8'],
  numeric: [
    'numeric(6,2)',
    'numeric(10,2)',
    'numeric(18,5)',
    'numeric(30,6)',
    'numeric(38,4)',
    'numeric',
    'numeric',
  ],
  float: ['float8', 'float4'],
  text: ['text', 'text', 'varchar', 'varchar(12)'],
  bool: ['bool'],
  date: ['date'],
  timestamp: ['timestamp'],
  interval: ['interval'],
  uuid: ['uuid'],
  ints: ['int[]'],
  texts: ['text[]'],
  jsonb: ['jsonb'],
}

const ROWS_MAX = 30
/** How often tables hold the least and greatest integers, where arithmetic may overflow. */
const EXTREMES_CHANCE = 0.2

/** Tables of which arithmetic may overflow, or surely does not. */
export interface Tables {
  readonly tables: readonly Table[]
  readonly mayOverflow: boolean
}

/** Tables `t1`, `t2`, ... whose columns have names of their own, so that few references are ambiguous. */
export function randomTables(choose: Chooser): Tables {
  const mayOverflow = choose.chance(EXTREMES_CHANCE)
  const tables = choose.some(2, 4, (index) => randomTable(choose, index + 1, mayOverflow))
  return { tables, mayOverflow }
}

function randomTable(choose: Chooser, number: number, extreme: boolean): Table {
  const columns = choose.some(2, 6, (index): Column => {
    const kind = index === 0 ? 'int' : choose.pick(kinds)
    return { name: `${'abcdef'[index]}${number}`, kind, type: choose.pick(types[kind]) }
  })
  const nulls = choose.pick([0, 0.1, 0.5])
  const rows = choose.chance(0.1)
    ? []
    : choose.some(1, ROWS_MAX, () =>
        columns.map(({ kind, type }) =>
          choose.chance(nulls)
            ? 'null'
            : extreme && kind === 'int' && choose.chance(0.02)
              ? choose.pick(extremes[type] ?? ['7'])
              : literalOf(choose, kind),
        ),
      )
  return { name: `t${number}`, columns, rows }
}

const intervals = [
  '1 mon',
  '30 days',
  '1 day',
  '24:00:00',
  '-3 days 02:00',
  '00:00',
  '1 year -1 mon',
]
const words = ['', 'a', 'b', 'ab', 'Abc', 'aé', 'ß', '日本', 'x y', '%', '_a', 'aaa', '10', ' pad ']
const uuids = ['00000000-0000-0000-0000-000000000001', '7fffffff-0000-0000-0000-000000000000']
const moreUuids = ['80000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
const intArrays = [
  '{}',
  '{1}',
  '{1,2}',
  '{2,1}',
  '{NULL,3}',
  '{1,2,3}',
  '{{1,2},{3,4}}',
  '[0:1]={1,2}',
]
const textArrays = ['{}', '{a}', '{a,b}', '{"",NULL}', '{"x y","NULL"}', '{ab,"a,b"}']
const documents = [
  'null',
  '1',
  '"a"',
  'true',
  '[]',
  '{}',
  '[1, "a", null]',
  '{"a": 1}',
  '{"a": [1, {"b": 2}], "b": "x"}',
  '{"b": 1, "aa": 2, "c": null}',
]
const extremes: Readonly<Record<string, readonly string[]>> = {
  int2: ['32767', '-32768'],
  int4: ['2147483647', '-2147483648'],
  int8: ['9223372036854775807', '-9223372036854775808'],
}

/** A value of few, so that joins and groups meet. */
export function literalOf(choose: Chooser, kind: Kind): string {
  switch (kind) {
    case 'int':
      return String(choose.between(-3, 9))
    case 'numeric':
      return choose.pick([
        '0',
        '1.5',
        '-2.25',
        '10',
        '1.50',
        '0.333333333333',
        '0.01',
        '99.99',
        String(choose.between(-5, 5)),
      ])
    case 'float':
      return String(choose.between(-40, 40) / 4)
    case 'text':
      return `'${choose.pick(words)}'`
    case 'bool':
      return choose.pick(['true', 'false'])
    case 'date':
      return `date '2024-0${choose.between(1, 3)}-${String(choose.between(1, 28)).padStart(2, '0')}'`
    case 'timestamp':
      return `timestamp '2024-01-0${choose.between(1, 5)} ${String(choose.between(0, 23)).padStart(2, '0')}:30:00'`
    case 'interval':
      return `interval '${choose.pick(intervals)}'`
    case 'uuid':
      return `uuid '${choose.pick([...uuids, ...moreUuids])}'`
    case 'ints':
      return `'${choose.pick(intArrays)}'::int[]`
    case 'texts':
      return `'${choose.pick(textArrays)}'::text[]`
    case 'jsonb':
      return `'${choose.pick(documents)}'::jsonb`
  }
}

/** Statements that make the tables. */
export function createStatements(tables: readonly Table[]): readonly string[] {
  return tables.flatMap(({ name, columns, rows }) => {
    const declared = columns.map((column) => `${column.name} ${column.type}`).join(', ')
    const values = rows.map((row) => `(${row.join(', ')})`).join(', ')
    const create = `create table ${name} (${declared})`
    return rows.length === 0 ? [create] : [create, `insert into ${name} values ${values}`]
  })
}
