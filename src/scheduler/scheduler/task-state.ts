/** The eight states of a task on the scheduler, as numbers of the state column. */
export const RELEASED = 0
export const WAITING = 1
export const QUEUED = 2
export const NO_WORKER = 3
export const PROCESSING = 4
export const MEMORY = 5
export const ERRED = 6
export const FORGOTTEN = 7

export const stateNames = [
  'released',
  'waiting',
  'queued',
  'no-worker',
  'processing',
  'memory',
  'erred',
  'forgotten',
] as const

/**
 * Which states may follow each state; docs/scheduler.md says when. What is run again because a worker was
 * lost goes back to released and waiting from wherever it was; what was given is in memory at once.
 */
const allowed: readonly (readonly number[])[] = [
  [WAITING, MEMORY, FORGOTTEN],
  [RELEASED, QUEUED, NO_WORKER, PROCESSING, ERRED],
  [RELEASED, PROCESSING, ERRED],
  [RELEASED, QUEUED, PROCESSING, ERRED],
  [RELEASED, WAITING, MEMORY, ERRED],
  [RELEASED, ERRED],
  [RELEASED, FORGOTTEN],
  [],
]

export function mayFollow(from: number, to: number): boolean {
  return allowed[from]!.includes(to)
}

/** Whether a task in this state still needs its inputs: it counts as a waiter of each. */
export function needsInputs(state: number): boolean {
  return state >= WAITING && state <= PROCESSING
}
