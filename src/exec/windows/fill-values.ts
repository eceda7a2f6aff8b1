import { assert, present } from '../../base/assert.ts'
import type { WindowFill } from '../../compile/model/pipeline.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import { DEFAULT_ROW, NO_ROW } from '../../functions/window-function.ts'
import type { Steps } from '../jobs/steps.ts'
import { nullWriter } from '../rows/write-field.ts'
import type { FramePieces } from './frames.ts'
import { rowsOfCall, type ListedRows } from './listed-rows.ts'

/** Rows that are filled in one step. */
export const FILLED_ROWS_A_STEP = 16_384

/** Fills the field of a window function that is no aggregate. */
export function* fillValues(
  rows: ListedRows,
  call: WindowFill & { kind: 'window' },
  pieces: () => FramePieces,
): Steps<void> {
  const { fn } = call
  const evaluate = fn.evaluate(rowsOfCall(rows, call.args, pieces))
  const target = rows.field(call.field)
  const write =
    fn.gives === 'number'
      ? numberWriter(rows, target)
      : valueWriter(rows, target, [fieldOf(rows, call, 0), fieldOf(rows, call, 2)])
  for (let from = 0; from < rows.count; from += FILLED_ROWS_A_STEP) {
    const to = Math.min(rows.count, from + FILLED_ROWS_A_STEP)
    for (let row = from; row < to; row++) write(row, evaluate(row))
    yield
  }
}

function fieldOf(
  rows: ListedRows,
  { args }: WindowFill & { kind: 'window' },
  position: number,
): RowField | undefined {
  const arg = args[position]
  return arg !== undefined && 'field' in arg ? rows.field(arg.field) : undefined
}

type Write = (row: number, result: number) => void

const WORD = 2 ** 32

/** Writes numbers as the field's type has them; NaN is NULL. */
function numberWriter(rows: ListedRows, target: RowField): Write {
  const { u8, u32, i32, f64 } = rows.heap
  const valid = present(target.validOffset, 'validity of a window function')
  const { offset } = present(target.lanes[0], 'lane of a window function')
  const clear = nullWriter(rows.heap, target)
  const { kind } = target.type
  assert(kind === 'int4' || kind === 'int8' || kind === 'float8', `a number as ${kind}`)
  return (row, result) => {
    const at = rows.at(row)
    if (Number.isNaN(result)) return clear(at)
    u8[at + valid] = 1
    const to = at + offset
    if (kind === 'float8') f64[to >>> 3] = result
    else if (kind === 'int4') i32[to >>> 2] = result
    else {
      // Counts of rows are not negative.
      u32[to >>> 2] = result
      u32[(to >>> 2) + 1] = Math.floor(result / WORD)
    }
  }
}

function valueWriter(
  rows: ListedRows,
  target: RowField,
  [value, standIn]: readonly [RowField | undefined, RowField | undefined],
): Write {
  const clear = nullWriter(rows.heap, target)
  const copyValue = copier(rows, present(value, 'value of a window function'), target)
  const copyDefault = standIn === undefined ? undefined : copier(rows, standIn, target)
  return (row, result) => {
    const to = rows.at(row)
    if (result >= 0) copyValue(rows.at(result), to)
    else if (result === DEFAULT_ROW && copyDefault !== undefined) copyDefault(to, to)
    else {
      assert(result === NO_ROW, 'a row that is none')
      clear(to)
    }
  }
}

/** Copies a field of the row at one address to another field of the same type of the row at another. */
export function copier(
  rows: ListedRows,
  from: RowField,
  to: RowField,
): (fromRow: number, toRow: number) => void {
  const { u8, u32 } = rows.heap
  const moves = from.lanes.flatMap(({ type, offset }, lane): readonly [number, number][] => {
    const target = present(to.lanes[lane], 'lane of a copy').offset
    const isWide = type === 'i64' || type === 'f64'
    return isWide
      ? [
          [offset, target],
          [offset + 4, target + 4],
        ]
      : [[offset, target]]
  })
  const [sources, targets] = [moves.map(([source]) => source), moves.map(([, target]) => target)]
  const [fromValid, toValid] = [from.validOffset, to.validOffset]
  return (fromRow, toRow) => {
    for (let move = 0; move < sources.length; move++) {
      u32[(toRow + targets[move]!) >>> 2] = u32[(fromRow + sources[move]!) >>> 2]!
    }
    if (toValid !== undefined) {
      u8[toRow + toValid] = fromValid === undefined ? 1 : u8[fromRow + fromValid]!
    }
  }
}
