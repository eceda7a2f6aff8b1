import { assert } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import { placeReady } from './placement.ts'
import { dropNeeds, failTask, leaveState, releaseUnneeded } from './release.ts'
import { renewRun, setState, type SchedulerState } from './state.ts'
import { ERRED, FORGOTTEN, MEMORY, needsInputs, RELEASED, WAITING } from './task-state.ts'

/**
 * Results are gone with their last holder. Each is computed again, from inputs that may have to be
 * computed again too; and so is everything that was computed from an earlier run of any of them. A
 * second run may give its rows in another order, deal them out otherwise or draw other random
 * numbers, so pieces of two runs must never meet in one answer.
 */
export function recompute(scheduler: SchedulerState, lost: readonly number[]): void {
  const { tasks } = scheduler
  const charged = lost.filter((slot) => takeRetry(scheduler, slot, 'held a result'))
  const invalid = invalidated(scheduler, charged)
  for (const slot of invalid) {
    const isUnfinished = needsInputs(tasks.state[slot]!)
    leaveState(scheduler, slot)
    if (isUnfinished) dropNeeds(scheduler, slot, undefined)
    if (tasks.state[slot] !== RELEASED) setState(scheduler, slot, RELEASED)
    renewRun(scheduler, slot)
  }
  const doomed = demand(
    scheduler,
    [...invalid].filter((slot) => tasks.wanted[slot] === 1),
  )
  for (const [slot, error] of doomed) failTask(scheduler, slot, error)
  for (const slot of invalid) {
    if (tasks.state[slot] === WAITING && tasks.missing[slot] === 0) placeReady(scheduler, slot)
  }
  for (const slot of invalid)
    for (const input of inputsOf(scheduler, slot)) {
      releaseUnneeded(scheduler, input)
    }
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

/** These tasks, what was or would be computed from them, and what has to be computed for that. */
function invalidated(scheduler: SchedulerState, lost: readonly number[]): ReadonlySet<number> {
  const { tasks, edges } = scheduler
  const invalid = new Set<number>()
  const stack = [...lost]
  while (stack.length > 0) {
    const slot = stack.pop()!
    const state = tasks.state[slot]!
    if (state === ERRED || state === FORGOTTEN || invalid.has(slot)) continue
    invalid.add(slot)
    for (let edge = tasks.head[slot]!; edge >= 0; edge = edges.next[edge]!) {
      stack.push(edges.owner[edge]!)
    }
    for (const input of inputsOf(scheduler, slot)) {
      if (tasks.state[input] === RELEASED) stack.push(input)
    }
  }
  return invalid
}

/** Wants released tasks and the inputs that they lack; gives those with an input that failed. */
function demand(
  scheduler: SchedulerState,
  wanted: readonly number[],
): ReadonlyMap<number, ErrorData> {
  const { tasks, errors } = scheduler
  const doomed = new Map<number, ErrorData>()
  const stack = [...wanted]
  while (stack.length > 0) {
    const slot = stack.pop()!
    if (tasks.state[slot] !== RELEASED) continue
    setState(scheduler, slot, WAITING)
    tasks.missing[slot] = 0
    for (const input of inputsOf(scheduler, slot)) {
      const state = tasks.state[input]
      assert(state !== FORGOTTEN, 'an input is forgotten before what is computed from it')
      tasks.waiters[input]!++
      if (state !== MEMORY) tasks.missing[slot]!++
      if (state === RELEASED) stack.push(input)
      const error = errors.get(input)
      if (error !== undefined) doomed.set(slot, error)
    }
  }
  return doomed
}

function inputsOf(scheduler: SchedulerState, slot: number): Int32Array {
  const start = scheduler.tasks.edgeStart[slot]!
  return scheduler.edges.input.subarray(start, start + scheduler.tasks.edgeCount[slot]!)
}

function lostError(what: string): ErrorData {
  return {
    code: 'CONNECTION_FAILURE',
    message: `the connection to a worker that ${what} was lost`,
    details: { hint: 'Run the statement again.' },
  }
}
