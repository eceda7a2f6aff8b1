import type { DataType } from '../../data/types/data-type.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { ResultColumn } from '../results/result.ts'

/** A query that is ready to run. */
export interface SelectPlan {
  readonly columns: readonly ResultColumn[]
  readonly staged: StagedPlan
  /** Values of $1, $2, ... are put into it for each run. */
  readonly isGeneric: boolean
  /** Some type has fewer digits than its values may have, in the hope that they fit. */
  readonly wasCut: boolean
}

/** Everything that a plan follows from. */
export interface PlanSource {
  /** A change of any table or other object is a new catalog. */
  readonly catalog: Catalog
  /** The settings that planning looks at, and the workers that it plans for. */
  readonly surroundings: string
  readonly text: string
  /** Where in the text the statement begins. */
  readonly start: number
  /** Of $1, $2, ...; undefined where binding finds one out. */
  readonly parameterTypes: readonly (DataType | undefined)[]
}

const PLANS_MAX = 128
const TEXT_CHARACTERS_MAX = 16_384

/**
 * What was found out of the queries that a session ran last, their plans above all, so that a text that
 * comes again, from a dashboard or in a loop, is not bound and optimized again. Holds what belongs to one
 * catalog at a time.
 */
export class PlanCache<Plan> {
  #catalog: Catalog | undefined
  /** Least recently used first. */
  readonly #plans = new Map<string, Plan>()

  find(source: PlanSource): Plan | undefined {
    if (source.catalog !== this.#catalog) return undefined
    const key = keyOf(source)
    const plan = this.#plans.get(key)
    if (plan !== undefined) {
      this.#plans.delete(key)
      this.#plans.set(key, plan)
    }
    return plan
  }

  keep(source: PlanSource, plan: Plan): void {
    if (source.text.length > TEXT_CHARACTERS_MAX) return
    if (source.catalog !== this.#catalog) {
      this.#plans.clear()
      this.#catalog = source.catalog
    }
    const key = keyOf(source)
    this.#plans.set(key, plan)
    if (this.#plans.size > PLANS_MAX) this.#plans.delete(this.#plans.keys().next().value ?? key)
  }

  get size(): number {
    return this.#plans.size
  }
}

function keyOf({ surroundings, text, start, parameterTypes }: PlanSource): string {
  const types = parameterTypes.length === 0 ? '' : JSON.stringify(parameterTypes)
  return `${start} ${surroundings} ${types}\n${text}`
}
