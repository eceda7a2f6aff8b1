import type { ErrorData } from '../../base/errors.ts'
import { leaveWorker } from './placement.ts'
import {
  graphOfSlot,
  holdersOf,
  idOf,
  runOf,
  setState,
  workerOf,
  type SchedulerState,
} from './state.ts'
import { forgetGraph, unlink } from './forget-graph.ts'
import { clientsOf } from './wants.ts'
import type { RunId, WorkerId } from './task-id.ts'
import {
  ERRED,
  FORGOTTEN,
  MEMORY,
  NO_WORKER,
  needsInputs,
  PROCESSING,
  RELEASED,
} from './task-state.ts'

/**
 * Lets go of a task that nobody wants and no unfinished task needs: its result is dropped, its run
 * stopped, and the same goes for the inputs that only it needed. Forgets what can be forgotten.
 */
export function releaseUnneeded(scheduler: SchedulerState, first: number): void {
  const { tasks } = scheduler
  const stack = [first]
  while (stack.length > 0) {
    const slot = stack.pop()!
    if (tasks.client[slot]! >= 0 || tasks.waiters[slot]! > 0) continue
    const state = tasks.state[slot]!
    if (state === MEMORY) dropResult(scheduler, slot)
    if (needsInputs(state)) {
      leaveState(scheduler, slot)
      dropNeeds(scheduler, slot, stack)
    }
    if (state !== ERRED && state !== RELEASED && state !== FORGOTTEN) {
      setState(scheduler, slot, RELEASED)
    }
    forgetIfDone(scheduler, slot)
  }
}

/** The task and everything that needs it will not be: tells clients, frees what it held on to. */
export function failTask(scheduler: SchedulerState, first: number, error: ErrorData): void {
  const { tasks, edges } = scheduler
  const failed: number[] = []
  const stack = [first]
  while (stack.length > 0) {
    const slot = stack.pop()!
    const state = tasks.state[slot]!
    if (!needsInputs(state) && state !== MEMORY) continue
    leaveState(scheduler, slot)
    setState(scheduler, slot, ERRED)
    scheduler.errors.set(slot, error)
    failed.push(slot)
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      const owner = edges.owner[edge]!
      if (needsInputs(tasks.state[owner]!)) stack.push(owner)
    }
    if (state !== MEMORY) dropNeeds(scheduler, slot, undefined)
    for (const client of clientsOf(scheduler, slot)) {
      const task = idOf(scheduler, slot)
      scheduler.instructions.push({ kind: 'task-failed', client, task, error })
    }
  }
  for (const slot of failed) settleInputs(scheduler, slot)
}

/** Tells workers to drop results or runs. */
export function tellForget(scheduler: SchedulerState, worker: WorkerId, task: RunId): void {
  const last = scheduler.instructions.at(-1)
  if (last?.kind === 'forget-tasks' && last.worker === worker) {
    // Made here, and nobody has seen it yet.
    ;(last.tasks as RunId[]).push(task)
    return
  }
  scheduler.instructions.push({ kind: 'forget-tasks', worker, tasks: [task] })
}

/** A finished or failed task needs its inputs no more; without a stack they are looked at later. */
export function dropNeeds(
  scheduler: SchedulerState,
  slot: number,
  unneeded: number[] | undefined,
): void {
  const { tasks, edges } = scheduler
  const start = tasks.edgeStart[slot]!
  for (let edge = start; edge < start + tasks.edgeCount[slot]!; edge++) {
    const input = edges.input[edge]!
    if (--tasks.waiters[input]! === 0) unneeded?.push(input)
  }
}

function settleInputs(scheduler: SchedulerState, slot: number): void {
  const { tasks, edges } = scheduler
  const start = tasks.edgeStart[slot]!
  const end = start + tasks.edgeCount[slot]!
  for (let edge = start; edge < end; edge++) releaseUnneeded(scheduler, edges.input[edge]!)
  releaseUnneeded(scheduler, slot)
}

/** Takes a task out of whatever its state has it in. */
export function leaveState(scheduler: SchedulerState, slot: number): void {
  const { tasks } = scheduler
  const state = tasks.state[slot]!
  if (state === NO_WORKER) scheduler.withoutWorker.delete(slot)
  if (state === MEMORY) dropResult(scheduler, slot)
  if (state !== PROCESSING || tasks.worker[slot]! < 0) return
  const worker = tasks.worker[slot]! as WorkerId
  leaveWorker(scheduler, slot)
  tellForget(scheduler, worker, runOf(scheduler, slot))
}

function dropResult(scheduler: SchedulerState, slot: number): void {
  const { tasks } = scheduler
  for (const holder of holdersOf(scheduler, slot)) {
    workerOf(scheduler, holder).heldBytes -= tasks.bytes[slot]!
    tellForget(scheduler, holder, runOf(scheduler, slot))
  }
  scheduler.replicas.delete(slot)
  tasks.worker[slot] = -1
}

function forgetIfDone(scheduler: SchedulerState, first: number): void {
  const { tasks, edges } = scheduler
  const stack = [first]
  while (stack.length > 0) {
    const slot = stack.pop()!
    const state = tasks.state[slot]!
    if (state !== RELEASED && state !== ERRED) continue
    if (tasks.client[slot]! >= 0 || tasks.dependents[slot]! > 0) continue
    const graph = graphOfSlot(scheduler, slot)
    setState(scheduler, slot, FORGOTTEN)
    scheduler.errors.delete(slot)
    scheduler.reruns.delete(runOf(scheduler, slot))
    const start = tasks.edgeStart[slot]!
    for (let edge = start; edge < start + tasks.edgeCount[slot]!; edge++) {
      const input = edges.input[edge]!
      if (input < graph.start || input >= graph.start + graph.tasks) unlink(scheduler, edge)
      if (--tasks.dependents[input]! === 0) stack.push(input)
    }
    if (--graph.remaining === 0) forgetGraph(scheduler, graph)
  }
}
