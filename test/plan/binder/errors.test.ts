import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { bindText } from './binding.ts'

/**
 * [sql, SQLSTATE, message, position], as PostgreSQL 15 answered over the same tables. Positions count
 * from 1; where it gives none, ours may.
 */
const recorded: readonly (readonly [string, string, string, number | null])[] = [
  ['select naem from t', '42703', 'column "naem" does not exist', 8],
  ['select t.naem from t', '42703', 'column t.naem does not exist', 8],
  ['select x.a from t', '42P01', 'missing FROM-clause entry for table "x"', 8],
  ['select a from t, u', '42702', 'column reference "a" is ambiguous', 8],
  ['select t.a from t as s', '42P01', 'invalid reference to FROM-clause entry for table "t"', 8],
  ['select nofunc(1)', '42883', 'function nofunc(integer) does not exist', 8],
  ['select nofunc(a, b) from t', '42883', 'function nofunc(integer, text) does not exist', 8],
  ['select a + b from t', '42883', 'operator does not exist: integer + text', 10],
  ['select b + 1 from t', '42883', 'operator does not exist: text + integer', 10],
  ['select -b from t', '42883', 'operator does not exist: - text', 8],
  ['select not a from t', '42804', 'argument of NOT must be type boolean, not type integer', 12],
  [
    'select * from t where a',
    '42804',
    'argument of WHERE must be type boolean, not type integer',
    23,
  ],
  ['select * from t where b', '42804', 'argument of WHERE must be type boolean, not type text', 23],
  [
    'select * from t where a and f',
    '42804',
    'argument of AND must be type boolean, not type integer',
    23,
  ],
  [
    'select a from t group by b',
    '42803',
    'column "t.a" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  [
    'select a, count(*) from t',
    '42803',
    'column "t.a" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  [
    'select t1.a + 1, count(*) from t t1 group by b',
    '42803',
    'column "t1.a" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  ['select count(count(*)) from t', '42803', 'aggregate function calls cannot be nested', 14],
  [
    'select a from t where count(*) > 1',
    '42803',
    'aggregate functions are not allowed in WHERE',
    23,
  ],
  [
    'select a from t group by count(*)',
    '42803',
    'aggregate functions are not allowed in GROUP BY',
    26,
  ],
  [
    'select a from t join u on count(*) > 1 group by t.a',
    '42803',
    'aggregate functions are not allowed in JOIN conditions',
    27,
  ],
  [
    'select sum(a) filter (where count(*) > 1) from t',
    '42803',
    'aggregate functions are not allowed in FILTER',
    29,
  ],
  [
    'select a from t having a > 1',
    '42803',
    'column "t.a" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  ['select a from t order by 3', '42P10', 'ORDER BY position 3 is not in select list', 26],
  ["select a from t order by 'x'", '42601', 'non-integer constant in ORDER BY', 26],
  ['select 1 from t group by 5', '42P10', 'GROUP BY position 5 is not in select list', 26],
  [
    'select distinct a from t order by b',
    '42P10',
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
    35,
  ],
  ['select a as x, b as x from t order by x', '42702', 'ORDER BY "x" is ambiguous', 39],
  ['select * from nope', '42P01', 'relation "nope" does not exist', 15],
  ['select * from no_schema.nope', '42P01', 'relation "no_schema.nope" does not exist', 15],
  ['select * from t, t', '42712', 'table name "t" specified more than once', null],
  ['select * from t a, u a', '42712', 'table name "a" specified more than once', null],
  [
    'select * from t join u using (zz)',
    '42703',
    'column "zz" specified in USING clause does not exist in left table',
    null,
  ],
  [
    'select * from t join u using (x)',
    '42703',
    'column "x" specified in USING clause does not exist in left table',
    null,
  ],
  [
    'select * from (t join u using (a)) join u u2 using (x, x)',
    '42701',
    'column name "x" appears more than once in USING clause',
    null,
  ],
  [
    'select * from t s(p,q,r,v,w,x,y)',
    '42P10',
    'table "s" has 6 columns available but 7 columns specified',
    null,
  ],
  [
    'with c(x,y) as (select 1) select * from c',
    '42P10',
    'WITH query "c" has 1 columns available but 2 columns specified',
    6,
  ],
  [
    'with c as (select 1), c as (select 2) select * from c',
    '42712',
    'WITH query name "c" specified more than once',
    23,
  ],
  [
    'select 1 union select 1, 2',
    '42601',
    'each UNION query must have the same number of columns',
    23,
  ],
  ["select 1 union select 'a'", '22P02', 'invalid input syntax for type integer: "a"', 23],
  [
    "select 1 union select 'a'::text",
    '42804',
    'UNION types integer and text cannot be matched',
    23,
  ],
  ['select 1 as x union select 2 order by y', '42703', 'column "y" does not exist', 39],
  ['values (1),(1,2)', '42601', 'VALUES lists must all be the same length', 13],
  ["select * from t where a = 'abc'", '22P02', 'invalid input syntax for type integer: "abc"', 27],
  ["select a from t where d > 'nope'", '22007', 'invalid input syntax for type date: "nope"', 27],
  ["select 'abc'::int", '22P02', 'invalid input syntax for type integer: "abc"', 8],
  [
    "select cast('2020-13-01' as date)",
    '22008',
    'date/time field value out of range: "2020-13-01"',
    13,
  ],
  [
    'select case when 1 then 2 end',
    '42804',
    'argument of CASE/WHEN must be type boolean, not type integer',
    18,
  ],
  [
    "select case when true then 1 else 'x'::text end",
    '42804',
    'CASE types text and integer cannot be matched',
    28,
  ],
  [
    "select case a when 'x' then 1 end from t",
    '22P02',
    'invalid input syntax for type integer: "x"',
    20,
  ],
  [
    "select coalesce(1, 'x'::text)",
    '42804',
    'COALESCE types integer and text cannot be matched',
    20,
  ],
  ["select coalesce(1,'x')", '22P02', 'invalid input syntax for type integer: "x"', 19],
  ['select (select 1, 2)', '42601', 'subquery must return only one column', 8],
  ['select *', '42601', 'SELECT * with no tables specified is not valid', 8],
  ['select * from t limit a', '42P10', 'argument of LIMIT must not contain variables', 23],
  ["select * from t limit 'x'", '22P02', 'invalid input syntax for type bigint: "x"', 23],
  ['select * from t limit -1', '2201W', 'LIMIT must not be negative', null],
  ['select * from t offset -1', '2201X', 'OFFSET must not be negative', null],
  [
    "select * from t limit 'x'::text",
    '42804',
    'argument of LIMIT must be type bigint, not type text',
    23,
  ],
  [
    'select count() from t',
    '42809',
    'count(*) must be used to call a parameterless aggregate function',
    8,
  ],
  ['select sum(b) from t', '42883', 'function sum(text) does not exist', 8],
  ['select cast(1 as nope)', '42704', 'type "nope" does not exist', 18],
  ['select 1::numeric(2000)', '22023', 'NUMERIC precision 2000 must be between 1 and 1000', 11],
  ["select ''::varchar(0)", '22023', 'length for type varchar must be at least 1', 12],
  [
    "select b from t where a between 1 and 'x'",
    '22P02',
    'invalid input syntax for type integer: "x"',
    39,
  ],
  [
    'select a from t where a is true',
    '42804',
    'argument of IS TRUE must be type boolean, not type integer',
    23,
  ],
  [
    'select (select t.a from u group by u.a) from t group by b',
    '42803',
    'subquery uses ungrouped column "t.a" from outer query',
    16,
  ],
  [
    'select t.b from t, (select * from u where u.a = t.a) q',
    '42P01',
    'invalid reference to FROM-clause entry for table "t"',
    49,
  ],
  ['select exists(select zz from u) from t', '42703', 'column "zz" does not exist', 22],
  [
    'select t.a from t join u on t.a = u.a join u v on w.a = 1',
    '42P01',
    'missing FROM-clause entry for table "w"',
    51,
  ],
  ['select a from t order by zz', '42703', 'column "zz" does not exist', 26],
  ['select a from t group by zz', '42703', 'column "zz" does not exist', 26],
  ['select a from t union select a from u order by b', '42703', 'column "b" does not exist', 48],
  [
    'select sum(a) from t order by b',
    '42803',
    'column "t.b" must appear in the GROUP BY clause or be used in an aggregate function',
    31,
  ],
  ['select * from t where (select 1, 2) = 1', '42601', 'subquery must return only one column', 23],
  ["select 1 + 'a'", '22P02', 'invalid input syntax for type integer: "a"', 12],
  ["select 'a' + 1::text", '42883', 'operator does not exist: unknown + text', 12],
  ['select sum(distinct a, a) from t', '42883', 'function sum(integer, integer) does not exist', 8],
  ['select nope.* from t', '42P01', 'missing FROM-clause entry for table "nope"', 8],
  ['select max(t.f) from t', '42883', 'function max(boolean) does not exist', 8],
  [
    'select a from t where a = 99999999999999999999 and b = d',
    '42883',
    'operator does not exist: text = date',
    54,
  ],
  [
    "select date '2020-01-01' + date '2020-01-01'",
    '42883',
    'operator does not exist: date + date',
    26,
  ],
  ['select a from t where f = 1', '42883', 'operator does not exist: boolean = integer', 25],
  [
    'select * from t natural join u v where a = 1 and y = b and zz',
    '42703',
    'column "zz" does not exist',
    60,
  ],
  [
    'select a from t t1 full join t t2 using (a) where t1.zz = 1',
    '42703',
    'column t1.zz does not exist',
    51,
  ],
  ["select nullif(1, 'x'::text)", '42883', 'operator does not exist: integer = text', 8],
  [
    "select greatest(1, 'x'::text)",
    '42804',
    'GREATEST types integer and text cannot be matched',
    20,
  ],
  ["select a from t where a in ('x')", '22P02', 'invalid input syntax for type integer: "x"', 29],
  [
    'select t.a from t, u where t.a = u.a group by t.a having u.x > 1',
    '42803',
    'column "u.x" must appear in the GROUP BY clause or be used in an aggregate function',
    58,
  ],
  [
    'select b from t group by b having a > 1 or count(*) > 1',
    '42803',
    'column "t.a" must appear in the GROUP BY clause or be used in an aggregate function',
    35,
  ],
  [
    'select (select a from u where u.a = t.b) from t',
    '42883',
    'operator does not exist: integer = text',
    35,
  ],
  [
    "select * from t where (select a from u) = 'x'",
    '22P02',
    'invalid input syntax for type integer: "x"',
    43,
  ],
  [
    'select a from t where exists (select 1 from u where u.a = zz.a)',
    '42P01',
    'missing FROM-clause entry for table "zz"',
    59,
  ],
  [
    'select max((select count(t.a) from u)) from t',
    '42803',
    'aggregate function calls cannot be nested',
    20,
  ],
  [
    'select count(*) from t where sum(a) > 1',
    '42803',
    'aggregate functions are not allowed in WHERE',
    30,
  ],
  [
    'select a + (select b from t t2 limit 1) from t',
    '42883',
    'operator does not exist: integer + text',
    10,
  ],
  [
    "select case a when 'x' then 1 when b then 2 end from t",
    '22P02',
    'invalid input syntax for type integer: "x"',
    20,
  ],
  [
    'select coalesce(a, b) from t',
    '42804',
    'COALESCE types integer and text cannot be matched',
    20,
  ],
  ['select nullif(a, b) from t', '42883', 'operator does not exist: integer = text', 8],
  ['select a from t limit count(*)', '42803', 'aggregate functions are not allowed in LIMIT', 23],
  ['select a from t group by 1, 2', '42P10', 'GROUP BY position 2 is not in select list', 29],
  [
    'select sum(a), b from t',
    '42803',
    'column "t.b" must appear in the GROUP BY clause or be used in an aggregate function',
    16,
  ],
  [
    'select * from t group by a',
    '42803',
    'column "t.b" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  [
    'select t.* from t group by t.a, t.b',
    '42803',
    'column "t.c" must appear in the GROUP BY clause or be used in an aggregate function',
    8,
  ],
  [
    'select count(*) from t group by a order by b',
    '42803',
    'column "t.b" must appear in the GROUP BY clause or be used in an aggregate function',
    44,
  ],
  ['select u.* from t', '42P01', 'missing FROM-clause entry for table "u"', 8],
  [
    'select t.a from t t1, t t2',
    '42P01',
    'invalid reference to FROM-clause entry for table "t"',
    8,
  ],
  [
    "select t1.a from t t1 join t t2 using (a) where a = 1 group by t1.a having t2.b = 'x'",
    '42803',
    'column "t2.b" must appear in the GROUP BY clause or be used in an aggregate function',
    76,
  ],
  [
    'select distinct a from t order by a + 1',
    '42P10',
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
    35,
  ],
  [
    'select a from t union all select b from t',
    '42804',
    'UNION types integer and text cannot be matched',
    34,
  ],
  [
    'select a, b from t union select b, a from t',
    '42804',
    'UNION types integer and text cannot be matched',
    33,
  ],
  [
    'select f from t union select 1',
    '42804',
    'UNION types boolean and integer cannot be matched',
    30,
  ],
  ["values (1, 'a'), ('x', 'b')", '22P02', 'invalid input syntax for type integer: "x"', 19],
  ["select -'x'", '42725', 'operator is not unique: - unknown', 8],
  ['select +b from t', '42883', 'operator does not exist: + text', 8],
  ["select not 'x'", '22P02', 'invalid input syntax for type boolean: "x"', 12],
  ["select 'x' and f from t", '22P02', 'invalid input syntax for type boolean: "x"', 8],
  ['select f and 1 from t', '42804', 'argument of AND must be type boolean, not type integer', 14],
  ['select f or a from t', '42804', 'argument of OR must be type boolean, not type integer', 13],
  [
    'select a from t where not a',
    '42804',
    'argument of NOT must be type boolean, not type integer',
    27,
  ],
  [
    'select b is true from t',
    '42804',
    'argument of IS TRUE must be type boolean, not type text',
    8,
  ],
  [
    "select a between 'x' and 'y' from t",
    '22P02',
    'invalid input syntax for type integer: "x"',
    18,
  ],
  ['select d > a from t', '42883', 'operator does not exist: date > integer', 10],
  ["select c > 'abc' from t", '22P02', 'invalid input syntax for type numeric: "abc"', 12],
  [
    "select 1::bool, 2.5::int, 'x'::bool",
    '22P02',
    'invalid input syntax for type boolean: "x"',
    27,
  ],
  ['select 1 = true', '42883', 'operator does not exist: integer = boolean', 10],
  ['select b = 1 from t', '42883', 'operator does not exist: text = integer', 10],
  ['select upper(a) from t', '42883', 'function upper(integer) does not exist', 8],
  ['select upper(1)', '42883', 'function upper(integer) does not exist', 8],
  ['select length(1)', '42883', 'function length(integer) does not exist', 8],
  [
    'select substring(a, 1) from t',
    '42883',
    'function substring(integer, integer) does not exist',
    8,
  ],
  ['select round(b) from t', '42883', 'function round(text) does not exist', 8],
  ["select abs('x')", '22P02', 'invalid input syntax for type double precision: "x"', 12],
  ['select abs(b) from t', '42883', 'function abs(text) does not exist', 8],
  ['select a && 1 from t', '42883', 'operator does not exist: integer && integer', 10],
  [
    'select ts + 1 from t',
    '42883',
    'operator does not exist: timestamp without time zone + integer',
    11,
  ],
  [
    'select d + ts from t',
    '42883',
    'operator does not exist: date + timestamp without time zone',
    10,
  ],
  ['select min(b), max(d), min(f) from t', '42883', 'function min(boolean) does not exist', 24],
  ['select sum(f) from t', '42883', 'function sum(boolean) does not exist', 8],
  ['select avg(b) from t', '42883', 'function avg(text) does not exist', 8],
  ['select count(a, b) from t', '42883', 'function count(integer, text) does not exist', 8],
  [
    'select stddev(a), variance(c), stddev(x) from t, u',
    '42702',
    'column reference "a" is ambiguous',
    15,
  ],
]

/** Errors that PostgreSQL has not, or has with another text or place. */
const own: readonly (readonly [string, string, string, number | null])[] = [
  ['select * exclude (zz) from t', '42703', 'column "zz" does not exist', 19],
  [
    'select a from t where grouping(a) = 0 group by a',
    '42803',
    'grouping operations are not allowed in WHERE',
    23,
  ],
  ['select row_number() from t', '42809', 'window function row_number requires an OVER clause', 8],
  ['select distinct on (a) a from t', '0A000', 'not supported: DISTINCT ON', 21],
  [
    'with recursive r as (select 1 union select 1 from r) select * from r',
    '0A000',
    'not supported: WITH RECURSIVE',
    51,
  ],
  ['select a from t intersect all select a from u', '0A000', 'not supported: INTERSECT ALL', 1],
  ['select t from t', '0A000', 'not supported: a whole row as a value ("t" is a table)', 8],
  ['select array[]', '42P18', 'cannot determine type of empty array', 8],
  ['select 1::uuid', '42846', 'cannot cast type integer to uuid', 8],
  ["select * from 'nope.parquet'", '58P01', 'could not open file "nope.parquet"', 15],
  ['select a from t where a || 1 = $1', '42883', 'operator does not exist: integer || integer', 25],
  [
    'select a from t where a = $1 or d = $1',
    '42883',
    'operator does not exist: date = integer',
    35,
  ],
  ['select a + $1, b = $1 from t', '42883', 'operator does not exist: text = integer', 18],
]

const hints: readonly (readonly [string, string])[] = [
  ['select aa from t', 'Perhaps you meant to reference the column "t.a".'],
  [
    'select l_shipdat from lineitem',
    'Perhaps you meant to reference the column "lineitem.l_shipdate".',
  ],
  [
    'select l.l_shipdat from lineitem l',
    'Perhaps you meant to reference the column "l.l_shipdate".',
  ],
  ['select * from linitem', 'Did you mean "lineitem"?'],
  ['select t.a from t as s', 'Perhaps you meant to reference the table alias "s".'],
  [
    'select coutn(a) from t',
    'No function matches the given name and argument types. ' +
      'You might need to add explicit type casts. Perhaps you meant "count".',
  ],
]

function errorOf(sql: string): QueryError {
  try {
    bindText(sql)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error(`no error: ${sql}`)
}

describe('errors of binding', () => {
  test.each([...recorded, ...own])('%s', (sql, sqlState, message, position) => {
    const error = errorOf(sql)
    expect([error.sqlState, error.message]).toEqual([sqlState, message])
    if (position !== null) expect((error.details.span?.start ?? -1) + 1).toBe(position)
  })

  test.each(hints)('hint of: %s', (sql, hint) => {
    expect(errorOf(sql).details.hint).toBe(hint)
  })
})
