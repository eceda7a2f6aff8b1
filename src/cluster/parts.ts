import { isWorkingMemoryFull } from '../data/arenas/heap.ts'
import { planInParts, type Parts } from '../plan/physical/in-parts.ts'
import { planInputs } from '../plan/physical/plan-inputs.ts'
import type { PhysicalPlan, StagedPlan } from '../plan/physical/plan.ts'
import { wantedOfSorted } from '../plan/physical/sorted-in-parts.ts'
import { stateBytes } from '../plan/physical/state-bytes.ts'
import type { Admission, Admitted, Claim, Company } from './admission.ts'
import type { Waiting } from './places.ts'
import type { RunFigures } from './run-figures.ts'
import { QueryError } from '../base/errors.ts'

/** In how many parts a plan is tried first, by what is estimated of it: from so many to so many. */
const PARTS_MIN = 16
/** Where it was expected to fit and did not, the estimate says nothing but that it is too low. */
const PARTS_MIN_UNEXPECTED = 32
const PARTS_FIRST_MAX = 64
/** A part is to read and keep so little of the memory: beside it are rows that wait, and estimates are off. */
const PART_OF_MEMORY = 1 / 3
/** Where that was not enough, so many times as many, and in the end the last number. */
const PARTS_GROWTH = 4
const PARTS_MAX = 256
/** The first attempts divide in ways of their own; further ones differ in the number of parts only. */
const DIFFERENT_ATTEMPTS = 3

/** Of the memory, what a side of a join may take that each part keeps; later, estimates are not trusted. */
const BROADCAST_PART = 1 / 32

/** What is divided from the start reads tables of more than this part of what there is room for. */
const SCANNED_PART_MIN = 1 / 2

/** What a run that is divided is expected to take at once, of the memory. */
const CLAIM_IN_PARTS = 1 / 2
/** What is expected to take less of the memory is let in without counting it. */
const CLAIM_MIN = 1 / 256

type Run<T> = (plan: StagedPlan, figures: RunFigures, isFirst: boolean) => T | Promise<T>

/** How a query waits to be let in: until it is stopped, too. */
export type Wait = (waiting: Waiting<Admitted>) => Promise<Admitted>

export interface PartsOptions {
  /** Of the working memory. */
  readonly bytesMax: number
  readonly admission: Admission
  /** Every plan that can be is run in parts, whatever it takes. */
  readonly always: Parts | undefined
}

/** One try of a plan. */
interface Attempt {
  readonly plan: StagedPlan
  /** 0: whole; in more parts with each. */
  readonly number: number
  readonly company: Company
}

/** One that found the memory full. */
interface FailedAttempt extends Attempt {
  readonly isUndivided: boolean
}

/**
 * Runs plans when the working memory has room for them: whole, and where that is too much in parts, more and more of
 * them. Nothing of a run that failed was seen by anybody. A plan that is known to need parts begins
 * with them: it was found to, or it reads much and is expected to keep more than there is room for. What fails
 * beside others is tried again without them, so that nothing fails for what others took.
 */
export class PartsRunner {
  readonly #options: PartsOptions
  readonly #found = new WeakMap<StagedPlan, number>()

  constructor(options: PartsOptions) {
    this.#options = options
  }

  /** `run`: told whether it is the first run of this plan; it adds to the figures. Rejects as `wait` and `run` do. */
  async run<T>(
    plan: StagedPlan,
    given: RunFigures | undefined,
    wait: Wait,
    run: Run<T>,
  ): Promise<T> {
    const figures = given ?? { parts: 1, spilledBytes: 0 }
    const { always, admission } = this.#options
    if (always !== undefined) {
      const parts = planInParts(plan, always)
      if (parts !== undefined) figures.parts = always.parts
      return run(parts ?? plan, figures, true)
    }
    let isFirst = true
    let attempt = this.#first(plan)
    for (;;) {
      figures.isUndivided = false
      figures.parts = attempt.plan === plan ? 1 : this.#parts(plan, attempt.number)
      const claim = this.#claim(plan, attempt)
      let admitted = admission.begin(claim)
      if (admitted === undefined) {
        admitted = await wait(admission.wait(claim))
        isFirst = false
      }
      try {
        const result = await run(attempt.plan, figures, isFirst)
        // Others had the memory the last time: it may well fit whole.
        if (attempt.number > 0 && figures.spilledBytes === 0) this.#found.delete(plan)
        return result
      } catch (error) {
        const { isUndivided = false } = figures
        attempt = this.#next(plan, { ...attempt, isUndivided }, admitted.hadCompany, error)
        isFirst = false
      } finally {
        admitted.end()
      }
    }
  }

  #first(plan: StagedPlan): Attempt {
    const company = 'shared'
    const number = this.#found.get(plan) ?? (this.#isTooMuch(plan) ? 1 : 0)
    const parts = number === 0 ? undefined : this.#inParts(plan, number)
    return parts === undefined ? { plan, number: 0, company } : { plan: parts, number, company }
  }

  /** The try after one that failed. Throws its error where there is none, or where it is of another kind. */
  #next(plan: StagedPlan, last: FailedAttempt, hadCompany: boolean, error: unknown): Attempt {
    if (!isWorkingMemoryFull(error)) throw error
    const again = { plan: last.plan, number: last.number, company: lonelier[last.company] }
    if (hadCompany && last.number > 0) return again
    const number = last.number + 1
    // The first try in parts may have kept whole what the second divides; further ones divide the same.
    const isInVain = last.isUndivided && last.number >= DIFFERENT_ATTEMPTS
    const finer = isInVain ? undefined : this.#inParts(plan, number)
    if (finer !== undefined) {
      // What others left it too little room for may fit the next time.
      if (!hadCompany || this.#isTooMuch(plan)) this.#found.set(plan, number)
      return { plan: finer, number, company: last.company === 'shared' ? 'alone' : last.company }
    }
    if (hadCompany) return again
    throw number > 1 ? withoutEnd(error) : error
  }

  /** Whether a plan is not worth trying whole. Estimates are off, and few rows are divided for nothing. */
  #isTooMuch(plan: StagedPlan): boolean {
    const { all, unknown, scanned } = stateBytes(plan)
    const room = this.#options.admission.roomBytes
    return Math.max(all, unknown) > room && scanned > room * SCANNED_PART_MIN
  }

  #claim(plan: StagedPlan, { number, company }: Attempt): Claim {
    const { bytesMax } = this.#options
    if (company !== 'shared') return { bytes: bytesMax, company }
    if (number > 0) return { bytes: Math.floor(bytesMax * CLAIM_IN_PARTS), company }
    const { all } = stateBytes(plan)
    const isLarge = all >= bytesMax * CLAIM_MIN
    return { bytes: isLarge ? Math.ceil(Math.min(all, bytesMax)) : 0, company }
  }

  /** How many parts the plan is tried in, from the first attempt on, which has the number 1. */
  #parts(plan: StagedPlan, attempt: number): number {
    const { all, largestStep } = stateBytes(plan)
    const { bytesMax } = this.#options
    const wanted = largestStep / (bytesMax * PART_OF_MEMORY)
    const first = 2 ** Math.ceil(Math.log2(Math.max(wanted, 1)))
    const least = all < bytesMax ? PARTS_MIN_UNEXPECTED : PARTS_MIN
    const bounded = Math.min(Math.max(first, least), PARTS_FIRST_MAX)
    // Windows by partitions are divided in another way the second time, not into more.
    const growths = attempt > 1 && hasPartitions(plan) ? attempt - 2 : attempt - 1
    return Math.min(bounded * PARTS_GROWTH ** growths, PARTS_MAX)
  }

  #inParts(plan: StagedPlan, attempt: number): StagedPlan | undefined {
    const parts = this.#parts(plan, attempt)
    const isAsMany = attempt > 1 && this.#parts(plan, attempt - 1) === parts
    if (isAsMany && attempt > DIFFERENT_ATTEMPTS) return undefined
    const broadcastBytesMax = attempt === 1 ? this.#options.bytesMax * BROADCAST_PART : 0
    const how: Parts = { parts, broadcastBytesMax, attempt }
    return planInParts(plan, how)
  }
}

/** Whether the second try divides otherwise: windows, and groups that want values once or in order, by more than their keys. */
function hasPartitions({ whole }: StagedPlan): boolean {
  // Definitions of CTEs are read by several.
  const seen = new Set<PhysicalPlan>()
  const has = (plan: PhysicalPlan): boolean => {
    if (seen.has(plan)) return false
    seen.add(plan)
    const isPartitioned = plan.kind === 'window' && plan.partitionBy.length > 0
    return isPartitioned || hasGroupsApart(plan) || planInputs(plan).some(has)
  }
  return whole !== undefined && has(whole)
}

function hasGroupsApart(plan: PhysicalPlan): boolean {
  if (plan.kind !== 'hash-aggregate' || plan.keys.length === 0) return false
  return plan.aggregates.some((call) => call.distinct || wantedOfSorted(call) !== undefined)
}

/** The company of a run that failed beside others, when it is tried again. */
const lonelier: Readonly<Record<Company, Company>> = {
  shared: 'alone',
  alone: 'sole',
  sole: 'sole',
}

/** The error of a query that no number of parts makes small enough. */
function withoutEnd(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error
  const hint =
    'Its rows were divided and kept in files, but some of them belong together: those of one key of a join, of one ' +
    'frame of a window, of an aggregate that keeps all its values, of one array or text. ' +
    'Raise memoryBytesMax, or select fewer rows or columns.'
  return new QueryError(error.code, error.message, { ...error.details, hint })
}
