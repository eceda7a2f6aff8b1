import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, text, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { orderedKinds } from '../ordered-kinds.ts'
import {
  comparesInline,
  comparisonForm,
  distinctForm,
  notForm,
  nullForm,
  truthForm,
  type ComparisonOperator,
} from './comparison-inline.ts'

interface Comparison {
  readonly doc: string
  readonly example: string
  readonly holds: (order: number) => boolean
}

const comparisons: Readonly<Record<ComparisonOperator, Comparison>> = {
  '=': { doc: 'Equal.', example: '1 = 1 -- t', holds: (order) => order === 0 },
  '<>': { doc: 'Not equal.', example: '1 <> 1 -- f', holds: (order) => order !== 0 },
  '<': { doc: 'Less.', example: "'a' < 'b' -- t", holds: (order) => order < 0 },
  '<=': { doc: 'Less or equal.', example: '1.5 <= 1.50 -- t', holds: (order) => order <= 0 },
  '>': { doc: 'Greater.', example: '2 > 10 -- f', holds: (order) => order > 0 },
  '>=': { doc: 'Greater or equal.', example: "'b' >= 'a' -- t", holds: (order) => order >= 0 },
}

const comparedKinds: readonly TypeKind[] = ['bool', ...orderedKinds, 'bytea']

function order(args: readonly Scalar[], types: readonly DataType[]): number {
  const [left = null, right = null] = args
  const [leftType = text, rightType = leftType] = types
  return compareScalars(left, right, leftType, rightType)
}

const operators = (Object.keys(comparisons) as ComparisonOperator[]).flatMap((name) =>
  comparedKinds.map((kind) => {
    const { doc, example, holds } = comparisons[name]
    return scalar({
      name,
      args: [kind, kind],
      returns: bool,
      doc,
      example,
      evaluate: (args, types) => holds(order(args, types)),
      inline: comparisonForm(name),
      inlineFor: comparesInline,
    })
  }),
)

function distinct(args: readonly Scalar[], types: readonly DataType[]): boolean {
  const [left = null, right = null] = args
  if (left === null || right === null) return left !== right
  return order(args, types) !== 0
}

const distinctness = [
  scalar({
    name: 'is_distinct_from',
    args: ['any', 'any'],
    sameTypes: true,
    returns: bool,
    nulls: 'called',
    doc: 'Whether the values differ, with NULL as a value like others.',
    example: 'is_distinct_from(1, NULL) -- t',
    evaluate: distinct,
    inline: distinctForm(false),
    inlineFor: comparesInline,
  }),
  scalar({
    name: 'is_not_distinct_from',
    args: ['any', 'any'],
    sameTypes: true,
    returns: bool,
    nulls: 'called',
    doc: 'Whether the values are the same, with NULL as a value like others.',
    example: 'is_not_distinct_from(NULL, NULL) -- t',
    evaluate: (args, types) => !distinct(args, types),
    inline: distinctForm(true),
    inlineFor: comparesInline,
  }),
]

const nullTests = [
  scalar({
    name: 'is_null',
    args: ['any'],
    returns: bool,
    nulls: 'called',
    doc: 'Whether the value is NULL.',
    example: 'is_null(NULL) -- t',
    evaluate: ([value = null]) => value === null,
    inline: nullForm(false),
  }),
  scalar({
    name: 'is_not_null',
    args: ['any'],
    returns: bool,
    nulls: 'called',
    doc: 'Whether the value is not NULL.',
    example: 'is_not_null(1) -- t',
    evaluate: ([value = null]) => value !== null,
    inline: nullForm(true),
  }),
]

const truthTests: readonly (readonly [name: string, doc: string, value: boolean | null])[] = [
  ['true', 'true', true],
  ['false', 'false', false],
  ['unknown', 'NULL', null],
]

const truths = truthTests.flatMap(([name, doc, wanted]) => [
  scalar({
    name: `is_${name}`,
    args: ['bool'],
    returns: bool,
    nulls: 'called',
    doc: `Whether the value is ${doc}; never NULL.`,
    example: `is_${name}(NULL) -- ${wanted === null ? 't' : 'f'}`,
    evaluate: ([value = null]) => value === wanted,
    inline: truthForm(wanted, false),
  }),
  scalar({
    name: `is_not_${name}`,
    args: ['bool'],
    returns: bool,
    nulls: 'called',
    doc: `Whether the value is not ${doc}; never NULL.`,
    example: `is_not_${name}(NULL) -- ${wanted === null ? 'f' : 't'}`,
    evaluate: ([value = null]) => value !== wanted,
    inline: truthForm(wanted, true),
  }),
])

const negation = scalar({
  name: 'not',
  args: ['bool'],
  returns: bool,
  doc: 'Logical negation.',
  example: 'not true -- f',
  evaluate: ([value = null]) => value !== true,
  inline: notForm,
})

/** Comparison, NULL and truth tests, and NOT. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  ...operators,
  ...distinctness,
  ...nullTests,
  ...truths,
  negation,
]
