import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { connect, type Database } from '../../src/index.ts'

/** Large enough to be cut, and small enough to be compared as a whole. */
const ROWS = 40_000

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 2 })
})

afterAll(() => db.close())

/** Columns as they are stored: narrowed, coded, plain, bits, wide, with NULLs. */
const columns: Readonly<Record<string, { readonly type: string; readonly start: string }>> = {
  narrow: { type: 'int', start: 'g % 100' },
  wide: { type: 'int8', start: 'g::int8 * 1000000007' },
  half: { type: 'float8', start: 'g / 2.0' },
  single: { type: 'float4', start: 'g % 7' },
  flag: { type: 'boolean', start: 'g % 3 = 0' },
  coded: { type: 'text', start: "'c' || g % 50" },
  plain: { type: 'text', start: "'p' || g" },
  exact: { type: 'numeric', start: 'g * 1.25' },
  cents: { type: 'numeric(20, 2)', start: 'g * 0.01' },
  gap: { type: 'interval', start: "g * interval '1 hour'" },
  few: { type: 'int', start: 'case when g % 5 > 0 then g end' },
}

/** Values that fit what is there, that widen it, that are new to a dictionary, and NULL. */
const assigned: Readonly<Record<string, readonly string[]>> = {
  narrow: ['narrow + 1', 'k * 1000', 'null', '-5'],
  wide: ['wide / 2', '0', '9223372036854775807', 'null'],
  half: ['half * 2', "'nan'", 'null'],
  single: ['single + 0.5', 'null'],
  flag: ['not flag', 'null', 'k % 2 = 0'],
  coded: ["'c7'", "'new ' || k % 3", "'own ' || k", 'null', "''"],
  plain: ["plain || '!'", "''", 'null', "repeat('long ', 30)"],
  exact: ['exact + 0.001', 'exact * 123456789012345678901234567890.5', 'null'],
  cents: ['cents / 2', '999999999999999999.99', 'null'],
  gap: ["gap + interval '1 month'", 'null'],
  few: ['coalesce(few, 0) + 1', 'null'],
}

const where = fc.oneof(
  fc.nat(ROWS).map((key) => `k = ${key}`),
  fc.tuple(fc.nat(ROWS), fc.constantFrom(1, 600, 30_000)).map(([from, rows]) => {
    return `k between ${from} and ${from + rows}`
  }),
  fc.constantFrom(2, 7, 1_000).map((modulus) => `k % ${modulus} = 1`),
  fc.constant('flag'),
)

const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.uniqueArray(fc.constantFrom(...Object.keys(columns)), { minLength: 1, maxLength: 3 }),
        where,
        fc.nat(20),
      )
      .map(([names, condition, choice]) => {
        const sets = names.map(
          (name) => `${name} = ${assigned[name]![choice % assigned[name]!.length]!}`,
        )
        return `update t set ${sets.join(', ')} where ${condition}`
      }),
  },
  { weight: 2, arbitrary: where.map((condition) => `delete from t where ${condition}`) },
  {
    weight: 1,
    arbitrary: fc.nat(1_000).map((at) => {
      const values = Object.values(columns)
        .map(({ start }) => start)
        .join(', ')
      return `insert into t select g, ${values} from generate_series(${ROWS + at * 100}, ${ROWS + at * 100 + 99}) g`
    }),
  },
)

/**
 * The same changes as queries: a table is made anew of what each leaves, so that nothing is changed in its place.
 */
async function madeAnew(sql: string): Promise<void> {
  const all = ['k', ...Object.keys(columns)]
  const update = /^update t set (?<sets>.*) where (?<condition>.*)$/.exec(sql)?.groups
  const removed = /^delete from t where (?<condition>.*)$/.exec(sql)?.groups
  if (update !== undefined) {
    const sets = new Map(
      update['sets']!.split(/, (?=\w+ = )/).map((set) => {
        const at = set.indexOf(' = ')
        return [set.slice(0, at), set.slice(at + 3)] as const
      }),
    )
    const list = all.map((name) => {
      const value = sets.get(name)
      if (value === undefined) return name
      const { type } = columns[name]!
      return `case when ${update['condition']} then cast(${value} as ${type}) else ${name} end as ${name}`
    })
    await db.query(`create table next as select ${list.join(', ')} from u`)
  } else if (removed !== undefined) {
    const left = `(${removed['condition']}) is not true`
    await db.query(`create table next as select * from u where ${left}`)
  } else {
    const rows = sql.replace('insert into t ', '')
    await db.query(`create table next as select * from u union all ${rows}`)
  }
  await db.query('drop table u')
  await db.query('create table u as select * from next')
  await db.query('drop table next')
}

test('what changes in its place is what making the table anew gives', async () => {
  const names = Object.keys(columns)
  const declared = names.map((name) => `${name} ${columns[name]!.type}`).join(', ')
  const start = names.map((name) => columns[name]!.start).join(', ')
  await db.query(`create table start (k int, ${declared})`)
  await db.query(`insert into start select g, ${start} from generate_series(0, ${ROWS - 1}) g`)
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 3, maxLength: 8 }), async (changes) => {
      await db.query(`create table t (k int, ${declared})`)
      await db.query('insert into t select * from start')
      await db.query('create table u as select * from start')
      try {
        for (const sql of changes) {
          await db.query(sql)
          await madeAnew(sql)
        }
        for (const pair of ['t except select * from u', 'u except select * from t']) {
          expect((await db.query(`select * from ${pair} limit 3`)).rows()).toEqual([])
        }
        const counted = 'select count(*)::int as n, count(distinct k)::int as k from'
        expect((await db.query(`${counted} t`)).rows()).toEqual(
          (await db.query(`${counted} u`)).rows(),
        )
        // Bounds and order of chunks are what scans leave rows out by.
        for (const condition of ['k = 777', 'narrow > 50000', 'few is null', "coded = 'c7'"]) {
          const many = `select count(*)::int as n from`
          expect((await db.query(`${many} t where ${condition}`)).rows()).toEqual(
            (await db.query(`${many} u where ${condition}`)).rows(),
          )
        }
      } finally {
        await db.query('drop table t')
        await db.query('drop table u')
      }
    }),
    { numRuns: 12 },
  )
}, 120_000)

test('changes of rows here and there give back what they no longer need', async () => {
  await db.query('create table busy (k int, v int, s text)')
  await db.query(`insert into busy select g, 0, 'text ' || g from generate_series(1, 50000) g`)
  const { heap } = db.engine
  const change = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at++) {
      const key = ((at * 7_919) % 50_000) + 1
      await db.query(`update busy set v = v + 1, s = s || '!' where k = ${key}`)
      if (at % 3 === 0)
        await db.query(`delete from busy where k = ${((at * 104_729) % 50_000) + 1}`)
    }
  }
  await change(0, 40)
  const before = heap.bytesInUse
  await change(40, 120)
  expect(heap.bytesInUse).toBeLessThan(before + 8 * 1_048_576)
  await db.query('drop table busy')
})

test('changes that others leave no memory for wait for their turn, and each counts once', async () => {
  const [sessions, rounds, rows] = [30, 4, 400]
  const engine = await Engine.start({ threads: 2, memoryBytesMax: 24 * 1_048_576 })
  const all = Array.from({ length: sessions }, () => new Session(engine))
  try {
    const [first] = all
    await first!.query('create table shared (id int primary key, n int)')
    await first!.query(
      `insert into shared select g, 0 from generate_series(1, ${sessions * rows}) g`,
    )
    let done = 0
    const run = async (session: Session, at: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        try {
          const from = at * rows
          await session.query(
            `update shared set n = n + 1 where id between ${from + 1} and ${from + rows}`,
          )
          done++
        } catch (error) {
          expect(error).toMatchObject({ code: 'OUT_OF_MEMORY' })
        }
      }
    }
    await Promise.all(all.map(run))
    expect((await first!.query('select sum(n) from shared')).texts()).toEqual([[`${done * rows}`]])
    expect(done).toBeGreaterThan((sessions * rounds) / 2)
  } finally {
    for (const session of all) session.close()
    await engine.close()
  }
})
