import type { Chooser } from '../chooser.ts'
import {
  aggregateCall,
  expression,
  settled,
  typed,
  type Reference,
  type Scope,
} from './expressions.ts'
import { nestedQuery } from './nested.ts'
import { ownGroupsQuery } from './own-groups.ts'
import { overParts, partsRelation } from './parts.ts'
import { list, nothing, optional, piece, separated, sql, type Piece } from './piece.ts'
import { extremeKinds, kinds, type Column, type Kind, type Table } from './schema.ts'
import { windowCall, windowsOf } from './windows.ts'

/** A query with what its answer is compared by. */
export interface Query {
  readonly piece: Piece
  readonly kinds: readonly Kind[]
  /** Whether rows come in the order of all their columns. */
  readonly isOrdered: boolean
}

/** What a query may read by name: a table, or a query behind WITH. */
type Named = Pick<Table, 'name'> & { readonly columns: readonly Omit<Column, 'type'>[] }

interface Select {
  readonly piece: Piece
  readonly kinds: readonly Kind[]
}

interface Source {
  readonly piece: Piece
  readonly columns: readonly Reference[]
}

/** Makes random queries over some tables. */
export class QueryMaker {
  readonly #choose: Chooser
  readonly #tables: readonly Table[]
  /** The queries behind WITH of the statement that is being made. */
  #common: readonly Named[] = []
  #aliases = 0

  constructor(choose: Chooser, tables: readonly Table[]) {
    this.#choose = choose
    this.#tables = tables
  }

  /** A whole statement: a query, perhaps behind WITH, ordered by all it gives where it is cut. */
  statement(): Query {
    const choose = this.#choose
    this.#aliases = 0
    this.#common = []
    if (choose.chance(0.4)) return this.#wide()
    if (choose.chance(0.3)) {
      const ground = { choose, tables: this.#tables, alias: () => this.#alias() }
      const make = choose.chance(0.3) ? ownGroupsQuery : nestedQuery
      return { ...make(ground), isOrdered: false }
    }
    const before = choose.chance(0.2) ? this.#with() : nothing
    const query = choose.chance(0.15) ? this.#setOperation(2) : this.#select([], 2, undefined)
    if (!choose.chance(0.35)) {
      return { ...query, piece: sql`${before}${query.piece}`, isOrdered: false }
    }
    const keys = query.kinds.map((_, index) =>
      piece([`${index + 1}${choose.pick(['', ' desc', ' nulls first', ' desc nulls last'])}`]),
    )
    const limit = choose.chance(0.5)
      ? optional(
          sql` limit ${String(choose.between(0, 12))} offset ${String(choose.between(0, 4))}`,
        )
      : nothing
    const rows = choose.chance(0.5) ? query.piece : sql`select * from (${query.piece}) o`
    return {
      ...query,
      piece: sql`${before}${rows} order by ${piece(separated(keys))}${limit}`,
      isOrdered: true,
    }
  }

  /**
   * Many shallow expressions over a table, or over one that is joined to columns that are never NULL on
   * their own: each operator occurs in many statements. Rows of a table alone come in its order.
   */
  #wide(): Query {
    const choose = this.#choose
    const table = choose.pick(this.#tables)
    const alias = this.#alias()
    const own = table.columns.map(({ name, kind }) => ({ text: `${alias}.${name}`, kind }))
    const left = { columns: own, piece: piece([`${table.name} ${alias}`]) }
    const isAlone = choose.chance(0.5)
    const source = isAlone ? left : this.#joinedToConstants(left)
    const scope = this.#scope(source.columns, 2, 0)
    const outputs = choose.some(5, 10, () => choose.pick(kinds))
    const items = list(
      outputs.map((kind) => expression(scope, kind)),
      ', ',
    )
    const where = choose.chance(0.5) ? optional(sql` where ${expression(scope, 'bool')}`) : nothing
    const [rows, from] = [choose.between(0, 12), choose.between(0, 4)].map(String)
    const isCut = isAlone && choose.chance(0.4)
    const limit = isCut ? optional(sql` limit ${rows!} offset ${from!}`) : nothing
    return {
      kinds: outputs,
      piece: sql`select ${items} from ${source.piece}${where}${limit}`,
      isOrdered: isAlone,
    }
  }

  /** An outer join to a query of constants and computed columns. */
  #joinedToConstants(left: Source): Source {
    const choose = this.#choose
    const table = choose.pick(this.#tables)
    const alias = this.#alias()
    const own = table.columns.map(({ name, kind }) => ({ text: name, kind }))
    const made = choose.some(3, 6, () => {
      const kind = choose.pick(kinds)
      const value = typed(choose, kind)
      const fitting = own.find((column) => column.kind === kind)
      const isComputed = fitting !== undefined && choose.chance(0.5)
      return { kind, text: isComputed ? `coalesce(${fitting.text}, ${value})` : value }
    })
    const all = [...own, ...made]
    const names = all.map((_, index) => `c${index}`)
    const columns = all.map(({ kind }, index) => ({ text: `${alias}.c${index}`, kind }))
    const rows = all.map(({ text }) => text).join(', ')
    const right = {
      columns: columns.slice(0, own.length),
      piece: sql`(select ${rows} from ${table.name}) ${alias}(${names.join(', ')})`,
    }
    const kind = choose.pick(['left join', 'right join', 'full join'])
    const on = this.#condition(left, right, false, [])
    const whole = sql`${left.piece} ${kind} ${right.piece} on ${on}`
    return { columns: [...left.columns, ...columns], piece: piece(whole.parts, []) }
  }

  /** One or two queries with names, which what follows may read as often as it likes. */
  #with(): Piece {
    const choose = this.#choose
    const queries = choose.some(1, 2, (index) => {
      const { piece: query, kinds: made } = this.#select([], 1, undefined)
      const name = `w${index + 1}`
      const columns = made.map((kind, at) => ({ name: `c${at}`, kind }))
      this.#common = [...this.#common, { name, columns }]
      const how = choose.pick(['', '', 'materialized ', 'not materialized '])
      return sql`${name}(${columns.map((c) => c.name).join(', ')}) as ${how}(${query})`
    })
    return sql`with ${piece(separated(queries))} `
  }

  #alias(): string {
    return `s${++this.#aliases}`
  }

  #scope(columns: readonly Reference[], depth: number, nesting: number): Scope {
    const base = { choose: this.#choose, columns, depth }
    if (nesting <= 0) return base
    return { ...base, subquery: (scope, kind) => this.#subquery(scope, kind, nesting - 1) }
  }

  /** A subquery in an expression; the columns around it may be named inside. */
  #subquery(outer: Scope, kind: Kind, nesting: number): Piece {
    const choose = this.#choose
    const taken = choose.chance(0.25) ? overParts(outer, kind) : undefined
    if (taken !== undefined) return taken
    if (kind === 'bool') {
      const compared = choose.pick(kinds)
      const inner = this.#select(outer.columns, nesting, [compared]).piece
      const left = expression({ ...outer, depth: 1 }, compared)
      return choose.pick([
        () => sql`(${choose.pick(['', 'not '])}exists (${inner}))`,
        () => sql`(${left} ${choose.pick(['in', 'not in'])} (${inner}))`,
        () =>
          sql`(${left} ${choose.pick(['=', '<', '>='])} ${choose.pick(['any', 'all'])} (${inner}))`,
      ])()
    }
    if (!extremeKinds.includes(kind)) return expression({ ...outer, depth: 1 }, kind)
    const source = this.#relation(outer.columns, 0, nesting)
    const scope = this.#scope([...source.columns, ...outer.columns], 1, nesting)
    const bound = kind === 'text' || kind === 'int' || kind === 'date' ? 'max' : 'min'
    const where = optional(sql` where ${expression(scope, 'bool')}`)
    // What aggregates outer columns alone belongs to the outer query, which seldom may have it there.
    const own = choose.chance(0.8) ? source.columns : scope.columns
    const value =
      own.length === 0 ? expression(scope, kind) : expression({ ...scope, columns: own }, kind)
    const counted = choose.pick([piece(['count(*)']), sql`count(${value})`])
    const isCount = kind === 'int' && choose.chance(0.4)
    const call = isCount ? counted : settled(kind, sql`${bound}(${value})`)
    return sql`(select ${call} from ${source.piece}${where})`
  }

  #setOperation(nesting: number): Select {
    const choose = this.#choose
    // Sums of floats differ in their last digit with the order of work, and so would how many rows are equal.
    const wanted = choose.some(1, 3, () => choose.pick(kinds.filter((kind) => kind !== 'float')))
    const left = this.#select([], nesting - 1, wanted)
    const right = this.#select([], nesting - 1, wanted)
    const operation = choose.pick(['union', 'union all', 'intersect', 'except'])
    const whole = sql`(${left.piece}) ${operation} (${right.piece})`
    if (operation !== 'union all' && wanted.some(standsForEquals)) {
      const alias = this.#alias()
      const items = wanted.map((kind, index) => settled(kind, piece([`${alias}.c${index}`])))
      const names = wanted.map((_, index) => `c${index}`).join(', ')
      const shown = piece(separated(items))
      return { kinds: wanted, piece: sql`select ${shown} from (${whole}) ${alias}(${names})` }
    }
    return { kinds: wanted, piece: piece(whole.parts, [left.piece, right.piece]) }
  }

  /** A SELECT; `wanted` says what columns it must give, `outer` what it may read of around. */
  #select(
    outer: readonly Reference[],
    nesting: number,
    wanted: readonly Kind[] | undefined,
  ): Select {
    const choose = this.#choose
    const joins = choose.pick([0, 0, 1, 1, 2])
    const source = this.#relation(outer, joins, nesting)
    const scope = this.#scope([...source.columns, ...outer], 3, nesting)
    const where = choose.chance(0.6) ? optional(sql` where ${expression(scope, 'bool')}`) : nothing
    if (choose.chance(0.35)) return this.#grouped(source, where, outer, nesting, wanted)
    const outputs = wanted ?? choose.some(1, 4, () => choose.pick(kinds))
    const isDistinct = choose.chance(0.15)
    const isWindowed = !isDistinct && choose.chance(0.25)
    const windows = windowsOf(choose, source.columns)
    const items = outputs.map((kind) => {
      if (isWindowed && choose.chance(0.6)) {
        const window = windows()
        if (window !== undefined) return windowCall(scope, source.columns, kind, window)
      }
      const item = expression(scope, kind)
      return isDistinct ? settled(kind, item) : item
    })
    const distinct = isDistinct ? piece(['distinct '], [nothing]) : nothing
    const select = itemList(items, wanted)
    return { kinds: outputs, piece: sql`select ${distinct}${select} from ${source.piece}${where}` }
  }

  #grouped(
    source: Source,
    where: Piece,
    outer: readonly Reference[],
    nesting: number,
    wanted: readonly Kind[] | undefined,
  ): Select {
    const choose = this.#choose
    const inner = this.#scope([...source.columns, ...outer], 2, nesting)
    const keys = choose.some(0, 2, (): { kind: Kind; piece: Piece } => {
      const kind = choose.pick(kinds)
      return { kind, piece: expression(inner, kind) }
    })
    // Keys get names in a derived table, so that what stands above can repeat them.
    const alias = this.#alias()
    const named = keys.map((key, index) => sql`${key.piece} as k${String(index)}`)
    const carried = source.columns.map((column, index) => ({ ...column, name: `v${index}` }))
    const below = [...named, ...carried.map(({ text, name }) => sql`${text} as ${name}`)]
    const columns = carried.map(({ name, kind }) => ({ text: `${alias}.${name}`, kind }))
    const readable = choose.chance(0.8) ? columns : [...columns, ...outer]
    const within = this.#scope(readable, 2, choose.chance(0.2) ? nesting - 1 : 0)
    const calls = choose.some(1, 3, () => aggregateCall(within))
    const groups = keys.map(({ kind }, index) => {
      const text = `${alias}.k${index}`
      return { text, kind, shown: settled(kind, piece([text])) }
    })
    const from = sql`(select ${piece(separated(below))} from ${source.piece}${where}) ${alias}`
    const names = groups.map((g) => g.text).join(', ')
    const sets = choose.chance(0.2) ? choose.pick(['rollup', 'cube', 'grouping sets']) : ''
    const grouping = sets === '' ? names : `${sets}(${names})`
    const by = groups.length === 0 ? nothing : piece([` group by ${grouping}`])
    const having = choose.chance(0.2)
      ? optional(sql` having ${calls[0]!.piece} is not null`)
      : nothing
    if (wanted !== undefined) {
      const made = groups.map(({ shown, kind }) => ({ piece: shown, kind }))
      const items = wanted.map((kind) => {
        const fitting = [...made, ...calls].filter((one) => one.kind === kind)
        return fitting[0]?.piece ?? expression(this.#scope(groups, 1, 0), kind)
      })
      return {
        kinds: wanted,
        piece: sql`select ${itemList(items, wanted)} from ${from}${by}${having}`,
      }
    }
    const items = [...groups.map(({ shown }) => shown), ...calls.map((one) => one.piece)]
    return {
      kinds: [...groups, ...calls].map(({ kind }) => kind),
      piece: sql`select ${itemList(items, wanted)} from ${from}${by}${having}`,
    }
  }

  #relation(outer: readonly Reference[], joins: number, nesting: number): Source {
    if (joins === 0) return this.#leafRelation(outer, nesting)
    const choose = this.#choose
    const left = this.#relation(outer, joins - 1, nesting)
    if (nesting > 0 && choose.chance(0.15)) return this.#lateral(left, outer, nesting)
    const right = this.#leafRelation(outer, nesting)
    const columns = [...left.columns, ...right.columns]
    const smaller = [left.piece, right.piece]
    const kind = choose.pick([
      'join',
      'left join',
      'left join',
      'right join',
      'full join',
      'cross join',
    ])
    if (kind === 'cross join') {
      return { columns, piece: piece(sql`${left.piece} cross join ${right.piece}`.parts, smaller) }
    }
    const on = this.#condition(left, right, kind !== 'full join', [...columns, ...outer])
    return {
      columns,
      piece: piece(sql`${left.piece} ${kind} ${right.piece} on ${on}`.parts, smaller),
    }
  }

  /** A join whose right side reads the left one. */
  #lateral(left: Source, outer: readonly Reference[], nesting: number): Source {
    const choose = this.#choose
    const right = this.#derived([...left.columns, ...outer], nesting - 1)
    const columns = [...left.columns, ...right.columns]
    const join = choose.pick(['cross join lateral', 'left join lateral', 'join lateral'])
    const on = join === 'cross join lateral' ? '' : ' on true'
    const whole = sql`${left.piece} ${join} ${right.piece}${on}`
    return { columns, piece: piece(whole.parts, [left.piece]) }
  }

  /** Two rows of a table joined by the name of a column, which the result has once. */
  #using(): Source {
    const choose = this.#choose
    const table = choose.pick(this.#tables)
    const [l, r, alias] = [this.#alias(), this.#alias(), this.#alias()]
    const by = choose.pick(table.columns)
    const kind = choose.pick(['join', 'left join', 'right join', 'full join'])
    const items = table.columns.map((column) => ({
      kind: column.kind,
      text: column === by ? by.name : `${choose.pick([l, r])}.${column.name}`,
    }))
    const where = optional(sql` where ${l}.${by.name} is distinct from ${typed(choose, by.kind)}`)
    const rows = sql`select ${items.map((item) => item.text).join(', ')} from ${table.name} ${l} ${kind} ${table.name} ${r} using (${by.name})${where}`
    const names = items.map((_, index) => `c${index}`).join(', ')
    return {
      piece: sql`(${rows}) ${alias}(${names})`,
      columns: items.map((item, index) => ({ text: `${alias}.c${index}`, kind: item.kind })),
    }
  }

  /** Mostly an equality of a column a side; PostgreSQL's full joins can do nothing else. */
  #condition(left: Source, right: Source, free: boolean, columns: readonly Reference[]): Piece {
    const choose = this.#choose
    const pairs = left.columns.flatMap((l) =>
      right.columns.filter((r) => r.kind === l.kind).map((r) => `${l.text} = ${r.text}`),
    )
    const fallback = free ? expression(this.#scope(columns, 2, 0), 'bool') : piece(['true'])
    if (pairs.length === 0 || (free && choose.chance(0.2))) return fallback
    const equality = piece([choose.pick(pairs)], free ? [piece(['true'])] : [])
    if (!free || choose.chance(0.6)) return equality
    const extra = expression(this.#scope(columns, 2, 0), 'bool')
    return piece(sql`${equality} and ${extra}`.parts, [equality, extra])
  }

  #leafRelation(outer: readonly Reference[], nesting: number): Source {
    const choose = this.#choose
    if (nesting > 0 && choose.chance(0.35)) {
      return this.#derived(choose.chance(0.3) ? outer : [], nesting - 1)
    }
    if (choose.chance(0.08)) return this.#using()
    if (choose.chance(0.06)) return this.#series(outer)
    if (choose.chance(0.08)) return partsRelation(choose, outer, this.#alias())
    const table =
      this.#common.length > 0 && choose.chance(0.5)
        ? choose.pick(this.#common)
        : choose.pick<Named>(this.#tables)
    const alias = this.#alias()
    return {
      piece: piece([`${table.name} ${alias}`]),
      columns: table.columns.map(({ name, kind }) => ({ text: `${alias}.${name}`, kind })),
    }
  }

  /** The numbers between two: constants, or those around a column of an outer relation. */
  #series(outer: readonly Reference[]): Source {
    const choose = this.#choose
    const alias = this.#alias()
    const numbers = outer.filter(({ kind }) => kind === 'int')
    const from = choose.pick(['0', '1', '3', '-1'])
    const to = choose.pick(['2', '4', '1', ...numbers.map(({ text }) => `(${text})::int % 5`)])
    return {
      piece: sql`lateral generate_series(${from}, ${to}) ${alias}(s)`,
      columns: [{ text: `${alias}.s`, kind: 'int' }],
    }
  }

  /** A derived table with computed and constant columns. */
  #derived(outer: readonly Reference[], nesting: number): Source {
    const query = this.#select(outer, nesting, undefined)
    const alias = this.#alias()
    const names = query.kinds.map((_, index) => `c${index}`)
    return {
      piece: sql`(${query.piece}) ${alias}(${names.join(', ')})`,
      columns: query.kinds.map((kind, index) => ({ text: `${alias}.c${index}`, kind })),
    }
  }
}

function standsForEquals(kind: Kind): boolean {
  return kind === 'numeric' || kind === 'interval'
}

/** Items of a select list; where somebody counts on them none may go. */
function itemList(items: readonly Piece[], wanted: readonly Kind[] | undefined): Piece {
  return wanted === undefined ? list(items, ', ') : piece(separated(items))
}
