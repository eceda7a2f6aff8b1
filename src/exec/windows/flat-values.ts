import { present } from '../../base/assert.ts'
import { isIntegerLike, valueForm } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ListedRows } from './listed-rows.ts'
import type { RowMemory } from './row-memory.ts'

/** An aggregate's argument of each row as a double that is exactly the value. */
export interface FlatValues {
  /** 0 where there is none. */
  readonly values: Float64Array
  /** 1 where the row counts: its value is not NULL, and the filter holds. */
  readonly counts: Uint8Array
  /** The sum of the values' magnitudes, which bounds every sum. */
  readonly magnitude: number
}

/**
 * The arguments of an aggregate as doubles; undefined where not all of them are exactly doubles, or some
 * are not finite.
 */
export function* flatValues(
  rows: ListedRows,
  call: PhysicalAggregateCall,
  memory: RowMemory,
): Steps<FlatValues | undefined> {
  const { count } = rows
  const values = memory.doubles(count)
  const counts = memory.bytes(count).fill(1)
  const known = { values, counts, magnitude: 0 }
  if (call.filter !== undefined) keepTrue(rows, fieldOf(rows, call.filter), counts)
  if (call.arg === undefined) return known
  const field = fieldOf(rows, call.arg)
  keepValid(rows, field, counts)
  if (call.accumulator === 'count') return known
  yield
  const magnitude = readValues(rows, field, values, counts)
  return magnitude === undefined ? undefined : { values, counts, magnitude }
}

function fieldOf(rows: ListedRows, expr: Expression): RowField {
  const id = expr.kind === 'column' ? expr.id : undefined
  return present(
    rows.layout.fields.find((field) => field.id === id),
    'field of an argument',
  )
}

function keepTrue(rows: ListedRows, field: RowField, counts: Uint8Array): void {
  const { i32 } = rows.heap
  const { offset } = present(field.lanes[0], 'lane of a filter')
  keepValid(rows, field, counts)
  for (let row = 0; row < rows.count; row++) {
    if (i32[(rows.at(row) + offset) >>> 2] === 0) counts[row] = 0
  }
}

function keepValid(rows: ListedRows, { validOffset }: RowField, counts: Uint8Array): void {
  const { u8 } = rows.heap
  if (validOffset === undefined) return
  for (let row = 0; row < rows.count; row++) {
    if (u8[rows.at(row) + validOffset] === 0) counts[row] = 0
  }
}

/** Whether values of a type lie in rows as numbers that have its order. */
function isNumber(type: DataType): boolean {
  const form = valueForm(type)
  return isIntegerLike(type) || form === 'f32' || form === 'f64'
}

type Read = (at: number) => number

/** Reads what counts; the sum of magnitudes, undefined where a value is no double of the same value. */
function readValues(
  rows: ListedRows,
  field: RowField,
  values: Float64Array,
  counts: Uint8Array,
): number | undefined {
  const read = reader(rows, field)
  if (read === undefined) return undefined
  let magnitude = 0
  for (let row = 0; row < rows.count; row++) {
    if (counts[row] === 0) continue
    const value = read(rows.at(row))
    values[row] = value
    magnitude += Math.abs(value)
  }
  return Number.isFinite(magnitude) ? magnitude : undefined
}

const WORD = 2 ** 32

/** Reads a lane at the address of a row; NaN for what no double is. */
function reader({ heap }: ListedRows, { lanes, type }: RowField): Read | undefined {
  const { i32, u32, f64, view } = heap
  const [lane, high] = lanes
  if (lane === undefined || !isNumber(type)) return undefined
  const { offset } = lane
  if (lane.type === 'i32') return (at) => i32[(at + offset) >>> 2]!
  if (lane.type === 'f64') return (at) => f64[(at + offset) >>> 3]!
  if (lane.type === 'f32') return (at) => view.getFloat32(at + offset, true)
  const short = (at: number): number => {
    const value = i32[(at + offset + 4) >>> 2]! * WORD + u32[(at + offset) >>> 2]!
    return Number.isSafeInteger(value) ? value : Number.NaN
  }
  if (high === undefined) return short
  // The upper half of a short value is its sign.
  const sign = high.offset
  return (at) => {
    const above = i32[(at + offset + 4) >>> 2]! < 0 ? -1 : 0
    const isShort = i32[(at + sign) >>> 2] === above && i32[(at + sign + 4) >>> 2] === above
    return isShort ? short(at) : Number.NaN
  }
}
