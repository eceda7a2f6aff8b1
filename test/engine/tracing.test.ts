import { afterAll, beforeAll, expect, test } from 'vitest'
import { TraceRecorder, type RecordedSpan } from '../../src/base/trace-recorder.ts'
import type { Trace } from '../../src/base/trace.ts'
import { connect, type Database, type RunningQuery } from '../../src/index.ts'

let now = 0
const recorder = new TraceRecorder({ nowMs: () => now++ })
/** What ran when binding began, and when a fragment did. */
let seenPlanning: readonly RunningQuery[] = []
let seenRunning: readonly RunningQuery[] = []
const trace: Trace = {
  span(name, within) {
    if (name === 'bind') seenPlanning = db.queries()
    if (name === 'fragment') seenRunning = db.queries()
    return recorder.span(name, within)
  },
  count: (name, by) => recorder.count(name, by),
  log: (level, event, fields) => recorder.log(level, event, fields),
}

let db: Database
beforeAll(async () => {
  db = await connect({ threads: 1, trace })
  await db.query('create table t as select * from (values (1), (2)) x(a)')
})
afterAll(() => db.close())

/** The spans that `act` began, each as `name` or `parent/name`, in order. */
async function spansOf(act: () => Promise<unknown>): Promise<readonly RecordedSpan[]> {
  const before = recorder.spans.length
  await act()
  return recorder.spans.slice(before)
}

function pathOf({ name, within }: RecordedSpan): string {
  return within === undefined ? name : `${pathOf(within)}/${name}`
}

test.each([
  ['select a from t', 'parse statement statement/bind statement/plan statement/run fragment'],
  ['select a from t', 'parse statement statement/run fragment'],
  ['explain select 1', 'parse statement statement/bind statement/plan'],
  ['set datestyle to iso', 'parse statement'],
])('%s', async (text, expected) => {
  const spans = await spansOf(() => db.query(text))
  expect(spans.map(pathOf).join(' ')).toBe(expected)
  expect(spans.every(({ endedMs }) => endedMs !== undefined)).toBe(true)
})

test('a dataframe is a statement too', async () => {
  const spans = await spansOf(() => db.table('t').collect())
  expect(spans.map(pathOf)).toContain('statement/run')
  expect(spans.find(({ name }) => name === 'run')?.attributes.get('rows')).toBe(2)
})

test('a failure ends its spans with the error, is counted and told', async () => {
  const errors = recorder.counters.get('errors') ?? 0
  const spans = await spansOf(() => db.query('select nothing from t').catch(() => {}))
  const failed = spans.filter(({ error }) => error !== undefined)
  expect(failed.map(({ name }) => name)).toEqual(['statement', 'bind'])
  expect(failed[0]?.attributes.get('command')).toBe('SELECT')
  expect(recorder.counters.get('errors')).toBe(errors + 1)
  const fields = { command: 'SELECT', code: 'UNDEFINED_COLUMN' }
  expect(recorder.events.at(-1)).toEqual({ level: 'info', event: 'statement failed', fields })
})

test('what runs is listed while it runs, and not afterwards', async () => {
  const text = `select a + 40 as b from t -- ${'x'.repeat(2_000)}`
  await db.query(text)
  expect(seenPlanning).toMatchObject([
    { text: text.slice(0, 1_024), user: 'heddle', door: 'embedded', state: 'planning', rows: 0 },
  ])
  expect(seenRunning).toMatchObject([{ text: text.slice(0, 1_024), state: 'running' }])
  expect(db.queries()).toEqual([])
  await db.query('select broken').catch(() => {})
  expect(db.queries()).toEqual([])
})

test('a recorder drops what it has no room for, and counts it', () => {
  const small = new TraceRecorder({ nowMs: () => 0 }, 2)
  small.span('a').end()
  small.log('debug', 'b', {})
  small.span('c').end()
  expect([small.spans.length, small.events.length, small.dropped]).toEqual([1, 1, 1])
})

test('what is no trace is refused', async () => {
  const broken = { span() {} } as unknown as Trace
  await expect(connect({ threads: 1, trace: broken })).rejects.toThrow('option "trace"')
})
