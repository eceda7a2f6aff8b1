import { assert } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import type { WorkerJoined } from './events.ts'
import { fillWorkers, leaveWorker, placeReady, retryWithoutWorker } from './placement.ts'
import { failTask } from './release.ts'
import { holdersOf, setState, type SchedulerState } from './state.ts'
import type { WorkerId } from './task-id.ts'
import { MEMORY, PROCESSING, WAITING } from './task-state.ts'

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
    occupancyMs: 0,
    expectedBytes: 0,
    heldBytes: 0,
  })
  scheduler.slotsTotal += event.slots
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

/**
 * A worker is gone with what it held. Results with another holder live on; the loss of the only copy
 * fails the task and what needs it. What it was running fails too, unless a retry is left.
 */
export function workerLeft(scheduler: SchedulerState, id: WorkerId): void {
  const worker = scheduler.workers.get(id)
  if (worker === undefined) return
  const { lost, interrupted } = takeAway(scheduler, id)
  scheduler.workers.delete(id)
  scheduler.slotsTotal -= worker.slots
  const { tasks } = scheduler
  for (const slot of lost) failTask(scheduler, slot, lostError('held a result'))
  for (const slot of interrupted) {
    if (tasks.state[slot] !== PROCESSING) continue
    if (tasks.retriesLeft[slot] === 0) {
      failTask(scheduler, slot, lostError('ran a task'))
      continue
    }
    tasks.retriesLeft[slot]!--
    setState(scheduler, slot, WAITING)
    placeReady(scheduler, slot)
  }
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
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
      const [first, ...others] = holdersOf(scheduler, slot).filter((holder) => holder !== worker)
      tasks.worker[slot] = first ?? -1
      if (others.length > 0) scheduler.replicas.set(slot, others)
      else scheduler.replicas.delete(slot)
      if (first === undefined) lost.push(slot)
    }
  }
  return { lost, interrupted }
}

function lostError(what: string): ErrorData {
  return {
    code: 'CONNECTION_FAILURE',
    message: `the connection to a worker that ${what} was lost`,
    details: { hint: 'Run the statement again.' },
  }
}
