import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { typeName } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import { inspectLocation, openReader, planUnits, type InspectOptions } from '../../src/io/open.ts'
import type { InspectedSource } from '../../src/io/scan/source.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'

export const heap = new Heap(Heap.createMemory(1 << 28))
export const env = { heap, kernels: loadKernels(heap) }
export const root = mkdtempSync(join(tmpdir(), 'heddle-open-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Writes files into a folder below the root; gives the folder. */
export function files(
  folder: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
): string {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(root, folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return join(root, folder)
}

export function inspect(location: string, options: Partial<InspectOptions> = {}) {
  return inspectLocation(location, { allowedRoots: [root], allowUrls: false, ...options })
}

/** All rows of the wanted columns; memory must be free again. */
export function rowsOf(inspected: InspectedSource, columns?: readonly number[]): Scalar[][] {
  const request = {
    source: inspected.source,
    tableColumns: inspected.columns,
    columns: columns ?? inspected.columns.map((_, at) => at),
    columnBounds: [],
    predicates: [],
    predicateColumns: new Map(),
  }
  const arena = new Arena(heap)
  const reader = openReader(request, env)
  const rows: Scalar[][] = []
  try {
    for (const unit of planUnits(request)) {
      for (const chunk of reader.read(unit, arena)) {
        const values = chunk.columns.map((vector) => scalarsOf(heap, vector))
        for (let row = 0; row < chunk.rows; row++) rows.push(values.map((column) => column[row]!))
      }
    }
  } finally {
    reader.close()
    arena.release()
  }
  expect(heap.bytesInUse).toBe(0)
  return rows
}

export async function failure(promise: Promise<unknown>): Promise<QueryError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(QueryError)
  return error as QueryError
}

/** `a bigint, b text`. */
export function described({ columns }: InspectedSource): string {
  return columns.map(({ name, type }) => `${name} ${typeName(type)}`).join(', ')
}

/** Inspects a location and reads it all; the error when that fails. */
export async function outcome(
  location: string,
  options: Partial<InspectOptions> = {},
): Promise<{ readonly columns: string; readonly rows: Scalar[][] } | QueryError> {
  try {
    const inspected = await inspect(location, options)
    return { columns: described(inspected), rows: rowsOf(inspected) }
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}
