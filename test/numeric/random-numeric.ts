import type { Random } from '../../src/base/world.ts'

/** What every query of a round finds: numbers of many sizes in columns of many types. */
export interface Round {
  readonly setup: readonly string[]
  readonly queries: readonly string[]
}

function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit)
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => String(below(random, 10))).join('')
}

/** A constant of up to `most` digits before and behind the point, often a round or an odd one. */
export function constant(random: Random, most: number): string {
  const whole = pick(random, [1, 1, 2, 5, 18, most])
  const behind = pick(random, [0, 0, 1, 2, 6, most])
  const sign = random.next() < 0.3 ? '-' : ''
  switch (below(random, 8)) {
    case 0:
      return `${sign}1e${below(random, most)}`
    case 1:
      return `${sign}${1 + below(random, 9)}e-${below(random, most)}`
    case 2:
      return pick(random, ['0', '0.000', '1', '-1', '1.00', '0.5', '10', '0.1'])
    case 3:
      return `${sign}${'9'.repeat(1 + below(random, most))}.${'9'.repeat(behind)}`
    default: {
      const start = 1 + below(random, 9)
      return `${sign}${start}${digits(random, below(random, whole))}.${digits(random, behind)}`
    }
  }
}

/** An expression over atoms; deep ones stay small, so that not everything overflows. */
export function expression(random: Random, depth: number, atom: () => string): string {
  if (depth === 0) return atom()
  const inner = (): string => expression(random, depth - 1, atom)
  switch (below(random, 22)) {
    case 0:
    case 1:
      return `(${inner()} + ${inner()})`
    case 2:
    case 3:
      return `(${inner()} - ${inner()})`
    case 4:
    case 5:
      return `(${inner()} * ${inner()})`
    case 6:
    case 7:
      return `(${inner()} / nullif(${inner()}, 0))`
    case 8:
      return `(${inner()} % nullif(${inner()}, 0))`
    case 9:
      return `round(${inner()}, ${below(random, 60) - 20})`
    case 10:
      return `trunc(${inner()}, ${below(random, 60) - 20})`
    case 11:
      return `${pick(random, ['abs', 'sign', 'ceil', 'floor', 'round', 'trunc', '-', '+'])}(${inner()})`
    case 12:
      // Sums of floats depend on their order: no other type than numeric comes out.
      return `sqrt(abs(${inner()})::numeric)`
    case 13:
      return `div(${inner()}, nullif(${inner()}, 0))`
    case 14:
      return `coalesce(nullif(${inner()}, ${inner()}), ${atom()})`
    case 15:
      return `case when ${inner()} < ${inner()} then ${inner()} else ${inner()} end`
    case 16:
      return `greatest(${inner()}, ${inner()}, ${atom()})`
    case 17:
      return `least(${inner()}, ${inner()})`
    case 18:
      return `trim_scale(${inner()})`
    case 19:
      return `(${inner()})::numeric(${pick(random, ['38,4', '30,10', '60,20', '1000,100', '20,0'])})`
    case 20:
      return `(${inner()} + ${pick(random, ['1::int', '7::int8', '2::int2', '0.5'])})`
    default:
      return atom()
  }
}

/** Functions whose digits follow rules of their own, on one or two constants. */
export function transcendental(random: Random): string {
  const small = (): string => constant(random, 12)
  switch (below(random, 9)) {
    case 0:
      return `exp((${small()}) % 500)`
    case 1:
      return `ln(abs(${constant(random, 60)}))`
    case 2:
      return `log(abs(${constant(random, 60)}))`
    case 3:
      return `log(abs(${small()}), abs(${constant(random, 40)}))`
    case 4:
      return `power(abs(${small()}), (${small()}) % 30)`
    case 5:
      return `power(${small()}, ${below(random, 90) - 30}::numeric)`
    case 6:
      return `sqrt(abs(${constant(random, 90)}))`
    case 7:
      return `gcd(${constant(random, 40)}, ${small()})`
    default:
      return `lcm(${small()}, ${small()})`
  }
}

/** One value as SQL. */
export function scalarQuery(random: Random): string {
  const atom = (): string => `(${constant(random, pick(random, [4, 20, 45, 120]))})`
  const value =
    random.next() < 0.3 ? transcendental(random) : expression(random, 1 + below(random, 4), atom)
  switch (below(random, 10)) {
    case 0:
      return `(${value})::text`
    case 1:
      return `(${value})::float8`
    case 2:
      return `${value} ${pick(random, ['=', '<', '<=', '<>', '>', '>='])} ${atom()}`
    case 3:
      return `scale(${value})`
    case 4:
      return `(${value})::numeric(38,${below(random, 20)})`
    default:
      return value
  }
}

const columnTypes = ['numeric', 'numeric(38,4)', 'numeric(30,6)', 'numeric(10,2)', 'int8', 'int4']
const columns = ['n', 'a', 'b', 'c', 'i', 'j'] as const

function cell(random: Random, type: string): string {
  if (random.next() < 0.1) return 'null'
  switch (type) {
    case 'numeric':
      return constant(random, pick(random, [3, 30, 60, 150]))
    case 'numeric(38,4)':
      return `${pick(random, ['', '-'])}${1 + below(random, 9)}${digits(random, pick(random, [0, 3, 33]))}.${digits(random, 4)}`
    case 'numeric(30,6)':
      return `${pick(random, ['', '-'])}${1 + below(random, 9)}${digits(random, pick(random, [0, 2, 23]))}.${digits(random, pick(random, [1, 6]))}`
    case 'numeric(10,2)':
      return `${below(random, 1000) - 500}.${digits(random, 2)}`
    case 'int8':
      return String(pick(random, [0, 1, -3, 12345678901, 9007199254740993n, -9223372036854775807n]))
    default:
      return String(below(random, 20) - 10)
  }
}

/**
 * A table and queries that take its numbers through every operator of the engine. Of rows that are there `copies` times
 * there are enough for code to be made.
 */
export function queryRound(random: Random, queries: number, copies = 1): Round {
  const rows = Array.from({ length: 12 + below(random, 8) }, (_, k) => {
    const cells = columnTypes.map((type) => cell(random, type))
    return `(${k % 3}, ${cells.join(', ')})`
  })
  const shape = columns.map((name, at) => `${name} ${columnTypes[at]}`).join(', ')
  return {
    setup: [
      'drop table if exists t',
      `create table t (k int, ${shape})`,
      `insert into t values ${rows.join(', ')}`,
      ...(copies > 1 ? [`insert into t select t.* from t, generate_series(2, ${copies})`] : []),
    ],
    queries: Array.from({ length: queries }, () => tableQuery(random)),
  }
}

function tableQuery(random: Random): string {
  const atom = (): string =>
    random.next() < 0.75 ? pick(random, columns) : `(${constant(random, 40)})`
  const value = (): string => expression(random, below(random, 3), atom)
  const operator = pick(random, ['=', '<', '<=', '<>', '>', '>='])
  const aggregate = (): string =>
    `${pick(random, ['sum', 'avg', 'min', 'max', 'count', 'variance', 'stddev_pop', 'var_pop', 'stddev'])}` +
    `(${random.next() < 0.2 ? 'distinct ' : ''}${value()})`
  switch (below(random, 10)) {
    case 0:
      return `select ${value()}, ${value()} from t`
    case 1:
      return `select k, ${value()} from t where ${value()} ${operator} ${value()}`
    case 2:
      return `select ${aggregate()}, ${aggregate()}, ${aggregate()} from t`
    case 3:
      return `select k, ${aggregate()}, ${aggregate()} from t group by k`
    case 4: {
      const key = value()
      return `select count(*), sum(k) from t group by ${key === 'k' ? 'n' : `(${key}) + 0.0`}`
    }
    case 5:
      return `select x.k, y.k from t x join t y on x.${pick(random, columns)} = y.${pick(random, columns)}`
    case 6:
      return `select count(*) from (select ${value()} from t union select ${value()} from t) u(v)`
    case 7:
      return `select k from t where ${value()} in (${value()}, ${value()}, ${atom()})`
    case 8:
      return `select ${aggregate()} * ${aggregate()} / nullif(${aggregate()}, 0) from t`
    default:
      return `select count(distinct ${value()}), max(${value()}) from t where ${value()} is not null`
  }
}
