import type { Chooser } from '../chooser.ts'
import { aggregateCall, expression, settled, typed, type Reference } from './expressions.ts'
import { list, nothing, optional, piece, separated, sql, type Piece } from './piece.ts'
import { extremeKinds, type Column, type Kind, type Table } from './schema.ts'

/** What statements are made of. */
export interface Ground {
  readonly choose: Chooser
  readonly tables: readonly Table[]
  /** A name that no other source of the statement has. */
  readonly alias: () => string
}

interface Source {
  readonly piece: Piece
  readonly columns: readonly Reference[]
}

/** A value and its kind. */
export interface Item {
  readonly piece: Piece
  readonly kind: Kind
}

/**
 * A statement of few subqueries over whole tables: memberships of values that are NULL on either side,
 * and aggregates of rows that are not there for some outer rows. They stand wherever an expression may:
 * as a column, in WHERE, in a join's condition, below a filter, in an aggregate, behind LATERAL.
 */
export function nestedQuery(ground: Ground): {
  readonly piece: Piece
  readonly kinds: readonly Kind[]
} {
  const { choose } = ground
  const outer = sourceOf(ground)
  const shape = choose.pick([
    overTable,
    overTable,
    belowFilter,
    overJoin,
    overLateral,
    inAggregates,
  ])
  return shape(ground, outer)
}

type Shape = (
  ground: Ground,
  outer: Source,
) => { readonly piece: Piece; readonly kinds: readonly Kind[] }

const overTable: Shape = (ground, outer) => {
  const items = ground.choose.some(1, 4, () => itemOf(ground, outer.columns))
  return selected(items, sql`${outer.piece}${whereOf(ground, outer.columns)}`)
}

/** What is computed in a derived table is a condition above it. */
const belowFilter: Shape = (ground, outer) => {
  const { choose } = ground
  const marks = choose.some(1, 2, () => membership(ground, outer.columns, 1))
  const carried = outer.columns.map(({ text, kind }) => ({ piece: piece([text]), kind }))
  const made = [...marks.map((mark): Item => ({ piece: mark, kind: 'bool' })), ...carried]
  const alias = ground.alias()
  const rows = piece(separated(made.map((item) => item.piece)))
  const names = made.map((_, index) => `c${index}`)
  const columns = made.map(({ kind }, index) => ({ text: `${alias}.c${index}`, kind }))
  const test = choose.pick(['', 'not ', 'not not '])
  const behind = choose.pick(['', '', ' is not true', ' is not false', ' is null'])
  const also = optional(sql` and ${expression({ choose, columns, depth: 1 }, 'bool')}`)
  const where = sql`(${test}${alias}.c0)${behind}${choose.chance(0.4) ? also : nothing}`
  const items = columns.map(({ text, kind }) => ({ piece: piece([text]), kind }))
  const from = sql`(select ${rows} from ${outer.piece}) ${alias}(${names.join(', ')})`
  return selected(items, sql`${from} where ${where}`)
}

/** A subquery among the conditions of a join. */
const overJoin: Shape = (ground, left) => {
  const { choose } = ground
  const right = sourceOf(ground)
  const both = [...left.columns, ...right.columns]
  const equal = equalityOf(choose, left.columns, right.columns) ?? piece(['true'])
  const read = choose.pick([both, left.columns, right.columns])
  const on = sql`${equal} and ${membership(ground, read, 0)}`
  const items = choose.some(1, 3, () => itemOf(ground, both))
  const how = choose.pick(['join', 'left join', 'left join', 'right join'])
  return selected(items, sql`${left.piece} ${how} ${right.piece} on ${on}`)
}

/** Aggregates of the rows that belong to each row of the left side. */
const overLateral: Shape = (ground, left) => {
  const { choose } = ground
  const inner = sourceOf(ground)
  const calls = choose.some(1, 3, () => aggregateOf(ground, inner.columns))
  const where = innerWhere(ground, inner.columns, left.columns, 0)
  const alias = ground.alias()
  const names = calls.map((_, index) => `c${index}`)
  const columns = calls.map(({ kind }, index) => ({ text: `${alias}.c${index}`, kind }))
  const rows = sql`select ${piece(separated(calls.map((call) => call.piece)))} from ${inner.piece}${where}`
  const [join, on] = choose.pick([
    ['cross join', ''],
    ['left join', ' on true'],
    ['join', ' on true'],
  ] as const)
  const from = sql`${left.piece} ${join} lateral (${rows}) ${alias}(${names.join(', ')})${on}`
  const shown = columns.map(({ text, kind }): Item =>
    wrapped(ground, { piece: piece([text]), kind }, left.columns),
  )
  return selected([...shown, columnItem(choose, left.columns)], from)
}

/** Subqueries as what is grouped by and aggregated. */
const inAggregates: Shape = (ground, outer) => {
  const { choose } = ground
  const alias = ground.alias()
  const made = choose.some(1, 3, () => itemOf(ground, outer.columns))
  const names = made.map((_, index) => `c${index}`)
  const columns = made.map(({ kind }, index) => ({ text: `${alias}.c${index}`, kind }))
  const rows = piece(separated(made.map((item) => item.piece)))
  const where = whereOf(ground, outer.columns)
  const from = sql`(select ${rows} from ${outer.piece}${where}) ${alias}(${names.join(', ')})`
  const calls = choose.some(1, 3, () => aggregateOf(ground, columns))
  const [key] = columns.filter(({ kind }) => kind !== 'float')
  if (key === undefined || choose.chance(0.5)) return selected(calls, from)
  const shown = { piece: settled(key.kind, piece([key.text])), kind: key.kind }
  return selected([shown, ...calls], sql`${from} group by ${key.text}`)
}

function selected(
  items: readonly Item[],
  from: Piece,
): { readonly piece: Piece; readonly kinds: readonly Kind[] } {
  const shown = list(
    items.map((item) => item.piece),
    ', ',
  )
  return { kinds: items.map(({ kind }) => kind), piece: sql`select ${shown} from ${from}` }
}

function sourceOf({ choose, tables, alias }: Ground): Source {
  const { name, columns } = choose.pick<{
    readonly name: string
    readonly columns: readonly Omit<Column, 'type'>[]
  }>(tables)
  const own = alias()
  return {
    piece: piece([`${name} ${own}`]),
    columns: columns.map((column) => ({ text: `${own}.${column.name}`, kind: column.kind })),
  }
}

function columnItem(choose: Chooser, columns: readonly Reference[]): Item {
  const { text, kind } = choose.pick(columns)
  return { piece: piece([text]), kind }
}

function itemOf(ground: Ground, outer: readonly Reference[]): Item {
  const { choose } = ground
  if (choose.chance(0.15)) return columnItem(choose, outer)
  if (choose.chance(0.4)) return { piece: membership(ground, outer, 1), kind: 'bool' }
  return wrapped(ground, scalar(ground, outer), outer)
}

/** A value alone, or where a NULL of it shows. */
function wrapped(
  { choose }: Ground,
  { piece: value, kind }: Item,
  outer: readonly Reference[],
): Item {
  const scope = { choose, columns: outer, depth: 1 }
  const same = (made: Piece): Item => ({ kind, piece: piece(made.parts, [value]) })
  // Sums of floats differ in their last digits: they are shown, never compared.
  const compared: readonly (() => Item)[] =
    kind === 'float'
      ? []
      : [
          () => {
            const operator = choose.pick(['=', '<>', '<', '>=', 'is not distinct from'])
            return {
              kind: 'bool',
              piece: sql`(${value} ${operator} ${valueOf(choose, outer, kind)})`,
            }
          },
        ]
  return choose.pick<() => Item>([
    () => ({ kind, piece: value }),
    () => ({ kind, piece: value }),
    () => same(sql`coalesce(${value}, ${typed(choose, kind)})`),
    () => same(sql`case when ${expression(scope, 'bool')} then ${value} end`),
    () => same(sql`case when ${value} is null then ${typed(choose, kind)} else ${value} end`),
    () => ({ kind: 'bool', piece: sql`(${value} is ${choose.pick(['', 'not '])}null)` }),
    ...compared,
  ])()
}

function whereOf(ground: Ground, outer: readonly Reference[]): Piece {
  const { choose } = ground
  if (choose.chance(0.25)) return nothing
  const member = membership(ground, outer, 1)
  const other = expression({ choose, columns: outer, depth: 1 }, 'bool')
  const condition = choose.pick<() => Piece>([
    () => member,
    () => sql`not ${member}`,
    () => sql`${other} and ${member}`,
    () => sql`(${other} or ${member})`,
    () => sql`(${member} is ${choose.pick(['null', 'not true', 'not false'])})`,
    () => list([member, ...choose.some(1, 2, () => membership(ground, outer, 0))], ' and '),
    () => betweenSubqueries(ground, outer) ?? member,
    () => {
      const { piece: value, kind } = scalar(ground, outer)
      return kind === 'float'
        ? sql`${value} is null`
        : sql`${value} ${choose.pick(['=', '<>', '>='])} ${valueOf(choose, outer, kind)}`
    },
  ])()
  return optional(sql` where ${condition}`)
}

/** One relation compared with several subqueries that know nothing of it. */
function betweenSubqueries(ground: Ground, outer: readonly Reference[]): Piece | undefined {
  const { choose } = ground
  const known = outer.filter(({ kind }) => kind !== 'float' && extremeKinds.includes(kind))
  if (known.length === 0) return undefined
  const { text, kind } = choose.pick(known)
  const bound = (): Piece => {
    const inner = sourceOf(ground)
    const value = valueOf(choose, inner.columns, kind)
    const where = innerWhere(ground, inner.columns, [], 0)
    return sql`(select ${choose.pick(['min', 'max'])}(${value}) from ${inner.piece}${where})`
  }
  const whole = choose.pick<() => Piece>([
    () => sql`${text} between ${bound()} and ${bound()}`,
    () => sql`${text} between symmetric ${bound()} and ${bound()}`,
    () => sql`(${text} > ${bound()} or ${text} < ${bound()})`,
    () => sql`${bound()} <= ${text} and ${bound()} > ${text} and ${text} <> ${bound()}`,
  ])()
  return piece(whole.parts, [piece(['true'])])
}

/** Whether a value is among the rows of a subquery; `nesting` is how many more may stand in it. */
function membership(ground: Ground, outer: readonly Reference[], nesting: number): Piece {
  const { choose } = ground
  const inner = sourceOf(ground)
  const shared = outer.filter(({ kind }) => inner.columns.some((column) => column.kind === kind))
  const kind = choose.pick(shared.length > 0 && choose.chance(0.9) ? shared : outer).kind
  const left = valueOf(choose, outer, kind)
  const where = innerWhere(ground, inner.columns, outer, nesting)
  const rows = sql`select ${valueOf(choose, inner.columns, kind)} from ${inner.piece}${where}`
  const compared = (): string =>
    `${choose.pick(['=', '<>', '<', '>='])} ${choose.pick(['any', 'all'])}`
  const whole = choose.pick<() => Piece>([
    () => sql`(${left} not in (${rows}))`,
    () => sql`(${left} not in (${rows}))`,
    () => sql`(not ${left} in (${rows}))`,
    () => sql`(${left} in (${rows}))`,
    () => sql`(${left} ${compared()} (${rows}))`,
    () => sql`(${choose.pick(['', 'not '])}exists (${rows}))`,
  ])()
  return piece(whole.parts, [piece(['true'])])
}

/** An aggregate of the rows that belong to an outer row, of which there may be none. */
function scalar(ground: Ground, outer: readonly Reference[]): Item {
  const { choose } = ground
  const inner = sourceOf(ground)
  const call = aggregateOf(ground, inner.columns)
  const where = innerWhere(ground, inner.columns, outer, 0)
  const least = String(choose.between(0, 2))
  const having = choose.chance(0.1) ? optional(sql` having count(*) >= ${least}`) : nothing
  return {
    kind: call.kind,
    piece: sql`(select ${call.piece} from ${inner.piece}${where}${having})`,
  }
}

/** Counts more often than others: they alone are not NULL over no rows. */
function aggregateOf({ choose }: Ground, columns: readonly Reference[]): Item {
  const { text } = choose.pick(columns)
  const counts = ['count(*)', `count(${text})`, `count(distinct ${text})`, `count(*) + 1`]
  if (choose.chance(0.4)) return { piece: piece([choose.pick(counts)]), kind: 'int' }
  const { piece: call, kind } = aggregateCall({ choose, columns, depth: 1 })
  const value = settled(kind, call)
  if (choose.chance(0.7)) return { piece: value, kind }
  return { piece: sql`coalesce(${value}, ${typed(choose, kind)})`, kind }
}

/** Which rows of a subquery belong to an outer row: all, none, those of a value, those of a condition. */
function innerWhere(
  ground: Ground,
  inner: readonly Reference[],
  outer: readonly Reference[],
  nesting: number,
): Piece {
  const { choose } = ground
  const conditions: Piece[] = []
  const equal = equalityOf(choose, inner, outer)
  if (equal !== undefined && choose.chance(0.55)) conditions.push(equal)
  const read = choose.pick([inner, inner, [...inner, ...outer]])
  if (choose.chance(0.3)) conditions.push(expression({ choose, columns: read, depth: 1 }, 'bool'))
  if (choose.chance(0.1)) conditions.push(piece([`${choose.pick(inner).text} is not null`]))
  if (nesting > 0 && choose.chance(0.15)) {
    conditions.push(membership(ground, [...inner, ...outer], nesting - 1))
  }
  return conditions.length === 0 ? nothing : optional(sql` where ${list(conditions, ' and ')}`)
}

function equalityOf(
  choose: Chooser,
  left: readonly Reference[],
  right: readonly Reference[],
): Piece | undefined {
  const pairs = left.flatMap((l) => right.filter((r) => r.kind === l.kind).map((r) => [l, r]))
  if (pairs.length === 0) return undefined
  const [l, r] = choose.pick(pairs)
  const operator = choose.chance(0.85) ? '=' : choose.pick(['is not distinct from', '<', '<>'])
  return piece([`${l!.text} ${operator} ${r!.text}`])
}

/** A column, often as it is, or NULL for one of its values. */
function valueOf(choose: Chooser, columns: readonly Reference[], kind: Kind): Piece {
  const fitting = columns.filter((column) => column.kind === kind)
  if (fitting.length === 0 || choose.chance(0.2)) {
    return expression({ choose, columns, depth: 1 }, kind)
  }
  const plain = piece([choose.pick(fitting).text])
  if (choose.chance(0.75)) return plain
  return piece(sql`nullif(${plain}, ${typed(choose, kind)})`.parts, [plain])
}
