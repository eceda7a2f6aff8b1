import { present } from '../../base/assert.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import { functionId } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { Comparison, TruthTest } from '../traits.ts'
import { comparisonFunctions } from './comparison.ts'

// What plans are written with whatever was called in them, found by what it does. These belong to the
// language as AND and CASE do: every catalogue has them.

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

/** The entry whose result is NOT of this one's for the same arguments; undefined where there is none. */
export function negatedFunction({ negated, args }: ScalarFunction): ScalarFunction | undefined {
  return negated === undefined ? undefined : byId.get(functionId(negated, args))
}

const byId = new Map(comparisonFunctions.map((fn) => [fn.id, fn]))
