/** Bytes held before the socket is paused while a statement runs; one message may be larger. */
export const INPUT_BYTES_MAX = 1_048_576

const CAPACITY_BYTES = 16_384

/** Bytes that arrived and were not used yet. Grows by doubling, so that large messages cost linear time. */
export class InputBuffer {
  #bytes = Buffer.allocUnsafe(CAPACITY_BYTES)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  /** What is there. Stays as it is when more arrives: used space is never written to again. */
  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  append(bytes: Buffer): void {
    if (this.#end + bytes.length > this.#bytes.length) {
      const needed = this.length + bytes.length
      const grown = Buffer.allocUnsafe(Math.max(CAPACITY_BYTES, 2 * needed))
      this.#end = this.#bytes.copy(grown, 0, this.#start, this.#end)
      this.#start = 0
      this.#bytes = grown
    }
    this.#end += bytes.copy(this.#bytes, this.#end)
  }

  consume(bytes: number): void {
    this.#start += bytes
  }
}
