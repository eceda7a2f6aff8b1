import type { Chooser } from '../chooser.ts'

/** The columns of the table `v`: its rows are numbered by `id`, `g` and `h` are groups, the others numerics. */
export const numberColumns = ['whole', 'part', 'mixed', 'near', 'few', 'short'] as const

const NULL_CHANCE = 0.08
/** Digits of numbers, which sixteen bytes hold or not. */
const lengths = [1, 9, 17, 20, 36, 37, 40, 100, 250, 500] as const
const FEW_VALUES = 6

function digits(choose: Chooser, count: number): string {
  let text = ''
  while (text.length < count) {
    const run = choose.between(1, 12)
    const kind = choose.between(0, 4)
    for (let at = 0; at < run; at++) {
      text += kind === 0 ? '0' : kind === 1 ? '9' : String(choose.between(0, 9))
    }
  }
  return text.slice(0, count)
}

function sign(choose: Chooser): string {
  return choose.chance(0.4) ? '-' : ''
}

/** Rows of `v` as texts, NULL among them. Equal values have one scale, so that any of them may stand for all. */
export function randomRows(choose: Chooser, count: number): readonly string[] {
  const length = choose.pick(lengths)
  const scale = choose.between(0, length)
  const base = digits(choose, length)
  const few = Array.from({ length: FEW_VALUES }, () => {
    return `${sign(choose)}${digits(choose, length)}.${digits(choose, 3)}`
  })
  const makes: Readonly<Record<(typeof numberColumns)[number], () => string>> = {
    whole: () => `${sign(choose)}${digits(choose, choose.between(1, length))}`,
    part: () => `${sign(choose)}0.${digits(choose, scale)}7`,
    mixed: () => {
      const part = digits(choose, choose.between(1, choose.pick(lengths)))
      return `${sign(choose)}${digits(choose, choose.pick(lengths))}.${part}7`
    },
    // Squares of which nearly nothing is left.
    near: () => `${base}.${digits(choose, 4)}`,
    few: () => choose.pick(few),
    short: () => `${sign(choose)}${digits(choose, 5)}.${digits(choose, 2)}`,
  }
  const groups = choose.pick([1, 3, 40])
  return Array.from({ length: count }, (_, id) => {
    const cells = numberColumns.map((name) =>
      choose.chance(NULL_CHANCE) ? 'null' : `'${makes[name]()}'`,
    )
    return `(${[id, choose.between(1, groups), id % 7, ...cells].join(', ')})`
  })
}

/** What is aggregated. */
function argument(choose: Chooser): string {
  const column = choose.pick(numberColumns)
  // Of one column the differences would be zeros of many scales, any of which is the least.
  const other = choose.pick(numberColumns.filter((name) => name !== column))
  return choose.pick([
    column,
    column,
    column,
    `${column} * ${other}`,
    `${column} - ${other}`,
    `round(${column}, 1)`,
    `case when h < 4 then ${column} end`,
  ])
}

const sums = ['sum', 'avg', 'variance', 'var_pop', 'stddev', 'stddev_pop', 'min', 'max'] as const

/** Aggregates that windows have, too. */
function plain(choose: Chooser, filters: boolean): string {
  const name = choose.pick([...sums, 'sum', 'avg', 'count'] as const)
  const filter =
    filters && choose.chance(0.25)
      ? ` filter (where ${choose.pick(['h < 3', 'few > 0', 'id % 2 = 0', 'false'])})`
      : ''
  return `${name}(${argument(choose)})${filter}`
}

function aggregate(choose: Chooser): string {
  const column = choose.pick(numberColumns)
  const share = choose.pick(['0', '0.25', '0.5', '0.9', '1'])
  const order = choose.pick(['', ' desc'])
  return choose.pick([
    () => plain(choose, true),
    () => plain(choose, true),
    () => `${choose.pick([...sums, 'count'] as const)}(distinct ${column})`,
    () => `mode() within group (order by ${column}${order})`,
    () => `percentile_disc(${share}) within group (order by ${column}${order})`,
    () => `percentile_disc(array[0.1, ${share}]) within group (order by ${column}${order})`,
    () => `array_agg(${column} order by ${column}${order}, id) filter (where h = 1)`,
    () => `array_agg(distinct ${column}${choose.chance(0.5) ? ` order by ${column}${order}` : ''})`,
    () => `string_agg(${column}::text, ' ' order by id${order})`,
    () => `jsonb_agg(${column} order by id${order}) filter (where h = 2)`,
    () => `sum(${column} order by id)`,
  ])()
}

function list(choose: Chooser, make: () => string): string {
  return Array.from({ length: choose.between(1, 4) }, (_, at) => `${make()} as a${at}`).join(', ')
}

const units = ['rows', 'groups', 'range'] as const

/** Rows that are equal in an order have none among themselves; RANGE with an offset has one key, which is a number. */
const orders: { readonly [K in (typeof units)[number]]: readonly string[] } = {
  rows: ['id', 'h desc, id', 'few nulls first, id'],
  groups: ['id', 'h', 'few'],
  range: ['id', 'h'],
}

function frame(choose: Chooser, unit: (typeof units)[number]): string {
  const [before, behind] = [choose.between(0, 9), choose.between(0, 9)]
  const [start, end] = choose.pick([
    ['unbounded preceding', 'current row'],
    [`${before} preceding`, 'current row'],
    [`${before} preceding`, `${behind} following`],
    ['current row', 'unbounded following'],
    [`${before + behind} preceding`, `${before} preceding`],
    [`${behind} following`, `${before + behind} following`],
    ['unbounded preceding', 'unbounded following'],
  ])
  const without = choose.chance(0.15)
    ? ` exclude ${choose.pick(['current row', 'group', 'ties'])}`
    : ''
  return ` ${unit} between ${start} and ${end}${without}`
}

function window(choose: Chooser): string {
  const partition = choose.chance(0.5) ? `partition by ${choose.pick(['g', 'h'])} ` : ''
  const unit = choose.pick([...units, 'rows'] as const)
  const isFramed = choose.chance(0.8)
  const framed = isFramed ? frame(choose, unit) : ''
  const key = choose.pick(orders[isFramed ? unit : 'range'])
  const name = plain(choose, true)
  return `${name} over (${partition}order by ${key}${framed})`
}

/** A random statement over `v`, whose rows come in one order. */
export function randomStatement(choose: Chooser): string {
  const where = choose.chance(0.3)
    ? ` where ${choose.pick(['h <> 3', 'few < 0', 'id < 50', 'g = 2', 'mixed > near'])}`
    : ''
  return choose.pick([
    () => `select ${list(choose, () => aggregate(choose))} from v${where}`,
    () => {
      const having = choose.chance(0.2) ? ` having ${plain(choose, false)} > 0` : ''
      return `select g, ${list(choose, () => aggregate(choose))} from v${where} group by g${having} order by g`
    },
    () => {
      const sets = choose.pick(['rollup (g, h)', 'cube (g, h)', 'grouping sets ((g), (h), ())'])
      return `select g, h, ${list(choose, () => plain(choose, true))} from v${where} group by ${sets} order by 1, 2`
    },
    () => `select id, ${list(choose, () => window(choose))} from v${where} order by id`,
    () => `select id, ${list(choose, () => window(choose))} from v${where} order by id`,
    () =>
      `select few, ${list(choose, () => plain(choose, true))} from v${where} group by few order by few`,
    // Sums of one row each are found where the row's own number is.
    () => {
      const column = choose.pick(numberColumns)
      const sum = `select sum(${column}) as s from v${where} group by id`
      return `select count(*) from v join (${sum}) d on d.s = v.${column}`
    },
    () =>
      `select max(s), sum(s), avg(s) from (select sum(${argument(choose)}) as s from v${where} group by g, h) d`,
    () =>
      `select id, (select ${plain(choose, false)} from v as w where w.g = v.h) from v where id < 20 order by id`,
  ])()
}
