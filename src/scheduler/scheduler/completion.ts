import type { ErrorData } from '../../base/errors.ts'
import type { TaskErred, TaskFinished } from './events.ts'
import { fillWorkers, leaveWorker, placeReady, retryWithoutWorker } from './placement.ts'
import { dropNeeds, failTask, releaseUnneeded, tellForget } from './release.ts'
import {
  groupOfSlot,
  holdersOf,
  renewRun,
  setState,
  slotOfRun,
  type SchedulerState,
} from './state.ts'
import type { RunId, WorkerId } from './task-id.ts'
import { MEMORY, PROCESSING, WAITING } from './task-state.ts'
import { tellInMemory } from './wants.ts'

/** How much the latest run counts in a group's means. */
const MEAN_WEIGHT = 0.1

export function taskFinished(scheduler: SchedulerState, event: TaskFinished): void {
  const { tasks } = scheduler
  const slot = processingSlot(scheduler, event.task, event.worker)
  if (slot < 0) {
    // It is said twice, or it was cancelled or lost its meaning while the report was under way.
    if (isHeldBy(scheduler, event.task, event.worker)) return
    if (scheduler.workers.has(event.worker)) tellForget(scheduler, event.worker, event.task)
    return
  }
  leaveWorker(scheduler, slot)
  learn(scheduler, slot, event)
  setState(scheduler, slot, MEMORY)
  tasks.bytes[slot] = event.bytes
  tasks.worker[slot] = event.worker
  const worker = scheduler.workers.get(event.worker)!
  worker.heldBytes += event.bytes
  placeDependents(scheduler, slot)
  tellInMemory(scheduler, slot)
  const unneeded: number[] = []
  dropNeeds(scheduler, slot, unneeded)
  for (const input of unneeded) releaseUnneeded(scheduler, input)
  releaseUnneeded(scheduler, slot)
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

export function taskErred(scheduler: SchedulerState, event: TaskErred): void {
  const { tasks } = scheduler
  const slot = processingSlot(scheduler, event.task, event.worker)
  if (slot < 0) {
    if (scheduler.workers.has(event.worker)) tellForget(scheduler, event.worker, event.task)
    return
  }
  const retries = isOfConnection(event.error) ? tasks.retriesLeft : tasks.errorRetriesLeft
  if (retries[slot]! > 0) {
    retries[slot]!--
    leaveWorker(scheduler, slot)
    tellForget(scheduler, event.worker, event.task)
    renewRun(scheduler, slot)
    setState(scheduler, slot, WAITING)
    placeReady(scheduler, slot)
  } else {
    failTask(scheduler, slot, event.error)
  }
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

export function replicaAdded(scheduler: SchedulerState, worker: WorkerId, task: RunId): void {
  const holder = scheduler.workers.get(worker)
  if (holder === undefined) return
  const slot = slotOfRun(scheduler, task)
  if (slot < 0 || scheduler.tasks.state[slot] !== MEMORY) {
    tellForget(scheduler, worker, task)
    return
  }
  if (holdersOf(scheduler, slot).includes(worker)) return
  holder.heldBytes += scheduler.tasks.bytes[slot]!
  scheduler.replicas.set(slot, [...(scheduler.replicas.get(slot) ?? []), worker])
}

/** The slot of a task that this worker is to run; -1 when the report is out of date. */
function processingSlot(scheduler: SchedulerState, task: RunId, worker: WorkerId): number {
  const slot = slotOfRun(scheduler, task)
  if (slot < 0 || scheduler.tasks.state[slot] !== PROCESSING) return -1
  return scheduler.tasks.worker[slot] === worker ? slot : -1
}

function isHeldBy(scheduler: SchedulerState, run: RunId, worker: WorkerId): boolean {
  const slot = slotOfRun(scheduler, run)
  if (slot < 0 || scheduler.tasks.state[slot] !== MEMORY) return false
  return holdersOf(scheduler, slot).includes(worker)
}

/** An error of the data is the same in every run, unless its task says otherwise; a broken connection need not be. */
function isOfConnection(error: ErrorData): boolean {
  return error.code === 'CONNECTION_FAILURE'
}

function learn(scheduler: SchedulerState, slot: number, event: TaskFinished): void {
  const group = groupOfSlot(scheduler, slot)
  const weight = group.finished === 0 ? 1 : MEAN_WEIGHT
  group.meanMs += weight * (event.durationMs - group.meanMs)
  group.meanBytes += weight * (event.bytes - group.meanBytes)
  group.finished++
}

function placeDependents(scheduler: SchedulerState, slot: number): void {
  const { tasks, edges } = scheduler
  for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
    const owner = edges.owner[edge]!
    if (tasks.state[owner] === WAITING && --tasks.missing[owner]! === 0) {
      placeReady(scheduler, owner)
    }
  }
}
