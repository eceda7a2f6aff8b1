import type { Chooser } from '../chooser.ts'

/** Types of which values are compared with each other. */
export type Family = 'numbers' | 'texts' | 'moments' | 'others' | 'arrays' | 'documents'

/** Types of one family, each with how a value is made of the integer `n`; what comes often stands twice. */
export const families: Readonly<Record<Family, readonly string[]>> = {
  numbers: [
    'int2',
    'int4',
    'int4',
    'int8',
    'int8',
    'numeric(8,2)',
    'numeric(12,4)',
    'numeric(25,3)',
    'numeric',
    'float4',
    'float8',
  ],
  texts: ['text', 'text', 'varchar(9)', 'char(6)'],
  moments: ['date', 'timestamp', 'timestamp', 'timestamptz'],
  others: ['uuid', 'bytea', 'bool', 'time', 'interval'],
  arrays: ['int[]', 'int8[]', 'text[]', 'numeric[]', 'float8[]', 'date[]', 'bool[]', 'timestamp[]'],
  documents: ['jsonb'],
}

const N = 'n'
const first = "timestamp '1970-01-01 00:00:00'"

/** Forms of a value of `n`, which is a bigint of -100,000 to 100,000 or so; one of them is taken a statement. */
const forms: Readonly<Record<string, readonly string[]>> = {
  int2: ['(n % 30000)::int2', '(n % 100)::int2'],
  int4: ['n::int4', '(n * 20011)::int4', '(n % 200)::int4'],
  int8: ['n', 'n * 4294967296', '9007199254740993 + n', 'n % 100'],
  'numeric(8,2)': ['(n * 0.25)::numeric(8,2)', '(n % 1000)::numeric(8,2)'],
  'numeric(12,4)': ['(n * 0.25)::numeric(12,4)', '(n * 0.0001)::numeric(12,4)', 'n::numeric(12,4)'],
  'numeric(25,3)': ['(n * 0.25)::numeric(25,3)', '(n * 123456789012345.678)::numeric(25,3)'],
  numeric: ['n * 0.25', 'n::numeric', 'n * 0.250000', 'n * 1e20 + 0.000001', 'n / 3.0'],
  float4: ['(n * 0.25)::float4', 'n::float4'],
  float8: [
    '(n * 0.25)::float8',
    'n::float8',
    "case n % 7 when 0 then 'NaN' when 1 then '-0' when 2 then 'Infinity' when 3 then '-Infinity' when 4 then 0 else n end::float8",
    '(case n % 3 when 0 then 0 when 1 then -0.0 else n end)::float8 * -1',
  ],
  text: [
    "'w' || n",
    "repeat('é', (abs(n) % 5)::int) || (n % 50)",
    "case n % 4 when 0 then '' when 1 then 'a' when 2 then 'a ' else 'A' end",
    "repeat('long text ', 3) || n",
    'n::text',
  ],
  'varchar(9)': [
    "'v' || n",
    "(n % 40) || ' '",
    "case n % 3 when 0 then '' when 1 then 'a' else 'a ' end",
  ],
  'char(6)': ["(n % 1000) || 'c'", "case n % 3 when 0 then '' when 1 then 'a' else 'a ' end"],
  date: [
    "date '1999-12-30' + n::int",
    "date '0001-03-01' + (n % 1000)::int",
    "date '2024-01-01' + (n % 100)::int",
  ],
  timestamp: [
    `${first} + n * interval '7 hours 13 minutes 0.123457 seconds'`,
    `${first} + n * interval '0.000001 seconds'`,
    `timestamp '0001-01-02' + n * interval '5 days 1 second'`,
    `date '2024-01-01' + (n % 90)::int`,
    `timestamp '290000-12-31 23:59:59.999999' - abs(n) * interval '1 day'`,
  ],
  timestamptz: [
    `timestamptz '1969-12-31 23:59:59.5+00' + n * interval '17 minutes'`,
    `timestamptz '2024-01-01 00:00+00' + n * interval '1 hour'`,
  ],
  uuid: ['md5(n::text)::uuid', "lpad((abs(n) % 100)::text, 32, '0')::uuid"],
  bytea: ['n::text::bytea', "decode(lpad(to_hex(abs(n) % 256), 2, '0'), 'hex')"],
  bool: ['n % 2 = 0', 'n % 50 = 0'],
  time: ["time '00:00' + n * interval '1 minute'", "time '23:59:59.999999'"],
  interval: [
    "n * interval '1 hour'",
    "case n % 2 when 0 then '1 day' else '24:00' end::interval",
    "n * interval '1 month -3 days'",
  ],
  'int[]': [
    "case n % 5 when 0 then '{}' when 1 then array[n, null] when 2 then array[[n, 1], [2, n]] else array[n, n + 1, n] end::int[]",
  ],
  'int8[]': [
    'array[n, n * 4294967296]',
    "case n % 3 when 0 then '[2:3]={4,5}' else '{}' end::int8[]",
  ],
  'text[]': ["array['a' || n, null, '']", "string_to_array(n::text, '1')", "array['é,\"\\x']"],
  'numeric[]': ['array[n * 0.5, n * 0.50]', 'array[n * 1e25, null]'],
  'float8[]': ["array[n, 'NaN', '-0']::float8[]"],
  'date[]': ["array[date '2024-01-01' + n::int]", "'{}'::date[]"],
  'bool[]': ['array[n % 2 = 0, null]'],
  'timestamp[]': [`array[${first} + n * interval '1 hour', null]`],
  jsonb: [
    "jsonb_build_object('a', n, 'b', jsonb_build_array(n, null, 'x' || n))",
    'to_jsonb(n)',
    `('{"a": {"b": [1, {"c": ' || n || '}]}, "a ": 1.' || abs(n) || '000, "é": null}')::jsonb`,
    `('[' || n || ', "a\\u00e9\\n", 1e' || (abs(n) % 30) || ', []]')::jsonb`,
  ],
}

/** A value of a type, written over the integer `n`. */
export function valueOf(choose: Chooser, type: string): string {
  const form = choose.pick(forms[type] ?? ['null'])
  const nulls = choose.pick([0, 0, 0, 2, 7, 50])
  if (nulls === 0) return form
  return `case when ${N} % ${nulls} = 0 then null else ${form} end`
}
