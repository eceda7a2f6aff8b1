import { setMaxListeners } from 'node:events'
import { assert, present } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { runFragment } from '../exec/fragment.ts'
import type { ThreadPool } from '../exec/thread.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'
import type { WorkerId } from '../scheduler/scheduler/task-id.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { eventLoopTurn, systemClock } from './clock.ts'
import { createDataClient } from './comm/data-client.ts'
import type { DataRef } from './comm/data-messages.ts'
import { connectionFailure } from './comm/sockets.ts'
import type { LocalCluster } from './local-cluster.ts'
import { memorySources } from './plan-transfer.ts'
import { runQuery, shuttingDown, type ResultSource, type RunOptions } from './run-query.ts'
import { createSchedulerShell } from './scheduler-shell.ts'
import { createServedTables } from './served-tables.ts'
import { createWorkerShell } from './worker-shell.ts'

/** Runs plans somewhere: in this process or on a cluster. */
export interface QueryRunner {
  /**
   * Rejects with the query's first error, and with QUERY_CANCELED on abort or timeout; nothing of the
   * query runs in this process and nothing of it is held any more when it rejects.
   */
  run(plan: StagedPlan, options: RunOptions): Promise<ChunkLease>
  /** Stops what runs. Outputs that are not released are gone with it. */
  close(): Promise<void>
}

export interface InProcessOptions {
  readonly heap: Heap
  readonly kernels: Kernels
  /** Undefined: everything runs on the calling thread. */
  readonly pool: ThreadPool | undefined
  /** Fragments that run at once, sharing the pool; more wait. */
  readonly executingMax?: number
  readonly runFragment?: typeof runFragment
}

const EXECUTING_MAX = 64

/**
 * The same way as on a cluster, with one worker in this process: nothing is serialized or copied,
 * results are handed over by reference.
 */
export function inProcessRunner(options: InProcessOptions): QueryRunner {
  const { heap, kernels, pool, executingMax = EXECUTING_MAX } = options
  const scheduler = createSchedulerShell(systemClock)
  const id = 0 as WorkerId
  const worker = createWorkerShell({
    id,
    env: { heap, kernels, threadIndex: 0, clock: systemClock, turn: eventLoopTurn() },
    pool,
    clock: systemClock,
    machine: { executingMax },
    report: (event) => scheduler.tell(event),
    fetch: () => Promise.reject(new Error('a single worker has nobody to fetch from')),
    ...(options.runFragment === undefined ? {} : { runFragment: options.runFragment }),
  })
  scheduler.addWorker({
    slots: executingMax,
    memoryBytesMax: heap.bytesMax,
    resources: {},
    welcome: (given) => assert(given === id, 'the only worker is the first one'),
    openQuery: (graph, query) => worker.openQuery(graph, query),
    closeQuery: (graph) => worker.closeQuery(graph),
    runTask: (task) => worker.runTask(task),
    forgetTasks: (tasks) => worker.forgetTasks(tasks),
  })
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  return {
    run: (plan, runOptions) =>
      runQuery(
        scheduler,
        {
          closing: closing.signal,
          collect(task) {
            const read = present(worker.read({ task, slice: 0 }), 'a result is not where it was')
            return new ChunkLease(read.chunks, () => {
              read.release()
              scheduler.release([task])
            })
          },
          settled: (graph) => worker.settled(graph),
        },
        plan,
        runOptions,
      ),
    close() {
      closing.abort(shuttingDown())
      return worker.close()
    },
  }
}

export interface ClusterRunnerOptions {
  /** Results come to this heap, and tables in memory are served from it. */
  readonly heap: Heap
}

const ALIVE_MS = 2 ** 30

/** Runs plans on worker processes; the result is pulled into this process's heap. */
export function clusterRunner(cluster: LocalCluster, { heap }: ClusterRunnerOptions): QueryRunner {
  const tables = createServedTables()
  const client = createDataClient(heap, cluster.token)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  cluster.lost.addEventListener('abort', () => closing.abort(cluster.lost.reason), { once: true })
  cluster.serveTables(heap, (ref) => tables.find(ref))
  const source: ResultSource = {
    closing: closing.signal,
    async collect(task, holders, signal) {
      const worker = holders.map((id) => cluster.workers.get(id)).find((held) => held !== undefined)
      if (worker === undefined) throw connectionFailure('that holds the result was lost')
      const refs: readonly DataRef[] = [{ kind: 'result', task, slice: WHOLE_OUTPUT }]
      const [result] = await client.pull(worker.address, refs, signal)
      cluster.scheduler.release([task])
      return present(result, 'a pull without a result')
    },
    // What workers run touches their own heaps only.
    settled: () => Promise.resolve(),
  }
  return {
    async run(plan, options) {
      const sources = plan.stages.flatMap(memorySources)
      tables.open(sources)
      // The sockets of a cluster do not keep the process alive, a query that runs does.
      const alive = setInterval(() => {}, ALIVE_MS)
      try {
        return await runQuery(cluster.scheduler, source, plan, options)
      } finally {
        clearInterval(alive)
        await tables.close(sources)
      }
    },
    async close() {
      closing.abort(shuttingDown())
      client.close()
    },
  }
}
