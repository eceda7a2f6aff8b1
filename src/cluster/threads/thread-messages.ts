import type { ErrorData } from '../../base/errors.ts'

/** What a thread is given when it starts; `memory` is the heap that all threads of a pool share. */
export interface ThreadStart {
  readonly memory: WebAssembly.Memory
  readonly kernels: WebAssembly.Module
  readonly threadIndex: number
  /** How many requests were posted to the thread, modulo 2^32; shared. */
  readonly posted: Int32Array<SharedArrayBuffer>
}

/** One share of a job for one thread. */
export interface ThreadRequest {
  readonly run: number
  /** Which of the job's shares it is. */
  readonly share: number
  readonly job: unknown
}

/** That a thread begins to serve, then its answers, each to the request of the same `run`. */
export type ThreadReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly run: number; readonly report: unknown }
  | { readonly kind: 'error'; readonly run: number; readonly error: ErrorData }
