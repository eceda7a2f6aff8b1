import { QueryError } from '../../base/errors.ts'
import type { RangeForms } from '../../data/types/catalogue/range.ts'
import { bool, rangeOf, type DataType } from '../../data/types/data-type.ts'
import { emptyRange, type RangeValue } from '../../data/types/ranges.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ArgumentKind, ScalarFunction } from '../function.ts'
import { settledRanges, type RangePlace } from '../range-places.ts'
import type { InlineForm } from '../inline.ts'
import { formsOf, rangesOf, wholeOf } from './forms.ts'
import { haveKernels, testForm } from './inline.ts'

type Set = readonly RangeValue[]
type Place = Exclude<RangePlace, DataType>

const slots: Readonly<Record<Place, ArgumentKind>> = {
  range: 'range',
  multirange: 'multirange',
  value: 'any',
}

/** Both operands as sets: a range is the set of itself, a value that of the range with nothing else in it. */
type Test = (forms: RangeForms, left: Set, right: Set) => boolean

function operandOf(forms: RangeForms, value: Scalar | undefined, type: DataType): Set {
  if (type.kind === 'range' || type.kind === 'multirange') return rangesOf(forms, value, type)
  const bound = { value: value ?? null, isWithin: true }
  return [{ lower: bound, upper: bound, isEmpty: false }]
}

const within: Test = ({ ranges }, outer, inner) =>
  inner.every((one) => one.isEmpty || outer.some((range) => ranges.contains(range, one)))

const swapped =
  (test: Test): Test =>
  (forms, left, right) =>
    test(forms, right, left)

/** A test of where two ranges begin and end; it does not hold of empty ones. */
const ofWholes =
  (test: (ranges: RangeForms['ranges'], a: RangeValue, b: RangeValue) => boolean): Test =>
  ({ ranges }, left, right) => {
    const [a, b] = [wholeOf(left), wholeOf(right)]
    return left.length > 0 && right.length > 0 && test(ranges, a, b)
  }

interface Operator {
  readonly name: string
  readonly doc: string
  readonly example: string
  readonly pairs: readonly (readonly [Place, Place])[]
  readonly test: Test
  readonly form: InlineForm
}

const both: Operator['pairs'] = [
  ['range', 'range'],
  ['range', 'multirange'],
  ['multirange', 'range'],
  ['multirange', 'multirange'],
]

const tests: readonly Operator[] = [
  {
    name: '@>',
    doc: 'Whether the first contains the second.',
    example: "int4range '[1,5)' @> 3 -- t",
    pairs: [...both, ['range', 'value'], ['multirange', 'value']],
    test: within,
    form: testForm('contains'),
  },
  {
    name: '<@',
    doc: 'Whether the second contains the first.',
    example: "int4range '[2,3)' <@ int4range '[1,5)' -- t",
    pairs: [...both, ['value', 'range'], ['value', 'multirange']],
    test: swapped(within),
    form: testForm('contains', true),
  },
  {
    name: '&&',
    doc: 'Whether they have a value in common.',
    example: "int4range '[1,5)' && int4range '[4,9)' -- t",
    pairs: both,
    test: ({ ranges }, left, right) =>
      left.some((one) => right.some((other) => ranges.overlap(one, other))),
    form: testForm('overlap'),
  },
  {
    name: '<<',
    doc: 'Whether the first ends before the second begins.',
    example: "int4range '[1,5)' << int4range '[5,9)' -- t",
    pairs: both,
    test: ofWholes((ranges, a, b) => ranges.isBefore(a, b)),
    form: testForm('before'),
  },
  {
    name: '>>',
    doc: 'Whether the first begins after the second ends.',
    example: "int4range '[5,9)' >> int4range '[1,5)' -- t",
    pairs: both,
    test: ofWholes((ranges, a, b) => ranges.isBefore(b, a)),
    form: testForm('before', true),
  },
  {
    name: '&<',
    doc: 'Whether the first does not end after the second.',
    example: "int4range '[1,5)' &< int4range '[2,9)' -- t",
    pairs: both,
    test: ofWholes((ranges, a, b) => ranges.endsWithin(a, b)),
    form: testForm('endsWithin'),
  },
  {
    name: '&>',
    doc: 'Whether the first does not begin before the second.',
    example: "int4range '[5,9)' &> int4range '[2,9)' -- t",
    pairs: both,
    test: ofWholes((ranges, a, b) => ranges.beginsWithin(a, b)),
    form: testForm('beginsWithin'),
  },
  {
    name: '-|-',
    doc: 'Whether one begins where the other ends.',
    example: "int4range '[1,5)' -|- int4range '[5,9)' -- t",
    pairs: both,
    test: ofWholes((ranges, a, b) => ranges.touch(a, b)),
    form: testForm('touch'),
  },
]

const testFunctions = tests.flatMap(({ name, doc, example, pairs, test, form }) =>
  pairs.map((places) =>
    scalar({
      name,
      args: places.map((place) => slots[place]),
      settle: settledRanges(places),
      returns: bool,
      doc,
      example,
      evaluate([left, right], types) {
        const forms = formsOf(types)
        const [leftType, rightType] = types as readonly [DataType, DataType]
        return test(forms, operandOf(forms, left, leftType), operandOf(forms, right, rightType))
      },
      ...(places.includes('multirange') ? {} : { inline: form, inlineFor: haveKernels }),
    }),
  ),
)

function contiguous(what: string): QueryError {
  return new QueryError('DATA_EXCEPTION', `result of range ${what} would not be contiguous`)
}

/** What two ranges give that is a range again. */
type Combine = (ranges: RangeForms['ranges'], a: RangeValue, b: RangeValue) => RangeValue
/** The same of sets of ranges. */
type CombineSets = (ranges: RangeForms['ranges'], a: Set, b: Set) => Set

const joined: Combine = (ranges, a, b) => {
  const isOne = a.isEmpty || b.isEmpty || ranges.overlap(a, b) || ranges.touch(a, b)
  if (!isOne) throw contiguous('union')
  return ranges.around(a, b)
}

const left: Combine = (ranges, a, b) => {
  const [first = emptyRange, second] = ranges.without(a, b)
  if (second !== undefined) throw contiguous('difference')
  return first
}

/** What is in both of two sets, empty ranges among it. */
export const commonOfSets: CombineSets = (ranges, a, b) =>
  a.flatMap((one) => b.map((other) => ranges.common(one, other)))

const leftOfSets: CombineSets = (ranges, a, b) =>
  b.reduce<Set>((rest, other) => rest.flatMap((one) => ranges.without(one, other)), a)

interface Combination {
  readonly name: string
  readonly doc: string
  readonly example: string
  readonly combine: Combine
  readonly combineSets: CombineSets
}

const combinations: readonly Combination[] = [
  {
    name: '+',
    doc: 'What is in either.',
    example: "int4range '[1,5)' + int4range '[4,9)' -- [1,9)",
    combine: joined,
    combineSets: (_, a, b) => [...a, ...b],
  },
  {
    name: '*',
    doc: 'What is in both.',
    example: "int4range '[1,5)' * int4range '[4,9)' -- [4,5)",
    combine: (ranges, a, b) => ranges.common(a, b),
    combineSets: commonOfSets,
  },
  {
    name: '-',
    doc: 'What is in the first and not in the second.',
    example: "int4range '[1,5)' - int4range '[4,9)' -- [1,4)",
    combine: left,
    combineSets: leftOfSets,
  },
]

const sameType = (types: readonly DataType[]): DataType => types[0] ?? rangeOf('int4range')

const ofRanges = ({ name, doc, example, combine }: Combination): ScalarFunction =>
  scalar({
    name,
    args: ['range', 'range'],
    settle: settledRanges(['range', 'range']),
    returns: sameType,
    raises: true,
    doc,
    example,
    evaluate([a, b], types) {
      const forms = formsOf(types)
      return forms.write(combine(forms.ranges, forms.read(String(a)), forms.read(String(b))))
    },
  })

const ofSets = ({ name, doc, combineSets }: Combination): ScalarFunction =>
  scalar({
    name,
    args: ['multirange', 'multirange'],
    settle: settledRanges(['multirange', 'multirange']),
    returns: sameType,
    doc,
    example: `int4multirange '{[1,5)}' ${name} int4multirange '{[1,5)}' -- ${
      name === '-' ? '{}' : '{[1,5)}'
    }`,
    evaluate([a, b], types) {
      const forms = formsOf(types)
      const sets = [forms.readSet(String(a)), forms.readSet(String(b))] as const
      return forms.writeSet(forms.ranges.normalized(combineSets(forms.ranges, ...sets)))
    },
  })

const merge = scalar({
  name: 'range_merge',
  args: ['range', 'range'],
  settle: settledRanges(['range', 'range']),
  returns: sameType,
  doc: 'The least range with both in it.',
  example: "range_merge(int4range '[1,3)', int4range '[5,9)') -- [1,9)",
  evaluate([a, b], types) {
    const forms = formsOf(types)
    return forms.write(forms.ranges.around(forms.read(String(a)), forms.read(String(b))))
  },
})

/** Operators of ranges and of sets of ranges. */
export const rangeOperators: readonly ScalarFunction[] = [
  ...testFunctions,
  ...combinations.flatMap((one) => [ofRanges(one), ofSets(one)]),
  merge,
]
