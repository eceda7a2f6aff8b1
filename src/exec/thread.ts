import type { Heap } from '../data/arenas/heap.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'

/** What a thread owns while it runs jobs. Thread 0 may be the process's main thread (inline). */
export interface ThreadEnvironment {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly threadIndex: number
}

/**
 * The threads of one worker process over one shared memory. `run` gives the same job (plain data, as
 * posted by structured clone) to the first `threads` threads at once and resolves with one report a
 * thread; if one fails, the others are told to stop through the job's cancel word and the first error
 * is thrown. Jobs of one pool run one after another.
 */
export interface ThreadPool {
  readonly threads: number
  run(job: unknown, threads: number): Promise<readonly unknown[]>
}
