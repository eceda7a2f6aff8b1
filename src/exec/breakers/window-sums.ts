import { present } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { WindowFill } from '../../compile/model/pipeline.ts'
import { laneBytes, type RowField, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Expression, Frame, FrameBound } from '../../plan/logical/expression.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type { DifferenceFill, PieceShape, SummedColumn } from '../jobs/window-fill.ts'
import { rowsStep } from './frame-offsets.ts'

/** The numbers of assembly/window-sums.ts. */
const boundKinds = { partition: 0, moved: 1, peers: 2 } as const
const NONE = -1
const TOTAL_BYTES = 24
const COLUMN_WORDS = 10
const TOLD_WORDS = 5
/** What has come up to a row is exact as an i64 while all magnitudes together are below. */
const MAGNITUDE_MAX = 2 ** 62

type AggregateFill = WindowFill & { kind: 'aggregate' }

/** The fills of aggregates over one frame, and what has to be summed first. */
export interface Differences {
  readonly columns: readonly SummedColumn[]
  readonly fills: readonly DifferenceFill[]
}

/**
 * How counts and sums of integers over one frame are filled by kernels; undefined where these do not know one of the
 * aggregates, or the frame. `arena` keeps a word to twelve bytes a row for each value. Errors: those of frames.
 */
export function differences(
  arena: Arena,
  shape: PieceShape,
  { table, fields, frame }: AggregateFill,
): Differences | undefined {
  const { aggregates } = table
  if (
    frame.exclude !== 'no-others' ||
    !aggregates.every((call, at) => isSummed(call, fieldAt(shape.layout, fields[at])))
  ) {
    return undefined
  }
  const ends = frameWords(frame)
  if (ends === undefined) return undefined
  const place = wordsIn(arena, ends)
  const columns = new Map<string, SummedColumn>()
  const fills = aggregates.map((call, at): DifferenceFill => {
    const value = call.accumulator === 'count-star' ? undefined : fieldOf(shape.layout, call.arg)
    const filter = call.filter && fieldOf(shape.layout, call.filter)
    const isSum = call.accumulator !== 'count' && call.accumulator !== 'count-star'
    const key = `${value?.id} ${filter?.id} ${isSum}`
    const column = columns.get(key) ?? columnOf(arena, shape, { value, filter, isSum })
    columns.set(key, column)
    const to = fieldAt(shape.layout, fields[at])
    const [low, high] = to.lanes.map(({ offset }) => offset)
    const words = [column.address, Number(isSum), low!, high ?? NONE, to.validOffset ?? NONE]
    return { kind: 'differences', frame: place, told: wordsIn(arena, words, TOLD_WORDS) }
  })
  return { columns: [...columns.values()], fills }
}

function isSummed({ accumulator }: PhysicalAggregateCall, { state }: RowField): boolean {
  if (accumulator === 'count' || accumulator === 'count-star') return true
  if (accumulator !== 'sum' && accumulator !== 'sum-zero') return false
  return state?.sum === 'int64' || state?.sum === 'int128'
}

function fieldAt({ fields }: RowLayout, position: number | undefined): RowField {
  return present(fields[present(position, 'position of an aggregate')], 'field of an aggregate')
}

function fieldOf({ fields }: RowLayout, expr: Expression | undefined): RowField {
  const id = expr?.kind === 'column' ? expr.id : undefined
  return present(
    fields.find((field) => field.id === id),
    'field of an argument',
  )
}

interface Summed {
  readonly value: RowField | undefined
  readonly filter: RowField | undefined
  readonly isSum: boolean
}

function columnOf(
  arena: Arena,
  { count, shift }: PieceShape,
  { value, filter, isSum }: Summed,
): SummedColumn {
  const lanes = isSum ? (value?.lanes ?? []) : []
  const bytes = lanes.reduce((total, { type }) => total + laneBytes(type), 0)
  const isCounted = value?.validOffset !== undefined || filter !== undefined
  const pieces = Math.ceil(count / 2 ** shift)
  const words = [
    bytes,
    lanes[0]?.offset ?? 0,
    lanes[1]?.offset ?? 0,
    value?.validOffset ?? NONE,
    filter?.lanes[0]?.offset ?? NONE,
    filter?.validOffset ?? NONE,
    isSum ? arena.allocate((count + 1) * 8) : 0,
    isCounted ? arena.allocate((count + 1) * 4) : 0,
    arena.allocateZeroed((pieces + 1) * TOTAL_BYTES),
    shift,
  ]
  return { address: wordsIn(arena, words, COLUMN_WORDS), isRead: isSum || isCounted }
}

/** Where frames begin and end, as kernels know it; undefined for distances between values and groups. */
function frameWords({ unit, start, end }: Frame): readonly number[] | undefined {
  const startWords = boundWords(unit, start, 'start')
  const endWords = boundWords(unit, end, 'end')
  return startWords && endWords && [...startWords, ...endWords]
}

function boundWords(
  unit: Frame['unit'],
  bound: FrameBound,
  side: 'start' | 'end',
): readonly [number, number] | undefined {
  const { kind } = bound
  const isFar = kind === (side === 'start' ? 'unbounded-preceding' : 'unbounded-following')
  if (isFar) return [boundKinds.partition, 0]
  if (unit === 'rows') return [boundKinds.moved, rowsStep(bound, side)]
  return kind === 'current-row' ? [boundKinds.peers, 0] : undefined
}

function wordsIn(arena: Arena, words: readonly number[], count = words.length): Address {
  const at = arena.allocate(count * 4)
  arena.heap.i32.set(words, at >>> 2)
  return at
}

/**
 * Makes of the totals of pieces what comes before each, once all rows are summed. False where sums may not be exact:
 * they are not to be used then.
 */
export function closeSums(heap: Heap, { count, shift }: PieceShape, column: SummedColumn): boolean {
  const words = heap.u32.subarray(column.address >>> 2, (column.address >>> 2) + COLUMN_WORDS)
  const [sums, counts, totals] = [words[6]!, words[7]!, words[8]!]
  const pieces = Math.ceil(count / 2 ** shift)
  let [sum, counted, magnitude] = [0n, 0, 0]
  const { view } = heap
  // The place behind the last row belongs to the last piece, or to none.
  const last = count >>> shift
  for (let piece = 0; piece <= pieces; piece++) {
    const cell = totals + piece * TOTAL_BYTES
    const [ownSum, ownCounted] = [view.getBigInt64(cell, true), view.getUint32(cell + 16, true)]
    magnitude += view.getFloat64(cell + 8, true)
    view.setBigInt64(cell, sum, true)
    view.setUint32(cell + 16, counted, true)
    if (piece === last) {
      if (sums !== 0) view.setBigInt64(sums + count * 8, ownSum, true)
      if (counts !== 0) view.setUint32(counts + count * 4, ownCounted, true)
    }
    sum += ownSum
    counted += ownCounted
    if (!(magnitude < MAGNITUDE_MAX)) return false
  }
  return true
}
