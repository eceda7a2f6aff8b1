import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { Checksums } from '../../wasm/kernels/checksum.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { editsBetween, type CatalogEdit } from './catalog-edits.ts'
import type { LogDisk } from './disk.ts'
import { FolderLock } from './folder-lock.ts'
import { FORMAT_VERSION } from './frames.ts'
import { logError } from './log-errors.ts'
import { readLog } from './log-reader.ts'
import { LogState } from './log-state.ts'
import { LogWriter, segmentName, type LogEntry, type LogRecord } from './log-writer.ts'
import {
  LoggedChunks,
  type FreshVector,
  type LoggedChunk,
  type LoggedVector,
} from './logged-chunks.ts'
import { emptyManifest, readManifest, writeManifest, type Manifest } from './manifest.ts'
import { recordHead, type ChunkText, type NumbersText } from './records.ts'
import { groupsToMove, movedRecord, placeBytes, vectorsRecord } from './vector-records.ts'

/** Where a log's folder is, and the memory that its tables lie in. */
export interface FolderLogOptions {
  readonly disk: LogDisk
  /** As messages name it. */
  readonly folder: string
  readonly heap: Heap
  readonly kernels: Kernels
}

/** A file of the log of which less is in use is emptied and removed. */
const USED_PART_MIN = 0.5
const SEGMENT_NAME = /^log-(\d{10})$/

/** The tables of one folder: a manifest, and the files of a log that goes on from it. See docs/storage.md. */
export class FolderLog {
  readonly #disk: LogDisk
  readonly #lock: FolderLock
  readonly #heap: Heap
  readonly #checksums: Checksums
  readonly #writer: LogWriter
  readonly chunks: LoggedChunks
  /** By file of the log how many read it where it is. */
  readonly #readers = new Map<number, number>()
  #isStale: boolean

  private constructor(
    { disk, heap, kernels }: FolderLogOptions,
    lock: FolderLock,
    { writer, chunks, isStale }: Opened,
  ) {
    this.#disk = disk
    this.#lock = lock
    this.#heap = heap
    this.#checksums = new Checksums(heap, kernels)
    this.#writer = writer
    this.chunks = chunks
    this.#isStale = isStale
  }

  /**
   * Opens a folder, which is made where there is none, and reads what it holds. Errors: OBJECT_IN_USE, DATA_CORRUPTED,
   * IO_ERROR, DISK_FULL, FEATURE_NOT_SUPPORTED (a newer format), INVALID_PARAMETER_VALUE (a folder of others).
   */
  static async open(
    options: FolderLogOptions,
  ): Promise<{ readonly log: FolderLog; readonly state: LogState }> {
    const { disk, folder } = options
    refuseForeign(disk, folder)
    const lock = FolderLock.take(disk, folder)
    try {
      const known = readManifest(disk)
      if (known === undefined) await writeManifest(disk, emptyManifest)
      const manifest = known ?? emptyManifest
      const state = new LogState(manifest)
      const end = readLog(disk, manifest, (record) => state.take(record))
      if (end.torn !== undefined) await cutTail(disk, end.segment, end.torn)
      const next = { segment: end.segment + 1, record: end.record }
      const writer = await LogWriter.begin(disk, next)
      const chunks = new LoggedChunks(state.nextId)
      const isStale = known === undefined || end.record !== manifest.record
      return { log: new FolderLog(options, lock, { writer, chunks, isStale }), state }
    } catch (error) {
      lock.release()
      throw logError(error, 'read', folder)
    }
  }

  /** Where readers find a file of the log. */
  pathOf(segment: number): string {
    return this.#disk.pathOf(segmentName(segment))
  }

  /** Bytes of the log that no manifest stands for. */
  get bytes(): number {
    return this.#writer.bytes
  }

  /**
   * Writes what makes of one catalog the next behind all that was written before. `done` is called when it is on the disk, in order; or
   * with an error, after which nothing of it nor of what was to come behind it is there. What the next catalog
   * has in memory must be there until then. Gives what is written of it. Errors: FEATURE_NOT_SUPPORTED; nothing is written then.
   */
  keep(
    before: Catalog,
    after: Catalog,
    { numbers, done }: { readonly numbers: readonly NumbersText[] } & Pick<LogEntry, 'done'>,
  ): readonly CatalogEdit[] {
    const added: { readonly logged: LoggedChunk; readonly fresh: readonly FreshVector[] }[] = []
    const edits = editsBetween(before, after, (chunk) => {
      const known = this.chunks.find(chunk)
      if (known !== undefined) return known.id
      const fresh: FreshVector[] = []
      const logged = this.chunks.add(chunk, (vector) => fresh.push(vector))
      added.push({ logged, fresh })
      return logged.id
    })
    const memory = { heap: this.#heap, checksums: this.#checksums }
    const chunks = added.map(({ logged }) => chunkText(logged))
    const heads: Uint8Array[] = []
    if (numbers.length > 0) heads.push(recordHead({ kind: 'numbers', sequences: numbers }))
    if (edits.length > 0) heads.push(recordHead({ kind: 'commit', chunks, edits }))
    this.#writer.append({
      *records() {
        for (const { fresh } of added) if (fresh.length > 0) yield vectorsRecord(memory, fresh)
        for (const head of heads) yield bare(head)
      },
      done(error) {
        if (error !== undefined) {
          for (const { fresh } of added) for (const { vector } of fresh) vector.isLogged = false
        }
        done(error)
      },
    })
    return edits
  }

  /**
   * Writes a manifest of what is there, after which the log before it is not read any more; its files go as far as
   * nothing of them is in use. `root`: asked for the catalog at a moment when all that was kept is in it; `written`:
   * told what is written of it. Errors: DISK_FULL, IO_ERROR; all is kept then as it was.
   */
  async checkpoint({ root, written }: CheckpointOptions): Promise<void> {
    await this.#emptyFiles(root())
    const manifest = await this.#writer.between(async () => {
      await this.#writer.nextSegment()
      const made = this.#manifestOf(root())
      written(made.edits)
      return made
    })
    await writeManifest(this.#disk, manifest)
    this.#isStale = false
    this.#removeUnused(manifest)
  }

  /** Whether the newest manifest does not stand for all that there is. */
  get isStale(): boolean {
    return this.#isStale || this.#writer.bytes > 0
  }

  /** Somebody reads a file of the log where it is, until the answer is called. */
  holdFile(segment: number): () => void {
    this.#readers.set(segment, (this.#readers.get(segment) ?? 0) + 1)
    return () => this.#readers.set(segment, (this.#readers.get(segment) ?? 0) - 1)
  }

  /** Writes what waits and gives the folder back. */
  async close(): Promise<void> {
    try {
      await this.#writer.close()
    } finally {
      this.#checksums.release()
      this.#lock.release()
    }
  }

  /** Writes columns again that are in files of which little is in use. */
  async #emptyFiles(root: Catalog): Promise<void> {
    const used = new Map<number, LoggedVector[]>()
    for (const vector of this.#vectorsOf(root)) {
      const { segment } = present(vector.place, 'the place of a column')
      const group = used.get(segment)
      if (group === undefined) used.set(segment, [vector])
      else group.push(vector)
    }
    for (const [segment, vectors] of used) {
      if (segment === this.#writer.segment) continue
      const bytes = vectors.reduce((sum, { place }) => sum + placeBytes(place!), 0)
      if (bytes >= this.#disk.sizeOf(segmentName(segment)) * USED_PART_MIN) continue
      for (const group of groupsToMove(vectors)) await this.#move(group)
    }
  }

  #move(vectors: readonly LoggedVector[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let moved = (): void => {}
      const disk = this.#disk
      this.#writer.append({
        *records() {
          const made = movedRecord(disk, vectors)
          moved = made.moved
          yield made.record
        },
        done(error) {
          if (error !== undefined) return reject(error)
          moved()
          resolve()
        },
      })
    })
  }

  /** The columns of a catalog's tables that are in the log already, dictionaries among them. */
  #vectorsOf(root: Catalog): ReadonlySet<LoggedVector> {
    const vectors = new Set<LoggedVector>()
    for (const chunk of this.#chunksOf(root)) {
      for (const { vector } of chunk.columns) {
        if (vector.place === undefined) continue
        vectors.add(vector)
        if (vector.dictionary !== undefined) vectors.add(vector.dictionary)
      }
    }
    return vectors
  }

  #chunksOf(root: Catalog): ReadonlySet<LoggedChunk> {
    const chunks = new Set<LoggedChunk>()
    editsBetween(undefined, root, (chunk: TableChunk) => {
      const logged = this.chunks.find(chunk)
      if (logged !== undefined) chunks.add(logged)
      return logged?.id ?? 0
    })
    return chunks
  }

  #manifestOf(root: Catalog): Manifest {
    const chunks = new Map<number, LoggedChunk>()
    const edits = editsBetween(undefined, root, (chunk) => {
      const logged = present(this.chunks.find(chunk), 'a chunk of a kept catalog')
      chunks.set(logged.id, logged)
      return logged.id
    })
    const vectors = [...this.#vectorsOf(root)].map((vector) => {
      const { header, checksum, segment, offset } = present(vector.place, 'a kept column')
      const dictionary = vector.dictionary?.id
      return { id: vector.id, header, checksum, dictionary, segment, at: offset }
    })
    return {
      version: FORMAT_VERSION,
      segment: this.#writer.segment,
      record: this.#writer.record,
      nextId: this.chunks.nextId,
      vectors,
      chunks: [...chunks.values()].map(chunkText),
      edits,
    }
  }

  #removeUnused({ segment: first, vectors }: Manifest): void {
    const used = new Set(vectors.map(({ segment }) => segment))
    for (const name of this.#disk.names()) {
      const segment = Number(SEGMENT_NAME.exec(name)?.[1] ?? Infinity)
      if (segment >= first || used.has(segment)) continue
      if ((this.#readers.get(segment) ?? 0) > 0) continue
      this.#disk.remove(name)
    }
  }
}

export interface CheckpointOptions {
  readonly root: () => Catalog
  readonly written: (edits: readonly CatalogEdit[]) => void
}

interface Opened {
  readonly writer: LogWriter
  readonly chunks: LoggedChunks
  readonly isStale: boolean
}

/** A folder with files but no manifest is somebody else's. */
function refuseForeign(disk: LogDisk, folder: string): void {
  const names = disk.names()
  if (names.includes('manifest')) return
  const isOurs = (name: string): boolean => /^(lock\.[\d.]+|manifest\.new)$/.test(name)
  if (names.every(isOurs)) return
  const message = `folder "${folder}" has other files in it and no tables of Heddle`
  throw new QueryError('INVALID_PARAMETER_VALUE', message, { hint: 'Name an empty folder.' })
}

async function cutTail(disk: LogDisk, segment: number, bytes: number): Promise<void> {
  const file = await disk.openToWrite(segmentName(segment))
  await file.truncate(bytes)
  await file.sync()
  await file.close()
}

function bare(head: Uint8Array): LogRecord {
  return { head, bodyBytes: 0, body: [] }
}

function chunkText({ id, rows, statistics, columns }: LoggedChunk): ChunkText {
  const places = columns.map(({ vector, firstRow }) => [vector.id, firstRow] as const)
  return { id, rows, statistics, columns: places }
}
