import { spend } from '../../../base/budget.ts'
import { QueryError, type ErrorCode, type ErrorDetails } from '../../../base/errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../data/types/json-value.ts'
import type { JsonPath, PathItem, PathStep } from '../../../data/types/jsonpath/tree.ts'
import { isArray, isMoment, type PathValue } from './items.ts'
import { placesIn } from './places.ts'

/** What became of a step: values, none, or an error that is not to be raised. */
export type Outcome = 'found' | 'nothing' | 'failed'

/** Where values go that a step gives; without it one is enough, and it is not kept. */
export type Gathered = PathValue[] | undefined

/** Runs one kind of step, see {@link PathRun.execute}. */
export type Runner = (
  run: PathRun,
  item: PathItem,
  value: PathValue,
  gathered: Gathered,
  unwraps: boolean,
) => Outcome

export type Runners = Readonly<Record<PathStep['kind'], Runner>>

/** How a path is run. */
export interface PathOptions {
  /** Errors of SQL/JSON are not raised. */
  readonly isSilent: boolean
  /** Whether moments with and without a zone may be compared, by the session's zone. */
  readonly usesZone: boolean
  readonly variables: JsonObject | undefined
}

/** A document that ids of objects are told by: what they lie in, and its number. */
interface Base {
  readonly value: PathValue
  readonly id: number
  places?: ReadonlyMap<JsonValue, number>
}

/** Numbers of ids between two documents. */
const IDS_A_DOCUMENT = 10_000_000_000n
/** What a step costs, in steps of a budget. */
const STEP_STEPS = 16

/** One run of a path over a document; PostgreSQL's jsonpath_exec.c. */
export class PathRun {
  readonly root: PathValue
  readonly options: PathOptions
  readonly #path: JsonPath
  readonly #runners: Runners
  /** What @ is. */
  current: PathValue
  /** What `last` is one less than; below 0 outside of subscripts. */
  innermostSize = -1
  #throws: boolean
  #ignoresStructure: boolean
  #base: Base
  #generated: number

  constructor(runners: Runners, path: JsonPath, root: JsonValue, options: PathOptions) {
    this.#runners = runners
    this.#path = path
    this.root = root
    this.current = root
    this.options = options
    this.#throws = !options.isSilent
    this.#ignoresStructure = !path.isStrict
    this.#base = { value: null, id: 0 }
    this.#generated = options.variables === undefined ? 1 : 2
  }

  get isLax(): boolean {
    return !this.#path.isStrict
  }

  /** Whether a missing member or item is no error. */
  get ignoresStructure(): boolean {
    return this.#ignoresStructure
  }

  get throws(): boolean {
    return this.#throws
  }

  /** Runs the whole path. */
  start(gathered: Gathered): Outcome {
    const { root } = this.#path
    if (this.isLax || gathered !== undefined) return this.execute(root, this.root, gathered)
    // A strict path has to be looked at as a whole, as errors may come after values.
    const values: PathValue[] = []
    const outcome = this.execute(root, this.root, values)
    if (outcome === 'failed') return outcome
    return values.length === 0 ? 'nothing' : 'found'
  }

  /** Runs a step and those that follow over a value; `unwraps`: over the items of an array where the step is for others. */
  execute(item: PathItem, value: PathValue, gathered: Gathered, unwraps = this.isLax): Outcome {
    spend(STEP_STEPS)
    return this.#runners[item.step.kind](this, item, value, gathered, unwraps)
  }

  /** Hands a value to the step that follows, or to who asked. */
  next(item: PathItem, value: PathValue, gathered: Gathered): Outcome {
    if (item.next !== undefined) return this.execute(item.next, value, gathered)
    gathered?.push(value)
    return 'found'
  }

  /** Runs a step over the items of an array. */
  overItems(item: PathItem, array: readonly JsonValue[], gathered: Gathered): Outcome {
    let outcome: Outcome = 'nothing'
    for (const value of array) {
      outcome = this.execute(item, value, gathered, false)
      if (outcome === 'failed' || (outcome === 'found' && gathered === undefined)) break
    }
    return outcome
  }

  /** The values of an operand, arrays as their items in lax mode. */
  operand(item: PathItem, value: PathValue, unwraps: boolean, gathered: PathValue[]): Outcome {
    if (!unwraps || !this.isLax) return this.execute(item, value, gathered)
    const values: PathValue[] = []
    const outcome = this.execute(item, value, values)
    if (outcome === 'failed') return outcome
    for (const one of values) {
      if (isArray(one)) for (const member of one) gathered.push(member)
      else gathered.push(one)
    }
    return 'found'
  }

  /** An error of SQL/JSON: raised, or told. */
  fail(code: ErrorCode, message: string, details?: ErrorDetails): Outcome {
    if (this.#throws) throw new QueryError(code, message, details)
    return 'failed'
  }

  withoutErrors<T>(run: () => T): T {
    const before = this.#throws
    this.#throws = false
    const result = run()
    this.#throws = before
    return result
  }

  withoutStructure<T>(run: () => T): T {
    const before = this.#ignoresStructure
    this.#ignoresStructure = true
    const result = run()
    this.#ignoresStructure = before
    return result
  }

  /** Runs with another document that ids are told by; without a number it is one that was made just now. */
  withBase<T>(value: PathValue, id: number | 'new', run: () => T): T {
    const before = this.#base
    this.#base = { value, id: id === 'new' ? this.#generated++ : id }
    const result = run()
    this.#base = before
    return result
  }

  /** The id that keyvalue() tells of an object. */
  idOf(object: JsonObject): bigint {
    const base = this.#base
    if (isMoment(base.value)) return 0n
    base.places ??= placesIn(base.value)
    return BigInt(base.places.get(object) ?? 0) + BigInt(base.id) * IDS_A_DOCUMENT
  }

  /** A variable; where none are given, all of them are null. */
  variable(name: string): JsonValue {
    if (this.options.variables === undefined) return null
    const found = this.options.variables.members.get(name)
    if (found !== undefined) return found
    const message = `could not find jsonpath variable "${name}"`
    throw new QueryError('UNDEFINED_OBJECT', message)
  }
}

/** The variables of a path. Throws for what is no object. */
export function variablesOf(value: JsonValue): JsonObject {
  if (isJsonObject(value)) return value
  throw new QueryError('INVALID_PARAMETER_VALUE', '"vars" argument is not an object', {
    detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
  })
}
