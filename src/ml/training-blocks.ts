import { assert, present } from '../base/assert.ts'
import type { Round, Rounds } from '../cluster/rounds.ts'
import { NO_ADDRESS, type Address, type Chunk } from '../data/vectors/vector.ts'

// As the kernels have them (wasm/kernels/assembly/training.ts).
const BLOCK_ROWS = 512
const COLUMN_BYTES = 8 * BLOCK_ROWS
const MORSEL_BYTES = 16
const PARAMETERS_AT = 8
/** Columns of a kernel's working memory. */
const SCRATCH_COLUMNS = 4
/** What each cell found is added up on the calling thread: some are enough to keep threads busy. */
const CELLS_MAX = 128

/** What the kernels that run over blocks take besides them. */
export interface KernelParameters {
  /** The second word: a kernel's own. */
  readonly flag?: number
  readonly values?: ArrayLike<number>
}

/** What a column has least and most; NaN where any value is. */
export interface Range {
  readonly lowest: number
  readonly highest: number
}

/** How what a kernel finds in each cell comes together. */
interface Totals {
  readonly start: number
  readonly join: (left: number, right: number) => number
}

const addedUp: Totals = { start: 0, join: (left, right) => left + right }
const keptLargest: Totals = { start: Number.NEGATIVE_INFINITY, join: Math.max }

/**
 * Training data as float64 columns in blocks of {@link BLOCK_ROWS} rows, the first column 1 in every
 * row. Which rows a block has, and in which order its findings are added up, depends on the rows only:
 * a fit is the same to the last digit on any number of threads.
 */
export class TrainingBlocks {
  readonly rows: number
  /** With the ones. */
  readonly columns: number
  readonly #rounds: Rounds
  readonly #cellStarts: readonly number[]
  readonly #morsels: Address
  #ranges: readonly Range[] = []

  private constructor(rounds: Rounds, rows: number, columns: number) {
    this.rows = rows
    this.columns = columns
    this.#rounds = rounds
    const blocks = Math.ceil(rows / BLOCK_ROWS)
    const cells = Math.max(1, Math.min(CELLS_MAX, blocks))
    this.#cellStarts = Array.from({ length: cells + 1 }, (_, cell) =>
      Math.floor((blocks * cell) / cells),
    )
    this.#morsels = rounds.arena.allocate(Math.max(1, blocks) * MORSEL_BYTES)
  }

  /** Copies chunks of float8 columns without NULLs; they may be let go of afterwards. */
  static async of(
    rounds: Rounds,
    chunks: readonly Chunk[],
    columns: number,
  ): Promise<TrainingBlocks> {
    const rows = chunks.reduce((total, chunk) => total + chunk.rows, 0)
    const blocks = new TrainingBlocks(rounds, rows, columns + 1)
    await blocks.#place()
    await blocks.#listPieces(chunks)
    const found = await blocks.#run('trainingPack', columns, {}, 2 * columns, keptLargest)
    blocks.#ranges = Array.from({ length: columns }, (_, i) => {
      return { lowest: -found[2 * i]!, highest: found[2 * i + 1]! }
    })
    return blocks
  }

  /** Of the columns from the first after the ones on, as they were packed. */
  get ranges(): readonly Range[] {
    return this.#ranges
  }

  /**
   * Multiplies the columns after the ones by `scales`, then takes `offsets` off; gives what they and
   * their squares add up to.
   */
  async center(
    scales: readonly number[],
    offsets: readonly number[],
  ): Promise<{ readonly sums: readonly number[]; readonly squares: readonly number[] }> {
    const { columns } = this
    assert(scales.length === columns - 1, 'a scale for each column')
    const values = [1, 0, ...scales.flatMap((scale, i) => [scale, offsets[i]!])]
    const found = await this.#run('trainingCenter', columns, { values }, 2 * columns)
    return { sums: [...found.subarray(1, columns)], squares: [...found.subarray(columns + 1)] }
  }

  /** One round of a kernel over the first `columns` columns; gives its `figures` sums. */
  round(
    kernel: Round['kernel'],
    columns: number,
    parameters: KernelParameters,
    figures: number,
  ): Promise<Float64Array> {
    return this.#run(kernel, columns, parameters, figures)
  }

  async #run(
    kernel: Round['kernel'],
    columns: number,
    { flag = 0, values = [] }: KernelParameters,
    figures: number,
    totals = addedUp,
  ): Promise<Float64Array> {
    const { arena } = this.#rounds
    const { heap } = arena
    const cells = this.#cellStarts.length - 1
    const cellBytes = 8 * figures
    const block = heap.allocate(PARAMETERS_AT + 8 * values.length + 64 + cells * cellBytes)
    try {
      const found = (block + Math.ceil((PARAMETERS_AT + 8 * values.length) / 64) * 64) as Address
      heap.u32[block >>> 2] = columns
      heap.u32[(block >>> 2) + 1] = flag
      heap.f64.set(values, (block + PARAMETERS_AT) / 8)
      heap.f64.fill(totals.start, found / 8, found / 8 + cells * figures)
      this.#aim(found, cellBytes)
      await this.#rounds.run({
        kernel,
        morsels: this.#morsels,
        morselBytes: MORSEL_BYTES,
        cellStarts: this.#cellStarts,
        parameters: block,
        scratchBytes: SCRATCH_COLUMNS * COLUMN_BYTES,
      })
      return this.#total(found, figures, totals)
    } finally {
      heap.free(block)
    }
  }

  /** Tells each morsel where its cell is. */
  #aim(found: Address, cellBytes: number): void {
    const { u32 } = this.#rounds.arena.heap
    for (let cell = 0; cell + 1 < this.#cellStarts.length; cell++) {
      const end = this.#cellStarts[cell + 1]!
      for (let block = this.#cellStarts[cell]!; block < end; block++) {
        u32[this.#morselWord(block) + 2] = found + cell * cellBytes
      }
    }
  }

  /** Cell after cell, in their order. */
  #total(found: Address, figures: number, { start, join }: Totals): Float64Array {
    const { f64 } = this.#rounds.arena.heap
    const total = new Float64Array(figures).fill(start)
    for (let cell = 0; cell + 1 < this.#cellStarts.length; cell++) {
      const at = found / 8 + cell * figures
      for (let figure = 0; figure < figures; figure++) {
        total[figure] = join(total[figure]!, f64[at + figure]!)
      }
    }
    return total
  }

  /** Gives every block its memory and its rows. */
  async #place(): Promise<void> {
    const { arena } = this.#rounds
    const { u32 } = arena.heap
    const bytes = this.columns * COLUMN_BYTES
    for (let cell = 0; cell + 1 < this.#cellStarts.length; cell++) {
      const [start, end] = [this.#cellStarts[cell]!, this.#cellStarts[cell + 1]!]
      const memory = arena.allocate((end - start) * bytes)
      for (let block = start; block < end; block++) {
        const word = this.#morselWord(block)
        u32[word] = memory + (block - start) * bytes
        u32[word + 1] = Math.min(BLOCK_ROWS, this.rows - block * BLOCK_ROWS)
      }
      await this.#rounds.pause()
    }
  }

  /** Tells each block which rows of which chunks are its own. */
  async #listPieces(chunks: readonly Chunk[]): Promise<void> {
    const { arena } = this.#rounds
    const { u32 } = arena.heap
    let chunk = 0
    let row = 0
    const blocks = this.#cellStarts.at(-1) ?? 0
    for (let block = 0; block < blocks; block++) {
      const words = [0]
      for (let left = u32[this.#morselWord(block) + 1]!; left > 0;) {
        const from = present(chunks[chunk], 'rows of a block')
        const rows = Math.min(left, from.rows - row)
        if (rows > 0) {
          words[0]!++
          words.push(rows, ...from.columns.map((vector) => floats(vector) + 8 * row))
        }
        left -= rows
        row += rows
        if (row < from.rows) continue
        chunk++
        row = 0
      }
      const list = arena.allocate(4 * words.length)
      u32.set(words, list >>> 2)
      u32[this.#morselWord(block) + 3] = list
      await this.#rounds.pause()
    }
  }

  #morselWord(block: number): number {
    return (this.#morsels + block * MORSEL_BYTES) >>> 2
  }
}

function floats({ layout, validity, values }: Chunk['columns'][number]): Address {
  assert(layout === 'f64' && validity === NO_ADDRESS, 'training data are floats without NULLs')
  return values
}
