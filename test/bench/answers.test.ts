import { describe, expect, test } from 'vitest'
import { anyOrder, difference, type RowOrder } from '../../bench/answers.ts'
import type { Rows } from '../../bench/engines.ts'

/** Rows of cells; numbers stand for double precision, texts for all other types. */
function rows(...given: readonly (readonly (string | number | null)[])[]): Rows {
  return given.map((row) =>
    row.map((value) => ({
      text: value === null ? null : String(value),
      approximate: typeof value === 'number',
    })),
  )
}

const byFirst: RowOrder = { columns: [0], isLimited: false }
const firstOfMany: RowOrder = { columns: [0], isLimited: true }

describe('answers of two engines', () => {
  test.each<[string, Rows, Rows, RowOrder | undefined, string | undefined]>([
    ['the same', rows(['a', '1']), rows(['a', '1']), undefined, undefined],
    ['zeros behind a decimal', rows(['1.50']), rows(['1.5']), undefined, undefined],
    [
      'a zero of an integer',
      rows(['10']),
      rows(['1']),
      undefined,
      'row 1, column 1: 10, expected 1',
    ],
    ['a missing row', rows(['a']), rows(['a'], ['b']), anyOrder, '1 rows, expected 2'],
    [
      'null and a text',
      rows([null]),
      rows(['null']),
      anyOrder,
      'row 1, column 1: null, expected null',
    ],
    [
      'the last digit of an exact sum',
      rows(['0.1234567890123']),
      rows(['0.1234567890124']),
      anyOrder,
      'row 1, column 1: 0.1234567890123, expected 0.1234567890124',
    ],
    [
      'the last digit of a float',
      rows([0.1234567890123]),
      rows([0.1234567890124]),
      undefined,
      undefined,
    ],
    [
      'a decimal where they have a float',
      rows(['1.3333333333333333']),
      rows([1.3333333333333]),
      undefined,
      undefined,
    ],
    [
      'another order',
      rows(['a'], ['b']),
      rows(['b'], ['a']),
      undefined,
      'row 1, column 1: a, expected b',
    ],
    ['any order', rows(['a'], ['b']), rows(['b'], ['a']), anyOrder, undefined],
    [
      'any order, other counts',
      rows(['a'], ['a'], ['b']),
      rows(['a'], ['b'], ['b']),
      anyOrder,
      'row 2, column 1: a, expected b',
    ],
    [
      'floats that nearly tie',
      rows(['b', 1.00000000001], ['b', 1]),
      rows(['b', 1], ['b', 1]),
      anyOrder,
      undefined,
    ],
    [
      'another order of a key',
      rows(['a', '1'], ['b', '2']),
      rows(['b', '2'], ['a', '1']),
      byFirst,
      'by the order that the query gives: row 1, column 1: a, expected b',
    ],
    [
      'ties in another order',
      rows(['a', '1'], ['a', '2']),
      rows(['a', '2'], ['a', '1']),
      byFirst,
      undefined,
    ],
    [
      'another last row of no limit',
      rows(['a', '1'], ['b', '2']),
      rows(['a', '1'], ['b', '3']),
      byFirst,
      'row 2, column 2: 2, expected 3',
    ],
    [
      'another last row among ties',
      rows(['a', '1'], ['b', '2']),
      rows(['a', '1'], ['b', '3']),
      firstOfMany,
      undefined,
    ],
    [
      'another row before the last ties',
      rows(['a', '1'], ['b', '2']),
      rows(['a', '4'], ['b', '3']),
      firstOfMany,
      'row 1, column 2: 1, expected 4',
    ],
  ])('%s', (_, ours, theirs, order, expected) => {
    expect(difference(ours, theirs, order)).toBe(expected)
  })
})
