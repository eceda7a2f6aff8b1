import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { bytesOf, BytesLease, type ResultLease } from '../../../src/cluster/comm/result-lease.ts'
import { connectionFailure } from '../../../src/cluster/comm/connection-failure.ts'
import { functionKind } from '../../../src/cluster/function-kind.ts'
import { Client } from '../../../src/cluster/futures/client.ts'
import { ClientFutures } from '../../../src/cluster/futures/client-futures.ts'
import { LocalCluster } from '../../../src/cluster/futures/cluster.ts'
import type { Future } from '../../../src/cluster/futures/future.ts'
import type { TaskCluster } from '../../../src/cluster/futures/task-cluster.ts'
import { createSchedulerShell } from '../../../src/cluster/scheduler-shell.ts'
import { FunctionPool } from '../../../src/cluster/user-functions/function-pool.ts'
import { createWorkerShell, type WorkerShell } from '../../../src/cluster/worker-shell.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import type { WorkerId } from '../../../src/scheduler/scheduler/task-id.ts'
import type { InputRef } from '../../../src/scheduler/worker/events.ts'
import { SimulatedThreads } from '../user-functions/simulated-threads.ts'

interface SimulatedWorker {
  readonly threads: number
  readonly shell: WorkerShell
  readonly pool: FunctionPool
}

/** Workers whose threads do something when the test lets them; any of them may be lost, and others come. */
class SimulatedCluster implements TaskCluster {
  readonly workers = new Map<WorkerId, SimulatedWorker>()
  readonly lost = new AbortController().signal
  readonly resources = {}
  readonly threads: SimulatedThreads
  readonly scheduler
  readonly #heap = new Heap(Heap.createMemory(1 << 22))
  readonly #clock = { nowMs: (): number => this.threads.nowMs, wallMicros: () => 0n }
  #count = 0

  constructor(random: Random) {
    this.threads = new SimulatedThreads(random)
    this.scheduler = createSchedulerShell(this.#clock, { sparesUntried: true, lossWindowMs: 1e9 })
  }

  join(threads: number): void {
    const id = this.#count++ as WorkerId
    const { start, after } = this.threads
    const pool = new FunctionPool({ threads, start, after })
    const shell = createWorkerShell({
      id,
      heap: this.#heap,
      kinds: {
        fragment: { open: () => expect.unreachable() },
        function: functionKind(pool),
      },
      clock: this.#clock,
      machine: { executingMax: pool.callsMax },
      report: (event) => {
        if (!this.workers.has(id)) return
        this.scheduler.tell(event, event.kind === 'task-finished' ? event.value : undefined)
      },
      fetch: async (holder, inputs) => this.#read(holder, inputs),
    })
    this.workers.set(id, { threads, shell, pool })
    this.scheduler.addWorker({
      slots: threads,
      memoryBytesMax: 1 << 20,
      resources: {},
      welcome: () => {},
      openGraph: (graph, contexts) => shell.openGraph(graph, contexts),
      closeGraph: (graph) => shell.closeGraph(graph),
      runTask: (task) => shell.runTask(task),
      forgetTasks: (tasks) => shell.forgetTasks(tasks),
      silent: () => {},
    })
  }

  lose(id: WorkerId): void {
    const { pool, shell } = this.workers.get(id)!
    this.workers.delete(id)
    pool.close()
    void shell.close()
    this.scheduler.removeWorker(id)
  }

  async pull(worker: WorkerId, runs: readonly InputRef['task'][]): Promise<readonly BytesLease[]> {
    const refs = runs.map((task) => ({ task, slice: -1 }))
    return this.#read(worker, refs).map(bytesOf)
  }

  async give(worker: WorkerId, run: InputRef['task'], bytes: Uint8Array): Promise<void> {
    const found = this.workers.get(worker)
    if (found === undefined) throw connectionFailure('was lost')
    found.shell.give(run, new BytesLease(bytes, () => {}))
  }

  async close(): Promise<void> {
    for (const id of this.workers.keys()) this.lose(id)
  }

  #read(holder: WorkerId, inputs: readonly InputRef[]): readonly ResultLease[] {
    const leases = inputs.flatMap((ref) => this.workers.get(holder)?.shell.read(ref) ?? [])
    if (leases.length === inputs.length) return leases
    for (const lease of leases) lease.release()
    throw connectionFailure('that holds a result was lost')
  }
}

const sum = (numbers: readonly number[], padding: string): readonly [number, string] => {
  if (numbers.includes(-1)) throw new RangeError('minus one')
  return [numbers.reduce((a, b) => a + b, 0), padding]
}
const first = ([value]: readonly [number, string]): number => value

/** A future, and what it is to be: undefined for an error. */
interface Expected {
  readonly future: Future<number>
  readonly value: number | undefined
  readonly dependsOn: readonly Expected[]
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Futures of futures while workers come and go: each is what it should be, and nothing stays behind. */
async function simulate(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random.next() * limit)
  const cluster = new SimulatedCluster(random)
  for (let n = 0; n < 3; n++) cluster.join(1 + below(2))
  const client = new Client(new LocalCluster(cluster, (tasks) => new ClientFutures(tasks)))
  const made: Expected[] = []
  const cancelled = new Set<Expected>()
  const submit = (): void => {
    const dependsOn = Array.from({ length: below(4) }, () => made[below(made.length)]).filter(
      (it) => it !== undefined,
    )
    const own = random.next() < 0.03 ? -1 : below(100)
    const values = [own, ...dependsOn.map(({ value }) => value)]
    const isError = own === -1 || values.includes(undefined) || values.includes(-1)
    const padding = 'x'.repeat(below(2) * 800)
    const numbers = [own, ...dependsOn.map(({ future }) => future)]
    const options = { pure: random.next() < 0.7, priority: below(3) }
    const pair = client.submit(sum, [numbers, padding], options)
    const future = client.submit(first, [pair], options)
    pair.release()
    const total = values.reduce<number>((a, b) => a + (b ?? 0), 0)
    made.push({ future, value: isError ? undefined : total, dependsOn })
  }
  for (let step = 0; step < 1_500; step++) {
    if (random.next() < 0.1) submit()
    if (random.next() < 0.006 && cluster.workers.size > 1) {
      cluster.lose([...cluster.workers.keys()][below(cluster.workers.size)]!)
      cluster.join(1 + below(2))
    }
    const chosen = made[below(made.length)]
    if (chosen !== undefined && random.next() < 0.004) {
      chosen.future.cancel()
      cancelled.add(chosen)
    }
    cluster.threads.step(0)
    if (step % 3 === 0) await turn()
  }
  const results = made.map(({ future }) =>
    future.result().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
  )
  const all: unknown[] = []
  void Promise.all(results).then((ended) => all.push(...ended))
  for (let step = 0; all.length < made.length; step++) {
    expect(step, `seed ${seed}: futures that never end`).toBeLessThan(40_000)
    cluster.threads.step(0)
    if (step % 3 === 0) await turn()
  }
  for (const [n, { future, value }] of made.entries()) {
    const message = `seed ${seed}, future ${n}, ${client.story(future).join('; ')}`
    // Equal calls are one task, so others may be cancelled, too, and what depended on one that was.
    if (future.status === 'cancelled') expect(cancelled.size, message).toBeGreaterThan(0)
    else if (value !== undefined && cancelled.size === 0) expect(all[n], message).toEqual({ value })
    else if (future.status === 'finished') expect(all[n], message).toEqual({ value })
    else expect(all[n], message).toHaveProperty('error')
  }
  for (const { future } of made) future.release()
  await turn()
  client.close()
  expect(cluster.scheduler.openGraphs, `seed ${seed}`).toBe(0)
  await cluster.close()
}

describe('clients of a simulated cluster', () => {
  for (let seed = 1; seed <= 10; seed++) test(`seed ${seed}`, () => simulate(seed))
})

test('a cluster keeps nothing of clients that left', async () => {
  const cluster = new SimulatedCluster(seededRandom(1))
  for (let n = 0; n < 3; n++) {
    const client = new Client(new LocalCluster(cluster, (tasks) => new ClientFutures(tasks)))
    client.submit(first, [[n, '']])
    await turn()
    expect(getEventListeners(cluster.lost, 'abort')).toHaveLength(1)
    client.close()
  }
  expect(getEventListeners(cluster.lost, 'abort')).toHaveLength(0)
  expect(cluster.scheduler.openGraphs).toBe(0)
})
