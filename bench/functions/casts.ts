import { alike, unlike, type Check, type FunctionCase } from './case.ts'

const numbers: Readonly<Record<string, readonly [type: string, check: Check]>> = {
  s2: ['smallint', 'number'],
  i2: ['integer', 'number'],
  b2: ['bigint', 'number'],
  r2: ['real', 'single'],
  f2: ['double precision', 'float'],
  v: ['decimal(12, 2)', 'number'],
  q2: ['numeric', 'number'],
}

/** DuckDB rounds floats to decimals by their bits, PostgreSQL by 15 or 6 of their digits. */
function roundsApart(from: string, to: string): boolean {
  return (from === 'f2' || from === 'r2') && to === 'v'
}

/** Every number as every other; a numeric of DuckDB has 3 places where it says nothing else. */
const betweenNumbers = Object.keys(numbers).flatMap((column) =>
  Object.entries(numbers).flatMap(([other, [type, check]]) =>
    other === column || other === 'q2'
      ? []
      : alike(roundsApart(column, other) ? 'presence' : check, `cast(${column} as ${type})`),
  ),
)
const toNumeric = ['s', 'i', 'b'].map((column): Record<string, string> => ({
  [`cast(${column} as numeric)`]: `cast(${column} as decimal(38, 0))`,
}))

/** Casts. */
export const castCases: readonly FunctionCase[] = [
  ...betweenNumbers,
  ...toNumeric.flatMap((calls) => unlike('number', calls)),
  ...unlike('presence', {
    'cast(f as numeric)': 'cast(f as decimal(18, 3))',
    'cast(r as numeric)': 'cast(r as decimal(18, 3))',
  }),
  ...unlike('float', {
    'cast(x as numeric)': 'cast(x as decimal(12, 2))',
    'cast(q as numeric(50, 2))': 'cast(q as decimal(38, 2))',
  }),
  ...alike(
    'text',
    ...['s', 'i', 'b', 'f', 'x', 'd', 'c', 't', 'g', 'k'].map(
      (column) => `cast(${column} as varchar)`,
    ),
  ),
  ...unlike('text', {
    'cast(q as varchar)': 'cast(x as varchar)',
    'cast(z as varchar)': "cast(t as varchar) || '+00'",
    'cast(e as varchar)': 'cast(e as varchar)',
  }),
  ...alike(
    'number',
    'cast(small_digits as smallint)',
    'cast(digits as integer)',
    'cast(digits as bigint)',
    'cast(digits as decimal(12, 2))',
  ),
  ...alike('single', 'cast(digits as real)'),
  ...alike('float', 'cast(digits as double precision)'),
  ...unlike('number', { 'cast(digits as numeric)': 'cast(digits as decimal(18, 0))' }),
  ...alike(
    'extreme',
    'cast(day as date)',
    'cast(day as timestamp)',
    'cast(moment as timestamp)',
    'cast(moment as date)',
    'cast(clock as time)',
    'cast(d as timestamp)',
    'cast(t as date)',
    'cast(t as time)',
  ),
  ...alike('presence', 'cast(hex as uuid)', 'cast(r2 as varchar)'),
  ...alike(
    'duration',
    'cast(moment as timestamptz)',
    'cast(d as timestamptz)',
    'cast(t as timestamptz)',
    'cast(clock as interval)',
  ),
  ...unlike('extreme', {
    'cast(z as timestamp)': 'cast(t as timestamp)',
    'cast(z as date)': 'cast(t as date)',
    'cast(z as time)': 'cast(t as time)',
  }),
  ...alike('truth', 'cast(truth as boolean)', 'cast(i2 as boolean)'),
  ...alike('number', 'cast(g as integer)'),
  ...unlike('presence', { 'cast(plain as char(8))': "rpad(left(plain, 8), 8, ' ')" }),
  ...alike('bytes', 'cast(plain as bytea)'),
  ...unlike('list', {
    'cast(w as varchar(2)[])': 'list_transform(w, lambda s: left(s, 2))',
    'cast(l as bigint[])': 'cast(l as bigint[])',
    'cast(l as text[])': 'cast(l as varchar[])',
    'cast(l as double precision[])': 'cast(l as double[])',
    "cast('{' || digits || ',7}' as integer[])": "cast('[' || digits || ',7]' as integer[])",
  }),
]
