import type { Heap } from '../data/arenas/heap.ts'
import { address, type Address } from '../data/vectors/vector.ts'

const BLOCK_BYTES = 16_384
// A cache line each, so that looking at one does not slow the writer of another.
const WORD_BYTES = 64

/** Words in the shared memory through which running fragments are stopped. */
export interface CancelWords {
  /** A word that is 0. */
  take(): Address
  giveBack(word: Address): void
  /** Frees the memory of all words; none may be in use. */
  close(): void
}

export function createCancelWords(heap: Heap): CancelWords {
  const blocks: Address[] = []
  const free: Address[] = []
  const addBlock = (): void => {
    const block = heap.allocate(BLOCK_BYTES, 'engine')
    blocks.push(block)
    for (let at = 0; at < BLOCK_BYTES; at += WORD_BYTES) free.push(address(block + at))
  }
  return {
    take() {
      if (free.length === 0) addBlock()
      const word = free.pop()!
      Atomics.store(heap.i32, word >>> 2, 0)
      return word
    },
    giveBack: (word) => void free.push(word),
    close() {
      for (const block of blocks.splice(0)) heap.free(block)
      free.length = 0
    },
  }
}

/** Asks the fragment that watches this word to stop. */
export function setCancelWord(heap: Heap, word: Address): void {
  Atomics.store(heap.i32, word >>> 2, 1)
}

export function isCancelWordSet(heap: Heap, word: Address): boolean {
  return Atomics.load(heap.i32, word >>> 2) !== 0
}
