/** A function as each engine writes it; `$` is the text column, of many distinct values or of few. */
export interface FunctionCase {
  readonly ours: string
  readonly theirs: string
  /** How its values become the few that are compared. */
  readonly check: Check
}

export type Check = keyof typeof checks

/** What is asked of the values `a`: enough to tell a wrong one, and cheap. */
export const checks = {
  text: 'min(a), max(a), sum(length(a)), count(a)',
  number: 'sum(a), count(a)',
  float: 'sum(a), min(a), max(a)',
  extreme: 'cast(min(a) as varchar), cast(max(a) as varchar), count(a)',
  truth: 'count(*) filter (where a), count(a)',
  duration: 'extract(epoch from min(a)), extract(epoch from max(a)), count(a)',
} as const

const moment = "timestamp '2021-01-01' + n * 7919 % 1000003 * interval '97 seconds'"

/** The columns of the table: every seventeenth value is NULL. */
export const columns: Readonly<Record<string, string>> = {
  plain: "'Word ' || cast(n * 7919 % 1000003 as varchar) || '-x'",
  coded: "'Word ' || cast(n * 31 % 1000 as varchar) || '-x'",
  digits: 'cast(n * 7919 % 1000003 as varchar)',
  day: "cast(cast(date '2021-01-01' + cast(n % 3000 as integer) as date) as varchar)",
  i: 'cast(n * 31 % 100003 as integer)',
  b: 'n * 7919 % 1000003 * 1000003',
  x: 'cast(n * 31 % 100003 as decimal(12, 2)) * 0.25',
  v: 'cast(n % 97 + 1 as decimal(6, 2)) * 1.01',
  f: 'cast(n * 7919 % 1000003 as double precision) / 7 + 0.5',
  t: moment,
  u: `${moment} - n % 10007 * interval '3601 seconds'`,
  d: "cast(date '2021-01-01' + cast(n % 3000 as integer) as date)",
}

const both = (sql: string, check: Check): FunctionCase => ({ ours: sql, theirs: sql, check })
const unlike = (ours: string, theirs: string, check: Check): FunctionCase => ({
  ours,
  theirs,
  check,
})

/** Functions of a text, timed over both kinds of columns. */
export const textCases: readonly FunctionCase[] = [
  both('upper($)', 'text'),
  both('lower($)', 'text'),
  both('reverse($)', 'text'),
  unlike("lpad($, 20, '*')", "lpad($, 20, '*')", 'text'),
  unlike("rpad($, 20, '*')", "rpad($, 20, '*')", 'text'),
  both('repeat($, 3)', 'text'),
  both("replace($, 'or', 'OORR')", 'text'),
  both("split_part($, ' ', 2)", 'text'),
  both("translate($, 'Wo-', 'vu')", 'text'),
  both("concat_ws('/', $, i, $)", 'text'),
  both("concat($, 'x', $)", 'text'),
  both('$ || i', 'text'),
  both("$ || '!'", 'text'),
  both('left($, 6)', 'text'),
  both('right($, 6)', 'text'),
  both('substr($, 3, 5)', 'text'),
  both("strpos($, '-')", 'number'),
  both("ltrim($, 'Wor')", 'text'),
  both('ascii($)', 'number'),
  both('length($)', 'number'),
  both('md5($)', 'text'),
  both("$ like '%7%9%'", 'truth'),
  both("$ ilike 'word 1%'", 'truth'),
  unlike("$ ~ 'd 1.*[05]-'", "regexp_matches($, 'd 1.*[05]-')", 'truth'),
  both("regexp_replace($, '[0-9]+', '#')", 'text'),
]

/** Functions of other types. */
export const otherCases: readonly FunctionCase[] = [
  both('chr(65 + i % 26)', 'text'),
  both('cast(i as varchar)', 'text'),
  both('cast(b as varchar)', 'text'),
  both('cast(x as varchar)', 'text'),
  both('cast(f as varchar)', 'text'),
  both('cast(d as varchar)', 'text'),
  both('cast(t as varchar)', 'text'),
  both('cast(digits as integer)', 'number'),
  both('cast(digits as bigint)', 'number'),
  both('cast(digits as double precision)', 'float'),
  both('cast(digits as decimal(12, 2))', 'number'),
  both('cast(day as date)', 'extreme'),
  both('cast(day as timestamp)', 'extreme'),
  both('extract(year from t)', 'number'),
  both('extract(month from d)', 'number'),
  both('extract(hour from t)', 'number'),
  unlike('extract(isodow from d)', 'isodow(d)', 'number'),
  unlike('extract(decade from d)', 'decade(d)', 'number'),
  unlike('extract(century from d)', 'century(d)', 'number'),
  unlike('extract(second from t)', 'extract(second from t)', 'number'),
  both('extract(epoch from t)', 'float'),
  both("date_part('epoch', t)", 'float'),
  both("date_trunc('month', t)", 'extreme'),
  both("date_trunc('hour', t)", 'extreme'),
  both('t - u', 'duration'),
  both('age(t, u)', 'duration'),
  unlike("to_char(t, 'YYYY-MM')", "strftime(t, '%Y-%m')", 'text'),
  unlike("to_char(t, 'YYYY-MM-DD HH24:MI:SS')", "strftime(t, '%Y-%m-%d %H:%M:%S')", 'text'),
  unlike("to_char(t, 'Dy DD Mon')", "strftime(t, '%a %d %b')", 'text'),
  unlike(
    'make_date(2000 + i % 30, 1 + i % 12, 1 + i % 28)',
    'make_date(2000 + i % 30, 1 + i % 12, 1 + i % 28)',
    'extreme',
  ),
  unlike('round(x, 1)', 'round(x, 1)', 'number'),
  unlike('cast(x as numeric) / cast(v as numeric)', 'x / v', 'float'),
  unlike('x / v', 'x / v', 'float'),
  unlike('cast(f as numeric)', 'cast(f as decimal(18, 3))', 'float'),
  unlike('round(cast(f as numeric), 2)', 'round(f, 2)', 'float'),
  both('floor(x)', 'number'),
  both('floor(f)', 'float'),
  both('abs(x)', 'number'),
  both('sqrt(f)', 'float'),
  both('ln(f)', 'float'),
  both('exp(f / 1000000)', 'float'),
  both('power(f, 0.5)', 'float'),
  both('sin(f)', 'float'),
  unlike(
    'width_bucket(f, 0, 150000, 100)',
    'least(greatest(cast(floor(f * 100 / 150000) as integer) + 1, 0), 101)',
    'number',
  ),
  unlike('to_hex(i)', 'lower(to_hex(i))', 'text'),
]
