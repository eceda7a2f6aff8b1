import { fillWorkers, retryWithoutWorker } from './placement.ts'
import { bringBack, goneError } from './recovery.ts'
import { releaseUnneeded } from './release.ts'
import { idOf, setState, slotOf, type SchedulerState } from './state.ts'
import type { ClientId, GraphId, TaskId } from './task-id.ts'
import { ERRED, FORGOTTEN, MEMORY, RELEASED } from './task-state.ts'
import { tellClientInMemory, unwant, want, wants } from './wants.ts'

/** Also of results that were released since: they are made again, as long as somebody needed them. */
export function wantResults(
  scheduler: SchedulerState,
  client: ClientId,
  ids: readonly TaskId[],
): void {
  const { tasks, errors, instructions } = scheduler
  const released: number[] = []
  for (const task of ids) {
    const slot = slotOf(scheduler, task)
    if (slot < 0 || tasks.state[slot] === FORGOTTEN) {
      instructions.push({ kind: 'task-failed', client, task, error: goneError(task) })
      continue
    }
    if (!want(scheduler, client, slot)) continue
    const error = errors.get(slot)
    if (error !== undefined) instructions.push({ kind: 'task-failed', client, task, error })
    if (tasks.state[slot] === MEMORY) tellClientInMemory(scheduler, client, slot)
    if (tasks.state[slot] === RELEASED) released.push(slot)
  }
  bringBack(scheduler, released)
  settle(scheduler)
}

export function releaseResults(
  scheduler: SchedulerState,
  client: ClientId,
  ids: readonly TaskId[],
): void {
  for (const id of ids) {
    const slot = slotOf(scheduler, id)
    if (slot >= 0 && unwant(scheduler, client, slot)) releaseUnneeded(scheduler, slot)
  }
  settle(scheduler)
}

export function cancelGraph(scheduler: SchedulerState, client: ClientId, id: GraphId): void {
  const graph = scheduler.graphs.get(id)
  if (graph === undefined) return
  // All of them: some may be neither wanted nor needed by one that is.
  drop(
    scheduler,
    client,
    Array.from({ length: graph.tasks }, (_, index) => graph.start + index),
  )
}

export function clientLeft(scheduler: SchedulerState, client: ClientId): void {
  const wanted: number[] = []
  // O(tasks), as clients leave seldom.
  for (const { start, tasks } of scheduler.graphs.values()) {
    for (let slot = start; slot < start + tasks; slot++) {
      if (wants(scheduler, client, slot)) wanted.push(slot)
    }
  }
  drop(scheduler, client, wanted)
}

/**
 * Dask's cancel: the client wants neither the tasks nor what depends on them, across graphs. What other
 * clients want goes on.
 */
export function cancelTasks(
  scheduler: SchedulerState,
  client: ClientId,
  ids: readonly TaskId[],
): void {
  const known = ids.map((id) => slotOf(scheduler, id)).filter((slot) => slot >= 0)
  const wanted = [...withDependents(scheduler, known, () => true)].filter((slot) =>
    wants(scheduler, client, slot),
  )
  if (wanted.length === 0) return
  const tasks = wanted.map((slot) => idOf(scheduler, slot))
  scheduler.instructions.push({ kind: 'tasks-cancelled', client, tasks })
  drop(scheduler, client, wanted)
}

/** Failed tasks get another chance, and with them all failed ones that they are connected with. */
export function retryTasks(scheduler: SchedulerState, ids: readonly TaskId[]): void {
  const { tasks } = scheduler
  const isErred = (slot: number): boolean => tasks.state[slot] === ERRED
  const known = ids.map((id) => slotOf(scheduler, id)).filter((slot) => slot >= 0)
  const failed = withDependents(scheduler, known.filter(isErred), isErred, true)
  for (const slot of failed) {
    scheduler.errors.delete(slot)
    setState(scheduler, slot, RELEASED)
  }
  bringBack(
    scheduler,
    [...failed].filter((slot) => tasks.client[slot]! >= 0),
  )
  settle(scheduler)
}

/** Tasks and those that depend on them, as far as they pass; with their inputs, too, if asked for. */
function withDependents(
  scheduler: SchedulerState,
  first: readonly number[],
  passes: (slot: number) => boolean,
  withInputs = false,
): ReadonlySet<number> {
  const { tasks, edges } = scheduler
  const found = new Set<number>()
  const stack = [...first]
  while (stack.length > 0) {
    const slot = stack.pop()!
    if (found.has(slot) || tasks.state[slot] === FORGOTTEN || !passes(slot)) continue
    found.add(slot)
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      stack.push(edges.owner[edge]!)
    }
    if (!withInputs) continue
    const start = tasks.edgeStart[slot]!
    for (let n = 0; n < tasks.edgeCount[slot]!; n++) stack.push(edges.input[start + n]!)
  }
  return found
}

function drop(scheduler: SchedulerState, client: ClientId, slots: readonly number[]): void {
  for (const slot of slots) unwant(scheduler, client, slot)
  for (const slot of slots) releaseUnneeded(scheduler, slot)
  settle(scheduler)
}

function settle(scheduler: SchedulerState): void {
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}
