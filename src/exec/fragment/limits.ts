import { present } from '../../base/assert.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { CutFragment } from '../cut/cutting.ts'
import type { LimitState } from '../jobs/jobs.ts'

/** The limits of a fragment, and how many rows have come to each. */
export class Limits {
  readonly #heap: Heap
  readonly #limits: readonly LimitState[]

  constructor(arena: Arena, limits: CutFragment['limits']) {
    this.#heap = arena.heap
    this.#limits = limits.map((limit) => ({
      ...limit,
      seen: arena.allocateZeroed(8),
      seenBefore: 0,
    }))
  }

  /** As they are to a job that begins now. */
  states(): readonly LimitState[] {
    return this.#limits.map((limit) => ({ ...limit, seenBefore: this.#seen(limit) }))
  }

  /** Whether no more rows of a pipeline are wanted. */
  areReached({ steps }: Pipeline): boolean {
    return steps.some((step) => {
      if (step.kind !== 'limit') return false
      const limit = present(this.#limits[step.limitId], 'limit')
      const { offsetRows, limitRows } = limit
      return limitRows !== undefined && this.#seen(limit) >= offsetRows + limitRows
    })
  }

  /** Forgets the rows of a job that is begun anew. */
  reset(states: readonly LimitState[]): void {
    for (const { seen, seenBefore } of states) this.#heap.i64[seen / 8] = BigInt(seenBefore)
  }

  #seen({ seen }: LimitState): number {
    return Number(this.#heap.i64[seen / 8] ?? 0n)
  }
}
