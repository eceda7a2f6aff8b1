import { open, type FileHandle } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { QueryError } from '../base/errors.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { spillError } from './spill-errors.ts'
import { ExtentWriter, type Extent } from './extents.ts'
import { KeptRows } from './kept-rows.ts'
import {
  freeBytes,
  makeOwnFolder,
  removeAbandonedFolders,
  removeFolder,
} from './temporary-folder.ts'
import { OpenFiles } from './open-files.ts'
import { SpilledOutput } from './spilled-output.ts'

export interface SpillOptions {
  readonly heap: Heap
  readonly kernels: Kernels
  /** Where the files are; made where there is none. */
  readonly directory: string
  /** What all files may take together; undefined: nine tenths of what the disk has free at first. */
  readonly bytesMax?: number | undefined
}

/** Of a disk's free bytes; the rest is left to others. */
const FREE_PART_MAX = 0.9

/**
 * Chunks in files: of results that wait while others need the memory, and of tables that it has no room for. All files lie in a folder of the process,
 * which is made with the first and removed by {@link SpillStore.close} or when the process exits; what
 * processes left that were killed is removed with the first file of the next.
 */
export class SpillStore {
  readonly heap: Heap
  readonly directory: string
  readonly #kernels: Kernels
  #bytesMax: number | undefined
  #folder: string | undefined
  readonly #files = new OpenFiles()
  #written = 0
  #bytes = 0
  #bytesWritten = 0
  readonly #onExit = (): void => this.close()

  constructor({ heap, kernels, directory, bytesMax }: SpillOptions) {
    this.heap = heap
    this.#kernels = kernels
    this.directory = directory
    this.#bytesMax = bytesMax
  }

  /** Bytes that the files take now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Bytes that were ever written. */
  get bytesWritten(): number {
    return this.#bytesWritten
  }

  /**
   * Writes the pieces of an output to a file of its own; their memory is the caller's as before. Throws
   * DISK_FULL where they have no room, and IO_ERROR; nothing of the file is left then.
   */
  async write(pieces: readonly (readonly Chunk[])[]): Promise<SpilledOutput> {
    const path = this.#nextPath()
    const memory = { heap: this.heap, kernels: this.#kernels }
    let file: FileHandle | undefined
    let reserved = 0
    const reserve = (bytes: number): void => {
      this.#reserve(bytes)
      reserved += bytes
    }
    try {
      file = await open(path, 'wx', 0o600)
      const writer = new ExtentWriter(file, memory, reserve)
      const extents: (readonly Extent[])[] = []
      for (const chunks of pieces) extents.push(await writer.write(chunks))
      await writer.finish()
      await file.close()
      this.#bytesWritten += reserved
      const remove = (): void => this.#remove(path, reserved)
      return new SpilledOutput({ ...memory, files: this.#files }, path, extents, remove)
    } catch (error) {
      await file?.close().catch(() => {})
      this.#remove(path, reserved)
      throw spillError(error, 'write', path)
    }
  }

  /** Room for rows of a table that the working memory has none for. Throws IO_ERROR where there is no folder. */
  keep(): KeptRows {
    const path = this.#nextPath()
    let reserved = 0
    const reserve = (bytes: number): void => {
      this.#reserve(bytes)
      reserved += bytes
      this.#bytesWritten += bytes
    }
    const memory = { heap: this.heap, kernels: this.#kernels }
    return new KeptRows(memory, { path, reserve, remove: () => this.#remove(path, reserved) })
  }

  /** Removes all files. What is still read of them fails. */
  close(): void {
    this.#files.close()
    if (this.#folder === undefined) return
    process.off('exit', this.#onExit)
    try {
      removeFolder(this.#folder)
    } catch {
      // Where that cannot be done now, the next process that spills here does it.
    }
    this.#folder = undefined
    this.#bytes = 0
  }

  #nextPath(): string {
    try {
      this.#folder ??= this.#makeFolder()
    } catch (error) {
      throw spillError(error, 'write', this.directory)
    }
    return join(this.#folder, `${++this.#written}`)
  }

  #makeFolder(): string {
    removeAbandonedFolders(this.directory)
    const folder = makeOwnFolder(this.directory)
    this.#bytesMax ??= Math.floor(freeBytes(folder) * FREE_PART_MAX)
    process.on('exit', this.#onExit)
    return folder
  }

  #reserve(bytes: number): void {
    const bytesMax = this.#bytesMax ?? 0
    if (this.#bytes + bytes > bytesMax) throw tooLarge(bytesMax, this.directory)
    this.#bytes += bytes
  }

  #remove(path: string, bytes: number): void {
    this.#files.forget(path)
    // After `close` nothing is counted any more.
    if (this.#folder === undefined) return
    this.#bytes -= bytes
    try {
      rmSync(path, { force: true })
    } catch {
      // It goes with the folder.
    }
  }
}

function tooLarge(bytesMax: number, directory: string): QueryError {
  return new QueryError(
    'DISK_FULL',
    `temporary files of more than ${bytesMax} bytes would be needed in "${directory}"`,
    { hint: 'Raise max_temp_directory_size, or memory_limit, or select fewer rows or columns.' },
  )
}
