import type { PostedJob } from './posted-job.ts'
import type { EventLoop } from '../../base/event-loop.ts'
import type { Clock, ScriptHeap } from '../../base/world.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** What a thread owns while it runs jobs. The process's main thread has one too (inline). */
export interface ThreadEnvironment {
  readonly heap: Heap
  readonly kernels: Kernels
  /** Which of a job's shares the thread does; for jobs that are shared out by number. */
  readonly threadIndex: number
  readonly clock: Pick<Clock, 'nowMs'>
  /** The calling thread's, which it shares with all that it serves. Undefined where it serves nobody else. */
  readonly eventLoop?: EventLoop | undefined
  /** Undefined where nobody watches it. */
  readonly scriptHeap?: ScriptHeap | undefined
}

/**
 * What a job carries so that it can be stopped while it runs: the address of an i32 in the heap, 0
 * until somebody wants an end. Jobs look at it between steps, and in all that may take long.
 */
export interface CancellableJob {
  readonly cancel: Address
}

/**
 * The threads of one worker process over one shared memory. `run` gives each of `threads` threads one
 * share of a job (plain data, as posted by structured clone) and resolves with the shares' reports, in
 * order. If a share fails, the others are told to stop through {@link CancellableJob.cancel} (when the
 * job has one), reports that were made are given to `lost`, and the first error is thrown once no
 * thread works for the job any more. Jobs run side by side: a thread that has shares of several goes
 * on with the one it served least, step by step.
 */
export interface ThreadPool<Posted = PostedJob> {
  readonly threads: number
  /** Whether a thread serves by now; until then a job would wait for one to start. */
  readonly isReady: boolean
  /** Starts the threads that do not run yet, which takes them a while; returns at once. */
  warm(): void
  run(job: Posted, threads: number, lost?: (report: unknown) => void): Promise<readonly unknown[]>
}
