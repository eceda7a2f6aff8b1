import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import type { RowOfFunction } from '../../functions/function.ts'
import {
  isSeveral,
  rowsOfCall,
  rowsSideBySide,
  type CallOfRows,
} from '../../functions/tables/side-by-side.ts'
import type { ExpandState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
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
  const callsOf = callReader(state, driving.env.heap)
  const write = rowWriter(state, driving)
  for (;;) {
    const page = pages[driving.takeMorsel(pages.length) ?? pages.length]
    if (page === undefined) return
    let count = 0
    for (let at = 0; at < page.rows; at++) {
      const row = page.address + at * rowBytes
      let position = 0
      for (const values of rowsOfCalls(callsOf(row))) {
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

/** What functions give side by side; of one function just its rows, most are alone. */
function rowsOfCalls(calls: readonly CallOfRows[]): Iterable<RowOfFunction> {
  const [only] = calls
  return only === undefined || calls.length > 1 ? rowsSideBySide(calls) : rowsOfCall(only)
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
function callReader(
  { calls, layout }: ExpandState,
  heap: Heap,
): (row: number) => readonly CallOfRows[] {
  const readers = calls.map(({ fn, args }) => {
    const fields = args.map((field) => present(layout.fields[field], 'field of an argument'))
    const types = fields.map(({ type }) => type)
    return { fn, types, read: fields.map((field) => fieldReader(heap, field)) }
  })
  return (row) =>
    readers.map(({ fn, types, read }) => ({ fn, types, args: read.map((one) => one(row)) }))
}

/** Writes what the functions gave, and the number of the row among those of one. */
function rowWriter(
  { calls, layout, ordinality }: ExpandState,
  { env, work }: Driving,
): (row: number, values: RowOfFunction, position: number) => void {
  const wide = new WideNumerics(work)
  const writerOf = (field: number): ReturnType<typeof fieldWriter> =>
    fieldWriter(env.heap, present(layout.fields[field], 'field of a function'), wide)
  const [first, ...others] = calls.flatMap(({ outputs }) => outputs.map(writerOf))
  const count = ordinality === undefined ? undefined : writerOf(ordinality)
  return (row, values, position) => {
    if (isSeveral(values)) {
      first?.(row, values[0] ?? null)
      others.forEach((write, index) => write(row, values[index + 1] ?? null))
    } else first?.(row, values)
    count?.(row, BigInt(position))
  }
}
