/** One operator over rows, as each engine writes it. */
export interface OperatorCase {
  readonly family: string
  readonly name: string
  readonly ours: string
  readonly theirs: string
}

type Sql = string | { readonly ours: string; readonly theirs: string }
type Family = Readonly<Record<string, Sql>>

/** What is asked of joined rows: enough to tell a wrong one. */
const joined = (calls: string, from: string): string => `select count(*), ${calls} from ${from}`

const joins: Family = {
  'integer key': joined('sum(v), sum(id)', 'facts join dimension using (k)'),
  'plain text key': joined('sum(v), sum(id)', 'facts join dimension using (plain_key)'),
  'coded text key': joined('sum(v), sum(id)', 'facts join cities using (coded)'),
  'two columns': joined('sum(v)', 'facts a join dimension b on a.k = b.k and a.g = b.g'),
  'residual condition': joined(
    'sum(v)',
    'facts a join dimension b on a.k = b.k and a.few * 10 < b.v',
  ),
  'half as many in the build': joined('sum(b.few)', 'facts a join half b on a.id = b.id'),
  semi: joined('sum(id)', 'facts where k in (select k from dimension where v < 30)'),
  anti: joined(
    'sum(id)',
    'facts f where not exists (select 1 from dimension d where d.k = f.k and v < 30)',
  ),
  'semi of many rows a key': joined(
    'sum(id)',
    '(select * from facts where id < 50000) f where exists (select 1 from facts d where d.color = f.color)',
  ),
  'not in': joined('sum(id)', 'facts where k not in (select k from dimension where v < 30)'),
  // DuckDB takes NULLs within rows for values, so it is told what PostgreSQL asks.
  'rows not in, with nulls': {
    ours: joined(
      'sum(id)',
      `facts where id < 20000 and (gaps, nullif(few, 1)) not in
        (select nullif(k, 17), g from dimension where k < 1000)`,
    ),
    theirs: joined(
      'sum(id)',
      `facts where id < 20000 and not exists (select 1 from
        (select nullif(k, 17) as x, g as y from dimension where k < 1000)
        where (x = gaps or x is null or gaps is null) and (y = nullif(few, 1) or nullif(few, 1) is null))`,
    ),
  },
  left: joined('count(v), sum(v)', 'facts a left join dimension b on a.k = b.k and b.v < 30'),
  full: joined(
    'count(v), count(id)',
    'facts a full join (select * from dimension where v < 30) b using (k)',
  ),
  'keys with nulls': joined('sum(v)', 'facts a join dimension b on a.gaps = b.k'),
  'many to many': joined(
    'sum(a.id)',
    'facts a join (select g, id from facts where id < 20000) b using (g)',
  ),
  'skewed key': joined('sum(v)', 'facts a join dimension b on a.skewed = b.k'),
  'skewed in the build': joined('sum(a.v)', 'dimension a left join facts b on b.skewed = a.k'),
  'build larger than probe': joined('sum(b.id)', 'cities a left join facts b on a.g = b.k'),
  'texts carried': 'select max(name), max(note), count(*) from facts join dimension using (k)',
  'three tables': joined(
    'sum(d.v), sum(c.v)',
    'facts f join dimension d using (k) join cities c on c.g = f.g',
  ),
  'cross with 10': joined('sum(v * few)', 'facts cross join tens'),
  'unequal with 10': joined('sum(v)', 'facts join tens on few < v'),
}

const rangeJoins: Family = {
  'between the ends of a span': joined('sum(v)', 'facts join spans on id between lo and hi'),
}

const sorts: Family = {
  integer: 'select id from facts order by id',
  bigint: 'select far from facts order by far',
  float: 'select f from facts order by f',
  'float descending': 'select f from facts order by f desc',
  decimal: 'select d from facts order by d desc',
  'plain text': 'select plain from facts order by plain',
  'text of a common beginning': 'select plain_key from facts order by plain_key',
  'two coded texts': 'select coded, color from facts order by coded, color',
  'two plain texts': 'select plain_key, plain from facts order by plain_key, plain',
  'coded and plain text': 'select color, plain from facts order by color, plain',
  'mixed directions': 'select few, id from facts order by few desc, id',
  'text and integer': 'select coded, id from facts order by coded desc, id',
  moment: 'select moment from facts order by moment',
  'integer with wide rows': 'select * from facts order by id',
  'with texts carried': 'select id, plain, note from facts order by id',
  'nulls first': 'select gaps, id from facts order by gaps nulls first, id',
  'computed key': 'select id from facts order by id * 79 % 10007, id',
  'first 10': 'select id, plain from facts order by id limit 10',
  'first 10 by text': 'select plain, id from facts order by plain limit 10',
  'first 10 by two': 'select few, f from facts order by few desc, f limit 10',
  'first 1000 of wide rows': 'select * from facts order by id desc limit 1000',
  'first 10000 by float': 'select f from facts order by f limit 10000',
}

const distinctOf = (columns: string, calls = 'count(*)'): string =>
  `select ${calls} from (select distinct ${columns} from facts) s`

const distincts: Family = {
  'few integers': distinctOf('g', 'count(*), sum(g)'),
  'many integers': distinctOf('id', 'count(*), sum(id)'),
  'far integers': distinctOf('far', 'count(*), sum(far)'),
  'coded text': distinctOf('coded', 'count(*), min(coded)'),
  'many plain texts': distinctOf('plain', 'count(*), max(plain)'),
  'plain text': distinctOf('plain_key', 'count(*), max(plain_key)'),
  'integer and text': distinctOf('g, color'),
  'three columns of many': distinctOf('k, g, few'),
  'text and float': distinctOf('plain_key, f'),
  'count of integers': 'select count(distinct k) from facts',
  'count of texts': 'select count(distinct plain_key) from facts',
  'count in groups':
    'select sum(c) from (select g, count(distinct k) as c from facts group by g) s',
}

const grouped = (keys: string, calls: string, shown: string): string =>
  `select count(*), ${shown} from (select ${keys}, ${calls} from facts group by ${keys}) s`

const groups: Family = {
  'few integers': grouped('few', 'sum(id) as a, avg(f) as b', 'sum(a), sum(b)'),
  'a thousand integers': grouped('g', 'sum(id) as a, min(f) as b', 'sum(a), sum(b)'),
  'a tenth of the rows': grouped('k', 'sum(id) as a, count(*) as b', 'sum(a), sum(b)'),
  'as many as rows': grouped('id', 'sum(f) as a, count(*) as b', 'sum(a), sum(b)'),
  'far integers': grouped('far', 'count(*) as a', 'sum(a)'),
  'coded text': grouped('coded', 'sum(id) as a, max(f) as b', 'sum(a), sum(b)'),
  'plain text': grouped('plain_key', 'sum(id) as a', 'sum(a)'),
  'two texts': grouped('coded, color', 'sum(id) as a', 'sum(a)'),
  'text and integer of many': grouped('color, k', 'sum(id) as a', 'sum(a)'),
  'upper of coded text': grouped('upper(coded)', 'sum(id) as a', 'sum(a)'),
  'part of plain text': grouped('substring(plain_key, 1, 15)', 'sum(id) as a', 'sum(a)'),
  remainder: grouped('id % 1000', 'sum(f) as a', 'sum(a)'),
  year: grouped('extract(year from day)', 'sum(id) as a', 'sum(a)'),
  'month of a moment': grouped("date_trunc('month', moment)", 'sum(id) as a', 'sum(a)'),
  'date as text': {
    ours: grouped("to_char(day, 'YYYY-MM')", 'sum(id) as a', 'sum(a)'),
    theirs: grouped("strftime(day, '%Y-%m')", 'sum(id) as a', 'sum(a)'),
  },
  cases: grouped(
    "case when id < 1000 then 'low' when few > 5 then 'some' else 'rest' end",
    'count(*) as a',
    'sum(a)',
  ),
  having:
    'select count(*), sum(k) from (select k from facts group by k having sum(id) > 5000000) s',
  'flights a month': {
    ours: "select to_char(date, 'YYYY-MM') as month, count(*) from flights group by 1 order by 1",
    theirs: "select strftime(date, '%Y-%m') as month, count(*) from flights group by 1 order by 1",
  },
}

const setOf = (left: string, operation: string, right: string, calls: string): string =>
  `select count(*), ${calls} from (${left} ${operation} ${right}) s`

const ids = ['select id from facts', 'select id from half'] as const
const texts = ['select plain_key from facts', 'select plain_key from dimension'] as const
const keys = ['select g, few from facts', 'select g, few from half'] as const

const sets: Family = {
  union: setOf(ids[0], 'union', ids[1], 'sum(id)'),
  'union all': setOf(ids[0], 'union all', ids[1], 'sum(id)'),
  intersect: setOf(ids[0], 'intersect', ids[1], 'sum(id)'),
  except: setOf(ids[0], 'except', ids[1], 'sum(id)'),
  'union of texts': setOf(texts[0], 'union', texts[1], 'max(plain_key)'),
  'except of texts': setOf(texts[0], 'except', `${texts[1]} where v < 30`, 'max(plain_key)'),
  'except of two columns': setOf(keys[0], 'except', keys[1], 'count(g)'),
  'union of two columns': setOf(keys[0], 'union', keys[1], 'sum(g), sum(few)'),
}

const windowed = (call: string, over: string): string =>
  `select sum(w) from (select ${call} over (${over}) as w from facts) s`

const windows: Family = {
  'row_number, 1000 partitions': windowed('row_number()', 'partition by g order by id'),
  'row_number, many partitions': windowed('row_number()', 'partition by k order by id'),
  'row_number, text partitions': windowed('row_number()', 'partition by coded order by id'),
  'row_number of all rows': windowed('row_number()', 'order by id'),
  'row_number by text': windowed('row_number()', 'order by plain'),
  'rank, 1000 partitions': windowed('rank()', 'partition by g order by k'),
  'rank of all rows': windowed('rank()', 'order by k'),
  'lag, 1000 partitions': windowed('lag(k)', 'partition by g order by id'),
  'lag of all rows': windowed('lag(k)', 'order by id'),
  'running sum, 1000 partitions': windowed('sum(k)', 'partition by g order by id'),
  'running sum of all rows': windowed('sum(k)', 'order by id'),
  'sum of 100 rows': windowed('sum(k)', 'partition by g order by id rows 99 preceding'),
  'sum of 100 of all rows': windowed('sum(k)', 'order by id rows 99 preceding'),
  'share of a partition': `select sum(w) from (select
    cast(id as double precision) / cast(sum(id) over (partition by g) as double precision) as w
    from facts) s`,
  'average of all rows':
    'select count(*) from (select f - avg(f) over () as w from facts) s where w > 0',
  'first of each partition': `select count(*), sum(id) from
    (select id, row_number() over (partition by k order by f desc) as w from facts) s where w = 1`,
}

const filtered = (condition: string): string =>
  `select count(*), sum(id) from facts where ${condition}`

const listed = Array.from({ length: 1_000 }, (_, at) => at * 97).join(', ')
const listedApart = Array.from({ length: 1_000 }, (_, at) => at * 997).join(', ')
const listedTexts = Array.from({ length: 100 }, (_, at) => `'City ${at * 7}'`).join(', ')

const filters: Family = {
  'range of integers': filtered('id between 1000 and 200000'),
  'range of floats': filtered('f > 1000 and f < 100000'),
  'range of texts': filtered("plain >= 'a' and plain < 'c'"),
  'range of dates': filtered("day >= date '2002-01-01' and day < date '2003-01-01'"),
  'in 1000 integers': filtered(`id in (${listed})`),
  'in 1000 integers far apart': filtered(`id in (${listedApart})`),
  'in 100 texts': filtered(`coded in (${listedTexts})`),
  or: filtered('id < 100000 or f > 100000 or g = 7'),
  'or of texts': filtered("plain like 'a%' or color = 'color 7' or few = 3"),
  'like within': filtered("note like '%abc%'"),
  'like at the beginning': filtered("plain like 'ab%'"),
  'two columns': filtered('id < k * 10'),
  'is null': filtered('gaps is null'),
  'rows carried': 'select * from facts where few = 3',
}

const limits: Family = {
  'limit 100': 'select id, plain from facts limit 100',
  'limit and offset':
    'select count(*), sum(id) from (select id from facts limit 1000 offset 900) s',
  'limit of a filter': 'select count(*) from (select id from facts where few = 3 limit 1000) s',
}

const lists: Family = {
  unnest: 'select count(*), sum(u) from (select unnest(array[id, k, g]) as u from facts) s',
  'unnest integers': 'select count(*), sum(u) from (select unnest(numbers) as u from arrays) s',
  'unnest texts': 'select count(*), max(u) from (select unnest(texts) as u from arrays) s',
  'unnest floats with others':
    'select count(*), sum(id), sum(u) from (select id, unnest(floats) as u from arrays) s',
  'unnest laterally': 'select count(*), sum(id), sum(u) from arrays, unnest(numbers) t(u)',
  'unnest with ordinality': {
    ours: 'select count(*), sum(u * o) from arrays, unnest(numbers) with ordinality t(u, o)',
    theirs: `select count(*), sum(u * o) from
      (select unnest(numbers) as u, generate_subscripts(numbers, 1) as o from arrays) s`,
  },
  'unnest two side by side': {
    ours: 'select count(*), sum(u), max(v) from arrays, unnest(numbers, texts) t(u, v)',
    theirs: `select count(*), sum(u), max(v) from
      (select unnest(numbers) as u, unnest(texts) as v from arrays) s`,
  },
  series: 'select count(*), sum(x) from generate_series(1, 1000000) t(x)',
  'series of each row': 'select count(*), sum(x) from dimension, generate_series(1, 10) t(x)',
  array_agg: {
    ours: 'select sum(cardinality(a)) from (select array_agg(id) as a from facts group by k) s',
    theirs: 'select sum(len(a)) from (select array_agg(id) as a from facts group by k) s',
  },
}

/** The families of cases; the range join stands apart in reports. */
export const families: Readonly<Record<string, Family>> = {
  join: joins,
  sort: sorts,
  distinct: distincts,
  group: groups,
  set: sets,
  window: windows,
  filter: filters,
  limit: limits,
  list: lists,
  'range join': rangeJoins,
}

/** All cases, named `family: what`. */
export const operatorCases: readonly OperatorCase[] = Object.entries(families).flatMap(
  ([family, cases]) =>
    Object.entries(cases).map(([name, sql]) => ({
      family,
      name: `${family}: ${name}`,
      ...(typeof sql === 'string' ? { ours: sql, theirs: sql } : sql),
    })),
)
