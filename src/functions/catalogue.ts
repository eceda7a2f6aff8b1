import { present } from '../base/assert.ts'
import type { DataType, TypeKind } from '../data/types/data-type.ts'
import { exactDigits, type DigitBudget } from '../data/types/digit-budget.ts'
import { aggregateFunctions } from './aggregates/aggregates.ts'
import { arrayFunctions } from './array/functions.ts'
import type { AggregateFunction, Resolution, ScalarFunction, TableFunction } from './function.ts'
import { comparisonFunctions } from './operators/comparison.ts'
import { datetimeOperators } from './datetime/arithmetic.ts'
import { datetimeFunctions } from './datetime/functions.ts'
import { finalFunctions } from './finals.ts'
import { digitFunctions } from './math/digits.ts'
import { extremeFunctions } from './math/extremes.ts'
import { mathFunctions } from './math/functions.ts'
import { roundingFunctions } from './math/rounding.ts'
import { uuidFunctions } from './uuid/functions.ts'
import { sessionFunctions } from './session.ts'
import { textFunctions } from './text/functions.ts'
import { pieceFunctions } from './text/pieces.ts'
import { toCharFunctions } from './text/to-char.ts'
import { regexpFunctions } from './text/regexp/functions.ts'
import { exactFunctions } from './operators/exact.ts'
import { floatFunctions } from './operators/float.ts'
import { integerFunctions } from './operators/integer.ts'
import { jsonFunctions } from './json/functions.ts'
import { paddedFunctions } from './text/padded.ts'
import { zonedTimeFunctions } from './datetime/zoned-times.ts'
import { likeFunctions } from './text/like.ts'
import { resolveOverload, type ResolutionFailure } from './resolve.ts'
import { functionId } from './define.ts'
import type { Comparison, TruthTest } from './traits.ts'
import { seriesFunctions } from './tables/series.ts'

/** Every scalar overload, in the order of the reference page. */
export const scalarFunctions: readonly ScalarFunction[] = [
  ...comparisonFunctions,
  ...integerFunctions,
  ...exactFunctions,
  ...floatFunctions,
  ...mathFunctions,
  ...extremeFunctions,
  ...roundingFunctions,
  ...digitFunctions,
  ...textFunctions,
  ...pieceFunctions,
  ...likeFunctions,
  ...paddedFunctions,
  ...regexpFunctions,
  ...toCharFunctions,
  ...datetimeOperators,
  ...datetimeFunctions,
  ...zonedTimeFunctions,
  ...uuidFunctions,
  ...arrayFunctions,
  ...jsonFunctions,
  ...sessionFunctions,
  ...finalFunctions,
]

/** Every overload that gives rows. */
export const tableFunctions: readonly TableFunction[] = [...seriesFunctions]

const scalarsById = new Map(scalarFunctions.map((fn) => [fn.id, fn]))
const scalarsByName = groupByName(scalarFunctions)
const aggregatesById = new Map(aggregateFunctions.map((fn) => [fn.id, fn]))
const aggregatesByName = groupByName(aggregateFunctions)
const tablesById = new Map(tableFunctions.map((fn) => [fn.id, fn]))
const tablesByName = groupByName(tableFunctions)

/**
 * Chooses the overload of a function or operator; names are in lower case, operators are called by
 * their symbol with one or two arguments. `sameTypes` and string literals are settled in `argTypes`,
 * to which the caller casts the arguments. `digits` says how results are typed that may be too long
 * for decimals.
 */
export function resolveScalar(
  name: string,
  argTypes: readonly DataType[],
  digits: DigitBudget = exactDigits,
): Resolution<ScalarFunction> | ResolutionFailure {
  return resolveOverload(scalarsByName.get(name) ?? [], argTypes, digits)
}

/** Like {@link resolveScalar}; `count(*)` is `count` without arguments. */
export function resolveAggregate(
  name: string,
  argTypes: readonly DataType[],
  digits: DigitBudget = exactDigits,
): Resolution<AggregateFunction> | ResolutionFailure {
  return resolveOverload(aggregatesByName.get(name) ?? [], argTypes, digits)
}

/** Like {@link resolveScalar}, for functions that give rows. */
export function resolveTableFunction(
  name: string,
  argTypes: readonly DataType[],
  digits: DigitBudget = exactDigits,
): Resolution<TableFunction> | ResolutionFailure {
  return resolveOverload(tablesByName.get(name) ?? [], argTypes, digits)
}

export function isTableFunction(name: string): boolean {
  return tablesByName.has(name)
}

export function tableFunction(id: string): TableFunction {
  return present(tablesById.get(id), `unknown function ${id}`)
}

export function isAggregate(name: string): boolean {
  return aggregatesByName.has(name)
}

/** Whether its direct arguments are a row that might be among the sorted ones. */
export function isHypotheticalAggregate(name: string): boolean {
  return aggregatesByName.get(name)?.some(({ directArgs }) => directArgs === 'as-sorted') === true
}

export function isScalar(name: string): boolean {
  return scalarsByName.has(name)
}

/**
 * What messages call a function whose arguments are alternatives of one type, as the results of CASE are:
 * GREATEST, LEAST. Undefined for all others.
 */
export function alternativesOf(name: string): string | undefined {
  return scalarsByName.get(name)?.[0]?.alternatives
}

/** Names of all scalar functions and aggregates, for suggestions; operators left out. */
export function functionNames(): readonly string[] {
  const names = [...scalarsByName.keys(), ...aggregatesByName.keys(), ...tablesByName.keys()]
  return names.filter((name) => /^[a-z]/.test(name))
}

/** The entry whose result is NOT of this one's for the same arguments. */
export function negatedFunction({ negated, args }: ScalarFunction): ScalarFunction | undefined {
  return negated === undefined ? undefined : scalarsById.get(functionId(negated, args))
}

/** A comparison of two values of a kind. */
export function comparisonFunction(comparison: Comparison, kind: TypeKind): ScalarFunction {
  const found = comparisons.get(`${comparison} ${kind}`) ?? comparisons.get(`${comparison} any`)
  return present(found, `no comparison ${comparison} of ${kind}`)
}

const comparisons = new Map(
  comparisonFunctions.flatMap((fn) =>
    fn.comparison === undefined ? [] : [[`${fn.comparison} ${fn.args[0]}`, fn] as const],
  ),
)

/** IS [NOT] NULL, TRUE, FALSE or UNKNOWN. */
export function truthTestFunction(wanted: TruthTest): ScalarFunction {
  return present(truthTests.get(`${wanted.of} ${wanted.negated}`), 'no such test')
}

const truthTests = new Map(
  comparisonFunctions.flatMap((fn) =>
    fn.test === undefined ? [] : [[`${fn.test.of} ${fn.test.negated}`, fn] as const],
  ),
)

export { negationFunction } from './operators/comparison.ts'

/** The overload of an id that a resolution gave. */
export function scalarFunction(id: string): ScalarFunction {
  return present(scalarsById.get(id), `unknown function ${id}`)
}

export function aggregateFunction(id: string): AggregateFunction {
  return present(aggregatesById.get(id), `unknown aggregate ${id}`)
}

function groupByName<F extends { readonly name: string }>(
  functions: readonly F[],
): ReadonlyMap<string, readonly F[]> {
  const groups = new Map<string, F[]>()
  for (const fn of functions) {
    const group = groups.get(fn.name)
    if (group === undefined) groups.set(fn.name, [fn])
    else group.push(fn)
  }
  return groups
}
