import { QueryError } from '#heddle/base/errors.js'
import { isComparable } from '#heddle/data/types/catalogue.js'
import { castKind } from '#heddle/data/types/coercion.js'
import { plainType, type DataType, type PlainKind } from '#heddle/data/types/data-type.js'
import { builtInFunctions } from '#heddle/functions/built-in.js'
import type { ScalarFunction } from '#heddle/functions/function.js'
import { isResolved } from '#heddle/functions/resolve.js'
import type { Chooser } from '../chooser.ts'
import { domainNamed, domains, domainsOf, elementKinds, type Domain } from './domains.ts'
import {
  comparesElements,
  meaningOf,
  mustBeConstant,
  notCalled,
  roundedOtherwise,
  slotsOf,
  VARIADIC_MORE_MAX,
  writeCall,
  type Rounding,
} from './entries.ts'

/** A function, operator or cast that is called with arguments of some domains. */
export interface Callee {
  /** Names it in counts and findings. */
  readonly id: string
  readonly domains: readonly Domain[]
  readonly result: DataType
  /** How its floats may differ; undefined: not at all. */
  readonly rounding: Rounding | undefined
  readonly constantPlaces: readonly number[]
  write(args: readonly string[]): string
}

/** Attempts to find types that go together. */
const ATTEMPTS_MAX = 60
const OTHER_TYPES_CHANCE = 0.3

/** The entry with arguments of random types that it takes; undefined where none were found. */
export function calleeOf(entry: ScalarFunction, choose: Chooser): Callee | undefined {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const chosen = chosenDomains(entry, choose)
    const types = chosen.map(({ type }) => type)
    const outcome = resolved(entry.name, types)
    if (outcome === undefined || !isResolved(outcome) || outcome.fn.id !== entry.id) continue
    return {
      id: entry.id,
      domains: chosen,
      result: outcome.resultType,
      rounding: Object.hasOwn(roundedOtherwise, entry.name)
        ? roundedOtherwise[entry.name]
        : undefined,
      constantPlaces: chosen.flatMap((_, place) => (mustBeConstant(entry, place) ? [place] : [])),
      write: (args) => writeCall(entry, args),
    }
  }
  return undefined
}

/** What a name means for these types; undefined where there is an error of its own for it, as of arrays of json. */
function resolved(
  name: string,
  types: readonly DataType[],
): ReturnType<typeof builtInFunctions.scalar.resolve> | undefined {
  try {
    return builtInFunctions.scalar.resolve(name, types)
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

const comparableKinds = elementKinds.filter((kind) => isComparable(plainType(kind)))

function chosenDomains(entry: ScalarFunction, choose: Chooser): readonly Domain[] {
  const more = choose.between(0, VARIADIC_MORE_MAX)
  const kinds = comparesElements(entry) ? comparableKinds : elementKinds
  const element = choose.pick(kinds)
  const isOther = kinds === elementKinds && choose.chance(OTHER_TYPES_CHANCE)
  return slotsOf(entry, more).map((slot, place) => {
    const meaning = meaningOf(entry, place)
    if (meaning !== undefined) return domainNamed(meaning)
    const kind = isOther ? choose.pick(elementKinds) : element
    if (slot === 'array') return domainNamed(`${kind}_array`)
    if (slot === 'any') return domainNamed(isOther && choose.chance(0.2) ? `${kind}_array` : kind)
    const isFuzzed =
      slot !== 'unknown' &&
      slot !== 'record' &&
      slot !== 'range' &&
      slot !== 'multirange' &&
      slot !== 'enum' &&
      slot !== 'reg'
    return domainNamed(isFuzzed ? choose.pick(domainsOf(slot)) : 'text')
  })
}

/** Every entry that calls can be made of. */
export const calledEntries: readonly ScalarFunction[] = builtInFunctions.scalar.all.filter(
  (entry) => notCalled(entry) === undefined,
)

/** Types that are declared with digits or lengths. */
const withLengths: Readonly<Record<string, PlainKind>> = {
  'varchar(3)': 'text',
  'char(4)': 'bpchar',
  'numeric(6,2)': 'numeric',
  'numeric(38,10)': 'numeric',
  'numeric(60,20)': 'numeric',
}

/** A cast from the values of a domain to a type, as it is declared. */
function castOf(from: Domain, to: DataType, declared: string): Callee {
  return {
    id: `cast(${from.name} as ${declared})`,
    domains: [from],
    result: to,
    rounding: undefined,
    constantPlaces: [],
    write: ([arg]) => `cast(${arg} as ${declared})`,
  }
}

/** Every cast between types, and of texts to the types that they spell. */
export const casts: readonly Callee[] = [...domains.values()].flatMap((from) => {
  const spelledType = /^text_of_(.*)$/.exec(from.name)?.[1]
  if (spelledType !== undefined) {
    const { type, declared } = domainNamed(spelledType)
    return [castOf(from, type, declared)]
  }
  const isOfType = from.name.replace(/_array$|_narrow$|_long$|_wide$/, '')
  if (!elementKinds.some((kind) => kind === isOfType) && isOfType !== 'decimal') return []
  const targets = elementKinds.flatMap((kind) => [domainNamed(kind), domainNamed(`${kind}_array`)])
  const plain = targets.flatMap(({ name, type, declared }) =>
    name === from.name || from.type.kind === 'text' || castKind(from.type, type) === undefined
      ? []
      : [castOf(from, type, declared)],
  )
  if (from.type.kind === 'array') return plain
  const limited = Object.entries(withLengths).flatMap(([declared, kind]) => {
    const type = plainType(kind)
    const isSpelled = from.type.kind === 'text' && kind === 'numeric'
    return isSpelled || castKind(from.type, type) === undefined
      ? []
      : [castOf(from, type, declared)]
  })
  return [...plain, ...limited]
})
