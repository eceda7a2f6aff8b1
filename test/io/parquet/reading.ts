import { statSync } from 'node:fs'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { Schema } from '../../../src/data/types/schema.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../../src/data/vectors/vector.ts'
import { parquetFormat } from '../../../src/io/formats/parquet/format.ts'
import { mergeStatistics } from '../../../src/io/formats/parquet/statistics.ts'
import { partitionFields } from '../../../src/io/scan/partition-columns.ts'
import type { ReaderEnvironment, ScanRequest, WantedValues } from '../../../src/io/scan/source.ts'
import type { FileEntry } from '../../../src/plan/catalog/catalog.ts'
import { loadKernels } from '../../../src/wasm/kernels/loader.ts'

/** One memory for the tests of a file. */
export function environment(): ReaderEnvironment {
  const heap = new Heap(Heap.createMemory(1_073_741_824))
  return { heap, kernels: loadKernels(heap) }
}

export async function duckdb(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(':memory:')).connect()
}

export function fileEntry(
  path: string,
  partitionValues: readonly (string | null)[] = [],
): FileEntry {
  const { size, mtimeMs } = statSync(path)
  return {
    path,
    location: path,
    bytes: size,
    modifiedMs: mtimeMs,
    partitionValues,
    parts: [],
  }
}

/** A scan of all columns of files that have the same columns. */
export async function scanOf(
  files: readonly FileEntry[],
  partitionColumns: readonly string[] = [],
): Promise<ScanRequest> {
  const options = { fileOptions: {}, declared: undefined, signal: undefined }
  const inspections = await Promise.all(files.map((file) => parquetFormat.inspect(file, options)))
  const fileColumns: Schema = inspections[0]?.columns ?? []
  const parts = inspections.flatMap((inspection) => inspection.parts)
  const tableColumns = [...fileColumns, ...partitionFields(partitionColumns, files)]
  return {
    source: {
      kind: 'files',
      format: 'parquet',
      files: files.map((file, index) => ({ ...file, parts: inspections[index]?.parts ?? [] })),
      options: {},
      partitionColumns,
    },
    tableColumns,
    columns: tableColumns.map((_, index) => index),
    columnBounds: tableColumns.map((_, index) => {
      const { min, max } = mergeStatistics(parts, index) ?? {}
      return min === undefined || max === undefined ? undefined : { min, max }
    }),
    predicates: [],
    predicateColumns: new Map(),
  }
}

/** Calls back with every chunk of a scan, in order. */
export function eachChunk(
  env: ReaderEnvironment,
  request: ScanRequest,
  visit: (chunk: Chunk) => void,
  wanted?: () => WantedValues | undefined,
): void {
  const reader = parquetFormat.openReader(request, env)
  const arena = new Arena(env.heap)
  try {
    for (const unit of parquetFormat.planUnits(request)) {
      for (const chunk of reader.read(unit, arena, wanted)) visit(chunk)
    }
  } finally {
    reader.close()
    arena.release()
  }
}

/** All values of a scan, by column; chunks without a wanted value may be missing. */
export function readAll(
  env: ReaderEnvironment,
  request: ScanRequest,
  wanted?: () => WantedValues | undefined,
): Scalar[][] {
  const columns: Scalar[][] = request.columns.map(() => [])
  const visit = (chunk: Chunk): void => {
    for (const [index, vector] of chunk.columns.entries()) {
      for (const value of scalarsOf(env.heap, vector)) columns[index]?.push(value)
    }
  }
  eachChunk(env, request, visit, wanted)
  return columns
}
