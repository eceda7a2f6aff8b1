import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { duckdb, environment, fileEntry, readAll, scanOf } from './reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-kept-'))
const path = join(folder, 'kept.parquet')
const env = environment()
const now = performance.now.bind(performance)

/** Files that were just written are as if they had lain there for a while. */
function waitForSettledFiles(): void {
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000)
}

const kinds: readonly (readonly [string, string])[] = [
  ['zstd', 'compression zstd'],
  ['snappy', 'compression snappy'],
  ['gzip', 'compression gzip'],
  ['second version', 'compression zstd, parquet_version v2'],
  ['two row groups', 'compression snappy, row_group_size 16384'],
  ['row groups that are too small to be kept', 'compression zstd, row_group_size 4096'],
  ['uncompressed', 'compression uncompressed'],
]

const notKept = new Set(['uncompressed', 'row groups that are too small to be kept'])

const rows = `select i + 100000000 as a, case when i % 7 = 0 then null else i * 7919 % 65536 end as b,
  'row ' || (i % 1000) as c, 'number ' || i as d, i % 2 = 0 as e, (i % 500) / 4.0 as f from range(30000) t(i)`

async function write(options: string): Promise<void> {
  const connection = await duckdb()
  await connection.run(`copy (${rows}) to '${path}' (format parquet, ${options})`)
}

let wanted: unknown
beforeAll(async () => {
  await write('compression uncompressed')
  wanted = readAll(env, await scanOf([fileEntry(path)]))
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(kinds)('pages that were kept are as those of the file: %s', async (name, options) => {
  waitForSettledFiles()
  await write(options)
  const scan = await scanOf([fileEntry(path)])
  const before = env.heap.kept.bytes
  for (let round = 0; round < 4; round++) expect(readAll(env, scan)).toEqual(wanted)
  if (notKept.has(name)) expect(env.heap.kept.bytes).toBe(before)
  else expect(env.heap.kept.bytes - before).toBeGreaterThan(300_000)
  expect(env.heap.bytesInUse).toBe(0)
})

test('any columns and any first rows, read while pages come and go', async () => {
  waitForSettledFiles()
  await write('compression snappy, row_group_size 16384')
  const before = env.heap.kept.bytes
  const all = await scanOf([fileEntry(path)])
  const values = wanted as readonly (readonly unknown[])[]
  for (let round = 0; round < 40; round++) {
    const columns = all.columns.filter((at) => (round * 31 + at * 7) % 5 < 2)
    const columnBounds = columns.map((at) => all.columnBounds[at])
    const found = readAll(env, { ...all, columns, columnBounds })
    expect(found).toEqual(columns.map((at) => values[at]))
    if (round === 6) expect(env.heap.kept.bytes).toBeGreaterThan(before)
    if (round % 8 === 7) env.heap.kept.giveBack(400_000)
  }
})

test('a file that just changed is not kept, nor is one read as it was before', async () => {
  await write('compression zstd')
  utimesSync(path, 1_000, 1_000)
  const before = env.heap.kept.bytes
  const scan = await scanOf([fileEntry(path)])
  for (let round = 0; round < 3; round++) expect(readAll(env, scan)).toEqual(wanted)
  expect(env.heap.kept.bytes).toBe(before)
  waitForSettledFiles()
  for (let round = 0; round < 3; round++) expect(readAll(env, scan)).toEqual(wanted)
  expect(env.heap.kept.bytes).toBeGreaterThan(before)
  // The same length, place and time of change; only the pages differ.
  const bytes = readFileSync(path)
  writeFileSync(path, Uint8Array.from(bytes).fill(0, 200, 4_000))
  utimesSync(path, 1_000, 1_000)
  expect(() => readAll(env, scan)).toThrow('row group 1')
  writeFileSync(path, bytes)
  utimesSync(path, 1_000, 1_000)
  expect(readAll(env, scan)).toEqual(wanted)
})

test('a damaged page is an error each time it is read', async () => {
  waitForSettledFiles()
  await write('compression zstd')
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0, 100, 5_000))
  const scan = { ...(await scanOf([fileEntry(path)])), columns: [0], columnBounds: [undefined] }
  const reader = (): unknown => readAll(env, scan)
  for (let round = 0; round < 4; round++) expect(reader).toThrow('row group 1')
  expect(env.heap.bytesInUse).toBe(0)
})
