import { closeSync, openSync } from 'node:fs'

/** Files that stay open though nobody reads them just now. */
const OPEN_MAX = 64

/** A file while somebody reads it. */
export interface ReadFile {
  readonly descriptor: number
  /** The reader is done. */
  leave(): void
}

interface OpenFile {
  readonly descriptor: number
  readers: number
  /** It is closed with its last reader. */
  isForgotten: boolean
}

/**
 * Files that are read piece by piece, left open in between: to open one takes longer than to read a piece. Those
 * that were read last stay, and all that somebody reads.
 */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>()

  /** Throws what the operating system does. */
  enter(path: string): ReadFile {
    const known = this.#files.get(path)
    const file = known ?? { descriptor: openSync(path, 'r'), readers: 0, isForgotten: false }
    // The last one that was read is the last of the map.
    this.#files.delete(path)
    this.#files.set(path, file)
    file.readers++
    return { descriptor: file.descriptor, leave: () => this.#left(file) }
  }

  /** A file that is about to be removed. */
  forget(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    this.#files.delete(path)
    file.isForgotten = true
    if (file.readers === 0) closeSync(file.descriptor)
  }

  close(): void {
    for (const path of this.#files.keys()) this.forget(path)
  }

  #left(file: OpenFile): void {
    file.readers--
    if (file.isForgotten && file.readers === 0) closeSync(file.descriptor)
    for (const [path, { readers }] of this.#files) {
      if (this.#files.size <= OPEN_MAX) return
      if (readers === 0) this.forget(path)
    }
  }
}
