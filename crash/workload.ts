import { Chooser } from '../fuzz/chooser.ts'

/** A row of a table of the workload. */
interface Row {
  readonly v: number
  readonly s: string
}

/** What a table is to hold, by the id of each row. */
export type ModelTable = ReadonlyMap<number, Row>

/** One transaction: what is run, and what there is once it has committed. */
export interface Step {
  readonly number: number
  readonly statements: readonly string[]
  /** Takes it over into the model. */
  readonly commit: () => void
}

/** Tables of more rows lose some first. */
const ROWS_MAX = 60_000
const TABLES_MAX = 4
/** Enough rows for a chunk that is cut where rows go, instead of written anew. */
const BULK_ROWS = 20_000

/**
 * What one session does, transaction by transaction, and what its tables hold after each: all of it follows from a seed, so that
 * whoever opens the folder knows from the number of transactions that are there what must be.
 */
export class SessionModel {
  readonly session: number
  readonly #seed: number
  #tables: ReadonlyMap<string, ModelTable> = new Map()
  #done = 0
  #nextId = 1
  #nextTable = 1

  constructor(seed: number, session: number) {
    this.#seed = seed
    this.session = session
  }

  /** How many transactions have committed. */
  get done(): number {
    return this.#done
  }

  get tables(): ReadonlyMap<string, ModelTable> {
    return this.#tables
  }

  /** Goes on to where so many have committed. */
  advance(done: number): void {
    while (this.#done < done) this.next().commit()
  }

  /** The next transaction; the same until it is taken over. */
  next(): Step {
    const number = this.#done + 1
    const making = new Making(new Chooser(this.#seed * 1_000_003 + this.session * 7_919 + number), {
      session: this.session,
      tables: this.#tables,
      nextId: this.#nextId,
      nextTable: this.#nextTable,
    })
    const statements = making.transaction(number)
    return {
      number,
      statements,
      commit: () => {
        this.#tables = making.tables
        this.#nextId = making.nextId
        this.#nextTable = making.nextTable
        this.#done = number
      },
    }
  }
}

interface ModelState {
  readonly session: number
  readonly tables: ReadonlyMap<string, ModelTable>
  readonly nextId: number
  readonly nextTable: number
}

/** A transaction while it is made up. */
class Making {
  readonly #chooser: Chooser
  readonly #session: number
  tables: Map<string, ModelTable>
  /** Those that no state before shares. */
  readonly #own = new Set<ModelTable>()
  nextId: number
  nextTable: number

  constructor(chooser: Chooser, { session, tables, nextId, nextTable }: ModelState) {
    this.#chooser = chooser
    this.#session = session
    this.tables = new Map(tables)
    this.nextId = nextId
    this.nextTable = nextTable
  }

  transaction(number: number): readonly string[] {
    const chooser = this.#chooser
    const own = `insert into done values (${this.#session}, ${number}, nextval('numbers_${this.#session}'))`
    if (chooser.chance(0.3)) return [own]
    const before = chooser.chance(0.1) ? this.#rolledBack() : []
    const parts = chooser.some(1, 4, () => {
      return chooser.chance(0.1) ? [...this.#undone(), ...this.#change()] : this.#change()
    })
    const at = chooser.between(0, parts.length)
    return [...before, 'begin', ...parts.toSpliced(at, 0, [own]).flat(), 'commit']
  }

  /** A whole transaction of which nothing is to be seen. */
  #rolledBack(): readonly string[] {
    const before = this.#state()
    const statements = ['begin', ...this.#change(), ...this.#change(), 'rollback']
    this.#back(before)
    return statements
  }

  #undone(): readonly string[] {
    const before = this.#state()
    const statements = ['savepoint s', ...this.#change(), 'rollback to savepoint s']
    this.#back(before)
    return statements
  }

  #state(): ReadonlyMap<string, ModelTable> {
    this.#own.clear()
    return new Map(this.tables)
  }

  /** Names and ids that were given are not given again. */
  #back(tables: ReadonlyMap<string, ModelTable>): void {
    this.#own.clear()
    this.tables = new Map(tables)
  }

  /** The rows of a table, to be changed. */
  #rows(name: string): Map<number, Row> {
    const known = this.tables.get(name) ?? new Map<number, Row>()
    if (this.#own.has(known)) return known as Map<number, Row>
    const rows = new Map(known)
    this.#own.add(rows)
    this.tables.set(name, rows)
    return rows
  }

  #change(): readonly string[] {
    const chooser = this.#chooser
    const names = [...this.tables.keys()]
    if (names.length === 0 || (names.length < TABLES_MAX && chooser.chance(0.1))) {
      return this.#create()
    }
    const name = chooser.pick(names)
    if ((this.tables.get(name)?.size ?? 0) > ROWS_MAX) return this.#delete(name, 0.8)
    const kind = chooser.between(0, 99)
    if (kind < 40) return this.#insert(name)
    if (kind < 42) return this.#insertMany(name)
    if (kind < 66) return this.#update(name)
    if (kind < 82) return this.#delete(name, 0.2)
    if (kind < 86) return this.#rename(name)
    if (kind < 88) return this.#truncate(name)
    if (kind < 90) return this.#drop(name)
    if (kind < 94) return this.#copy(name)
    return this.#view(name)
  }

  #newName(): string {
    return `t_${this.#session}_${this.nextTable++}`
  }

  #create(): readonly string[] {
    const name = this.#newName()
    this.tables.set(name, new Map())
    return [`create table ${name} (id int primary key, v int check (v > -1000000), s text)`]
  }

  #insert(name: string): readonly string[] {
    const rows = this.#rows(name)
    const chooser = this.#chooser
    const values = chooser.some(1, 40, () => {
      const id = this.nextId++
      const row = { v: chooser.between(0, 1_000), s: `s${chooser.between(0, 5_000)}` }
      rows.set(id, row)
      return `(${id}, ${row.v}, '${row.s}')`
    })
    return [`insert into ${name} values ${values.join(', ')}`]
  }

  #insertMany(name: string): readonly string[] {
    const rows = this.#rows(name)
    const first = this.nextId
    this.nextId += BULK_ROWS
    for (let id = first; id < this.nextId; id++) rows.set(id, { v: id % 997, s: `g${id % 50}` })
    const series = `generate_series(${first}, ${this.nextId - 1}) i`
    return [`insert into ${name} select i, i % 997, 'g' || (i % 50) from ${series}`]
  }

  #update(name: string): readonly string[] {
    const rows = this.#rows(name)
    const chooser = this.#chooser
    const [part, rest] = [chooser.pick([2, 10, 1_000]), chooser.between(0, 1)]
    const isText = chooser.chance(0.4)
    const mark = `u${chooser.between(0, 9)}`
    for (const [id, row] of rows) {
      if (id % part !== rest) continue
      rows.set(id, isText ? { ...row, s: mark } : { ...row, v: row.v + 3 })
    }
    const set = isText ? `s = '${mark}'` : 'v = v + 3'
    return [`update ${name} set ${set} where id % ${part} = ${rest}`]
  }

  #delete(name: string, shareMax: number): readonly string[] {
    const rows = this.#rows(name)
    const span = Math.floor(this.nextId * shareMax * this.#chooser.pick([0.001, 0.1, 1]))
    const first = this.#chooser.between(1, Math.max(1, this.nextId - span))
    for (const id of rows.keys()) if (id >= first && id <= first + span) rows.delete(id)
    return [`delete from ${name} where id between ${first} and ${first + span}`]
  }

  #rename(name: string): readonly string[] {
    const to = this.#newName()
    this.tables.set(to, this.#rows(name))
    this.tables.delete(name)
    return [`alter table ${name} rename to ${to}`]
  }

  #truncate(name: string): readonly string[] {
    this.#rows(name).clear()
    return [`truncate ${name}`]
  }

  #drop(name: string): readonly string[] {
    this.tables.delete(name)
    return [`drop table ${name} cascade`]
  }

  /** A table of another's rows, which takes its place. */
  #copy(name: string): readonly string[] {
    const to = this.#newName()
    this.tables.set(to, this.#rows(name))
    this.tables.delete(name)
    return [`create table ${to} as select * from ${name}`, `drop table ${name} cascade`]
  }

  #view(name: string): readonly string[] {
    return [
      `create or replace view view_${this.#session}_${this.nextTable++} as select id, v from ${name}`,
    ]
  }
}

/** What there is before the first transaction. */
export function setUp(sessions: number): readonly string[] {
  const statements = ['create table done (session int, number int, drawn bigint)']
  for (let session = 0; session < sessions; session++) {
    statements.push(`create sequence numbers_${session}`)
  }
  return ['begin', ...statements, 'commit']
}
