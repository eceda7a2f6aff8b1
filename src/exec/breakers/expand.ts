import { present } from '../../base/assert.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { address, NO_ADDRESS, type Address } from '../../data/vectors/vector.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Progression, RowOfFunction } from '../../functions/function.ts'
import {
  isSeveral,
  rowsOfCall,
  rowsSideBySide,
  type CallOfRows,
} from '../../functions/tables/side-by-side.ts'
import type { ExpandPiece, ExpandState, Page } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { ArrayWalk, arraysOf } from './array-walk.ts'
import { rowsOf, type Breaker, type Driving } from './breaker.ts'

/** Rows that are made at once. */
const ROWS_AT_ONCE = 2_048
/** A series of more rows than these is made in several pieces, which threads share. */
const PIECE_ROWS = 65_536
const PIECES_MAX = 4_096
/** Series are looked for in so few rows. */
const SERIES_MAX = 256

/** Rows that are repeated, as they are read, for each row that functions give for them. */
export const expand: Breaker<'expand'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: (_, { layout, calls, ordinality }, { pages }, { arena }) => {
    const base = { kind: 'expand', pages, rows: rowsOf(pages), layout, calls, ordinality } as const
    return Promise.resolve({ ...base, pieces: piecesOf(arena.heap, base) })
  },
  size: ({ pieces }) => {
    const rows = pieces.reduce((total, piece) => total + rowsOfPiece(piece), 0)
    return { rows, pieces: pieces.length }
  },
  pieceRows: ({ pieces }, piece) => rowsOfPiece(present(pieces[piece], 'piece of rows')),
  drive: driveExpanded,
}

function rowsOfPiece(piece: ExpandPiece): number {
  return piece.kind === 'rows' ? piece.page.rows : piece.rows
}

/** Pages as they are, but for rows with long series, which are cut. */
function piecesOf(heap: Heap, state: Omit<ExpandState, 'pieces'>): readonly ExpandPiece[] {
  const { pages, rows, layout } = state
  const isSeries = state.calls.some(({ fn }) => fn.series !== undefined)
  if (rows > SERIES_MAX || !isSeries) return pages.map((page) => ({ kind: 'rows', page }))
  const callsOf = callReader(state, heap)
  return pages.flatMap((page) => {
    const pieces: ExpandPiece[] = []
    let begin = 0
    const takeRows = (end: number): void => {
      const first = address(page.address + begin * layout.rowBytes)
      if (end > begin) pieces.push({ kind: 'rows', page: { address: first, rows: end - begin } })
      begin = end + 1
    }
    for (let at = 0; at < page.rows; at++) {
      const row = address(page.address + at * layout.rowBytes)
      const progression = progressionOf(callsOf(row))
      if (progression === undefined || progression.rows <= PIECE_ROWS) continue
      takeRows(at)
      pieces.push(...cutProgression(row, progression))
    }
    takeRows(page.rows)
    return pieces
  })
}

function cutProgression(row: Address, progression: Progression): readonly ExpandPiece[] {
  const { rows } = progression
  const size = Math.max(PIECE_ROWS, Math.ceil(rows / PIECES_MAX))
  return Array.from({ length: Math.ceil(rows / size) }, (_, at) => {
    const from = at * size
    return { kind: 'progression', row, progression, from, rows: Math.min(size, rows - from) }
  })
}

/** The integers that the one function of a row gives, where it gives such. */
function progressionOf([only, ...others]: readonly CallOfRows[]): Progression | undefined {
  if (only === undefined || others.length > 0) return undefined
  const { fn, args } = only
  const series = args.includes(null) ? undefined : fn.series?.(args)
  return series?.kind === 'integers' ? series : undefined
}

function* driveExpanded(state: ExpandState, driving: Driving): Steps<void> {
  const { pieces } = state
  const made = new MadeRows(state, driving)
  for (;;) {
    const taken = driving.takeMorsel(pieces.length)
    const piece = taken === undefined ? undefined : pieces[taken]
    if (taken === undefined || piece === undefined) return
    driving.beginMorsel(taken)
    if (piece.kind === 'progression') {
      yield* made.repeat(piece.row, piece.progression, piece.from, piece.rows)
    } else yield* made.expand(piece.page)
    yield* made.flush()
  }
}

/** Rows as they are made, {@link ROWS_AT_ONCE} at a time. */
class MadeRows {
  readonly #state: ExpandState
  readonly #driving: Driving
  readonly #made: Address
  readonly #copy: (from: number, to: number) => void
  readonly #write: ReturnType<typeof rowWriter>
  readonly #callsOf: (row: number) => readonly CallOfRows[]
  readonly #arrays: ArrayWalk | undefined
  #count = 0

  constructor(state: ExpandState, driving: Driving) {
    const { rowBytes } = state.layout
    this.#state = state
    this.#driving = driving
    this.#made = driving.work.allocate(ROWS_AT_ONCE * rowBytes)
    this.#copy = rowCopier(driving.env.heap, rowBytes)
    this.#write = rowWriter(state, driving)
    this.#callsOf = callReader(state, driving.env.heap)
    const arrays = arraysOf(state)
    this.#arrays = arrays && new ArrayWalk(driving, state, arrays)
  }

  /** Rows of a page with all that functions give for them. */
  *expand(page: Page): Steps<void> {
    if (this.#arrays !== undefined) return yield* this.#expandArrays(this.#arrays, page)
    const { address: first, rows } = page
    for (let at = 0; at < rows; at++) {
      const row = address(first + at * this.#state.layout.rowBytes)
      const calls = this.#callsOf(row)
      const progression = progressionOf(calls)
      if (progression !== undefined) yield* this.repeat(row, progression, 0, progression.rows)
      else yield* this.#each(row, calls)
      if (this.#driving.isDone) return
    }
  }

  /** A row with so many integers, from the numbered one on. */
  *repeat(row: Address, { first, step }: Progression, from: number, rows: number): Steps<void> {
    const { layout, calls, ordinality } = this.#state
    const { kernels } = this.#driving.env
    const value = present(layout.fields[calls[0]?.outputs[0] ?? -1], 'field of a function')
    const lane = present(value.lanes[0], 'lane of an integer')
    const numbered = ordinality === undefined ? undefined : layout.fields[ordinality]
    const places = [lane.offset, lane.type === 'i64' ? 1 : 0, markOf(value)] as const
    const number = numbered && ([numbered.lanes[0]!.offset, markOf(numbered)] as const)
    for (let done = 0; done < rows && !this.#driving.isDone;) {
      const count = Math.min(rows - done, ROWS_AT_ONCE - this.#count)
      const at = from + done
      const next = first + BigInt(at) * step
      const target = this.#made + this.#count * layout.rowBytes
      const size = [layout.rowBytes, count] as const
      const [position, mark] = number ?? [-1, 0]
      const given = [next, step, position, mark, BigInt(at + 1)] as const
      kernels.call('repeatRow', row, target, ...size, ...places, ...given)
      this.#count += count
      done += count
      if (this.#count === ROWS_AT_ONCE) yield* this.flush()
    }
  }

  *flush(): Steps<void> {
    const count = this.#count
    this.#count = 0
    if (count > 0) yield* this.#driving.rowsAt(this.#made, count)
  }

  *#expandArrays(arrays: ArrayWalk, page: Page): Steps<void> {
    const { rowBytes } = this.#state.layout
    arrays.begin(page)
    while (!this.#driving.isDone) {
      const target = this.#made + this.#count * rowBytes
      this.#count += arrays.write(target, ROWS_AT_ONCE - this.#count)
      if (this.#count === ROWS_AT_ONCE) yield* this.flush()
      const left = arrays.takeLeft()
      if (left !== undefined) yield* this.#each(left.row, this.#callsOf(left.row), left.made)
      else if (arrays.isDone) return
    }
  }

  /** What functions give for a row, without so many rows that are made already. */
  *#each(row: Address, calls: readonly CallOfRows[], made = 0): Steps<void> {
    const { rowBytes } = this.#state.layout
    let position = 0
    for (const values of rowsOfCalls(calls)) {
      if (this.#driving.isDone) return
      if (++position <= made) continue
      const target = this.#made + this.#count * rowBytes
      this.#copy(row, target)
      this.#write(target, values, position)
      if (++this.#count === ROWS_AT_ONCE) yield* this.flush()
    }
  }
}

function markOf({ validOffset }: RowField): number {
  return present(validOffset, 'field that may be NULL')
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
  { calls, layout }: Pick<ExpandState, 'calls' | 'layout'>,
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
