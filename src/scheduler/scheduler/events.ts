import type { ErrorData } from '../../base/errors.ts'
import type { ResourceNeeds, TaskGraph } from '../graph/task-graph.ts'
import type { ClientId, GraphId, RunId, TaskId, WorkerId } from './task-id.ts'

/** What the scheduler is told. */
export type SchedulerEvent =
  | WorkerJoined
  | { readonly kind: 'worker-left'; readonly worker: WorkerId }
  | GraphSubmitted
  | ResultsGiven
  /** The client wants nothing of the graph any more; what nobody needs is stopped. */
  | { readonly kind: 'graph-cancelled'; readonly client: ClientId; readonly graph: GraphId }
  /** A client wants results of tasks that others submitted, or that it released. */
  | {
      readonly kind: 'results-wanted'
      readonly client: ClientId
      readonly tasks: readonly TaskId[]
    }
  /** A client has no more use for these results. */
  | {
      readonly kind: 'results-released'
      readonly client: ClientId
      readonly tasks: readonly TaskId[]
    }
  /** A client wants neither these nor anything that is computed from them. */
  | {
      readonly kind: 'tasks-cancelled'
      readonly client: ClientId
      readonly tasks: readonly TaskId[]
    }
  /** Tasks that failed are to be run again, with those that they failed by and those that failed by them. */
  | { readonly kind: 'tasks-retried'; readonly tasks: readonly TaskId[] }
  /** It wants nothing any more, and submits nothing. */
  | { readonly kind: 'client-left'; readonly client: ClientId }
  | TaskFinished
  | TaskErred
  /** A worker fetched a copy of a whole result and keeps it. */
  | { readonly kind: 'replica-added'; readonly worker: WorkerId; readonly task: RunId }
  | InputsUnreachable
  /** A sign of life. */
  | { readonly kind: 'worker-heard'; readonly worker: WorkerId }
  /** Time has passed; comes several times in what a worker may be silent for. */
  | { readonly kind: 'tick' }

/** The client wants those results of the graph that the graph says. */
export interface GraphSubmitted {
  readonly kind: 'graph-submitted'
  readonly client: ClientId
  readonly graph: GraphId
  readonly tasks: TaskGraph
}

/**
 * Results that a client has brought to workers, as a graph of their own; the client wants all of them.
 * Nothing can make them again: what needs one that is lost fails.
 */
export interface ResultsGiven {
  readonly kind: 'results-given'
  readonly client: ClientId
  readonly graph: GraphId
  readonly results: readonly GivenResult[]
}

export interface GivenResult {
  readonly bytes: number
  readonly holders: readonly WorkerId[]
  readonly name?: string
}

/** A worker got no connection to the only holder that it knows of these results. */
export interface InputsUnreachable {
  readonly kind: 'inputs-unreachable'
  readonly worker: WorkerId
  readonly holder: WorkerId
  readonly tasks: readonly RunId[]
}

export interface WorkerJoined {
  readonly kind: 'worker-joined'
  readonly worker: WorkerId
  /** How many tasks it runs at once. */
  readonly slots: number
  readonly memoryBytesMax: number
  readonly resources: ResourceNeeds
}

export interface TaskFinished {
  readonly kind: 'task-finished'
  readonly worker: WorkerId
  readonly task: RunId
  readonly bytes: number
  readonly durationMs: number
}

export interface TaskErred {
  readonly kind: 'task-erred'
  readonly worker: WorkerId
  readonly task: RunId
  readonly error: ErrorData
}

/** Where a worker finds an input of a task. */
export interface InputLocation {
  readonly task: RunId
  /** Piece of the output, or WHOLE_OUTPUT. */
  readonly slice: number
  readonly bytes: number
  readonly holders: readonly WorkerId[]
}

/** What the scheduler wants done. Instructions to one worker must arrive in order. */
export type SchedulerInstruction =
  | RunTask
  /** Drop results, stop running, do not start. */
  | { readonly kind: 'forget-tasks'; readonly worker: WorkerId; readonly tasks: readonly RunId[] }
  /** For the client: a wanted result is in memory; told again when it was lost and made again. */
  | {
      readonly kind: 'task-in-memory'
      readonly client: ClientId
      readonly task: TaskId
      /** What its holders know it by. */
      readonly run: RunId
      readonly holders: readonly WorkerId[]
    }
  /** For the client: a wanted result will not be. */
  | {
      readonly kind: 'task-failed'
      readonly client: ClientId
      readonly task: TaskId
      readonly error: ErrorData
    }
  /** For the client: it does not want these any more, because of what it cancelled. */
  | {
      readonly kind: 'tasks-cancelled'
      readonly client: ClientId
      readonly tasks: readonly TaskId[]
    }
  /** It was not heard of for too long: end it, and tell that it left. */
  | { readonly kind: 'worker-silent'; readonly worker: WorkerId }
  /** Nothing of the graph is left. */
  | { readonly kind: 'graph-forgotten'; readonly graph: GraphId }

export interface RunTask {
  readonly kind: 'run-task'
  readonly worker: WorkerId
  readonly graph: GraphId
  readonly task: RunId
  readonly priority: number
  readonly rank: number
  readonly inputs: readonly InputLocation[]
  readonly payload: unknown
}
