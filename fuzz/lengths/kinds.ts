import { listed, nested } from '../sizes/repeated.ts'

/** One way in which a statement can be long or deep. */
export interface LengthKind {
  readonly name: string
  /** The production of the grammar that is repeated, or that stands in itself. */
  readonly production: string
  /** The largest size that says something: beyond, a limit of PostgreSQL's is all that answers. */
  readonly sizeMax: number
  readonly sql: (size: number) => string
}

/** What is refused beyond some size is tried once beyond it. */
const LONG = 100_000
const TABLES = 1_000
const COLUMNS = 10_000
const DEEP = 10_000

export const setUp: readonly string[] = [
  'create table t (a integer, b bigint, f double precision, n numeric(10, 2), s text, d date, p timestamp, o boolean)',
  "insert into t values (1, 2, 0.5, 1.25, 'x', '2024-02-29', '2024-02-29 12:00', true), (2, null, null, null, 'y', null, null, null), (null, 3, 1.5, 2.5, null, '2020-01-01', '2020-01-01', false)",
  'create table filled (a integer, s text)',
  'create table listed (l integer[])',
  'prepare one (integer) as select $1',
]

type Item = (at: number) => string
type Around = (inner: string, at: number) => string

/** A list somewhere in a statement, where `@` stands. */
function list(
  name: string,
  production: string,
  frame: string,
  item: Item,
  separator = ', ',
  sizeMax = LONG,
): LengthKind {
  const [before, after = ''] = frame.split('@')
  const sql = (size: number): string => `${before}${listed(size, item, separator)}${after}`
  return { name, production, sizeMax, sql }
}

/** Lists of statements over functions. */
const routineLists: readonly LengthKind[] = [
  list(
    'parameters of a function',
    'create_function',
    "create or replace function many(@) returns integer language sql as 'select 1'",
    (at) => `a${at} integer`,
  ),
  list(
    'parameters of a procedure',
    'create_procedure',
    "create or replace procedure many_p(@) language sql as 'select 1'",
    (at) => `a${at} integer`,
  ),
  list(
    'columns of a function',
    'returns',
    "create or replace function wide() returns table (@) language sql as 'select 1'",
    (at) => `a${at} integer`,
    ', ',
    COLUMNS,
  ),
  list(
    'options of a function',
    'create_function',
    "create or replace function said() returns integer @ language sql as 'select 1'",
    () => 'immutable',
    ' ',
  ),
  list(
    'statements of a body',
    'routine_body',
    'create or replace procedure long_p() begin atomic @ end',
    () => 'select 1;',
    ' ',
    COLUMNS,
  ),
  list(
    'parameters of a macro',
    'create_macro',
    'create or replace macro many_m(@) as 1',
    (at) => `a${at}`,
  ),
  list('dropped functions', 'drop_function', 'drop function if exists @', (at) => `none${at}`),
  list('arguments of a function', 'call_arguments', 'select concat(@)', () => 'a'),
  list('dropped macros', 'drop_macro', 'drop macro if exists @', (at) => `none${at}`),
  list('types of a function', 'routine', 'drop function if exists gone(@)', () => 'integer'),
  list('altered options', 'alter_function', 'alter function gone @', () => 'immutable', ' '),
]

/** A chain of operands. */
const chain = (name: string, production: string, operator: string, item: Item): LengthKind =>
  list(name, production, 'select count(*) from t where (@) is not null', item, ` ${operator} `)

const condition = (name: string, production: string, operator: string, item: Item): LengthKind =>
  list(name, production, 'select count(*) from t where @', item, ` ${operator} `)

/** A form in itself, where `@` stands. */
function deep(
  name: string,
  production: string,
  frame: string,
  leaf: string,
  around: Around,
): LengthKind {
  const [before, after = ''] = frame.split('@')
  const sql = (size: number): string => `${before}${nested(size, leaf, around)}${after}`
  return { name, production, sizeMax: DEEP, sql }
}

/** Every clause and form that can be repeated, or stand in itself. */
export function lengthKinds(): readonly LengthKind[] {
  return [
    ...clauses(),
    ...changes(),
    ...tables(),
    ...groups(),
    ...operators(),
    ...subqueries(),
    ...calls(),
    ...nestings(),
    ...definitions(),
    ...texts(),
  ]
}

function clauses(): readonly LengthKind[] {
  return [
    list('statements', 'statement', '@', (at) => `select ${at}`, '; '),
    list(
      'CTEs',
      'with',
      'with @ select count(*) from c0',
      (at) => `c${at} as (select a + ${at} as x from t)`,
      ', ',
      DEEP,
    ),
    {
      name: 'CTEs in a chain',
      production: 'with',
      sizeMax: DEEP,
      sql: (size) =>
        `with c0 as (select 1 as x), ${listed(size, (at) => `c${at + 1} as (select x + 1 as x from c${at})`)} select x from c${size}`,
    },
    list(
      'values of PIVOT',
      'pivot',
      'pivot t on a in (@) using sum(b) group by o',
      (at) => `${at}`,
      ', ',
      COLUMNS,
    ),
    list(
      'values of PIVOT of a table',
      'table_pivot',
      'select count(*) from t pivot (sum(b) for a in (@) group by o)',
      (at) => `${at}`,
      ', ',
      COLUMNS,
    ),
    list(
      'columns of UNPIVOT',
      'unpivot',
      'unpivot (select a, b from t) on @ into name n value v',
      () => 'a',
      ', ',
      COLUMNS,
    ),
    list('names of COLUMNS', 'columns', 'select columns([@]) from t', () => "'a'", ', ', COLUMNS),
    list('elements of a list', 'list', 'select [@]', (at) => `${at}`),
    {
      name: 'columns of SEARCH',
      production: 'search_clause',
      sizeMax: COLUMNS,
      sql: (size) => {
        const names = listed(size, (at) => `c${at}`)
        const first = listed(size, (at) => `${at}`)
        return `with recursive r (${names}) as (select ${first} union all select * from r where c0 > 9) search depth first by ${names} set o select count(*) from r`
      },
    },
    {
      name: 'columns of CYCLE',
      production: 'cycle_clause',
      sizeMax: COLUMNS,
      sql: (size) => {
        const names = listed(size, (at) => `c${at}`)
        const first = listed(size, (at) => `${at}`)
        return `with recursive r (${names}) as (select ${first} union all select * from r) cycle ${names} set again using path select count(*) from r`
      },
    },
    list(
      'options of CREATE SEQUENCE',
      'create_sequence',
      'create temporary sequence counted @',
      (at) => `cache ${at + 1}`,
      ' ',
    ),
    list(
      'options of ALTER SEQUENCE',
      'alter_sequence',
      'alter sequence if exists gone @',
      (at) => `cache ${at + 1}`,
      ' ',
    ),
    list(
      'options of an identity',
      'generated',
      'create table if not exists t (k integer generated always as identity (@))',
      (at) => `cache ${at + 1}`,
      ' ',
    ),
    list(
      'parts of LIKE',
      'like_clause',
      'create table if not exists t (like t @)',
      () => 'including all',
      ' ',
    ),
    list(
      'actions of ALTER TABLE',
      'alter_table',
      'alter table if exists gone @',
      (at) => `drop column if exists c${at}`,
    ),
    list(
      'options of an added identity',
      'alter_column',
      'alter table if exists gone alter column k add generated always as identity (@)',
      (at) => `cache ${at + 1}`,
      ' ',
    ),
    list('tables of FOR UPDATE', 'locking', 'select a from t for update of @', () => 't'),
    list('types of PREPARE', 'prepare', 'prepare typed (@) as select 1', () => 'integer'),
    list('values of EXECUTE', 'execute', 'execute one (@)', (at) => `${at} + 1`),
    list('UNION ALL', 'set_operation', '@', (at) => `select ${at} as x`, ' union all '),
    list(
      'UNION ALL of tables',
      'set_operation',
      'select count(*) from (@) u',
      () => 'select a from t',
      ' union all ',
    ),
    list('UNION', 'set_operation', '@', (at) => `select ${at % 9} as x`, ' union ', DEEP),
    list('INTERSECT', 'set_operation', '@', () => `select 1 as x`, ' intersect ', DEEP),
    list('EXCEPT', 'set_operation', '@', (at) => `select ${at} as x`, ' except ', DEEP),
    list('targets', 'select', 'select @ from t', (at) => `a + ${at} as c${at}`, ', ', COLUMNS),
    list('keys of DISTINCT ON', 'distinct', 'select distinct on (@) a from t', (at) => `a + ${at}`),
    list('stars', 'target', 'select @ from t', () => 't.*', ', ', COLUMNS),
    {
      name: 'names of EXCLUDE',
      production: 'column_names',
      sizeMax: COLUMNS,
      sql: (size) =>
        `select * exclude (${listed(size, (at) => `c${at}`)}) from (select ${listed(size, (at) => `${at} as c${at}`)}, 1 as z) w`,
    },
    list('keys of ORDER BY', 'order_by', 'select a from t order by @', (at) => `a + ${at} desc`),
    list(
      'rows of VALUES',
      'values',
      'select count(*), max(y) from (values @) v(x, y)',
      (at) => `(${at}, 'k${at}')`,
    ),
    list('columns of VALUES', 'values', 'values (@)', (at) => `${at}`, ', ', COLUMNS),
  ]
}

function changes(): readonly LengthKind[] {
  const merged = 'merge into filled using (values (1)) v(k) on a = k'
  return [
    list('inserted rows', 'insert', 'insert into filled values @', (at) => `(${at}, 'k')`),
    list('assigned columns', 'update', 'update filled set @', (at) => `a = ${at}`),
    list(
      'subscripts of what is assigned',
      'set_target',
      'update listed set l@ = 1',
      () => '[1]',
      '',
    ),
    list('assigned values', 'assignment', 'update filled set (a, s) = (@)', (at) => `${at}`),
    list(
      'assignments of a conflict',
      'on_conflict',
      "insert into filled values (1, 'k') on conflict (a) do update set @",
      (at) => `a = ${at}`,
    ),
    list(
      'tables of USING',
      'delete',
      'delete from filled using @ where false',
      (at) => `t t${at}`,
      ', ',
      TABLES,
    ),
    list(
      'actions of MERGE',
      'merge',
      `${merged} @`,
      (at) => `when matched and a = ${at} then delete`,
      ' ',
      COLUMNS,
    ),
    list(
      'values of an action',
      'merge_action',
      `${merged} when not matched then insert values (@)`,
      (at) => `${at}`,
    ),
    list(
      'columns of COPY',
      'copy_option',
      'copy (select 1 as c) to stdout (format csv, force_quote (@))',
      () => 'c',
    ),
    list('options of COPY', 'copy_options', 'copy (select 1 as c) to stdout (@)', () => 'header'),
    list(
      'old options of COPY',
      'copy_old_option',
      'copy (select 1 as c) to stdout @',
      () => 'csv',
      ' ',
    ),
    list('truncated tables', 'truncate', 'truncate @', () => 'filled'),
    list('analyzed tables', 'analyze', 'analyze @', () => 'filled'),
    list('vacuumed tables', 'vacuum', 'vacuum @', () => 'filled'),
    list('locked tables', 'lock', 'lock @', () => 'filled'),
    list(
      'columns of RETURNING',
      'returning',
      'update filled set a = 1 returning @',
      (at) => `a + ${at}`,
      ', ',
      COLUMNS,
    ),
  ]
}

function tables(): readonly LengthKind[] {
  const joined = (name: string, join: (at: number) => string): LengthKind => ({
    name,
    production: 'table',
    sizeMax: TABLES,
    sql: (size) => `select count(*) from t t0 ${listed(size, join, ' ')}`,
  })
  return [
    list(
      'tables in FROM',
      'from',
      'select count(*) from @',
      (at) => `(values (1)) t${at}(a)`,
      ', ',
      TABLES,
    ),
    joined('joins in a chain', (at) => `join t t${at + 1} on t${at + 1}.a = t${at}.a`),
    joined('joins in a star', (at) => `join t t${at + 1} on t${at + 1}.a = t0.a`),
    joined('outer joins', (at) => `left join t t${at + 1} on t${at + 1}.a = t${at}.a`),
    joined('joins USING', () => `join (select a from t) q using (a)`.replace('q', `q${unique()}`)),
    joined('cross joins', (at) => `cross join (values (1)) t${at + 1}(z)`),
    joined('anti joins', (at) => `anti join t t${at + 1} on t${at + 1}.a = t0.a + ${at}`),
    joined('LATERALs', (at) => `cross join lateral (select t0.a + ${at} as z) l${at}`),
    {
      name: 'columns of an alias',
      production: 'column_names',
      sizeMax: COLUMNS,
      sql: (size) =>
        `select count(*) from (select ${listed(size, (at) => `${at}`)}) w(${listed(size, (at) => `c${at}`)})`,
    },
  ]
}

let made = 0
const unique = (): number => made++

function groups(): readonly LengthKind[] {
  return [
    list('keys of GROUP BY', 'group_by', 'select count(*) from t group by @', (at) => `a + ${at}`),
    list(
      'elements of ROLLUP',
      'grouping',
      'select count(*) from t group by rollup (@)',
      (at) => `a + ${at}`,
      ', ',
      COLUMNS,
    ),
    list(
      'grouping sets',
      'grouping',
      'select count(*) from t group by grouping sets (@)',
      (at) => `(a, b, ${at % 2 === 0 ? 's' : 'd'})`,
      ', ',
      COLUMNS,
    ),
    list('sums', 'select', 'select @ from t', (at) => `sum(a * ${at} + b)`, ', ', COLUMNS),
    list(
      'filtered counts',
      'call',
      'select @ from t',
      (at) => `count(*) filter (where a = ${at})`,
      ', ',
      COLUMNS,
    ),
    list(
      'windows',
      'window_definition',
      'select @ from t',
      (at) => `sum(b) over (order by a + ${at})`,
      ', ',
      COLUMNS,
    ),
    list(
      'named windows',
      'window',
      'select count(*) over w0 from t window @',
      (at) => `w${at} as (order by a + ${at})`,
    ),
    list(
      'keys of a partition',
      'window_definition',
      'select sum(b) over (partition by @) from t',
      (at) => `a + ${at}`,
    ),
    list(
      'conditions of HAVING',
      'having',
      'select a from t group by a having @',
      (at) => `count(*) <> ${at + 9}`,
      ' and ',
    ),
  ]
}

function operators(): readonly LengthKind[] {
  return [
    condition('OR', 'expression', 'or', (at) => `a * b = ${at}`),
    condition('OR of equalities', 'expression', 'or', (at) => `a = ${at}`),
    condition('OR of pairs', 'expression', 'or', (at) => `(a = ${at} and b = ${at})`),
    condition('OR of ranges', 'expression', 'or', (at) => `a between ${at * 5} and ${at * 5 + 2}`),
    condition('OR of LIKEs', 'match', 'or', (at) => `s like 'k${at}%'`),
    condition('OR of IN', 'match', 'or', (at) => `a in (${at}, ${at + 1}, b)`),
    condition('AND', 'conjunction', 'and', (at) => `a <> ${at + 50} + b`),
    condition('AND of inequalities', 'conjunction', 'and', (at) => `a <> ${at + 50}`),
    condition('AND of ORs', 'conjunction', 'and', (at) => `(a = ${at} or b <> ${at})`),
    condition('AND of NOTs', 'negation', 'and', (at) => `not (a = ${at} and o)`),
    condition('AND of IS', 'test', 'and', (at) => `(a = ${at}) is not true`),
    list('IN of integers', 'match', 'select count(*) from t where b in (@)', (at) => `${at * 7}`),
    list('IN of texts', 'match', 'select count(*) from t where s in (@)', (at) => `'k${at}'`),
    list('IN of values', 'match', 'select count(*) from t where a in (@)', (at) => `b + ${at}`),
    list(
      'IN of rows',
      'match',
      'select count(*) from t where (a, s) in (@)',
      (at) => `(${at}, 'k${at}')`,
    ),
    list(
      'NOT IN of numerics',
      'match',
      'select count(*) from t where n not in (@)',
      (at) => `${at}.${at % 100}`,
    ),
    chain('concatenations', 'operation', '||', () => 's'),
    chain('sums of columns', 'sum', '+', (at) => `a * ${at % 9}`),
    chain('sums of constants', 'sum', '+', (at) => `${at}`),
    chain('sums of floats', 'sum', '-', () => 'f'),
    chain('products', 'product', '*', () => 'f'),
    chain('powers', 'power', '^', () => 'f'),
    list('casts', 'cast', 'select a@ from t', (at) => (at % 2 === 0 ? '::text' : '::int'), ''),
    list('signs', 'signed', 'select @a from t', () => '- ', ''),
    list('NOTs', 'negation', 'select @o from t', () => 'not ', ''),
    list('collations', 'collated', 'select s@ from t', () => ' collate "C"', ''),
    list('zones', 'zoned', 'select p@ from t', () => " at time zone 'utc'", ''),
    list('subscripts', 'primary', 'select (array[1])@', () => '[1]', ''),
    list('dimensions', 'type', 'select null::int@', () => '[]', ''),
  ]
}

function subqueries(): readonly LengthKind[] {
  const exists = (at: number): string => `exists (select 1 from t y where y.a = x.a + ${at})`
  const correlated = (at: number): string => `(select max(y.a) from t y where y.a < x.a + ${at})`
  const from = 'select count(*) from t x where @'
  return [
    { ...list('EXISTS or EXISTS', 'primary', from, exists, ' or '), sizeMax: TABLES },
    { ...list('EXISTS and EXISTS', 'primary', from, exists, ' and '), sizeMax: TABLES },
    {
      ...list('IN or IN', 'match', from, (at) => `a in (select b + ${at} from t)`, ' or '),
      sizeMax: TABLES,
    },
    {
      ...list(
        'ANY or ANY',
        'comparison',
        from,
        (at) => `a > any (select b + ${at} from t)`,
        ' or ',
      ),
      sizeMax: TABLES,
    },
    {
      ...list('subqueries', 'primary', 'select @ from t', (at) => `(select max(a) + ${at} from t)`),
      sizeMax: TABLES,
    },
    {
      ...list('correlated subqueries', 'primary', 'select @ from t x', correlated),
      sizeMax: TABLES,
    },
    {
      ...list('correlated subqueries added', 'primary', 'select @ from t x', correlated, ' + '),
      sizeMax: TABLES,
    },
    {
      ...list(
        'subqueries of branches',
        'case',
        'select @ from t x',
        (at) =>
          `case when x.a > ${at} then (select sum(10 / y.a) from t y where y.a < x.a + ${at}) end`,
      ),
      sizeMax: TABLES,
    },
  ]
}

function calls(): readonly LengthKind[] {
  return [
    list('branches', 'case', 'select case a @ end from t', (at) => `when ${at} then ${at}`, ' '),
    list(
      'branches of conditions',
      'case',
      'select case @ end from t',
      (at) => `when a > ${at} + b then ${at}`,
      ' ',
    ),
    list(
      'branches of texts',
      'case',
      'select case @ else s end from t',
      (at) => `when s = 'k${at}' then 'v${at}'`,
      ' ',
    ),
    list('concat', 'call', 'select concat(@) from t', () => 's'),
    list('concat of numbers', 'call', 'select concat(@) from t', (at) => `a + ${at}`),
    list('concat_ws', 'call', "select concat_ws(',', @) from t", (at) => `'${at}'`),
    list('format', 'call', "select format('%s', @) from t", (at) => `${at}`),
    list('jsonb_build_array', 'call', 'select jsonb_build_array(@) from t', (at) => `a + ${at}`),
    list('coalesce', 'special_call', 'select coalesce(@) from t', (at) => `nullif(a, ${at})`),
    list('greatest', 'special_call', 'select greatest(@) from t', (at) => `a + ${at}`),
    list('least of constants', 'special_call', 'select least(@)', (at) => `${at}`),
    list('an array', 'primary', 'select array[@]', (at) => `${at}`),
    list('an array of values', 'primary', 'select array[@] from t', (at) => `a + ${at}`),
    list('an array of texts', 'primary', 'select array[@]', (at) => `'k${at}'`),
    list('a row', 'primary', 'select row(@)::text', (at) => `${at}`),
    list(
      'keys of an ordered aggregate',
      'call',
      'select string_agg(s, s order by @) from t',
      (at) => `a + ${at}`,
    ),
    list(
      'ordered aggregates',
      'call',
      'select @ from t',
      (at) => `string_agg(s, ',' order by a + ${at})`,
      ', ',
      COLUMNS,
    ),
    list('surplus arguments', 'arguments', 'select abs(@)', (at) => `${at}`),
  ]
}

function nestings(): readonly LengthKind[] {
  const of = 'select @ from t'
  return [
    deep('parentheses', 'primary', of, 'a', (inner) => `(${inner})`),
    deep('sums in parentheses', 'sum', of, 'a', (inner, at) => `(${inner} + ${at})`),
    deep('calls', 'call', of, 'a', (inner) => `abs(${inner})`),
    deep('coalesce in itself', 'special_call', of, 'a', (inner) => `coalesce(${inner}, a)`),
    deep('ELSE', 'case', of, 'a', (inner, at) => `case when a = ${at} then 1 else ${inner} end`),
    deep('THEN', 'case', of, 'a', (inner, at) => `case when a <> ${at} then ${inner} else 1 end`),
    deep(
      'AND in OR',
      'expression',
      of,
      'o',
      (inner, at) => `(a = ${at} and (${inner} or b = ${at}))`,
    ),
    deep('IN in itself', 'match', of, 'o', (inner) => `(${inner} in (true, o))`),
    deep('rows in rows', 'primary', 'select @', '1', (inner) => `row(${inner}, 1)`),
    deep('arrays in arrays', 'primary', 'select @', '1', (inner) => `array[${inner}]`),
    deep('scalar subqueries', 'primary', of, 'a', (inner) => `(select ${inner})`),
    deep(
      'correlated subqueries in themselves',
      'primary',
      'select @',
      '1',
      (inner) => `(select max(a) from t where a > ${inner})`,
    ),
    deep('FROM in FROM', 'table_primary', '@', 'select 1 as x', (inner, at) =>
      at % 2 === 0
        ? `select x + 1 as x from (${inner}) q`
        : `select x as x from (${inner}) q limit 9`,
    ),
    deep('joins in joins', 'table_primary', 'select count(*) from @', 't', (inner, at) =>
      at === 0
        ? '(t cross join (values (1)) v(z))'
        : `(${inner} cross join (values (1)) v${at}(z))`,
    ),
    deep(
      'EXISTS in itself',
      'primary',
      '@',
      'select 1 from t',
      (inner) => `select 1 from t where exists (${inner})`,
    ),
    deep(
      'IN of a query in itself',
      'match',
      '@',
      'select a from t',
      (inner) => `select a from t where a in (${inner})`,
    ),
    deep(
      'WITH in itself',
      'common_table',
      '@',
      'select 1 as x',
      (inner, at) => `with c${at} as (${inner}) select x from c${at}`,
    ),
    deep('queries in parentheses', 'query_term', '@', 'select 1', (inner) => `(${inner})`),
    deep(
      'UNION in itself',
      'query_term',
      '@',
      'select 1',
      (inner) => `(${inner} union all select 2)`,
    ),
    deep(
      'grouping sets in themselves',
      'grouping',
      'select count(*) from t group by @',
      'a',
      (inner) => `grouping sets (${inner})`,
    ),
  ]
}

function definitions(): readonly LengthKind[] {
  const created = (
    name: string,
    production: string,
    body: (size: number) => string,
  ): LengthKind => ({
    name,
    production,
    sizeMax: COLUMNS,
    sql: (size) => `create temp table made${unique()} ${body(size)}`,
  })
  return [
    created('columns', 'create_table', (size) => `(${listed(size, (at) => `c${at} integer`)})`),
    created(
      'checks',
      'table_constraint',
      (size) => `(a integer, ${listed(size, (at) => `check (a <> ${at})`)})`,
    ),
    created(
      'checks of a column',
      'column',
      (size) => `(a integer ${listed(size, (at) => `check (a <> ${at})`, ' ')})`,
    ),
    created(
      'unique keys',
      'column_names',
      (size) => `(a integer, b integer, ${listed(size, () => 'unique (a, b)')})`,
    ),
    created(
      'columns of a query',
      'create_table_as',
      (size) => `as select ${listed(size, (at) => `${at} as c${at}`)}`,
    ),
    {
      name: 'labels of an enum',
      production: 'create_type',
      sizeMax: LONG,
      sql: (size) => `create type made${unique()} as enum (${listed(size, (at) => `'l${at}'`)})`,
    },
    {
      name: 'attributes of a type',
      production: 'create_type',
      sizeMax: 1_600,
      sql: (size) => `create type made${unique()} as (${listed(size, (at) => `a${at} int`)})`,
    },
    {
      name: 'changes of attributes',
      production: 'alter_type',
      sizeMax: 1_000,
      sql: (size) => `alter type nothing ${listed(size, (at) => `add attribute a${at} int`)}`,
    },
    ...routineLists,
    list(
      'elements of an index',
      'create_index',
      'create index on t (@)',
      (at) => (at % 2 === 0 ? 'a' : 'b'),
      ', ',
      COLUMNS,
    ),
    list('dropped tables', 'drop', 'drop table if exists @', (at) => `none${at}`),
    list('names of a setting', 'set', 'set search_path to public, @', (at) => `s${at}`),
    list('modes', 'transaction_modes', 'start transaction @; rollback', () => 'read only'),
    list('options of EXPLAIN', 'explain', 'explain (@) select 1', () => 'costs off'),
    list(
      'options of a table',
      'options',
      "create table made with (location = 'none.csv', @)",
      (at) => `k${at} = ${at}`,
    ),
  ]
}

/** Texts that are long without having parts. */
function texts(): readonly LengthKind[] {
  const BYTES = 100
  const text = (
    name: string,
    production: string,
    sql: (letters: number) => string,
  ): LengthKind => ({
    name: `100 letters of ${name}`,
    production,
    sizeMax: LONG,
    sql: (size) => sql(size * BYTES),
  })
  return [
    text('a literal', 'string', (letters) => `select length('${'x'.repeat(letters)}')`),
    text('quotes', 'string', (letters) => `select length('${"''".repeat(letters / 2)}')`),
    text('escapes', 'string', (letters) => `select length(E'${'\\n'.repeat(letters / 2)}')`),
    text(
      'letters of three bytes',
      'string',
      (letters) => `select length('${'€'.repeat(letters)}')`,
    ),
    text('an argument', 'typed_literal', (letters) => `select upper('${'x'.repeat(letters)}')`),
    text(
      'a pattern',
      'match',
      (letters) => `select count(*) from t where s like '${'x%'.repeat(letters / 2)}'`,
    ),
    text('a number', 'number', (letters) => `select ${'9'.repeat(letters)}`),
    text('digits of a text', 'cast', (letters) => `select '${'9'.repeat(letters)}'::numeric`),
    text(
      'elements of a text',
      'cast',
      (letters) => `select '{${'1,'.repeat(letters / 2)}1}'::int[]`,
    ),
    text('json', 'cast', (letters) => `select '[${'1,'.repeat(letters / 2)}1]'::jsonb`),
    text(
      'brackets of json',
      'cast',
      (letters) => `select '${'['.repeat(letters / 2)}${']'.repeat(letters / 2)}'::jsonb`,
    ),
    text('a date', 'typed_literal', (letters) => `select date '${'1'.repeat(letters)}'`),
    text(
      'an interval',
      'typed_literal',
      (letters) => `select interval '${'1d '.repeat(letters / 3)}'`,
    ),
    text('a name', 'name', (letters) => `select 1 as "${'x'.repeat(letters)}"`),
    text(
      'a name that is none',
      'qualified_name',
      (letters) => `select ${'x'.repeat(letters)} from t`,
    ),
    text(
      'parts of a name',
      'qualified_name',
      (letters) => `select a${'.a'.repeat(letters / 2)} from t`,
    ),
    text('a comment', 'statement', (letters) => `select 1 /* ${'x'.repeat(letters)} */`),
    text(
      'comments',
      'statement',
      (letters) => `select 1 ${'/*'.repeat(letters / 4)}${'*/'.repeat(letters / 4)}`,
    ),
    text('white space', 'statement', (letters) => `select${' '.repeat(letters)}1`),
    text('semicolons', 'statement', (letters) => `select 1${';'.repeat(letters)}`),
    text('an operator', 'operation', (letters) => `select 1 ${'@'.repeat(letters)} 1`),
    text('open parentheses', 'primary', (letters) => `select ${'('.repeat(letters)}`),
    text('a repeated value', 'call', (letters) => `select repeat('x', ${letters})`),
  ]
}
