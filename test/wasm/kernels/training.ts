import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  referenceCentered,
  referenceCombined,
  referenceLogistic,
  referenceProducts,
  referenceRanges,
  referenceResidual,
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
      const least = Array<number>(2 * (columns.length - 1)).fill(-Infinity)
      const cell = numbers(least)
      const morsel = words(block, rows, cell, words(...pieces))
      call('trainingPack', morsel, parameters(columns.length - 1, 0, []), 0)
      const padded = columns.map((column) => [...column, ...Array(512 - rows).fill(0)])
      expect(blockAt(block, 512, columns.length)).toEqual(padded)
      expect(numbersAt(cell, least.length)).toEqual(referenceRanges(columns.slice(1)))
    }
    arena.release()
  })
})

conformance(['trainingCenter'], () => {
  test.each(rowCounts)('%i rows', (rows) => {
    const random = seededRandom(rows + 1)
    for (let round = 0; round < 10; round++) {
      const columns = randomColumns(random, rows, 1 + below(random, 5))
      const scales = [1, ...columns.slice(1).map(() => pick(random, [1, 0.5, 8]))]
      const offsets = [0, ...columns.slice(1).map((column, i) => column[0]! * scales[i + 1]!)]
      const block = placeBlock(columns)
      const cell = cellOf(2 * columns.length)
      const morsel = words(block, rows, cell.at, 0)
      const pairs = scales.flatMap((scale, i) => [scale, offsets[i]!])
      call('trainingCenter', morsel, parameters(columns.length, 0, pairs), 0)
      const expected = referenceCentered(columns, scales, offsets)
      const padded = expected.columns.map((column) => [...column, ...Array(512 - rows).fill(0)])
      expect(blockAt(block, 512, columns.length)).toEqual(padded)
      expectClose(cell.found(), expected.sums, 1e-6)
    }
    arena.release()
  })
})

test.each([
  [Number.NaN, 1],
  [1, Number.NaN, 3],
  [1, 2, Number.NaN],
])('a range with NaN is NaN: %d, %d, %d', (...values) => {
  const block = space(2 * COLUMN_BYTES)
  const cell = numbers([-Infinity, -Infinity])
  const morsel = words(block, values.length, cell, words(1, values.length, numbers(values)))
  call('trainingPack', morsel, parameters(1, 0, []), 0)
  expect(numbersAt(cell, 2)).toEqual([Number.NaN, Number.NaN])
  arena.release()
})

conformance(['trainingCombine'], () => {
  test.each(rowCounts)('%i rows', (rows) => {
    const random = seededRandom(rows + 3)
    for (let round = 0; round < 10; round++) {
      const columns = randomColumns(random, rows, 1 + below(random, 6))
      const isSource = columns.map(() => below(random, 2) === 0)
      const factors = columns.map((_, target) =>
        columns.map((__, i) => (isSource[i]! && !isSource[target]! ? random.next() - 0.5 : 0)),
      )
      const block = placeBlock(columns)
      const morsel = words(block, rows, 0, 0)
      call('trainingCombine', morsel, parameters(columns.length, 0, factors.flat()), 0)
      const expected = referenceCombined(columns, factors)
      blockAt(block, rows, columns.length).forEach((column, i) =>
        expectClose(column, expected[i]!, 1e-10),
      )
    }
    arena.release()
  })
})

conformance(['trainingResidual'], () => {
  test.each(rowCounts)('%i rows', (rows) => {
    const random = seededRandom(rows + 4)
    for (let round = 0; round < 10; round++) {
      const columns = randomColumns(random, rows, 1 + below(random, 6))
      const targets = Array.from({ length: rows }, () => random.next() * 50)
      const weights = columns.map(() => (below(random, 3) === 0 ? 0 : random.next() - 0.5))
      const cell = cellOf(1 + columns.length)
      const morsel = words(placeBlock([...columns, targets]), rows, cell.at, 0)
      const scratch = space(COLUMN_BYTES)
      call('trainingResidual', morsel, parameters(columns.length, 0, weights), scratch)
      expectClose(cell.found(), referenceResidual(columns, targets, weights), 1e-4)
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

test('logits far away give no subnormal numbers, which are slow', () => {
  const ones = Array<number>(512).fill(1)
  for (const logit of [-700, -1e6, 700, 1e6]) {
    const cell = numbers(Array<number>(3).fill(0))
    const targets = ones.map(() => (logit > 0 ? 1 : 0))
    const morsel = words(placeBlock([ones, targets]), 512, cell, 0)
    call('trainingLogistic', morsel, parameters(1, 1, [logit]), space(4 * COLUMN_BYTES))
    const curvature = numbersAt(cell, 3)[2]!
    expect(curvature).toBeGreaterThan(2 ** -800)
    expect(curvature).toBeLessThan(1e-200)
  }
  arena.release()
})
