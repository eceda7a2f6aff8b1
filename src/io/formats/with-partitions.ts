import type { Schema } from '../../data/types/schema.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { PartitionVectors } from '../scan/partition-columns.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../scan/source.ts'

/** Reads the wanted columns of the files themselves. */
export interface FileColumnsReader {
  read(unit: ScanUnit): Iterable<Chunk>
  close(): void
}

/** The file's own columns, and the positions among them that a request wants, in request order. */
export interface FileColumns {
  readonly columns: Schema
  readonly wanted: readonly number[]
}

export function fileColumns(request: ScanRequest): FileColumns {
  const { tableColumns, source } = request
  const count = tableColumns.length - source.partitionColumns.length
  return {
    columns: tableColumns.slice(0, count),
    wanted: request.columns.filter((position) => position < count),
  }
}

/** A reader of whole rows from one of file columns: hive partition columns are put between them. */
export function withPartitions(
  request: ScanRequest,
  env: ReaderEnvironment,
  reader: FileColumnsReader,
): UnitReader {
  const { columns, wanted } = fileColumns(request)
  if (wanted.length === request.columns.length) return reader
  const constants = new PartitionVectors(env)
  return {
    *read(unit) {
      const file = request.source.files[unit.file]!
      for (const chunk of reader.read(unit)) {
        const vectors = request.columns.map((position) => {
          if (position < columns.length) return chunk.columns[wanted.indexOf(position)]!
          const { type } = request.tableColumns[position]!
          return constants.vector(file, position - columns.length, type, chunk.rows)
        })
        yield { ...chunk, columns: vectors }
      }
    },
    close() {
      reader.close()
      constants.free()
    },
  }
}
