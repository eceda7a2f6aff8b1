import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { sameType, typeName, type DataType } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { Chunk, Vector } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { closeLocal, openLocal, type LocalFile } from '../../filesystems/local.ts'
import { PartitionVectors } from '../../partition-columns.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../../source.ts'
import { badFile } from './bad-file.ts'
import { ColumnReader } from './column-reader.ts'
import { createContext, freeContext, type DecodeContext } from './context.ts'
import { readFooter, type Footer } from './footer.ts'
import { narrowestLayout } from './layouts.ts'
import type { ParquetColumn } from './schema.ts'
import { textFilters, type TextFilters } from './text-filters.ts'

/** Rows of a chunk at most: columns of it stay in the processor's caches. */
const CHUNK_ROWS_MAX = 131_072

/** A reader of Parquet units for one thread. */
export function openParquetReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  const state = new ReaderState(request, env)
  return {
    read: (unit) => readUnit(state, unit),
    close: () => state.close(),
  }
}

interface StartedColumn {
  readonly reader: ColumnReader
  readonly position: number
  readonly filters: TextFilters
}

class ReaderState {
  readonly request: ScanRequest
  readonly env: ReaderEnvironment
  readonly partitions: PartitionVectors
  readonly #decode: DecodeContext
  /** One reader a wanted column; undefined for partition columns. */
  readonly columns: readonly (ColumnReader | undefined)[]
  /** Columns whose dictionaries may rule a row group out come first. */
  readonly startOrder: readonly StartedColumn[]
  #open: { readonly index: number; readonly file: LocalFile } | undefined

  constructor(request: ScanRequest, env: ReaderEnvironment) {
    this.request = request
    this.env = env
    this.partitions = new PartitionVectors(env)
    this.#decode = createContext(env)
    const { source } = request
    this.columns = request.columns.map((position) => {
      if (position >= this.fileColumns) return undefined
      const layout = narrowestLayout(source, position, this.field(position).type)
      return new ColumnReader(this.#decode, { layout, type: this.field(position).type })
    })
    const filters = textFilters(request)
    this.startOrder = this.columns
      .flatMap((reader, index) => {
        const position = request.columns[index] ?? 0
        return reader === undefined
          ? []
          : { reader, position, filters: filters.get(position) ?? [] }
      })
      .sort((a, b) => b.filters.length - a.filters.length)
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
      const message = `file "${entry.location}" has changed since the query began`
      throw new QueryError('IO_ERROR', message, { file: entry.location, hint: 'Run it again.' })
    }
    return file
  }

  close(): void {
    this.#closeFile()
    for (const column of this.columns) column?.free()
    this.partitions.free()
    freeContext(this.#decode)
  }

  #closeFile(): void {
    if (this.#open !== undefined) closeLocal(this.#open.file)
    this.#open = undefined
  }
}

function* readUnit(state: ReaderState, unit: ScanUnit): Iterable<Chunk> {
  const entry = state.entry(unit)
  const file = state.file(unit)
  const footer = readFooter(entry)
  const group = footer.groups[unit.part]
  if (group === undefined) throw badFile(entry.location, `it has no row group ${unit.part + 1}`)
  for (const { reader, position, filters } of state.startOrder) {
    const column = columnOf(footer, state.field(position), entry)
    reader.start(file, column, group, unit.part, unit.start)
    if (!reader.mayHold(filters)) return
  }
  const end = Math.min(unit.end, group.rows)
  for (let row = unit.start; row < end; row += CHUNK_ROWS_MAX) {
    yield nextChunk(state, entry, Math.min(CHUNK_ROWS_MAX, end - row))
  }
}

function nextChunk(state: ReaderState, entry: FileEntry, rows: number): Chunk {
  const columns = state.columns.map((reader, index): Vector => {
    if (reader !== undefined) {
      reader.fill(rows)
      return reader.take(rows)
    }
    const position = state.request.columns[index] ?? 0
    const { type } = state.field(position)
    return state.partitions.vector(entry, position - state.fileColumns, type, rows)
  })
  return { rows, columns, statistics: undefined }
}

/** The file's column for a column of the table, found by name. */
function columnOf(footer: Footer, field: Field, entry: FileEntry): ParquetColumn {
  const column = footer.columns.find(({ name }) => name === field.name)
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
