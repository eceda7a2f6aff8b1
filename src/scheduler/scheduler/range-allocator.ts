import { assert } from '../../base/assert.ts'

/**
 * Ranges of consecutive indexes in growing columns: first fit, freed neighbours are joined. A graph
 * takes one range of task slots and one of edges, and gives both back when it is forgotten.
 */
export interface RangeAllocator {
  /** Free ranges by start, never touching each other or `end`. */
  readonly free: { start: number; length: number }[]
  /** Everything from here on is free. */
  end: number
}

export function createRangeAllocator(): RangeAllocator {
  return { free: [], end: 0 }
}

export function takeRange(allocator: RangeAllocator, length: number): number {
  const index = allocator.free.findIndex((range) => range.length >= length)
  const range = allocator.free[index]
  if (range === undefined) {
    const start = allocator.end
    allocator.end += length
    return start
  }
  const { start } = range
  range.start += length
  range.length -= length
  if (range.length === 0) allocator.free.splice(index, 1)
  return start
}

export function freeRange(allocator: RangeAllocator, start: number, length: number): void {
  if (length === 0) return
  const { free } = allocator
  let index = free.findIndex((range) => range.start > start)
  if (index < 0) index = free.length
  const before = free[index - 1]
  const after = free[index]
  assert(before === undefined || before.start + before.length <= start, 'a range is freed twice')
  const joinsBefore = before !== undefined && before.start + before.length === start
  const joinsAfter = after !== undefined && start + length === after.start
  if (joinsBefore) {
    before.length += length + (joinsAfter ? after.length : 0)
    if (joinsAfter) free.splice(index, 1)
  } else if (joinsAfter) {
    after.start = start
    after.length += length
  } else {
    free.splice(index, 0, { start, length })
  }
  const last = free.at(-1)
  if (last !== undefined && last.start + last.length === allocator.end) {
    allocator.end = last.start
    free.pop()
  }
}
