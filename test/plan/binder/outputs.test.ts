import { describe, expect, test } from 'vitest'
import { typeName } from '../../../src/data/types/data-type.ts'
import { postgresKind } from '../../../src/data/types/coercion.ts'
import { bindText } from './binding.ts'

/** [sql, names and types of its columns], as PostgreSQL 15 described them over the same tables. */
const recorded: readonly (readonly [string, string])[] = [
  [
    'select * from t',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone',
  ],
  [
    'select t.* , 1 as one from t',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, one integer',
  ],
  [
    'select u.*, t.* from t, u',
    'a integer, x double precision, y text, a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone',
  ],
  [
    'select * from t join u using (a)',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  [
    'select * from t natural join u',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  [
    'select * from t left join u using (a)',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  [
    'select * from t right join u using (a)',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  [
    'select * from t full join u using (a)',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  ['select a from t full join u using (a)', 'a integer'],
  ['select t.a, u.a from t full join u using (a)', 'a integer, a integer'],
  [
    'select * from t t1(x,y)',
    'x integer, y text, c numeric, d date, f boolean, ts timestamp without time zone',
  ],
  ['select * from (select 1, 2) s', '?column? integer, ?column? integer'],
  ['select * from (select 1, 2) s(p)', 'p integer, ?column? integer'],
  ['select s from (select 1 as s) q', 's integer'],
  ['select 1 as a union all select 2.5', 'a numeric'],
  ['select null union select 1', '?column? integer'],
  ['select null union select null', '?column? text'],
  ["select 'a' union all select null", '?column? text'],
  ['select 1::int2 union select 2::int8', 'int2 bigint'],
  [
    "select date '2020-01-01' union select timestamp '2020-01-01'",
    'date timestamp without time zone',
  ],
  ['values (1),(2.5)', 'column1 numeric'],
  ['values (null),(1)', 'column1 integer'],
  ["values ('a'),(null)", 'column1 text'],
  ['select case when f then 1 else 2.5 end from t', 'case numeric'],
  ["select case a when 1 then 'x' end from t", 'case text'],
  ['select a::text from t', 'a text'],
  ['select cast(a as int8) from t', 'a bigint'],
  ["select '1'::int", 'int4 integer'],
  ['select a + 1.5 from t', '?column? numeric'],
  ['select a + 1::float8 from t', '?column? double precision'],
  ['select c * 2 from t', '?column? numeric'],
  [
    'select sum(a), sum(c), avg(a), count(*), count(a), min(b), max(d) from t',
    'sum bigint, sum numeric, avg numeric, count bigint, count bigint, min text, max date',
  ],
  ['select b, sum(a) from t group by b', 'b text, sum bigint'],
  ['select b as k, sum(a) from t group by k', 'k text, sum bigint'],
  ['select b, sum(a) from t group by 1', 'b text, sum bigint'],
  ['select upper(b) from t group by upper(b)', 'upper text'],
  ['select a + 1, count(*) from t group by a + 1', '?column? integer, count bigint'],
  ['select a + 1 from t group by a', '?column? integer'],
  ['select (a + 1) * 2 from t group by a + 1', '?column? integer'],
  ['select count(*) from t having count(*) > 0', 'count bigint'],
  ['select a from t order by b', 'a integer'],
  ['select a as b from t order by b', 'b integer'],
  ['select a from t order by a + 1', 'a integer'],
  ['select a, b from t order by 2 desc, 1', 'a integer, b text'],
  ['select b, count(*) from t group by b order by count(*)', 'b text, count bigint'],
  ['select b from t group by b order by sum(a) desc', 'b text'],
  ['select distinct a from t order by a', 'a integer'],
  ['select distinct a + 1 as x from t order by a + 1', 'x integer'],
  ['select a from t order by t.a', 'a integer'],
  ['(select a from t) order by a', 'a integer'],
  [
    '(select a from t limit 1) union all (select a from u order by x limit 2) order by a',
    'a integer',
  ],
  ['select a from t union select a from u order by a', 'a integer'],
  ['select a from t where a in (1, 2, null)', 'a integer'],
  ["select a from t where a in ('1', '2')", 'a integer'],
  ["select a from t where (a, b) = (1, 'x')", 'a integer'],
  ["select a from t where (a, b) in ((1, 'x'), (2, 'y'))", 'a integer'],
  ["select a from t where (a, b) < (1, 'x')", 'a integer'],
  ['select a from t where (a, b) in (select a, y from u)', 'a integer'],
  ['select a from t where a > all (select a from u)', 'a integer'],
  ['select a from t where a = any (array[1,2])', 'a integer'],
  [
    'select a from t where exists (select * from u where u.a = t.a and u.x > (select avg(x) from u u2 where u2.a = t.a))',
    'a integer',
  ],
  [
    'select (select max(x) from u) as m, (select count(*) from u where u.a = t.a) from t',
    'm double precision, count bigint',
  ],
  ['select (select sum(t.a + u.a) from u) from t', 'sum bigint'],
  ['select (select sum(t.a) from u limit 1) from t group by b', 'sum bigint'],
  [
    'select b, (select max(x) from u where u.y = b) from t group by b',
    'b text, max double precision',
  ],
  ['with c as (select a, b from t) select c1.a from c c1 join c c2 on c1.a = c2.a', 'a integer'],
  [
    'with c(x) as (select a from t), d as (select x + 1 as y from c) select * from d, c',
    'y integer, x integer',
  ],
  ['with c as materialized (select 1 as x) select * from c', 'x integer'],
  ['with c as (select 1 as x) select (select x from c)', 'x integer'],
  [
    'select * from t, lateral (select t.a + 1 as n) s',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, n integer',
  ],
  [
    'select * from t left join lateral (select x from u where u.a = t.a limit 1) s on true',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision',
  ],
  [
    'select a is null, a is not null, f is true, f is not false, f is unknown from t',
    '?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean',
  ],
  ['select a is distinct from 1 from t', '?column? boolean'],
  [
    'select a between 1 and 2, a not between symmetric 5 and 3 from t',
    '?column? boolean, ?column? boolean',
  ],
  [
    'select not f, f and true, f or false from t',
    '?column? boolean, ?column? boolean, ?column? boolean',
  ],
  [
    'select -a, +a, - 5, -2147483648, -2147483649 from t',
    '?column? integer, ?column? integer, ?column? integer, ?column? integer, ?column? bigint',
  ],
  [
    'select 9223372036854775807, 9223372036854775808, 1e3, 1.50, .5',
    '?column? bigint, ?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric',
  ],
  [
    'select coalesce(a, 0), nullif(a, 1), greatest(a, 2), least(1, 2.5) from t',
    'coalesce integer, nullif integer, greatest integer, least numeric',
  ],
  ["select coalesce(null, 'x'), coalesce(a, c) from t", 'coalesce text, coalesce numeric'],
  ["select b || 'x', 'a' || 'b' from t", '?column? text, ?column? text'],
  [
    "select b like 'a%', b not like 'b', b ilike 'c' from t",
    '?column? boolean, ?column? boolean, ?column? boolean',
  ],
  [
    "select interval '1 day', date '2020-01-01', timestamp '2020-01-01 00:00', time '10:00'",
    'interval interval, date date, timestamp timestamp without time zone, time time without time zone',
  ],
  ["select interval '3' month", 'interval interval'],
  [
    'select current_date, current_timestamp, now(), localtimestamp',
    'current_date date, current_timestamp timestamp with time zone, now timestamp with time zone, localtimestamp timestamp without time zone',
  ],
  ['select true, false, null', '?column? boolean, ?column? boolean, ?column? text'],
  ['select exists (select 1)', 'exists boolean'],
  ['select a as "A b" from t', 'A b integer'],
  ['select a "X" from t', 'X integer'],
  ['select count(distinct a), sum(distinct c) from t', 'count bigint, sum numeric'],
  ['select count(*) filter (where a > 1) from t', 'count bigint'],
  ['select bool_and(f), every(f) from t', 'bool_and boolean, every boolean'],
  [
    'select a % 2, a / 2, c / 2, c % 2 from t',
    '?column? integer, ?column? integer, ?column? numeric, ?column? numeric',
  ],
  ['select a from t limit 1 + 1 offset 2', 'a integer'],
  ['select a from t fetch first 3 rows only', 'a integer'],
  ['table t', 'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone'],
  ['select 1 from t group by a having a > 1 order by a', '?column? integer'],
  ['select max(a) - min(a) from t', '?column? integer'],
  ['select sum(a) / count(*) from t', '?column? bigint'],
  ['select a from (values (1),(2)) v(a)', 'a integer'],
  ["select * from (values (1,'x'),(2,'y')) v", 'column1 integer, column2 text'],
  ['select v.column1 from (values (1)) v', 'column1 integer'],
  ['select t.a from t cross join u', 'a integer'],
  [
    'select * from (t join u using (a)) j',
    'a integer, b text, c numeric, d date, f boolean, ts timestamp without time zone, x double precision, y text',
  ],
  ['select j.a, j.b from (t join u using (a)) j', 'a integer, b text'],
  ['select x.a from t join u using (a) as x', 'a integer'],
  ['select a from public.t', 'a integer'],
  ['select public.t.a from public.t', 'a integer'],
  ['select 1 where true', '?column? integer'],
  ["select 'a' = 'a'", '?column? boolean'],
  ["select '1' + 2", '?column? integer'],
  ["select '2020-01-01' < d from t", '?column? boolean'],
  ["select d > '2020-01-01' from t", '?column? boolean'],
  ['select d - d, d + 1 from t', '?column? integer, ?column? date'],
  [
    "select d + interval '1 day', ts - ts from t",
    '?column? timestamp without time zone, ?column? interval',
  ],
  ['select extract(year from d) from t', 'extract numeric'],
  ['select case when a > 0 then a end from t', 'case integer'],
  ['select a::int8 = any (select a from u) from t', '?column? boolean'],
  ['select a from t where a in (select 1 union select 2)', 'a integer'],
  ['select round(c, 1), round(x) from t, u', 'round numeric, round double precision'],
  [
    'select length(b), substring(b from 1 for 2), trim(b), upper(b) from t',
    'length integer, substring text, btrim text, upper text',
  ],
  ["select position('a' in b) from t", 'position integer'],
  ["select ts at time zone 'UTC' from t", 'timezone timestamp with time zone'],
  ['select a from t intersect select a from u', 'a integer'],
  ['select a from t except select a from u', 'a integer'],
  ['select b as zz from t group by zz', 'zz text'],
  ['select a, a from t group by 1, 2', 'a integer, a integer'],
  ['select t.a from t group by a', 'a integer'],
  ['select f from t where f', 'f boolean'],
  ['select 1 in (1,2)', '?column? boolean'],
  ['select null is null', '?column? boolean'],
  ['select a from t order by b nulls first, a desc nulls last', 'a integer'],
  ['select count(*) from (select distinct a from t) s', 'count bigint'],
  ['select sum(x) from (select a x from t union all select a from u) s', 'sum bigint'],
]

describe('names and types of outputs', () => {
  test.each(recorded)('%s', (sql, expected) => {
    const { relation, outputNames } = bindText(sql)
    const columns = relation.columns.map(
      ({ type }, index) => `${outputNames[index]} ${typeName({ kind: postgresKind(type.kind) })}`,
    )
    expect(columns.join(', ')).toBe(expected)
  })
})
