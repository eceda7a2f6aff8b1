import type { Chooser } from '../chooser.ts'
import { integer, keyValues, parameters, type Asked } from './parameters.ts'
import type { Theme } from './steps.ts'

/** Rows beyond which a nested loop of PostgreSQL takes too long. */
const NESTED_ROWS_MAX = 2_000

const from = ['t', 't', 't', 'u', 'v'] as const

export function queryOf(choose: Chooser, theme: Theme): Asked {
  const makers = theme.rows <= NESTED_ROWS_MAX ? [...cheap, nested] : cheap
  return choose.pick(makers)(choose, theme)
}

type Maker = (choose: Chooser, theme: Theme) => Asked

const output = [
  't.id, u.id as i2',
  't.id, t.k, u.k as k2, u.x',
  't.*, u.id as i2',
  'count(*) as n, count(u.id) as m, sum(t.id) as s, min(u.s) as lo, max(u.d) as hi',
  'u.s, count(*) as n, max(t.k) as k',
  't.x, count(*) as n, min(u.id) as k',
] as const

/** Output of a join, and what it is grouped by. */
function joinOutput(choose: Chooser, theme: Theme): { list: string; rest: string } {
  const list = choose.pick(theme.rows > 300 ? output.slice(3) : output)
  const key = /^([ut]\.[sx]), count/.exec(list)?.[1]
  return { list, rest: key === undefined ? '' : ` group by ${key}` }
}

const pairs = [
  't.k = u.k',
  't.k = u.k',
  't.k = u.k',
  't.id = u.id',
  't.s = u.s',
  't.d = u.d',
  't.x = u.x',
] as const

function join(choose: Chooser, theme: Theme): Asked {
  const { list, rest } = joinOutput(choose, theme)
  const kind = choose.pick(['join', 'join', 'left join', 'right join', 'full join'] as const)
  const on = choose.chance(0.25)
    ? `${choose.pick(pairs)} and ${choose.pick(pairs)}`
    : choose.pick(pairs)
  const extra = choose.pick(['', '', ' and u.id % 2 = 0', ' and t.x is not null'])
  const condition = choose.pick([
    '',
    '',
    ' where u.k is null',
    ' where t.k = $1',
    ' where u.k >= $1',
    ' where t.id % 3 <> 0',
  ])
  const left = choose.pick(['t', 't', '(select * from t where x is not null) t', 'v t'])
  const right = choose.pick([
    'u',
    'u',
    '(select * from (select *, row_number() over (partition by k order by id) as o from u) q where o = 1) u',
    '(select k, min(id) as id, max(s) as s, min(d) as d, sum(x) as x from u group by k) u',
  ])
  const wanted = right.includes('sum(x)') ? list.replaceAll('t.*', 't.id') : list
  return {
    text: `select ${wanted} from ${left} ${kind} ${right} on ${on}${extra}${condition}${rest}`,
    values: condition.includes('$1') ? [keyValues[theme.keys]] : [],
  }
}

function semi(choose: Chooser, theme: Theme): Asked {
  const condition = choose.pick([
    'exists (select 1 from u where u.k = t.k)',
    'not exists (select 1 from u where u.k = t.k)',
    'exists (select 1 from u where u.k = t.k and u.x > t.x)',
    't.k in (select k from u)',
    't.k not in (select k from u)',
    't.k not in (select k from u where k is not null)',
    't.k in (select k from u where u.id % 2 = 0) or t.x > $1',
    't.k = any (select k from u where u.x < $1)',
    't.x > (select max(u.x) from u where u.k = t.k)',
    't.id = (select max(u.id) from u where u.s = t.s)',
  ])
  const list = theme.rows > 300 ? 'count(*) as n, sum(id) as s, min(k) as k' : 'id, k'
  return {
    text: `select ${list} from t where ${condition}`,
    values: condition.includes('$1') ? [integer] : [],
  }
}

function nested(choose: Chooser, theme: Theme): Asked {
  const { list, rest } = joinOutput(choose, theme)
  const kind = choose.pick(['join', 'join', 'left join'] as const)
  const on = choose.pick([
    't.k < u.k',
    't.k between u.k and u.k',
    't.x between u.x - 5 and u.x + 5',
    "t.d >= u.d and t.d < u.d + interval '3 days'",
    't.d > u.d and t.x <= u.x',
    't.id between u.id - 3 and u.id + 3',
    't.s < u.s and t.k = u.k',
    't.x > u.x and u.k is not null and t.s <> u.s',
    't.x >= u.x and t.x <= u.id',
    't.x > u.x * 2',
    't.d::date <= u.d::date and u.d::date <= t.d::date + 1',
  ])
  const condition = choose.pick([
    '',
    '',
    ' where u.id % 5 < 2',
    ' where u.k is null',
    ' where t.id % 7 = $1',
  ])
  if (choose.chance(0.25)) {
    const not = choose.pick(['', 'not '])
    return {
      text: `select count(*) as n, sum(id) as s from t where ${not}exists (select from u where ${on})`,
      values: [],
    }
  }
  return {
    text: `select ${list} from t ${kind} u on ${on}${condition}${rest}`,
    values: condition.includes('$1') ? [integer] : [],
  }
}

const expressions = [
  "date_trunc('month', d)",
  "date_trunc('week', d)",
  "date_trunc('century', d)",
  'extract(year from d)',
  'extract(dow from d)',
  "to_char(d, 'YYYY-MM')",
  "to_char(d, 'Day DD Mon YYYY BC')",
  'd::date',
  'extract(epoch from d)',
  'upper(s)',
  'substr(s, 1, 2)',
  'length(s)',
  'left(s, 1)',
  "s || 'x'",
  'trim(s)',
  's::varchar(2)',
  'x::int',
  'x::text',
  'abs(x)',
  'x > 5',
  'round(x)',
  'x::numeric(10,1)',
  "to_char(x, 'FM999990.00')",
  'x::float8',
  '-x',
  'k',
  'x',
  's',
  'd',
  'a',
  'j',
  'k::text',
  'x is null',
  "coalesce(s, 'none')",
  'x + 1',
  'x * 0.5',
  "j -> 'a'",
  "j ->> 'a'",
  'a[1]',
  'cardinality(a)',
  's::char(3)',
  'x::int8 % 10',
  "jsonb_set(j, '{a}', '1.50')",
  "j - 'a'",
  "j #- '{b,0}'",
  'j || j',
  "j #>> '{a,b,1,c}'",
  'a::text',
  'extract(isodow from d) + extract(week from d)',
] as const

function group(choose: Chooser, theme: Theme): Asked {
  const keys = choose.some(1, 2, () => choose.pick(expressions))
  const list = keys.map((key, at) => `${key} as g${at}`).join(', ')
  const sums = choose.pick([
    'count(*) as n',
    'count(*) as n, sum(id) as s, count(x) as m',
    'min(k) as lo, max(s) as hi',
    'count(distinct s) as n, max(d) as d',
    'sum(x) as x, avg(id) as y',
    'array_agg(id order by id) as l, bool_and(x > 1) as b',
  ])
  const condition = choose.pick([
    '',
    '',
    ' where k > $1',
    ' where id % 2 = 0',
    ' where x is not null and s is not null',
  ])
  return {
    text: `select ${list}, ${sums} from ${choose.pick(from)}${condition} group by ${keys.map((_, at) => at + 1).join(', ')}`,
    values: condition.includes('$1') ? [keyValues[theme.keys]] : [],
  }
}

function rows(choose: Chooser, theme: Theme): Asked {
  const list = choose.some(1, 4, (at) => `${choose.pick(expressions)} as c${at}`).join(', ')
  const condition = choose.pick([
    '',
    'where k = $1',
    'where k < $1 or x is null',
    'where $1 <> k',
    "where s like 'w1%'",
    'where x between 1 and 10',
  ])
  const rest = theme.rows > 300 ? ` order by id limit ${choose.pick([10, 500])}` : ''
  return {
    text: `select id, ${list} from ${choose.pick(from)} ${condition}${rest}`,
    values: condition.includes('$1') ? [keyValues[theme.keys]] : [],
  }
}

const calls = [
  'row_number()',
  'rank()',
  'dense_rank()',
  'ntile(3)',
  'percent_rank()',
  'cume_dist()',
  'lag(x)',
  "lag(s, 2, 'none')",
  'lead(k, 1)',
  'lead(id, id::int % 3)',
  'lag(d, 2, d)',
  'first_value(s)',
  'last_value(k)',
  'nth_value(x, 2)',
  'sum(id)',
  'count(x)',
  'min(s)',
  'max(k)',
  'avg(id)',
  'lag(a)',
  'lead(j, 1, j)',
  'count(*)',
] as const
const parts = [
  '',
  '',
  'partition by k ',
  'partition by s ',
  'partition by k, x ',
  'partition by id % 5 ',
  "partition by date_trunc('month', d) ",
] as const
const orders = [
  'order by id',
  'order by id desc',
  'order by k, id',
  'order by s nulls first, id',
  'order by x desc, d, id',
] as const
const frames = [
  '',
  '',
  '',
  ' rows between 2 preceding and current row',
  ' rows between unbounded preceding and unbounded following exclude current row',
  ' groups between 1 preceding and 1 following exclude ties',
  ' rows between 1 following and 3 following',
  ' range between unbounded preceding and current row exclude group',
] as const

function window(choose: Chooser, theme: Theme): Asked {
  const list = choose.some(1, 3, (at) => {
    const over = `${choose.pick(parts)}${choose.pick(orders)}${choose.pick(frames)}`
    return `${choose.pick(calls)} over (${over}) as w${at}`
  })
  const inner = `select id, ${list.join(', ')} from ${choose.pick(from)}`
  if (theme.rows <= 300) return { text: inner, values: [] }
  return choose.chance(0.5)
    ? {
        text: `select * from (${inner}) q where id % 1000 < $1 order by id limit 500`,
        values: [integer],
      }
    : {
        text: `select w0, count(*) as n, sum(id) as s from (${inner}) q group by w0 order by n desc, s, w0 limit 300`,
        values: [],
      }
}

function unnested(choose: Chooser, theme: Theme): Asked {
  const text = choose.pick([
    'select id, unnest(a) as e from t',
    'select id, unnest(a) as e, unnest(array[1, 2]) as f from t',
    'select t.id, e, o from t, unnest(t.a) with ordinality m (e, o)',
    'select t.id, e from t left join lateral unnest(t.a) m (e) on true',
    'select t.id, e, f from t, unnest(t.a, array[t.id, null]) m (e, f)',
    'select e, count(*) as n from t, unnest(t.a) m (e) group by e',
    'select id, array_length(a, 1) as l, a[1] as b, a || a as c, array_remove(a, null) as r from t',
    "select id, a::text[] as b, cardinality(a) as c, array_to_string(a, ',', '-') as d from t",
    "select id, key, value from t, jsonb_each(case jsonb_typeof(j) when 'object' then j end) e (key, value)",
    "select id, e from t, jsonb_array_elements(case jsonb_typeof(j) when 'array' then j end) m (e)",
    'select t.id, (select count(*) from unnest(t.a) m (e) where e is null) as n from t',
    'select t.id, u.id as i2 from t join u on t.a = u.a',
    'select t.id, t.k = any (array(select k from u where u.id % 7 = 0)) as b from t',
  ])
  if (theme.rows <= 300) return { text, values: [] }
  const grouped = / e,? .* from t(?!.*group)/.test(text) ? text : undefined
  return grouped === undefined || choose.chance(0.3)
    ? { text: `select count(*) as n from (${text}) q`, values: [] }
    : { text: `select e, count(*) as n, min(id) as i from (${text}) q group by e`, values: [] }
}

function whole(choose: Chooser, theme: Theme): Asked {
  const text = choose.pick([
    'select count(*) as n, count(k) as m, min(k) as lo, max(k) as hi from t',
    'select distinct k from t',
    'select distinct s, x from t',
    'select k from t union select k from u',
    'select k from t except select k from u',
    'select k from t intersect select k from u',
    'select id, k from t order by k, id limit 20',
    'select id, s from t order by s desc nulls last, id limit 20 offset 3',
    'select id, x from t where x > $1 order by x, id limit 10',
    'select k, x from t union all select k, x from u',
    'select sum(x) as s, avg(x) as y, min(x) as lo, max(x) as hi from t where id % 3 = $1',
    'select count(*) as n from t where k in ($1, $2)',
    'select s, min(d) as lo, max(a) as hi from v group by s',
    'select count(distinct k) as n, count(distinct x) as m, count(distinct d) as o from t',
    'select max(id) as m from t where s = $1',
  ])
  const makers = text.includes('in ($1')
    ? [keyValues[theme.keys], keyValues[theme.keys]]
    : text.includes('s = $1')
      ? [keyValues.texts]
      : text.includes('$1')
        ? [integer]
        : []
  return { text, values: makers }
}

const cheap: readonly Maker[] = [
  join,
  join,
  join,
  semi,
  group,
  group,
  rows,
  window,
  unnested,
  whole,
  parameters,
  parameters,
  parameters,
]
