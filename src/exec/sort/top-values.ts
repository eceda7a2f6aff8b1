import { notesMatches } from '../../plan/physical/plan.ts'
import { present } from '../../base/assert.ts'
import { resolveColumn } from '../../compile/shape/dense-keys.ts'
import type { Pipeline, SortField, Step } from '../../compile/model/pipeline.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { isIntegerLike } from '../../data/types/catalogue.ts'
import type { Address, ColumnStatistics } from '../../data/vectors/vector.ts'
import type { WantedValues } from '../../io/scan/source.ts'
import { fieldReader } from '../rows/row-values.ts'

/**
 * The column of its chunks by which a pipeline sorts first, when it keeps only the first rows: chunks
 * whose values all sort behind the last row that is kept need not be looked at.
 */
export interface TopColumn {
  /** Index in the chunks' columns. */
  readonly column: number
  readonly key: SortField
  /** Where rows that were kept have the value. */
  readonly field: RowField
  /** No other key decides: rows with the value of the last that is kept are not wanted. */
  readonly isOnly: boolean
}

/** Undefined where a chunk that is left out could be missed. */
export function topColumn(pipeline: Pipeline): TopColumn | undefined {
  const { source, steps, sink } = pipeline
  if (source.kind !== 'chunks' || sink.kind !== 'sort') return undefined
  const { keys, values, layout, limitRows } = sink.sort
  const [key] = keys
  if (limitRows === undefined || key === undefined || !steps.every(mayMissRows)) return undefined
  const expr = resolveColumn(pipeline, present(values[key.field], 'value of a sort key'))
  if (expr.kind !== 'column') return undefined
  const { id } = expr
  const column = source.columns.findIndex((candidate) => candidate.id === id)
  const field = present(layout.fields[key.field], 'field of a sort key')
  return column < 0 ? undefined : { column, key, field, isOnly: keys.length === 1 }
}

/** Whether a step gives the same for a row, whatever other rows came before it. */
function mayMissRows(step: Step): boolean {
  switch (step.kind) {
    case 'filter':
    case 'lane-filter':
    case 'call-out':
    case 'compute':
    case 'repeat':
      return true
    case 'probe':
    case 'nested-loop':
      return !notesMatches(step.joinKind)
    case 'limit':
      return false
  }
}

/** What values still matter, given the last row that is kept at the moment. Undefined: all may. */
export function wantedBy(top: TopColumn, heap: Heap, lastKept: Address): WantedValues | undefined {
  const { column, key, field, isOnly } = top
  const value = fieldReader(heap, field)(lastKept)
  const all = { column, min: undefined, max: undefined, values: true, nulls: true }
  if (value === null) {
    const wanted = { ...all, values: !key.nullsFirst, nulls: !isOnly }
    // Of what is no integer nothing is known but that none of it matters.
    return isIntegerLike(field.type) || !(wanted.values || wanted.nulls) ? wanted : undefined
  }
  if (!isIntegerLike(field.type)) return undefined
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const [bound, step] = [BigInt(value), isOnly ? 1n : 0n]
  return {
    ...all,
    min: key.descending ? bound + step : undefined,
    max: key.descending ? undefined : bound - step,
    nulls: key.nullsFirst,
  }
}

/** The pieces of a table in the order in which they promise rows that will be kept. */
export function mostPromisingFirst<Piece>(
  pieces: readonly Piece[],
  { key, field }: TopColumn,
  statisticsOf: (piece: Piece) => ColumnStatistics | undefined,
): readonly Piece[] {
  if (!isIntegerLike(field.type)) return pieces
  const best = (piece: Piece): bigint | undefined => {
    const statistics = statisticsOf(piece)
    if (statistics === undefined || (key.nullsFirst && statistics.nullCount > 0)) return undefined
    return key.descending ? statistics.max : statistics.min
  }
  const ranked = pieces.map((piece) => ({ piece, best: best(piece) }))
  ranked.sort((a, b) => {
    if (a.best === undefined || b.best === undefined || a.best === b.best) {
      return Number(a.best !== undefined) - Number(b.best !== undefined)
    }
    return a.best < b.best === key.descending ? 1 : -1
  })
  return ranked.map(({ piece }) => piece)
}
