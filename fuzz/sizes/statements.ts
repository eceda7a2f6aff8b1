import { builtInFunctions } from '#heddle/functions/built-in.js'
import type { ScalarFunction } from '#heddle/functions/function.js'
import { listed, nested } from './repeated.ts'

/** A statement that grows with a number: deep, wide or long. */
export interface SizedStatement {
  readonly name: string
  /** How large it is tried. */
  readonly size: number
  readonly sql: (size: number) => string
}

/** Depths up to here are planned; what is deeper may be refused. */
const DEEP = 500
const LONG = 5_000
/** PostgreSQL's number of columns of a target list. */
const WIDE = 1_600

export const setUp: readonly string[] = [
  'create table sized (a integer, b bigint, f double precision, n numeric(10, 2), s text, d date, t timestamp, o boolean)',
  "insert into sized values (1, 2, 0.5, 1.25, 'x', '2024-02-29', '2024-02-29 12:00', true), (2, null, null, null, 'y', null, null, null), (null, 3, 1.5, 2.5, null, '2020-01-01', '2020-01-01', false)",
]

/** A column of the table, and a constant, of each kind that has one. */
const samples: Readonly<Record<string, readonly [string, string]>> = {
  int2: ['a::int2', '1::int2'],
  int4: ['a', '1'],
  int8: ['b', '1::int8'],
  float4: ['f::float4', '1::float4'],
  float8: ['f', '1::float8'],
  decimal: ['n', '1.5'],
  numeric: ['n::numeric', '1::numeric'],
  text: ['s', "'z'"],
  date: ['d', "date '2024-01-01'"],
  timestamp: ['t', "timestamp '2024-01-01'"],
  bool: ['o', 'true'],
}

export function sizedStatements(): readonly SizedStatement[] {
  return [...deepQueries(), ...expressions(), ...wideQueries(), ...chains(), ...functions()]
}

const ofTable = (expr: string): string => `select ${expr} from sized`

/** Every function whose result can be its own argument, in itself. */
function functions(): readonly SizedStatement[] {
  return builtInFunctions.scalar.all.flatMap((fn) => {
    const [first, ...others] = fn.args
    const sample = samples[String(first)]
    // Each quote becomes two: of 500 levels nothing is left but the refusal.
    if (fn.id === 'quote_literal(text)') return []
    const isNamed = /^[a-z_0-9]+\(/.test(fn.id)
    if (sample === undefined || !isNamed || !givesItsArgument(fn)) return []
    const constants = others.map((kind) => samples[String(kind)]?.[1])
    if (constants.includes(undefined)) return []
    const name = fn.id.slice(0, fn.id.indexOf('('))
    const around = (inner: string): string => `${name}(${[inner, ...constants].join(', ')})`
    return [
      {
        name: `${fn.id} in itself`,
        size: DEEP - 5,
        sql: (size: number) => ofTable(nested(size, sample[0], around)),
      },
    ]
  })
}

function givesItsArgument({ args, returns }: ScalarFunction): boolean {
  return typeof returns !== 'function' && returns.kind === args[0]
}

/** Every operator of two operands of one kind, again and again. */
function chains(): readonly SizedStatement[] {
  return builtInFunctions.scalar.all.flatMap((fn) => {
    const match = /^([-+*/%|&#<>=~^]+)\((\w+),(\w+)\)$/.exec(fn.id)
    const sample = samples[match?.[2] ?? '']
    if (match === null || sample === undefined || match[2] !== match[3]) return []
    // Truth values are compared one pair at a time: the grammar takes no chain of comparisons.
    if (match[2] === 'bool') return []
    const [operator, column] = [match[1]!, sample[0]]
    if (!givesItsArgument(fn)) {
      const compared = (size: number): string =>
        listed(size, (at) => `(${column} ${operator} ${sample[1]} or a = ${at})`, ' and ')
      return [
        { name: `${fn.id} in conditions`, size: LONG, sql: (size) => ofTable(compared(size)) },
      ]
    }
    return [
      {
        name: `${fn.id} of many`,
        size: LONG,
        sql: (size) => ofTable(listed(size, () => column, ` ${operator} `)),
      },
      {
        name: `${fn.id} of many in WHERE`,
        size: LONG,
        sql: (size) =>
          `select count(*) from sized where ${listed(size, () => column, ` ${operator} `)} is not null`,
      },
    ]
  })
}

function expressions(): readonly SizedStatement[] {
  const deep: readonly (readonly [string, string, (inner: string, at: number) => string])[] = [
    ['CASE', 'a', (inner) => `case ${inner} when 1 then 2 when 2 then 1 else 3 end`],
    ['ELSE', 'a', (inner, at) => `case when a = ${at} then 1 else ${inner} end`],
    ['THEN', 'a', (inner, at) => `case when a <> ${-at} then ${inner} else ${at} end`],
    ['WHEN', 'a = 1', (inner, at) => `case when ${inner} then a = ${at} else o end`],
    ['COALESCE', 'a', (inner) => `coalesce(${inner}, a)`],
    ['NULLIF', 'a', (inner, at) => `nullif(${inner}, ${at + 3})`],
    ['GREATEST', 'a', (inner, at) => `greatest(${inner}, ${at}, a)`],
    ['BETWEEN', 'o', (inner) => `(${inner} between false and o)`],
    ['IN', 'o', (inner) => `(${inner} in (true, o))`],
    ['NOT', 'o', (inner) => `(not ${inner})`],
    ['IS NULL', 'o', (inner) => `(${inner} is null)`],
    ['AND OR', 'o', (inner, at) => `(a = ${at} and (${inner} or a = ${at}))`],
    ['casts', 'a', (inner) => `(${inner}::text)::integer`],
    ['LIKE', 's', (inner) => `((${inner} like 'a%')::text)`],
    ['EXTRACT', 'd', (inner) => `(d + extract(day from ${inner})::integer)`],
    ['scalar subqueries', 'a', (inner) => `(select ${inner})`],
    ['correlated subqueries', '1', (inner) => `(select max(a) from sized where a > ${inner})`],
  ]
  const long: readonly (readonly [string, number, (size: number) => string])[] = [
    ['members of integers', 100_000, (n) => `b in (${listed(n, (at) => `${at * 7}`)})`],
    ['members of texts', 100_000, (n) => `s in (${listed(n, (at) => `'k${at}'`)})`],
    ['members of numerics', 50_000, (n) => `n not in (${listed(n, (at) => `${at}.${at % 100}`)})`],
    ['members that vary', LONG, (n) => `a in (${listed(n, (at) => `b::integer + ${at}`)})`],
    ['members that are rows', LONG, (n) => `(a, s) in (${listed(n, (at) => `(${at}, 'k${at}')`)})`],
    ['equalities', 20_000, (n) => listed(n, (at) => `${at} = a`, ' or ')],
    ['equalities of decimals', LONG, (n) => listed(n, (at) => `n = ${at}.125`, ' or ')],
    ['LIKEs', LONG, (n) => listed(n, (at) => `s like 'k${at}%'`, ' or ')],
    ['branches', 20_000, (n) => `case a ${listed(n, (at) => `when ${at} then ${at}`, ' ')} end`],
    [
      'branches of conditions',
      LONG,
      (n) => `case ${listed(n, (at) => `when a > ${at} then ${at}`, ' ')} end`,
    ],
    ['arguments', LONG, (n) => `coalesce(${listed(n, (at) => `nullif(a, ${at})`)})`],
    ['greatest arguments', LONG, (n) => `greatest(${listed(n, (at) => `a + ${at}`)})`],
    ['concatenated', LONG, (n) => `concat(${listed(n, () => 's')})`],
    ['a long literal', 4_000_000, (n) => `length('${'x'.repeat(n)}')`],
    ['a long number', 100_000, (n) => `'${'9'.repeat(n)}'::numeric % 7`],
    ['a long name', 100_000, (n) => `a as "${'x'.repeat(n)}"`],
    ['operands that are cast', LONG, (n) => listed(n, () => 'b::float8', ' + ')],
    ['minus signs', LONG, (n) => '- '.repeat(n) + 'a'],
  ]
  return [
    ...deep.map(([name, leaf, around]) => ({
      name: `${name} in itself`,
      size: DEEP - 5,
      sql: (size: number) => ofTable(nested(size, leaf, around)),
    })),
    ...long.map(([name, size, expr]) => ({ name, size, sql: (n: number) => ofTable(expr(n)) })),
    ...long.slice(0, 9).map(([name, size, expr]) => ({
      name: `${name} in WHERE`,
      size,
      sql: (n: number) =>
        `select count(*) from sized where ${expr(n)}`.replace(/ end$/, ' end > 0'),
    })),
  ]
}

function wideQueries(): readonly SizedStatement[] {
  const columns: readonly (readonly [string, (at: number) => string])[] = [
    ['sums', (at) => `a + ${at}`],
    ['texts', (at) => `s || ${at}`],
    ['call-outs', (at) => `reverse(s || ${at})`],
    ['numerics', (at) => `n::numeric * ${at}`],
    ['CASEs', (at) => `case when a > ${at} then s else 'k${at}' end`],
    ['casts', (at) => `(a + ${at})::text`],
    ['cosines', (at) => `cos(a * ${at})`],
  ]
  const lists = columns.flatMap(([name, column]): SizedStatement[] => {
    const list = (size: number): string => listed(size, (at) => `${column(at)} as c${at}`)
    return [
      { name: `columns of ${name}`, size: WIDE, sql: (size) => ofTable(list(size)) },
      {
        name: `sorted columns of ${name}`,
        size: WIDE,
        sql: (size) => `${ofTable(list(size))} order by 2, 1`,
      },
      {
        name: `distinct columns of ${name}`,
        size: 1_000,
        sql: (size) => `select count(*) from (select distinct ${list(size)} from sized) w`,
      },
      {
        name: `keys of ${name}`,
        size: 400,
        sql: (size) => `select count(*) from sized group by ${listed(size, column)}`,
      },
      {
        name: `aggregates of ${name}`,
        size: WIDE,
        sql: (size) => ofTable(listed(size, (at) => `max(${column(at)})`)),
      },
      {
        name: `joined columns of ${name}`,
        size: WIDE / 2,
        sql: (size) =>
          `select * from (${ofTable(`a, ${list(size)}`)}) x join (${ofTable(`a, ${list(size)}`)}) y using (a)`,
      },
    ]
  })
  return [
    ...lists,
    {
      name: 'rows of VALUES',
      size: 100_000,
      sql: (size) =>
        `select count(*), max(y) from (values ${listed(size, (at) => `(${at}, 'k${at}')`)}) v(x, y)`,
    },
    {
      name: 'rows of VALUES of no common type',
      size: 100_000,
      sql: (size) => `values ${listed(size, (at) => `(${at})`)}, (true)`,
    },
    {
      name: 'inserted rows',
      size: 50_000,
      sql: (size) => `insert into sized (a, s) values ${listed(size, (at) => `(${at}, 'k')`)}`,
    },
    {
      name: 'sums of CASEs',
      size: 500,
      sql: (size) => ofTable(listed(size, (at) => `sum(case when a = ${at} then n else 0 end)`)),
    },
    {
      name: 'filtered counts',
      size: 500,
      sql: (size) => ofTable(listed(size, (at) => `count(*) filter (where a = ${at})`)),
    },
    {
      name: 'subqueries in the list',
      size: 200,
      sql: (size) => ofTable(listed(size, (at) => `(select max(a) from sized where a < ${at})`)),
    },
    {
      name: 'correlated subqueries in the list',
      size: 160,
      sql: (size) =>
        `select ${listed(size, (at) => `(select max(y.a) from sized y where y.a < x.a + ${at})`)} from sized x`,
    },
    {
      name: 'correlated subqueries of branches',
      size: 60,
      sql: (size) =>
        `select ${listed(size, (at) => `case when x.a > ${at} then (select sum(10 / y.a) from sized y where y.a < x.a + ${at}) end`)} from sized x`,
    },
    {
      name: 'subqueries behind OR',
      size: 60,
      sql: (size) =>
        `select ${listed(size, (at) => `x.a < ${at} or (select sum(10 / y.a) from sized y where y.a < x.a + ${at}) > 0`)} from sized x`,
    },
    {
      name: 'EXISTS in WHERE',
      size: 100,
      sql: (size) =>
        `select count(*) from sized x where ${listed(size, (at) => `exists (select 1 from sized y where y.a = x.a + ${at})`, ' and ')}`,
    },
    {
      name: 'group keys',
      size: 4_000,
      sql: (size) => `select count(*) from sized group by ${listed(size, (at) => `a + ${at}`)}`,
    },
    {
      name: 'sort keys',
      size: 6_400,
      sql: (size) => `select a from sized order by ${listed(size, (at) => `a + ${at}`)}`,
    },
  ]
}

function deepQueries(): readonly SizedStatement[] {
  const branches = (operator: string) => (size: number) =>
    listed(size, (at) => `select ${at} as x`, ` ${operator} `)
  return [
    { name: 'UNION ALL', size: LONG, sql: branches('union all') },
    { name: 'UNION', size: 1_000, sql: branches('union') },
    { name: 'EXCEPT', size: 300, sql: branches('except') },
    {
      name: 'UNION ALL of tables',
      size: 1_000,
      sql: (size) =>
        `select count(*) from (${listed(size, () => 'select a from sized', ' union all ')}) u`,
    },
    {
      name: 'CTEs behind one another',
      size: 1_000,
      sql: (size) =>
        `with c0 as (select 1 as x), ${listed(size, (at) => `c${at + 1} as (select x + 1 as x from c${at})`)} select * from c${size}`,
    },
    {
      name: 'CTEs that are read twice',
      size: 25,
      sql: (size) =>
        `with c0 as (select 1 as x), ${listed(size, (at) => `c${at + 1} as (select l.x from c${at} l join c${at} r on l.x = r.x)`)} select * from c${size}`,
    },
    {
      name: 'CTEs side by side',
      size: 1_000,
      sql: (size) =>
        `with ${listed(size, (at) => `c${at} as (select ${at} as x)`)} select ${listed(size, (at) => `(select x from c${at})`, ' + ')}`,
    },
    {
      name: 'subqueries in FROM',
      size: DEEP,
      sql: (size) =>
        nested(size, 'select 1 as x', (inner) => `select x + 1 as x from (${inner}) q`),
    },
    {
      name: 'joins in a chain',
      size: 500,
      sql: (size) =>
        `select count(*) from sized t0 ${listed(size, (at) => `join sized t${at + 1} on t${at + 1}.a = t${at}.a`, ' ')}`,
    },
    {
      name: 'joins of a star',
      size: 100,
      sql: (size) =>
        `select count(*) from sized t0 ${listed(size, (at) => `join sized t${at + 1} on t${at + 1}.a = t0.a`, ' ')}`,
    },
    {
      name: 'outer joins',
      size: 100,
      sql: (size) =>
        `select count(*) from sized t0 ${listed(size, (at) => `left join sized t${at + 1} on t${at + 1}.a = t${at}.a`, ' ')}`,
    },
    {
      name: 'tables in FROM',
      size: 12,
      sql: (size) =>
        `select count(*) from ${listed(size, (at) => `(values (1)) t${at}(a)`)} where ${listed(size - 1, (at) => `t${at}.a = t${at + 1}.a`, ' and ')}`,
    },
    {
      name: 'INs in itself',
      size: 100,
      sql: (size) =>
        nested(size, 'select a from sized', (inner) => `select a from sized where a in (${inner})`),
    },
  ]
}
