import type { Chooser } from '../chooser.ts'
import { list, optional, piece, sql, type Piece } from '../sql/piece.ts'
import type { WideColumn, WideTable } from './tables.ts'

/** A query over wide tables; its rows come in any order unless they are ordered by all they give. */
export interface WideQuery {
  readonly piece: Piece
  readonly columns: number | undefined
  readonly isOrdered: boolean
}

type Make = (choose: Chooser, tables: readonly WideTable[]) => WideQuery

/** Each moves rows between processes in another way. */
const makers: readonly Make[] = [everything, grouped, joined, sorted, distinct, united, repeated]

export function wideQuery(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  return choose.pick(makers)(choose, tables)
}

function unordered(query: Piece): WideQuery {
  return { piece: query, columns: undefined, isOrdered: false }
}

function everything(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  const where = optional(sql` where n % ${String(choose.between(1, 5))} <> 1`)
  return unordered(sql`select ${items(choose, table, '')} from ${table.name}${where}`)
}

/** Aggregates that do not depend on the order of rows, by keys that are dealt out by their hash. */
function grouped(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  const keys = choose.some(0, 2, () => choose.pick(table.columns).name)
  const calls = choose.some(1, 6, () => aggregate(choose, table, ''))
  const by = keys.length === 0 ? '' : ` group by ${keys.join(', ')}`
  const shown = list(
    [...keys.map((key) => piece([key])), ...calls.map((call) => piece([call]))],
    ', ',
  )
  return unordered(sql`select ${shown} from ${table.name}${by}`)
}

function aggregate(choose: Chooser, { columns }: WideTable, prefix: string): string {
  const column = choose.pick(columns)
  const name = `${prefix}${column.name}`
  const exact = column.sums ? [`sum(${name})`, `avg(${name})`] : []
  return choose.pick([
    `count(*)`,
    `count(${name})`,
    `count(distinct ${name})`,
    `sum(${prefix}n)`,
    ...exact,
  ])
}

function joined(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const [left, right] = [choose.pick(tables), choose.pick(tables)]
  const kind = choose.pick(['join', 'left join', 'right join', 'full join'])
  const on = joinCondition(choose, left, right)
  const from = sql`${left.name} l ${kind} ${right.name} r on ${on}`
  if (choose.chance(0.5)) {
    const calls = choose.some(1, 4, () => piece([aggregate(choose, right, 'r.')]))
    return unordered(sql`select count(*), ${list(calls, ', ')} from ${from}`)
  }
  // Many rows of one key against many make more than anybody wants to see.
  const shown = sql`${items(choose, left, 'l.')}, ${items(choose, right, 'r.')}`
  return unordered(sql`select ${shown} from ${from} and l.n % 50 = r.n % 50 and l.n < 2000`)
}

function joinCondition(choose: Chooser, left: WideTable, right: WideTable): string {
  const pairs = left.columns.flatMap((l) =>
    right.columns
      .filter((r) => r.joins !== undefined && r.joins === l.joins)
      .map((r): readonly [WideColumn, WideColumn] => [l, r]),
  )
  if (pairs.length === 0 || choose.chance(0.5)) return 'l.n = r.n'
  const [l, r] = choose.pick(pairs)
  return `l.${l.name} = r.${r.name} and l.n % 10 = r.n % 10`
}

function sorted(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  const limit = optional(
    sql` limit ${String(choose.between(0, 400))} offset ${String(choose.between(0, 9))}`,
  )
  const direction = choose.pick(['', ' desc'])
  // The number of the row settles every tie.
  const key = choose.pick(table.columns).name
  const query = sql`select n, ${items(choose, table, '')} from ${table.name}`
  return { ...unordered(sql`${query} order by ${key}${direction}, n${limit}`), isOrdered: true }
}

function distinct(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  return unordered(sql`select distinct ${items(choose, table, '')} from ${table.name}`)
}

function united(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  const shown = items(choose, table, '')
  const operation = choose.pick(['union all', 'union', 'intersect', 'except'])
  const left = sql`select ${shown} from ${table.name} where n % 3 <> 0`
  return unordered(sql`${left} ${operation} select ${shown} from ${table.name} where n % 2 = 0`)
}

/** A stage that two others read. */
function repeated(choose: Chooser, tables: readonly WideTable[]): WideQuery {
  const table = choose.pick(tables)
  const shown = items(choose, table, '')
  const common = sql`w as materialized (select n, ${shown} from ${table.name})`
  return unordered(
    sql`with ${common} select count(*), sum(a.n), count(b.n) from w a left join w b on a.n = b.n + 1`,
  )
}

/** Some columns of a table, of which any but one may go. */
function items(choose: Chooser, { columns }: WideTable, prefix: string): Piece {
  const shown = choose.chance(0.3)
    ? columns
    : choose.some(1, Math.min(8, columns.length), () => choose.pick(columns))
  return list(
    shown.map(({ name }) => piece([`${prefix}${name}`])),
    ', ',
  )
}
