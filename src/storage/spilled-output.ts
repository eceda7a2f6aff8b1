import { assert } from '../base/assert.ts'
import { ChunkLease, type KeptChunks } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { OpenFiles, ReadFile } from './open-files.ts'
import { readExtent, readExtentNow, type Extent, type SpillMemory } from './extents.ts'
import { spillError } from './spill-errors.ts'

/** Where chunks lie when they are read, and the files that are open meanwhile. */
interface OutputMemory extends SpillMemory {
  readonly files: OpenFiles
}

/** An output in a file, piece by piece, until it is released. */
export class SpilledOutput {
  readonly #memory: OutputMemory
  readonly #path: string
  readonly #pieces: readonly (readonly Extent[])[]
  #remove: (() => void) | undefined

  constructor(
    memory: OutputMemory,
    path: string,
    pieces: readonly (readonly Extent[])[],
    remove: () => void,
  ) {
    this.#memory = memory
    this.#path = path
    this.#pieces = pieces
    this.#remove = remove
  }

  /** How many bytes a piece takes, in the file and about so many in memory. */
  bytesOf(piece: number): number {
    return this.#extents(piece).reduce((bytes, { header }) => bytes + header.bytes, 0)
  }

  get bytes(): number {
    return this.#pieces.reduce((bytes, _, piece) => bytes + this.bytesOf(piece), 0)
  }

  rowsOf(piece: number): number {
    const chunks = this.#extents(piece).flatMap(({ header }) => header.chunks)
    return chunks.reduce((rows, chunk) => rows + chunk.rows, 0)
  }

  /** A piece, to be read by and by. */
  piece(piece: number): KeptChunks {
    return {
      rows: this.rowsOf(piece),
      inTurn: () => this.#inTurn(piece),
      all: () => this.#readNow(piece),
    }
  }

  /** A piece in memory of its own. Throws IO_ERROR, DATA_CORRUPTED and OUT_OF_MEMORY; nothing is held then. */
  async read(piece: number): Promise<ChunkLease> {
    const extents = this.#extents(piece)
    if (extents.length === 0) return new ChunkLease([], () => {})
    const held: ChunkLease[] = []
    const { files } = this.#memory
    try {
      const file = files.enter(this.#path)
      try {
        for (const extent of extents) {
          held.push(await readExtent(file.descriptor, this.#path, this.#memory, extent))
        }
      } finally {
        file.leave()
      }
      return together(held)
    } catch (error) {
      for (const lease of held) lease.release()
      throw spillError(error, 'read', this.#path)
    }
  }

  /** The chunks of a piece, a few megabytes at a time: each is there until the next is asked for. */
  *#inTurn(piece: number): Generator<Chunk> {
    const extents = this.#extents(piece)
    if (extents.length === 0) return
    const { files } = this.#memory
    let file: ReadFile | undefined
    let held: ChunkLease | undefined
    try {
      file = files.enter(this.#path)
      for (const extent of extents) {
        held = readExtentNow(file.descriptor, this.#path, this.#memory, extent)
        yield* held.chunks
        held.release()
        held = undefined
      }
    } catch (error) {
      throw spillError(error, 'read', this.#path)
    } finally {
      held?.release()
      file?.leave()
    }
  }

  /** Everything of a piece in memory, read at once. */
  #readNow(piece: number): ChunkLease {
    const held: ChunkLease[] = []
    const { files } = this.#memory
    try {
      const file = files.enter(this.#path)
      try {
        for (const extent of this.#extents(piece)) {
          held.push(readExtentNow(file.descriptor, this.#path, this.#memory, extent))
        }
      } finally {
        file.leave()
      }
      return together(held)
    } catch (error) {
      for (const lease of held) lease.release()
      throw spillError(error, 'read', this.#path)
    }
  }

  /** Removes the file; nothing of it is read afterwards. */
  release(): void {
    const remove = this.#remove
    assert(remove !== undefined, 'a spilled output was released twice')
    this.#remove = undefined
    remove()
  }

  #extents(piece: number): readonly Extent[] {
    assert(this.#remove !== undefined, 'a spilled output was read after its release')
    const extents = this.#pieces[piece]
    assert(extents !== undefined, `a spilled output has no piece ${piece}`)
    return extents
  }
}

function together(held: readonly ChunkLease[]): ChunkLease {
  return new ChunkLease(
    held.flatMap(({ chunks }) => chunks),
    () => {
      for (const lease of held) lease.release()
    },
  )
}
