import { present } from '../../base/assert.ts'
import type { Budget } from '../../base/budget.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import type { PartitionsLease } from '../../data/vectors/chunk-lease.ts'
import { NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import { bool } from '../../data/types/data-type.ts'
import type { Stage } from '../../plan/physical/plan.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { WorkingRows } from '../reference/run-reference.ts'
import type { CutRecursion } from '../cut/cutting.ts'
import { RowSet } from '../rows/row-set.ts'
import { goOnAfterError } from '../jobs/stopped-by-error.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { CallingThread } from './calling-thread.ts'
import type { FragmentTask } from './fragment-task.ts'
import { leaseOfPlain } from './few-rows.ts'

/** Rounds are handed on together until they have so many rows or bytes: handing rows on costs more than making few. */
const ROWS_TOGETHER = 4_096
const BYTES_TOGETHER = 1_048_576
/** So many rounds at most: behind a limit the rows of few may be wanted. */
const ROUNDS_TOGETHER_MAX = 1_024
/** The part of the memory that what tells rows of all rounds apart may take. */
const SEEN_PART_MAX = 1 / 2

/** Runs a stage in place of the task's own. */
export type RunStage = (task: FragmentTask) => PartitionsLease | Promise<PartitionsLease>

/** Whether further rounds are wanted. */
export type RoundsWanted = 'now' | 'later' | 'none'

interface RecursionOptions {
  readonly recursion: CutRecursion
  /** The task that the recursion is a part of. */
  readonly task: FragmentTask
  readonly env: ThreadEnvironment
  readonly caller: CallingThread
  /** Of the whole run: it ends with QUERY_CANCELED when that is cancelled. */
  readonly budget: Budget
  readonly runStage: RunStage
}

/**
 * The rounds of a recursion: the base, then the step over what the round before gave, until that is nothing. The rows
 * of one round are there at a time, beside those that wait to be handed on.
 */
export class RecursionRounds {
  readonly #options: RecursionOptions
  readonly #seen: RowSet | undefined
  /** Rows that were not handed on, or are read by the next round. */
  #held: PartitionsLease[] = []
  #last: PartitionsLease | undefined
  #roundsTogether = 1
  #isOver = false
  /** What a round raised after others that were not handed on yet: it may never be asked for. */
  #failure: unknown

  constructor(options: RecursionOptions) {
    const { recursion, env } = options
    this.#options = options
    if (recursion.unseen === undefined) return
    const types = recursion.columns.map(({ type }) => type)
    this.#seen = new RowSet(types, env.heap.bytesMax * SEEN_PART_MAX)
  }

  /** The rows of further rounds, until the next call; undefined when there are none. */
  async next(): Promise<readonly Chunk[] | undefined> {
    this.#release((lease) => lease !== this.#last)
    if (this.#failure !== undefined) throw this.#failure
    const together = new Together(this.#options)
    let rounds = 0
    while (!this.#isOver && rounds < this.#roundsTogether && !together.isEnough) {
      const made = await this.#attempt(together.rows > 0)
      if (made === undefined) break
      rounds += 1
      together.add(made)
    }
    this.#roundsTogether = Math.min(2 * this.#roundsTogether, ROUNDS_TOGETHER_MAX)
    if (together.rows === 0) return undefined
    const made = together.leases()
    // What is read by the next round is held as it was made.
    this.#held.push(...made.filter((lease) => !this.#held.includes(lease)))
    return made.flatMap((lease) => lease.partitions.flat())
  }

  /** Runs `over` with the rows as they come, once at least; gives a turn in between where further ones are wanted later. */
  async *turns(
    over: (chunks: readonly Chunk[], arena: Arena) => Promise<RoundsWanted>,
  ): AsyncGenerator<void, void> {
    const { heap } = this.#options.env
    try {
      let chunks = (await this.next()) ?? []
      for (;;) {
        const arena = new Arena(heap)
        let wanted: RoundsWanted
        try {
          wanted = await over(chunks, arena)
        } finally {
          arena.release()
        }
        if (wanted === 'none' || chunks.length === 0) return
        if (wanted === 'later') yield
        const more = await this.next()
        if (more === undefined) return
        chunks = more
      }
    } finally {
      this.release()
    }
  }

  release(): void {
    this.#isOver = true
    this.#last = undefined
    this.#release(() => true)
  }

  #release(goes: (lease: PartitionsLease) => boolean): void {
    const held = this.#held
    this.#held = held.filter((lease) => !goes(lease))
    for (const lease of held) if (goes(lease)) lease.release()
  }

  /** The next round; undefined where there is none, or, behind rows that wait, where it failed. */
  async #attempt(othersWait: boolean): Promise<PartitionsLease | undefined> {
    const { caller, budget } = this.#options
    try {
      await caller.pauseIfLate()
      budget.check(1)
      const made = await this.#distinct(await this.#round())
      this.#held.push(made)
      this.#last = made
      if (made.rows > 0) return made
      this.#isOver = true
      return undefined
    } catch (error) {
      if (!othersWait) throw error
      goOnAfterError(this.#options.env.heap, this.#options.task.cancel)
      this.#failure = error
      return undefined
    }
  }

  #round(): PartitionsLease | Promise<PartitionsLease> {
    const { recursion } = this.#options
    return this.#last === undefined
      ? this.#run(recursion.base, this.#options.task.inputs, this.#options.task.working)
      : this.#step(this.#last)
  }

  async #step(last: PartitionsLease): Promise<PartitionsLease> {
    const { recursion, task } = this.#options
    const working = this.#over(workingRows(last))
    const inputs = new Map(task.inputs)
    const between: PartitionsLease[] = []
    try {
      for (const stage of recursion.step.slice(0, -1)) {
        const made = await this.#run(stage, inputs, working)
        between.push(made)
        inputs.set(stage.id, made.partitions.flat())
      }
      return await this.#run(present(recursion.step.at(-1), 'a step'), inputs, working)
    } finally {
      for (const lease of between) lease.release()
    }
  }

  #over(rows: WorkingRows): ReadonlyMap<number, WorkingRows> {
    const { recursion, task } = this.#options
    return new Map([...(task.working ?? []), [recursion.recursionId, rows]])
  }

  #run(
    stage: Stage,
    inputs: FragmentTask['inputs'],
    working: FragmentTask['working'],
  ): PartitionsLease | Promise<PartitionsLease> {
    const { task, runStage } = this.#options
    const { queryId, cancel, noted, tuning } = task
    return runStage({
      queryId,
      stage,
      partition: 0,
      inputs,
      cancel,
      noted,
      ...(working && { working }),
      ...(tuning && { tuning }),
    })
  }

  /** The rows that no round had before. */
  async #distinct(made: PartitionsLease): Promise<PartitionsLease> {
    const { unseen, columns } = this.#options.recursion
    const seen = this.#seen
    if (unseen === undefined || seen === undefined) return made
    const { heap } = this.#options.env
    const { plain } = made
    if (plain !== undefined) {
      const isNew = seen.enterValues(plain.columns, plain.rows)
      if (!isNew.includes(0)) return made
      made.release()
      const kept = plain.columns.map((values) => values.filter((_, row) => isNew[row] === 1))
      return leaseOfPlain(heap, columns, { rows: isNew.reduce((a, b) => a + b, 0), columns: kept })
    }
    const marks = new Arena(heap)
    try {
      let isAllNew = true
      const marked = made.partitions.flat().map((chunk): Chunk => {
        const isNew = seen.enterChunk(heap, chunk)
        isAllNew &&= !isNew.includes(0)
        return {
          ...chunk,
          statistics: undefined,
          columns: [...chunk.columns, bitsOf(marks, isNew)],
        }
      })
      if (isAllNew) return made
      const fresh = await this.#run(unseen, new Map(), this.#over({ chunks: marked }))
      made.release()
      return fresh
    } catch (error) {
      made.release()
      throw error
    } finally {
      marks.release()
    }
  }
}

/** Chunks are made where somebody reads them. */
function workingRows(lease: PartitionsLease): WorkingRows {
  return {
    plain: lease.plain,
    get chunks() {
      return lease.partitions.flat()
    },
  }
}

/** Rows of rounds that are handed on together: those that are plain values become one chunk. */
class Together {
  readonly #options: RecursionOptions
  readonly #leases: PartitionsLease[] = []
  #plain: Scalar[][] | undefined
  #plainRows = 0
  #bytes = 0
  rows = 0

  constructor(options: RecursionOptions) {
    this.#options = options
  }

  get isEnough(): boolean {
    return this.rows >= ROWS_TOGETHER || this.#bytes > BYTES_TOGETHER
  }

  add(made: PartitionsLease): void {
    const { plain } = made
    this.rows += made.rows
    if (plain === undefined) {
      this.#endPlain()
      this.#leases.push(made)
      this.#bytes += chunksBytes(this.#options.env.heap, made.partitions.flat())
      return
    }
    this.#plain ??= plain.columns.map(() => [])
    this.#plainRows += plain.rows
    for (const [at, values] of this.#plain.entries()) {
      for (const value of plain.columns[at]!) values.push(value)
    }
  }

  leases(): readonly PartitionsLease[] {
    this.#endPlain()
    return this.#leases
  }

  #endPlain(): void {
    const columns = this.#plain
    if (columns === undefined) return
    const { env, recursion } = this.#options
    const plain = { rows: this.#plainRows, columns }
    this.#leases.push(leaseOfPlain(env.heap, recursion.columns, plain))
    this.#plain = undefined
    this.#plainRows = 0
  }
}

function bitsOf(arena: Arena, isSet: Uint8Array): Vector {
  const { u8 } = arena.heap
  const values = arena.allocateZeroed(Math.ceil(isSet.length / 8))
  isSet.forEach((bit, row) => {
    u8[values + (row >> 3)]! |= bit << (row & 7)
  })
  const length = isSet.length
  return {
    type: bool,
    layout: 'bit',
    length,
    validity: NO_ADDRESS,
    values,
    offsets: NO_ADDRESS,
    dictionary: undefined,
  }
}
