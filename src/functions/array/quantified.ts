import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { comparisonHolds } from '../operators/comparison-holds.ts'
import type { ComparisonOperator } from '../traits.ts'
import { likeFunctions } from '../text/like.ts'
import type { LikeOptions } from '../text/like-inline.ts'
import { comparedForm, comparesWith } from './inline.ts'
import { likesForm, likesTexts } from './pattern-forms.ts'
import { elementPlace, readArray } from '../array-elements.ts'

/** Whether a value and an element are as an operator wants them. */
type Test = (value: Scalar, element: Scalar, types: readonly DataType[]) => boolean

interface Quantified {
  readonly test: Test
  /** The comparison that it is. */
  readonly comparison?: ComparisonOperator
}

const comparisons = (Object.keys(comparisonHolds) as ComparisonOperator[]).map(
  (operator): readonly [string, Quantified] => [
    operator,
    {
      comparison: operator,
      test: (value, element, types) =>
        comparisonHolds[operator](
          compareScalars(value, element, types[0]!, elementPlace(types.slice(1))),
        ),
    },
  ],
)

const matches = likeFunctions.filter(({ name, args }) => args.length === 2 && name.includes('~'))

const patterns = matches.map((fn): readonly [string, Quantified] => [
  fn.name,
  { test: (value, element) => fn.evaluate([value, element], [], bool) === true },
])

/** `!~~*` is NOT ILIKE. */
const likeOptions = (operator: string): LikeOptions => ({
  negated: operator.startsWith('!'),
  caseless: operator.endsWith('*'),
})

/** What `text LIKE ANY (array)` and its kind ask of the text and an element, by the name of the former. */
export const quantifiedPatterns: ReadonlyMap<
  string,
  { readonly fn: ScalarFunction; readonly quantifier: 'any' | 'all' }
> = new Map(
  matches.flatMap((fn) =>
    (['any', 'all'] as const).map((quantifier) => [
      quantifiedName(fn.name, quantifier),
      { fn, quantifier },
    ]),
  ),
)

/** The name of `operator ANY (array)` in the catalogue. */
export function quantifiedName(operator: string, quantifier: 'any' | 'all'): string {
  return `${operator} ${quantifier}`
}

/** `value operator ANY (array)` and ALL, where the array is not written out. */
export const quantified: readonly ScalarFunction[] = [...comparisons, ...patterns].flatMap(
  ([operator, { test, comparison }]) =>
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
        ...(comparison !== undefined
          ? { inline: comparedForm(comparison, quantifier), inlineFor: comparesWith }
          : { inline: likesForm(likeOptions(operator), quantifier), inlineFor: likesTexts }),
        isDear: true,
      }),
    ),
)
