import type { Chooser } from '../chooser.ts'

/** A statement whose state grows with the rows, and whose answer is small and in a known order. */
export interface Statement {
  readonly text: string
}

const numbers = ['id', 'k', 'v', 'small'] as const
const columns = [...numbers, 't', 'd'] as const

/** A view of scattered, equal and missing values, whose rows take several times what a small memory has. */
export function createView(choose: Chooser, name: string, rows: number): string {
  const prime = choose.pick([7919, 104_729, 15_485_863])
  const keys = choose.pick([rows, rows / 2, rows / 10, 1_009])
  const nulls = choose.between(2, 50)
  return `create view ${name} as select g::int8 as id, (g::int8 * ${prime}) % ${Math.floor(keys)} as k,
    nullif(g % ${nulls}, 1) as v, (g % 7)::int2 as small,
    ${choose.pick([`'text ' || (g * 31) % ${Math.floor(keys)}`, `repeat(chr(97 + g % 26), g % 30)`])} as t,
    case when g % ${nulls + 3} = 0 then null else (g % 1000)::numeric / 8 end as d
    from generate_series(1, ${rows}) g`
}

/** A random statement over tables `a` and `b`. */
export function statement(choose: Chooser): Statement {
  const make = choose.pick([groups, distinct, joins, windows, sorts, sets, counts])
  return { text: make(choose) }
}

function groups(choose: Chooser): string {
  const keys = choose.some(1, 2, () => choose.pick(columns))
  const names = keys.map((_, at) => `g${at}`)
  const calls = choose.some(1, 4, () => aggregate(choose))
  const inner = `select ${[...keys.map((key, at) => `${key} as g${at}`), ...calls.map((call, at) => `${call} as c${at}`)].join(', ')}
    from ${table(choose)} group by ${keys.map((_, at) => at + 1).join(', ')}`
  return digest(inner, [...names, ...calls.map((_, at) => `c${at}`)])
}

function aggregate(choose: Chooser): string {
  const filter = choose.chance(0.2) ? ' filter (where small > 2)' : ''
  const call = choose.pick([
    'count(*)',
    `count(${choose.pick(columns)})`,
    `sum(${choose.pick(numbers)})`,
    'sum(d)',
    `min(${choose.pick(columns)})`,
    `max(${choose.pick(columns)})`,
    'avg(v)',
    `count(distinct ${choose.pick(columns)})`,
    'bool_or(v > 3)',
  ])
  return call + filter
}

function distinct(choose: Chooser): string {
  const keys = choose.some(1, 3, () => choose.pick(columns))
  return digest(
    `select distinct ${keys.map((key, at) => `${key} as c${at}`).join(', ')} from ${table(choose)}`,
    keys.map((_, at) => `c${at}`),
  )
}

function counts(choose: Chooser): string {
  const calls = choose.some(1, 3, () => aggregate(choose))
  const values = choose.some(1, 2, () => `count(distinct ${choose.pick(['id', 'k', 't'])})`)
  return `select ${[...values, ...calls].join(', ')} from ${table(choose)}`
}

function joins(choose: Chooser): string {
  const kind = choose.pick(['join', 'left join', 'right join', 'full join'])
  const key = choose.pick([
    'a.id = b.id',
    'a.id = b.k',
    'a.id = b.id and a.t <> b.t',
    'a.id = b.id and a.k = b.k',
    'a.id = b.small',
  ])
  if (choose.chance(0.3)) {
    const not = choose.chance(0.5) ? 'not ' : ''
    return digest(
      `select id as c0, t as c1 from a where ${not}exists (select from b where ${key})`,
      ['c0', 'c1'],
    )
  }
  return digest(`select a.id as c0, b.id as c1, b.t as c2, a.v as c3 from a ${kind} b on ${key}`, [
    'c0',
    'c1',
    'c2',
    'c3',
  ])
}

function windows(choose: Chooser): string {
  const by = choose.chance(0.3) ? `partition by ${choose.pick(['small', 'v', 'k'])}` : ''
  // Unique, so that which of equal rows comes first does not tell.
  const order = `order by ${choose.pick(['k', 't', 'v', 'd'])}${choose.pick(['', ' desc', ' nulls first'])}, id`
  const peers = `order by ${choose.pick(['k', 't', 'v'])}${choose.pick(['', ' desc'])}`
  const calls = choose.some(1, 3, () =>
    choose.pick([
      `row_number() over (${by} ${order})`,
      `rank() over (${by} ${peers})`,
      `dense_rank() over (${by} ${peers})`,
      `cume_dist() over (${by} ${peers})`,
      `ntile(${choose.between(1, 20)}) over (${by} ${order})`,
      `sum(v) over (${by} ${choose.pick([order, peers])})`,
      `count(d) over (${by} ${order} rows unbounded preceding)`,
      `min(d) over (${by} ${peers})`,
      `max(t) over (${by} ${order})`,
      `first_value(t) over (${by} ${order})`,
      `sum(d) over (${by})`,
      `count(*) over (${by})`,
      `lag(${choose.pick(columns)}, ${choose.between(1, 40)}) over (${by} ${order})`,
      `lead(t) over (${by} ${order})`,
      `sum(v) over (${by} ${order} rows between ${choose.between(1, 60)} preceding and ${choose.between(0, 9)} following)`,
      `nth_value(k, 2) over (${by} ${order} rows between 1 preceding and 2 following)`,
    ]),
  )
  const inner = `select id as i, ${calls.map((call, at) => `${call} as c${at}`).join(', ')} from ${table(choose)}`
  return digest(inner, ['i', ...calls.map((_, at) => `c${at}`)])
}

function sorts(choose: Chooser): string {
  const keys = choose.some(
    1,
    2,
    () => choose.pick(columns) + choose.pick(['', ' desc', ' nulls first']),
  )
  const sorted = `select id, ${choose.pick(columns)} as x, t from ${table(choose)} order by ${[...keys, 'id'].join(', ')}`
  const offset = choose.chance(0.8) ? ` offset ${choose.between(0, 400_000)}` : ''
  const limit = choose.between(1, 30)
  if (choose.chance(0.5)) return `${sorted}${offset} limit ${limit}`
  const many = choose.between(66_000, 300_000)
  return digest(`${sorted}${offset} limit ${many}`, ['id', 'x', 't'])
}

function sets(choose: Chooser): string {
  const operator = choose.pick([
    'union',
    'union all',
    'except',
    'except all',
    'intersect',
    'intersect all',
  ])
  const [left, right] = [choose.pick(columns.slice(0, 2)), choose.pick(columns.slice(0, 2))]
  return digest(`select ${left} as c0, t as c1 from a ${operator} select ${right} + 1, t from b`, [
    'c0',
    'c1',
  ])
}

function table(choose: Chooser): string {
  return choose.pick(['a', 'b'])
}

/** How many rows there are, and a sum that tells which values are together in one. */
function digest(query: string, names: readonly string[]): string {
  const row = names.map((name) => `coalesce(${name}::text, 'null')`).join(` || '|' || `)
  const letters = 'ascii(m) + 128 * ascii(substr(m, 2, 1)) + 16384 * ascii(substr(m, 3, 1))'
  return `select count(*), sum(${letters}), min(m) from (select md5(${row}) as m from (${query}) q) s`
}
