import { expect, test } from 'vitest'
import { int8 } from '../../src/data/types/data-type.ts'
import { unitsToRead } from '../../src/io/scan/reader-request.ts'
import type { ScanRequest } from '../../src/io/scan/source.ts'
import type { FileEntry } from '../../src/plan/catalog/catalog.ts'

const statistics = { min: 1n, max: 2n, nullCount: 0, distinct: undefined, ascending: false }

function fileNamed(path: string): FileEntry {
  const part = { rows: 10, bytes: 100, statistics: [statistics] }
  const known = { bytes: 100, modifiedMs: 1, partitionValues: [path] }
  return { path, location: path, ...known, parts: [part, part] }
}

const request: ScanRequest = {
  source: {
    kind: 'files',
    format: 'parquet',
    files: ['a', 'b', 'c', 'd'].map(fileNamed),
    options: {},
    partitionColumns: [],
  },
  tableColumns: [{ name: 'x', type: int8, nullable: false }],
  columns: [0],
  columnBounds: [{ min: 1n, max: 2n }],
  predicates: [],
  predicateColumns: new Map(),
}

test('threads get the files of their units, without what only planning needs', () => {
  const unitOf = (file: number, part: number) => ({ file, part, start: 0, end: 10, rows: 10 })
  const units = [unitOf(3, 1), unitOf(1, 0), unitOf(3, 0)]
  const read = unitsToRead(request, units)
  expect(read.request.source.files.map(({ path, parts }) => [path, parts])).toEqual([
    ['d', []],
    ['b', []],
  ])
  const named = read.units.map(({ file, part }) => [read.request.source.files[file]?.path, part])
  expect(named).toEqual([
    ['d', 1],
    ['b', 0],
    ['d', 0],
  ])
  expect(read.request.columnBounds).toEqual(request.columnBounds)
})
