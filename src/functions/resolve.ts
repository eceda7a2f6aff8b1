import { QueryError, type ErrorDetails } from '../base/errors.ts'
import type { Span } from '../base/span.ts'
import { type PostgresKind } from '../data/types/catalogue/entry.ts'
import {
  castKindOf,
  commonType,
  exactDecimal,
  isPreferred,
  postgresKind,
  shownType,
  typeCategory,
} from '../data/types/coercion.ts'
import { numeric, plainType, text, typeName, type DataType } from '../data/types/data-type.ts'
import { exactDigits, type DigitBudget } from '../data/types/digit-budget.ts'
import type { ArgumentKind, Resolution } from './function.ts'

/** Why a call has no overload. `candidates` are signatures, as `round(numeric,integer)`. */
export interface ResolutionFailure {
  readonly reason: 'unknown-name' | 'no-match' | 'ambiguous'
  readonly candidates: readonly string[]
}

/** What resolution needs of a scalar function or an aggregate. */
export interface Overload {
  readonly id: string
  readonly name: string
  readonly args: readonly ArgumentKind[]
  readonly variadic?: boolean
  readonly sameTypes?: boolean
  settle?(types: readonly DataType[]): readonly DataType[] | undefined
  readonly returns: DataType | ((args: readonly DataType[]) => DataType)
}

type Slot = PostgresKind | 'any'

interface Candidate<F> {
  readonly fn: F
  /** One entry an argument of the call, variadic arguments spread out. */
  readonly slots: readonly Slot[]
}

export function isResolved<F>(
  outcome: Resolution<F> | ResolutionFailure,
): outcome is Resolution<F> {
  return 'fn' in outcome
}

/**
 * Chooses the overload for argument types by PostgreSQL's rules (manual sections 10.2 and 10.3):
 * an exact match, else the candidates reachable by implicit casts, thinned out by the number of exact
 * matches, then by preferred types, then by what string literals of unknown type could be.
 */
export function resolveOverload<F extends Overload>(
  overloads: readonly F[],
  argTypes: readonly DataType[],
  digits: DigitBudget = exactDigits,
): Resolution<F> | ResolutionFailure {
  if (overloads.length === 0) return { reason: 'unknown-name', candidates: [] }
  const kinds = mixedFloats(mixedTexts(argTypes))
  const choice = chosenFor(overloads, kinds)
  const { reachable, chosen } = choice
  if (chosen === undefined) {
    const failed = reachable.length === 0
    return {
      reason: failed ? 'no-match' : 'ambiguous',
      candidates: (failed ? overloads : reachable.map(({ fn }) => fn)).map(signature),
    }
  }
  if (!argTypes.every(isInteger)) return complete(chosen, argTypes, digits)
  if (choice.ofIntegers !== undefined) return choice.ofIntegers
  const outcome = complete(chosen, argTypes, digits)
  // How many digits there are decides about other results.
  if (isResolved(outcome) && isInteger(outcome.resultType)) choice.ofIntegers = outcome
  return outcome
}

/** What the kinds of the arguments decide. */
interface Choice<F> {
  readonly reachable: readonly Candidate<F>[]
  readonly chosen: readonly Candidate<F>[] | undefined
  /** The whole outcome, where arguments and result are integers, whose kinds say all. */
  ofIntegers?: Resolution<F>
}

const integerKinds: ReadonlySet<DataType['kind']> = new Set(['int2', 'int4', 'int8'])

function isInteger({ kind }: DataType): boolean {
  return integerKinds.has(kind)
}

/** Choices that are remembered of one name, and of how many arguments at most. */
const CHOICES_MAX = 256
const CHOICE_ARGS_MAX = 4

const choices = new WeakMap<object, Map<string, Choice<Overload>>>()

/** Statements call few functions with few kinds of arguments, thousands of times. */
function chosenFor<F extends Overload>(
  overloads: readonly F[],
  kinds: readonly PostgresKind[],
): Choice<F> {
  if (kinds.length > CHOICE_ARGS_MAX) return choiceOf(overloads, kinds)
  let known = choices.get(overloads)
  if (known === undefined) choices.set(overloads, (known = new Map()))
  const key = kinds.join()
  // Made of these overloads below.
  const found = known.get(key) as Choice<F> | undefined
  if (found !== undefined) return found
  const choice = choiceOf(overloads, kinds)
  if (known.size >= CHOICES_MAX) known.clear()
  known.set(key, choice)
  return choice
}

function choiceOf<F extends Overload>(
  overloads: readonly F[],
  kinds: readonly PostgresKind[],
): Choice<F> {
  const reachable = overloads
    .flatMap((fn) => candidateFor(fn, kinds.length) ?? [])
    .filter(({ slots }) => slots.every((slot, index) => accepts(slot, kinds[index])))
  return { reachable, chosen: choose(reachable, kinds) }
}

/** The error that PostgreSQL raises for a call that cannot be resolved. */
export function resolutionError(
  name: string,
  argTypes: readonly DataType[],
  failure: ResolutionFailure,
  span?: Span,
): QueryError {
  const types = argTypes.map(shownType)
  const operator = !/^[a-z_]/i.test(name)
  const what = operator ? operatorText(name, types) : `${name}(${types.join(', ')})`
  const details: ErrorDetails = span === undefined ? {} : { span }
  const detail =
    failure.candidates.length === 0
      ? {}
      : { detail: `Candidates: ${failure.candidates.join(', ')}.` }
  const noun = operator ? 'operator' : 'function'
  if (failure.reason === 'ambiguous') {
    return new QueryError(
      'AMBIGUOUS_FUNCTION',
      operator ? `operator is not unique: ${what}` : `function ${what} is not unique`,
      {
        ...details,
        ...detail,
        hint: `Could not choose a best candidate ${noun}. You might need to add explicit type casts.`,
      },
    )
  }
  const message = operator ? `operator does not exist: ${what}` : `function ${what} does not exist`
  return new QueryError('UNDEFINED_FUNCTION', message, {
    ...details,
    ...detail,
    hint:
      `No ${noun} matches the given name and argument types. ` +
      'You might need to add explicit type casts.',
  })
}

function operatorText(name: string, types: readonly string[]): string {
  return types.length === 1 ? `${name} ${types[0]}` : types.join(` ${name} `)
}

function signature(fn: Overload): string {
  const types = fn.args.map(slotName)
  return `${fn.name}(${types.join(',')}${fn.variadic === true ? ',...' : ''})`
}

/** A slot as PostgreSQL names it. */
function slotName(kind: ArgumentKind): string {
  if (kind === 'any') return 'any'
  if (kind === 'array') return 'anyarray'
  if (kind === 'record' || kind === 'reg') return kind
  if (kind === 'range' || kind === 'multirange' || kind === 'enum') return `any${kind}`
  return typeName(kind === 'decimal' ? numeric : plainType(kind))
}

function slotKind(kind: Exclude<ArgumentKind, 'any'>): PostgresKind {
  return postgresKind(kind)
}

/** Whether a function is called with so many arguments. */
export function takesSoMany({ args, variadic }: Overload, count: number): boolean {
  return variadic === true ? count >= args.length : count === args.length
}

function candidateFor<F extends Overload>(fn: F, count: number): Candidate<F> | undefined {
  const { length } = fn.args
  if (!takesSoMany(fn, count)) return undefined
  const slots = Array.from({ length: count }, (_, index): Slot => {
    const kind = fn.args[Math.min(index, length - 1)] ?? 'any'
    return kind === 'any' ? 'any' : slotKind(kind)
  })
  return { fn, slots }
}

function accepts(slot: Slot, kind: PostgresKind | undefined): boolean {
  return slot === 'any' || (kind !== undefined && castKindOf(kind, slot) === 'implicit')
}

function choose<F extends Overload>(
  reachable: readonly Candidate<F>[],
  kinds: readonly PostgresKind[],
): readonly Candidate<F>[] | undefined {
  const exact = reachable.filter(({ slots }) => slots.every((slot, index) => slot === kinds[index]))
  if (exact.length > 0) return exact
  const assumed = assumeOperandType(kinds)
  if (assumed !== undefined) {
    const same = reachable.filter(({ slots }) => slots.every((slot, i) => slot === assumed[i]))
    if (same.length > 0) return same
  }
  let rest = keepBest(reachable, ({ slots }) => count(slots, (slot, i) => slot === kinds[i]))
  if (single(rest)) return rest
  rest = keepBest(rest, ({ slots }) =>
    count(slots, (slot, i) => {
      if (kinds[i] === 'unknown') return false
      return slot === kinds[i] || (slot !== 'any' && isPreferred(slot))
    }),
  )
  if (single(rest)) return rest
  rest = guessUnknowns(rest, kinds)
  if (single(rest)) return rest
  const known = new Set(kinds.filter((kind) => kind !== 'unknown'))
  const [only] = known
  if (known.size === 1 && only !== undefined && kinds.includes('unknown')) {
    rest = rest.filter(({ slots }) => slots.every((slot) => accepts(slot, only)))
    if (single(rest)) return rest
    rest = rest.filter(({ slots }) => slots.every((slot) => slot === only))
  }
  return single(rest) ? rest : undefined
}

/** PostgreSQL has operators of real with double precision: real beside another number is widened. */
function mixedFloats(kinds: readonly PostgresKind[]): readonly PostgresKind[] {
  const mixed =
    kinds.length === 2 &&
    kinds.includes('float4') &&
    kinds.some((kind) => kind !== 'float4' && typeCategory(kind) === 'number')
  return mixed ? kinds.map((kind) => (kind === 'float4' ? 'float8' : kind)) : kinds
}

/**
 * PostgreSQL has no operators of varchar: beside char(n), which has its own, one fits those as well as those
 * of text, and char(n) decides. Beside text, text does.
 */
function mixedTexts(types: readonly DataType[]): readonly PostgresKind[] {
  const isPadded = types.some(({ kind }) => kind === 'bpchar')
  return types.map((type) => {
    const isVarying = type.kind === 'text' && type.varying === true
    return isVarying && isPadded ? 'bpchar' : postgresKind(type.kind)
  })
}

/** A literal of unknown type beside one operand of a known type is taken to be of that type. */
function assumeOperandType(kinds: readonly PostgresKind[]): readonly PostgresKind[] | undefined {
  const [left, right] = kinds
  if (kinds.length !== 2 || left === undefined || right === undefined) return undefined
  if (left === 'unknown' && right !== 'unknown') return [right, right]
  return right === 'unknown' && left !== 'unknown' ? [left, left] : undefined
}

/** One overload remains, or the decimal and the numeric form of one (PostgreSQL has one for both). */
function single<F extends Overload>(rest: readonly Candidate<F>[]): boolean {
  const [first] = rest
  return (
    first !== undefined &&
    rest.every(({ slots }) => slots.every((slot, i) => slot === first.slots[i]))
  )
}

function keepBest<T>(items: readonly T[], score: (item: T) => number): readonly T[] {
  const scores = items.map(score)
  const best = Math.max(...scores)
  return items.filter((_, index) => scores[index] === best)
}

function count(slots: readonly Slot[], test: (slot: Slot, index: number) => boolean): number {
  return slots.filter(test).length
}

/** Each unknown argument: a string if some candidate takes one, else the category all agree on. */
function guessUnknowns<F extends Overload>(
  candidates: readonly Candidate<F>[],
  kinds: readonly PostgresKind[],
): readonly Candidate<F>[] {
  let rest = candidates
  for (const [index, kind] of kinds.entries()) {
    if (kind !== 'unknown') continue
    const slots = rest.map((candidate) => candidate.slots[index] ?? 'any')
    const groups = new Set(slots.map((slot) => (slot === 'any' ? 'any' : typeCategory(slot))))
    const [only] = groups
    const category = groups.has('string') ? 'string' : groups.size === 1 ? only : undefined
    if (category === undefined) return candidates
    const within = rest.filter(({ slots: s }) => categoryOf(s[index]) === category)
    const favoured = within.filter(({ slots: s }) => {
      const slot = s[index]
      return slot !== undefined && slot !== 'any' && isPreferred(slot)
    })
    rest = favoured.length > 0 ? favoured : within
  }
  return rest.length > 0 ? rest : candidates
}

function categoryOf(slot: Slot | undefined): string {
  return slot === undefined || slot === 'any' ? 'any' : typeCategory(slot)
}

/**
 * Picks the decimal form where every numeric argument has a known scale and there is room for the
 * result, and fills in the types.
 */
function complete<F extends Overload>(
  forms: readonly Candidate<F>[],
  argTypes: readonly DataType[],
  digits: DigitBudget,
): Resolution<F> | ResolutionFailure {
  const [first] = forms
  if (first === undefined) return { reason: 'no-match', candidates: [] }
  const usable = forms.flatMap(({ fn }) => argumentTypes(fn, argTypes, digits) ?? [])
  const isDecimal = ({ fn }: Overloaded<F>): boolean => fn.args.includes('decimal')
  const best = usable.find(isDecimal) ?? usable[0]
  if (best === undefined) return { reason: 'no-match', candidates: [signature(first.fn)] }
  const fitted = fittedResult(best, digits)
  const { fn, types } =
    fitted === undefined ? (usable.find((form) => !isDecimal(form)) ?? best) : best
  const resultType = fitted ?? (typeof fn.returns === 'function' ? fn.returns(types) : fn.returns)
  return { fn, argTypes: types, resultType }
}

interface Overloaded<F> {
  readonly fn: F
  readonly types: readonly DataType[]
}

/** The result type; undefined where decimals have no room for it, or for the values compared. */
function fittedResult<F extends Overload>(
  { fn, types }: Overloaded<F>,
  digits: DigitBudget,
): DataType | undefined {
  const result = typeof fn.returns === 'function' ? fn.returns(types) : fn.returns
  const decimals = types.filter((type) => type.kind === 'decimal')
  if (!fn.args.includes('decimal')) return result
  // What is compared is brought to one scale; numerics need none.
  if (result.kind === 'bool' && decimals.length > 1) {
    return commonType(decimals)?.kind === 'decimal' ? result : undefined
  }
  if (result.kind !== 'decimal') return result
  const fitted = digits.fit(result.precision, result.scale)
  return fitted.kind === 'decimal' ? fitted : undefined
}

function argumentTypes<F extends Overload>(
  fn: F,
  argTypes: readonly DataType[],
  digits: DigitBudget,
): Overloaded<F> | undefined {
  if (fn.settle !== undefined) {
    const settled = fn.settle(argTypes)
    return settled && { fn, types: settled }
  }
  const shared = fn.sameTypes === true ? commonType(argTypes, digits) : undefined
  if (fn.sameTypes === true && shared === undefined) return undefined
  const types: DataType[] = []
  for (const [index, type] of argTypes.entries()) {
    const kind = fn.args[Math.min(index, fn.args.length - 1)] ?? 'any'
    const wanted = shared ?? argumentType(kind, type)
    if (wanted === undefined) return undefined
    types.push(wanted)
  }
  return { fn, types }
}

/** A string that has to be an array, and nothing tells of what. */
export function unknownElement(): QueryError {
  const message = 'could not determine polymorphic type because input has type unknown'
  return new QueryError('DATATYPE_MISMATCH', message)
}

function argumentType(kind: ArgumentKind, type: DataType): DataType | undefined {
  if (kind === 'any') return type.kind === 'unknown' ? text : type
  if (kind === 'array') {
    if (type.kind === 'unknown') throw unknownElement()
    return type.kind === 'array' ? type : undefined
  }
  if (
    kind === 'record' ||
    kind === 'range' ||
    kind === 'multirange' ||
    kind === 'enum' ||
    kind === 'reg'
  ) {
    return type.kind === kind ? type : undefined
  }
  return kind === 'decimal' ? exactDecimal(type) : plainType(kind)
}
