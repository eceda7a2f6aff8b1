import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { sameType, typeName, type DataType } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { Chunk, Vector } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { integerBoundsOf } from '../../../wasm/kernels/statistics.ts'
import { changedFile, closeLocal, openLocal, type LocalFile } from '../../filesystems/local.ts'
import { PartitionVectors } from '../../scan/partition-columns.ts'
import type {
  ReaderEnvironment,
  ScanRequest,
  ScanUnit,
  UnitReader,
  WantedValues,
} from '../../scan/source.ts'
import { mayHoldWanted } from '../../scan/wanted-values.ts'
import { badFile } from './bad-file.ts'
import { ColumnReader } from './column-reader.ts'
import { createContext, freeContext, type DecodeContext } from './context.ts'
import { readFooter, type Footer, type RowGroup } from './footer.ts'
import { narrowestLayout } from './layouts.ts'
import { ListReader } from './list-reader.ts'
import type { ParquetColumn } from './schema.ts'
import { chunkStatistics } from './statistics.ts'
import { readPageIndex, rowsOfPages, type IndexedPage } from './page-index.ts'
import { mayAllBeTrue, rangeOfStatistics } from '../../scan/prune.ts'
import { columnsUsedByAll } from '../../../plan/logical/walk.ts'
import type { ColumnId } from '../../../plan/logical/expression.ts'
import { isIntegerLike } from '../../../data/types/catalogue.ts'
import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { RowSelection, type RowRun } from './row-selection.ts'
import { rowTests } from './row-tests.ts'

/** Runs of rows without a wanted page begin and end at multiples of so many: what lies between is a chunk's least. */
const PAGE_ALIGNMENT_ROWS = 8_192
/** Rows of a chunk at most: columns of it stay in the processor's caches. */
const CHUNK_ROWS_MAX = 131_072

/** A reader of Parquet units for one thread. */
export function openParquetReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  const state = new ReaderState(request, env)
  return {
    read: (unit, _arena, wanted) => readUnit(state, unit, wanted ?? (() => undefined)),
    close: () => state.close(),
  }
}

/** Reads one column of one row group after another, see {@link ColumnReader}. */
type RowReader = Pick<ColumnReader, 'start' | 'dictionary' | 'skip' | 'take' | 'peek' | 'free'>

class ReaderState {
  readonly request: ScanRequest
  readonly env: ReaderEnvironment
  readonly partitions: PartitionVectors
  readonly #decode: DecodeContext
  /** One reader a wanted column; undefined for partition columns. */
  readonly columns: readonly (RowReader | undefined)[]
  /** The columns that predicates ask for and of which pages have bounds, where files have a page index. */
  readonly indexed: readonly {
    readonly index: number
    readonly id: ColumnId
    readonly type: DataType
  }[]
  /** Finds the rows that are wanted, as far as single columns tell. */
  readonly selection: RowSelection
  #open: { readonly index: number; readonly file: LocalFile } | undefined
  #begun: UnitColumns | undefined

  constructor(request: ScanRequest, env: ReaderEnvironment) {
    this.request = request
    this.env = env
    this.partitions = new PartitionVectors(env)
    this.#decode = createContext(env)
    this.columns = request.columns.map((position, index) => {
      if (position >= this.fileColumns) return undefined
      const { type } = this.field(position)
      if (type.kind === 'array') return new ListReader(this.#decode, type)
      const layout = narrowestLayout(request.columnBounds[index], type)
      return new ColumnReader(this.#decode, { layout, type })
    })
    const tests = rowTests(request, env).filter(({ index }) => this.columns[index] !== undefined)
    this.selection = new RowSelection(env, tests)
    this.indexed = [...columnsUsedByAll(request.predicates)].flatMap((id) => {
      const position = request.predicateColumns.get(id)
      const index = position === undefined ? -1 : request.columns.indexOf(position)
      if (position === undefined || this.columns[index] === undefined) return []
      const { type } = this.field(position)
      return isIntegerLike(type) ? [{ index, id, type }] : []
    })
  }

  /** Columns that files hold; partition columns come after them. */
  get fileColumns(): number {
    return this.request.tableColumns.length - this.request.source.partitionColumns.length
  }

  field(position: number): Field {
    return present(this.request.tableColumns[position], 'a column outside the table')
  }

  entry(unit: ScanUnit): FileEntry {
    return present(this.request.source.files[unit.file], 'a unit of no file')
  }

  /** Opens a unit's file, closing the one before. It must be the file that was inspected. */
  file(unit: ScanUnit): LocalFile {
    if (this.#open?.index === unit.file) return this.#open.file
    this.#closeFile()
    const entry = this.entry(unit)
    const file = openLocal(entry.path, entry.location)
    this.#open = { index: unit.file, file }
    if (file.bytes !== entry.bytes || file.modifiedMs !== entry.modifiedMs) {
      throw changedFile(entry.location)
    }
    return file
  }

  /** A unit's columns: those of the unit before where it is the next piece of the same row group. */
  columnsOf(unit: ScanUnit): UnitColumns {
    if (this.#begun?.continuesWith(unit) !== true) this.#begun = new UnitColumns(this, unit)
    return this.#begun
  }

  close(): void {
    this.#closeFile()
    for (const column of this.columns) column?.free()
    this.selection.free()
    this.partitions.free()
    freeContext(this.#decode)
  }

  #closeFile(): void {
    if (this.#open !== undefined) closeLocal(this.#open.file)
    this.#open = undefined
  }
}

/** The columns of one unit, each begun when its first rows are needed. */
class UnitColumns {
  readonly #state: ReaderState
  readonly #unit: ScanUnit
  readonly #entry: FileEntry
  readonly #file: LocalFile
  readonly #footer: Footer
  readonly #group: RowGroup
  /** By column, the row of the row group that its reader comes to next; undefined before it began. */
  readonly #next: (number | undefined)[] = []
  /** What is known of the pages of columns that predicates ask for. */
  #index: ReadonlyMap<number, readonly IndexedPage[]> | undefined

  constructor(state: ReaderState, unit: ScanUnit) {
    this.#state = state
    this.#unit = unit
    this.#entry = state.entry(unit)
    this.#file = state.file(unit)
    this.#footer = readFooter(this.#entry)
    const group = this.#footer.groups[unit.part]
    if (group === undefined) {
      throw badFile(this.#entry.location, `it has no row group ${unit.part + 1}`)
    }
    this.#group = group
  }

  /** Rows of the row group. */
  get rows(): number {
    return this.#group.rows
  }

  /** The runs of rows that the statistics of pages leave, in a file with a page index. */
  indexedRuns(start: number, end: number): readonly RowRun[] {
    const { indexed, request } = this.#state
    this.#index ??= new Map(
      indexed.flatMap(({ index }) => {
        const column = this.#column(index)
        const chunk = this.#group.chunks[column.chunk]
        const pages = chunk && readPageIndex(this.#file, column, chunk, this.#group.rows)
        return pages === undefined ? [] : [[index, pages] as const]
      }),
    )
    const asked = indexed.flatMap(({ index, id, type }) => {
      const pages = this.#index?.get(index)
      const mayHold = ({ min, max }: ValueBounds): boolean => {
        const known = rangeOfStatistics({ min, max }, { type, nullable: true })
        return mayAllBeTrue(request.predicates, (other) => (other === id ? known : undefined))
      }
      return pages === undefined ? [] : [{ pages, mayHold }]
    })
    return asked.length === 0
      ? [{ from: start, to: end }]
      : rowsOfPages(start, end, PAGE_ALIGNMENT_ROWS, asked)
  }

  /** Whether another unit is of rows of the same row group that no reader is past. */
  continuesWith({ file, part, start }: ScanUnit): boolean {
    const isSame = file === this.#unit.file && part === this.#unit.part
    return isSame && this.#next.every((next) => next === undefined || next <= start)
  }

  /** Whether the statistics of the unit, or the rows themselves, leave room for a wanted value. */
  mayHold(wanted: WantedValues, row: number, rows: number): boolean {
    const reader = this.#state.columns[wanted.column]
    if (reader === undefined) return true
    const column = this.#column(wanted.column)
    const claimed = chunkStatistics(column, this.#group)
    // A claim of no NULLs is not believed: only a column that can have none has none.
    const nullCount = column.nullable ? rows : 0
    if (!mayHoldWanted(wanted, claimed && { ...claimed, nullCount })) return false
    this.#advance(wanted.column, row)
    const { heap, kernels } = this.#state.env
    return mayHoldWanted(wanted, integerBoundsOf(heap, kernels, reader.peek(rows)))
  }

  /** Whether the dictionaries of tested columns leave room for a row of the row group. */
  mayPass(row: number): boolean {
    return this.#state.selection.mayPass((index) => {
      this.#advance(index, row)
      return this.#reader(index).dictionary
    })
  }

  /** The runs of rows that tests of single columns leave, counted from the row group's begin. */
  runs(row: number, rows: number): readonly RowRun[] {
    const runs = this.#state.selection.runs(rows, (index) => {
      this.#advance(index, row)
      return this.#reader(index).peek(rows)
    })
    return runs.map(({ from, to }) => ({ from: row + from, to: row + to }))
  }

  chunk(row: number, rows: number): Chunk {
    const { columns, request, fileColumns, partitions } = this.#state
    const vectors = columns.map((reader, index): Vector => {
      if (reader !== undefined) {
        this.#advance(index, row)
        this.#next[index] = row + rows
        return reader.take(rows)
      }
      const position = request.columns[index] ?? 0
      const { type } = this.#state.field(position)
      return partitions.vector(this.#entry, position - fileColumns, type, rows)
    })
    return { rows, columns: vectors, statistics: undefined }
  }

  /** Brings a column's reader to a row of the row group, which may be the one it is at. */
  #advance(index: number, row: number): void {
    const reader = this.#reader(index)
    const next = this.#next[index]
    this.#next[index] = row
    if (next !== undefined) return reader.skip(row - next)
    const pages = this.#index?.get(index)
    reader.start(this.#file, this.#column(index), this.#group, this.#unit.part, row, pages)
  }

  #reader(index: number): RowReader {
    return present(this.#state.columns[index], 'a column of the file')
  }

  #column(index: number): ParquetColumn {
    const position = present(this.#state.request.columns[index], 'a column of the request')
    return columnOf(this.#footer, position, this.#state.field(position), this.#entry)
  }
}

function* readUnit(
  state: ReaderState,
  unit: ScanUnit,
  wantedNow: () => WantedValues | undefined,
): Iterable<Chunk> {
  const columns = state.columnsOf(unit)
  const end = Math.min(unit.end, columns.rows)
  const runs = columns.indexedRuns(unit.start, end)
  if (runs.length === 0 || !columns.mayPass(unit.start)) return
  for (const run of runs) {
    for (let row = run.from; row < run.to; row += CHUNK_ROWS_MAX) {
      const rows = Math.min(CHUNK_ROWS_MAX, run.to - row)
      const wanted = wantedNow()
      if (wanted !== undefined && !columns.mayHold(wanted, row, rows)) continue
      for (const { from, to } of columns.runs(row, rows)) yield columns.chunk(from, to - from)
    }
  }
}

/** The file's column for a column of the table: by position, since several may have one name. */
function columnOf(footer: Footer, position: number, field: Field, entry: FileEntry): ParquetColumn {
  const column = footer.columns[position]
  if (column === undefined) {
    throw badFile(entry.location, 'the column is missing', { column: field.name })
  }
  if (column.unsupported !== undefined) {
    const message = `not supported: ${column.unsupported} (column "${column.name}")`
    const details = { file: entry.location, column: column.name }
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, details)
  }
  if (!readsAs(column.type, field.type)) {
    throw badFile(entry.location, 'the column has another type than in the table', {
      column: field.name,
      expected: typeName(field.type),
      found: typeName(column.type),
    })
  }
  return column
}

const integerRanks: Readonly<Record<string, number>> = { int2: 1, int4: 2, int8: 3 }

/** Integers may be narrower in a file than in the table. */
function readsAs(from: DataType, to: DataType): boolean {
  const [narrow, wide] = [integerRanks[from.kind], integerRanks[to.kind]]
  return sameType(from, to) || (narrow !== undefined && wide !== undefined && narrow <= wide)
}
