import type { Chooser } from '../chooser.ts'
import type { Theme } from './steps.ts'

/** A statement that is asked again and again. */
export interface Asked {
  readonly text: string
  /** Makers of the values of $1, $2, ... */
  readonly values: readonly ((choose: Chooser) => string)[]
}

/** Makers of values for parameters. */
export const integer = (choose: Chooser): string => String(choose.pick([0, 1, 2, 5, 50, -1, 1000]))

export const keyValues: Readonly<Record<Theme['keys'], (choose: Chooser) => string>> = {
  numbers: (choose) => choose.pick(['0', '1', '2.5', '-3', '50', '1e3', '99999999999', '0.00001']),
  texts: (choose) => choose.pick(['', 'a', 'a ', 'A', 'w1', 'v7', '1', '10c', 'é1']),
  moments: (choose) =>
    choose.pick(['2000-01-01', '1970-01-01 00:00:00.000001', '0001-06-01', '2024-01-05']),
  others: (choose) => choose.pick(['1', 'true', '12:00', '1 day']),
  arrays: () => '{}',
  documents: () => '{}',
}

/** A statement and makers of its parameters; a place stands for one of several texts. */
type Parameters = readonly [text: string, ...values: readonly ((choose: Chooser) => string)[]]

const count = (choose: Chooser): string => String(choose.pick([0, 1, 2, 3, 7, -1]))
const real = (choose: Chooser): string =>
  choose.pick(['0', '1.5', '-2.250', '1e20', '0.000000001', '99999999999999999999', 'NaN'])
const word = keyValues.texts
const pattern = (choose: Chooser): string =>
  choose.pick(['w1%', '%', '', '_', 'a', '%é%', 'a_', '\\'])
const list = (choose: Chooser): string =>
  choose.pick(['{}', '{1}', '{1,2,NULL}', '{0,5,50,1000,99999}', '{-1,-1}'])
const unit = (choose: Chooser): string =>
  choose.pick(['month', 'day', 'week', 'hour', 'century', 'nothing', 'milliseconds'])
const template = (choose: Chooser): string =>
  choose.pick(['FM990.00', '999', 'S9,999.9', '9.99EEEE', 'FM000V9', ''])
const moment = keyValues.moments

/** Parameters at all places where a plan, a kernel or a template may be made of them once. */
const asked: readonly Parameters[] = [
  ['select id, x + $1::numeric as v from t order by id limit 50', real],
  ['select id, x * $1::numeric as v, x / $2::int as w from t order by id limit 50', real, count],
  ['select sum(x * $1::numeric) as v from t', real],
  ['select id, id % $1 as v from t order by id limit 50', count],
  ['select id from t order by id limit $1 offset $2', count, count],
  [
    'select id, s || $1 as v, substr(s, $2::int) as w, left(s, $2::int) as y from t order by id limit 50',
    word,
    count,
  ],
  ['select date_trunc($1, d) as v, count(*) as n from t group by 1', unit],
  [
    'select extract(year from d + $1::interval) as v, count(*) as n from t group by 1',
    (choose) => choose.pick(['1 year', '-1 day', '0', '100 years 3 mons']),
  ],
  ['select id, to_char(x, $1) as v from t order by id limit 50', template],
  ['select id, a[$1] as v, a[$1:$2] as w from t order by id limit 50', count, count],
  [
    'select id, j -> $1 as v, j - $1 as w, j ? $1 as y from t order by id limit 50',
    (choose) => choose.pick(['a', 'b', 'zz', '']),
  ],
  [
    "select id, jsonb_set(j, $1, $2) as v from t where jsonb_typeof(j) in ('object', 'array') order by id limit 50",
    (choose) => choose.pick(['{a}', '{b,0}', '{a,b,1,c}', '{}', '{0}']),
    (choose) => choose.pick(['1', '{"z": [1.10]}', 'null', '"x"']),
  ],
  ['select count(*) as n from generate_series(1, $1::int) g join t on t.id = g', integer],
  [
    'select id, coalesce($1, s) as v, nullif($1, s) as w, $1 is null as y from t order by id limit 50',
    word,
  ],
  ['select count(*) as n, min(id) as m from t where s like $1', pattern],
  ['select count(*) as n, min(id) as m from t where s in ($1, $2, null)', word, word],
  ['select count(*) as n, min(id) as m from t where id = any ($1)', list],
  ['select count(*) as n, min(id) as m from t where x = any ($1::numeric[])', list],
  ['select count(*) as n, min(id) as m from t where x between $1 and $2', integer, integer],
  ['select count(*) as n, min(id) as m from t where d >= $1 and d < $2', moment, moment],
  [
    'select count(*) as n, min(id) as m from t where (x > $1 or $2) and s is not null',
    integer,
    (choose) => choose.pick(['t', 'f']),
  ],
  [
    'select id, lag(x, $1::int) over (order by id) as v, ntile($2::int) over (order by id) as w from t order by id limit 50',
    count,
    count,
  ],
  [
    'select id, sum(id) over (order by id rows between $1 preceding and $2 following) as v from t order by id limit 50',
    count,
    count,
  ],
  ['select id, round(x::numeric, $1::int) as v from t order by id limit 50', count],
  [
    'select t.id, u.id as i2 from t join u on t.k = u.k where u.x > $1 and t.id % 5 = $2 order by 1, 2 limit 100',
    integer,
    count,
  ],
  ['select count(*) as n, sum(u.id) as m from t left join u on t.id = u.id + $1', integer],
  ['select count(*) as n, sum(u.id) as m from t join u on t.id + $1 = u.id + $2', integer, integer],
  [
    'select (select count(*) from u where u.k = t.k and u.id > $1) as v, count(*) as n from t group by 1',
    integer,
  ],
  [
    'select g.id, g.n from (select k, count(*) as n, min(id) as id from t group by k having count(*) > $1) g order by 1 limit 50',
    count,
  ],
  [
    'with w as (select * from t where id % 3 <> $1) select count(*) as n, count(distinct w.s) as m from w join w z on w.id = z.id',
    count,
  ],
  [
    'select s, grouping(s) as g, count(*) filter (where x > $1) as n from t group by rollup (s)',
    integer,
  ],
  [
    'select case when x > $1 then s when x < $2 then $3 end as v, count(*) as n from t group by 1',
    integer,
    integer,
    word,
  ],
  ['select string_agg(s, $1 order by id) as v from t where id % 1000 < 5', word],
  [
    'select array_agg(x order by id) filter (where x <> $1) as v from t where id % 1000 < 5',
    integer,
  ],
  [
    'select percentile_cont($1::float8) within group (order by id) as v, mode() within group (order by s) as w from t',
    (choose) => choose.pick(['0', '0.5', '1', '2']),
  ],
  [
    'select $1::int8 + id as v from t order by 1 limit 10',
    (choose) => choose.pick(['1', '9223372036854775807', '-9223372036854775808']),
  ],
  ['select count(*) as n from t where k is not distinct from $1', integer],
  [
    'select t.id from t where exists (select from u where u.k = t.k and u.id % 7 = $1) order by id limit 50',
    count,
  ],
  [
    'select t.id from t where not exists (select from u where u.x = t.x and u.id % 7 <> $1) order by id limit 50',
    count,
  ],
  [
    'select t.id, m.id as i2 from t left join lateral (select u.id from u where u.x = t.x and u.id > $1) m on true order by 1, 2 limit 50',
    integer,
  ],
  ['select t.id, e from t, unnest(array[t.id, $1]) e order by 1, 2 limit 50', integer],
  [
    'select count(*) as n, sum(a.id) as m from t a join t b on a.k = b.k join u on u.k = b.k where a.id % 11 = $1',
    count,
  ],
  [
    'insert into u select (select max(id) + $1 from u) + row_number() over (order by id), k, x, s, d, a, j from u where id % 5 = $2',
    (choose) => choose.pick(['0', '1', '1000']),
    count,
  ],
  [
    'insert into t select (select coalesce(max(id), 0) from t) + row_number() over (order by id), k, x, $1, d, a, j from u where id % 3 = 0',
    word,
  ],
]

/** A statement of which much is only known when it runs. */
export function parameters(choose: Chooser): Asked {
  const [text, ...values] = choose.pick(asked)
  return { text, values }
}
