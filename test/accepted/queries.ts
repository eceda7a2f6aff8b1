import type { Evidence } from './evidence.ts'

/** What the clauses of queries do, production by production. */
export const queryEvidence: Evidence = {
  query: [['with q as (select a from t) select a from q order by a desc limit 1 offset 1', '2']],
  with: [
    ['with recursive q as (select a from t) select count(*) from q', '3'],
    [
      'with recursive r (n) as (select 1 union all select n + 1 from r) select n from r limit 2',
      '1;2',
    ],
  ],
  common_table: [
    ['with q (x) as materialized (select a from t) select max(x) from q', '3'],
    ['with q as not materialized (select a from t) select min(a) from q', '1'],
  ],
  search_clause: [
    [
      `with recursive r (n) as (select a from t where a < 3 union all select n + 10 from r where n < 10)
       search depth first by n set o select n from r order by o`,
      '1;11;2;12',
    ],
    [
      `with recursive r (n) as (select a from t where a < 3 union all select n + 10 from r where n < 10)
       search breadth first by n set o select n, o from r order by o`,
      '1|(0,1);2|(0,2);11|(1,11);12|(1,12)',
    ],
  ],
  cycle_clause: [
    [
      `with recursive r (n) as (select 1 union all select n % 2 + 1 from r)
       cycle n set again to 'Y' default 'N' using p select n, again, p from r`,
      '1|N|{(1)};2|N|{(1),(2)};1|Y|{(1),(2),(1)}',
    ],
  ],
  set_operation: [
    ['select a from t union select a from u order by a', '1;2;3;4'],
    ['select 1 union distinct select 1', '1'],
    ['select count(*) from (select a from t union all select a from u) x', '6'],
    ['select a from t intersect select a from u order by a', '1;3'],
    ['select a from t except select a from u', '2'],
    ['select a from t intersect all select a from u order by a', '1;3'],
    ['select a from t except all select a from u', '2'],
  ],
  query_term: [['(select 1) union table n1', '1']],
  select: [['select a from t where a > 1 order by a', '2;3']],
  select_qualify: [
    ['select a from t qualify row_number() over (order by a desc) = 1', '3'],
    ['select a, rank() over (order by a desc) as r from t qualify r = 2', '2|2'],
  ],
  pivot: [
    [
      `pivot t on a in (1, 2) using max(b), min(s) as m group by d`,
      '2020-01-31|10|x|NULL|NULL;2021-05-05|NULL|NULL|20|y;NULL|NULL|NULL|NULL|NULL',
    ],
  ],
  pivot_value: [['select two from (pivot n1 on a in (1 as one, 2 as two)) x', '0']],
  pivot_aggregate: [['select "1_n" from (pivot n1 on a in (1) using count(*) as n) x', '1']],
  unpivot: [
    [
      'unpivot (select a, b from t where a > 1) on a, b into name n value v order by v',
      'a|2;a|3;b|20',
    ],
    ['unpivot exclude nulls (select a, b from t where a > 2) on a, b into name n value v', 'a|3'],
    [
      'unpivot include nulls (select a, b from t where a > 2) on a, b into name n value v order by n',
      'a|3;b|NULL',
    ],
  ],
  table_pivot: [
    ['select * from n1 pivot (count(*) for a in (1, 2)) as p', '1|0'],
    [
      'from t pivot (sum(b) for a in (1, 2) group by s) order by s',
      'x|10|NULL;y|NULL|20;z|NULL|NULL',
    ],
    ['from n1 unpivot (v for n in (a)) u', 'a|1'],
    [
      'from (select a, b from t where a = 3) t3 unpivot include nulls (v for n in (a, b)) order by n',
      'a|3;b|NULL',
    ],
  ],
  select_sample: [['select a from t where a > 1 using sample 100 percent', '2;3']],
  sample_size: [
    ['select count(*) from (select a from t using sample 2) s', '2'],
    ['select count(*) from (select a from t using sample 2 rows repeatable (1)) s', '2'],
    ['select count(*) from (select a from t using sample 67%) s where false', '0'],
    ['select count(*) from (select a from t using sample reservoir (67 percent)) s', '2'],
    ['select count(*) from t using sample bernoulli (0%)', '0'],
    ['select count(*) from t using sample system (0 percent)', '0'],
    ['select count(*) from t using sample 100 percent (bernoulli, 7)', '3'],
  ],
  from_first: [
    ['from n1', '1'],
    ['from t select a where a > 1 order by a', '2;3'],
    ['from t select count(*) group by a > 1 order by 1', '1;2'],
  ],
  distinct: [
    ['select all 1 from t', '1;1;1'],
    ['select distinct 1 from t', '1'],
    ['select distinct on (a > 1) a from t order by a > 1, a', '1;2'],
  ],
  target: [['select a as x, t.*, * from t where a = 1', '1|1|10|x|2020-01-31|1|10|x|2020-01-31']],
  star_changed: [
    ['select * exclude (b, s, d) from t order by a', '1;2;3'],
    ['select * replace (a + 1 as a) exclude (b, s, d) from t order by a', '!42601'],
    ['select * replace (a + 1 as a) from n1', '2'],
    ['select * except (b, s, d) from t where a = 1', '1'],
    ['select z from (select * rename (a as z) from n1) x', '1'],
  ],
  of_columns: [
    ['select max(columns([a, b])) from t', '!42601'],
    [`select max(columns(['a', 'b'])) from t`, '3|20'],
  ],
  columns: [
    ['select columns(*) + 1 from n1', '2'],
    ['select columns(* exclude (s, d)) + 1 from t order by a', '2|11;3|21;4|NULL'],
    [`select columns('^[ab]$') * 2 from t where columns('a|b') > 0 order by a`, '2|20;4|40'],
    [`select columns(['b', 'a']) from t where a = 1`, '10|1'],
    ['select a from t order by columns(*)', '!42601'],
  ],
  prefixed: [['select z from (select z: a + 1 from n1) x', '2']],
  from: [['select count(*) from t, u', '9']],
  table: [['select count(*) from t join u on t.a = u.a', '2']],
  join: [
    ['select count(*) from t inner join u using (a)', '2'],
    ['select count(*), count(c) from t left outer join u using (a)', '3|2'],
    ['select count(*), count(s) from t right outer join u using (a)', '3|2'],
    ['select count(*) from t full outer join u using (a)', '4'],
    ['select count(*) from t cross join u', '9'],
    ['select count(*) from t natural join u', '2'],
    ['select count(*) from t natural left join u', '3'],
  ],
  extension_join: [
    ['select a from t semi join u on t.a = u.a order by a', '1;3'],
    ['select a from t anti join u using (a)', '2'],
    ['select t.a, u.a from t asof join u on t.a >= u.a order by 1', '1|1;2|1;3|3'],
    ['select t.a, u.a from t asof left join u on t.a > u.a order by 1', '1|NULL;2|1;3|1'],
    [
      'select t.a, u.a from t asof left outer join u on t.a > u.a + 1 order by 1',
      '1|NULL;2|NULL;3|1',
    ],
    ['select n1.a, x.b from n1 positional join (values (5), (6)) x (b) order by x.b', '1|5;NULL|6'],
  ],
  join_condition: [
    ['select count(*) from t join u on t.a < u.a', '5'],
    ['select count(*) from t join u using (a)', '2'],
  ],
  table_primary: [
    ['select count(*) from only t', '3'],
    [
      'select t.a, x.c from t, lateral (select c from u where u.a = t.a) x order by 1',
      '1|one;3|three',
    ],
    ['select n from generate_series(1, 3) with ordinality g (n, o)', '1;2;3'],
    ['select * from rows from (generate_series(1, 2)) g', '1;2'],
    ['select * from lateral generate_series(1, 2) g', '1;2'],
  ],
  sample: [
    ['select a from t tablesample bernoulli (100) order by a', '1;2;3'],
    ['select a from t tablesample system (100) repeatable (1) order by a', '1;2;3'],
    ['select a from t tablesample bernoulli (0)', ''],
  ],
  table_file: [[`select * from 'no/such/file.csv' as f`, '!58P01']],
  table_predict: [
    [
      `create model m with (model_class = 'LinearRegression', target_column = 'y') as
       select a as x, 2 * a as y from t;; select round(y) from predict(model m, select 5 as x)`,
      '10',
    ],
  ],
  table_alias: [['select x.k from t as x (k) order by k', '1;2;3']],
  where: [['select a from t where b is null', '3']],
  group_by: [
    ['select count(*) from t group by b is null order by 1', '1;2'],
    ['select count(*) from t group by distinct a', '1;1;1'],
  ],
  group_by_all: [['select a % 2, count(*) from t group by all order by 1', '0|1;1|2']],
  grouping: [
    ['select a, count(*) from t group by rollup (a) order by a', '1|1;2|1;3|1;NULL|3'],
    ['select grouping(a), count(*) from t group by cube (a) order by 1', '0|1;0|1;0|1;1|3'],
    ['select a, count(*) from t group by grouping sets ((a), ()) order by a', '1|1;2|1;3|1;NULL|3'],
  ],
  having: [['select a % 2 from t group by 1 having count(*) > 1', '1']],
  window: [['select sum(a) over w from t window w as (order by a) order by a', '1;3;6']],
  window_definition: [
    ['select sum(a) over (partition by b is null order by a) from t order by a', '1;3;3'],
    ['select sum(a) over (w order by a) from t window w as (partition by b) order by a', '1;2;3'],
  ],
  frame: [
    [
      `select sum(a) over (order by a rows between 1 preceding and current row exclude ties) from t
       order by a`,
      '1;3;5',
    ],
    ['select sum(a) over (order by a range unbounded preceding) from t order by a', '1;3;6'],
    [
      `select sum(a) over (order by a groups between unbounded preceding and 1 following exclude group),
       sum(a) over (order by a rows unbounded preceding exclude no others) from t order by a`,
      '2|1;4|3;3|6',
    ],
  ],
  order_by: [['select a from t order by a desc', '3;2;1']],
  order_item: [
    ['select a from t order by b asc nulls first, a', '3;1;2'],
    ['select a from t order by b desc nulls last', '2;1;3'],
  ],
  limit: [
    ['select a from t order by a limit 1', '1'],
    ['select a from t order by a limit all', '1;2;3'],
    ['select a from t order by a fetch first 2 rows only', '1;2'],
    ['select a from t order by a > 1 fetch first 2 rows with ties', '1;2;3'],
  ],
  locking: [
    ['select a from t where a = 1 for update', '1'],
    ['select a from t where a = 1 for no key update of t nowait', '1'],
    ['select t.a from t, u where t.a = u.a and t.a = 1 for share of t, u skip locked', '1'],
    ['select a from t where a = 1 for key share', '1'],
    ['select max(a) from t for update', '!0A000'],
  ],
  offset: [['select a from t order by a offset 2 rows', '3']],
  values: [['values (1, 2), (3, 4)', '1|2;3|4']],
  expression: [['select true or false and false', 't']],
  conjunction: [['select true and false', 'f']],
  negation: [['select not false = true', 't']],
  test: [
    ['select null is null, 1 is not null, (1 = 1) is true, (1 = 2) is false', 't|t|t|t'],
    ['select (null = 1) is unknown, 1 isnull, 1 is distinct from null', 't|f|t'],
  ],
  comparison: [
    ['select 1 = 1, 1 <> 2, 1 != 2, 1 < 2, 1 > 2, 1 <= 1, 1 >= 2', 't|t|t|t|f|t|f'],
    ['select 1 = any (select a from t), 5 < all (select a from t), 1 = some (select 2)', 't|f|f'],
  ],
  match: [
    [`select 'ab' like 'a%', 'ab' not ilike 'A_', 'a%' like 'a!%' escape '!'`, 't|f|t'],
    [`select 'abc' similar to '(a|b)%'`, 't'],
    ['select 2 between 1 and 3, 2 between symmetric 3 and 1, 2 not between 1 and 3', 't|t|f'],
    ['select 1 in (1, 2), 1 not in (select a from t)', 't|f'],
  ],
  operation: [
    [`select 'a' || 'b', 'ab' ~ '^a', 'ab' !~ '^a'`, 'ab|t|f'],
    ['select 6 & 3, 6 | 3, 1 operator(pg_catalog.+) 2', '2|7|3'],
    [`select s @> s from t`, '!42883'],
    [`select s -> 'a' from t`, '!42883'],
    [`select s && s from t`, '!42883'],
  ],
  sum: [['select 1 + 2 - 4', '-1']],
  product: [['select 7 * 3 / 2 % 4', '2']],
  power: [['select 2 ^ 3 ^ 2', '64']],
  zoned: [
    [`select timestamp '2020-01-01 00:00:00' at time zone 'utc'`, '2020-01-01 00:00:00+00'],
    [
      `select timestamp '2020-01-01 00:00:00' at time zone 'Europe/Berlin'`,
      '2019-12-31 23:00:00+00',
    ],
  ],
  collated: [
    ['select s collate "C" from t order by s collate "C"', 'x;y;z'],
    ['select s collate "C" < s collate "POSIX" from t', '!42P21'],
    ['select s collate "de-x-icu" from t', '!0A000'],
  ],
  signed: [['select - 3, + 3', '-3|3']],
  cast: [[`select '1.26'::numeric(3, 1), 'abcdef'::varchar(3)`, '1.3|abc']],
  primary: [
    ['select null, true, false, exists (select 1), cast(1.5 as int)', 'NULL|t|f|t|2'],
    ['select array[1, 2]', '{1,2}'],
    ['select (array[1, 2, 3])[2], (array[1, 2, 3])[2:]', '2|{2,3}'],
    ['select row(1, 2), (row(1, 2)).f1', '(1,2)|1'],
  ],
  list: [
    ['select [1, 2 + 1], [a, b] from t where a = 1', '{1,3}|{1,10}'],
    ['select [x * 2 for x in [1, 2, 3] if x > 1]', '{4,6}'],
  ],
  lambda_call: [
    ['select list_transform([1, 2], x -> x + 1)', '{2,3}'],
    ['select list_filter([1, null, 3], x -> x > 1)', '{3}'],
  ],
  lambda: [
    ['select list_transform([5, 6], (x, i) -> x * i)', '{5,12}'],
    ['select list_transform([5, 6], lambda x : x = 5)', '{t,f}'],
  ],
  try_cast: [[`select try_cast('x' as int), try_cast('7' as int)`, 'NULL|7']],
  case: [['select case a when 1 then 10 else 20 end from t order by a', '10;20;20']],
  call: [
    ['select count(distinct a), count(*) filter (where a > 1) from t', '3|2'],
    ['select count(a order by b) from t', '3'],
    ['select sum(a) over (order by a) from t order by a', '1;3;6'],
    ['select mode() within group (order by a) from t', '1'],
    [`select string_agg(s, ',' order by a) from t`, 'x,y,z'],
    ['select abs(a) filter (where true) from t', '!42809'],
    ['select nope(a) filter (where true) from t', '!42883'],
  ],
  arguments: [['select greatest(1, 5, 3)', '5']],
  argument: [
    [
      "create function f(x int, y int) returns int language sql as 'select x - y';; select f(y => 1, x := 5)",
      '4',
    ],
  ],
  call_arguments: [
    ['select greatest(1, 2)', '2'],
    [
      "create function f(variadic x int[]) returns int language sql as 'select x[2]';; select f(variadic array[1, 2])",
      '2',
    ],
  ],
  special_call: [
    ['select coalesce(null, 2), greatest(1, 2), least(1, 2), nullif(1, 1)', '2|2|1|NULL'],
    [
      `select extract(year from d), extract(month from d), extract(day from d) from t where a = 1`,
      '2020|1|31',
    ],
    [`select extract(epoch from timestamp '1970-01-02')`, '86400.000000'],
    [`select substring('abcdef' from 2 for 3), position('c' in 'abc')`, 'bcd|3'],
    [
      `select trim(both 'x' from 'xax'), trim(leading 'x' from 'xax'), trim(trailing 'x' from 'xax')`,
      'a|ax|xa',
    ],
    [`select overlay('abcdef' placing 'XY' from 2)`, 'aXYdef'],
    ['select current_date = current_timestamp::date, localtime is not null', 't|t'],
  ],
  typed_literal: [
    [
      `select date '2020-01-31', time '10:00:00', timestamp '2020-01-31 10:00:00'`,
      '2020-01-31|10:00:00|2020-01-31 10:00:00',
    ],
    [
      `select interval '3' year, interval '3' month, interval '3' day, interval '3' hour`,
      '3 years|3 mons|3 days|03:00:00',
    ],
    [`select interval '1 02:03:04' day to second`, '1 day 02:03:04'],
    [`select varchar(3) 'abcdef'`, 'abc'],
  ],
  type: [
    [
      `select '2020-01-01'::timestamp with time zone, 1::double precision, 'a'::varchar(5)`,
      '2020-01-01 00:00:00+00|1|a',
    ],
    [`select '{1}'::int[]`, '{1}'],
    [`select '{"b":1,"a":2}'::jsonb`, '{"a": 2, "b": 1}'],
    [`select '{}'::json`, '{}'],
    [`select '00000000-0000-0000-0000-000000000000'::uuid`, '00000000-0000-0000-0000-000000000000'],
    ['create table e (a serial);; insert into e default values returning a', '1'],
    ['create table e (a nope)', '!42704'],
  ],
  column_names: [['select k from (select 1, 2) x (k, l)', '1']],
  qualified_name: [['select t.a from $s.t where t.a = 1', '1']],
}
