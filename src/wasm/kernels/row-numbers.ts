import type { Arena } from '../../data/arenas/arena.ts'
import { int8 } from '../../data/types/data-type.ts'
import { NO_ADDRESS, type ColumnStatistics, type Vector } from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** Numbers one after another, as values of an int8 column. */
export function numbersFrom(arena: Arena, kernels: Kernels, first: number, rows: number): Vector {
  const isWide = first + rows > 2 ** 31
  const values = arena.allocate((isWide ? 8 : 4) * rows)
  kernels.call('seriesIntegers', values, isWide ? 1 : 0, rows, BigInt(first), 1n)
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
