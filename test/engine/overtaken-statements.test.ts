import { afterAll, beforeAll, expect, test } from 'vitest'
import { TraceRecorder } from '../../src/base/trace-recorder.ts'
import { connect, type Database, type Session } from '../../src/index.ts'
import { OvertakenStatements } from '../../src/engine/process/overtaken-statements.ts'

const SESSIONS = 24
const recorder = new TraceRecorder({ nowMs: () => 0 })
let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1, trace: recorder })
})
afterAll(() => db.close())

function sessions(): readonly Session[] {
  return Array.from({ length: SESSIONS }, () => db.session())
}

test('changes of one table that come at once run about twice each', async () => {
  await db.query('create table t as select g as id, 0 as n from generate_series(1, 1000) g')
  const bindings = (): number => recorder.spans.filter(({ name }) => name === 'bind').length
  const before = bindings()
  await Promise.all(
    sessions().map((session, at) =>
      session.query(
        at % 2 === 0
          ? `update t set n = n + 1 where id < ${at + 2}`
          : `merge into t using (values (1)) v on id < ${at + 2} when matched then update set n = n + 1`,
      ),
    ),
  )
  expect(bindings() - before).toBeLessThan(4 * SESSIONS)
  const { sum } = (await db.query('select sum(n) from t')).rows()[0]!
  expect(sum).toBe(BigInt((SESSIONS * (SESSIONS + 1)) / 2))
})

test('who waits for a turn is cancelled and times out as who runs', async () => {
  const overtaken = new OvertakenStatements()
  const turn = await overtaken.turn('t', {})
  const abort = new AbortController()
  const cancelled = overtaken.turn('t', { signal: abort.signal })
  const late = overtaken.turn('t', { timeoutMs: 1 })
  const third = overtaken.turn('t', {})
  await expect(late).rejects.toThrow('canceling statement due to statement timeout')
  abort.abort()
  await expect(cancelled).rejects.toThrow('canceling statement')
  turn.end()
  const next = await third
  next.end()
})

test('nobody begins while one is let through that was overtaken in its turn', async () => {
  const overtaken = new OvertakenStatements()
  expect(overtaken.isHeld('t')).toBe(false)
  const turn = await overtaken.turn('t', {})
  expect(overtaken.isHeld('t')).toBe(false)
  turn.hold()
  expect(overtaken.isHeld('t')).toBe(true)
  expect(overtaken.isHeld('other')).toBe(false)
  const waiting = overtaken.turn('t', {})
  turn.end()
  const next = await waiting
  expect(overtaken.isHeld('t')).toBe(false)
  next.end()
})
