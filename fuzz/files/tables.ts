import type { DuckDBConnection } from '@duckdb/node-api'
import type { Chooser } from '../chooser.ts'

/** What a column holds; told to the comparison, since files of text do not tell it. */
export type ColumnKind =
  | 'integer'
  | 'number'
  | 'float'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'text'
  | 'list'

export interface TestColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** DuckDB's expression over the row number `i`. */
  readonly expression: string
  /** First row whose value may need a wider type than all rows before it; undefined: none does. */
  readonly widerAt?: number
}

export interface TestTable {
  readonly columns: readonly TestColumn[]
  readonly rows: number
}

const kinds: Readonly<Record<ColumnKind, readonly string[]>> = {
  integer: [
    '(i * 7 % 100)::smallint',
    '(hash(i + SEED) % 4000000000)::bigint',
    '(i - 50)::integer',
    '(9223372036854775807 - i)::bigint',
    '(9223372036854775800::hugeint + i % 16)::decimal(38, 0)',
    '(i::hugeint * 1000000007 * 1000000009 - 9223372036854775807)::decimal(38, 0)',
  ],
  // Whole ones keep every digit, whatever stands beside them.
  number: [
    'case when i % 3 = 0 then (i - 0.5)::varchar else (9007199254740993 + i)::varchar end',
    "case when i % 2 = 0 then '-0.25' else (i - 9223372036854775808)::decimal(38, 0)::varchar end",
  ],
  float: ['(i / 7.0)::double', '(i * 0.25)::float', '(i * 1e200)::double'],
  decimal: ['(i / 4)::decimal(12, 2)', '(i * 1000000007)::decimal(30, 4)'],
  boolean: ['i % 3 = 0'],
  date: ["date '1969-12-01' + (i * 5 % 40000)::integer"],
  timestamp: ["timestamp '2020-02-28 23:59:59.5' + to_microseconds(i * 86399000001)"],
  text: [
    "'v' || (i % 5)::varchar",
    "'text ' || md5((i + SEED)::varchar)",
    "repeat('long ', (i % 40)::integer) || 'é😀'",
    `'a "quoted", and
second line' || i::varchar`,
  ],
  // Only Parquet has them as lists: elsewhere they are DuckDB's texts.
  list: [
    'list_transform(range((hash(i + SEED) % 5)::bigint), x -> i * 1000003 - x)',
    'list_transform(range(i % 4), x -> case when (i + x) % 3 > 0 then (i + x)::integer end)',
    "list_transform(range(i % 7), x -> case when x % 4 > 0 then 'w' || ((i + x) % 9) end)",
    'list_transform(range(i % 3), x -> ((i + x) / 4)::decimal(12, 2))',
    'list_transform(range(i % 130), x -> (i + x) % 2 = 0)',
  ],
}

/** What a column of integers becomes another column by, from some row on. */
const wideners: readonly Pick<TestColumn, 'kind' | 'expression'>[] = [
  { kind: 'integer', expression: '9223372036854775808::decimal(38, 0)' },
  { kind: 'integer', expression: '-9223372036854775809::decimal(38, 0)' },
  { kind: 'integer', expression: '(9223372036854775000::hugeint + i)::decimal(38, 0)' },
  { kind: 'number', expression: "'0.5'" },
]
const WIDENED_CHANCE = 0.3

/** How often a table is longer than what is looked at to find out types, and how long. */
const LONG_CHANCE = 0.1
const LONG_ROWS = 24_000

/** A table of a few columns; some have NULLs. */
export function randomTable(choose: Chooser): TestTable {
  const isLong = choose.chance(LONG_CHANCE)
  const rows = isLong ? LONG_ROWS : choose.pick([1, 2, 10, 100, 1_000, 5_000])
  const names = Object.keys(kinds) as ColumnKind[]
  const columns = choose.some(1, isLong ? 2 : 6, (index): TestColumn => {
    const kind = choose.pick(names)
    const isWidened = isLong || choose.chance(WIDENED_CHANCE)
    if (kind === 'integer' && isWidened) return widened(choose, `c${index}`, rows)
    const plain = choose.pick(kinds[kind]).replaceAll('SEED', String(choose.between(0, 1e6)))
    return { name: `c${index}`, kind, expression: withNulls(choose, plain) }
  })
  return { columns, rows }
}

/** Integers among which a wider number stands once, or from some row on. */
function widened(choose: Chooser, name: string, rows: number): TestColumn {
  const { kind, expression } = choose.pick(wideners)
  const widerAt = choose.between(0, rows - 1)
  const common = choose.pick(['i', '9007199254740993 + i', '-i'])
  const type = kind === 'integer' ? 'decimal(38, 0)' : 'varchar'
  const when = `i ${choose.pick(['=', '>='])} ${widerAt}`
  const either = `case when ${when} then ${expression} else (${common})::${type} end`
  return { name, kind, expression: withNulls(choose, either), widerAt }
}

function withNulls(choose: Chooser, expression: string): string {
  const nulls = choose.pick([0, 0, 2, 7])
  return nulls === 0 ? expression : `case when i % ${nulls} <> 1 then ${expression} end`
}

export function queryOf({ columns, rows }: TestTable): string {
  const list = columns.map(({ name, expression }) => `${expression} as ${name}`)
  return `select ${list.join(', ')} from range(${rows}) r(i) order by i`
}

/** Rows as texts, NULL as null. */
export type TextRows = readonly (readonly (string | null)[])[]

/** What DuckDB makes of a query, each value as its text. */
export async function textsOf(
  connection: DuckDBConnection,
  from: string,
  columns: readonly TestColumn[],
): Promise<TextRows> {
  const list = columns.map((_, at) => `columns[${at}]`)
  const names = columns.map(({ name }) => `"${name}"::varchar`)
  const reader = await connection.runAndReadAll(`select ${names.join(', ')} from ${from}`)
  if (list.length !== reader.columnCount) throw new Error('DuckDB found other columns')
  return reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))))
}

/** A value in one spelling, whoever wrote it. */
export function plain(text: string | null, kind: ColumnKind): string | null {
  if (text === null) return null
  switch (kind) {
    case 'number':
      return /^-?\d+$/.test(text) ? text : String(Number(text))
    case 'float':
    case 'decimal':
      return String(Number(text))
    case 'boolean':
      return text === 't' || text === 'true' ? 'true' : 'false'
    case 'timestamp':
      return text
        .replace('T', ' ')
        .replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))
    case 'list':
      return text.startsWith('{') ? elementsOf(text) : text
    case 'integer':
    case 'date':
    case 'text':
      return text
  }
}

/** PostgreSQL's text of an array of plain values as DuckDB writes it. */
function elementsOf(text: string): string {
  const words: Readonly<Record<string, string>> = { t: 'true', f: 'false' }
  const items = text === '{}' ? [] : text.slice(1, -1).split(',')
  return `[${items.map((item) => words[item] ?? item).join(', ')}]`
}
