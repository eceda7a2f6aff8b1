const GATHERED_BYTES = 65_536

/** Writes parts in order; resolves when more may be written, or at once when the client is gone. */
export type WriteParts = (parts: readonly Uint8Array[]) => Promise<void>

/** What a connection has to say, gathered so that many small messages travel together. */
export class Outlet {
  readonly #write: WriteParts
  #parts: Uint8Array[] = []
  #bytes = 0

  constructor(write: WriteParts) {
    this.#write = write
  }

  push(message: Uint8Array): void {
    this.#parts.push(message)
    this.#bytes += message.length
  }

  /** Whether so much was gathered that it should be sent before more is made. */
  get isFull(): boolean {
    return this.#bytes >= GATHERED_BYTES
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** Sends what was gathered, and waits until the client took enough of it. */
  async flush(): Promise<void> {
    if (this.#parts.length === 0) return
    const parts = this.#parts
    this.#parts = []
    this.#bytes = 0
    await this.#write(parts)
  }
}
