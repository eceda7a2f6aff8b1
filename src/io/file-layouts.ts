import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import { Arena } from '../data/arenas/arena.ts'
import { sameType, type DataType } from '../data/types/data-type.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import type { Chunk, ColumnStatistics, Vector } from '../data/vectors/vector.ts'
import type { FileEntry, FileLayout, FilePart } from '../plan/catalog/catalog.ts'
import { PartitionVectors } from './scan/partition-columns.ts'
import type { ReaderEnvironment, ScanRequest, UnitReader, WantedValues } from './scan/source.ts'
import { readsAsIs } from './widen-type.ts'
import { widenedVector } from './widen-values.ts'

/** Rows of a chunk at most, as every reader promises. */
const CHUNK_ROWS_MAX = 131_072

type OpenReader = (request: ScanRequest, env: ReaderEnvironment) => UnitReader

/**
 * A reader of tables whose files differ: each file is read as it is, then its columns are put in the
 * table's order and types; columns that it lacks are NULL.
 */
export function openLayoutReader(
  request: ScanRequest,
  env: ReaderEnvironment,
  open: OpenReader,
): UnitReader {
  const readers = new Map<number | undefined, UnitReader>()
  const readerOf = (layout: number | undefined, make: () => UnitReader): UnitReader => {
    const known = readers.get(layout) ?? make()
    readers.set(layout, known)
    return known
  }
  return {
    read(unit, arena, wanted) {
      const { layouts = [] } = request.source
      const { layout: index } = present(request.source.files[unit.file], 'file of a unit')
      if (index === undefined) {
        return readerOf(undefined, () => open(request, env)).read(unit, arena, wanted)
      }
      const layout = present(layouts[index], 'layout of a file')
      return readerOf(index, () => openAdapted(request, layout, env, open)).read(
        unit,
        arena,
        wanted,
      )
    },
    close() {
      for (const reader of readers.values()) reader.close()
    },
  }
}

/** One wanted column: where the file's reader gives it, or the type of its NULLs. */
interface Wanted {
  readonly position: number
  readonly type: DataType
  readonly name: string
  /** Index among the columns that the file's reader gives. */
  readonly given: number | undefined
}

function openAdapted(
  request: ScanRequest,
  layout: FileLayout,
  env: ReaderEnvironment,
  open: OpenReader,
): UnitReader {
  const { tableColumns, source } = request
  const fileColumns = tableColumns.length - source.partitionColumns.length
  const given: number[] = []
  const columns = request.columns.map((position): Wanted => {
    const { type, name } = present(tableColumns[position], 'column of the table')
    const own = position < fileColumns ? layout.positions[position] : undefined
    return { position, type, name, given: own === undefined ? undefined : given.push(own) - 1 }
  })
  const reader = open(fileRequest(request, layout, given), env)
  const nulls = new NullVectors(env)
  const partitions = new PartitionVectors(env)
  const arena = new Arena(env.heap)
  const vectorOf = (wanted: Wanted, file: FileEntry, chunk: Chunk): Vector => {
    const { position, type } = wanted
    if (position >= fileColumns) {
      return partitions.vector(file, position - fileColumns, type, chunk.rows)
    }
    if (wanted.given === undefined) return nulls.vector(type, chunk.rows)
    const vector = present(chunk.columns[wanted.given], 'column of a chunk')
    return located(file, wanted.name, () => widenedVector(arena, vector, type))
  }
  return {
    *read(unit, unitArena, wanted) {
      const file = present(source.files[unit.file], 'file of a unit')
      const ownWanted =
        wanted && ((): WantedValues | undefined => narrowed(wanted(), columns, layout))
      for (const chunk of reader.read(unit, unitArena, ownWanted)) {
        arena.release()
        yield { ...chunk, columns: columns.map((column) => vectorOf(column, file, chunk)) }
      }
    },
    close() {
      reader.close()
      nulls.free()
      partitions.free()
      arena.release()
    },
  }
}

/** What a file of a layout is asked for, in its own columns. */
function fileRequest(
  request: ScanRequest,
  layout: FileLayout,
  columns: readonly number[],
): ScanRequest {
  const { source, tableColumns, predicateColumns, columnBounds } = request
  const { layouts: _, ...plain } = source
  const asIs = (position: number): number | undefined => {
    const own = layout.positions[position]
    const [from, to] = [layout.fileColumns[own ?? -1], tableColumns[position]]
    return from !== undefined && to !== undefined && sameType(from.type, to.type) ? own : undefined
  }
  const known = [...predicateColumns].flatMap(([id, position]) => {
    const at = asIs(position)
    return at === undefined ? [] : [[id, at] as const]
  })
  return {
    source: { ...plain, partitionColumns: [] },
    tableColumns: layout.fileColumns,
    columns,
    columnBounds: columns.map((own) => {
      const index = request.columns.findIndex((position) => asIs(position) === own)
      return index < 0 ? undefined : columnBounds[index]
    }),
    predicates: request.predicates,
    predicateColumns: new Map(known),
    keys: (request.keys ?? []).flatMap((keys) => {
      const column = columns.indexOf(asIs(present(request.columns[keys.column], 'column')) ?? -1)
      return column < 0 ? [] : [{ ...keys, column }]
    }),
  }
}

/** What is wanted of a column, where the file has it in the table's own unit. */
function narrowed(
  wanted: WantedValues | undefined,
  columns: readonly Wanted[],
  layout: FileLayout,
): WantedValues | undefined {
  const column = wanted && columns[wanted.column]
  if (wanted === undefined || column?.given === undefined) return undefined
  const own = layout.fileColumns[layout.positions[column.position] ?? -1]
  return own !== undefined && readsAsIs(own.type, column.type)
    ? { ...wanted, column: column.given }
    : undefined
}

/** A file's parts with their statistics in the table's columns. */
export function partsInTable(
  parts: readonly FilePart[],
  layout: FileLayout,
  types: readonly DataType[],
): readonly FilePart[] {
  return parts.map((part) => {
    if (part.statistics.length === 0) return part
    const statistics = types.map((type, at): ColumnStatistics | undefined => {
      const position = layout.positions[at]
      if (position === undefined) return nullStatistics(part.rows)
      const own = layout.fileColumns[position]
      return own !== undefined && readsAsIs(own.type, type) ? part.statistics[position] : undefined
    })
    return { ...part, statistics }
  })
}

/** Of a column that a file does not have. */
export function nullStatistics(rows: number): ColumnStatistics {
  return { min: undefined, max: undefined, nullCount: rows, distinct: 0, ascending: false }
}

/** Columns of NULLs, made once a type and cut to each chunk's length. */
class NullVectors {
  readonly #arena: Arena
  readonly #vectors = new Map<string, Vector>()

  constructor({ heap }: ReaderEnvironment) {
    this.#arena = new Arena(heap)
  }

  vector(type: DataType, rows: number): Vector {
    const key = JSON.stringify(type)
    let vector = this.#vectors.get(key)
    if (vector === undefined) {
      const scalars = Array.from({ length: CHUNK_ROWS_MAX }, () => null)
      vector = vectorFromScalars(this.#arena, type, scalars)
      this.#vectors.set(key, vector)
    }
    return { ...vector, length: rows }
  }

  free(): void {
    this.#arena.release()
    this.#vectors.clear()
  }
}

function located<T>(file: FileEntry, column: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const details = { ...error.details, file: file.location, column }
    throw new QueryError(error.code, `${error.message} (file "${file.location}")`, details)
  }
}
