import { assert } from '../../base/assert.ts'
import type { InputsUnreachable, WorkerJoined } from './events.ts'
import { fillWorkers, leaveWorker, placeReady, retryWithoutWorker } from './placement.ts'
import { recompute, takeRetry } from './recovery.ts'
import { leaveState, tellForget } from './release.ts'
import {
  holdersOf,
  renewRun,
  runOf,
  setState,
  slotOfRun,
  workerOf,
  type SchedulerState,
} from './state.ts'
import type { WorkerId } from './task-id.ts'
import { MEMORY, PROCESSING, WAITING } from './task-state.ts'
import { tellInMemory } from './wants.ts'

export function workerJoined(scheduler: SchedulerState, event: WorkerJoined): void {
  assert(!scheduler.workers.has(event.worker), `worker ${event.worker} joins twice`)
  assert(event.slots >= 1, 'a worker runs one task at a time at least')
  scheduler.workers.set(event.worker, {
    id: event.worker,
    slots: event.slots,
    memoryBytesMax: event.memoryBytesMax,
    resources: event.resources,
    resourcesInUse: new Map(),
    processing: 0,
    untried: 0,
    finishedMs: 0,
    occupancyMs: 0,
    expectedBytes: 0,
    heldBytes: 0,
    silentMs: 0,
  })
  scheduler.slotsTotal += event.slots
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

/**
 * A worker is gone with what it held. Results with another holder live on; others are computed again,
 * and what it was running is run elsewhere, as long as retries are left.
 */
export function workerLeft(scheduler: SchedulerState, id: WorkerId): void {
  const worker = scheduler.workers.get(id)
  if (worker === undefined) return
  const { lost, interrupted } = takeAway(scheduler, id)
  scheduler.workers.delete(id)
  scheduler.slotsTotal -= worker.slots
  const { tasks } = scheduler
  for (const slot of interrupted) {
    if (tasks.state[slot] === PROCESSING) takeRetry(scheduler, slot, 'ran a task')
  }
  // What failed for want of a retry may have taken others with it.
  const again = interrupted.filter((slot) => tasks.state[slot] === PROCESSING)
  for (const slot of again) {
    renewRun(scheduler, slot)
    setState(scheduler, slot, WAITING)
  }
  recompute(
    scheduler,
    lost.filter((slot) => tasks.state[slot] === MEMORY),
  )
  for (const slot of again) {
    if (tasks.state[slot] === WAITING && tasks.missing[slot] === 0) placeReady(scheduler, slot)
  }
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

/**
 * A worker cannot get at results where they should be: that copy counts as lost. What runs there and
 * needs them is placed again if others hold them, and computed again otherwise.
 */
export function inputsUnreachable(scheduler: SchedulerState, event: InputsUnreachable): void {
  const { tasks, edges } = scheduler
  const lost: number[] = []
  const again = new Set<number>()
  for (const run of event.tasks) {
    const slot = slotOfRun(scheduler, run)
    if (slot < 0 || tasks.state[slot] !== MEMORY) continue
    strikeHolder(scheduler, slot, event.holder)
    if (tasks.worker[slot]! < 0) {
      lost.push(slot)
      continue
    }
    tellInMemory(scheduler, slot)
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      const owner = edges.owner[edge]!
      const runsThere = tasks.state[owner] === PROCESSING && tasks.worker[owner] === event.worker
      if (runsThere) again.add(owner)
    }
  }
  for (const slot of again) {
    leaveState(scheduler, slot)
    renewRun(scheduler, slot)
    setState(scheduler, slot, WAITING)
  }
  recompute(scheduler, lost)
  for (const slot of again) {
    if (tasks.state[slot] === WAITING && tasks.missing[slot] === 0) placeReady(scheduler, slot)
  }
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

function strikeHolder(scheduler: SchedulerState, slot: number, holder: WorkerId): void {
  const holders = holdersOf(scheduler, slot)
  if (!holders.includes(holder)) return
  workerOf(scheduler, holder).heldBytes -= scheduler.tasks.bytes[slot]!
  tellForget(scheduler, holder, runOf(scheduler, slot))
  setHolders(
    scheduler,
    slot,
    holders.filter((other) => other !== holder),
  )
}

function setHolders(scheduler: SchedulerState, slot: number, holders: readonly WorkerId[]): void {
  const [first, ...others] = holders
  scheduler.tasks.worker[slot] = first ?? -1
  if (others.length > 0) scheduler.replicas.set(slot, others)
  else scheduler.replicas.delete(slot)
}

/** Strikes the worker off every task; O(tasks), as workers leave seldom. */
function takeAway(
  scheduler: SchedulerState,
  worker: WorkerId,
): { readonly lost: readonly number[]; readonly interrupted: readonly number[] } {
  const { tasks } = scheduler
  const lost: number[] = []
  const interrupted: number[] = []
  for (const graph of scheduler.graphs.values()) {
    for (let slot = graph.start; slot < graph.start + graph.tasks; slot++) {
      const state = tasks.state[slot]!
      if (state === PROCESSING && tasks.worker[slot] === worker) {
        leaveWorker(scheduler, slot)
        interrupted.push(slot)
      }
      if (state !== MEMORY) continue
      const holders = holdersOf(scheduler, slot)
      if (!holders.includes(worker)) continue
      setHolders(
        scheduler,
        slot,
        holders.filter((holder) => holder !== worker),
      )
      if (holders.length === 1) lost.push(slot)
    }
  }
  return { lost, interrupted }
}
