import { assert } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import { GIVEN, REPEATABLE } from './columns.ts'
import { placeReady } from './placement.ts'
import { dropNeeds, failTask, leaveState, releaseUnneeded } from './release.ts'
import { idOf, renewRun, setState, type SchedulerState } from './state.ts'
import type { TaskId } from './task-id.ts'
import { ERRED, FORGOTTEN, MEMORY, needsInputs, RELEASED, WAITING } from './task-state.ts'

/** Results are gone with their last holder: each is made again as long as retries are left. */
export function recompute(scheduler: SchedulerState, lost: readonly number[]): void {
  bringBack(
    scheduler,
    lost.filter((slot) => takeRetry(scheduler, slot, 'held a result')),
  )
}

/**
 * Makes again what is not there, of these tasks and of what has to be made again with them, as far as
 * somebody wants it.
 */
export function bringBack(scheduler: SchedulerState, slots: readonly number[]): void {
  if (slots.length === 0) return
  const invalid = restart(scheduler, slots)
  make(
    scheduler,
    [...invalid].filter((slot) => scheduler.tasks.client[slot]! >= 0),
  )
  settleRestarted(scheduler, invalid)
}

/**
 * Puts tasks back to before their first run, and with them everything that was computed from an earlier run
 * of any of them. A second run may give its rows in another order, deal them out otherwise or draw other
 * random numbers, so pieces of two runs must never meet in one answer. What is computed from a repeatable
 * task, run again on the same inputs, stays.
 */
export function restart(scheduler: SchedulerState, slots: readonly number[]): ReadonlySet<number> {
  const { tasks } = scheduler
  const invalid = invalidated(scheduler, slots)
  for (const slot of invalid) {
    const isUnfinished = needsInputs(tasks.state[slot]!)
    leaveState(scheduler, slot)
    if (isUnfinished) dropNeeds(scheduler, slot, undefined)
    if (tasks.state[slot] !== RELEASED) setState(scheduler, slot, RELEASED)
    renewRun(scheduler, slot)
  }
  return invalid
}

/**
 * Wants released tasks and the inputs that they lack, and places those that lack none; the list is used up.
 * Those in `doomed`,
 * and those with an input that failed or cannot be made, fail.
 */
export function make(
  scheduler: SchedulerState,
  wanted: number[],
  doomed = new Map<number, ErrorData>(),
): void {
  const { tasks } = scheduler
  const begun = demand(scheduler, wanted, doomed)
  for (const [slot, error] of doomed) failTask(scheduler, slot, error)
  for (const slot of begun) {
    if (tasks.state[slot] === WAITING && tasks.missing[slot] === 0) placeReady(scheduler, slot)
  }
}

/** Lets go of what restarted tasks needed before, and of those that nobody needs any more. */
export function settleRestarted(scheduler: SchedulerState, restarted: ReadonlySet<number>): void {
  for (const slot of restarted) {
    for (const input of inputsOf(scheduler, slot)) releaseUnneeded(scheduler, input)
  }
  for (const slot of restarted) releaseUnneeded(scheduler, slot)
}

/**
 * Takes one of a task's retries, unless the last one was taken for a loss just before this one. Without
 * a retry left the task fails, and the answer is false.
 */
export function takeRetry(scheduler: SchedulerState, slot: number, what: string): boolean {
  const { tasks, nowMs, options } = scheduler
  if (nowMs - tasks.lossMs[slot]! <= options.lossWindowMs) return true
  if (tasks.retriesLeft[slot] === 0) {
    failTask(scheduler, slot, lostError(what))
    return false
  }
  tasks.retriesLeft[slot]!--
  tasks.lossMs[slot] = nowMs
  return true
}

/**
 * These tasks, what has to be computed for them, what waits for any of them, and what was computed from
 * those of which the next run may give something else.
 */
function invalidated(scheduler: SchedulerState, first: readonly number[]): ReadonlySet<number> {
  const { tasks, edges } = scheduler
  /** By slot: whether the next run may give something else. */
  const found = new Map<number, boolean>()
  const stack: number[] = []
  const push = (slot: number, hasOtherInputs: boolean): void => {
    const state = tasks.state[slot]!
    if (state === FORGOTTEN) return
    const mayDiffer = hasOtherInputs || (tasks.flags[slot]! & REPEATABLE) === 0
    const known = found.get(slot)
    if (known === true || known === mayDiffer) return
    found.set(slot, mayDiffer)
    stack.push(slot)
  }
  for (const slot of first) push(slot, false)
  while (stack.length > 0) {
    const slot = stack.pop()!
    const mayDiffer = found.get(slot) === true
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      const owner = edges.owner[edge]!
      if (mayDiffer || needsInputs(tasks.state[owner]!)) push(owner, mayDiffer)
    }
    if (tasks.state[slot] === ERRED) continue
    for (const input of inputsOf(scheduler, slot)) {
      if (tasks.state[input] === RELEASED) push(input, false)
    }
  }
  // What failed stays so, but what was computed from it before it was lost goes with the others.
  return new Set([...found.keys()].filter((slot) => tasks.state[slot] !== ERRED))
}

/**
 * Moves released tasks, and the inputs that they lack, which are added to the list, to waiting; gives those
 * that were moved, and adds to `doomed`.
 */
function demand(
  scheduler: SchedulerState,
  queue: number[],
  doomed: Map<number, ErrorData>,
): readonly number[] {
  const { tasks, edges, errors } = scheduler
  const begun: number[] = []
  for (let n = 0; n < queue.length; n++) {
    const slot = queue[n]!
    if (tasks.state[slot] !== RELEASED) continue
    setState(scheduler, slot, WAITING)
    begun.push(slot)
    tasks.missing[slot] = 0
    if ((tasks.flags[slot]! & GIVEN) !== 0) doomed.set(slot, goneError(idOf(scheduler, slot)))
    const start = tasks.edgeStart[slot]!
    for (let n = 0; n < tasks.edgeCount[slot]!; n++) {
      const input = edges.input[start + n]!
      const state = tasks.state[input]
      assert(state !== FORGOTTEN, 'an input is forgotten before what is computed from it')
      tasks.waiters[input]!++
      if (state !== MEMORY) tasks.missing[slot]!++
      if (state === RELEASED) queue.push(input)
      const error = errors.get(input)
      if (error !== undefined) doomed.set(slot, error)
    }
  }
  return begun
}

function inputsOf(scheduler: SchedulerState, slot: number): Int32Array {
  const start = scheduler.tasks.edgeStart[slot]!
  return scheduler.edges.input.subarray(start, start + scheduler.tasks.edgeCount[slot]!)
}

/** Of a result that is not there and that nothing can make. */
export function goneError(task: TaskId): ErrorData {
  return {
    code: 'UNDEFINED_OBJECT',
    message: `the result of task ${task} is gone`,
    details: { detail: 'It was released, or lost with the worker that held it.' },
  }
}

function lostError(what: string): ErrorData {
  return {
    code: 'CONNECTION_FAILURE',
    message: `the connection to a worker that ${what} was lost`,
    details: { hint: 'Run the statement again.' },
  }
}
