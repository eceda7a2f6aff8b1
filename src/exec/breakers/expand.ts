import type { ExpandCall } from '../../compile/model/pipeline.ts'
import type { RowField, RowLayout } from '../../compile/model/row-layout.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
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
  const { heap } = driving.env
  const { rowBytes } = layout
  const made = driving.work.allocate(ROWS_AT_ONCE * rowBytes)
  const write = rowWriter(state, driving)
  for (;;) {
    const page = pages[driving.takeMorsel(pages.length) ?? pages.length]
    if (page === undefined) return
    let count = 0
    for (let at = 0; at < page.rows; at++) {
      const row = page.address + at * rowBytes
      let position = 0n
      for (const values of rowsSideBySide(callsOf(state, driving, row))) {
        if (driving.isDone) return
        const target = made + count * rowBytes
        heap.u8.copyWithin(target, row, row + rowBytes)
        write(target, values, ++position)
        if (++count < ROWS_AT_ONCE) continue
        yield* driving.rowsAt(made, count)
        count = 0
      }
    }
    if (count > 0) yield* driving.rowsAt(made, count)
  }
}

/** The functions with their arguments of a row. */
function callsOf(
  { calls, layout }: ExpandState,
  { env }: Driving,
  row: number,
): readonly (readonly [fn: string, args: readonly Scalar[]])[] {
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
  { work }: Driving,
): (row: number, values: readonly Scalar[], position: bigint) => void {
  const writer = new FieldWriter(work)
  const fields = calls.map(({ field }) => layout.fields[field] as RowField)
  const counted = ordinality === undefined ? undefined : layout.fields[ordinality]
  return (row, values, position) => {
    fields.forEach((field, index) => writer.write(field, row, values[index] ?? null))
    if (counted !== undefined) writer.write(counted, row, position)
  }
}
