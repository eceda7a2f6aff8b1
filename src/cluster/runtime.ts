import type { Heap } from '../data/arenas/heap.ts'
import type { runFragment } from '../exec/fragment/fragment.ts'
import type { SpillStore } from '../storage/spill-store.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { inProcessRunner, type QueryRunner } from './in-process-runner.ts'
import type { ClusterWorker } from './local-cluster.ts'
import { restartDefaults } from './restart-times.ts'
import { createThreadPool } from './threads/thread-pool.ts'
import { warmWhenQuiet } from './threads/warm-when-quiet.ts'

/** What runs the queries of an engine, and what it takes to stop it. */
export interface Runtime {
  readonly runner: QueryRunner
  /** Worker processes that are there now; none where queries run in this process. */
  workerProcesses(): readonly ClusterWorker[]
  close(): Promise<void>
}

export interface RuntimeOptions {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly threads: number
  /** Undefined: queries run in this process. */
  readonly cluster: RuntimeCluster | undefined
  /** Where results wait that the memory of this process has no room for; the caller's to close. */
  readonly store?: SpillStore
}

/** The worker processes of an engine. */
export interface RuntimeCluster {
  readonly workers: number
  readonly threadsPerWorker: number
  /** Heap of each worker. */
  readonly memoryBytesMax: number
  readonly heartbeatTimeoutMs: number
  readonly restartsMax: number
  readonly restartWindowMs: number
}

/** What a test may put in place of the real thing; in this process only. */
export interface RuntimeParts {
  readonly runFragment?: typeof runFragment
  /** See {@link SpillPlace}. */
  readonly alwaysParts?: number
  readonly alwaysAttempt?: number
}

/** Starts threads in this process, or worker processes of this machine. */
export async function startRuntime(
  options: RuntimeOptions,
  parts: RuntimeParts = {},
): Promise<Runtime> {
  const { heap, kernels, threads, cluster, store } = options
  const { runFragment, alwaysParts, alwaysAttempt } = parts
  if (cluster !== undefined) {
    // Loaded when wanted: a process without a cluster needs no sockets.
    const [{ startLocalCluster }, { clusterRunner }] = await Promise.all([
      import('./local-cluster.ts'),
      import('./client.ts'),
    ])
    const { workers, threadsPerWorker, memoryBytesMax, heartbeatTimeoutMs } = cluster
    const { restartsMax, restartWindowMs: windowMs } = cluster
    const local = await startLocalCluster({
      workers,
      threadsPerWorker,
      memoryBytesMax,
      silenceMs: heartbeatTimeoutMs,
      restarts: { ...restartDefaults, restartsMax, windowMs },
    })
    const runner = clusterRunner(local, { heap, kernels })
    return {
      runner,
      workerProcesses: () => [...local.workers.values()],
      async close() {
        await runner.close()
        await local.close()
      },
    }
  }
  const pool = createThreadPool({ heap, threads })
  const stopWarming = warmWhenQuiet(pool)
  const runner = inProcessRunner({
    heap,
    kernels,
    pool,
    ...(runFragment && { runFragment }),
    spill: { store, alwaysParts, alwaysAttempt },
  })
  return {
    runner,
    workerProcesses: () => [],
    async close() {
      stopWarming()
      await runner.close()
      await pool.close()
    },
  }
}
