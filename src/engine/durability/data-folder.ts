import type { Trace } from '../../base/trace.ts'
import { LeaseScope } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog, SequenceEntry, TableEntry } from '../../plan/catalog/catalog.ts'
import { emptyCatalog } from '../../plan/catalog/schemas.ts'
import { FolderDisk, type LogDisk } from '../../storage/log/disk.ts'
import { FolderLog } from '../../storage/log/folder-log.ts'
import { storedIn, type LoggedEntry } from '../../storage/log/catalog-edits.ts'
import type { LogState } from '../../storage/log/log-state.ts'
import type { ColumnHome } from '../catalog/catalog-memory.ts'
import type { CatalogKeeper } from '../catalog/catalog-store.ts'
import { randomTableId } from '../catalog/table-id.ts'
import { tableStatistics } from '../catalog/table-statistics.ts'
import { KeptNumbers } from './kept-numbers.ts'
import { loadedChunks, type LoadMemory } from './loaded-chunks.ts'

/** So much log is read again after a crash, at most about. */
const CHECKPOINT_BYTES = 67_108_864

export interface DataFolderOptions extends Omit<LoadMemory, 'log'> {
  readonly path: string
  readonly trace: Trace
  /** In place of the folder's own files. */
  readonly disk?: LogDisk | undefined
  /** Bytes of log after which a checkpoint is made. */
  readonly checkpointBytes?: number | undefined
}

/** The folder in which an engine keeps its tables. */
export class DataFolder implements CatalogKeeper {
  readonly #options: DataFolderOptions
  readonly #log: FolderLog
  readonly #numbers = new KeptNumbers()
  readonly #checkpointBytes: number
  /** Since when numbers are being kept. */
  #keeping: Promise<void> | undefined
  #checkpoint: Promise<void> | undefined
  #isClosed = false

  private constructor(options: DataFolderOptions, log: FolderLog) {
    this.#options = options
    this.#log = log
    this.#checkpointBytes = options.checkpointBytes ?? CHECKPOINT_BYTES
  }

  /**
   * Opens a folder and brings its tables into the catalog, which keeps all its roots there from now on. Errors: see
   * {@link FolderLog.open}.
   */
  static async open(options: DataFolderOptions): Promise<DataFolder> {
    const { path, heap, kernels, catalog, disk = new FolderDisk(path) } = options
    const { log, state } = await FolderLog.open({ disk, folder: path, heap, kernels })
    const leases = new LeaseScope()
    try {
      const folder = new DataFolder(options, log)
      catalog.keepIn(folder, rootOf({ ...options, log }, state, leases))
      if (log.isStale) await folder.checkpoint()
      return folder
    } catch (error) {
      await log.close()
      throw error
    } finally {
      leases.close()
    }
  }

  keep(before: Catalog, after: Catalog, done: (error?: unknown) => void): void {
    const edits = this.#log.keep(before, after, {
      numbers: this.#numbers.take(before),
      done: (error) => {
        done(error)
        if (error === undefined) this.#checkpointIfLong()
        else this.#numbers.lost()
      },
    })
    this.#numbers.written(edits)
  }

  share(chunk: TableChunk, columns: readonly ColumnHome[]): void {
    this.#log.chunks.share(chunk, columns)
  }

  /** Numbers were taken of a sequence, or it was told where to go on. */
  moved(sequence: SequenceEntry, isSet: boolean): void {
    if (isSet) this.#numbers.set(sequence)
    else this.#numbers.took(sequence)
  }

  /** Resolves when no number that was taken will be given again, whatever happens; undefined where that is so. */
  numbersKept(): Promise<void> | undefined {
    if (!this.#numbers.hasMoved) return this.#keeping
    const { decided } = this.#options.catalog
    const numbers = this.#numbers.take(decided)
    if (numbers.length === 0) return this.#keeping
    const keeping = new Promise<void>((resolve, reject) => {
      this.#log.keep(decided, decided, {
        numbers,
        done: (error) => {
          if (this.#keeping === keeping) this.#keeping = undefined
          if (error === undefined) return resolve()
          this.#numbers.lost()
          reject(error)
        },
      })
    })
    this.#keeping = keeping
    return keeping
  }

  /** Makes the log short: see {@link FolderLog.checkpoint}. One at a time; who comes meanwhile waits for the next. */
  async checkpoint(): Promise<void> {
    while (this.#checkpoint !== undefined) await this.#checkpoint.catch(() => {})
    const { catalog } = this.#options
    this.#checkpoint = this.#log.checkpoint({
      root: () => catalog.newest,
      written: (edits) => this.#numbers.written(edits),
    })
    try {
      await this.#checkpoint
    } finally {
      this.#checkpoint = undefined
    }
  }

  #checkpointIfLong(): void {
    if (this.#isClosed || this.#checkpoint !== undefined) return
    if (this.#log.bytes < this.#checkpointBytes) return
    this.checkpoint().catch((error: unknown) => {
      this.#options.trace.log('error', 'checkpoint failed', { error: String(error) })
    })
  }

  /** Keeps what waits and gives the folder back. */
  async close(): Promise<void> {
    this.#isClosed = true
    try {
      if (this.#log.isStale) await this.checkpoint()
    } finally {
      await this.#log.close()
    }
  }
}

/** The catalog that a log has come to, its tables held by the leases. */
function rootOf(memory: LoadMemory, state: LogState, leases: LeaseScope): Catalog {
  const groups = Object.entries(emptyCatalog).map(([group, empty]) => {
    const known = state.catalog.groups.get(group)
    if (known === undefined) return [group, empty] as const
    return [group, schemasOf(known, (entry) => loaded(memory, state, entry, leases))] as const
  })
  return Object.fromEntries(groups) as unknown as Catalog
}

function schemasOf(
  schemas: ReadonlyMap<string, ReadonlyMap<string, LoggedEntry>>,
  load: (entry: LoggedEntry) => object,
): ReadonlyMap<string, ReadonlyMap<string, object>> {
  return new Map(
    [...schemas].map(([schema, entries]) => [
      schema,
      new Map([...entries].map(([name, entry]) => [name, load(entry)])),
    ]),
  )
}

function loaded(
  memory: LoadMemory,
  state: LogState,
  { entry, rows }: LoggedEntry,
  leases: LeaseScope,
): object {
  if (rows === undefined) return entry
  const stored = storedIn(entry)
  const { columns } = stored ?? (entry as TableEntry)
  const chunks = loadedChunks(memory, state.chunksOf(rows), leases)
  const source = { kind: 'memory', id: randomTableId(), chunks }
  const parts = { source, statistics: tableStatistics(columns, chunks) }
  return stored === undefined
    ? { ...entry, ...parts }
    : { ...entry, stored: { ...stored, ...parts } }
}
