import { assert } from '../../base/assert.ts'
import type { RunId, WorkerId } from '../scheduler/task-id.ts'
import type { InputRef, WorkerInstruction } from './events.ts'

/** The states of a task on a worker. */
export type WorkerTaskState =
  | 'waiting'
  | 'ready'
  | 'executing'
  | 'memory'
  | 'error'
  /** Forgotten while it executes, or while its result is read: ends when that ends. */
  | 'released'

const allowed: Readonly<Record<WorkerTaskState, readonly WorkerTaskState[]>> = {
  waiting: ['ready', 'error', 'released'],
  ready: ['executing', 'released'],
  executing: ['memory', 'error', 'released'],
  memory: ['released'],
  error: ['released'],
  released: [],
}

/** A task that this worker was given. */
export interface WorkerTask {
  readonly id: RunId
  readonly priority: number
  readonly rank: number
  readonly payload: unknown
  readonly inputs: readonly InputRef[]
  state: WorkerTaskState
  /** Inputs that are not here yet. */
  missing: number
  /** Tasks here that have not ended and read this one's result. */
  readers: number
  /** Whether it executes: a released task may still. */
  isExecuting: boolean
  /** The shell holds a result of it. */
  hasResult: boolean
  /** Inputs that this worker made itself, and those of others. */
  readonly localInputs: WorkerTask[]
  readonly remoteInputs: RemoteInput[]
}

export type RemoteInputState = 'fetch' | 'flight' | 'memory'

/** A result of another worker, or a piece of one, that tasks here need. */
export interface RemoteInput {
  readonly key: string
  readonly ref: InputRef
  state: RemoteInputState
  readonly bytes: number
  /** Where it can still be asked for; whoever failed is struck off. */
  holders: readonly WorkerId[]
  /** Tasks that have not ended and need it. */
  readonly needers: Set<RunId>
  /** The scheduler counts on this copy until it says otherwise. */
  isReplica: boolean
}

export interface WorkerOptions {
  readonly executingMax: number
  /** Fetches under way at once, one to a holder. */
  readonly flightsMax: number
  /** One fetch asks for inputs up to this size in all; a larger one goes alone. */
  readonly flightBytesMax: number
  /** Moves remembered for stories. */
  readonly storyMovesMax: number
}

export const workerDefaults: WorkerOptions = {
  executingMax: 4,
  flightsMax: 8,
  flightBytesMax: 64 << 20,
  storyMovesMax: 1_024,
}

/** Told as text only when something is wrong. */
interface WorkerMove {
  readonly id: RunId
  readonly nowMs: number
  readonly from: WorkerTaskState
  readonly to: WorkerTaskState
}

export interface WorkerState {
  readonly options: WorkerOptions
  readonly id: WorkerId
  readonly tasks: Map<RunId, WorkerTask>
  readonly inputs: Map<string, RemoteInput>
  /** Ready tasks, a binary heap by (priority, rank). Released ones are skipped. */
  readonly ready: WorkerTask[]
  /** Inputs in state fetch, in the order of need. */
  readonly toFetch: Set<RemoteInput>
  /** Holders that a fetch is under way from. */
  readonly flights: Set<WorkerId>
  executing: number
  readonly story: WorkerMove[]
  nowMs: number
  instructions: WorkerInstruction[]
}

export function createWorker(id: WorkerId, options: Partial<WorkerOptions> = {}): WorkerState {
  return {
    options: { ...workerDefaults, ...options },
    id,
    tasks: new Map(),
    inputs: new Map(),
    ready: [],
    toFetch: new Set(),
    flights: new Set(),
    executing: 0,
    story: [],
    nowMs: 0,
    instructions: [],
  }
}

export function inputKey(ref: InputRef): string {
  return `${ref.task}/${ref.slice}`
}

/** Moves a task; a move that the table does not allow is a fault of ours, told with the story. */
export function setWorkerState(worker: WorkerState, task: WorkerTask, to: WorkerTaskState): void {
  if (!allowed[task.state].includes(to)) {
    const story = worker.story
      .filter(({ id }) => id === task.id)
      .map(({ id, nowMs, from, to: then }) => `${id}: ${nowMs} ms ${from} -> ${then}`)
      .join('\n')
    assert(false, `task ${task.id} cannot go from ${task.state} to ${to}; its story:\n${story}`)
  }
  worker.story.push({ id: task.id, nowMs: worker.nowMs, from: task.state, to })
  if (worker.story.length > 2 * worker.options.storyMovesMax) {
    worker.story.splice(0, worker.options.storyMovesMax)
  }
  task.state = to
}
