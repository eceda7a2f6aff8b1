import { assert } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { Address } from '../data/vectors/vector.ts'
import { isCancelWordSet, setCancelWord } from './cancel-words.ts'

/** Whether a task is to stop: for code that looks at a word of the shared memory, and for code that listens. */
export class TaskStop {
  /** The word that is not 0 once it is. */
  readonly word: Address
  readonly #heap: Heap
  #controller: AbortController | undefined
  #stopped: (() => void) | undefined

  constructor(heap: Heap, word: Address) {
    this.#heap = heap
    this.word = word
  }

  get isStopped(): boolean {
    return isCancelWordSet(this.#heap, this.word)
  }

  /** Made when it is first asked for: it takes as long as a small task. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.isStopped) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Calls something once it is stopped, which is cheaper than a signal; there is one such call. */
  onStop(stopped: () => void): void {
    assert(this.#stopped === undefined, 'a stop is told twice')
    this.#stopped = stopped
    if (this.isStopped) stopped()
  }

  stop(): void {
    const isFirst = !this.isStopped
    setCancelWord(this.#heap, this.word)
    if (!isFirst) return
    this.#controller?.abort()
    this.#stopped?.()
  }
}
