import type { ResourceNeeds } from '../../scheduler/graph/task-graph.ts'
import type { RunId, WorkerId } from '../../scheduler/scheduler/task-id.ts'
import type { BytesLease } from '../comm/result-lease.ts'
import type { SchedulerShell } from '../scheduler-shell.ts'

/** Workers that run functions of users, and the scheduler that this process has of them. */
export interface TaskCluster {
  readonly scheduler: SchedulerShell
  /** Those that are there now, and the threads of each. */
  readonly workers: ReadonlyMap<WorkerId, { readonly threads: number }>
  /** What each worker has for tasks that ask for it. */
  readonly resources: ResourceNeeds
  /** Aborted, with the error as its reason, when nothing runs any more; another may take its place. */
  readonly lost: AbortSignal
  /** Results in order, each the caller's to release. Rejects with CONNECTION_FAILURE where they are not held. */
  pull(worker: WorkerId, runs: readonly RunId[]): Promise<readonly BytesLease[]>
  /** Has a worker hold a value as the result of a run. */
  give(worker: WorkerId, run: RunId, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface TaskClusterOptions {
  readonly workers: number
  readonly threadsPerWorker: number
  /** Bytes of results that a worker holds. */
  readonly memoryBytesMax: number
  readonly resources: Readonly<Record<string, number>>
}
