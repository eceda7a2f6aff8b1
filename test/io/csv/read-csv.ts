import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { Schema } from '../../../src/data/types/schema.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { inspectCsv } from '../../../src/io/formats/csv/inspect.ts'
import { openCsvReader, planCsvUnits } from '../../../src/io/formats/csv/reader.ts'
import type { FileInspection } from '../../../src/io/formats/format.ts'
import type { ScanRequest } from '../../../src/io/scan/source.ts'
import type { FileEntry, FileOptions } from '../../../src/plan/catalog/catalog.ts'
import { loadKernels } from '../../../src/wasm/kernels/loader.ts'

export const heap = new Heap(Heap.createMemory(1 << 29))
export const env = { heap, kernels: loadKernels(heap) }
export const folder = mkdtempSync(join(tmpdir(), 'heddle-csv-'))
afterAll(() => rmSync(folder, { recursive: true }))

let written = 0

export function writeFile(content: string | Uint8Array, extension = 'csv'): FileEntry {
  const path = join(folder, `${written++}.${extension}`)
  writeFileSync(path, content)
  return fileEntry(path)
}

export function fileEntry(path: string): FileEntry {
  const { size, mtimeMs } = statSync(path)
  const rest = { partitionValues: [], parts: [] }
  return { path, location: path, bytes: size, modifiedMs: mtimeMs, ...rest }
}

export function inspect(
  content: string | Uint8Array,
  fileOptions: FileOptions = {},
  declared?: Schema,
): Promise<FileInspection> {
  return inspectCsv(writeFile(content), { fileOptions, declared, signal: undefined })
}

export function scanRequest(
  file: FileEntry,
  tableColumns: Schema,
  options: FileOptions,
  columns: readonly number[] = tableColumns.map((_, position) => position),
): ScanRequest {
  return {
    source: { kind: 'files', format: 'csv', files: [file], options, partitionColumns: [] },
    tableColumns,
    columns,
    columnBounds: [],
    predicates: [],
    predicateColumns: new Map(),
  }
}

/** All rows, as the units are read one by one; `borders` cut the file there instead of the plan. */
export function readRows(request: ScanRequest, borders?: readonly number[]): Scalar[][] {
  const before = heap.bytesInUse
  const reader = openCsvReader(request, env)
  const arena = new Arena(heap)
  const rows: Scalar[][] = []
  try {
    for (const unit of borders === undefined ? planCsvUnits(request) : unitsAt(request, borders)) {
      for (const chunk of reader.read(unit, arena)) {
        const columns = chunk.columns.map((vector) => scalarsOf(heap, vector))
        for (let row = 0; row < chunk.rows; row++) rows.push(columns.map((column) => column[row]!))
      }
    }
  } finally {
    reader.close()
    arena.release()
  }
  if (heap.bytesInUse !== before) throw new Error('the reader leaked memory')
  return rows
}

function unitsAt(request: ScanRequest, borders: readonly number[]) {
  const ends = [...borders, request.source.files[0]!.bytes]
  return ends.map((end, part) => ({ file: 0, part, start: ends[part - 1] ?? 0, end, rows: 0 }))
}

/** Inspects and reads a text. */
export async function readText(
  content: string | Uint8Array,
  fileOptions: FileOptions = {},
  declared?: Schema,
): Promise<{ readonly inspection: FileInspection; readonly rows: Scalar[][] }> {
  const file = writeFile(content)
  const inspection = await inspectCsv(file, { fileOptions, declared, signal: undefined })
  return { inspection, rows: readRows(scanRequest(file, inspection.columns, inspection.options)) }
}
