import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { comparisonHolds } from '../operators/comparison-holds.ts'
import type { ComparisonOperator } from '../traits.ts'
import { likeFunctions } from '../text/like.ts'
import { elementPlace, readArray } from '../array-elements.ts'

/** Whether a value and an element are as an operator wants them. */
type Test = (value: Scalar, element: Scalar, types: readonly DataType[]) => boolean

const comparisons = (Object.keys(comparisonHolds) as ComparisonOperator[]).map(
  (operator): readonly [string, Test] => [
    operator,
    (value, element, types) =>
      comparisonHolds[operator](
        compareScalars(value, element, types[0]!, elementPlace(types.slice(1))),
      ),
  ],
)

const patterns = likeFunctions
  .filter(({ name, args }) => args.length === 2 && name.includes('~'))
  .map((fn): readonly [string, Test] => [
    fn.name,
    (value, element) => fn.evaluate([value, element], [], bool) === true,
  ])

/** The name of `operator ANY (array)` in the catalogue. */
export function quantifiedName(operator: string, quantifier: 'any' | 'all'): string {
  return `${operator} ${quantifier}`
}

/** `value operator ANY (array)` and ALL, where the array is not written out. */
export const quantified: readonly ScalarFunction[] = [...comparisons, ...patterns].flatMap(
  ([operator, test]) =>
    (['any', 'all'] as const).map((quantifier) =>
      scalar({
        name: quantifiedName(operator, quantifier),
        args: ['any', 'array'],
        returns: bool,
        nulls: 'called',
        raises: operator.includes('~'),
        doc: `Whether ${operator} holds between the value and ${quantifier} of the elements.`,
        example: `null::text ${operator} ${quantifier} ('{}'::text[]) -- ${quantifier === 'any' ? 'f' : 't'}`,
        evaluate([value = null, array = null], types) {
          if (array === null) return null
          const wanted = quantifier === 'any'
          let isUnknown = false
          for (const element of readArray(array, types[1]).elements) {
            if (value === null || element === null) isUnknown = true
            else if (test(value, element, types) === wanted) return wanted
          }
          return isUnknown ? null : !wanted
        },
      }),
    ),
)
