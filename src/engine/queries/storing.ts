import type { Steps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { KeptChunk, TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { RunningStream } from '../../data/vectors/chunk-stream.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { TableStatistics } from '../../plan/catalog/catalog.ts'
import type { OutputColumn, Relation } from '../../plan/logical/relation.ts'
import { createTableBuilder, type TableBuilder } from '../../wasm/kernels/table-builder.ts'
import type { Engine } from '../process/engine.ts'
import type { TableLoad } from '../process/table-room.ts'

/** Rows stored as chunks of a table: narrowed, dictionary-coded, with statistics; kept where memory has no room. */
export interface StoredRows {
  readonly chunks: readonly TableChunk[]
  readonly rows: number
  readonly statistics: TableStatistics
}

/** Rows on their way into chunks of a table. */
export class Storing {
  readonly #engine: Engine
  readonly #arena: Arena
  readonly #load: TableLoad
  readonly #builder: TableBuilder<KeptChunk>
  #isOver = false

  /** Of `rowsMax` rows at most. */
  constructor(engine: Engine, schema: Schema, rowsMax: number) {
    this.#engine = engine
    const { heap, kernels, tableRoom } = engine
    const arena = new Arena(heap, 'table')
    const load = tableRoom.load()
    const keep = (chunk: Chunk): Steps<KeptChunk | undefined> => load.keep(chunk)
    this.#arena = arena
    this.#load = load
    this.#builder = createTableBuilder(arena, kernels, schema, rowsMax, keep)
  }

  *append(from: Pick<ChunkLease, 'inTurn'>): Steps<void> {
    for (const chunk of from.inTurn()) yield* this.#builder.append(chunk)
  }

  /** No row comes any more. */
  *finish(leases: LeaseScope): Steps<StoredRows> {
    const { rows, chunks, statistics } = yield* this.#builder.finish()
    const file = this.#load.finish()
    leases.add(this.#engine.catalog.bring({ arena: this.#arena, file, chunks }))
    this.#isOver = true
    return { chunks, rows, statistics: { rows, exact: true, columns: statistics } }
  }

  /** After an error, or where nobody goes on, lets go of everything. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#builder.cancel()
    this.#arena.release()
    this.#load.cancel()
  }
}

/** What stores rows of a plan needs of the statement's queries. */
interface RunningQueries {
  readonly leases: LeaseScope
  run(relation: Relation, rest?: (rest: RunningStream) => void): Promise<ChunkLease>
  inTurns<T>(steps: Steps<T>): Promise<T>
}

/** Stores the rows of a plan in order while they are made; `add` gives each chunk further columns. */
export async function storeWithColumns(
  queries: RunningQueries,
  engine: Engine,
  {
    rows,
    added,
    add,
    signal,
  }: {
    readonly rows: Relation
    readonly added: readonly OutputColumn[]
    readonly add: (chunk: Chunk) => Chunk
    readonly signal: AbortSignal | undefined
  },
): Promise<StoredRows> {
  const columns = [...rows.columns, ...added]
  const schema = columns.map(({ name, type }) => ({ name, type, nullable: true }))
  const storing = new Storing(engine, schema, Number.MAX_SAFE_INTEGER)
  let rest: RunningStream | undefined
  let output: ChunkLease | undefined
  try {
    output = await queries.run(rows, (made) => (rest = made))
    while (output !== undefined) {
      const made: ChunkLease = output
      await queries.inTurns(storing.append({ inTurn: () => mapped(made.inTurn(), add) }))
      made.release()
      output = undefined
      output = await rest?.next(signal)
    }
    return await queries.inTurns(storing.finish(queries.leases))
  } finally {
    output?.release()
    rest?.close()
    storing.close()
  }
}

function* mapped(
  chunks: Iterable<Chunk>,
  to: (chunk: Chunk) => Chunk,
): Generator<Chunk, void, unknown> {
  for (const chunk of chunks) yield to(chunk)
}
