import type { Evidence } from './evidence.ts'

/** Of statements over functions, procedures and macros. */
export const routineEvidence: Evidence = {
  create_function: [
    [
      "create function f(x int, y int) returns int language sql as 'select x * y';; select f(3, 4)",
      '12',
    ],
    [
      "create or replace function f() returns int language sql as 'select 1';; create or replace function f() returns int language sql as 'select 2';; select f()",
      '2',
    ],
    [
      "create function f() returns int language sql as 'select 1';; create function f() returns int language sql as 'select 2'",
      '!42723',
    ],
    ["create function f() returns int language sql as 'select nope'", '!42703'],
    ["create function f() returns int language plpgsql as 'begin return 1; end'", '!0A000'],
    ["create function f() returns int language nope as 'x'", '!42704'],
    ["create function f() returns int language c as 'a', 'b'", '!0A000'],
    [
      "create function f() returns int language sql as 'insert into t values (9) returning a';; select f()",
      '!0A000',
    ],
    ["create function f() returns int language sql as 'select 1; select 2';; select f()", '!0A000'],
  ],
  create_procedure: [
    [
      "create procedure p(x int) language sql as 'insert into t (a) values (x); delete from t where a = 1';; call p(9);; select sum(a) from t",
      '14',
    ],
    [
      "create procedure p() language sql as 'select 1';; create or replace procedure p() language sql as 'delete from t';; call p();; select count(*) from t",
      '0',
    ],
  ],
  function_parameter: [
    [
      "create function f(in x int default 5, y int = 6) returns int language sql as 'select x + y';; select f() + f(y => 1)",
      '17',
    ],
    [
      "create function f(in out x int, inout y int, out z int, variadic w int[]) language sql as 'select x, y, w[2]';; select * from f(1, 2, 3, 4)",
      '1|2|4',
    ],
  ],
  parameter_type: [
    [
      "create function f(int) returns int language sql as 'select 1';; create function f(text) returns int language sql as 'select 2';; drop function f(in x int);; select f(null)",
      '2',
    ],
    [
      "create function f(inout x int, in out y int, variadic z int[], out w int) language sql as 'select 1, 2, 3';; drop function f(inout int, in out int, variadic int[], out int);; select f(1, 2, 3)",
      '!42883',
    ],
  ],
  returns: [
    [
      "create function f() returns setof int language sql as 'values (1), (2)';; select sum(x) from f() x",
      '3',
    ],
    [
      "create function f() returns table (x int, y text) language sql as 'select a, s from t';; select y from f() where x = 2",
      'y',
    ],
  ],
  function_option: [
    [
      "create function f(x int) returns int language 'sql' immutable returns null on null input cost 5 parallel safe leakproof security definer as 'select coalesce(x, 7)';; select f(null)",
      'NULL',
    ],
    [
      "create function f(x int) returns int language sql stable called on null input parallel restricted not leakproof security invoker as 'select coalesce(x, 7)';; select f(null)",
      '7',
    ],
    [
      "create function f(x int) returns setof int language sql volatile strict rows 10 parallel unsafe external security definer as 'select coalesce(x, 7)';; select count(*) from f(null)",
      '0',
    ],
    ["create function f() returns int cost -1 language sql as 'select 1'", '!22023'],
    ["create function f() returns int rows 3 language sql as 'select 1'", '!22023'],
    ["create function f() returns int parallel maybe language sql as 'select 1'", '!42601'],
    ["create function f() returns int strict strict language sql as 'select 1'", '!42601'],
    ["create function f() returns int window language sql as 'select 1'", '!0A000'],
    ["create function f() returns int set work_mem = 1 language sql as 'select 1'", '!0A000'],
    ["create function f() returns int support g language sql as 'select 1'", '!0A000'],
    ["create function f() returns int transform for type int language sql as 'select 1'", '!0A000'],
  ],
  routine_body: [
    ['create function f(x int) returns int return x + 1;; select f(2)', '3'],
    ['create function f() returns bigint begin atomic select sum(a) from t; end;; select f()', '6'],
    [
      'create function f() returns bigint begin atomic select sum(a) from t; end;; drop table t',
      '!2BP01',
    ],
  ],
  create_macro: [
    ['create macro m(x, y := 10) as x + y;; select m(1) + m(1, 2) + m(1, y := 3)', '18'],
    [
      "create or replace macro m(x) as x;; create or replace macro m(x) as x || x;; select m('a')",
      'aa',
    ],
    ['create macro m(n) as table select a from t where a <= n;; select sum(a) from m(2)', '3'],
    ['create temp macro m() as 5;; select m()', '5'],
    ['create temporary macro m() as 6;; select m()', '6'],
  ],
  alter_function: [
    [
      "create function f(x int) returns int language sql as 'select 1';; alter function f(int) rename to g;; select g(1)",
      '1',
    ],
    [
      "create procedure p() language sql as 'select 1';; alter procedure p owner to nobody",
      '!42704',
    ],
    [
      "create schema $s_x;; create function f(x int) returns int language sql as 'select 1';; alter routine f set schema $s_x;; select $s_x.f(1)",
      '1',
    ],
    [
      "create function f(x int) returns int language sql as 'select 1';; alter function f strict immutable restrict;; select f(null)",
      'NULL',
    ],
  ],
  routine: [
    [
      "create function f() returns int language sql as 'select 1';; drop function f;; select f()",
      '!42883',
    ],
    [
      "create function f() returns int language sql as 'select 1';; create function f(int) returns int language sql as 'select 2';; drop function f",
      '!42725',
    ],
  ],
  drop_function: [
    [
      "create function f() returns int language sql as 'select 1';; create view v as select f();; drop function f() restrict",
      '!2BP01',
    ],
    [
      "create function f() returns int language sql as 'select 1';; create view v as select f();; drop function f() cascade;; select * from v",
      '!42P01',
    ],
    ['drop function if exists f(int), g;; select 1', '1'],
    ["create procedure p() language sql as 'select 1';; drop procedure p;; call p()", '!42883'],
    [
      "create function f() returns int language sql as 'select 1';; drop routine f;; select f()",
      '!42883',
    ],
  ],
  drop_macro: [
    ['create macro m() as 1;; drop macro m;; select m()', '!42883'],
    [
      'create macro m() as table select 1;; drop macro table m restrict;; select * from m()',
      '!42883',
    ],
    [
      'create macro m() as 1;; create view v as select m();; drop macro m cascade;; select * from v',
      '!42P01',
    ],
    ['drop macro if exists m;; select 1', '1'],
  ],
  call_procedure: [
    [
      "create procedure p(x int default 4) language sql as 'delete from t where a < x';; call p(x => 2);; select count(*) from t",
      '2',
    ],
    ["create function f() returns int language sql as 'select 1';; call f()", '!42809'],
    ["create procedure p() language sql as 'select 1';; select p()", '!42809'],
  ],
}
