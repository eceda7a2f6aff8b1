import * as fc from 'fast-check'
import * as arrow from 'apache-arrow'
import { expect, test, vi } from 'vitest'
import type { Address } from '../../src/data/arenas/address.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { QueryError } from '../../src/base/errors.ts'
import type { QueryResult } from '../../src/engine/results/result.ts'
import type { Session } from '../../src/engine/session.ts'
import { connect, type Database } from '../../src/index.ts'

const MIB = 1_048_576
const SESSIONS = 3
const TABLES = ['a', 'b', 'c'] as const
type TableName = (typeof TABLES)[number]

/** What a table holds, as the model knows it. */
interface Content {
  readonly rows: bigint
  readonly sum: bigint
}

type Tables = Map<TableName, Content>
type Change = (tables: Tables) => void

/** Numbers from 0 on, too wide to be narrowed: 8 bytes a row. */
function wide(rows: number): string {
  return `select (a.n * 1000 + b.n)::int8 * 10000000000 as k from digits a, digits b
    where a.n * 1000 + b.n < ${rows}`
}

/** A thousand million rows looked at and a million kept: however busy the machine, a cancel comes first. */
const LONG = `select (a.n * 7 + b.n * 3 + c.n)::int8 * 10000000000 as k
  from digits a, digits b, digits c where (a.n * 7 + b.n * 3 + c.n) % 1000 = 5`

function contentOf(count: number): Content {
  const rows = BigInt(count)
  return { rows, sum: ((rows * (rows - 1n)) / 2n) * 10_000_000_000n }
}

interface Client {
  readonly session: Session
  /** Undefined outside a transaction. */
  snapshot: Tables | undefined
  changes: Change[]
  hasFailed: boolean
  result: { readonly open: QueryResult; readonly sum: bigint } | undefined
}

/** The engine beside a model of what each session must see. */
class Simulation {
  readonly db: Database
  readonly clients: readonly Client[]
  readonly emptyBytes: number
  committed: Tables = new Map()

  constructor(db: Database) {
    this.db = db
    this.clients = Array.from({ length: SESSIONS }, () => ({
      session: db.session(),
      snapshot: undefined,
      changes: [],
      hasFailed: false,
      result: undefined,
    }))
    this.emptyBytes = db.engine.heap.bytesInUse
  }

  tablesOf(client: Client): Tables {
    return client.snapshot ?? this.committed
  }

  /** Of the level whose snapshot does not move, which its first query takes. */
  async begin(client: Client): Promise<void> {
    await this.#run(client, 'begin isolation level repeatable read', () => {
      client.snapshot ??= new Map(this.committed)
    })
    await this.#run(client, 'select 1', () => {})
  }

  async end(client: Client, how: 'commit' | 'rollback'): Promise<void> {
    const { snapshot, changes, hasFailed } = client
    client.snapshot = undefined
    client.changes = []
    client.hasFailed = false
    try {
      await client.session.query(how)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      return
    }
    if (snapshot === undefined || hasFailed || how === 'rollback') return
    for (const change of changes) change(this.committed)
  }

  change(client: Client, text: string, change: Change): Promise<void> {
    return this.#run(client, text, () => {
      change(this.tablesOf(client))
      if (client.snapshot !== undefined) client.changes.push(change)
    })
  }

  async read(client: Client, name: TableName): Promise<void> {
    const expected = this.tablesOf(client).get(name)
    await this.#run(client, `select count(*), sum(k) from ${name}`, (result) => {
      expect(result.values()[0]!.map(String)).toEqual([`${expected?.rows}`, `${expected?.sum}`])
    })
  }

  async open(client: Client, name: TableName): Promise<void> {
    this.close(client)
    const sum = this.tablesOf(client).get(name)?.sum ?? 0n
    await this.#run(client, `select k from ${name}`, (open) => {
      client.result = { open, sum }
    })
  }

  close(client: Client): void {
    const { result } = client
    client.result = undefined
    if (result === undefined) return
    const total = result.open.scalars(0).reduce<bigint>((sum, k) => sum + BigInt(`${k}`), 0n)
    expect(total).toBe(result.sum)
    result.open.release()
  }

  /** A statement is stopped, at once or after it began. */
  async cancel(client: Client, text: string): Promise<void> {
    const abort = new AbortController()
    const running = client.session.query(text, [], { signal: abort.signal })
    setImmediate(() => abort.abort())
    const code = client.hasFailed ? 'FAILED_TRANSACTION' : 'QUERY_CANCELED'
    await expect(running).rejects.toMatchObject({ code })
    if (client.snapshot !== undefined) client.hasFailed = true
  }

  /** A statement that must fail. */
  async fail(client: Client, text: string): Promise<void> {
    await expect(client.session.query(text)).rejects.toThrow(QueryError)
    if (client.snapshot !== undefined) client.hasFailed = true
  }

  /** One session reads while another drops what is read. */
  async race(client: Client, other: Client, name: TableName): Promise<void> {
    const reading = this.read(client, name)
    await this.change(other, `drop table ${name}`, (tables) => tables.delete(name))
    await reading
  }

  async quiet(): Promise<void> {
    for (const client of this.clients) {
      this.close(client)
      await this.end(client, 'rollback')
      client.session.close()
    }
    expect(this.db.engine.catalog.rootsHeld).toBe(1)
    const { query, result, reader } = this.db.engine.heap.usage
    expect({ query, result, reader }).toEqual({ query: 0, result: 0, reader: 0 })
  }

  /** Any error of the query's, a refusal for lack of memory among them, only fails the transaction. */
  async #run(client: Client, text: string, then: (result: QueryResult) => void): Promise<void> {
    let result: QueryResult
    try {
      result = await client.session.query(text)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      if (client.snapshot !== undefined) client.hasFailed = true
      return
    }
    then(result)
  }
}

const who = fc.nat(SESSIONS - 1)
const table = fc.constantFrom(...TABLES)
const rows = fc.constantFrom(1, 100, 5_000, 40_000, 120_000)
const commands = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('begin', 'commit', 'rollback', 'close'), who }),
    fc.record({ kind: fc.constantFrom('read', 'drop', 'open', 'race', 'fail'), who, table }),
    fc.record({ kind: fc.constantFrom('create', 'insert', 'cancel', 'exhaust'), who, table, rows }),
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
)
type Command = (typeof commands extends fc.Arbitrary<infer T> ? T : never)[number]

async function perform(simulation: Simulation, command: Command): Promise<void> {
  const client = simulation.clients[command.who]!
  if (!('table' in command)) {
    if (command.kind === 'begin') return simulation.begin(client)
    if (command.kind === 'close') return simulation.close(client)
    return simulation.end(client, command.kind as 'commit' | 'rollback')
  }
  const { kind, table: name } = command
  const many = 'rows' in command ? command.rows : 0
  const content = contentOf(many)
  switch (kind) {
    case 'read':
      return simulation.read(client, name)
    case 'open':
      return simulation.open(client, name)
    case 'drop':
      return simulation.change(client, `drop table ${name}`, (tables) => tables.delete(name))
    case 'race':
      return simulation.race(client, simulation.clients[(command.who + 1) % SESSIONS]!, name)
    case 'fail':
      return simulation.fail(client, `create table ${name} as select 1 / n as k from digits`)
    case 'create':
      return simulation.change(client, `create table ${name} as ${wide(many)}`, (tables) => {
        tables.set(name, content)
      })
    case 'insert':
      return simulation.change(client, `insert into ${name} ${wide(many)}`, (tables) => {
        const before = tables.get(name) ?? contentOf(0)
        tables.set(name, { rows: before.rows + content.rows, sum: before.sum + content.sum })
      })
    case 'cancel':
      return simulation.cancel(client, `create table x as ${LONG}`)
    default:
      return simulation.fail(client, `create table x as ${exhausting(1_000)}`)
  }
}

async function withDigits(memoryBytesMax: number): Promise<Database> {
  const db = await connect({ threads: 2, memoryBytesMax })
  const digits = Array.from({ length: 1_000 }, (_, n) => `(${n})`)
  await db.query(`create table digits as select n from (values ${digits.join()}) v (n)`)
  return db
}

/** More than there is memory for, and nothing that could be divided or kept in a file. */
function exhausting(rows: number): string {
  return `select array_agg(a.k) as k from (${wide(1e6)}) a, digits c where c.n < ${rows}`
}

/** Takes a part of all memory in pieces as large as a chunk's columns, and gives it back. */
function fillsPart({ engine: { heap } }: Database, part: number): void {
  const pieceBytes = Math.min(MIB, Math.floor(heap.bytesMax / 128))
  const pieces: Address[] = []
  while (heap.bytesInUse < heap.bytesMax * part) pieces.push(heap.allocate(pieceBytes))
  for (const piece of pieces) heap.free(piece)
}

test(
  'any mix of sessions reads what it should and leaves nothing but its tables',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const db = await withDigits(40 * MIB)
        try {
          const simulation = new Simulation(db)
          for (const step of steps) await perform(simulation, step)
          await simulation.quiet()
          for (const name of simulation.committed.keys()) await db.query(`drop table ${name}`)
          expect(db.engine.heap.bytesInUse).toBe(simulation.emptyBytes)
          fillsPart(db, 0.9)
          expect(db.engine.heap.bytesInUse).toBe(simulation.emptyBytes)
        } finally {
          await db.close()
        }
        db.engine.heap.inspect()
      }),
      { numRuns: 5 },
    )
  },
)

test(
  'after a query that hit the limit, tables can be made as before',
  { timeout: 300_000 },
  async () => {
    const db = await withDigits(512 * MIB)
    const before = db.engine.heap.bytesInUse
    const failing = db.query(`create table x as ${exhausting(200)}`)
    await expect(failing).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' })
    expect(db.engine.heap.bytesInUse).toBe(before)
    await db.query(`create table y as select a.* from (${wide(1e6)}) a, digits c where c.n < 6`)
    expect(db.engine.heap.bytesInUse - before).toBeGreaterThanOrEqual(48_000_000)
    await db.query('drop table y')
    fillsPart(db, 0.9)
    expect(db.engine.heap.bytesInUse).toBe(before)
    await db.close()
  },
)

test('a small result becomes an Arrow table without memory of the engine', async () => {
  const db = await withDigits(64 * MIB)
  const small = await db.query("select n, 'text ' || n t, n::numeric / 3 q from digits where n < 3")
  const large = await db.query('select n a, n + 1 b, n + 2 c, n + 3 d, n + 4 e from digits')
  const made = vi.spyOn(Heap, 'createMemory')
  const tables = [small, large].map((result) => result.toArrow())
  const streams = [small, large].map((result) => arrow.tableFromIPC(result.toIpc()))
  large.release()
  await db.close()
  for (const [first, second] of [tables, streams]) {
    expect([first!.numRows, second!.numRows]).toEqual([3, 1_000])
    expect(first!.toArray().map((row) => row.t)).toEqual(['text 0', 'text 1', 'text 2'])
    expect(second!.get(999)!['e']).toBe(1_003)
  }
  expect(small.toArrow().numRows).toBe(3)
  expect(made).not.toHaveBeenCalled()
  made.mockRestore()
})

test('a table takes memory by what it holds', async () => {
  const db = await withDigits(256 * MIB)
  const { heap } = db.engine
  const taken = async (text: string): Promise<readonly [number, number]> => {
    const before = heap.bytesInUse
    heap.resetPeak()
    await db.query(text)
    return [heap.bytesInUse - before, heap.bytesPeak - before]
  }
  const [small] = await taken("create table one as select 1 as a, 'text' as b, 2.5 as c")
  expect(small).toBeLessThan(8_192)
  await db.query('create table two (a int, b text, c numeric(10,2))')
  expect((await taken("insert into two values (1, 'text', 2.5)"))[0]).toBeLessThan(8_192)
  for (const expression of ['n + @', "t || '@'"]) {
    const columns = Array.from({ length: 1_600 }, (_, at) => expression.replace('@', String(at)))
    const list = columns.map((text, at) => `${text} as c${at}`).join()
    const values = Array.from({ length: 20 }, (_, n) => `(${n}, 'text ${n}')`).join()
    const [table, peak] = await taken(
      `create table wide as select ${list} from (values ${values}) v (n, t)`,
    )
    expect(table).toBeLessThan(2 * MIB)
    expect(peak).toBeLessThan(10 * MIB)
    await db.query('drop table wide')
  }
  await db.close()
})
