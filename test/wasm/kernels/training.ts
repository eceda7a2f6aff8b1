import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  referenceCentered,
  referenceLogistic,
  referenceProducts,
  referenceSums,
  type TrainingColumns,
} from '../../../src/wasm/kernels/reference/training.ts'
import { arena, below, call, conformance, heap, pick, space, zeros } from './bench.ts'

// See assembly/training.ts.
const COLUMN_BYTES = 4_096
const rowCounts = [1, 2, 3, 17, 511, 512]

/** A column of ones and random ones. */
function randomColumns(random: Random, rows: number, count: number): TrainingColumns {
  const columns = Array.from({ length: count }, () => {
    const [mean, spread] = [pick(random, [0, 0, 5, -300]), pick(random, [0, 1, 20])]
    return Array.from({ length: rows }, () => mean + spread * (random.next() - 0.5))
  })
  return [Array.from({ length: rows }, () => 1), ...columns]
}

function words(...values: readonly number[]): number {
  const at = space(4 * values.length)
  heap.u32.set(values, at / 4)
  return at
}

function numbers(values: readonly number[]): number {
  const at = space(8 * values.length)
  heap.f64.set(values, at / 8)
  return at
}

function numbersAt(at: number, count: number): number[] {
  return [...heap.f64.subarray(at / 8, at / 8 + count)]
}

/** Parameters as kernels take them: two words and float64 numbers. */
function parameters(columns: number, flag: number, values: readonly number[]): number {
  const at = numbers([0, ...values])
  heap.u32.set([columns, flag], at / 4)
  return at
}

function placeBlock(columns: TrainingColumns): number {
  const block = zeros(COLUMN_BYTES * columns.length)
  columns.forEach((column, i) => heap.f64.set(column, (block + i * COLUMN_BYTES) / 8))
  return block
}

function blockAt(block: number, rows: number, columns: number): TrainingColumns {
  return Array.from({ length: columns }, (_, i) => numbersAt(block + i * COLUMN_BYTES, rows))
}

/** A cell that holds something already, which kernels add to. */
function cellOf(figures: number): { readonly at: number; found(): number[] } {
  const before = Array.from({ length: figures }, (_, i) => i + 0.5)
  const at = numbers(before)
  return { at, found: () => numbersAt(at, figures).map((value, i) => value - before[i]!) }
}

function expectClose(found: readonly number[], expected: readonly number[], scale: number): void {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `figure ${i}: ${value}`).toBeLessThanOrEqual(scale)
  })
}

conformance(['trainingPack'], () => {
  test.each(rowCounts)('%i rows from several pieces', (rows) => {
    const random = seededRandom(rows)
    for (let round = 0; round < 10; round++) {
      const columns = randomColumns(random, rows, 1 + below(random, 5))
      const pieces: number[] = [0]
      for (let row = 0; row < rows;) {
        const count = 1 + below(random, rows - row)
        pieces[0]!++
        pieces.push(count, ...columns.slice(1).map((c) => numbers(c.slice(row, row + count))))
        row += count
      }
      const block = space(COLUMN_BYTES * columns.length)
      const cell = cellOf(columns.length)
      const morsel = words(block, rows, cell.at, words(...pieces))
      call('trainingPack', morsel, parameters(columns.length - 1, 0, []), 0)
      const padded = columns.map((column) => [...column, ...Array(512 - rows).fill(0)])
      expect(blockAt(block, 512, columns.length)).toEqual(padded)
      expectClose(cell.found(), referenceSums(columns), 1e-9)
    }
    arena.release()
  })
})

conformance(['trainingCenter'], () => {
  test.each(rowCounts)('%i rows', (rows) => {
    const random = seededRandom(rows + 1)
    for (let round = 0; round < 10; round++) {
      const columns = randomColumns(random, rows, 1 + below(random, 5))
      const offsets = [0, ...columns.slice(1).map((column) => column[0]!)]
      const block = placeBlock(columns)
      const cell = cellOf(columns.length)
      const morsel = words(block, rows, cell.at, 0)
      call('trainingCenter', morsel, parameters(columns.length, 0, offsets), 0)
      const expected = referenceCentered(columns, offsets)
      const padded = expected.columns.map((column) => [...column, ...Array(512 - rows).fill(0)])
      expect(blockAt(block, 512, columns.length)).toEqual(padded)
      expectClose(cell.found(), expected.squares, 1e-8)
    }
    arena.release()
  })
})

/** A square of which the kernels fill the upper triangle. */
function upper(figures: readonly number[], size: number): number[] {
  return Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size]
    return figures[Math.min(i, j) * size + Math.max(i, j)]!
  })
}

conformance(['trainingProducts'], () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 21])('%i columns', (count) => {
    const random = seededRandom(count)
    for (const rows of rowCounts) {
      const columns = randomColumns(random, rows, count - 1)
      const cell = cellOf(count * count)
      const morsel = words(placeBlock(columns), rows, cell.at, 0)
      call('trainingProducts', morsel, parameters(count, 0, []), space(2 * COLUMN_BYTES))
      expectClose(upper(cell.found(), count), referenceProducts(columns).flat(), 1e-6)
    }
    arena.release()
  })
})

conformance(['trainingLogistic'], () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 21])('%i columns', (count) => {
    const random = seededRandom(count + 2)
    for (const rows of rowCounts) {
      for (const size of [0, 0.01, 1, 100]) {
        const columns = randomColumns(random, rows, count - 1)
        const targets = Array.from({ length: rows }, () => below(random, 2))
        const weights = columns.map(() => size * (random.next() - 0.5))
        const block = placeBlock([...columns, targets])
        const cell = cellOf(1 + count + count * count)
        const scratch = space(4 * COLUMN_BYTES)
        const morsel = words(block, rows, cell.at, 0)
        call('trainingLogistic', morsel, parameters(count, 1, weights), scratch)
        const [loss = NaN, ...rest] = cell.found()
        const expected = referenceLogistic(columns, targets, weights)
        expectClose([loss], [expected.loss], 1e-13 * (1 + expected.loss) * rows)
        expectClose(rest.slice(0, count), expected.gradient, 1e-8)
        const matrix = upper(rest.slice(count), count)
        expectClose(matrix, expected.hessian.flat(), 1e-6)
        const short = cellOf(1 + count)
        const again = words(block, rows, short.at, 0)
        call('trainingLogistic', again, parameters(count, 0, weights), scratch)
        expect(short.found()).toEqual([loss, ...rest.slice(0, count)])
      }
      arena.release()
    }
  })
})
