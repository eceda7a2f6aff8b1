import type { Chooser } from '../fuzz/chooser.ts'
import { SHARED_ROWS } from './messages.ts'
import { isError, WireSession, type Rows, type ServerError } from './wire.ts'

/** What all sessions of a load share. */
export interface World {
  readonly port: number
  readonly ends: number
  /** Statements that made the tables that exist now, by table. */
  readonly made: Map<string, string[]>
  /** Tables that sessions replace while others read them. */
  readonly turns: readonly string[]
  count(action: string): void
  error(error: ServerError, statement: string): void
  wrong(what: string): void
}

interface Model {
  rows: number
  sum: bigint
}

/** Users think between statements: 50 sessions ask about a hundred a second. */
const THINK_MS_MAX = 1_000
const TABLES_MAX = 4
const ROWS_MAX = 40_000
/** Rows to go through that no timeout lets end. */
const ENDLESS = 'select count(*) from shared a, shared b where a.k * 3 + b.k * 5 = -1'

/** One session that reads, writes, drops, cancels and times out, and knows what it must see. */
export class SoakSession {
  readonly #world: World
  readonly #choose: Chooser
  readonly #name: string
  readonly #tables = new Map<string, Model>()
  #wire: WireSession | undefined
  #made = 0

  constructor(world: World, choose: Chooser, name: string) {
    this.#world = world
    this.#choose = choose
    this.#name = name
  }

  async run(): Promise<void> {
    const { ends, port } = this.#world
    while (performance.now() < ends) {
      this.#wire ??= await WireSession.open(port)
      const [name, act] = this.#choose.pick(this.#actions())
      this.#world.count(name)
      await act()
      if (this.#choose.chance(0.002)) await this.#reconnect()
      await new Promise((resolve) => setTimeout(resolve, this.#choose.between(0, THINK_MS_MAX)))
    }
    await this.#wire?.close()
  }

  #actions(): readonly (readonly [string, () => Promise<void>])[] {
    const always: readonly (readonly [string, () => Promise<void>])[] = [
      ['one', () => this.#expect('select 1', '1')],
      ['shared', () => this.#readShared()],
      ['shared', () => this.#readShared()],
      ['turn read', () => this.#readTurn()],
      ['turn read', () => this.#readTurn()],
      ['turn', () => this.#replaceTurn()],
      ['snapshot', () => this.#snapshot()],
      ['fails', () => this.#fails()],
    ]
    const rare: readonly (readonly [string, () => Promise<void>])[] = [
      ['cancel', () => this.#cancelled()],
      ['timeout', () => this.#timedOut()],
    ]
    const own: readonly (readonly [string, () => Promise<void>])[] = [
      ['read', () => this.#readOwn()],
      ['read', () => this.#readOwn()],
      ['insert', () => this.#insert()],
      ['rollback', () => this.#rolledBack()],
      ['drop', () => this.#drop()],
    ]
    const create = [['create', () => this.#create()]] as const
    return [
      ...always,
      ...(this.#choose.chance(0.15) ? rare : []),
      ...(this.#tables.size > 0 ? own : []),
      ...(this.#tables.size < TABLES_MAX ? create : []),
    ]
  }

  async #ask(text: string): Promise<Rows | ServerError> {
    const answer = await this.#wire!.run(text)
    if (isError(answer)) this.#world.error(answer, text)
    if (isError(answer) && answer.sqlState === 'lost') this.#wire = undefined
    return answer
  }

  async #expect(text: string, ...values: readonly string[]): Promise<void> {
    const answer = await this.#ask(text)
    if (isError(answer)) return
    const got = answer.map((row) => row.join(',')).join(';')
    if (got !== values.join(',')) this.#world.wrong(`${text}: ${got}, expected ${values.join(',')}`)
  }

  async #readShared(): Promise<void> {
    const rows = this.#choose.between(1, SHARED_ROWS)
    const kind = this.#choose.between(0, 3)
    const where = `from shared where k < ${rows}`
    if (kind === 0)
      return this.#expect(`select count(*), sum(k) ${where}`, String(rows), sumTo(rows))
    if (kind === 1) {
      const groups = String(Math.min(17, rows))
      return this.#expect(
        `select count(*), sum(n) from (select g, count(*) as n ${where} group by g) t`,
        groups,
        String(rows),
      )
    }
    if (kind === 2) {
      return this.#expect(
        `select k from (select k ${where}) t order by k desc limit 1`,
        String(rows - 1),
      )
    }
    const joined = Math.min(rows, 20_000)
    return this.#expect(
      `select count(*) from shared a join shared b on a.k = b.k where a.k < ${joined} and b.k < ${rows}`,
      String(joined),
    )
  }

  /** A table of `n` rows has the keys 0 to n - 1: whatever snapshot is seen, it must be whole. */
  async #readTurn(): Promise<void> {
    const table = this.#choose.pick(this.#world.turns)
    const answer = await this.#ask(
      `select count(*), coalesce(sum(k), 0), count(distinct s) from ${table}`,
    )
    if (isError(answer)) return
    const [rows, sum] = answer[0] ?? []
    if (sum !== sumTo(Number(rows))) this.#world.wrong(`${table}: ${rows} rows, sum ${sum}`)
  }

  async #replaceTurn(): Promise<void> {
    const table = this.#choose.pick(this.#world.turns)
    const rows = this.#choose.between(1, ROWS_MAX)
    const create = `create table ${table} as select k, s from shared where k < ${rows}`
    const steps = ['begin', `drop table if exists ${table}`, create, 'commit']
    for (const step of steps) {
      if (isError(await this.#ask(step))) {
        await this.#wire?.run('rollback')
        return
      }
    }
    this.#world.made.set(table, [create])
  }

  /** Whatever others do meanwhile, a transaction whose snapshot does not move sees the same twice. */
  async #snapshot(): Promise<void> {
    const table = this.#choose.pick(this.#world.turns)
    const read = `select count(*), sum(k) from ${table}`
    await this.#ask('begin isolation level repeatable read')
    const before = await this.#ask(read)
    await new Promise((resolve) => setTimeout(resolve, this.#choose.between(0, 200)))
    if (!isError(before)) {
      const after = await this.#ask(read)
      if (isError(after)) {
        if (after.sqlState !== '53200') this.#world.wrong(`${read}: ${after.message}`)
      } else if (JSON.stringify(after) !== JSON.stringify(before)) {
        this.#world.wrong(`${read}: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`)
      }
    }
    await this.#ask('commit')
  }

  async #create(): Promise<void> {
    const table = `${this.#name}_${++this.#made}`
    const rows = this.#choose.between(1, ROWS_MAX)
    const create = `create table ${table} as select k, g, s || 'x' as s from shared where k < ${rows}`
    if (isError(await this.#ask(create))) return
    this.#tables.set(table, { rows, sum: BigInt(sumTo(rows)) })
    this.#world.made.set(table, [create])
  }

  async #insert(): Promise<void> {
    const [table, model] = this.#own()
    const rows = this.#choose.pick([1, 10, 5_000])
    const insert = `insert into ${table} select k, g, s from shared where k < ${rows}`
    if (model.rows + rows > 4 * ROWS_MAX || isError(await this.#ask(insert))) return
    model.rows += rows
    model.sum += BigInt(sumTo(rows))
    this.#world.made.get(table)?.push(insert)
  }

  async #rolledBack(): Promise<void> {
    const [table, { rows, sum }] = this.#own()
    await this.#ask('begin')
    await this.#ask(`insert into ${table} select k, g, s from shared where k < 1000`)
    await this.#expect(
      `select count(*), sum(k) from ${table}`,
      String(rows + 1000),
      String(sum + BigInt(sumTo(1000))),
    )
    await this.#ask('rollback')
  }

  async #readOwn(): Promise<void> {
    const [table, { rows, sum }] = this.#own()
    const of = this.#choose.pick([table, `(select * from ${table} order by s, k) t`])
    await this.#expect(`select count(*), sum(k) from ${of}`, String(rows), String(sum))
  }

  async #drop(): Promise<void> {
    const [table] = this.#own()
    if (isError(await this.#ask(`drop table ${table}`))) return
    this.#tables.delete(table)
    this.#world.made.delete(table)
  }

  async #cancelled(): Promise<void> {
    const wire = this.#wire!
    const timer = setTimeout(() => wire.cancel(), this.#choose.between(1, 300))
    await this.#ended(ENDLESS)
    clearTimeout(timer)
  }

  async #timedOut(): Promise<void> {
    await this.#ask(`set statement_timeout = ${this.#choose.between(1, 300)}`)
    await this.#ended(ENDLESS)
    await this.#ask('set statement_timeout = 0')
  }

  async #ended(text: string): Promise<void> {
    const answer = await this.#ask(text)
    if (!isError(answer)) this.#world.wrong(`${text} ended by itself`)
  }

  async #fails(): Promise<void> {
    const text = 'select 1 / (k - k) from shared'
    const answer = await this.#ask(text)
    if (!isError(answer)) this.#world.wrong(`${text} gave rows`)
  }

  /** Leaves in the middle of whatever is open. */
  async #reconnect(): Promise<void> {
    await this.#ask('begin')
    await this.#wire?.close()
    this.#wire = undefined
  }

  #own(): readonly [string, Model] {
    return this.#choose.pick([...this.#tables])
  }
}

function sumTo(rows: number): string {
  return String((BigInt(rows) * BigInt(rows - 1)) / 2n)
}
