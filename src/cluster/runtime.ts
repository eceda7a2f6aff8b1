import type { Heap } from '../data/arenas/heap.ts'
import type { runFragment } from '../exec/fragment.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { inProcessRunner, type QueryRunner } from './in-process-runner.ts'
import { createThreadPool } from './threads/thread-pool.ts'

/** What runs the queries of an engine, and what it takes to stop it. */
export interface Runtime {
  readonly runner: QueryRunner
  close(): Promise<void>
}

export interface RuntimeOptions {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly threads: number
  /** Of this process's heap, and of each worker's. */
  readonly memoryBytesMax: number
  /** Undefined: queries run in this process. */
  readonly cluster: { readonly workers: number; readonly threadsPerWorker: number } | undefined
}

/** What a test may put in place of the real thing; in this process only. */
export interface RuntimeParts {
  readonly runFragment?: typeof runFragment
}

/**
 * Threads start when work first wants them, or so long after the process has begun: they take time from
 * its first statements, which most often are small, and from other processes. What lives longer has
 * them at hand.
 */
const THREADS_START_MS = 250

/** Starts threads in this process, or worker processes of this machine. */
export async function startRuntime(
  options: RuntimeOptions,
  parts: RuntimeParts = {},
): Promise<Runtime> {
  const { heap, kernels, threads, cluster } = options
  if (cluster !== undefined) {
    // Loaded when wanted: a process without a cluster needs no sockets.
    const [{ startLocalCluster }, { clusterRunner }] = await Promise.all([
      import('./local-cluster.ts'),
      import('./client.ts'),
    ])
    const local = await startLocalCluster({ ...cluster, memoryBytesMax: options.memoryBytesMax })
    const runner = clusterRunner(local, { heap, kernels })
    return {
      runner,
      async close() {
        await runner.close()
        await local.close()
      },
    }
  }
  const pool = createThreadPool({ heap, threads })
  const warming = setTimeout(() => pool.warm(), THREADS_START_MS)
  warming.unref()
  const runner = inProcessRunner({ heap, kernels, pool, ...parts })
  return {
    runner,
    async close() {
      clearTimeout(warming)
      await runner.close()
      await pool.close()
    },
  }
}
