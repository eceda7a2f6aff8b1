import type { Vector } from '../../../data/vectors/vector.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import { Scratch } from '../scratch.ts'
import { WINDOW_ALIGNMENT_ROWS as BLOCK_ROWS } from './column-window.ts'
import type { Marks, RowTest } from './row-tests.ts'

/** Rows from the first up to the second exclusive, counted from where was said. */
export interface RowRun {
  readonly from: number
  readonly to: number
}

/** Rows that nobody wants are left out when so many blocks of them lie together: each chunk has its cost. */
const GAP_BLOCKS_MIN = 16
/** Fewer rows are not worth a test. */
const TESTED_ROWS_MIN = 2_048
/** After so many tests in vain only one in {@link TRIED_AGAIN} is made. */
const TESTS_IN_VAIN_MAX = 3
const TRIED_AGAIN = 16

/**
 * Finds the rows of a chunk that tests leave, before the columns that are not tested are decoded. Tests that
 * leave nothing out are soon made seldom: what they cost would be for nothing.
 */
export class RowSelection {
  readonly #env: ReaderEnvironment
  readonly #tests: readonly RowTest[]
  readonly #marks: Scratch
  readonly #before: Scratch
  readonly #blocks: Scratch
  #inVain = 0

  constructor(env: ReaderEnvironment, tests: readonly RowTest[]) {
    this.#env = env
    this.#tests = tests
    this.#marks = new Scratch(env.heap)
    this.#before = new Scratch(env.heap)
    this.#blocks = new Scratch(env.heap)
  }

  /** Whether the dictionaries of a row group leave room for a row. `dictionary`: a column's, by its index. */
  mayPass(dictionary: (index: number) => Vector | undefined): boolean {
    return this.#tests.every(({ mayPass, index }) => mayPass?.(dictionary(index)) ?? true)
  }

  /** Runs of the next `rows` rows, beginning at multiples of 512; `peek` gives these rows of a column. */
  runs(rows: number, peek: (index: number) => Vector): readonly RowRun[] {
    const all = [{ from: 0, to: rows }]
    if (this.#tests.length === 0 || rows < TESTED_ROWS_MIN) return all
    if (this.#inVain > TESTS_IN_VAIN_MAX && this.#inVain++ % TRIED_AGAIN !== 0) return all
    const runs = this.#tested(rows, peek)
    const kept = runs.reduce((sum, { from, to }) => sum + to - from, 0)
    if (kept < rows) this.#inVain = 0
    else this.#inVain++
    return runs
  }

  free(): void {
    for (const test of this.#tests) test.free()
    for (const scratch of [this.#marks, this.#before, this.#blocks]) scratch.release()
  }

  #tested(rows: number, peek: (index: number) => Vector): readonly RowRun[] {
    const { kernels } = this.#env
    const marks: Marks = { at: this.#marks.ensure(rows), before: this.#before.ensure(rows) }
    kernels.call('fill', marks.at, 1, rows)
    let runs: readonly RowRun[] = [{ from: 0, to: rows }]
    for (const test of this.#tests) {
      test.mark(peek(test.index), marks)
      runs = this.#runsOf(marks, rows)
      if (runs.length === 0) break
    }
    return runs
  }

  #runsOf(marks: Marks, rows: number): readonly RowRun[] {
    const { heap, kernels } = this.#env
    const count = Math.ceil(rows / BLOCK_ROWS)
    const at = this.#blocks.ensure(count)
    kernels.call('markedBlocks', marks.at, rows, at)
    const runs: RowRun[] = []
    let from = -1
    let last = -1
    for (let block = 0; block < count; block++) {
      if (heap.u8[at + block] === 0) continue
      if (from >= 0 && block - last > GAP_BLOCKS_MIN) {
        runs.push({ from: from * BLOCK_ROWS, to: (last + 1) * BLOCK_ROWS })
        from = block
      }
      if (from < 0) from = block
      last = block
    }
    if (from >= 0)
      runs.push({ from: from * BLOCK_ROWS, to: Math.min(rows, (last + 1) * BLOCK_ROWS) })
    return runs
  }
}
