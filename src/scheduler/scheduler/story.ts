import type { TaskId } from './task-id.ts'
import { stateNames } from './task-state.ts'

/** The latest transitions of all tasks, in a ring. */
export interface Story {
  readonly capacity: number
  readonly id: Float64Array
  readonly move: Uint8Array
  readonly atMs: Float64Array
  written: number
}

export function createStory(capacity: number): Story {
  return {
    capacity,
    id: new Float64Array(capacity),
    move: new Uint8Array(capacity),
    atMs: new Float64Array(capacity),
    written: 0,
  }
}

export function recordMove(story: Story, id: TaskId, from: number, to: number, atMs: number): void {
  if (story.capacity === 0) return
  const index = story.written++ % story.capacity
  story.id[index] = id
  story.move[index] = (from << 4) | to
  story.atMs[index] = atMs
}

/** What is remembered of a task, oldest first: `12.5 ms waiting -> processing`. */
export function storyOf(story: Story, id: TaskId): readonly string[] {
  const lines: string[] = []
  for (let n = Math.max(0, story.written - story.capacity); n < story.written; n++) {
    const index = n % story.capacity
    if (story.id[index] !== id) continue
    const move = story.move[index]!
    const [from, to] = [stateNames[move >> 4], stateNames[move & 15]]
    lines.push(`${story.atMs[index]} ms ${from} -> ${to}`)
  }
  return lines
}
