import type { Brand } from '../../base/brand.ts'
import { GRAPH_TASKS_MAX } from '../graph/task-graph.ts'

/** Names a task to schedulers and clients; never used twice by one scheduler. */
export type TaskId = Brand<number, 'TaskId'>

/**
 * Names one run of a task, which is all that workers know: to them each run is a task of its own, so
 * reports, copies and results of different runs are never taken for each other. The first run bears
 * the id of the task.
 */
export type RunId = TaskId | Brand<number, 'RerunId'>

/** Names a worker to its scheduler; given by the shell, never used twice. */
export type WorkerId = Brand<number, 'WorkerId'>

/** Names a submitted graph; given by the shell, 0 to 2^30, never used twice. */
export type GraphId = Brand<number, 'GraphId'>

/** Names who submits graphs and wants results; given by the shell, never used twice. */
export type ClientId = Brand<number, 'ClientId'>

/** Beyond the ids of all tasks. */
const RERUN_FIRST = 2 ** 52

/** The id of the n-th run, counted from 0 over all tasks of a scheduler, that is not a first one. */
export function rerunIdOf(n: number): RunId {
  return (RERUN_FIRST + n) as RunId
}

export function isRerun(run: RunId): run is Exclude<RunId, TaskId> {
  return run >= RERUN_FIRST
}

/** The ids of a graph's tasks follow each other. */
export function taskIdOf(graph: GraphId, task: number): TaskId {
  return (graph * GRAPH_TASKS_MAX + task) as TaskId
}

export function graphOf(id: TaskId): GraphId {
  return Math.floor(id / GRAPH_TASKS_MAX) as GraphId
}

/** The task's number within its graph. */
export function taskIndexOf(id: TaskId): number {
  return id % GRAPH_TASKS_MAX
}
