import type { Chooser } from '../chooser.ts'

/** A column of a wide table: what it holds in the row numbered `n`. */
export interface WideColumn {
  readonly name: string
  readonly value: string
  /** Whether columns of other tables with this mark may be joined with it. */
  readonly joins: 'int' | 'text' | undefined
  /** Whether sums of it are exact, so that they do not depend on the order of rows. */
  readonly sums: boolean
}

/** A table whose rows are computed from their number; every value follows from `n`. */
export interface WideTable {
  readonly name: string
  readonly rows: number
  readonly columns: readonly WideColumn[]
}

interface Shape {
  readonly value: (choose: Chooser) => string
  readonly joins?: 'int' | 'text'
  readonly sums?: boolean
}

/** Values of every type and layout, small and as large as they come. */
const shapes: readonly Shape[] = [
  { value: (c) => `(n % ${c.between(1, 200)})::int2`, sums: true },
  { value: (c) => `(n % ${c.pick([1, 7, 300, 100_000])})::int4`, joins: 'int', sums: true },
  { value: (c) => `(n * ${c.between(1, 9)} + 3000000000)::int8`, sums: true },
  { value: (c) => `(n / ${c.pick([4, 7, 1000])}.0)::numeric(12,3)`, sums: true },
  { value: () => `(n * 1000000007::int8 + 0.25)::numeric(38,4)`, sums: true },
  { value: () => `(n / 3.0)::numeric`, sums: true },
  // Longer than what lies in a slot, with digits on both sides of the point.
  { value: (c) => `('1' || repeat('7', n % ${c.between(1, 90)}) || n)::numeric`, sums: true },
  { value: (c) => `(n || '.' || repeat('3', n % ${c.between(1, 300)}) || '1')::numeric` },
  { value: (c) => `(n / ${c.pick([2, 8])}.0)::float8` },
  { value: () => `(n / 4.0)::float4` },
  { value: (c) => `(n % ${c.between(2, 5)} = 0)` },
  { value: (c) => `('g' || n % ${c.pick([1, 3, 200])})`, joins: 'text' },
  { value: () => `(repeat('é', n % 20) || n)`, joins: 'text' },
  { value: (c) => `repeat(chr(97 + n % 26), n * ${c.between(1, 40)} % ${c.pick([50, 3_000])})` },
  // One of them alone is more than a frame.
  { value: (c) => `repeat('x', case when n = ${c.between(0, 40)} then 1500000 else n % 3 end)` },
  { value: () => `('b' || n)::bytea` },
  { value: (c) => `(date '2024-01-01' + n % ${c.pick([2, 400, 40_000])})` },
  { value: () => `(timestamp '2024-01-01' + n * interval '1 hour')` },
  { value: () => `(timestamptz '2024-01-01 00:00:00+00' + n * interval '17 min')` },
  { value: () => `(time '00:00' + n * interval '1 sec')` },
  { value: () => `(n * interval '1 day 1 min')` },
  { value: () => `null::text`, joins: 'text' },
  { value: () => `null::numeric` },
]

const ROWS = [0, 1, 30, 30, 900, 900, 5_000]
const WIDTHS = [2, 6, 12, 60]

/** From one shape to the next; without a common divisor with their number. */
const STRIDE = 10

/** Numbers from 0 on: what wide tables are computed from. */
export const numbers = {
  name: 'numbers',
  create: 'create table numbers (i int)',
  fill: `insert into numbers values ${Array.from({ length: 100 }, (_, i) => `(${i})`).join(', ')}`,
} as const

export function wideTables(choose: Chooser): readonly WideTable[] {
  return choose.some(2, 3, (index) => wideTable(choose, index + 1))
}

function wideTable(choose: Chooser, number: number): WideTable {
  const width = choose.pick(WIDTHS)
  // Where there is room for all of them, none is missing.
  const first = choose.between(0, shapes.length - 1)
  const rows = choose.pick(ROWS)
  const columns = choose.some(width, width, (index): WideColumn => {
    const { value, joins, sums = false } = shapes[(first + index * STRIDE) % shapes.length]!
    const text = value(choose)
    const nulls = choose.pick([0, 0, 2, 5])
    const isNull = `n % ${nulls} = ${choose.between(0, Math.max(0, nulls - 1))}`
    return {
      name: `c${index}`,
      value: nulls === 0 ? text : `case when ${isNull} then null else ${text} end`,
      joins,
      sums,
    }
  })
  return { name: `w${number}`, rows, columns }
}

/** The statements that make a wide table; its first column is the number of the row. */
export function createWide({ name, rows, columns }: WideTable): readonly string[] {
  const items = columns.map((column) => `${column.value} as ${column.name}`)
  const from = `(select a.i * 100 + b.i as n from numbers a, numbers b) r where n < ${rows}`
  return [`create table ${name} as select ${['n', ...items].join(', ')} from ${from}`]
}
