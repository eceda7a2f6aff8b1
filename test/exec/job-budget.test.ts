import { expect, test } from 'vitest'
import { Heap } from '../../src/data/arenas/heap.ts'
import { jobBudget } from '../../src/exec/jobs/job-budget.ts'

const heap = new Heap(Heap.createMemory(1 << 22))
const cancel = heap.allocate(64)
heap.i32[cancel >>> 2] = 0

function checked(takenPart: number): () => void {
  const budget = jobBudget({ heap, scriptHeap: { takenPart: () => takenPart } }, cancel, undefined)
  return () => {
    for (let checks = 0; checks < 100; checks++) budget.check(1)
  }
}

test("a job ends before the values of functions have filled JavaScript's heap", () => {
  expect(checked(0.95)).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }))
  expect(checked(0.8)).not.toThrow()
})

test('a job that was cancelled says so, whatever the heap', () => {
  heap.i32[cancel >>> 2] = 1
  expect(checked(0.95)).toThrow(expect.objectContaining({ code: 'QUERY_CANCELED' }))
  heap.i32[cancel >>> 2] = 0
})
