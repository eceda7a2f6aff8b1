import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'

/** What a task's word to stop says where a thread's error stops the others; whoever cancels writes another. */
const STOPPED_BY_ERROR = 2

/** Tells the other threads of a job to stop, as one of them failed; a cancel that came before stays. */
export function stopOthers({ i32 }: Pick<Heap, 'i32'>, word: Address): void {
  Atomics.compareExchange(i32, word >>> 2, 0, STOPPED_BY_ERROR)
}

/** All threads have stopped, and the task goes on in another way, unless it was cancelled meanwhile. */
export function goOnAfterError({ i32 }: Pick<Heap, 'i32'>, word: Address): void {
  Atomics.compareExchange(i32, word >>> 2, STOPPED_BY_ERROR, 0)
}
