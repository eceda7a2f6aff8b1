import type { Table } from 'apache-arrow'
import { assert } from '../../base/assert.ts'
import { errorRegistry, QueryError } from '../../base/errors.ts'
import { ipcStream, ipcStreamPieces } from '../../data/arrow/ipc.ts'
import { scalarBatches } from '../../data/arrow/scalars-to-arrow.ts'
import {
  arrowBatches,
  arrowTable,
  type ArrowBatches,
  type HandOver,
} from '../../data/arrow/to-arrow.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Cells } from '../../data/vectors/cells.ts'
import { longValues } from '../../data/vectors/long-values.ts'
import { addScalars } from '../../data/vectors/column-scalars.ts'
import { addTexts } from '../../data/vectors/column-texts.ts'
import type { KnownEntries } from '../../data/vectors/add-column.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { ChunkStream } from '../../data/vectors/chunk-stream.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'
import { addHosts } from './column-hosts.ts'
import { toHosts, type HostValue } from './host-values.ts'

export interface ResultColumn {
  readonly name: string
  readonly type: DataType
  readonly declared?: DeclaredType
  /** How its texts are written, where that is otherwise than by default. */
  readonly locale?: Locale
}

/** A row as an object, by column name (of equal names the last wins). */
export type Row = Readonly<Record<string, HostValue>>

/** Rows of one piece of a result, column by column. */
export interface Batch {
  readonly rowCount: number
  /** Values of one column as plain TypeScript (`src/data/types/scalar.ts` tells the meaning). */
  column(index: number): readonly Scalar[]
  /** Rows as text in PostgreSQL's output format; null for NULL. */
  texts(): readonly (readonly (string | null)[])[]
}

/** Rows of one piece of a result as they lie, for encoding them without decoding them first. */
export interface Piece {
  readonly rowCount: number
  readonly columns: readonly Cells[]
}

/** Where a result's rows lie: in the engine's memory while the lease lasts. */
interface HeldRows {
  readonly heap: Heap
  /** Of the rows that can be read now. */
  lease: ChunkLease
  /** What makes the others. */
  rest: ChunkStream | undefined
}

/** Something the user should know though the statement succeeded. */
export interface Notice {
  readonly sqlState: string
  readonly message: string
  /** WARNING where it is left out. */
  readonly severity?: 'NOTICE' | 'WARNING'
}

/** What IF NOT EXISTS says of a name that is taken. */
export function skipped(name: string): Notice {
  const message = `relation "${name}" already exists, skipping`
  return { sqlState: errorRegistry.DUPLICATE_TABLE.sqlState, severity: 'NOTICE', message }
}

/**
 * Results up to this size, without long values, are copied out at once, so that small queries hold no
 * engine memory.
 */
const COPIED_VALUES_MAX = 4_096

const forgotten = new FinalizationRegistry<HeldRows>(letGo)

function letGo({ lease, rest }: HeldRows): void {
  if (!lease.isReleased) lease.release()
  rest?.close()
}

/** The answer to one statement. */
export class QueryResult {
  readonly columns: readonly ResultColumn[]
  /** What ran, as PostgreSQL's command tag names it: `SELECT`, `CREATE TABLE`, ... */
  readonly command: string
  /** Rows before those that can be read now. */
  #rowsBefore = 0
  #rowsNow: number
  readonly notices: readonly Notice[]
  /** Whether its tag tells how many rows there were. */
  readonly #counts: boolean
  /** Whether it answers with rows, be they none; a command only has a tag. */
  readonly givesRows: boolean
  readonly #memory: HeldRows | undefined
  readonly #copied: readonly (readonly Scalar[])[] | undefined

  private constructor(
    columns: readonly ResultColumn[],
    command: string,
    rowCount: number,
    held: {
      readonly memory?: HeldRows | undefined
      readonly copied?: readonly (readonly Scalar[])[] | undefined
      readonly counts?: boolean
    },
    notices: readonly Notice[] = [],
  ) {
    this.columns = columns
    this.command = command
    this.#rowsNow = rowCount
    this.notices = notices
    this.#counts = held.counts === true
    this.givesRows = held.memory !== undefined || held.copied !== undefined
    this.#memory = held.memory
    this.#copied = held.copied
  }

  /** The answer of a statement without rows. `rowCount`: rows that it changed. */
  static ofCommand(command: string, rowCount = 0, notices: readonly Notice[] = []): QueryResult {
    return new QueryResult([], command, rowCount, {}, notices)
  }

  /** The answer of a statement without rows that made or changed some; its tag says how many. */
  static ofCount(command: string, rowCount: number): QueryResult {
    return new QueryResult([], command, rowCount, { counts: true })
  }

  /** An answer made by the engine itself (SHOW, DESCRIBE, EXPLAIN): rows of scalars. */
  static ofRows(
    columns: readonly ResultColumn[],
    rows: readonly (readonly Scalar[])[],
    command: string,
  ): QueryResult {
    const copied = columns.map((_, column) => rows.map((row) => row[column] ?? null))
    return new QueryResult(columns, command, rows.length, { copied })
  }

  /** The answer of a query, in the engine's memory. The lease is the result's from here on, and so is what makes the rest. */
  static ofChunks(
    columns: readonly ResultColumn[],
    heap: Heap,
    lease: ChunkLease,
    rest?: ChunkStream,
    command = 'SELECT',
  ): QueryResult {
    const rowCount = lease.rows
    const isSmall =
      rest === undefined && rowCount * Math.max(1, columns.length) <= COPIED_VALUES_MAX
    const { plain } = lease
    if (isSmall && (plain || !lease.chunks.some((chunk) => hasLongValues(heap, chunk)))) {
      try {
        const copied =
          plain?.columns ??
          columns.map((_, column) => wholeColumn(heap, lease.chunks, column, addScalars))
        return new QueryResult(columns, command, rowCount, { copied, counts: true })
      } finally {
        lease.release()
      }
    }
    const memory: HeldRows = { heap, lease, rest }
    const result = new QueryResult(columns, command, rowCount, { memory, counts: true })
    forgotten.register(result, memory, result)
    return result
  }

  /**
   * Rows given, or for a statement that gives none, rows that it changed. While {@link isPartial}, those that have
   * come so far.
   */
  get rowCount(): number {
    return this.#rowsBefore + this.#rowsNow
  }

  /** Whether rows are still made: {@link more} makes them the ones that can be read. */
  get isPartial(): boolean {
    return this.#memory?.rest !== undefined
  }

  /**
   * Of a partial result: lets go of the rows that could be read, and waits for the next; false when there are no more.
   * Rejects with the error of making them, or QUERY_CANCELED on abort; the result holds nothing then.
   */
  async more(signal?: AbortSignal): Promise<boolean> {
    const memory = this.#held()
    if (memory.rest === undefined) return false
    const read = memory.lease
    memory.lease = new ChunkLease([], () => {})
    this.#rowsBefore += this.#rowsNow
    this.#rowsNow = 0
    read.release()
    try {
      const next = await memory.rest.next(signal)
      if (next === undefined) {
        memory.rest = undefined
        return false
      }
      if (memory.lease.isReleased) {
        next.release()
        return false
      }
      memory.lease = next
      this.#rowsNow = next.rows
      return true
    } catch (error) {
      memory.rest = undefined
      throw error
    }
  }

  /** The answer of a command, with these notices instead. */
  withNotices(notices: readonly Notice[]): QueryResult {
    assert(!this.givesRows, 'notices of an answer with rows')
    return new QueryResult([], this.command, this.rowCount, { counts: this.#counts }, notices)
  }

  /** PostgreSQL's command tag: `SELECT 3`, `INSERT 0 1`, `CREATE TABLE`. `rows`: those handed out. */
  tag(rows = this.rowCount): string {
    return this.#counts ? `${this.command} ${rows}` : this.command
  }

  /** One column's values as plain TypeScript. */
  scalars(index: number): readonly Scalar[] {
    return this.#copied?.[index] ?? this.#column(index, addScalars)
  }

  /** Rows as objects. */
  rows(): Row[] {
    return rowObjects(this.columns, this.#rows, this.#hosts())
  }

  /** Rows as arrays, for results whose column names repeat. */
  values(): HostValue[][] {
    return transposed(this.#rows, this.#hosts())
  }

  /** Rows as text in PostgreSQL's output format; null for NULL. */
  texts(): (string | null)[][] {
    if (this.#givesNoRows) return []
    const texts = this.columns.map(({ type, locale }, index) => {
      const copied = this.#copied?.[index]
      return copied === undefined
        ? this.#column(index, textAdder(locale))
        : textsOf(copied, type, locale)
    })
    return transposed(this.rowCount, texts)
  }

  /** The result piece by piece, in order. */
  *batches(): Iterable<Batch> {
    const columns = this.columns
    const copied = this.#copied
    if (copied !== undefined) {
      if (this.rowCount > 0) yield batchOf(columns, this.rowCount, (index) => copied[index] ?? [])
      return
    }
    if (this.#givesNoRows) return
    const { heap, lease } = this.#held()
    for (const chunk of lease.inTurn()) yield batchOfChunk(heap, columns, chunk)
  }

  /** The same, undecoded. A piece is valid until the next is asked for, and until {@link release}. */
  *pieces(): Iterable<Piece> {
    const copied = this.#copied
    if (copied !== undefined) {
      const columns = this.columns.map(({ type }, index): Cells => ({
        kind: 'scalars',
        type,
        values: copied[index] ?? [],
      }))
      if (this.rowCount > 0) yield { rowCount: this.rowCount, columns }
      return
    }
    if (this.#givesNoRows) return
    const { heap, lease } = this.#held()
    for (const { rows, columns } of lease.inTurn()) {
      yield {
        rowCount: rows,
        columns: columns.map((vector): Cells => ({ kind: 'vector', heap, vector })),
      }
    }
  }

  /** Rows one by one, as objects, for `for await`; who leaves a partial result early needs not release it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    try {
      do {
        yield* this.#rowsNowThere()
      } while (this.isPartial && (await this.more()))
    } finally {
      if (this.isPartial) this.release()
    }
  }

  /**
   * An Arrow table. It owns its bytes: it stays valid after {@link release} and after the engine is
   * closed.
   */
  toArrow(): Table {
    return arrowTable(this.#arrowBatches({ copy: true }))
  }

  /** The bytes of an Arrow IPC stream. */
  toIpc(): Uint8Array {
    return ipcStream(this.#arrowBatches({ copy: false }))
  }

  /** The same in pieces of a record batch, those of rows too that are still made; valid until {@link release}. */
  ipcPieces(): AsyncIterable<Uint8Array> {
    return ipcStreamPieces(this.#arrowTurns())
  }

  /** Gives the result's memory back to the engine; also happens when the result is garbage. */
  release(): void {
    const memory = this.#memory
    if (memory === undefined || memory.lease.isReleased) return
    forgotten.unregister(this)
    letGo(memory)
  }

  async *#arrowTurns(): AsyncIterable<ArrowBatches> {
    do yield this.#arrowBatches({ copy: true }, this.#memory)
    while (this.isPartial && (await this.more()))
  }

  /** `held`: the rows, all of them unless it is told. */
  #arrowBatches(handOver: HandOver, held?: HeldRows): ArrowBatches {
    const schema = this.columns.map(({ name, type }) => ({ name, type, nullable: true }))
    if (this.#memory === undefined) {
      const columns = schema.map((_, index) => this.scalars(index))
      return scalarBatches(schema, this.#rows, columns)
    }
    const { heap, lease } = held ?? this.#whole()
    const copy = handOver.copy || lease.isKept
    return arrowBatches(heap, schema, lease.inTurn(), { copy, plain: true })
  }

  /** Rows that can be read now, a piece's at a time. */
  *#rowsNowThere(): Iterable<Row> {
    if (this.#memory === undefined) return yield* this.rows()
    const { heap, lease } = this.#held()
    for (const chunk of lease.inTurn()) {
      const hosts = this.columns.map((_, index) => wholeColumn(heap, [chunk], index, addHosts))
      yield* rowObjects(this.columns, chunk.rows, hosts)
    }
  }

  /** What is added of each value of a column, chunk by chunk. */
  #column<T>(index: number, add: AddVector<T>): readonly T[] {
    const { heap, lease } = this.#whole()
    return wholeColumn(heap, lease.inTurn(), index, add)
  }

  /** The answer of a command: its `rowCount` tells of rows changed, none are given. */
  get #givesNoRows(): boolean {
    return this.#copied === undefined && this.#memory === undefined
  }

  #hosts(): readonly (readonly HostValue[])[] {
    return this.columns.map(({ type }, index) => {
      const copied = this.#copied?.[index]
      return copied === undefined ? this.#column(index, addHosts) : toHosts(copied, type)
    })
  }

  get #rows(): number {
    return this.#givesNoRows ? 0 : this.rowCount
  }

  /** All rows at once. */
  #whole(): HeldRows {
    if (this.isPartial || this.#rowsBefore > 0) {
      throw new QueryError(
        'OBJECT_NOT_IN_STATE',
        'the rows of this result are not there all at once',
        {
          hint: 'Read it by for await, or run the query without streams.',
        },
      )
    }
    return this.#held()
  }

  #held(): HeldRows {
    const memory = this.#memory
    if (memory === undefined || memory.lease.isReleased) throw new Error('the result was released')
    return memory
  }
}

function hasLongValues(heap: Heap, { columns }: Chunk): boolean {
  return columns.some((vector) => longValues({ kind: 'vector', heap, vector }) !== undefined)
}

/** Adds something of each value of a vector to that of others. */
type AddVector<T> = (values: T[], heap: Heap, vector: Vector, known: KnownEntries<T>) => void

function wholeColumn<T>(
  heap: Heap,
  chunks: Iterable<Chunk>,
  index: number,
  add: AddVector<T>,
): readonly T[] {
  const values: T[] = []
  const known: KnownEntries<T> = new Map()
  for (const { columns } of chunks) {
    const vector = columns[index]
    if (vector !== undefined) add(values, heap, vector, known)
  }
  return values
}

function batchOfChunk(heap: Heap, columns: readonly ResultColumn[], chunk: Chunk): Batch {
  return {
    rowCount: chunk.rows,
    column: (index) => wholeColumn(heap, [chunk], index, addScalars),
    texts: () =>
      transposed(
        chunk.rows,
        columns.map(({ locale }, index) => wholeColumn(heap, [chunk], index, textAdder(locale))),
      ),
  }
}

function batchOf(
  columns: readonly ResultColumn[],
  rowCount: number,
  column: (index: number) => readonly Scalar[],
): Batch {
  return {
    rowCount,
    column,
    texts: () =>
      transposed(
        rowCount,
        columns.map(({ type, locale }, index) => textsOf(column(index), type, locale)),
      ),
  }
}

/** What adds the texts of values. */
function textAdder(locale: Locale | undefined): AddVector<string | null> {
  return (texts, heap, vector, known) => addTexts(texts, heap, vector, known, locale)
}

function textsOf(
  scalars: readonly Scalar[],
  type: DataType,
  locale: Locale | undefined,
): (string | null)[] {
  return scalars.map((value) => (value === null ? null : formatScalar(value, type, locale)))
}

/** Columns as rows. */
function transposed<T>(rowCount: number, columns: readonly (readonly T[])[]): (T | null)[][] {
  const rows: (T | null)[][] = []
  for (let row = 0; row < rowCount; row++) {
    rows.push(columns.map((column) => column[row] ?? null))
  }
  return rows
}

/** Columns as objects by name, of equal names the last. */
function rowObjects(
  columns: readonly ResultColumn[],
  rowCount: number,
  hosts: readonly (readonly HostValue[])[],
): Row[] {
  const names = columns.map(({ name }) => name)
  // Setting this name would set something else, and making objects of entries takes three times as long.
  if (names.includes('__proto__')) {
    return Array.from({ length: rowCount }, (_, row) =>
      Object.fromEntries(names.map((name, column) => [name, hosts[column]?.[row] ?? null])),
    )
  }
  const rows: Row[] = []
  for (let row = 0; row < rowCount; row++) {
    const object: Record<string, HostValue> = {}
    for (let column = 0; column < names.length; column++) {
      object[names[column]!] = hosts[column]?.[row] ?? null
    }
    rows.push(object)
  }
  return rows
}
