import type { Evidence } from './evidence.ts'

/** Of statements that say what tables and sequences are. */
export const definitionEvidence: Evidence = {
  create_sequence: [
    ["create sequence q;; select nextval('q')", '1'],
    [
      "create temporary sequence if not exists q;; create temp sequence if not exists q;; drop sequence q;; select nextval('$s.q')",
      '!42P01',
    ],
    ['create sequence t', '!42P07'],
  ],
  sequence_option: [
    ["create sequence q as smallint;; select setval('q', 40000)", '!22003'],
    [
      "create sequence q as integer no minvalue no maxvalue increment by -2 start with -5;; select nextval('q') * 10 + nextval('q')",
      '-57',
    ],
    [
      "create sequence q as bigint minvalue 3 maxvalue 4 start 4 increment 1 cycle;; select nextval('q') * 10 + nextval('q')",
      '43',
    ],
    [
      "create sequence q maxvalue 2 start 2 no cycle;; select nextval('q') + nextval('q')",
      '!2200H',
    ],
    [
      "create sequence q cache 5 restart with 7;; select nextval('q');; select last_value from q",
      '11',
    ],
    ["create sequence q owned by t.a;; drop table t;; select nextval('q')", '!42P01'],
    [
      "create sequence q owned by t.a;; alter sequence q owned by none;; drop table t;; select nextval('q')",
      '1',
    ],
  ],
  create_type: [
    ["create type e as enum ('a', 'b');; select enum_last(null::e)", 'b'],
    ['create type e as enum ();; select enum_range(null::e)', '{}'],
    ["create type t as enum ('a')", '!42710'],
    ["create type c as (a int, b text);; select row(1, 'x')::c", '(1,x)'],
    ['create type c as ();; select row()::c', '()'],
  ],
  alter_type: [
    [
      "create type e as enum ('b');; alter type e add value 'c';; alter type e add value 'a' before 'b';; alter type e add value 'd' after 'a';; alter type e add value if not exists 'a';; select enum_range(null::e)",
      '{a,d,b,c}',
    ],
    [
      "create type e as enum ('a');; alter type e rename value 'a' to 'z';; select enum_range(null::e)",
      '{z}',
    ],
    ["create type e as enum ('a');; alter type e rename to f;; select 'a'::f", 'a'],
    [
      'create type c as (a int);; alter type c rename attribute a to z cascade;; select row_to_json(row(1)::c)',
      '{"z":1}',
    ],
    [
      'create type c as (a int);; alter type c rename attribute a to z restrict;; select (row(1)::c).a',
      '!42703',
    ],
    ['create type c as (a int);; alter type c rename attribute b to z', '!42703'],
    [
      "create type e as enum ('a');; create schema $s_x;; alter type e set schema $s_x;; select 'a'::$s_x.e",
      'a',
    ],
  ],
  attribute: [['create type c as (a int, a int)', '!42701']],
  attribute_action: [
    [
      'create type c as (a int);; alter type c add attribute b text cascade, drop attribute if exists a restrict, drop attribute if exists q;; select (row(5)::c).b',
      '5',
    ],
    [
      "create type c as (a int);; alter type c alter attribute a type text, add attribute d int;; select row('x', 1)::c",
      '(x,1)',
    ],
    [
      'create type c as (a int);; alter type c alter attribute a set data type text;; select row(true)::c',
      '(true)',
    ],
    ['create type c as (a int);; alter type c drop attribute b', '!42703'],
  ],
  alter_sequence: [
    [
      "create sequence q;; select nextval('q');; alter sequence q restart with 20;; select nextval('q')",
      '20',
    ],
    [
      "create sequence q;; select nextval('q');; alter sequence q restart;; select nextval('q')",
      '1',
    ],
    ['alter sequence if exists nope restart;; select 1', '1'],
    ['alter sequence t restart', '!42809'],
  ],
  alter_table: [
    [
      'alter table if exists only nope add c int;; alter table t rename column b to bb;; alter table t add c int default 4;; select distinct c from t',
      '4',
    ],
    [
      'create view v as select a from t;; alter view v rename column a to z;; select max(z) from v',
      '3',
    ],
    ['create index i on t (a);; alter index i rename to j;; drop index j;; drop index j', '!42704'],
    [
      'alter table t add constraint k unique (a);; alter table t rename constraint k to l;; alter table t drop constraint l;; insert into t (a) values (1) returning a',
      '1',
    ],
    ['alter table t set (fillfactor = 10)', '!0A000'],
    ['alter table t enable row level security', '!0A000'],
  ],
  alter_view: [
    [
      'create materialized view v as select a from t;; alter materialized view v rename to w;; select max(a) from w',
      '3',
    ],
    [
      'alter view if exists nope rename to w;; create view v as select a from t;; alter view v rename column a to z;; select max(z) from v',
      '3',
    ],
    ['alter view t rename to v', '!42809'],
  ],
  alter_index: [
    [
      'alter index if exists nope rename to k;; create index i on t (a);; alter index i rename to j;; drop index j;; drop index j',
      '!42704',
    ],
  ],
  alter_action: [
    [
      'alter table t add column if not exists a int, add c int default 5;; select max(a), max(c) from t',
      '3|5',
    ],
    ['alter table t add constraint k check (a < 3)', '!23514'],
    [
      'alter table t drop column if exists nope restrict, drop column b;; select b from t',
      '!42703',
    ],
    ['create view v as select a from t;; alter table t drop a cascade;; select * from v', '!42P01'],
    [
      'alter table t add constraint k unique (a);; alter table t drop constraint if exists k;; alter table t drop constraint k',
      '!42704',
    ],
  ],
  alter_column: [
    ['alter table t alter column a set data type text using a + 1;; select min(a) from t', '2'],
    [
      'alter table t alter a type bigint;; insert into t (a) values (3000000000) returning a',
      '3000000000',
    ],
    ['alter table t alter a set default 9;; insert into t default values returning a', '9'],
    [
      'alter table t alter a set default 9;; alter table t alter a drop default;; insert into t default values returning a',
      'NULL',
    ],
    ['alter table t alter a set not null;; insert into t (b) values (1)', '!23502'],
    [
      'alter table t alter a set not null;; alter table t alter a drop not null;; insert into t (b) values (1) returning a',
      'NULL',
    ],
    [
      'create table e (a int not null);; alter table e alter a add generated always as identity (start with 3);; insert into e default values returning a',
      '3',
    ],
    [
      'create table e (a int not null);; alter table e alter a add generated by default as identity;; alter table e alter a drop identity;; insert into e default values',
      '!23502',
    ],
    [
      'alter table t alter a drop identity if exists;; alter table t alter a drop expression',
      '!55000',
    ],
    ['alter table t alter a set statistics 10', '!0A000'],
  ],
  alter_schema: [
    [
      'create schema $s_x;; create table $s_x.e (a int);; alter schema $s_x rename to $s_y;; select count(*) from $s_y.e',
      '0',
    ],
    ['alter schema $s owner to nobody', '!42704'],
  ],
  alter_whole: [
    ["create sequence q;; alter sequence q rename to r;; select nextval('r')", '1'],
    [
      "create sequence q;; create schema $s_x;; alter sequence q set schema $s_x;; select nextval('$s_x.q')",
      '1',
    ],
    [
      'create sequence q;; alter sequence q owner to current_user;; alter sequence q owner to session_user;; alter sequence q owner to current_role;; alter sequence q owner to nobody',
      '!42704',
    ],
  ],
  generated: [
    [
      'create table e (a int, b int generated always as (a * 2) stored);; insert into e values (4);; select b from e',
      '8',
    ],
    [
      'create table e (a int generated by default as identity (start with 6), b int);; insert into e (b) values (1);; select a from e',
      '6',
    ],
    ['create table e (a int generated by default as (1) stored)', '!42601'],
  ],
  overriding: [
    [
      'create table e (a int generated always as identity);; insert into e overriding system value values (7) returning a',
      '7',
    ],
    [
      'create table e (a int generated always as identity);; insert into e overriding user value values (7) returning a',
      '1',
    ],
    ['create table e (a int generated always as identity);; insert into e values (7)', '!428C9'],
  ],
}
