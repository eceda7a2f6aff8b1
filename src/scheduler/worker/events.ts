import type { ErrorData } from '../../base/errors.ts'
import type { InputLocation } from '../scheduler/events.ts'
import type { RunId, WorkerId } from '../scheduler/task-id.ts'

/** What a worker is told by its scheduler and by its own shell. Each run of a task is a task to it. */
export type WorkerEvent =
  | TaskAssigned
  /** The shell holds a result that a client brought here. */
  | { readonly kind: 'result-given'; readonly task: RunId }
  | { readonly kind: 'tasks-forgotten'; readonly tasks: readonly RunId[] }
  | TaskExecuted
  | { readonly kind: 'task-failed'; readonly task: RunId; readonly error: ErrorData }
  | InputsFetched
  | FetchFailed

export interface TaskExecuted {
  readonly kind: 'task-executed'
  readonly task: RunId
  readonly bytes: number
  readonly durationMs: number
}

/** Which of several tasks runs first: that of the lower priority, of equal ones that of the lower rank. */
export interface Urgency {
  readonly priority: number
  readonly rank: number
}

export interface TaskAssigned extends Urgency {
  readonly kind: 'task-assigned'
  readonly task: RunId
  readonly inputs: readonly InputLocation[]
  readonly payload: unknown
}

/** A result, or a piece of one. */
export interface InputRef {
  readonly task: RunId
  readonly slice: number
}

export interface InputsFetched {
  readonly kind: 'inputs-fetched'
  readonly holder: WorkerId
  /** What the matching fetch asked for, all of it. */
  readonly inputs: readonly InputRef[]
}

export interface FetchFailed {
  readonly kind: 'fetch-failed'
  readonly holder: WorkerId
  readonly inputs: readonly InputRef[]
  readonly error: ErrorData
}

/** What a worker wants its shell to do. */
export type WorkerInstruction =
  | Execute
  /** Stop a task that executes; it still ends with an event. */
  | { readonly kind: 'stop-execution'; readonly task: RunId }
  /** Get all of these from one holder; ends with inputs-fetched or fetch-failed. */
  | { readonly kind: 'fetch'; readonly holder: WorkerId; readonly inputs: readonly InputRef[] }
  /** The task's own result may go. */
  | { readonly kind: 'drop-result'; readonly task: RunId }
  /** A fetched copy may go. */
  | { readonly kind: 'drop-input'; readonly input: InputRef }
  | ReportFinished
  | { readonly kind: 'report-erred'; readonly task: RunId; readonly error: ErrorData }
  | { readonly kind: 'report-replica'; readonly task: RunId }
  /** The last known holder cannot be reached; tasks that need these wait for the scheduler's word. */
  | {
      readonly kind: 'report-unreachable'
      readonly holder: WorkerId
      readonly tasks: readonly RunId[]
    }

export interface ReportFinished {
  readonly kind: 'report-finished'
  readonly task: RunId
  readonly bytes: number
  readonly durationMs: number
}

export interface Execute {
  readonly kind: 'execute'
  readonly task: RunId
  readonly payload: unknown
  readonly inputs: readonly InputRef[]
}
