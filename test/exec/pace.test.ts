import { expect, test } from 'vitest'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { text } from '../../src/data/types/data-type.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { Pace, rowsAtOnce } from '../../src/exec/jobs/pace.ts'

/** What pieces of an input take when rows cost so much: how many there are, and the longest. */
function pieces(rows: number, first: number, costMs: (row: number) => number, fixedMs = 0) {
  const pace = new Pace(first, 32_768)
  const taken: number[] = []
  for (let at = 0; at < rows;) {
    const count = Math.min(pace.rows, rows - at)
    let ms = fixedMs
    for (let row = at; row < at + count; row++) ms += costMs(row)
    pace.took(count, ms)
    taken.push(ms)
    at += count
  }
  return { count: taken.length, longestMs: Math.max(...taken) }
}

test.each([
  ['cheap rows are run as whole morsels, soon', 1_000_000, 2_048, () => 1e-5, 34, 0.4],
  ['dear rows in pieces of about two milliseconds', 10_000, 64, () => 0.01, 60, 2.1],
  ['a row a time where one takes long', 50, 1, () => 30, 50, 30],
  [
    'rows that become dearer cost one long piece',
    20_000,
    64,
    (row: number) => (row < 10_000 ? 0.001 : 0.1),
    520,
    205,
  ],
])('%s', (_name, rows, first, costMs, countMax, longestMs) => {
  const found = pieces(rows, first, costMs)
  expect(found.count).toBeLessThanOrEqual(countMax)
  expect(found.longestMs).toBeLessThanOrEqual(longestMs)
})

test.each([
  ['1 ms', 1, 0.02, 400, 5],
  ['7 ms', 7, 0.05, 110, 30],
  ['50 ms', 50, 1, 350, 320],
])('pieces of a fixed cost of %s are mostly rows', (_name, fixedMs, rowMs, countMax, longestMs) => {
  const found = pieces(20_000, 64, () => rowMs, fixedMs)
  expect(found.count).toBeLessThanOrEqual(countMax)
  expect(found.longestMs).toBeLessThanOrEqual(longestMs)
})

test.each([
  ['short texts are run as many at once as there are', 'a', 1_000, 1_000],
  ['long texts a few at a time', 'a'.repeat(1_048_576), 16, 8],
  ['the longest one by one', 'a'.repeat(12_000_000), 2, 1],
])('%s', (_name, value, rows, expected) => {
  const heap = new Heap(Heap.createMemory(134_217_728))
  const arena = new Arena(heap)
  const columns = [
    vectorFromScalars(
      arena,
      text,
      Array.from({ length: rows }, () => value),
    ),
  ]
  const chunk = { rows, columns, statistics: undefined }
  expect(Math.min(rows, rowsAtOnce(heap, chunk))).toBe(expected)
})
