import type { TaskColumns } from './columns.ts'

/**
 * A binary heap of slots by (priority, rank), lowest first. An entry may be stale: whoever pops
 * checks that the slot still holds the task (by id) in the state that queued it.
 */
export interface PriorityHeap {
  readonly slots: number[]
  readonly ids: number[]
}

export function createPriorityHeap(): PriorityHeap {
  return { slots: [], ids: [] }
}

function before(tasks: TaskColumns, a: number, b: number): boolean {
  const difference = tasks.priority[a]! - tasks.priority[b]!
  return difference === 0 ? tasks.rank[a]! < tasks.rank[b]! : difference < 0
}

export function pushSlot(heap: PriorityHeap, tasks: TaskColumns, slot: number): void {
  const { slots, ids } = heap
  let index = slots.length
  slots.push(slot)
  ids.push(0)
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(tasks, slot, slots[parent]!)) break
    slots[index] = slots[parent]!
    ids[index] = ids[parent]!
    index = parent
  }
  slots[index] = slot
  ids[index] = tasks.id[slot]!
}

/** The slot with the lowest priority whose task is still in `state`, or -1. */
export function popSlot(heap: PriorityHeap, tasks: TaskColumns, state: number): number {
  for (;;) {
    const slot = heap.slots[0]
    if (slot === undefined) return -1
    const id = heap.ids[0]!
    removeTop(heap, tasks)
    if (tasks.id[slot] === id && tasks.state[slot] === state) return slot
  }
}

function removeTop(heap: PriorityHeap, tasks: TaskColumns): void {
  const { slots, ids } = heap
  const slot = slots.pop()!
  const id = ids.pop()!
  const { length } = slots
  if (length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= length) break
    if (child + 1 < length && before(tasks, slots[child + 1]!, slots[child]!)) child++
    if (!before(tasks, slots[child]!, slot)) break
    slots[index] = slots[child]!
    ids[index] = ids[child]!
    index = child
  }
  slots[index] = slot
  ids[index] = id
}
