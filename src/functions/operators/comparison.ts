import { isTypeKind, typeCatalogue } from '../../data/types/catalogue.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { sameEnums } from '../enum-types.ts'
import { sameRanges } from '../range-places.ts'
import { sameRecords } from '../record-columns.ts'
import { sameArrays } from '../array-elements.ts'
import { comparisonHolds } from './comparison-holds.ts'
import {
  equalSelectivity,
  notNullSelectivity,
  notSelectivity,
  nullSelectivity,
  rangeSelectivity,
  unequalSelectivity,
} from '../selectivity.ts'
import type { ComparisonOperator, TruthTest } from '../traits.ts'
import {
  comparesInline,
  comparisonForm,
  distinctForm,
  notForm,
  nullForm,
  truthForm,
} from './comparison-inline.ts'

interface Shape {
  readonly doc: string
  readonly example: string
  readonly negated: ComparisonOperator
  readonly commuted: ComparisonOperator
}

const comparisons: Readonly<Record<ComparisonOperator, Shape>> = {
  '=': {
    doc: 'Equal.',
    example: '1 = 1 -- t',
    negated: '<>',
    commuted: '=',
  },
  '<>': {
    doc: 'Not equal.',
    example: '1 <> 1 -- f',
    negated: '=',
    commuted: '<>',
  },
  '<': {
    doc: 'Less.',
    example: "'a' < 'b' -- t",
    negated: '>=',
    commuted: '>',
  },
  '<=': {
    doc: 'Less or equal.',
    example: '1.5 <= 1.50 -- t',
    negated: '>',
    commuted: '>=',
  },
  '>': {
    doc: 'Greater.',
    example: '2 > 10 -- f',
    negated: '<=',
    commuted: '<',
  },
  '>=': {
    doc: 'Greater or equal.',
    example: "'b' >= 'a' -- t",
    negated: '<',
    commuted: '<=',
  },
}

/** Every type of which something says when two values are equal. */
const comparedKinds = Object.keys(typeCatalogue)
  .filter(isTypeKind)
  // Names of objects are compared as their numbers.
  .filter((kind) => kind !== 'unknown' && kind !== 'reg')
  .filter((kind) => typeCatalogue[kind].isComparable !== false)

function order(args: readonly Scalar[], types: readonly DataType[]): number {
  const [left = null, right = null] = args
  const [leftType = text, rightType = leftType] = types
  return compareScalars(left, right, leftType, rightType)
}

const selectivities: Readonly<Partial<Record<ComparisonOperator, ScalarFunction['selectivity']>>> =
  {
    '=': equalSelectivity,
    '<>': unequalSelectivity,
  }

const operators = (Object.keys(comparisons) as ComparisonOperator[]).flatMap((name) =>
  comparedKinds.map((kind) => {
    const { doc, example, negated, commuted } = comparisons[name]
    return scalar({
      name,
      args: [kind, kind],
      ...(kind === 'array' && { settle: sameArrays }),
      ...(kind === 'record' && { settle: sameRecords }),
      ...(kind === 'enum' && { settle: sameEnums }),
      ...((kind === 'range' || kind === 'multirange') && { settle: sameRanges }),
      returns: bool,
      comparison: name,
      negated,
      commuted,
      selectivity: selectivities[name] ?? rangeSelectivity,
      doc,
      example,
      evaluate: (args, types) => comparisonHolds[name](order(args, types)),
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
    comparison: 'distinct',
    negated: 'is_not_distinct_from',
    commuted: 'is_distinct_from',
    nullResult: 'never',
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
    comparison: 'not-distinct',
    negated: 'is_distinct_from',
    commuted: 'is_not_distinct_from',
    nullResult: 'never',
    selectivity: equalSelectivity,
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
    test: { of: 'null', negated: false },
    negated: 'is_not_null',
    nullResult: 'never',
    selectivity: nullSelectivity,
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
    test: { of: 'null', negated: true },
    negated: 'is_null',
    nullResult: 'never',
    selectivity: notNullSelectivity,
    args: ['any'],
    returns: bool,
    nulls: 'called',
    doc: 'Whether the value is not NULL.',
    example: 'is_not_null(1) -- t',
    evaluate: ([value = null]) => value !== null,
    inline: nullForm(true),
  }),
]

const truthTests: readonly (readonly [
  name: Exclude<TruthTest['of'], 'null'>,
  doc: string,
  value: boolean | null,
])[] = [
  ['true', 'true', true],
  ['false', 'false', false],
  ['unknown', 'NULL', null],
]

const truths = truthTests.flatMap(([name, doc, wanted]) => [
  scalar({
    name: `is_${name}`,
    test: { of: name, negated: false },
    negated: `is_not_${name}`,
    nullResult: 'never',
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
    test: { of: name, negated: true },
    negated: `is_${name}`,
    nullResult: 'never',
    args: ['bool'],
    returns: bool,
    nulls: 'called',
    doc: `Whether the value is not ${doc}; never NULL.`,
    example: `is_not_${name}(NULL) -- ${wanted === null ? 'f' : 't'}`,
    evaluate: ([value = null]) => value !== wanted,
    inline: truthForm(wanted, true),
  }),
])

/** NOT. */
export const negationFunction = scalar({
  name: 'not',
  negates: true,
  nullResult: 'of-null',
  selectivity: notSelectivity,
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
  negationFunction,
]
