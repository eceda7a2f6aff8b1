import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { isWorkingMemoryFull, type Heap } from '../../data/arenas/heap.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { KeptChunk, KeptColumn, TableChunk } from '../../data/chunks/table-chunk.ts'
import { text } from '../../data/types/data-type.ts'
import { viewOfRows } from '../../data/vectors/chunk-views.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import { KeptReader } from '../../storage/kept-reader.ts'
import type { FolderLog } from '../../storage/log/folder-log.ts'
import type { LoggedChunk, LoggedVector } from '../../storage/log/logged-chunks.ts'
import { placeBytes } from '../../storage/log/vector-records.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import type { CatalogStore } from '../catalog/catalog-store.ts'

/** What tables may have of the memory, and where rows go beyond it. */
export interface LoadRoom {
  hasFor(bytes: number): boolean
  load(): {
    keep(chunk: Chunk): Steps<KeptChunk | undefined>
    finish(): { release(): void } | undefined
  }
}

/** What bringing tables into the memory takes. */
export interface LoadMemory {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly catalog: CatalogStore
  readonly room: LoadRoom
  readonly log: FolderLog
}

/**
 * The chunks of a table, in memory as far as that has room; those beyond it stay in the files of the log, from which readers take them.
 * So do those whose bytes are not what was written: who reads them is told. Held by the leases.
 */
export function loadedChunks(
  memory: LoadMemory,
  chunks: readonly LoggedChunk[],
  leases: LeaseScope,
): readonly TableChunk[] {
  const made = new Map<LoggedChunk, TableChunk>()
  for (const group of groupsOf(chunks)) {
    const loading = new GroupLoading(memory)
    const brought = group.map((chunk) => {
      const loaded = loading.chunk(chunk)
      memory.log.chunks.know(loaded, chunk)
      made.set(chunk, loaded)
      return loaded
    })
    leases.add(memory.catalog.bring({ ...loading.finish(), chunks: brought }))
  }
  return chunks.map((chunk) => present(made.get(chunk), 'a loaded chunk'))
}

/** Chunks that share columns or dictionaries, which live and go together. */
function groupsOf(chunks: readonly LoggedChunk[]): Iterable<readonly LoggedChunk[]> {
  const leaders = chunks.map((_, at) => at)
  const leaderOf = (at: number): number => {
    let leader = at
    while (leaders[leader] !== leader) leader = present(leaders[leader], 'a leader')
    leaders[at] = leader
    return leader
  }
  const met = new Map<LoggedVector, number>()
  for (const [at, chunk] of chunks.entries()) {
    for (const vector of vectorsOf(chunk)) {
      const other = met.get(vector)
      if (other === undefined) met.set(vector, at)
      else leaders[leaderOf(at)] = leaderOf(other)
    }
  }
  const groups = new Map<number, LoggedChunk[]>()
  for (const [at, chunk] of chunks.entries()) {
    const group = groups.get(leaderOf(at))
    if (group === undefined) groups.set(leaderOf(at), [chunk])
    else group.push(chunk)
  }
  return groups.values()
}

function* vectorsOf({ columns }: LoggedChunk): Iterable<LoggedVector> {
  for (const { vector } of columns) {
    yield vector
    if (vector.dictionary !== undefined) yield vector.dictionary
  }
}

/** Chunks on their way into the memory. */
class GroupLoading {
  readonly #memory: LoadMemory
  readonly #arena: Arena
  readonly #reader: KeptReader
  readonly #vectors = new Map<LoggedVector, Vector>()
  readonly #held: { release(): void }[] = []

  constructor(memory: LoadMemory) {
    this.#memory = memory
    this.#arena = new Arena(memory.heap, 'table')
    this.#reader = new KeptReader(memory)
  }

  chunk(logged: LoggedChunk): TableChunk {
    const bytes = logged.columns.reduce((sum, { vector }) => sum + bytesOf(vector), 0)
    try {
      if (this.#memory.room.hasFor(bytes)) {
        return this.#inMemory(logged, this.#arena, this.#vectors)
      }
    } catch (error) {
      const isDamaged = error instanceof QueryError && error.code === 'DATA_CORRUPTED'
      if (isDamaged) return this.#inFile(logged)
      if (!isWorkingMemoryFull(error)) throw error
    }
    return isOneFile(logged) ? this.#inFile(logged) : this.#writtenAnew(logged)
  }

  /** No chunk comes any more. */
  finish(): { readonly arena: Arena; readonly file: { release(): void } | undefined } {
    this.#reader.close()
    const held = this.#held
    const release = (): void => {
      for (const one of held) one.release()
    }
    return { arena: this.#arena, file: held.length === 0 ? undefined : { release } }
  }

  #inMemory(
    { rows, columns, statistics }: LoggedChunk,
    arena: Arena,
    known: Map<LoggedVector, Vector>,
  ): Chunk {
    const vectors = columns.map(({ vector, firstRow }): Vector => {
      const whole = known.get(vector) ?? this.#read(vector, arena)
      known.set(vector, whole)
      const of = { rows: whole.length, columns: [whole], statistics: undefined }
      return present(viewOfRows(of, firstRow, firstRow + rows).columns[0], 'a column')
    })
    return { rows, columns: vectors, statistics }
  }

  #read(vector: LoggedVector, arena: Arena): Vector {
    const column = this.#column(vector)
    const whole = {
      rows: column.header.length,
      statistics: undefined,
      kept: { path: this.#pathOf(vector), columns: [column] },
    }
    return present(this.#reader.pinIn(arena, whole, 'table').columns[0], 'a column')
  }

  #column(vector: LoggedVector): KeptColumn {
    const { header, checksum, offset } = present(vector.place, 'the place of a column')
    if (vector.dictionary === undefined) return { header, dictionary: undefined, offset, checksum }
    const dictionary = this.#dictionary(vector.dictionary)
    // Codes into values that are not what they were say nothing.
    if (dictionary === undefined) {
      return { header, dictionary: this.#noValues(), offset, checksum: ~checksum >>> 0 }
    }
    return { header, dictionary, offset, checksum }
  }

  #dictionary(vector: LoggedVector): Vector | undefined {
    const known = this.#vectors.get(vector)
    if (known !== undefined) return known
    try {
      const made = this.#read(vector, this.#arena)
      this.#vectors.set(vector, made)
      return made
    } catch (error) {
      if (error instanceof QueryError && error.code === 'DATA_CORRUPTED') return undefined
      throw error
    }
  }

  #noValues(): Vector {
    const offsets = this.#arena.allocateZeroed(8)
    return {
      type: text,
      layout: 'utf8',
      length: 0,
      validity: NO_ADDRESS,
      values: offsets,
      offsets,
      dictionary: undefined,
    }
  }

  #pathOf(vector: LoggedVector): string {
    return this.#memory.log.pathOf(segmentOf(vector))
  }

  /** Its columns stay in the file of the log. */
  #inFile({ rows, columns, statistics }: LoggedChunk): TableChunk {
    const { log } = this.#memory
    for (const segment of new Set(columns.map(({ vector }) => segmentOf(vector)))) {
      this.#held.push({ release: log.holdFile(segment) })
    }
    const [first] = columns
    const path = first === undefined ? '' : this.#pathOf(first.vector)
    const kept = columns.map(({ vector }) => this.#column(vector))
    return { rows, statistics, kept: { path, columns: kept } }
  }

  /** Columns of several files, or parts of them, go to one file together. */
  #writtenAnew(logged: LoggedChunk): TableChunk {
    const arena = new Arena(this.#memory.heap)
    const load = this.#memory.room.load()
    try {
      const view = this.#inMemory(logged, arena, new Map())
      const written = finishSteps(load.keep(view))
      if (written === undefined) return this.#inMemory(logged, this.#arena, this.#vectors)
      const columns = written.kept.columns.map((column, at) => ({
        ...column,
        dictionary: view.columns[at]?.dictionary,
      }))
      return { ...written, kept: { ...written.kept, columns } }
    } finally {
      const file = load.finish()
      if (file !== undefined) this.#held.push(file)
      arena.release()
    }
  }
}

function segmentOf({ place }: LoggedVector): number {
  return present(place, 'the place of a column').segment
}

/** Whether a chunk's columns lie in one file as they are. */
function isOneFile({ rows, columns }: LoggedChunk): boolean {
  const [first] = columns
  return columns.every(
    ({ vector, firstRow }) =>
      firstRow === 0 &&
      vector.place?.header.length === rows &&
      vector.place.segment === first?.vector.place?.segment,
  )
}

function bytesOf({ place }: LoggedVector): number {
  return placeBytes(present(place, 'the place of a column'))
}
