import type { WorkerTask } from './state.ts'

function before(a: WorkerTask, b: WorkerTask): boolean {
  return a.priority === b.priority ? a.rank < b.rank : a.priority < b.priority
}

export function pushReady(heap: WorkerTask[], task: WorkerTask): void {
  let index = heap.length
  heap.push(task)
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(task, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = task
}

/** The task that should run first, released ones left out. */
export function popReady(heap: WorkerTask[]): WorkerTask | undefined {
  for (;;) {
    const top = heap[0]
    if (top === undefined) return undefined
    removeTop(heap)
    if (top.state === 'ready') return top
  }
}

function removeTop(heap: WorkerTask[]): void {
  const task = heap.pop()!
  const { length } = heap
  if (length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= length) break
    if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++
    if (!before(heap[child]!, task)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = task
}
