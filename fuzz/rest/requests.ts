import type { Chooser } from '../chooser.ts'

/** One request as it is sent. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Bytes of the body after which the client goes away; undefined: it stays. */
  readonly leavesAfter: number | undefined
}

/** Run before the requests. */
export const preparation: readonly string[] = [
  'create table r1 as select 1 as a, null::text as b union all select 2, $$x "y", z$$',
  'create table r2 (a int primary key, b numeric(10,2), c varchar(3), d timestamptz, e bytea)',
]

const statements: readonly string[] = [
  'select * from r1 order by a',
  'select $1 as v, $2 as w',
  'select $1::int + $2',
  'select a from r1 where a = $1',
  'insert into r2 values ($1, $2, $3)',
  'insert into r2 (a) select a from r1',
  'select * from r2',
  "select repeat('é\"', 200000) as long, '\\x00ff'::bytea as b",
  "select 'NaN'::float8 as f, 9007199254740993 as i, 1e400 as n, date '2024-02-29' as d",
  'select 1 / 0',
  'select nothing',
  'selec',
  '',
  ';',
  '-- nothing',
  'select 1; select 2',
  'begin',
  'commit',
  'set statement_timeout = 5',
  "select set_config('a.b', $1, false), current_setting('a.b')",
  'show all',
  'explain select * from r1',
  "select * from 'no such file.csv'",
  'select count(*) from r1 a, r1 b, r1 c, r1 d',
  'values (1, null), (2, true)',
]

/** Any request, most of them of use. */
export function makeRequest(choose: Chooser): Request {
  const body = choose.chance(0.85) ? jsonBody(choose) : looseBody(choose)
  const method = choose.chance(0.95)
    ? 'POST'
    : choose.pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])
  return {
    method,
    path: choose.chance(0.93) ? '/v1/query' : choose.pick(paths),
    headers: headers(choose),
    body: choose.chance(0.8) ? body : garbled(choose, body),
    leavesAfter: choose.chance(0.04) ? choose.between(0, body.length) : undefined,
  }
}

const paths = [
  '/',
  '//',
  '/health',
  '/v1',
  '/v1/query/',
  '/v1/query?x=%',
  '/%ff',
  '/..',
  '///x',
  '/a:b',
]

function headers(choose: Chooser): Record<string, string> {
  const types = ['application/json', 'application/json; charset=utf-8', 'text/plain', '', 'a/b;;']
  const accepts = [
    '*/*',
    'text/csv',
    'application/x-ndjson',
    'application/vnd.apache.arrow.stream',
    ',;q=',
  ]
  return {
    'content-type': choose.chance(0.8) ? 'application/json' : choose.pick(types),
    ...(choose.chance(0.4) && { accept: choose.pick(accepts) }),
    ...(choose.chance(0.02) && { origin: 'http://elsewhere.example' }),
    ...(choose.chance(0.02) && { authorization: 'Bearer x' }),
  }
}

function jsonBody(choose: Chooser): Buffer {
  const fields = [
    `"query":${choose.chance(0.95) ? JSON.stringify(choose.pick(statements)) : anyJson(choose, 0)}`,
  ]
  if (choose.chance(0.6)) {
    const values = choose.some(0, 4, () => anyJson(choose, 2))
    fields.push(`"parameters":${choose.chance(0.95) ? `[${values.join()}]` : anyJson(choose, 0)}`)
  }
  if (choose.chance(0.5)) {
    const format = choose.pick(['json', 'ndjson', 'csv', 'arrow', 'xml', '__proto__'])
    fields.push(`"format":"${format}"`)
  }
  if (choose.chance(0.15)) fields.push(`"timeoutMs":${anyJson(choose, 2)}`)
  if (choose.chance(0.05)) fields.push(`"${choose.pick(['__proto__', 'sql', 'query', ''])}":1`)
  return Buffer.from(`{${fields.join()}}`)
}

const scalars: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '2',
  '-1',
  '1.5',
  '1e5',
  '1e400',
  '-1e-400',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  '0.1',
  '123456789012345678901234567890.5',
  '""',
  '"x"',
  '"ab\\u0000c"',
  '"\\ud800"',
  '"é€😀"',
  '"2024-02-29"',
  '"\\\\x00ff"',
  '"NaN"',
]

function anyJson(choose: Chooser, depth: number): string {
  if (depth >= 2 ? choose.chance(0.93) : choose.chance(0.5)) return choose.pick(scalars)
  const parts = choose.some(0, 3, () => anyJson(choose, depth + 1))
  if (choose.chance(0.5)) return `[${parts.join()}]`
  return `{${parts.map((part, at) => `"k${at}":${part}`).join()}}`
}

function looseBody(choose: Chooser): Buffer {
  const kinds = [
    () => choose.pick(statements),
    () => anyJson(choose, 0),
    () => '['.repeat(choose.between(1, 100_000)),
    () => `{"query":"select 1","parameters":[${'['.repeat(choose.between(1, 50_000))}`,
    () => `{"query":${'"\\u0041'.repeat(choose.between(1, 20))}"}`,
    () => '',
    () => `{"query":"select ${'1+'.repeat(choose.between(1, 5_000))}1"}`,
  ]
  return Buffer.from(choose.pick(kinds)())
}

/** Some bytes changed, left out or put in. */
function garbled(choose: Chooser, body: Buffer): Buffer {
  let bytes = Buffer.from(body)
  for (let left = choose.between(1, 4); left > 0; left--) {
    const at = choose.between(0, bytes.length)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    const byte = Buffer.from([choose.between(0, 255)])
    const parts = {
      change: [before, byte, after.subarray(1)],
      leave: [before, after.subarray(1)],
      put: [before, byte, after],
      cut: [before],
    }
    bytes = Buffer.concat(parts[choose.pick(['change', 'leave', 'put', 'cut'] as const)])
  }
  return bytes
}
