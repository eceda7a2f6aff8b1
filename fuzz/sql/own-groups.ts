import type { Chooser } from '../chooser.ts'
import type { Ground, Item } from './nested.ts'
import { settled } from './expressions.ts'
import { list, nothing, optional, piece, sql, type Piece } from './piece.ts'
import { extremeKinds, literalOf, type Column, type Kind, type Table } from './schema.ts'

/** A condition on the rows of some tables, told by what their names are in the query where it stands. */
interface Condition {
  /** Positions of the tables that it reads. */
  readonly reads: readonly number[]
  readonly text: (names: readonly string[]) => string
}

/**
 * Joined tables, the last of which has few rows left, and an aggregate over some of them as they are joined, of
 * the rows that have an outer row's key: what an optimizer may answer by windows over the outer query's own
 * rows, or by grouping no more rows than are asked for. Now and then the conditions inside differ from those
 * outside, so that it must not.
 */
export function ownGroupsQuery(ground: Ground): {
  readonly piece: Piece
  readonly kinds: readonly Kind[]
} {
  const { choose } = ground
  const tables = choose.some(2, 3, () => choose.pick(ground.tables))
  const outer = tables.map(() => ground.alias())
  const last = tables.length - 1
  const grouped = tables.slice(0, -1)
  const joined = grouped.slice(1).map((_, index) => {
    const [at, other] = [index + 1, choose.between(0, index)]
    return equality(at, keyOf(choose, tables[at]!), other, keyOf(choose, tables[other]!))
  })
  const at = choose.between(0, grouped.length - 1)
  const key = keyOf(choose, tables[at]!)
  const few = keyOf(choose, tables[last]!)
  const linked = [equality(at, key, last, few), filter(choose, tables, last)]
  const free = choose.some(0, 2, () => filter(choose, tables, choose.between(0, last)))
  const all = [...joined, ...linked, ...free]
  const outerKey = choose.chance(0.5) ? `${outer[at]}.${key.name}` : `${outer[last]}.${few.name}`
  const shared = all.filter(({ reads }) => reads.every((read) => read !== last))
  const beside = choose.chance(0.2)
    ? ` ${choose.pick(['<', '>=', '<>'])} ${outer[last]}.${keyOf(choose, tables[last]!).name}`
    : undefined
  const aggregate = groupOf(ground, grouped, shared, { at, key, outerKey, beside })
  const where = list(
    all.map(({ text }) => piece([text(outer)])),
    ' and ',
  )
  const from = tables.map(({ name }, index) => `${name} ${outer[index]}`).join(', ')
  const compared = columnFor(choose, tables, outer, aggregate.kind)
  const test =
    compared === undefined || choose.chance(0.3)
      ? nothing
      : optional(sql` and ${compared} ${choose.pick(['<', '>=', '=', '<>'])} ${aggregate.piece}`)
  const more = choose.chance(0.4) ? optional(sql` and ${partners(ground, tables, outer)}`) : nothing
  const shown = test === nothing ? [aggregate] : []
  const columns = choose.some(1, 3, () => shownColumn(choose, tables, outer))
  const items = [...shown, ...columns]
  return {
    kinds: items.map(({ kind }) => kind),
    piece: sql`select ${list(
      items.map((item) => item.piece),
      ', ',
      items.length,
    )} from ${from} where ${where}${test}${more}`,
  }
}

interface Link {
  readonly at: number
  readonly key: Column
  readonly outerKey: string
  /** What another of its values is compared with in the outer row, if one is. */
  readonly beside: string | undefined
}

/** The aggregate of the rows of `tables` that an outer row's key belongs to. */
function groupOf(
  { choose, alias }: Ground,
  tables: readonly Table[],
  shared: readonly Condition[],
  { at, key, outerKey, beside }: Link,
): Item {
  const names = tables.map(() => alias())
  const kept = choose.chance(0.2) ? shared.filter(() => choose.chance(0.5)) : shared
  const own = choose.chance(0.2) ? [filter(choose, tables, choose.between(0, at))] : []
  const conditions = [...kept, ...own].map(({ text }) => text(names))
  if (beside !== undefined)
    conditions.push(`${names[0]}.${keyOf(choose, tables[0]!).name}${beside}`)
  const where = [...conditions, `${names[at]}.${key.name} = ${outerKey}`].join(' and ')
  const from = tables.map(({ name }, index) => `${name} ${names[index]}`).join(', ')
  const { text, kind } = aggregateOf(choose, tables, names)
  return { kind, piece: sql`(select ${settled(kind, piece([text]))} from ${from} where ${where})` }
}

function aggregateOf(
  choose: Chooser,
  tables: readonly Table[],
  names: readonly string[],
): { readonly text: string; readonly kind: Kind } {
  const index = choose.between(0, tables.length - 1)
  const { name, kind } = choose.pick(tables[index]!.columns)
  const column = `${names[index]}.${name}`
  const counts = ['count(*)', `count(${column})`, `count(distinct ${column})`]
  if (!extremeKinds.includes(kind) || choose.chance(0.3)) {
    return { text: choose.pick(counts), kind: 'int' }
  }
  const wide = kind === 'int' || kind === 'numeric'
  if (wide && choose.chance(0.5)) {
    return { text: `${choose.pick(['sum', 'avg'])}(${column})::numeric`, kind: 'numeric' }
  }
  const chosen = choose.chance(0.2) ? ` filter (where ${column} is not null)` : ''
  return { text: `${choose.pick(['min', 'max'])}(${column})${chosen}`, kind }
}

/** Whether rows of any table have partners, or a value is among theirs. */
function partners(
  { choose, tables, alias }: Ground,
  outer: readonly Table[],
  names: readonly string[],
): Piece {
  const table = choose.pick(tables)
  const inner = alias()
  const index = choose.between(0, outer.length - 1)
  const key = `${names[index]}.${keyOf(choose, outer[index]!).name}`
  const own = `${inner}.${keyOf(choose, table).name}`
  const not = choose.pick(['', 'not '])
  const beside = choose.chance(0.4)
    ? ` and ${own} <> ${names[0]}.${outer[0]!.columns[0]!.name}`
    : ''
  return choose.pick([
    piece([`${not}exists (select from ${table.name} ${inner} where ${own} = ${key}${beside})`]),
    piece([`${key} ${not}in (select ${own} from ${table.name} ${inner})`]),
  ])
}

/** The first column of each table is a whole number; others are keys of their own kind by chance. */
function keyOf(choose: Chooser, table: Table): Column {
  return choose.pick(table.columns.filter(({ kind }) => kind === 'int'))
}

function equality(left: number, leftKey: Column, right: number, rightKey: Column): Condition {
  return {
    reads: [left, right],
    text: (names) => `${names[left]}.${leftKey.name} = ${names[right]}.${rightKey.name}`,
  }
}

function filter(choose: Chooser, tables: readonly Table[], at: number): Condition {
  const { name, kind } = choose.pick(tables[at]!.columns)
  if (!extremeKinds.includes(kind)) {
    return { reads: [at], text: (names) => `${names[at]}.${name} is not null` }
  }
  const sign = choose.pick(['=', '=', '<', '>', '<>'])
  const value = literalOf(choose, kind)
  return { reads: [at], text: (names) => `${names[at]}.${name} ${sign} ${value}` }
}

function shownColumn(choose: Chooser, tables: readonly Table[], names: readonly string[]): Item {
  const index = choose.between(0, tables.length - 1)
  const { name, kind } = choose.pick(tables[index]!.columns)
  return { kind, piece: piece([`${names[index]}.${name}`]) }
}

function columnFor(
  choose: Chooser,
  tables: readonly Table[],
  names: readonly string[],
  wanted: Kind,
): string | undefined {
  const fitting = tables.flatMap(({ columns }, index) =>
    columns.filter(({ kind }) => kind === wanted).map(({ name }) => `${names[index]}.${name}`),
  )
  return fitting.length === 0 ? undefined : choose.pick(fitting)
}
