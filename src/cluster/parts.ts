import { isWorkingMemoryFull } from '../data/arenas/heap.ts'
import { largestStepBytes, planInParts, type Parts } from '../plan/physical/in-parts.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import type { RunFigures } from './run-figures.ts'
import { QueryError } from '../base/errors.ts'

/** In how many parts a plan is tried first, by what is estimated of it: from so many to so many. */
const PARTS_MIN = 16
const PARTS_FIRST_MAX = 64
/** A part is to be so small against the memory, as its state takes several times what its rows take. */
const PART_OF_MEMORY = 1 / 8
/** Where that was not enough, so many times as many, and in the end the last number. */
const PARTS_GROWTH = 4
const PARTS_MAX = 256

/** Of the memory, what a side of a join may take that each part keeps; later, estimates are not trusted. */
const BROADCAST_PART = 1 / 32

type Run<T> = (plan: StagedPlan, figures: RunFigures, isFirst: boolean) => T | Promise<T>

/**
 * Runs a plan whole, and where that is too much for the working memory in parts, more and more of them.
 * Nothing of a run that failed was seen by anybody. A plan that was found to need parts begins with them
 * when it comes again.
 */
export class PartsRunner {
  readonly #bytesMax: number
  readonly #always: number | undefined
  readonly #found = new WeakMap<StagedPlan, number>()

  /** `bytesMax`: of the working memory. `always`: every plan that can be is run in so many parts. */
  constructor(bytesMax: number, always: number | undefined) {
    this.#bytesMax = bytesMax
    this.#always = always
  }

  /** `run`: told whether it is the first run of this plan; it adds to the figures. */
  async run<T>(plan: StagedPlan, given: RunFigures | undefined, run: Run<T>): Promise<T> {
    const figures = given ?? { parts: 1, spilledBytes: 0 }
    if (this.#always !== undefined) {
      const parts = planInParts(plan, { parts: this.#always, broadcastBytesMax: 0 })
      if (parts !== undefined) figures.parts = this.#always
      return run(parts ?? plan, figures, true)
    }
    let attempt = this.#found.get(plan) ?? 0
    let isFirst = true
    let next = attempt === 0 ? plan : (this.#inParts(plan, attempt) ?? plan)
    for (;;) {
      figures.parts = next === plan ? 1 : this.#parts(plan, attempt)
      try {
        const result = await run(next, figures, isFirst)
        // Others had the memory the last time: it may well fit whole.
        if (attempt > 0 && figures.spilledBytes === 0) this.#found.delete(plan)
        return result
      } catch (error) {
        if (!isWorkingMemoryFull(error)) throw error
        const finer = this.#inParts(plan, ++attempt)
        if (finer === undefined) throw attempt > 1 ? withoutEnd(error) : error
        this.#found.set(plan, attempt)
        next = finer
        isFirst = false
      }
    }
  }

  /** How many parts the plan is tried in, from the first attempt on, which has the number 1. */
  #parts(plan: StagedPlan, attempt: number): number {
    const wanted = largestStepBytes(plan) / (this.#bytesMax * PART_OF_MEMORY)
    const first = 2 ** Math.ceil(Math.log2(Math.max(wanted, 1)))
    const bounded = Math.min(Math.max(first, PARTS_MIN), PARTS_FIRST_MAX)
    return Math.min(bounded * PARTS_GROWTH ** (attempt - 1), PARTS_MAX)
  }

  #inParts(plan: StagedPlan, attempt: number): StagedPlan | undefined {
    const parts = this.#parts(plan, attempt)
    if (attempt > 1 && this.#parts(plan, attempt - 1) === parts) return undefined
    const broadcastBytesMax = attempt === 1 ? this.#bytesMax * BROADCAST_PART : 0
    const how: Parts = { parts, broadcastBytesMax }
    return planInParts(plan, how)
  }
}

/** The error of a query that no number of parts makes small enough. */
function withoutEnd(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error
  const hint =
    'Its rows were divided and kept in files, but some of them belong together: those of one key, of a ' +
    'window without PARTITION BY, of one array or text. Raise memoryBytesMax, or select fewer rows or columns.'
  return new QueryError(error.code, error.message, { ...error.details, hint })
}
