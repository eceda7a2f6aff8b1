import { sameType, type DataType } from '../../data/types/data-type.ts'
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

const TEXTS_MAX = 128
/** A text of several statements, or one whose parameters come with several types. */
const PLANS_A_TEXT_MAX = 16
const TEXT_CHARACTERS_MAX = 16_384

/** A plan and what it follows from but for the catalog and the text. */
interface Kept<Plan> {
  readonly source: PlanSource
  readonly plan: Plan
}

/**
 * What was found out of the queries that a session ran last, their plans above all, so that a text that
 * comes again, from a dashboard or in a loop, is not bound and optimized again. Holds what belongs to one
 * catalog at a time.
 */
export class PlanCache<Plan> {
  #catalog: Catalog | undefined
  /** By text, least recently used first: each of a few statements of it, and for few types of parameters. */
  readonly #plans = new Map<string, readonly Kept<Plan>[]>()

  find(source: PlanSource): Plan | undefined {
    if (source.catalog !== this.#catalog) return undefined
    const { text } = source
    const kept = this.#plans.get(text)
    if (kept === undefined) return undefined
    this.#plans.delete(text)
    this.#plans.set(text, kept)
    return kept.find((one) => isSame(one.source, source))?.plan
  }

  keep(source: PlanSource, plan: Plan): void {
    const { text, catalog } = source
    if (text.length > TEXT_CHARACTERS_MAX) return
    if (catalog !== this.#catalog) {
      this.#plans.clear()
      this.#catalog = catalog
    }
    const others = (this.#plans.get(text) ?? []).filter((one) => !isSame(one.source, source))
    this.#plans.delete(text)
    this.#plans.set(text, [{ source, plan }, ...others].slice(0, PLANS_A_TEXT_MAX))
    if (this.#plans.size > TEXTS_MAX) this.#plans.delete(this.#plans.keys().next().value ?? text)
  }
}

function isSame(left: PlanSource, right: PlanSource): boolean {
  if (left.start !== right.start || left.surroundings !== right.surroundings) return false
  const [types, others] = [left.parameterTypes, right.parameterTypes]
  if (types.length !== others.length) return false
  return types.every((type, at) => {
    const other = others[at]
    return type === undefined || other === undefined ? type === other : sameType(type, other)
  })
}
