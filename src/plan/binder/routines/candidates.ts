import { castKind, isPreferred, shownType, typeCategory } from '../../../data/types/coercion.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { inputsOf, type RoutineEntry, type RoutineType } from '../../catalog/routine.ts'
import { solvePolymorphic } from './polymorphic.ts'
import { typeIn, type Solution } from './types.ts'

/** How the arguments of a call are written. */
export interface CallShape {
  /** Those without names, which come first. */
  readonly positional: number
  readonly names: readonly string[]
  /** The last one is VARIADIC: the array of what others would be given one by one. */
  readonly isVariadic: boolean
}

/** A function that takes arguments of a call's shape. */
export interface Candidate {
  readonly entry: RoutineEntry
  /** By input of the function, which argument it is; `rest`: all from there on, in an array; undefined: its default. */
  readonly sources: readonly (number | 'rest' | undefined)[]
  /** By argument of the call, the type that it is brought to. */
  readonly slots: readonly RoutineType[]
}

/** The functions that take arguments of a shape. */
export function candidatesFor(
  entries: readonly RoutineEntry[],
  shape: CallShape,
): readonly Candidate[] {
  return entries.flatMap((entry) => candidateOf(entry, shape) ?? [])
}

function candidateOf(entry: RoutineEntry, shape: CallShape): Candidate | undefined {
  const inputs = inputsOf(entry)
  const { positional, names, isVariadic } = shape
  const last = inputs.at(-1)
  const takesArray = last?.mode === 'variadic'
  if (isVariadic && !(takesArray && positional + names.length === inputs.length)) return undefined
  const isSpread = takesArray && !isVariadic
  if (isSpread && names.length > 0) return undefined
  const fixed = inputs.length - (isSpread ? 1 : 0)
  if (!isSpread && positional > inputs.length) return undefined
  const sources: (number | 'rest' | undefined)[] = inputs.map((_, at) =>
    at < Math.min(fixed, positional) ? at : undefined,
  )
  for (const [at, name] of names.entries()) {
    const index = inputs.findIndex((one) => one.name === name)
    if (index < 0 || sources[index] !== undefined) return undefined
    sources[index] = positional + at
  }
  if (isSpread && positional > fixed) sources[fixed] = 'rest'
  const isWhole = inputs.every(
    ({ defaultText }, at) => sources[at] !== undefined || defaultText !== undefined,
  )
  if (!isWhole) return undefined
  const count = positional + names.length
  const slots = Array.from({ length: count }, (_, argument): RoutineType => {
    const index = sources.indexOf(argument)
    const { type } = inputs[index < 0 ? fixed : index]!
    return index < 0 ? elementOf(type) : type
  })
  return { entry, sources, slots }
}

/** What each of the arguments is that a VARIADIC parameter takes. */
function elementOf(type: RoutineType): RoutineType {
  if (type.kind === 'polymorphic') {
    const isCompatible = type.name.startsWith('anycompatible')
    return { kind: 'polymorphic', name: isCompatible ? 'anycompatible' : 'anyelement' }
  }
  if (type.kind !== 'plain' || type.type.kind !== 'array') return type
  const { element } = type.type
  return { kind: 'plain', type: element, shown: shownType(element) }
}

/** A function that was chosen for types of arguments. */
export interface Choice {
  readonly candidate: Candidate
  readonly solution: Solution
  /** Whether each argument is of the very type that the function takes. */
  readonly isExact: boolean
}

export type ChoiceFailure = 'none' | 'ambiguous' | 'unknown'

/** Chooses among overloads by PostgreSQL's rules (manual section 10.3). */
export function chosenFor(
  catalog: Catalog,
  candidates: readonly Candidate[],
  given: readonly DataType[],
): Choice | ChoiceFailure {
  const reachable = candidates.flatMap((candidate): readonly Reachable[] => {
    const solution = solvePolymorphic(candidate.slots, given)
    if (solution === 'different') return []
    const known = solution === 'unknown' ? {} : solution
    const types = candidate.slots.map((slot) => typeIn(catalog, slot, known))
    if (!types.every((type, at) => accepts(candidate.slots[at]!, type, given[at]!))) return []
    return [{ candidate, solution, types }]
  })
  const best = withoutRepeats(preferred(reachable, given))
  const [first, second] = best
  if (first === undefined) return 'none'
  if (second !== undefined) return 'ambiguous'
  if (first.solution === 'unknown') return 'unknown'
  return {
    candidate: first.candidate,
    solution: first.solution,
    isExact: exactOf(first, given) === given.length,
  }
}

interface Reachable {
  readonly candidate: Candidate
  readonly solution: Solution | 'unknown'
  /** By argument; undefined where any will do. */
  readonly types: readonly (DataType | undefined)[]
}

function accepts(slot: RoutineType, type: DataType | undefined, given: DataType): boolean {
  if (slot.kind === 'polymorphic' || given.kind === 'unknown') return true
  if (slot.kind === 'record') return given.kind === 'record'
  if (type === undefined) return false
  if (slot.kind === 'row') {
    return given.kind === 'record' && (given.name === undefined || given.name === slot.name)
  }
  return shownType(type) === shownType(given) || castKind(given, type) === 'implicit'
}

function isExactAt({ candidate, types }: Reachable, given: DataType, at: number): boolean {
  const type = types[at]
  if (candidate.slots[at]?.kind === 'polymorphic' || given.kind === 'unknown') return false
  return type !== undefined && shownType(type) === shownType(given)
}

function exactOf(one: Reachable, given: readonly DataType[]): number {
  return given.filter((type, at) => isExactAt(one, type, at)).length
}

function preferred(
  reachable: readonly Reachable[],
  given: readonly DataType[],
): readonly Reachable[] {
  if (reachable.length < 2) return reachable
  let rest = keepBest(reachable, (one) => exactOf(one, given))
  if (rest.length < 2) return rest
  rest = keepBest(rest, (one) => {
    return given.filter((type, at) => {
      if (type.kind === 'unknown') return false
      const slot = one.types[at]
      return isExactAt(one, type, at) || (slot !== undefined && isPreferred(slot.kind))
    }).length
  })
  if (rest.length < 2) return rest
  rest = guessed(rest, given)
  if (rest.length < 2) return rest
  const known = new Set(given.filter(({ kind }) => kind !== 'unknown').map(shownType))
  if (known.size !== 1 || !given.some(({ kind }) => kind === 'unknown')) return rest
  const only = given.find(({ kind }) => kind !== 'unknown')!
  const fitting = rest.filter(({ candidate, types }) =>
    types.every((type, at) => accepts(candidate.slots[at]!, type, only)),
  )
  return fitting.length === 1 ? fitting : rest
}

/** Texts of unknown type: a string where some candidate takes one, else of the category that all agree on. */
function guessed(
  candidates: readonly Reachable[],
  given: readonly DataType[],
): readonly Reachable[] {
  let rest = candidates
  for (const [at, { kind }] of given.entries()) {
    if (kind !== 'unknown') continue
    const categoryOf = ({ types }: Reachable): string => {
      const type = types[at]
      return type === undefined ? 'any' : typeCategory(type.kind)
    }
    const categories = new Set(rest.map(categoryOf))
    const [only] = categories
    const category = categories.has('string') ? 'string' : categories.size === 1 ? only : undefined
    if (category === undefined) return candidates
    const within = rest.filter((one) => categoryOf(one) === category)
    const favoured = within.filter(({ types }) => {
      const type = types[at]
      return type !== undefined && isPreferred(type.kind)
    })
    rest = favoured.length > 0 ? favoured : within
  }
  return rest.length > 0 ? rest : candidates
}

function keepBest<T>(items: readonly T[], score: (item: T) => number): readonly T[] {
  const scores = items.map(score)
  const best = Math.max(...scores)
  return items.filter((_, index) => scores[index] === best)
}

/** Of functions that take the same, one that is given all that it takes is meant rather than one with more. */
function withoutRepeats(reachable: readonly Reachable[]): readonly Reachable[] {
  if (reachable.length < 2) return reachable
  const signatures = new Set(
    reachable.map(({ types }) => types.map((type) => type && shownType(type)).join()),
  )
  if (signatures.size > 1) return reachable
  const added = ({ candidate: { sources } }: Reachable): number =>
    sources.filter((source) => source === undefined || source === 'rest').length
  const plain = reachable.filter((one) => added(one) === 0)
  return plain.length === 1 ? plain : reachable
}
