import type { DataType } from '#heddle/data/types/data-type.js'
import type { Chooser } from '../chooser.ts'
import { quoted, type Text } from '../functions/rows.ts'

/** A statement that has an expression somewhere. */
export interface Place {
  readonly name: string
  sql(expression: string): string
}

/** What is known of the values of an expression. */
export interface Values {
  readonly type: DataType
  /** As PostgreSQL declares it. */
  readonly declared: string
  readonly texts: readonly Text[]
}

/** Statements that have an expression over the table `v` in every place where one may stand. */
export function placesOf(choose: Chooser, values: Values): readonly Place[] {
  const value = (): string => constantOf(choose.pick(values.texts), values)
  const made = [...anywhere(choose, value())]
  if (isCompared(values.type)) {
    made.push(...compared(choose, value), ...joined(choose))
    if (hasExtremes(values)) made.push(extremes)
  }
  return made.map(([name, sql]) => ({ name, sql }))
}

type Made = readonly [name: string, sql: (expression: string) => string]

function constantOf(text: Text, { declared }: Values): string {
  return `${quoted(text)}::${declared === 'character' ? 'bpchar' : declared}`
}

function isCompared(type: DataType): boolean {
  const { kind } = type.kind === 'array' ? type.element : type
  return kind !== 'json'
}

/** Types that min and max are of; of zeros with a sign and without, either is the least. */
function hasExtremes({ type, texts }: Values): boolean {
  if (type.kind === 'array') return type.element.kind !== 'jsonb' && !isFloat(type.element)
  if (isFloat(type) && texts.includes('-0')) return false
  return !['bool', 'uuid', 'jsonb', 'bytea'].includes(type.kind)
}

function isFloat({ kind }: DataType): boolean {
  return kind === 'float4' || kind === 'float8'
}

function anywhere(choose: Chooser, value: string): readonly Made[] {
  const is = choose.pick(['is', 'is not'])
  const every = choose.pick([2, 97, 500])
  return [
    [
      'case',
      (e) =>
        `select v.id, case when v.id % 3 = 0 then ${e} when ${e} is null then ${value} end from v order by 1`,
    ],
    ['is null', (e) => `select v.id from v where ${e} ${is} null order by 1`],
    ['array_agg', (e) => `select array_agg(${e} order by v.id) from v where v.id < 30`],
    [
      'null-supplied',
      (e) => `select l.g, w.k from generate_series(0, 40) l(g)
        left join (select v.id, ${e} as k from v where v.id % 4 = 1) w on w.id = l.g order by 1`,
    ],
    ['few rows', (e) => `select v.id, ${e} from v where v.id % ${every} = 1 order by 1`],
    [
      'text',
      (e) => `select v.id, cast(${e} as text), length(cast(${e} as text)) from v order by 1`,
    ],
  ]
}

function compared(choose: Chooser, value: () => string): readonly Made[] {
  const operator = choose.pick(['=', '<', '>=', '<>', 'is not distinct from', 'is distinct from'])
  const negated = choose.pick(['=', '<', '>=', '<>'])
  const list = `${choose.pick(['in', 'not in'])} (${value()}, ${value()}, ${value()})`
  const order = choose.pick(['', ' desc', ' nulls first', ' desc nulls last'])
  const limit = choose.chance(0.4)
    ? ` limit ${choose.between(1, 30)} offset ${choose.between(0, 5)}`
    : ''
  const other = value()
  return [
    ['comparison', (e) => `select v.id from v where ${e} ${operator} ${other} order by 1`],
    [
      'negation',
      (e) => `select v.id from v where not (${e} ${negated} ${other}) or ${e} is null order by 1`,
    ],
    ['list', (e) => `select v.id from v where ${e} ${list} order by 1`],
    [
      'nullif and coalesce',
      (e) => `select v.id, nullif(${e}, ${other}), coalesce(${e}, ${other}) from v order by 1`,
    ],
    ['order', (e) => `select v.id from v order by ${e}${order}, v.id${limit}`],
    [
      'window',
      (e) =>
        `select v.id, rank() over (order by ${e}), count(*) over (partition by ${e}) from v order by 1`,
    ],
  ]
}

function joined(choose: Chooser): readonly Made[] {
  const kind = choose.pick(['', 'left ', 'full '])
  const few = choose.pick([50, 300])
  const members = choose.between(0, 30)
  const set = choose.pick(['intersect', 'except', 'union'])
  const keyed = (e: string, where: string): string =>
    `(select v.id, ${e} as k from v where ${where})`
  return [
    [
      'group',
      (e) =>
        `select min(v.id), count(*), max(cast(${e} as text)) is null from v group by ${e} order by 1`,
    ],
    ['distinct', (e) => `select count(*) from (select distinct ${e} from v) d`],
    [
      'join key',
      (e) => `select a.id, b.id from ${keyed(e, `v.id < ${few}`)} a
        ${kind}join ${keyed(e, 'v.id >= 20 and v.id % 3 = 0')} b on a.k = b.k order by 1, 2`,
    ],
    [
      'membership',
      (e) =>
        `select v.id from v where ${e} in (select ${e} from v where v.id < ${members}) order by 1`,
    ],
    [
      'correlation',
      (e) =>
        `select w.id, (select count(*) from v where ${e} = w.k) from ${keyed(e, 'v.id < 40')} w order by 1`,
    ],
    [
      'sets',
      (e) => `select count(*) from (select ${e} from v where v.id < 500
        ${set} select ${e} from v where v.id > 300) s`,
    ],
  ]
}

const extremes: Made = [
  'extremes',
  (e) =>
    `select max(${e}), min(${e}), count(distinct ${e}), max(${e}) filter (where v.id % 7 = 3) from v`,
]
