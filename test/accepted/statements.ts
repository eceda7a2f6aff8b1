import type { Evidence } from './evidence.ts'

/** What the clauses of the other statements do, production by production. */
export const statementEvidence: Evidence = {
  statement: [['select 1', '1']],
  explain: [['explain analyze select 1;; explain (logical) select 1', '~Project']],
  explain_option: [
    ['explain (costs off) select a from t', '~Scan t [a#1]'],
    [
      'explain (costs false, timing off, verbose off, buffers off, settings off, wal off, format text) select a from t',
      '~Scan t [a#1]',
    ],
    ['explain (costs on) select a from t', '~(rows=3)'],
    ['explain (costs true, format json) select a from t', '~"rows": 3'],
    ['explain (analyze, summary on) select 1', '~Planning time'],
    ['explain (analyze, summary off) select a from t', '~Rows: 3'],
    ['explain (timing) select 1', '!22023'],
    ['explain (analyze, timing on) select 1', '!0A000'],
    ['explain (verbose) select 1', '!0A000'],
    ['explain (buffers) select 1', '!0A000'],
    ['explain (settings) select 1', '!0A000'],
    ['explain (wal true) select 1', '!0A000'],
    ['explain (costs maybe) select 1', '!42601'],
    ['explain (analyze maybe) select 1', '!42601'],
    ['explain (nope) select 1', '!42601'],
    ['explain (format xml) select 1', '!22023'],
    ['explain (stages, logical) select 1', '!42601'],
    ['explain insert into t values (1)', '~Insert on t'],
    ['explain update t set a = 1 where b = 2', '~Update on t'],
    ['explain analyze delete from t;; select count(*) from t', '0'],
    ['explain merge into t using t s on true when matched then delete', '!0A000'],
    ['explain analyze create table e as select 1', '!0A000'],
  ],
  explain_step: [
    ['explain (logical) select a from t', '~Scan t'],
    ['explain (optimized) select a from t', '~Scan t'],
    ['explain (physical) select a from t', '~Scan t'],
    ['explain (stages) select a from t', '~Stage 0'],
  ],
  create_table: [
    ['create table if not exists t (z int);; select a from t where a = 1', '1'],
    ['create temporary table t (z int);; select count(*) from t', '0'],
    ['create temp table t (z int);; select count(*) from $s.t', '3'],
    ['create table e (a int references t)', '!42704'],
    ['create table e (a int, foreign key (a) references t (a))', '!42830'],
    ['create table e (a int, exclude (a with =))', '!0A000'],
    ['create table e (a int collate "C")', '!0A000'],
    ['create table e (a int) inherits (t)', '!0A000'],
    ['create table e (a int) partition by range (a)', '!0A000'],
    ['create table e (a int) tablespace x', '!0A000'],
    ['create unlogged table e (a int)', '!0A000'],
  ],
  column: [
    ['create table e (a int default 5);; insert into e default values;; select a from e', '5'],
  ],
  on_commit: [
    [
      'begin;; create temp table e (a int) on commit preserve rows;; insert into e values (1);; commit;; select count(*) from e',
      '1',
    ],
    [
      'create temp table e (a int) on commit delete rows;; insert into e values (1);; select count(*) from e',
      '0',
    ],
    ['create temp table e (a int) on commit drop;; select * from e', '!42P01'],
    ['create table e (a int) on commit drop', '!42P16'],
  ],
  like_clause: [
    ['create table e (like t);; insert into e (a) values (7);; select a from e', '7'],
    [
      'create table e (a int default 3);; create table f (like e including defaults);; create table g (like e including all excluding defaults);; insert into f default values;; insert into g default values;; select f.a, g.a from f, g',
      '3|NULL',
    ],
    [
      'create table e (a int check (a > 0));; create table f (like e including constraints);; insert into f values (0)',
      '!23514',
    ],
    [
      'create table e (a int generated always as identity);; create table f (like e including identity);; insert into f default values;; select a from f',
      '1',
    ],
    [
      'create table e (a int, b int generated always as (a * 2) stored);; create table f (like e including generated);; insert into f values (2);; select b from f',
      '4',
    ],
    [
      'create table e (a int primary key);; create table f (like e including indexes);; insert into f values (1), (1)',
      '!23505',
    ],
    [
      'create table e (like t including comments including compression including statistics including storage);; select count(*) from e',
      '0',
    ],
  ],
  column_constraint: [
    ['create table e (a int constraint k not null);; insert into e values (null)', '!23502'],
    ['create table e (a int null);; insert into e values (null);; select count(*) from e', '1'],
    ['create table e (a int primary key);; insert into e values (1), (1)', '!23505'],
    ['create table e (a int unique);; insert into e values (1), (1)', '!23505'],
    [
      `create table e (a int, b text default upper('x'));; insert into e values (1);; select b from e`,
      'X',
    ],
  ],
  table_constraint: [
    [
      'create table e (a int, b int, constraint k primary key (a, b));; insert into e values (1, 1), (1, 1)',
      '!23505',
    ],
    [
      'create table e (a int, b int, unique (a, b));; insert into e values (1, 1), (1, 1)',
      '!23505',
    ],
    [
      'create table e (a int primary key);; create table f (a int, constraint k foreign key (a) references e);; insert into f values (1)',
      '!23503',
    ],
    ['create table e (a int, b int, unique (a, b) include (a))', '!0A000'],
    ['create table e (a int, b int, unique (a) with (fillfactor = 10))', '!0A000'],
  ],
  references: [
    [
      'create table e (a int, b int, unique (a, b));; create table f (a int, b int, foreign key (a, b) references e (a, b) match full);; insert into f values (1, null)',
      '!23503',
    ],
    [
      'create table e (a int, b int, unique (a, b));; create table f (a int, b int, foreign key (a, b) references e (a, b) match simple);; insert into f values (1, null);; select count(*) from f',
      '1',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on update no action);; insert into e values (1);; insert into f values (1);; update e set a = 2',
      '!23503',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on delete restrict);; insert into e values (1);; insert into f values (1);; delete from e',
      '!23503',
    ],
    ['create table e (a int primary key, b int references e match partial)', '!0A000'],
  ],
  reference_action: [
    [
      'create table e (a int primary key, b int references e on delete no action);; insert into e values (1, 1), (2, 1);; delete from e where a = 1',
      '!23503',
    ],
    [
      'create table e (a int primary key, b int references e on delete restrict);; insert into e values (1, 1), (2, 1);; delete from e;; select count(*) from e',
      '0',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on update cascade);; insert into e values (1);; insert into f values (1);; update e set a = 2;; select a from f',
      '2',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on update set null);; insert into e values (1);; insert into f values (1);; update e set a = 2;; select count(a) from f',
      '0',
    ],
    [
      'create table e (a int primary key);; create table f (a int default 3 references e on update set default);; insert into e values (1), (3);; insert into f values (1);; update e set a = 2 where a = 1;; select a from f',
      '3',
    ],
  ],
  delete_action: [
    [
      'create table e (a int primary key);; create table f (a int references e on delete no action);; insert into e values (1);; insert into f values (1);; delete from e',
      '!23503',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on delete restrict);; insert into e values (1);; insert into f values (1);; delete from e',
      '!23503',
    ],
    [
      'create table e (a int primary key);; create table f (a int references e on delete cascade);; insert into e values (1);; insert into f values (1);; delete from e;; select count(*) from f',
      '0',
    ],
    [
      'create table e (a int, b int, primary key (a, b));; create table f (a int, b int, foreign key (a, b) references e on delete set null (b));; insert into e values (1, 1);; insert into f values (1, 1);; delete from e;; select a, b from f',
      '1|NULL',
    ],
    [
      'create table e (a int primary key);; create table f (a int default 3 references e on delete set default);; insert into e values (1), (3);; insert into f values (1);; delete from e where a = 1;; select a from f',
      '3',
    ],
  ],
  check: [
    ['create table e (a int check (a > 0) no inherit);; insert into e values (0)', '!23514'],
    ['create table e (a int, check (a > 0) not valid)', '!0A000'],
  ],
  nulls_distinct: [
    [
      'create table e (a int unique nulls not distinct);; insert into e values (null), (null)',
      '!23505',
    ],
    [
      'create table e (a int unique nulls distinct);; insert into e values (null), (null);; select count(*) from e',
      '2',
    ],
  ],
  deferral: [
    ['create table e (a int unique not deferrable);; insert into e values (1), (1)', '!23505'],
    ['create table e (a int unique initially immediate);; insert into e values (1), (1)', '!23505'],
    ['create table e (a int unique deferrable)', '!0A000'],
    ['create table e (a int unique initially deferred)', '!0A000'],
  ],
  create_table_as: [
    ['create table e (x) as select 1 with data;; select x from e', '1'],
    ['create table e as select 1 x with no data;; select count(*) from e', '0'],
    ['create table if not exists t as select 7 a;; select count(*) from t', '3'],
    ['create temporary table t as select 7 a;; select a from t', '7'],
    ['create temp table t as select 7 a;; select count(*) from $s.t', '3'],
    ['create table e with (fillfactor = 10) as select 1', '!0A000'],
  ],
  create_table_from: [
    [`create or replace table e with (location = 'nowhere.csv')`, '!58P01'],
    [`create table e (a int not null) with (location = 'nowhere.csv')`, '!0A000'],
  ],
  options: [[`create table e with (location = 'nowhere.csv', format = 'csv')`, '!58P01']],
  option: [
    [`create table e with (location = 'nowhere.csv', header = true)`, '!58P01'],
    [`create table e with (location = 'nowhere.csv', nope = true)`, '!22023'],
    [`create table e with (location = null)`, '!22023'],
  ],
  create_stored_view: [
    [
      'create materialized view v (k) as select a from t with data;; delete from t;; select max(k) from v',
      '3',
    ],
    ['create materialized view v as select a from t with no data;; select * from v', '!55000'],
    [
      'create materialized view v as select 1 x;; create materialized view if not exists v as select 2 x;; select x from v',
      '1',
    ],
    ['create materialized view v with (fillfactor = 70) as select 1', '!0A000'],
  ],
  refresh: [
    [
      'create materialized view v as select a from t;; delete from t;; refresh materialized view v;; select count(*) from v',
      '0',
    ],
    [
      'create materialized view v as select a from t;; refresh materialized view v with no data;; refresh materialized view v with data;; select count(*) from v',
      '3',
    ],
    [
      'create materialized view v as select a from t;; refresh materialized view v with no data;; select count(*) from v',
      '!55000',
    ],
    [
      'create materialized view v as select a from t;; refresh materialized view concurrently v',
      '!55000',
    ],
  ],
  analyze: [
    ['analyze t (a);; analyse (skip_locked) t;; analyze;; select count(*) from t', '3'],
    ['analyze t (none)', '!42703'],
    ['analyze (foo)', '!42601'],
    ['analyze verbose t', '!0A000'],
  ],
  vacuum: [
    ['vacuum full freeze analyze t;; vacuum (full, freeze off) t;; select count(*) from t', '3'],
    ['begin;; vacuum t', '!25001'],
  ],
  vacuum_option: [
    [
      'vacuum (full on, freeze false, skip_locked true, analyze true) t (a);; vacuum (freeze off) t;; select count(*) from t',
      '3',
    ],
    ['vacuum (full 3) t', '!42601'],
  ],
  maintained: [['analyze t (a, a)', '!42701']],
  lock: [
    ['lock t', '!25P01'],
    [
      'begin;; lock table only t, only t in access share mode nowait;; lock t in row share mode;; lock t in row exclusive mode;; lock t in share update exclusive mode;; commit;; select count(*) from t',
      '3',
    ],
    [
      'begin;; lock t in share mode;; lock t in share row exclusive mode;; lock t in exclusive mode;; lock t in access exclusive mode;; delete from t;; lock t;; commit;; select count(*) from t',
      '0',
    ],
  ],
  create_view: [
    ['create view v (k) as select a from t;; select max(k) from v', '3'],
    ['create view v as select 1 x;; create or replace view v as select 2 x;; select x from v', '2'],
    ['create temporary view t as select 9 z;; select z from t', '9'],
    ['create temp view t as select 9 z;; select count(*) from $s.t', '3'],
    ['create view v (a, b) as select 1', '!42601'],
    ['create view v with (security_barrier) as select 1', '!0A000'],
    ['create view v as select 1 x with check option', '!0A000'],
  ],
  create_schema: [
    [
      'create schema if not exists $s;; create schema $s_x;; create table $s_x.e (a int);; select count(*) from $s_x.e',
      '0',
    ],
    ['create schema $s_x authorization me', '!0A000'],
  ],
  create_index: [
    ['create unique index on t (b, a);; insert into t values (1, 10)', '!23505'],
    [
      'create index concurrently if not exists i on only t using btree (a) where a > 1;; drop index i;; drop index i',
      '!42704',
    ],
    ['create index on t using nope (a)', '!42704'],
    ['create index on t (nope)', '!42703'],
    ['create index on t (a) include (b)', '!0A000'],
    ['create index on t (a) with (fillfactor = 10)', '!0A000'],
    ['create index on t (a) tablespace x', '!0A000'],
    ['create unique index on t ((a + 1))', '!0A000'],
    ['create unique index on t (a) where a > 1', '!0A000'],
  ],
  index_element: [
    ['create unique index on t (a asc nulls first);; insert into t values (1)', '!23505'],
    ['create unique index on t (a desc nulls last);; insert into t values (1)', '!23505'],
  ],
  create_model: [
    [
      `create model m with (model_class = 'LinearRegression', target_column = 'y') as select a x, a * 2 y from t;;
       create model if not exists m with (model_class = 'nope', target_column = 'y') as select 1 x, 1 y;;
       create or replace model m with (model_class = 'LinearRegression', target_column = 'y') as select a x, a * 3 y from t;;
       select round(y) from predict(model m, select 10 as x)`,
      '30',
    ],
    [`create model m with (nope = 1) as select 1 x`, '!22023'],
    [`create model m as select 1 x`, '!22023'],
  ],
  drop: [
    [
      'create materialized view v as select 1;; drop materialized view v;; select 1 from v',
      '!42P01',
    ],
    ['drop table t;; select 1 from t', '!42P01'],
    ['drop table if exists nope;; select 1', '1'],
    ['create view v as select 1;; drop view v restrict;; select 1 from v', '!42P01'],
    ['create view v as select a from t;; drop table t restrict', '!2BP01'],
    ['create view v as select a from t;; drop table t cascade;; select 1 from v', '!42P01'],
    ['create schema $s_x;; drop schema $s_x;; create table $s_x.e (a int)', '!3F000'],
    ['create index i on t (a);; drop index i;; drop index i', '!42704'],
    ['create sequence q;; drop sequence q;; drop sequence q', '!42P01'],
    ["create type e as enum ('a');; drop type e;; select 'a'::e", '!42704'],
  ],
  drop_model: [['drop model if exists m;; drop model m', '!42704']],
  insert: [
    ['insert into t (b, a) select 5, 4;; select b from t where a = 4', '5'],
    ['insert into t default values;; select count(*), count(a) from t', '4|3'],
    ['insert into t as x (a) values (9) returning x.a', '9'],
    ['insert into t (a) values (9) on conflict do nothing returning a', '9'],
    ['insert into t (a) values (4) returning a + 1, t.*', '~5|4|NULL'],
    ['with w as (select 6 x) insert into t (a) select x from w returning a', '6'],
  ],
  on_conflict: [
    [
      'create temporary table k (a int unique, n int);; insert into k values (1, 1);; insert into k values (1, 5) on conflict (a) do update set n = excluded.n where k.n = 1 returning n',
      '5',
    ],
    ['insert into t (a) values (1) on conflict do update set a = 2', '!42601'],
    ['insert into t (a) values (3) on conflict do nothing returning a', '3'],
  ],
  conflict_target: [
    ['insert into t (a) values (1) on conflict (a) do nothing', '!42P10'],
    ['insert into t (a) values (1) on conflict on constraint nope do nothing', '!42704'],
    ['insert into t (a) values (1) on conflict ((a + 1)) do nothing', '!0A000'],
    ['insert into t (a) values (1) on conflict (a) where a > 1 do nothing', '!0A000'],
  ],
  update: [
    ['update t as x set b = a + 1 where x.a = 1;; select b from t where a = 1', '2'],
    ['update t set b = v.y from (values (1, 7)) v(k, y) where a = v.k returning t.b, v.k', '7|1'],
    ['with w as (select 8 y) update t set b = y from w where a = 1 returning b', '8'],
    ['update t set b = 1 where current of c', '!0A000'],
    ['update nope set a = 1', '!42P01'],
  ],
  set_target: [
    [
      'create type c as (x int);; create table p (a c, b c[]);; insert into p (a.x, b[2].x) values (1, 2) returning a, b',
      '(1)|[2:2]={(2)}',
    ],
    ['update t set b.x = 2', '!42804'],
  ],
  assignment: [
    ['update t set (a, b) = (5, default) where a = 1 returning a, b', '5|NULL'],
    ['update t set (b) = row(3) where a = 1 returning b', '3'],
    ['update t set (a, b) = (select 71, 5);; select b from t where a = 71 limit 1', '5'],
    ['update t set (a, b) = (select 1)', '!42601'],
    ['update t set a = 1, a = 2', '!42601'],
    ['update t set a[1] = 2', '!42804'],
    [
      'create table p (x int[]);; insert into p values (null);; update p set x[2:3] = array[5, 6], x[4] = 7 returning x[3:]',
      '{6,7}',
    ],
    ['update t set a.b = 2', '!42804'],
  ],
  delete: [
    ['delete from t where a = 1 returning a', '1'],
    ['delete from t using (values (1)) v(k) where a = k;; select count(*) from t where a = 1', '0'],
    ['with w as (select 1 k) delete from t using w where a = k returning k', '1'],
    ['delete from t where current of c', '!0A000'],
  ],
  changed_table: [
    ['delete from only t as x where x.a = 1 returning x.a', '1'],
    ['delete from t as x where t.a = 1', '!42P01'],
  ],
  merge: [
    [
      'merge into t using (values (1, 7)) v(k, y) on a = k when matched then update set b = y;; select b from t where a = 1',
      '7',
    ],
    [
      'with w as (select 1 k) merge into t using w on a = k when matched then delete;; select count(*) from t where a = 1',
      '0',
    ],
    ['merge into t using t s on true when matched by source then delete', '!0A000'],
  ],
  merge_action: [
    [
      'merge into t using (values (1), (50), (51), (52)) v(k) on a = k when matched and k = 9 then delete when matched then do nothing when not matched and k = 50 then insert (a, b) values (k, 5) when not matched and k = 51 then insert default values when not matched then do nothing;; select b from t where a = 50',
      '5',
    ],
    [
      'merge into t using (values (1)) v(k) on a = k when matched then update set b = 3, a = 77;; select b from t where a = 77',
      '3',
    ],
    ['merge into t using (values (1)) v(k) on a = k when not matched then delete', '!42601'],
  ],
  prepare: [['prepare q (int) as select $1 + 1;; execute q (2)', '3']],
  execute: [['prepare q2 as select 5;; execute q2', '5']],
  declare: [
    ['begin;; declare c scroll cursor for select a from t order by a;; fetch c', '1'],
    ['declare c cursor for select 1', '!25P01'],
    ['declare c cursor without hold for select 1', '!25P01'],
    ['begin;; declare c no scroll cursor for select 1;; fetch backward 1 from c', '!55000'],
    ['declare c insensitive scroll cursor with hold for select 1;; fetch c', '1'],
    ['begin;; declare c asensitive insensitive cursor for select 1', '!42P11'],
  ],
  fetch: [
    ['declare c cursor with hold for values (1), (2);; move 1 in c;; fetch 1 from c', '2'],
    ['fetch none', '!34000'],
  ],
  fetch_direction: [
    ['declare c cursor with hold for values (1), (2);; fetch last c;; fetch prior c', '1'],
    ['declare c cursor with hold for values (1), (2);; fetch all c;; fetch first c', '1'],
    ['declare c cursor with hold for values (1), (2);; fetch next c;; fetch relative 1 c', '2'],
    ['declare c cursor with hold for values (1), (2);; fetch absolute - 1 c', '2'],
    [
      'declare c cursor with hold for values (1), (2);; move forward all c;; fetch backward 1 c',
      '2',
    ],
  ],
  close: [
    ['declare c cursor with hold for select 1;; close c;; fetch c', '!34000'],
    ['declare c cursor with hold for select 1;; close all;; fetch c', '!34000'],
  ],
  copy: [
    ['copy t to stdout', '!0A000'],
    ['copy (insert into t values (1)) to stdout', '!0A000'],
    ['copy t from stdin where a > 1', '!0A000'],
    ["copy t (a) from '/none'", '!42501'],
  ],
  copy_place: [
    ['copy t from stdin', '!0A000'],
    ['copy (select 1) to stdout', '!0A000'],
    ["copy t from program 'cat'", '!0A000'],
    ["copy t to '/none/none'", '!42501'],
  ],
  copy_options: [['copy t to stdout with (nope)', '!42601']],
  copy_option: [
    ['copy t from stdin (format nope)', '!22023'],
    ["copy t from stdin (format text, quote '!')", '!0A000'],
    ["copy t from stdin (format csv, delimiter ',', quote ',')", '!22023'],
    ["copy t from stdin (format binary, null '')", '!42601'],
    ["copy t from stdin (format text, escape '!')", '!0A000'],
    ['copy t to stdout (header match)', '!0A000'],
    ['copy t to stdout (header true, header false, header on, header off)', '!42601'],
    ['copy t from stdin (format csv, force_quote *)', '!0A000'],
    ['copy t to stdout (format csv, force_not_null (a))', '!0A000'],
    ['copy t to stdout (format csv, force_null (a))', '!0A000'],
    ["copy t to stdout (encoding 'nope')", '!22023'],
    ["copy t to stdout (encoding 'latin1')", '!0A000'],
    ['copy t to stdout (freeze)', '!0A000'],
  ],
  copy_old_option: [
    ["copy t to stdout csv header delimiter as ',' null ',' ", '!0A000'],
    ["copy t to stdout binary null ''", '!42601'],
    ["copy t to stdout quote '!'", '!0A000'],
    ["copy t to stdout escape '!'", '!0A000'],
    ["copy t to stdout encoding 'nope'", '!22023'],
    ['copy t from stdin csv force quote a', '!0A000'],
    ['copy t to stdout csv force not null a', '!0A000'],
    ['copy t to stdout csv force null a', '!0A000'],
  ],
  truncate: [
    ['truncate table only t continue identity restrict;; select count(*) from t', '0'],
    ['truncate t, nope', '!42P01'],
    [
      'create table e (a serial);; insert into e default values;; truncate e restart identity;; insert into e default values;; select a from e',
      '1',
    ],
    [
      'create table e (a int primary key, b int references e);; create table f (a int references e);; insert into e values (1, 1);; insert into f values (1);; truncate e cascade;; select count(*) from f',
      '0',
    ],
  ],
  returning: [
    ['delete from t where a = 1 returning *, a as x', '~1'],
    ['delete from t returning count(*)', '!42803'],
  ],
  show: [
    ['show time zone', 'UTC'],
    ['show all', '~statement_timeout'],
    ['show transaction isolation level', 'read committed'],
    ['show session authorization', 'heddle'],
    ['show nope', '!42704'],
  ],
  show_objects: [
    [`show tables from $s like 'n%'`, '~n1|table'],
    ['show schemas', '~public'],
    [
      `create model m with (model_class = 'LinearRegression', target_column = 'y') as select a x, a y from t;; show models`,
      '~|m|LinearRegression|y',
    ],
    ['show columns from n1', 'a|integer|YES|NULL'],
  ],
  describe: [
    ['describe n1', 'a|integer|YES|NULL'],
    ['describe model nope', '!42704'],
  ],
  set: [
    [`set session statement_timeout to '5s';; show statement_timeout`, '5s'],
    [
      `set statement_timeout = 5000;; set statement_timeout to default;; show statement_timeout`,
      '0',
    ],
    [`begin;; set local statement_timeout = 5000;; show statement_timeout`, '5s'],
    [`set time zone 'GMT';; show time zone`, 'GMT'],
    [`set timezone = 'GMT';; set time zone local;; show timezone`, 'UTC'],
    [`set names 'UTF8';; show client_encoding`, 'UTF8'],
    [`set schema 'x';; select a from t`, '!42P01'],
    [`set role 'none';; show role`, 'none'],
    [`set session authorization default;; select current_user`, 'heddle'],
    [`set session authorization 'nobody'`, '!22023'],
    [`set constraints all deferred`, '!0A000'],
    [`set transaction snapshot 'x'`, '!0A000'],
  ],
  set_transaction: [
    ['begin;; set transaction read only;; insert into t values (1)', '!25006'],
    ['set session characteristics as transaction read only;; insert into t values (1)', '!25006'],
  ],
  reset: [
    [`set statement_timeout = 50000;; reset statement_timeout;; show statement_timeout`, '0'],
    [`set statement_timeout = 50000;; reset all;; show statement_timeout`, '0'],
  ],
  use: [
    [
      'create schema $s_x;; create table $s_x.k (a int);; use schema $s_x;; select count(*) from k',
      '0',
    ],
  ],
  transaction: [
    ['begin work;; insert into t values (9);; rollback work;; select count(*) from t', '3'],
    [
      'begin transaction;; insert into t values (9);; end transaction;; select count(*) from t',
      '4',
    ],
    ['start transaction;; insert into t values (9);; abort;; select count(*) from t', '3'],
    ['begin;; insert into t values (9);; commit and no chain;; select count(*) from t', '4'],
    ['begin;; commit and chain', '!0A000'],
    [`prepare transaction 'x'`, '!0A000'],
  ],
  savepoint: [
    [
      'begin;; savepoint x;; insert into t values (9);; rollback work to savepoint x;; select count(*) from t',
      '3',
    ],
    ['begin;; savepoint x;; rollback transaction to x;; release savepoint x;; release x', '!3B001'],
    ['savepoint x', '!25P01'],
  ],
  transaction_modes: [
    ['begin read only, isolation level serializable;; show transaction_isolation', 'serializable'],
  ],
  transaction_mode: [
    ['begin isolation level repeatable read;; show transaction_isolation', 'repeatable read'],
    ['begin isolation level read committed;; show transaction_isolation', 'read committed'],
    ['begin isolation level read uncommitted;; show transaction_isolation', 'read uncommitted'],
    ['begin isolation level serializable;; show transaction_isolation', 'serializable'],
    ['begin read only;; drop table t', '!25006'],
    [
      'begin read write not deferrable;; insert into t values (1);; show transaction_deferrable',
      'off',
    ],
    ['begin deferrable;; show transaction_deferrable', 'on'],
  ],
  checkpoint: [['checkpoint;; select 1', '1']],
  discard: [
    [`set statement_timeout = 50000;; discard all;; show statement_timeout`, '0'],
    ['create temp table e (a int);; discard temp;; select 1 from e', '!42P01'],
    ['discard plans;; select 1', '1'],
    ['discard sequences;; select 1', '1'],
  ],
  deallocate: [
    ['deallocate all;; select 1', '1'],
    ['deallocate prepare x', '!26000'],
  ],
}
