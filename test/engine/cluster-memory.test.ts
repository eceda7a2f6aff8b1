import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

const MIB = 1_048_576
const MEMORY = 64 * MIB
const WORKERS = 2

let db: Database

beforeAll(async () => {
  db = await connect({
    memoryBytesMax: MEMORY,
    cluster: { workers: WORKERS, threadsPerWorker: 1, heartbeatTimeoutMs: 5_000 },
  })
  const digits = Array.from({ length: 100 }, (_, n) => `(${n})`).join(', ')
  await db.query(`create table digits as select * from (values ${digits}) v (n)`)
}, 60_000)

afterAll(() => db.close())

test('all heaps of the engine together are what it was given', () => {
  const { heap, workerProcesses } = db.engine
  expect(workerProcesses).toHaveLength(WORKERS)
  const heaps = [heap, ...workerProcesses.map((worker) => ({ bytesMax: worker.memoryBytesMax }))]
  const total = heaps.reduce((sum, { bytesMax }) => sum + bytesMax, 0)
  expect(total).toBeLessThanOrEqual(MEMORY)
  // What a heap needs for itself is a part of its share.
  expect(total).toBeGreaterThan(MEMORY * 0.98)
})

test('a worker that is out of memory says whose memory, and how much that is', async () => {
  const before = db.engine.heap.bytesInUse
  const [worker] = db.engine.workerProcesses
  // Groups of a million texts do not fit 16 MiB, nor does their half.
  const exhausting = `select count(*) from (select max(a.n) from digits a, digits b, digits c
    group by repeat('x', 50) || (a.n * 10000 + b.n * 100 + c.n)) g`
  await expect(db.query(exhausting)).rejects.toMatchObject({
    code: 'OUT_OF_MEMORY',
    details: {
      detail: expect.stringContaining(`of ${worker!.memoryBytesMax} bytes are in use`) as string,
      hint: expect.stringContaining(`This worker has ${16 * MIB} bytes`) as string,
    },
  })
  const after = await db.query('select sum(a.n) as s from digits a, digits b')
  expect(after.values()).toEqual([[495_000n]])
  after.release()
  expect(db.engine.heap.bytesInUse).toBe(before)
})

test('tables are with the process that was asked, in its files where its memory has no room', async () => {
  const { heap } = db.engine
  const wide = `select repeat('y', 60) || (a.n * 10000 + b.n * 100 + c.n) as t
    from digits a, digits b, digits c where c.n < 4`
  const before = heap.bytesInUse
  const tables = Array.from({ length: MEMORY / 2 / 2_500_000 }, (_, n) => `kept${n}`)
  for (const name of tables) await db.query(`create table ${name} as ${wide}`)
  expect(heap.usage.table).toBeLessThan(heap.bytesMax)
  for (const name of tables) {
    expect((await db.query(`select count(*), max(length(t)) from ${name}`)).values()).toEqual([
      [40_000n, 66],
    ])
    await db.query(`drop table ${name}`)
  }
  expect(heap.bytesInUse).toBe(before)
})

test('a plan that no message holds is refused; those that together are too much are not', async () => {
  const workers = db.engine.workerProcesses.map(({ processId }) => processId)
  const find = 'select count(*) from digits where n::text = $1'
  await expect(db.query(find, ['1'.repeat(65 * MIB)])).rejects.toMatchObject({
    code: 'PROGRAM_LIMIT_EXCEEDED',
  })
  // No worker was asked, and none lost.
  expect((await db.query(find, ['7'])).values()).toEqual([[1n]])
  expect(db.engine.workerProcesses.map(({ processId }) => processId)).toEqual(workers)
})

test('an error as long as the value that it tells of loses no worker', async () => {
  const workers = db.engine.workerProcesses.map(({ processId }) => processId)
  const bad = "select (repeat('x', 1500000) || n)::int from digits where n = 3"
  await expect(db.query(bad)).rejects.toMatchObject({
    code: 'INVALID_TEXT_REPRESENTATION',
    message: expect.stringMatching(/^invalid input syntax for type integer: "x+…$/) as string,
  })
  expect(db.engine.workerProcesses.map(({ processId }) => processId)).toEqual(workers)
})

test('when nothing runs workers hold nothing of any query', async () => {
  await expect
    .poll(() => db.engine.workerProcesses.map(({ queryBytes }) => queryBytes), { timeout: 30_000 })
    .toEqual([0, 0])
})
