import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { connect, QueryError, type Database } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
})

afterAll(() => db.close())

type Change =
  | { readonly kind: 'insert'; readonly from: number; readonly rows: number }
  | { readonly kind: 'update' | 'delete'; readonly modulus: number; readonly rest: number }
  | { readonly kind: 'update-from'; readonly keys: readonly number[] }
  | { readonly kind: 'truncate' | 'begin' | 'commit' | 'rollback' | 'savepoint' | 'rollback to' }

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      from: fc.nat(2_000),
      rows: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(1_500)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('update' as const, 'delete' as const),
      modulus: fc.constantFrom(1, 2, 7, 1_000),
      rest: fc.nat(1_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update-from' as const),
      keys: fc.array(fc.nat(2_500), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'truncate' as const,
        'begin' as const,
        'begin' as const,
        'commit' as const,
        'rollback' as const,
        'savepoint' as const,
        'rollback to' as const,
      ),
    }),
  },
)

/** Rows by key, each with how often it was changed. */
type Rows = ReadonlyMap<number, number>

/** What the table has after a change; undefined where the change fails, as a key is there already. */
function changed(rows: Rows, one: Change): Rows | undefined {
  const next = new Map(rows)
  switch (one.kind) {
    case 'insert':
      for (let key = one.from; key < one.from + one.rows; key++) {
        if (next.has(key)) return undefined
        next.set(key, 0)
      }
      return next
    case 'update':
      for (const [key, times] of rows) {
        if (key % one.modulus === one.rest % one.modulus) next.set(key, times + 1)
      }
      return next
    case 'delete':
      for (const key of rows.keys()) {
        if (key % one.modulus === one.rest % one.modulus) next.delete(key)
      }
      return next
    case 'update-from':
      for (const key of new Set(one.keys)) {
        const times = next.get(key)
        if (times !== undefined) next.set(key, times + 1)
      }
      return next
    case 'truncate':
      return new Map()
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'savepoint':
    case 'rollback to':
      return next
  }
}

function sqlOf(one: Change): string {
  switch (one.kind) {
    case 'insert':
      return `insert into t select g, 0 from generate_series(${one.from}, ${one.from + one.rows - 1}) g`
    case 'update':
      return `update t set times = times + 1 where k % ${one.modulus} = ${one.rest % one.modulus}`
    case 'delete':
      return `delete from t where k % ${one.modulus} = ${one.rest % one.modulus}`
    case 'update-from':
      return `update t set times = times + 1 from (values ${one.keys.map((key) => `(${key})`).join(', ')}) v(x) where k = x`
    case 'truncate':
      return 'truncate t'
    case 'savepoint':
    case 'rollback to':
      return `${one.kind} s`
    case 'begin':
    case 'commit':
    case 'rollback':
      return one.kind
  }
}

/** A session's transactions as they should be. */
class Model {
  committed: Rows = new Map()
  own: Rows = new Map()
  hasFailed = false
  #isOpen = false
  #savepoints: Rows[] = []

  /** Does a change; false where it fails. */
  run(one: Change): boolean {
    switch (one.kind) {
      case 'begin':
        if (this.hasFailed) return false
        this.#isOpen = true
        return true
      case 'commit':
      case 'rollback':
        if (this.#isOpen && (one.kind === 'rollback' || this.hasFailed)) this.own = this.committed
        this.committed = this.own
        this.#isOpen = false
        this.hasFailed = false
        this.#savepoints = []
        return true
      case 'savepoint':
        if (!this.#isOpen || this.hasFailed) return this.#fails()
        this.#savepoints.push(this.own)
        return true
      case 'rollback to': {
        const rows = this.#savepoints.at(-1)
        if (rows === undefined) return this.#fails()
        this.own = rows
        this.hasFailed = false
        return true
      }
      case 'insert':
      case 'update':
      case 'delete':
      case 'update-from':
      case 'truncate': {
        const next = this.hasFailed ? undefined : changed(this.own, one)
        if (next === undefined) return this.#fails()
        this.own = next
        if (!this.#isOpen) this.committed = next
        return true
      }
    }
  }

  #fails(): false {
    this.hasFailed = this.#isOpen
    return false
  }
}

test('a table has the rows that its changes leave, in transactions and out of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 16 }), async (changes) => {
      const session = db.session()
      await session.query('create temporary table t (k int primary key, times int)')
      const model = new Model()
      for (const one of changes) {
        const run = session.query(sqlOf(one))
        if (!model.run(one)) {
          await expect(run, JSON.stringify(changes)).rejects.toThrow(QueryError)
          continue
        }
        await run
        if (model.hasFailed) continue
        const { rows } = await rowsIn(session)
        const expected = [...model.own].toSorted(([a], [b]) => a - b)
        expect(rows, JSON.stringify(changes)).toEqual(expected)
      }
      session.close()
    }),
    { numRuns: 25 },
  )
})

async function rowsIn(session: ReturnType<Database['session']>): Promise<{ rows: unknown[] }> {
  const result = await session.query('select k, times from t order by k')
  return { rows: result.rows().map(({ k, times }) => [k, times]) }
}

describe('statements of several sessions at once', () => {
  test('each update of a row is done once, or refused', async () => {
    await db.query('create table counters as select g as k, 0 as n from generate_series(1, 50) g')
    const sessions = Array.from({ length: 6 }, () => db.session())
    let done = 0
    await Promise.all(
      sessions.map(async (session, index) => {
        for (let round = 0; round < 15; round++) {
          const key = ((index + round) % 3) + 1
          try {
            await session.query(`update counters set n = n + 1 where k = ${key}`)
            done++
          } catch (error) {
            if (!(error instanceof QueryError) || error.code !== 'SERIALIZATION_FAILURE')
              throw error
          }
        }
      }),
    )
    for (const session of sessions) session.close()
    const result = await db.query('select sum(n)::int as n, count(*)::int as k from counters')
    expect(result.rows()).toEqual([{ n: done, k: 50 }])
    expect(done).toBeGreaterThan(0)
  })

  test('rows that are added while others change stay, and keys hold between them', async () => {
    await db.query('create table keyed (k int primary key, v text)')
    await db.query(`insert into keyed select g, 'old' from generate_series(1, 100) g`)
    const [changer, adder] = [db.session(), db.session()]
    await changer.query('begin')
    await changer.query(`update keyed set v = 'new' where k <= 50`)
    await changer.query('update keyed set k = 200 where k = 100')
    await adder.query(`insert into keyed values (101, 'added')`)
    await changer.query('commit')
    await changer.query('begin')
    await changer.query('update keyed set k = 300 where k = 1')
    await adder.query(`insert into keyed values (300, 'added')`)
    await expect(changer.query('commit')).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    const result = await db.query(
      'select v, count(*)::int as n, max(k) as k from keyed group by v order by v',
    )
    expect(result.rows()).toEqual([
      { v: 'added', n: 2, k: 300 },
      { v: 'new', n: 50, k: 50 },
      { v: 'old', n: 50, k: 200 },
    ])
    changer.close()
    adder.close()
  })

  test('of two transactions that change one row the later to commit fails', async () => {
    await db.query('create table one (k int, v int)')
    await db.query('insert into one values (1, 0)')
    const [first, second] = [db.session(), db.session()]
    for (const session of [first, second]) {
      await session.query('begin')
      await session.query('update one set v = v + 1')
    }
    await first.query('commit')
    await expect(second.query('commit')).rejects.toMatchObject({ code: 'SERIALIZATION_FAILURE' })
    expect((await db.query('select v from one')).rows()).toEqual([{ v: 1 }])
    first.close()
    second.close()
  })
})
