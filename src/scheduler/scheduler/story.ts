import type { SchedulerEvent } from './events.ts'
import type { TaskId } from './task-id.ts'
import { stateNames } from './task-state.ts'

/** The latest transitions of all tasks, in a ring: the transition log. */
export interface Story {
  readonly capacity: number
  readonly id: Float64Array
  readonly move: Uint8Array
  readonly causeOf: Uint8Array
  readonly atMs: Float64Array
  written: number
  /** Of the moves that come. */
  cause: SchedulerEvent['kind']
  nowMs: number
}

const causes = [
  'worker-joined',
  'worker-left',
  'graph-submitted',
  'results-given',
  'graph-cancelled',
  'results-wanted',
  'results-released',
  'tasks-cancelled',
  'tasks-retried',
  'client-left',
  'task-finished',
  'task-erred',
  'replica-added',
  'inputs-unreachable',
  'worker-heard',
  'tick',
] as const satisfies readonly SchedulerEvent['kind'][]

const causeNumbers = Object.fromEntries(causes.map((cause, number) => [cause, number])) as Readonly<
  Record<SchedulerEvent['kind'], number>
>

export function createStory(capacity: number): Story {
  return {
    capacity,
    id: new Float64Array(capacity),
    move: new Uint8Array(capacity),
    causeOf: new Uint8Array(capacity),
    atMs: new Float64Array(capacity),
    written: 0,
    cause: 'tick',
    nowMs: 0,
  }
}

export function recordMove(story: Story, id: TaskId, from: number, to: number): void {
  if (story.capacity === 0) return
  const index = story.written++ % story.capacity
  story.id[index] = id
  story.move[index] = (from << 4) | to
  story.causeOf[index] = causeNumbers[story.cause]
  story.atMs[index] = story.nowMs
}

/** What is remembered of a task, oldest first: `12.5 ms waiting -> processing (task-finished)`. */
export function storyOf(story: Story, id: TaskId): readonly string[] {
  const lines: string[] = []
  for (let n = Math.max(0, story.written - story.capacity); n < story.written; n++) {
    const index = n % story.capacity
    if (story.id[index] !== id) continue
    const move = story.move[index]!
    const [from, to] = [stateNames[move >> 4], stateNames[move & 15]]
    lines.push(`${story.atMs[index]} ms ${from} -> ${to} (${causes[story.causeOf[index]!]})`)
  }
  return lines
}
