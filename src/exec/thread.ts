import type { Heap } from '../data/arenas/heap.ts'
import type { Address } from '../data/vectors/vector.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'

/** What a thread owns while it runs jobs. Thread 0 may be the process's main thread (inline). */
export interface ThreadEnvironment {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly threadIndex: number
}

/**
 * What a job carries so that it can be stopped while it runs: the address of an i32 in the heap, 0
 * until somebody wants an end. Jobs look at it between morsels.
 */
export interface CancellableJob {
  readonly cancel: Address
}

/**
 * The threads of one worker process over one shared memory. `run` gives the same job (plain data, as
 * posted by structured clone) to the first `threads` threads at once and resolves with one report a
 * thread; if one fails, the others are told to stop through {@link CancellableJob.cancel} (when the job has
 * one) and the first error is thrown. Jobs of one pool run one after another.
 */
export interface ThreadPool {
  readonly threads: number
  run(job: unknown, threads: number): Promise<readonly unknown[]>
}
