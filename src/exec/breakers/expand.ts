import type { ExpandCall } from '../../compile/model/pipeline.ts'
import type { RowField, RowLayout } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import { tableFunction } from '../../functions/catalogue.ts'
import { rowsSideBySide } from '../../functions/tables/side-by-side.ts'
import type { ExpandState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { fieldReader } from '../rows/row-values.ts'
import { FieldWriter } from '../rows/write-field.ts'
import { pagesSize, rowsOf, type Breaker, type Driving } from './breaker.ts'

/** Rows that are made at once. */
const ROWS_AT_ONCE = 16_384

/** Rows that are repeated, as they are read, for each row that functions give for them. */
export const expand: Breaker<'expand'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: (_, { layout, calls, ordinality }, { pages }) =>
    Promise.resolve({ kind: 'expand', pages, rows: rowsOf(pages), layout, calls, ordinality }),
  size: pagesSize,
  drive: driveExpanded,
}

function* driveExpanded(state: ExpandState, driving: Driving): Steps<void> {
  const { pages, layout } = state
  const { rowBytes } = layout
  const made = driving.work.allocate(ROWS_AT_ONCE * rowBytes)
  const copy = rowCopier(driving.env.heap, rowBytes)
  const write = rowWriter(state, driving)
  for (;;) {
    const page = pages[driving.takeMorsel(pages.length) ?? pages.length]
    if (page === undefined) return
    let count = 0
    for (let at = 0; at < page.rows; at++) {
      const row = page.address + at * rowBytes
      let position = 0
      for (const values of rowsOfCalls(callsOf(state, driving, row))) {
        if (driving.isDone) return
        const target = made + count * rowBytes
        copy(row, target)
        write(target, values, ++position)
        if (++count < ROWS_AT_ONCE) continue
        yield* driving.rowsAt(made, count)
        count = 0
      }
    }
    if (count > 0) yield* driving.rowsAt(made, count)
  }
}

type CallOfRow = readonly [fn: string, args: readonly Scalar[]]

/** What functions give side by side; of one function just its values, most are alone. */
function rowsOfCalls(calls: readonly CallOfRow[]): Iterable<Scalar | readonly Scalar[]> {
  const [only] = calls
  if (only === undefined || calls.length > 1) return rowsSideBySide(calls)
  const [fn, args] = only
  return args.includes(null) ? [] : tableFunction(fn).rows(args)
}

/** Copies rows word by word: a call into the engine takes longer, most of all on shared memory. */
function rowCopier({ u32 }: Heap, rowBytes: number): (from: number, to: number) => void {
  const words = rowBytes >>> 2
  return (from, to) => {
    const [source, target] = [from >>> 2, to >>> 2]
    for (let word = 0; word < words; word++) u32[target + word] = u32[source + word]!
  }
}

/** The functions with their arguments of a row. */
function callsOf(
  { calls, layout }: ExpandState,
  { env }: Driving,
  row: number,
): readonly CallOfRow[] {
  return calls.map(({ fn, args }) => {
    const values = args.map((field) => fieldReader(env.heap, layout.fields[field]!)(row))
    return [fn, values]
  })
}

/** Writes what the functions gave, and the number of the row among those of one. */
function rowWriter(
  {
    calls,
    layout,
    ordinality,
  }: {
    readonly calls: readonly ExpandCall[]
    readonly layout: RowLayout
    readonly ordinality: number | undefined
  },
  { env, work }: Driving,
): (row: number, values: Scalar | readonly Scalar[], position: number) => void {
  const writer = new FieldWriter(work)
  const [first, ...others] = calls.map(({ field }) =>
    fieldWriter(env.heap, writer, layout.fields[field] as RowField),
  )
  const counted = ordinality === undefined ? undefined : layout.fields[ordinality]
  return (row, values, position) => {
    if (Array.isArray(values)) {
      const list = values as readonly Scalar[]
      first?.(row, list[0] ?? null)
      others.forEach((write, index) => write(row, list[index + 1] ?? null))
    } else first?.(row, values as Scalar)
    if (counted !== undefined) writer.write(counted, row, BigInt(position))
  }
}

/** Writes one field; numbers, which series are of, by themselves. */
function fieldWriter(
  { u8, i32, f64, i64 }: Heap,
  writer: FieldWriter,
  field: RowField,
): (row: number, value: Scalar) => void {
  const form = valueForm(field.type)
  const { validOffset, lanes } = field
  const lane = lanes[0]?.offset
  const isNumber = form === 'i32' || form === 'i64' || form === 'f64'
  if (!isNumber || validOffset === undefined || lane === undefined) {
    return (row, value) => writer.write(field, row, value)
  }
  return (row, value) => {
    const at = row + lane
    u8[row + validOffset] = value === null ? 0 : 1
    if (value === null) return
    if (form === 'i32') i32[at >>> 2] = value as number
    else if (form === 'i64') i64[at >>> 3] = value as bigint
    else f64[at >>> 3] = value as number
  }
}
