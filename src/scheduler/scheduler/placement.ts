import { assert } from '../../base/assert.ts'
import type { ResourceNeeds } from '../graph/task-graph.ts'
import { UNTRIED } from './columns.ts'
import type { InputLocation } from './events.ts'
import { popSlot, pushSlot } from './priority-heap.ts'
import {
  graphOfSlot,
  groupOfSlot,
  holdersOf,
  idOf,
  runOf,
  setState,
  workerOf,
  type SchedulerState,
  type SchedulerWorker,
} from './state.ts'
import { graphOf, taskIndexOf, type WorkerId } from './task-id.ts'
import { NO_WORKER, PROCESSING, QUEUED } from './task-state.ts'

const ROOT_GROUP_INPUTS_MAX = 5

/** All inputs of a waiting task are in memory: queue it, or give it to a worker, or set it aside. */
export function placeReady(scheduler: SchedulerState, slot: number): void {
  const needs = needsOf(scheduler, slot)
  if (needs === undefined && isHeldBack(scheduler, slot) && scheduler.workers.size > 0) {
    scheduler.withoutWorker.delete(slot)
    setState(scheduler, slot, QUEUED)
    pushSlot(scheduler.queue, scheduler.tasks, slot)
    return
  }
  const worker = chooseWorker(scheduler, slot, needs)
  if (worker !== undefined) {
    assign(scheduler, slot, worker)
    return
  }
  if (scheduler.tasks.state[slot] === NO_WORKER) return
  setState(scheduler, slot, NO_WORKER)
  scheduler.withoutWorker.add(slot)
}

/** Gives queued root tasks to workers with room, one each in turn, so that neighbours spread evenly. */
export function fillWorkers(scheduler: SchedulerState): void {
  const { queue, tasks } = scheduler
  let progress = queue.slots.length > 0
  while (progress) {
    progress = false
    for (const worker of scheduler.workers.values()) {
      if (!hasRoom(scheduler, worker)) continue
      const slot = popSlot(queue, tasks, QUEUED)
      if (slot < 0) return
      assign(scheduler, slot, worker)
      progress = true
    }
  }
}

/** Tries again what found no worker: one joined, or resources became free. */
export function retryWithoutWorker(scheduler: SchedulerState): void {
  if (scheduler.withoutWorker.size === 0) return
  for (const slot of scheduler.withoutWorker) placeReady(scheduler, slot)
}

/** Undoes what {@link assign} booked; the task is not on its worker any more. */
export function leaveWorker(scheduler: SchedulerState, slot: number): void {
  const { tasks } = scheduler
  const worker = workerOf(scheduler, tasks.worker[slot]!)
  tasks.worker[slot] = -1
  worker.processing--
  worker.finishedMs = scheduler.nowMs
  if ((tasks.flags[slot]! & UNTRIED) !== 0) {
    tasks.flags[slot]! &= ~UNTRIED
    worker.untried--
  }
  assert(worker.processing >= 0, 'a worker has fewer than no tasks')
  const isIdle = worker.processing === 0
  worker.occupancyMs = isIdle ? 0 : worker.occupancyMs - tasks.estimateMs[slot]!
  worker.expectedBytes = isIdle ? 0 : worker.expectedBytes - tasks.estimateBytes[slot]!
  bookResources(worker, needsOf(scheduler, slot), -1)
}

/**
 * What reads nothing is at home nowhere: it waits for whichever worker has room first. So do Dask's root tasks, many
 * of a kind with next to no inputs: handing out all of them at once would fill memory with results before
 * anything consumes them.
 */
function isHeldBack(scheduler: SchedulerState, slot: number): boolean {
  if (scheduler.tasks.edgeCount[slot] === 0) return true
  const group = groupOfSlot(scheduler, slot)
  return group.tasks > 2 * scheduler.slotsTotal && group.inputs < ROOT_GROUP_INPUTS_MAX
}

function hasRoom(scheduler: SchedulerState, worker: SchedulerWorker): boolean {
  const { saturation, windowMs, windowMemoryPart, sparesUntried } = scheduler.options
  if (worker.processing < worker.slots) return true
  // Behind what takes long it would wait for long.
  if (sparesUntried && worker.untried > 0) return false
  if (stuckMs(scheduler, worker) > windowMs) return false
  if (worker.processing < Math.max(1, Math.ceil(worker.slots * saturation))) return true
  if (worker.occupancyMs >= windowMs * worker.slots) return false
  return worker.expectedBytes < worker.memoryBytesMax * windowMemoryPart
}

/** How long all slots of a worker have been taken without one of their tasks ending. */
function stuckMs({ nowMs }: SchedulerState, worker: SchedulerWorker): number {
  return worker.processing < worker.slots ? 0 : nowMs - worker.finishedMs
}

function needsOf(scheduler: SchedulerState, slot: number): ResourceNeeds | undefined {
  const { resources } = graphOfSlot(scheduler, slot)
  if (resources.size === 0) return undefined
  return resources.get(taskIndexOf(idOf(scheduler, slot)))
}

function hasResources(worker: SchedulerWorker, needs: ResourceNeeds | undefined): boolean {
  if (needs === undefined) return true
  return Object.entries(needs).every(
    ([name, amount]) =>
      (worker.resources[name] ?? 0) - (worker.resourcesInUse.get(name) ?? 0) >= amount,
  )
}

function bookResources(
  worker: SchedulerWorker,
  needs: ResourceNeeds | undefined,
  sign: 1 | -1,
): void {
  for (const [name, amount] of Object.entries(needs ?? {})) {
    worker.resourcesInUse.set(name, (worker.resourcesInUse.get(name) ?? 0) + sign * amount)
  }
}

/** The worker where the task can begin first: its backlog plus the time to fetch what it lacks. */
function chooseWorker(
  scheduler: SchedulerState,
  slot: number,
  needs: ResourceNeeds | undefined,
): SchedulerWorker | undefined {
  const local = localBytes(scheduler, slot)
  const totalBytes = local.get(undefined) ?? 0
  let best: SchedulerWorker | undefined
  let bestMs = Number.POSITIVE_INFINITY
  for (const worker of scheduler.workers.values()) {
    if (!hasResources(worker, needs)) continue
    const missingBytes = totalBytes - (local.get(worker.id) ?? 0)
    const fetchMs = missingBytes / scheduler.options.bandwidthBytesPerMs
    // What has taken longer than expected is likely to take as long again.
    const beginMs = worker.occupancyMs / worker.slots + stuckMs(scheduler, worker) + fetchMs
    if (best === undefined || isBetter(worker, beginMs, best, bestMs)) {
      best = worker
      bestMs = beginMs
    }
  }
  return best
}

/** At equal times the worker with fewer tasks takes it, then the one that holds fewer bytes. */
function isBetter(
  worker: SchedulerWorker,
  beginMs: number,
  best: SchedulerWorker,
  bestMs: number,
): boolean {
  if (beginMs !== bestMs) return beginMs < bestMs
  const load = worker.processing / worker.slots - best.processing / best.slots
  return load === 0 ? worker.heldBytes < best.heldBytes : load < 0
}

const NO_LOCAL_BYTES: ReadonlyMap<WorkerId | undefined, number> = new Map()

/** Input bytes by the worker that holds them; under `undefined` the bytes of all inputs. */
function localBytes(
  scheduler: SchedulerState,
  slot: number,
): ReadonlyMap<WorkerId | undefined, number> {
  const { tasks, edges } = scheduler
  const count = tasks.edgeCount[slot]!
  if (count === 0) return NO_LOCAL_BYTES
  const local = new Map<WorkerId | undefined, number>()
  for (let n = 0; n < count; n++) {
    const input = edges.input[tasks.edgeStart[slot]! + n]!
    // One byte at least, so that empty results draw their consumers too.
    const bytes = tasks.bytes[input]! + 1
    local.set(undefined, (local.get(undefined) ?? 0) + bytes)
    for (const holder of holdersOf(scheduler, input)) {
      local.set(holder, (local.get(holder) ?? 0) + bytes)
    }
  }
  return local
}

function assign(scheduler: SchedulerState, slot: number, worker: SchedulerWorker): void {
  const { tasks } = scheduler
  const group = groupOfSlot(scheduler, slot)
  if (tasks.state[slot] === NO_WORKER) scheduler.withoutWorker.delete(slot)
  setState(scheduler, slot, PROCESSING)
  tasks.worker[slot] = worker.id
  if (group.finished === 0) {
    tasks.flags[slot]! |= UNTRIED
    worker.untried++
  }
  tasks.estimateMs[slot] = group.meanMs
  tasks.estimateBytes[slot] = group.meanBytes
  if (worker.processing === 0) worker.finishedMs = scheduler.nowMs
  worker.processing++
  worker.occupancyMs += tasks.estimateMs[slot]!
  worker.expectedBytes += tasks.estimateBytes[slot]!
  bookResources(worker, needsOf(scheduler, slot), 1)
  const id = idOf(scheduler, slot)
  scheduler.instructions.push({
    kind: 'run-task',
    worker: worker.id,
    graph: graphOf(id),
    task: runOf(scheduler, slot),
    priority: tasks.priority[slot]!,
    rank: tasks.rank[slot]!,
    inputs: inputsOf(scheduler, slot),
    payload: graphOfSlot(scheduler, slot).payloads[taskIndexOf(id)],
  })
}

function inputsOf(scheduler: SchedulerState, slot: number): readonly InputLocation[] {
  const { tasks, edges } = scheduler
  const inputs: InputLocation[] = []
  const start = tasks.edgeStart[slot]!
  for (let edge = start; edge < start + tasks.edgeCount[slot]!; edge++) {
    const input = edges.input[edge]!
    const holders = holdersOf(scheduler, input)
    assert(holders.length > 0, 'a task is assigned before its inputs are in memory')
    const bytes = tasks.bytes[input]!
    inputs.push({ task: runOf(scheduler, input), slice: edges.slice[edge]!, bytes, holders })
  }
  return inputs
}
