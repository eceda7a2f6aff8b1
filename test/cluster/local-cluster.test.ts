import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { seededRandom } from '../../src/base/world.ts'
import { clusterRunner } from '../../src/cluster/client.ts'
import type { QueryRunner } from '../../src/cluster/in-process-runner.ts'
import { startLocalCluster, type LocalCluster } from '../../src/cluster/local-cluster.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import type { Partitioning, PhysicalPlan, StagedPlan } from '../../src/plan/physical/plan.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { chunkOfEverything } from '../data/arrow/random-chunks.ts'
import { shapedPlan, type StageShape } from './plans.ts'

const entry = new URL('relay-worker.mjs', import.meta.url)
const heap = new Heap(Heap.createMemory(1 << 28))
const arena = new Arena(heap)
let tables = 0

/** Silence has to be waited out, and new processes take their time on a busy machine. */
const LOSS_TIMEOUT_MS = 60_000

function startCluster(workers: number): Promise<LocalCluster> {
  return startLocalCluster({ workers, threadsPerWorker: 1, memoryBytesMax: 1 << 28, entry })
}

function randomChunks(seed: number): readonly Chunk[] {
  const random = seededRandom(seed)
  return Array.from({ length: Math.floor(random.next() * 12) }, () => {
    const rows = Math.floor(random.next() ** 3 * 3_000)
    return chunkOfEverything(arena, random, rows).chunk
  })
}

/** A plan whose stage 0 scans the chunks as a table in memory. */
function scanPlan(chunks: readonly Chunk[], shapes: readonly StageShape[]): StagedPlan {
  const plan = shapedPlan(shapes)
  const scan: PhysicalPlan = {
    kind: 'scan',
    columns: [],
    rows: 0,
    table: {
      kind: 'table',
      schema: 'public',
      name: 't',
      columns: [],
      source: { kind: 'memory', id: `table ${tables++}`, chunks },
      statistics: { rows: 0, exact: true, columns: [] },
    },
    sourceColumns: [],
    filters: [],
  }
  return {
    ...plan,
    stages: plan.stages.map((stage, n) => (n === 0 ? { ...stage, root: scan } : stage)),
  }
}

/** The same with a last stage that only gathers: the client takes the rows from the stage before it. */
function gathering(plan: StagedPlan): StagedPlan {
  const last = plan.stages.at(-1)!
  const root: PhysicalPlan = { kind: 'stage-input', stage: last.inputs[0]!, columns: [], rows: 0 }
  return { ...plan, stages: [...plan.stages.slice(0, -1), { ...last, root }] }
}

/** Chunks as text, in an order of their own: what must not change on the way. */
function contents(chunks: readonly Chunk[]): readonly string[] {
  return chunks
    .map(({ rows, columns }) => {
      const values = columns.map((column) => [
        column.layout,
        ...scalarsOf(heap, column).map(String),
      ])
      return `${rows} ${JSON.stringify(values)}`
    })
    .sort()
}

function shuffled(output: Partitioning, partitions: number): readonly StageShape[] {
  const isSplit = output.kind === 'hash' || output.kind === 'round-robin'
  const consumers = output.kind === 'gather' ? 1 : partitions
  return [
    { partitions, output, outputPartitions: isSplit ? partitions : 1 },
    { partitions: consumers, inputs: [0] },
    { partitions: 1, inputs: [1] },
  ]
}

describe('two worker processes', () => {
  let cluster: LocalCluster
  let runner: QueryRunner

  beforeAll(async () => {
    cluster = await startCluster(2)
    runner = clusterRunner(cluster, { heap, kernels: loadKernels(heap) })
  })

  afterAll(async () => {
    await runner.close()
    await cluster.close()
  })

  const exchanges: readonly Partitioning[] = [
    { kind: 'gather' },
    { kind: 'hash', keys: [] },
    { kind: 'round-robin' },
    { kind: 'broadcast' },
  ]
  for (const output of exchanges) {
    test(`${output.kind}: every row arrives, as often as it should, unchanged`, async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const chunks = randomChunks(seed)
        const partitions = 1 + (seed % 4)
        const inUse = heap.bytesInUse
        const shuffle = scanPlan(chunks, shuffled(output, partitions))
        const plan = seed % 2 === 0 ? shuffle : gathering(shuffle)
        const result = await runner.run(plan, { queryId: `seed ${seed}` })
        const copies = output.kind === 'broadcast' ? partitions : 1
        const expected = Array.from({ length: copies }, () => chunks).flat()
        expect(contents(result.chunks), `seed ${seed}`).toEqual(contents(expected))
        result.release()
        expect(heap.bytesInUse, `seed ${seed}`).toBe(inUse)
      }
    })
  }

  test('a chunk larger than the window of the data connection arrives whole', async () => {
    const { chunk } = chunkOfEverything(arena, seededRandom(7), 30_000)
    const result = await runner.run(scanPlan([chunk], [{ partitions: 1 }]), { queryId: 'large' })
    expect(contents(result.chunks)).toEqual(contents([chunk]))
    result.release()
  })

  test('the error of a fragment is thrown as it was', async () => {
    const plan = scanPlan(randomChunks(3), shuffled({ kind: 'hash', keys: [] }, 2))
    await expect(runner.run(plan, { queryId: 'fail' })).rejects.toMatchObject({
      code: 'DIVISION_BY_ZERO',
      message: 'division by zero',
      details: { file: 'a.csv', row: 3 },
    })
  })

  test('a timeout cancels, and the workers are free for the next query', async () => {
    const plan = scanPlan(randomChunks(4), shuffled({ kind: 'gather' }, 30))
    await expect(runner.run(plan, { queryId: 'hang', timeoutMs: 30 })).rejects.toMatchObject({
      code: 'QUERY_CANCELED',
      message: 'canceling statement due to statement timeout',
    })
    const next = await runner.run(plan, { queryId: 'next' })
    next.release()
  })

  test('one that is canceled while its rows come in does not touch those beside it', async () => {
    const { chunk } = chunkOfEverything(arena, seededRandom(9), 30_000)
    const plan = scanPlan([chunk], [{ partitions: 1 }])
    const inUse = heap.bytesInUse
    const runs = Array.from({ length: 8 }, async (_, n) => {
      const stop = new AbortController()
      const run = runner.run(plan, { queryId: `${n}`, signal: stop.signal })
      const canceled = onArrival(() => n % 2 === 0 && stop.abort())
      const result = await run.finally(canceled)
      expect(result.rows).toBe(30_000)
      result.release()
    })
    const outcomes = await Promise.allSettled(runs)
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue
      expect(outcome.reason).toMatchObject({ code: 'QUERY_CANCELED' })
    }
    expect(outcomes.filter((_, n) => n % 2 === 1).map(({ status }) => status)).toEqual(
      Array(4).fill('fulfilled'),
    )
    expect(heap.bytesInUse).toBe(inUse)
  })

  test('queries run side by side', async () => {
    const runs = Array.from({ length: 12 }, async (_, n) => {
      const chunks = randomChunks(20 + n)
      const plan = scanPlan(chunks, shuffled({ kind: 'hash', keys: [] }, 3))
      const result = await runner.run(plan, { queryId: `${n}` })
      expect(contents(result.chunks)).toEqual(contents(chunks))
      result.release()
    })
    await Promise.all(runs)
  })

  test('nobody gets in without the token', async () => {
    const [worker] = cluster.workers.values()
    for (const authorization of [undefined, 'Bearer wrong', `Bearer ${'0'.repeat(64)}`]) {
      const headers = authorization === undefined ? {} : { authorization }
      const socket = new WebSocket(`ws://127.0.0.1:${worker!.address.port}/data`, { headers })
      const message = await new Promise((resolve) => {
        socket.once('open', () => resolve('open'))
        socket.once('error', (error) => resolve(error.message))
      })
      expect(message).toContain('401')
    }
  })
})

describe('worker processes that die', () => {
  const hash: Partitioning = { kind: 'hash', keys: [] }

  for (const workers of [1, 2]) {
    test(`a query that ends each of ${workers} workers it meets fails; the engine goes on`, async () => {
      const cluster = await startCluster(workers)
      const runner = clusterRunner(cluster, { heap, kernels: loadKernels(heap) })
      const chunks = randomChunks(5)
      const plan = scanPlan(chunks, shuffled(hash, 2))
      const poison = runner.run(plan, { queryId: 'crash' })
      await expect(poison).rejects.toMatchObject({ code: 'CONNECTION_FAILURE' })
      const result = await runner.run(plan, { queryId: 'after' })
      expect(contents(result.chunks)).toEqual(contents(chunks))
      result.release()
      await runner.close()
      await cluster.close()
    })
  }

  test('none comes up again: queries fail with what the last one said', async () => {
    const cluster = await startLocalCluster({
      workers: 1,
      threadsPerWorker: 1,
      memoryBytesMax: 1 << 28,
      entry,
      restarts: { restartsMax: 0, windowMs: 600_000, backoffMs: 1 },
    })
    const runner = clusterRunner(cluster, { heap, kernels: loadKernels(heap) })
    const plan = scanPlan(randomChunks(6), shuffled({ kind: 'gather' }, 2))
    for (const queryId of ['crash', 'late']) {
      await expect(runner.run(plan, { queryId })).rejects.toMatchObject({
        code: 'CONNECTION_FAILURE',
        details: { detail: expect.stringContaining('exit code 9') as string },
      })
    }
    await runner.close()
    await cluster.close()
  })

  const losses: readonly (readonly [string, workers: number, NodeJS.Signals])[] = [
    ['one of two killed', 1, 'SIGKILL'],
    ['one of two stopped', 1, 'SIGSTOP'],
    ['all killed', 2, 'SIGKILL'],
    ['all stopped', 2, 'SIGSTOP'],
  ]
  for (const where of ['scan', 'read'] as const) {
    test.each(losses)(
      `%s during the ${where} of a query`,
      async (_name, count, signal) => {
        const cluster = await startLocalCluster({
          workers: 2,
          threadsPerWorker: 1,
          memoryBytesMax: 1 << 28,
          entry,
          silenceMs: 1_500,
        })
        const runner = clusterRunner(cluster, { heap, kernels: loadKernels(heap) })
        const chunks = randomChunks(7)
        const inUse = heap.bytesInUse
        const folder = mkdtempSync(join(tmpdir(), 'heddle-lost-'))
        // Each fragment of that stage says that it runs, and ends once the losses are over.
        const query = `pause ${where} ${folder}`
        const plan = scanPlan(chunks, shuffled(hash, 4))
        const running = runner.run(where === 'read' ? gathering(plan) : plan, { queryId: query })
        await untilFiles(folder, 2)
        const lost = [...cluster.workers.values()].slice(0, count)
        for (const { processId } of lost) process.kill(processId, signal)
        for (const { processId } of lost) await untilGone(processId)
        writeFileSync(join(folder, 'go'), '')
        const result = await running
        expect(contents(result.chunks)).toEqual(contents(chunks))
        result.release()
        expect(heap.bytesInUse).toBe(inUse)
        rmSync(folder, { recursive: true })
        await runner.close()
        await cluster.close()
      },
      LOSS_TIMEOUT_MS,
    )
  }

  test('closing leaves no process behind', async () => {
    const cluster = await startCluster(2)
    const processes = [...cluster.workers.values()].map((worker) => worker.processId)
    await cluster.close()
    for (const id of processes) expect(() => process.kill(id, 0)).toThrow('ESRCH')
  })

  test('workers end with the process that started them, however it ends', async () => {
    const script = `
      import { startLocalCluster } from './dist/cluster/local-cluster.js'
      const cluster = await startLocalCluster({
        workers: 2, threadsPerWorker: 1, memoryBytesMax: 1 << 24, entry: new URL(process.argv[1]),
      })
      console.log(JSON.stringify([...cluster.workers.values()].map((worker) => worker.processId)))`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, '--', entry.href])
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const processes = JSON.parse(line.toString()) as number[]
    expect(processes).toHaveLength(2)
    parent.kill('SIGKILL')
    for (const id of processes) await untilGone(id)
  })

  test('a worker that cannot start is reported with what it said', async () => {
    const missing = new URL('no-such-worker.mjs', import.meta.url)
    const start = startLocalCluster({
      workers: 2,
      threadsPerWorker: 1,
      memoryBytesMax: 1 << 24,
      entry: missing,
    })
    await expect(start).rejects.toMatchObject({
      code: 'CONNECTION_FAILURE',
      details: { detail: expect.stringContaining('no-such-worker') as string },
    })
  })
})

/** Calls `act` once memory is taken for rows that come in; the answer ends the watch. */
function onArrival(act: () => void): () => void {
  const before = heap.bytesInUse
  const timer = setInterval(() => {
    if (heap.bytesInUse > before) act()
  }, 1)
  return () => clearInterval(timer)
}

/** Resolves when the folder has so many files; the test's own timeout bounds the wait. */
async function untilFiles(folder: string, count: number): Promise<void> {
  while (readdirSync(folder).length < count) await delay(10)
}

/** Resolves when the process is gone; the test's own timeout bounds the wait. */
async function untilGone(processId: number): Promise<void> {
  for (;;) {
    try {
      process.kill(processId, 0)
    } catch {
      return
    }
    await delay(10)
  }
}
