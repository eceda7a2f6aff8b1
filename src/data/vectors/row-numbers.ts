import type { Arena } from '../arenas/arena.ts'
import { int8 } from '../types/data-type.ts'
import { NO_ADDRESS, type ColumnStatistics, type Vector } from './vector.ts'

/** Numbers one after another, as values of an int8 column. */
export function numbersFrom(arena: Arena, first: number, rows: number): Vector {
  const isWide = first + rows > 2 ** 31
  const values = arena.allocate((isWide ? 8 : 4) * rows)
  const { u32 } = arena.heap
  const words = values >>> 2
  if (isWide) {
    for (let row = 0; row < rows; row++) {
      u32[words + 2 * row] = (first + row) >>> 0
      u32[words + 2 * row + 1] = Math.floor((first + row) / 2 ** 32)
    }
  } else for (let row = 0; row < rows; row++) u32[words + row] = first + row
  return {
    type: int8,
    layout: isWide ? 'i64' : 'i32',
    length: rows,
    validity: NO_ADDRESS,
    values,
    offsets: NO_ADDRESS,
    dictionary: undefined,
  }
}

/** What is known of {@link numbersFrom}. */
export function statisticsOfNumbers(first: number, rows: number): ColumnStatistics {
  return {
    min: BigInt(first),
    max: BigInt(first + rows - 1),
    nullCount: 0,
    distinct: rows,
    ascending: true,
  }
}
