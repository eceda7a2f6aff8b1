import { assert } from '../base/assert.ts'
import type { Urgency } from '../scheduler/worker/events.ts'
import type { ResultLease, TaskResult } from './comm/result-lease.ts'
import type { FunctionContext, FunctionTask } from './function-context.ts'
import type { QueryContext, StageTask } from './query-context.ts'
import type { TaskStop } from './task-stop.ts'

/**
 * The kinds of tasks: `context` is what those of one graph have in common, `payload` what makes one of
 * them. Both are plain data. A kind without its entry in {@link TaskKinds} or in the codecs does not compile.
 */
export interface TaskKindTypes {
  readonly fragment: { readonly context: QueryContext; readonly payload: StageTask }
  readonly function: { readonly context: FunctionContext; readonly payload: FunctionTask }
}

export type TaskKindName = keyof TaskKindTypes
export type ContextOf<K extends TaskKindName> = TaskKindTypes[K]['context']
export type PayloadOf<K extends TaskKindName> = TaskKindTypes[K]['payload']

/** A task of a graph: its payload and what kind it is of. The scheduler looks into neither. */
export type TaskWork = { [K in TaskKindName]: WorkOf<K> }[TaskKindName]
export type WorkOf<K extends TaskKindName> = { readonly kind: K } & PayloadOf<K>

/** By kind, what the tasks of a graph have in common; a worker gets it before the first of them. */
export type GraphContexts = { readonly [K in TaskKindName]?: ContextOf<K> }

/** How a worker runs tasks of one kind. */
export interface TaskKind<K extends TaskKindName> {
  /** Before the first task of a graph; what it keeps of the graph ends with what it returns. */
  open(context: ContextOf<K>): OpenTasks<K>
}

/** The tasks of one kind of one graph, as a worker runs them. */
export interface OpenTasks<K extends TaskKindName> {
  /** Whether only one of them may run at a time, each with what the one before left. */
  readonly isOneByOne: boolean
  /**
   * Where it is there, held results go to files after each of the tasks while too much memory is in use,
   * and it is told how many bytes.
   */
  readonly spilled?: ((bytes: number) => void) | undefined
  /**
   * Runs a task that was not stopped. The result is the caller's to release, exactly once; whatever the
   * task read is given back when it settles. Rejects when it is stopped, as soon as nothing of it runs.
   */
  run(
    payload: PayloadOf<K>,
    inputs: TaskInputs,
    stop: TaskStop,
    urgency: Urgency,
  ): Promise<TaskResult>
  /** Told why a task has no result, before anybody else is. */
  failed?(payload: PayloadOf<K>, error: unknown): void
}

/** What a task reads: outputs of others, or pieces of them, all of them on its worker. */
export interface TaskInputs {
  readonly count: number
  /** The n-th of them in memory; the caller's to release. */
  load(n: number): Promise<ResultLease>
}

/** All kinds that a worker runs. */
export type TaskKinds = { readonly [K in TaskKindName]: TaskKind<K> }

/** {@link OpenTasks} of some kind. */
export interface AnyOpenTasks extends Pick<OpenTasks<TaskKindName>, 'isOneByOne' | 'spilled'> {
  run(work: TaskWork, inputs: TaskInputs, stop: TaskStop, urgency: Urgency): Promise<TaskResult>
  failed(work: TaskWork, error: unknown): void
}

/** Opens whatever kinds of tasks a graph has. */
export function openTasks(
  kinds: TaskKinds,
  contexts: GraphContexts,
): ReadonlyMap<TaskKindName, AnyOpenTasks> {
  const open = new Map<TaskKindName, AnyOpenTasks>()
  for (const name of Object.keys(contexts) as TaskKindName[]) {
    const context = contexts[name]
    if (context !== undefined) open.set(name, openKind(name, kinds[name], context))
  }
  return open
}

function openKind<K extends TaskKindName>(
  name: K,
  kind: TaskKind<K>,
  context: ContextOf<K>,
): AnyOpenTasks {
  const tasks = kind.open(context)
  const { isOneByOne, spilled } = tasks
  return {
    isOneByOne,
    spilled,
    run(work, inputs, stop, urgency) {
      assert(isOf(name, work), 'a task is run as one of another kind')
      return tasks.run(work, inputs, stop, urgency)
    },
    failed(work, error) {
      if (isOf(name, work)) tasks.failed?.(work, error)
    },
  }
}

function isOf<K extends TaskKindName>(name: K, work: TaskWork): work is TaskWork & WorkOf<K> {
  return work.kind === name
}
