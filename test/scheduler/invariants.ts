import { holdersOf, type SchedulerState } from '../../src/scheduler/scheduler/state.ts'
import type { RunId, WorkerId } from '../../src/scheduler/scheduler/task-id.ts'
import {
  FORGOTTEN,
  MEMORY,
  needsInputs,
  PROCESSING,
  QUEUED,
  WAITING,
} from '../../src/scheduler/scheduler/task-state.ts'

/** Which run of each task took part in a result: those of two inputs must agree. */
export type Provenance = ReadonlyMap<string, RunId>

export function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

/** What holds after every event: what is counted on the way is what counting from the states gives. */
export function checkBooks(
  scheduler: SchedulerState,
  madeOf: ReadonlyMap<RunId, Provenance>,
): void {
  for (const worker of scheduler.workers.values()) {
    check(worker.processing >= 0 && worker.heldBytes >= 0, 'books below zero')
    for (const used of worker.resourcesInUse.values()) check(used <= 1, 'a resource is overbooked')
  }
  checkTasks(scheduler)
  checkEdges(scheduler)
  checkWants(scheduler)
  checkResults(scheduler, madeOf)
}

/** What holds when nothing is wanted any more. */
export function checkEmpty(scheduler: SchedulerState): void {
  const { graphs, groups, slots, edgeRanges, groupRanges, workers } = scheduler
  const { replicas, errors, reruns, otherClients, withoutWorker } = scheduler
  const maps = [graphs, replicas, errors, reruns, otherClients, withoutWorker].map(
    (map) => map.size,
  )
  const left = [slots.end, edgeRanges.end, groupRanges.end, ...maps]
  check(
    left.every((count) => count === 0),
    `the scheduler keeps something: ${left.join()}`,
  )
  check(
    groups.every((group) => group === undefined),
    'the scheduler keeps a group',
  )
  for (const { processing, occupancyMs, heldBytes } of workers.values()) {
    check(processing === 0 && occupancyMs === 0 && heldBytes === 0, 'worker books not at zero')
  }
}

function* slotsOf(scheduler: SchedulerState): Iterable<number> {
  for (const { start, tasks } of scheduler.graphs.values()) {
    for (let slot = start; slot < start + tasks; slot++) yield slot
  }
}

function checkTasks(scheduler: SchedulerState): void {
  const { tasks, edges, workers } = scheduler
  const waiters = new Int32Array(tasks.capacity)
  const dependents = new Int32Array(tasks.capacity)
  const live = [...slotsOf(scheduler)]
  for (const slot of live) {
    const state = tasks.state[slot]!
    let missing = 0
    for (let n = 0; n < tasks.edgeCount[slot]!; n++) {
      const input = edges.input[tasks.edgeStart[slot]! + n]!
      if (tasks.state[input] !== MEMORY) missing++
      if (needsInputs(state)) waiters[input]!++
      if (state !== FORGOTTEN) dependents[input]!++
      check(state === FORGOTTEN || tasks.state[input] !== FORGOTTEN, 'an input is forgotten first')
    }
    if (state === WAITING) check(missing === tasks.missing[slot], 'missing inputs miscounted')
    else check(!needsInputs(state) || missing === 0, 'a task goes ahead without an input')
    check(state !== WAITING || missing > 0, 'a task waits for nothing')
    const holders = state === MEMORY ? holdersOf(scheduler, slot) : []
    check(state !== MEMORY || holders.length > 0, 'a result is in memory of nobody')
    check(
      holders.every((id) => workers.has(id)),
      'a result is held by a worker that left',
    )
    const isKnown = state !== PROCESSING || workers.has(tasks.worker[slot]! as WorkerId)
    check(isKnown, 'a task runs on a worker that left')
  }
  for (const slot of live) {
    const state = tasks.state[slot]!
    check(waiters[slot] === tasks.waiters[slot], 'waiters miscounted')
    check(dependents[slot] === tasks.dependents[slot], 'dependents miscounted')
    if (state === FORGOTTEN) continue
    const isNeeded = tasks.client[slot]! >= 0 || waiters[slot]! > 0
    check(isNeeded || dependents[slot]! > 0, 'a task stays that nobody needs')
    const costs = state === MEMORY || (state >= QUEUED && state <= PROCESSING)
    check(isNeeded || !costs, 'a result is held, or made, that nobody needs')
  }
}

/** Every edge of a task that is not forgotten is in the list of its input, once, and back. */
function checkEdges(scheduler: SchedulerState): void {
  const { tasks, edges } = scheduler
  const linked = new Set<number>()
  for (const slot of slotsOf(scheduler)) {
    let previous = -1
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      check(edges.previous[edge] === previous, 'an edge does not lead back')
      check(
        edges.input[edge] === slot && !linked.has(edge),
        'an edge is in a list that is not its own',
      )
      linked.add(edge)
      previous = edge
    }
  }
  for (const slot of slotsOf(scheduler)) {
    if (tasks.state[slot] === FORGOTTEN) continue
    for (let n = 0; n < tasks.edgeCount[slot]!; n++) {
      check(linked.has(tasks.edgeStart[slot]! + n), 'an edge is in no list')
    }
  }
}

function checkWants(scheduler: SchedulerState): void {
  const { otherClients, tasks } = scheduler
  const live = new Set(slotsOf(scheduler))
  for (const [slot, others] of otherClients) {
    check(live.has(slot) && tasks.client[slot]! >= 0, 'what is forgotten is wanted')
    const clients = [tasks.client[slot]!, ...others]
    check(new Set(clients).size === clients.length && others.length > 0, 'a client wants twice')
  }
}

/** Wanted results that are in memory at one moment are of runs that belong together. */
function checkResults(scheduler: SchedulerState, madeOf: ReadonlyMap<RunId, Provenance>): void {
  const { tasks } = scheduler
  const runs = new Map<string, RunId>()
  for (const slot of slotsOf(scheduler)) {
    if (tasks.state[slot] !== MEMORY || tasks.client[slot]! < 0) continue
    for (const [name, run] of madeOf.get(tasks.run[slot]! as RunId) ?? []) {
      check(
        (runs.get(name) ?? run) === run,
        `results of runs ${runs.get(name)} and ${run} of ${name}`,
      )
      runs.set(name, run)
    }
  }
}
