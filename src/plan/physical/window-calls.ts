import { present } from '../../base/assert.ts'
import { int8 } from '../../data/types/data-type.ts'
import { rankingFunctions } from '../../functions/windows/ranking.ts'
import { defaultFrame, type ColumnId, type Frame } from '../logical/expression.ts'
import type { PhysicalWindowCall } from './plan.ts'

/** The frame that is the same for all rows. */
export const wholePartition: Frame = {
  unit: 'rows',
  start: { kind: 'unbounded-preceding' },
  end: { kind: 'unbounded-following' },
  exclude: 'no-others',
}

/** A call of row_number, rank or dense_rank. */
export function rankingCall(name: string, id: ColumnId): PhysicalWindowCall {
  const fn = present(
    rankingFunctions.find((entry) => entry.name === name),
    name,
  )
  return { kind: 'window', id, name, type: int8, fn, args: [], frame: defaultFrame }
}

/** How many rows a frame has. */
export function countOfRows(id: ColumnId, frame: Frame): PhysicalWindowCall {
  const base = { id, name: 'count', type: int8, arg: undefined, filter: undefined }
  const aggregate = {
    ...base,
    accumulator: 'count-star',
    distinct: false,
    fitsInt64: true,
  } as const
  return { kind: 'aggregate', aggregate, frame }
}
