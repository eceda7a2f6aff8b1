import { present } from '../base/assert.ts'
import type { DataType } from '../data/types/data-type.ts'
import { exactDigits, type DigitBudget } from '../data/types/digit-budget.ts'
import type {
  AggregateFunction,
  CatalogueEntry,
  Resolution,
  ScalarFunction,
  TableFunction,
} from './function.ts'
import { resolveOverload, type Overload, type ResolutionFailure } from './resolve.ts'
import type { WindowFunction } from './window-function.ts'

/**
 * The functions that can be called, of four kinds. A value: an engine gives its own to all that look names
 * up. Whoever holds a call has its entry and needs no catalogue.
 */
export interface FunctionCatalogue {
  readonly scalar: Overloads<ScalarFunction>
  readonly aggregate: Overloads<AggregateFunction>
  /** Window functions that are no aggregates. */
  readonly window: Overloads<WindowFunction>
  /** Functions that give rows. */
  readonly table: Overloads<TableFunction>
}

type Kind = CatalogueEntry['cataloguedAs']

/** The overloads of one kind, by name and by id. */
export class Overloads<F extends CatalogueEntry & Overload> {
  /** In the order of the reference page. */
  readonly all: readonly F[]
  readonly #byId: ReadonlyMap<string, F>
  readonly #byName: ReadonlyMap<string, readonly F[]>

  constructor(all: readonly F[]) {
    this.all = all
    this.#byId = new Map(all.map((fn) => [fn.id, fn]))
    this.#byName = groupedByName(all)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** The overloads of a name, the same list each time. Names are in lower case, operators their symbols. */
  named(name: string): readonly F[] {
    return this.#byName.get(name) ?? none
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()]
  }

  /** The overload of an id, as `upper(text)`. */
  withId(id: string): F {
    return present(this.#byId.get(id), `unknown function ${id}`)
  }

  /**
   * Chooses the overload of a function or operator; operators are called with one or two arguments,
   * `count(*)` is `count` without any. `sameTypes` and string literals are settled in `argTypes`, to which
   * the caller casts the arguments. `digits` says how results are typed that may be too long for decimals.
   */
  resolve(
    name: string,
    argTypes: readonly DataType[],
    digits: DigitBudget = exactDigits,
  ): Resolution<F> | ResolutionFailure {
    return resolveOverload(this.named(name), argTypes, digits)
  }
}

/** A catalogue with functions that one engine is given beside those that every one has. */
export function withOwn(
  functions: FunctionCatalogue,
  own: readonly ScalarFunction[],
): FunctionCatalogue {
  return { ...functions, scalar: new Overloads([...functions.scalar.all, ...own]) }
}

const none: readonly never[] = []

function groupedByName<F extends Overload>(all: readonly F[]): ReadonlyMap<string, readonly F[]> {
  const groups = new Map<string, F[]>()
  for (const fn of all) {
    const group = groups.get(fn.name)
    if (group === undefined) groups.set(fn.name, [fn])
    else group.push(fn)
  }
  return groups
}

/** Names that calls are written with, for suggestions; operators left out. */
export function functionNames(functions: FunctionCatalogue): readonly string[] {
  const { scalar, aggregate, table } = functions
  return [...scalar.names, ...aggregate.names, ...table.names].filter((name) => /^[a-z]/.test(name))
}

/** The entry that a reference from another thread or process is to. */
export function entryOf(
  functions: FunctionCatalogue,
  { cataloguedAs, id }: CatalogueEntry,
): CatalogueEntry {
  const overloads: { readonly [K in Kind]: Overloads<CatalogueEntry & Overload> } = functions
  return overloads[cataloguedAs].withId(id)
}
