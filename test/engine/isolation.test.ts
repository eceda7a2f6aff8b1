import { afterAll, beforeAll, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { connect, type Database, type Session } from '../../src/index.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
})

afterAll(() => db.close())

test('rows that a later statement of their transaction took away are there until it ends', async () => {
  // What freed memory is filled with, as a key.
  const freed = -606_348_325
  const [own, other] = [db.session(), db.session()]
  for (const end of [
    'drop table brief',
    'delete from brief where id > 1000000',
    'truncate brief',
  ]) {
    await own.query('drop table if exists brief')
    await own.query('create table brief (id int primary key)')
    await own.query('begin')
    await own.query('insert into brief select 1000000 + i from generate_series(1, 5000) i')
    await own.query(end)
    // Its memory is used again where it is not held.
    await own.query('select count(distinct i) from generate_series(1, 50000) i')
    await other.query(`insert into brief values (${freed})`)
    await own.query('commit')
  }
  for (const session of [own, other]) session.close()
})

const SESSIONS = 3
const levels = ['read committed', 'repeatable read', 'serializable'] as const

type Level = (typeof levels)[number]
type Action =
  | { readonly kind: 'begin'; readonly level: Level }
  | { readonly kind: 'keyed' | 'plain'; readonly value: number }
  | { readonly kind: 'read' | 'commit' | 'rollback' }
type Step = Action & { readonly session: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      level: fc.constantFrom(...levels),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('keyed' as const, 'plain' as const),
      value: fc.nat(12),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'commit' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const) }) },
)

const step: fc.Arbitrary<Step> = fc
  .tuple(action, fc.nat(SESSIONS - 1))
  .map(([one, session]) => ({ ...one, session }))

interface Rows {
  readonly keyed: readonly number[]
  readonly plain: readonly number[]
}

interface Open {
  readonly level: Level
  /** What it read at its first query; READ COMMITTED reads anew. */
  snapshot: Rows | undefined
  /** How often others had committed then. */
  version: number
  own: Rows
  failed: boolean
}

/** The states that are allowed, with rows as lists of numbers. */
class Model {
  committed: Rows = { keyed: [], plain: [] }
  version = 0
  readonly open: (Open | undefined)[] = Array.from({ length: SESSIONS })

  /** What the step gives: its rows, or the SQLSTATE that it fails with. */
  run(step: Step): Rows | string | undefined {
    const open = this.open[step.session]
    if (step.kind === 'begin') {
      if (open !== undefined) return open.failed ? '25P02' : undefined
      const { level } = step
      const own = { keyed: [], plain: [] }
      this.open[step.session] = { level, snapshot: undefined, version: 0, own, failed: false }
      return undefined
    }
    if (step.kind === 'rollback' || step.kind === 'commit') {
      this.open[step.session] = undefined
      if (open === undefined || open.failed || step.kind === 'rollback') return undefined
      return this.#commit(open)
    }
    const outcome = open === undefined ? this.#alone(step) : this.#inside(step, open)
    if (open !== undefined && typeof outcome === 'string') open.failed = true
    return outcome
  }

  #alone(step: Step): Rows | string | undefined {
    if (!('value' in step)) return this.committed
    if (step.kind === 'keyed' && this.committed.keyed.includes(step.value)) return '23505'
    this.#add({ keyed: [], plain: [], [step.kind]: [step.value] })
    return undefined
  }

  #inside(step: Step, open: Open): Rows | string | undefined {
    if (open.failed) return '25P02'
    if (open.snapshot === undefined || open.level === 'read committed') {
      open.snapshot = this.committed
      open.version = this.version
    }
    const { own, snapshot } = open
    if (own.keyed.some((key) => snapshot.keyed.includes(key))) return '23505'
    if (!('value' in step)) return together(snapshot, own)
    const taken = [...own.keyed, ...this.committed.keyed].includes(step.value)
    if (step.kind === 'keyed' && taken) return '23505'
    open.own = together(own, { keyed: [], plain: [], [step.kind]: [step.value] })
    return undefined
  }

  #commit({ own, level, version }: Open): string | undefined {
    if (own.keyed.length + own.plain.length === 0) return undefined
    if (level === 'serializable' && version !== this.version) return '40001'
    if (own.keyed.some((key) => this.committed.keyed.includes(key))) return '23505'
    this.#add(own)
    return undefined
  }

  #add(rows: Rows): void {
    this.committed = together(this.committed, rows)
    this.version++
  }
}

function together(left: Rows, right: Rows): Rows {
  const sorted = (a: readonly number[], b: readonly number[]): number[] =>
    [...a, ...b].toSorted((x, y) => x - y)
  return { keyed: sorted(left.keyed, right.keyed), plain: sorted(left.plain, right.plain) }
}

async function rows(session: Session): Promise<Rows> {
  const text = `select 'k', v from keyed union all select 'p', v from plain order by 1, 2`
  const values = (await session.query(text)).values()
  const of = (letter: string): number[] =>
    values.filter(([table]) => table === letter).map(([, value]) => Number(value))
  return { keyed: of('k'), plain: of('p') }
}

async function run(session: Session, step: Step): Promise<Rows | undefined> {
  switch (step.kind) {
    case 'begin':
      await session.query(`begin isolation level ${step.level}`)
      return undefined
    case 'read':
      return rows(session)
    case 'keyed':
    case 'plain':
      await session.query(`insert into ${step.kind} values (${step.value})`)
      return undefined
    default:
      await session.query(step.kind)
      return undefined
  }
}

async function outcome(session: Session, step: Step): Promise<Rows | string | undefined> {
  try {
    return await run(session, step)
  } catch (error) {
    return (error as { sqlState?: string }).sqlState ?? String(error)
  }
}

async function withSessions(use: (sessions: readonly Session[]) => Promise<void>): Promise<void> {
  await db.query('create table keyed (v int primary key)')
  await db.query('create table plain (v int)')
  const sessions = Array.from({ length: SESSIONS }, () => db.session())
  try {
    await use(sessions)
  } finally {
    for (const session of sessions) session.close()
    await db.query('drop table keyed, plain')
    expect(db.engine.catalog.rootsHeld).toBe(1)
  }
}

test('sessions at every level do what a model of them does', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), (steps) =>
      withSessions(async (sessions) => {
        const model = new Model()
        for (const [at, one] of steps.entries()) {
          // A second BEGIN changes the modes of the transaction, which has tests of its own.
          if (one.kind === 'begin' && model.open[one.session] !== undefined) continue
          const wanted = model.run(one)
          const session = sessions[one.session]!
          expect(await outcome(session, one), `step ${at}: ${JSON.stringify(one)}`).toEqual(wanted)
        }
      }),
    ),
    { numRuns: 60 },
  )
})

test('of sessions that run at once no row is lost or doubled', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }), {
        minLength: 6,
        maxLength: 24,
      }),
      (transactions) =>
        withSessions(async (sessions) => {
          const committed: number[] = []
          const queue = [...transactions]
          await Promise.all(
            sessions.map(async (session, s) => {
              for (let own = queue.shift(); own !== undefined; own = queue.shift()) {
                await session.query(`begin isolation level ${levels[s % 2]!}`)
                const outcomes: unknown[] = []
                for (const value of own) {
                  const keyed = { kind: 'keyed', value, session: s } as const
                  outcomes.push(await outcome(session, keyed))
                  outcomes.push(await outcome(session, { ...keyed, kind: 'plain' }))
                }
                outcomes.push(await outcome(session, { kind: 'commit', session: s }))
                const codes = outcomes.filter((code) => code !== undefined)
                expect(codes.filter((code) => code !== '23505' && code !== '25P02')).toEqual([])
                if (codes.length === 0) committed.push(...own)
              }
            }),
          )
          const wanted = committed.toSorted((a, b) => a - b)
          expect(await rows(sessions[0]!)).toEqual({ keyed: wanted, plain: wanted })
          expect(new Set(wanted).size).toBe(wanted.length)
        }),
    ),
    { numRuns: 30 },
  )
})
