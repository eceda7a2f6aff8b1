import { expect } from 'vitest'
import type { ErrorData } from '../../src/base/errors.ts'
import { buildGraph, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler, type SchedulerOptions } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import {
  graphOf,
  isRerun,
  rerunIdOf,
  taskIdOf,
  taskIndexOf,
  type ClientId,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'

export const noConnection: ErrorData = { code: 'CONNECTION_FAILURE', message: 'lost', details: {} }
export const division: ErrorData = {
  code: 'DIVISION_BY_ZERO',
  message: 'division by zero',
  details: {},
}
export const graph = 0 as GraphId
export const client = 0 as ClientId

/** A task of graph 0; of another, `idIn`. */
export function taskId(task: number): TaskId {
  return idIn(0, task)
}

export function idIn(inGraph: number, task: number): TaskId {
  return taskIdOf(inGraph as GraphId, task)
}

export function joins(
  worker: number,
  more: Partial<Extract<SchedulerEvent, { kind: 'worker-joined' }>> = {},
) {
  const defaults = { slots: 1, memoryBytesMax: 1_000_000, resources: {} }
  return { kind: 'worker-joined', worker: worker as WorkerId, ...defaults, ...more } as const
}

export function submits(
  specs: readonly Partial<TaskSpec>[],
  id: number = graph,
  by: number = client,
): SchedulerEvent {
  const tasks = buildGraph(specs.map((spec, payload) => ({ payload, ...spec })))
  return { kind: 'graph-submitted', client: by as ClientId, graph: id as GraphId, tasks }
}

export function finishes(task: number, worker: number, bytes = 8): SchedulerEvent {
  return ends(taskId(task), worker, bytes)
}

export function ends(task: RunId, worker: number, bytes = 8): SchedulerEvent {
  return { kind: 'task-finished', worker: worker as WorkerId, task, bytes, durationMs: 1 }
}

export function errs(task: number, worker: number, error = division): SchedulerEvent {
  return fails(taskId(task), worker, error)
}

export function fails(task: RunId, worker: number, error = division): SchedulerEvent {
  return { kind: 'task-erred', worker: worker as WorkerId, task, error }
}

/** The n-th run that is not a first one. */
export function reruns(n: number, worker: number): SchedulerEvent {
  return ends(rerunIdOf(n), worker)
}

export function unreachable(
  holder: number,
  worker: number,
  ...tasks: readonly number[]
): SchedulerEvent {
  const [from, to] = [holder as WorkerId, worker as WorkerId]
  return { kind: 'inputs-unreachable', holder: from, worker: to, tasks: tasks.map(taskId) }
}

export const cancels: SchedulerEvent = { kind: 'graph-cancelled', client, graph }

export function releases(...tasks: readonly number[]): SchedulerEvent {
  return { kind: 'results-released', client, tasks: tasks.map(taskId) }
}

export function leaves(worker: number): SchedulerEvent {
  return { kind: 'worker-left', worker: worker as WorkerId }
}

/** An instruction in a word or two: `run 3 on 0`, `memory 2/3 for 1` for task 3 of graph 2 and client 1. */
export function shorten(instruction: SchedulerInstruction): string {
  const taskName = (id: TaskId): string =>
    graphOf(id) === graph ? `${taskIndexOf(id)}` : `${graphOf(id)}/${taskIndexOf(id)}`
  const nameOf = (run: RunId): string =>
    isRerun(run) ? `rerun ${run - rerunIdOf(0)}` : taskName(run)
  const forOther = (id: ClientId): string => (id === client ? '' : ` for ${id}`)
  switch (instruction.kind) {
    case 'run-task':
      return `run ${nameOf(instruction.task)} on ${instruction.worker}`
    case 'forget-tasks':
      return `forget ${instruction.tasks.map(nameOf).join()} on ${instruction.worker}`
    case 'task-in-memory':
      return `memory ${taskName(instruction.task)}${forOther(instruction.client)}`
    case 'task-failed': {
      const { task, error } = instruction
      return `failed ${taskName(task)} ${error.code}${forOther(instruction.client)}`
    }
    case 'tasks-cancelled':
      return `cancelled ${instruction.tasks.map(taskName).join()}${forOther(instruction.client)}`
    case 'worker-silent':
      return `silent ${instruction.worker}`
    case 'graph-forgotten':
      return instruction.graph === graph ? 'done' : `done ${instruction.graph}`
  }
}

/** Each line of the expected text is what one event leads to. */
export function check(
  events: readonly SchedulerEvent[],
  expected: readonly string[],
  options: Partial<SchedulerOptions> = {},
): void {
  const scheduler = createScheduler({ windowMs: 0, lossWindowMs: -1, ...options })
  const lines = events.map((event) => step(scheduler, [event], 0).map(shorten).join('; '))
  expect(lines).toEqual(expected)
}
