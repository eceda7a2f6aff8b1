/** How a column of the table is made of the number `n` of a row, where DuckDB has it otherwise in a way of its own. */
export interface BenchColumn {
  readonly made: string
  readonly madeTheirs?: string
}

const moment = "timestamp '2021-01-01' + n * 7919 % 1000003 * interval '97 seconds'"
const other = `${moment} - n % 10007 * interval '3601 seconds'`
const padded = "lpad(cast(n * 7919 % 1000003 as varchar), 12, '0')"
const hex = `'00000000-0000-0000-0000-' || ${padded}`

/** The columns of the table, by name; every seventeenth value is NULL. */
export const columns: Readonly<Record<string, BenchColumn>> = {
  // Texts of many distinct values and of few; numbers, dates and others as texts.
  plain: { made: "'Word ' || cast(n * 7919 % 1000003 as varchar) || '-x'" },
  coded: { made: "'Word ' || cast(n * 31 % 1000 as varchar) || '-x'" },
  digits: { made: 'cast(n * 7919 % 1000003 as varchar)' },
  small_digits: { made: 'cast(n * 31 % 30011 as varchar)' },
  day: { made: "cast(cast(date '2021-01-01' + cast(n % 3000 as integer) as date) as varchar)" },
  moment: { made: `cast(${moment} as varchar)` },
  clock: { made: `cast(cast(${moment} as time) as varchar)` },
  truth: { made: "case when n % 3 = 0 then 'true' else 'false' end" },
  hex: { made: hex },
  // Two of each type of numbers, the second one above 0.
  s: { made: 'cast(n * 31 % 30011 as smallint)' },
  s2: { made: 'cast(n % 101 + 1 as smallint)' },
  i: { made: 'cast(n * 31 % 100003 as integer)' },
  i2: { made: 'cast(n % 1009 + 1 as integer)' },
  b: { made: 'n * 7919 % 1000003 * 1000003' },
  b2: { made: 'n % 9973 + 1' },
  r: { made: 'cast(n * 31 % 4099 as real) / 8' },
  r2: { made: 'cast(n % 101 + 1 as real) / 4' },
  f: { made: 'cast(n * 7919 % 1000003 as double precision) / 7 + 0.5' },
  f2: { made: 'cast(n % 997 + 1 as double precision) / 1000' },
  x: { made: 'cast(n * 31 % 100003 as decimal(12, 2)) * 0.25' },
  v: { made: 'cast(n % 97 + 1 as decimal(6, 2)) * 1.01' },
  q: {
    made: 'cast(cast(n * 31 % 100003 as decimal(12, 2)) * 0.25 as numeric)',
    madeTheirs: 'cast(n * 31 % 100003 as decimal(12, 2)) * 0.25',
  },
  q2: {
    made: 'cast(cast(n % 97 + 1 as decimal(6, 2)) * 1.01 as numeric)',
    madeTheirs: 'cast(n % 97 + 1 as decimal(6, 2)) * 1.01',
  },
  // Moments.
  t: { made: moment },
  u: { made: other },
  d: { made: "cast(date '2021-01-01' + cast(n % 3000 as integer) as date)" },
  d2: { made: "cast(date '2024-02-29' - cast(n % 1777 as integer) as date)" },
  c: { made: `cast(${moment} as time)` },
  c2: { made: `cast(${other} as time)` },
  z: { made: `cast(${moment} as timestamptz)` },
  z2: { made: `cast(${other} as timestamptz)` },
  e: { made: "n % 100003 * interval '61 seconds'" },
  e2: { made: "n % 1009 * interval '26 hours'" },
  // Other types.
  g: { made: 'n % 3 = 0' },
  g2: { made: 'n % 5 = 0' },
  o: { made: "cast('Word ' || cast(n * 7919 % 1000003 as varchar) as bytea)" },
  o2: { made: "cast('Word ' || cast(n * 31 % 1000 as varchar) as bytea)" },
  k: { made: `cast(${hex} as uuid)` },
  k2: {
    made: `cast('00000000-0000-0000-0000-' || lpad(cast(n * 31 % 1000 as varchar), 12, '0') as uuid)`,
  },
  m: {
    made: 'cast(cast(n * 7919 % 1000003 as integer) as bit(32))',
    madeTheirs: 'cast(cast(n * 7919 % 1000003 as integer) as bit)',
  },
  m2: {
    made: 'cast(cast(n * 31 % 1000 as integer) as bit(32))',
    madeTheirs: 'cast(cast(n * 31 % 1000 as integer) as bit)',
  },
  y: {
    made: 'int4range(cast(n % 907 as integer), cast(n % 907 + n % 89 + 1 as integer))',
    madeTheirs:
      'struct_pack(lo := cast(n % 907 as integer), hi := cast(n % 907 + n % 89 + 1 as integer))',
  },
  y2: {
    made: 'int4range(cast(n % 1009 as integer), cast(n % 1009 + n % 53 + 1 as integer))',
    madeTheirs:
      'struct_pack(lo := cast(n % 1009 as integer), hi := cast(n % 1009 + n % 53 + 1 as integer))',
  },
  l: { made: 'array[cast(n % 1009 as integer), 7, cast(n % 13 as integer)]' },
  l2: { made: 'array[cast(n % 13 as integer), 7]' },
  w: { made: "array['a' || cast(n % 1009 as varchar), 'b']" },
  j: {
    made: `cast('{"a": ' || cast(n * 31 % 100003 as varchar) || ', "b": [1, 2, "x"], "c": {"d": "e"}}' as jsonb)`,
    madeTheirs: `cast('{"a": ' || cast(n * 31 % 100003 as varchar) || ', "b": [1, 2, "x"], "c": {"d": "e"}}' as json)`,
  },
  doc: {
    made: `'{"a": ' || cast(n * 31 % 100003 as varchar) || ', "b": [1, 2, "x"], "c": {"d": "e"}, "aa": null}'`,
  },
  jt: {
    made: `cast('{"a": ' || cast(n * 31 % 100003 as varchar) || ', "b": [1, 2, "x"], "c": {"d": "e"}}' as json)`,
  },
}
