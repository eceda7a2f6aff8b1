import { Lease } from '../data/arenas/lease.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import type { Stage } from '../plan/physical/plan.ts'
import type { DataRef } from './comm/data-messages.ts'
import { memorySources, withScans } from './plan-transfer.ts'
import type { StageTask } from './query-context.ts'

export interface TableCacheOptions {
  /** Chunks that nobody reads are dropped, the longest unused first, beyond so many bytes. */
  readonly bytesMax: number
  readonly bytesOf: (chunks: readonly Chunk[]) => number
  /** Pulls from the process that has the tables. */
  readonly pull: (refs: readonly DataRef[]) => Promise<readonly ChunkLease[]>
}

/** Copies of chunks of tables that live in another process, by table id. */
export interface TableCache {
  /** The stage with the chunks that one of its tasks reads; they stay while it is held. */
  localize(stage: Stage, task: StageTask): Promise<Lease<Stage>>
  readonly bytes: number
  /** Drops all copies that nobody reads; false when there are none. */
  dropUnread(): boolean
  close(): void
}

interface Entry {
  readonly key: string
  readonly ref: DataRef
  readonly arrived: Promise<void>
  fetched: ChunkLease | undefined
  bytes: number
  readers: number
}

/** What a scan finds in place of a chunk that another task reads. */
const nothing: Chunk = { rows: 0, columns: [], statistics: undefined }

export function createTableCache(options: TableCacheOptions): TableCache {
  return new Cache(options)
}

class Cache implements TableCache {
  readonly #options: TableCacheOptions
  /** In the order of use, the longest unused first. */
  readonly #entries = new Map<string, Entry>()
  bytes = 0

  constructor(options: TableCacheOptions) {
    this.#options = options
  }

  async localize(stage: Stage, { partition }: StageTask): Promise<Lease<Stage>> {
    const sources = memorySources(stage)
    if (sources.length === 0) return new Lease(stage, () => {})
    const refs = new Map<string, DataRef>()
    for (const { id, chunks } of sources) {
      for (let chunk = partition; chunk < chunks.length; chunk += stage.partitions) {
        refs.set(keyOf(id, chunk), { kind: 'table', table: id, chunk })
      }
    }
    const entries = this.#read(refs)
    const release = (): void => {
      for (const entry of entries.values()) entry.readers--
      this.#evict()
    }
    try {
      await Promise.all([...entries.values()].map((entry) => entry.arrived))
    } catch (error) {
      release()
      throw error
    }
    const localized = withScans(stage, ({ id, chunks }) =>
      chunks.map((_chunk, n) => entries.get(keyOf(id, n))?.fetched?.chunks[0] ?? nothing),
    )
    return new Lease(localized, release)
  }

  dropUnread(): boolean {
    const unread = [...this.#entries.values()].filter(
      ({ readers, fetched }) => readers === 0 && fetched !== undefined,
    )
    for (const entry of unread) this.#drop(entry)
    return unread.length > 0
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#drop(entry)
  }

  /** Entries for all refs, marked as read; what is missing is pulled in one go. */
  #read(refs: ReadonlyMap<string, DataRef>): ReadonlyMap<string, Entry> {
    const missing = [...refs].filter(([key]) => !this.#entries.has(key))
    const pulled =
      missing.length === 0 ? Promise.resolve([]) : this.#options.pull(missing.map(([, ref]) => ref))
    for (const [index, [key, ref]] of missing.entries()) {
      const entry: Entry = {
        key,
        ref,
        arrived: pulled.then(
          (fetched) => this.#arrived(entry, fetched[index]),
          (error: unknown) => {
            this.#entries.delete(key)
            throw error
          },
        ),
        fetched: undefined,
        bytes: 0,
        readers: 0,
      }
      this.#entries.set(key, entry)
    }
    return new Map(
      [...refs.keys()].map((key) => {
        const entry = this.#entries.get(key)!
        entry.readers++
        this.#entries.delete(key)
        this.#entries.set(key, entry)
        return [key, entry]
      }),
    )
  }

  #arrived(entry: Entry, fetched: ChunkLease | undefined): void {
    if (fetched === undefined) return
    entry.fetched = fetched
    entry.bytes = this.#options.bytesOf(fetched.chunks)
    this.bytes += entry.bytes
  }

  #evict(): void {
    for (const entry of this.#entries.values()) {
      if (this.bytes <= this.#options.bytesMax) return
      if (entry.readers === 0) this.#drop(entry)
    }
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key)
    this.bytes -= entry.bytes
    entry.bytes = 0
    entry.fetched?.release()
    entry.fetched = undefined
  }
}

function keyOf(table: string, chunk: number): string {
  return `${chunk} ${table}`
}
