import type { Brand } from '../../base/brand.ts'
import { GRAPH_TASKS_MAX } from '../graph/task-graph.ts'

/** Names a task to schedulers, workers and clients; never used twice by one scheduler. */
export type TaskId = Brand<number, 'TaskId'>

/** Names a worker to its scheduler; given by the shell, never used twice. */
export type WorkerId = Brand<number, 'WorkerId'>

/** Names a submitted graph; given by the shell, 0 to 2^30, never used twice. */
export type GraphId = Brand<number, 'GraphId'>

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
