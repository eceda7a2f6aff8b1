// Writes postgres-15-text.tsv: what PostgreSQL 15 says of random and hostile arguments of text functions,
// of intervals and of to_char. Run: node test/functions/make-text-answers.mjs [seed] (needs psql, a UTF-8
// database of C.UTF-8). What Heddle answers otherwise is not kept as an answer but looked into.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { randomOf } from './regexp/random-patterns.mjs'

const r = randomOf(Number(process.argv[2] ?? 1))
const pick = (l) => l[Math.floor(r() * l.length)]

function randomCall() {
  const q = (s) =>
    /[\n\t\\]/.test(s)
      ? "E'" +
        s
          .replaceAll('\\', '\\\\')
          .replaceAll('\n', '\\n')
          .replaceAll('\t', '\\t')
          .replaceAll("'", "''") +
        "'"
      : "'" + s.replaceAll("'", "''") + "'"
  const texts = [
    '',
    'a',
    'abc',
    '  x ',
    'A b C',
    'héllo wörld',
    '😀',
    'a😀b',
    'e\u0301x',
    'ßß',
    'İi',
    'ǆ',
    '日本語',
    '\n',
    '\t a',
    'aaa',
    'abcabc',
    '%_',
    '\\',
    "'",
    '"q"',
    'Ω',
    'ﬁ',
    'ᾳ',
    '\u00a0x',
    'xyxy',
    'a,b,,c',
    ',',
    '-12',
    '1e5',
    'x'.repeat(40),
    '中'.repeat(20),
    'ŉ',
    'ὼ',
    'hello WORLD foo_bar-baz',
    "o'neil 3rd",
  ]
  const T = () =>
    r() < 0.04
      ? 'null::text'
      : q(r() < 0.75 ? pick(texts) : pick(texts) + pick(texts)) + (r() < 0.3 ? '::text' : '')
  const I = () =>
    r() < 0.03
      ? 'null::int'
      : String(
          pick([
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            10,
            -1,
            -2,
            -3,
            -5,
            100,
            1000,
            r() < 0.2 ? 2147483647 : 8,
            r() < 0.2 ? -2147483647 : 2,
          ]),
        )
  const S = () => String(pick([0, 1, 2, 3, 5, -1, -2]))
  const fns = [
    () => `upper(${T()})`,
    () => `lower(${T()})`,
    () => `initcap(${T()})`,
    () => `length(${T()})`,
    () => `octet_length(${T()})`,
    () => `bit_length(${T()})`,
    () => `${T()} || ${T()}`,
    () =>
      `concat(${T()}, ${pick(['1', '1.50', 'true', 'null', 'now() is null', "date '2024-01-01'", "'x'", '-3::int8', '1e10::float8', "interval '1 day'"])}, ${T()})`,
    () => `concat_ws(${T()}, ${T()}, null, ${T()}, ${I()})`,
    () => `left(${T()}, ${I()})`,
    () => `right(${T()}, ${I()})`,
    () => `substr(${T()}, ${I()})`,
    () => `substr(${T()}, ${I()}, ${I()})`,
    () => `substring(${T()} from ${I()} for ${I()})`,
    () => `substring(${T()} for ${I()})`,
    () => `lpad(${T()}, ${S()}*7, ${T()})`,
    () => `rpad(${T()}, ${I()}, ${T()})`,
    () => `lpad(${T()}, ${I()})`,
    () => `repeat(${T()}, ${S()})`,
    () => `replace(${T()}, ${T()}, ${T()})`,
    () => `reverse(${T()})`,
    () => `translate(${T()}, ${T()}, ${T()})`,
    () => `overlay(${T()} placing ${T()} from ${I()})`,
    () => `overlay(${T()} placing ${T()} from ${I()} for ${I()})`,
    () => `strpos(${T()}, ${T()})`,
    () => `position(${T()} in ${T()})`,
    () => `split_part(${T()}, ${T()}, ${S()})`,
    () => `starts_with(${T()}, ${T()})`,
    () => `${T()} ^@ ${T()}`,
    () => `btrim(${T()}, ${T()})`,
    () => `ltrim(${T()}, ${T()})`,
    () => `rtrim(${T()}, ${T()})`,
    () => `trim(both from ${T()})`,
    () => `trim(leading ${T()} from ${T()})`,
    () => `btrim(${T()})`,
    () => `ascii(${T()})`,
    () => `chr(${pick([65, 233, 128512, 0, -1, 55296, 1114111, 1114112, 127, 2048])})`,
    () => `md5(${T()})`,
    () => `to_hex(${I()})`,
    () => `to_hex(${I()}::int8)`,
    () => `quote_literal(${T()})`,
    () => `${T()} like ${T()}`,
    () => `${T()} ilike ${T()}`,
    () => `${T()} like ${T()} escape ${T()}`,
    () => `${T()} not like ${T()}`,
    () => `${T()} < ${T()}`,
    () => `${T()} = ${T()}`,
    () => `greatest(${T()}, ${T()})`,
    () => `least(${T()}, ${T()}, ${T()})`,
    () => `${T()}::varchar(${pick([1, 2, 3, 5])})`,
    () => `cast(${T()} as varchar)`,
    () => `char_length(${T()})`,
    () => `length(${T()}::bytea)`,
    () => `${T()}::bytea`,
    () => `substring(${q('\\x010203')}::bytea from ${I()} for ${I()})`,
    () =>
      `regexp_replace(${T()}, ${q(pick(['.', '\\w', 'a*', '(a)(b)?', '\\s+', '[^a-z]', 'x$', '^', '\\y']))}, ${q(pick(['', '\\1', '<\\&>', '\\2x', '\\\\']))}, ${q(pick(['', 'g', 'i', 'gi']))})`,
    () => `regexp_count(${T()}, ${q(pick(['.', '\\w', 'a*', '']))}, ${I()})`,
    () => `regexp_instr(${T()}, ${q(pick(['.', 'b', '[[:alpha:]]+']))}, ${I()}, ${I()})`,
    () => `regexp_substr(${T()}, ${q(pick(['.', 'b', '[[:alpha:]]+']))}, ${I()}, ${I()})`,
    () => `${T()} similar to ${T()}`,
    () => `coalesce(${T()}, ${T()})`,
    () => `nullif(${T()}, ${T()})`,
  ]
  return pick(fns)()
}

function randomInterval() {
  const units =
    'us msec second sec s minute min m hour h day d week w month mon year y decade century millennium days months years hours foo'.split(
      ' ',
    )
  const num = () =>
    pick(['', '-', '+', '']) +
    pick([
      '1',
      '2',
      '0',
      '7',
      '13',
      '30',
      '1.5',
      '0.25',
      '.5',
      '2.',
      '0.0000007',
      '123456',
      '99999',
      '1.23456789',
      '0.333333',
      '4.7',
      '100000.001',
      '2147483647',
    ])
  const clock = () =>
    pick(['', '-', '']) +
    pick([
      '1:2',
      '01:02:03',
      '2:03.5',
      '4:05:06.789',
      '23:59:59.9999999',
      '100:00:00',
      '0:60:00',
      '0:0:60',
    ])
  const ym = () => pick(['', '-']) + pick(['1-2', '3-11', '0-12', '5-0'])
  const body = () => {
    let s = []
    const k = 1 + Math.floor(r() * 3)
    for (let i = 0; i < k; i++)
      s.push(
        pick([
          () => num() + ' ' + pick(units),
          () => num() + ' ' + pick(units),
          () => num() + ' ' + pick(units),
          clock,
          ym,
          num,
          () => num() + pick(units),
        ])(),
      )
    return pick(['', '', '@ ']) + s.join(' ') + pick(['', '', '', ' ago'])
  }
  const iso = () =>
    'P' +
    pick(['', '1Y', '2M', '3W', '4D', '1.5Y', '0.5M', '1.1W', '2.7D', '-3D']) +
    pick(['', '1D']) +
    pick(['', 'T1H', 'T1.5H2M', 'T3.3S', 'T-4M'])
  const f = [
    'year',
    'month',
    'day',
    'hour',
    'minute',
    'second',
    'year to month',
    'day to hour',
    'day to minute',
    'day to second',
    'hour to minute',
    'hour to second',
    'minute to second',
    'second(2)',
    'hour to second(1)',
  ]
  const b = r() < 0.12 ? iso() : body()
  return r() < 0.35
    ? `interval '${b}' ${pick(f)}`
    : r() < 0.1
      ? `interval(${Math.floor(r() * 7)}) '${b}'`
      : `interval '${b}'`
}

function randomTemplate() {
  const ts = [
    "timestamp '2024-02-29 15:04:05.678901'",
    "timestamp '1999-12-31 00:00:00'",
    "timestamp '0044-03-15 12:00:00 BC'",
    "timestamp '2024-06-07 09:08:07.5'",
  ]
  const tp = [
    'YYYY',
    'YY',
    'MM',
    'DD',
    'HH24',
    'HH12',
    'HH',
    'MI',
    'SS',
    'MS',
    'US',
    'FF1',
    'FF2',
    'FF3',
    'FF4',
    'FF5',
    'FF6',
    'AM',
    'am',
    'P.M.',
    'Month',
    'MONTH',
    'month',
    'Mon',
    'MON',
    'Day',
    'DAY',
    'Dy',
    'D',
    'DDD',
    'ID',
    'IDDD',
    'W',
    'WW',
    'IW',
    'IYYY',
    'IY',
    'Q',
    'J',
    'CC',
    'RM',
    'rm',
    'SSSS',
    'SSSSS',
    'Y,YYY',
    'BC',
    'ad',
    'TZ',
    'FM',
    'th',
    'TH',
    '"a\\"b"',
    '"q"',
    ' ',
    '-',
    '/',
    ':',
    '\\\\"',
    'x',
    'Y',
    'YYY',
    'OF',
    'TZH',
    'TZM',
    'FMMonth',
    'FMDD',
    'DDth',
    'ddTH',
    'SP',
    '\\\\',
  ]
  const nums = [
    '0',
    '1',
    '-1',
    '12.345',
    '-0.5',
    '0.05',
    '1234567.891',
    '-1234.5',
    '0.999',
    '99.995',
    '100',
    '-0.001',
    '485',
    '1e10',
  ]
  const np = [
    '9',
    '0',
    '9',
    '9',
    '.',
    'D',
    ',',
    'G',
    'FM',
    'MI',
    'PR',
    'S',
    'PL',
    'SG',
    'L',
    '"x"',
    'V',
    'RN',
    'TH',
    'th',
    'EEEE',
    ' ',
    '-',
    '\\\\"',
  ]
  const num = () =>
    pick([
      'FM99.',
      'FM9.9',
      '999',
      '000',
      '9.99',
      'FM0.00',
      'S999',
      '999S',
      '999MI',
      'MI999',
      'PR999',
      '999PR',
      'FM999,999.00',
      '9,999.99',
      'FM90.99',
      '99.9',
      '0.9',
      '.99',
      'FM.99',
      '"a"99',
      '99"b\\"c"',
      '999D99',
      '99V9',
      'FMRN',
      'RN',
      '99TH',
      'FM99th',
      '9.99EEEE',
      'SG99',
      'PL99',
      '99PL',
      'L99',
      'FML99',
      '9'.repeat(12) + '.99',
      'FM' + '0'.repeat(8),
      Array.from({ length: 1 + Math.floor(r() * 5) }, () => pick(np)).join(''),
    ])
  const q = (s) => (/\\/.test(s) ? "E'" + s + "'" : "'" + s + "'")
  return r() < 0.5
    ? `to_char(${pick(ts)}, ${q(Array.from({ length: 1 + Math.floor(r() * 3) }, () => pick(tp)).join(pick(['', '', '-', ' '])))})`
    : `to_char(${pick(nums)}::${pick(['numeric', 'float8', 'numeric'])}, ${q(num())})`
}

const wanted = [
  [randomCall, 1_000],
  [randomInterval, 600],
  [randomTemplate, 800],
]
const expressions = new Set()
for (const [make, count] of wanted) {
  const most = expressions.size + count
  while (expressions.size < most) expressions.add(make())
}

const input = `set timezone = 'UTC';
create function pg_temp.shown(q text) returns text language plpgsql as $$
declare r text; begin execute 'select (' || q || ')::text' into r; return coalesce(r, 'NULL');
exception when others then return sqlstate || ' ' || sqlerrm; end $$;
create temp table calls (id serial, call text);
copy calls (call) from stdin;
${[...expressions].map((call) => call.replaceAll('\\', '\\\\')).join('\n')}
\\.
select call || e'\\t' || shown from (select call, pg_temp.shown(call) shown from calls) answered
where position(e'\\n' in shown) = 0 and not (call like '%null::text%' and call like '%escape%')
order by call;
`
const lines = execFileSync('psql', ['-qAtX'], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  .trimEnd()
  .split('\n')
  .filter((line) => /^[^\t]*\t[^\t]*\S$/.test(line))
writeFileSync(new URL('postgres-15-text.tsv', import.meta.url), `${lines.join('\n')}\n`)
