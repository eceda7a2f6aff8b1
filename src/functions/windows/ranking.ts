import { QueryError } from '../../base/errors.ts'
import { float8, int4, int8 } from '../../data/types/data-type.ts'
import { windowFunction } from '../define.ts'
import type { WindowFunction } from '../window-function.ts'

type Ranking = Pick<WindowFunction, 'name' | 'returns' | 'doc' | 'example' | 'kernel' | 'evaluate'>

function ranking(entry: Ranking): WindowFunction {
  return windowFunction({ args: [], gives: 'number', nullable: false, ...entry })
}

/** Window functions that number rows and groups of peers. */
export const rankingFunctions: readonly WindowFunction[] = [
  ranking({
    name: 'row_number',
    kernel: 'row_number',
    returns: int8,
    doc: 'Number of the row in its partition, from 1.',
    example: 'row_number() over 3, 5, 5 -- 1, 2, 3',
    evaluate:
      ({ partitionStarts }) =>
      (row) =>
        row - partitionStarts[row]! + 1,
  }),
  ranking({
    name: 'rank',
    kernel: 'rank',
    returns: int8,
    doc: 'Number of the first row that is equal in the order: rank with gaps.',
    example: 'rank() over 3, 5, 5, 7 -- 1, 2, 2, 4',
    evaluate:
      ({ partitionStarts, peerStarts }) =>
      (row) =>
        peerStarts[row]! - partitionStarts[row]! + 1,
  }),
  ranking({
    name: 'dense_rank',
    kernel: 'dense_rank',
    returns: int8,
    doc: 'Number of the group of rows that are equal in the order: rank without gaps.',
    example: 'dense_rank() over 3, 5, 5, 7 -- 1, 2, 2, 3',
    evaluate:
      ({ groups }) =>
      (row) =>
        groups[row]! + 1,
  }),
  ranking({
    name: 'percent_rank',
    kernel: 'percent_rank',
    returns: float8,
    doc: 'Rank from 0 to 1: (rank - 1) / (rows of the partition - 1).',
    example: 'percent_rank() over 3, 5, 5 -- 0, 0.5, 0.5',
    evaluate:
      ({ partitionStarts, partitionEnds, peerStarts }) =>
      (row) => {
        const start = partitionStarts[row]!
        const others = partitionEnds[row]! - start - 1
        return others === 0 ? 0 : (peerStarts[row]! - start) / others
      },
  }),
  ranking({
    name: 'cume_dist',
    kernel: 'cume_dist',
    returns: float8,
    doc: 'The part of the partition that is not behind the row in the order.',
    example: 'cume_dist() over 3, 5, 5, 7 -- 0.25, 0.75, 0.75, 1',
    evaluate:
      ({ partitionStarts, partitionEnds, peerEnds }) =>
      (row) => {
        const start = partitionStarts[row]!
        return (peerEnds[row]! - start) / (partitionEnds[row]! - start)
      },
  }),
  windowFunction({
    name: 'ntile',
    kernel: 'ntile',
    args: ['int4'],
    returns: int4,
    gives: 'number',
    nullable: true,
    doc: 'Number of the bucket, where the partition is divided into so many as equal as can be.',
    example: 'ntile(2) over 3, 5, 7 -- 1, 1, 2',
    evaluate: (rows) => (row) => {
      const { partitionStarts, partitionEnds } = rows
      const start = partitionStarts[row]!
      // The partition's first row tells for all of it.
      const buckets = rows.integer(0, start)
      if (buckets === undefined) return Number.NaN
      if (buckets <= 0) {
        const message = 'argument of ntile must be greater than zero'
        throw new QueryError('INVALID_ARGUMENT_FOR_NTILE', message)
      }
      const count = partitionEnds[row]! - start
      const [size, larger] = [Math.floor(count / buckets), count % buckets]
      const at = row - start
      const inLarger = larger * (size + 1)
      if (at < inLarger) return Math.floor(at / (size + 1)) + 1
      return larger + Math.floor((at - inLarger) / size) + 1
    },
  }),
]
