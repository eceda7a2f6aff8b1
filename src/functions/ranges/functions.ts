import { QueryError } from '../../base/errors.ts'
import {
  bool,
  isRangeName,
  multirangeName,
  multirangeOf,
  rangeOf,
  rangeSubtypes,
  text,
  type DataType,
  type RangeName,
} from '../../data/types/data-type.ts'
import { emptyRange, type RangeValue } from '../../data/types/ranges.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar, tableFunction } from '../define.ts'
import type { ScalarFunction, TableFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { rangeNameOf, settledRanges } from '../range-places.ts'
import { formsNamed, formsOf, rangesOf, wholeOf } from './forms.ts'
import { boundForm, haveKernels, madeForm, type rangeTraits, traitForm } from './inline.ts'
import { rangeOperators } from './operators.ts'

const names = Object.keys(rangeSubtypes).filter(isRangeName)

const examples: Readonly<Record<RangeName, readonly [string, string, string]>> = {
  int4range: ['1', '5', '[1,5)'],
  int8range: ['1', '5', '[1,5)'],
  numrange: ['1.5', '2.5', '[1.5,2.5)'],
  daterange: ["'2020-01-01'", "'2020-02-01'", '[2020-01-01,2020-02-01)'],
  tsrange: ["'2020-01-01'", "'2020-02-01'", '["2020-01-01 00:00:00","2020-02-01 00:00:00")'],
  tstzrange: [
    "'2020-01-01'",
    "'2020-02-01'",
    '["2020-01-01 00:00:00+00","2020-02-01 00:00:00+00")',
  ],
}

const BOUNDS = /^[[(][\])]$/

/** Which bounds are within. Throws what PostgreSQL does of flags that are none. */
function flagsOf(flags: Scalar | undefined): readonly [boolean, boolean] {
  if (flags === null) {
    const message = 'range constructor flags argument must not be null'
    throw new QueryError('DATA_EXCEPTION', message)
  }
  const shown = String(flags ?? '[)')
  if (!BOUNDS.test(shown)) {
    throw new QueryError('SYNTAX_ERROR', 'invalid range bound flags', {
      hint: 'Valid values are "[]", "[)", "(]", and "()".',
    })
  }
  return [shown.startsWith('['), shown.endsWith(']')]
}

const constructors = names.flatMap((of) =>
  ([2, 3] as const).map((count) => {
    const [lower, upper, shown] = examples[of]
    const { kind } = rangeSubtypes[of]
    return scalar({
      name: of,
      args: [kind, kind, 'text' as const].slice(0, count),
      returns: rangeOf(of),
      nulls: 'called',
      nullResult: 'never',
      raises: true,
      doc:
        count === 2
          ? 'The range from the first on up to the second; NULL is infinity.'
          : 'The range between two bounds: the third says by brackets which are in it.',
      example: `${of}(${lower}, ${upper}${count === 3 ? ", '[)'" : ''}) -- ${shown}`,
      ...(count === 2 && (kind === 'int4' || kind === 'int8') ? { inline: madeForm } : {}),
      evaluate([from = null, to = null, flags]) {
        const [hasLower, hasUpper] = flagsOf(flags)
        const forms = formsNamed(of)
        return forms.write(
          forms.made(
            { value: from, isWithin: hasLower && from !== null },
            { value: to, isWithin: hasUpper && to !== null },
          ),
        )
      },
    })
  }),
)

const setConstructors = names.flatMap((of) => {
  const name = multirangeName(of)
  const shown = examples[of][2]
  const settle = (types: readonly DataType[]): readonly DataType[] | undefined =>
    types.every((type) => type.kind === 'unknown' || rangeNameOf(type) === of)
      ? types.map(() => rangeOf(of))
      : undefined
  const common = {
    name,
    returns: multirangeOf(of),
    doc: 'The set of the ranges, those that overlap or touch as one.',
  }
  return [
    scalar({ ...common, args: [], example: `${name}() -- {}`, evaluate: () => '{}' }),
    scalar({
      ...common,
      args: ['range'],
      variadic: true,
      settle,
      example: `${name}(${of} '${shown}') -- {${shown}}`,
      evaluate(values) {
        const forms = formsNamed(of)
        const ranges = values.map((value) => forms.read(String(value)))
        return forms.writeSet(forms.ranges.normalized(ranges))
      },
    }),
  ]
})

type Bounds = Pick<RangeValue, 'lower' | 'upper' | 'isEmpty'>

interface Question {
  readonly name: string
  readonly doc: string
  readonly example: string
  readonly ask: (range: Bounds) => boolean
  readonly trait: keyof typeof rangeTraits
}

const questions: readonly Question[] = [
  {
    name: 'isempty',
    doc: 'Whether nothing is in it.',
    example: "isempty(int4range 'empty') -- t",
    ask: ({ isEmpty }) => isEmpty,
    trait: 'isEmpty',
  },
  {
    name: 'lower_inc',
    doc: 'Whether the lower bound is in it.',
    example: "lower_inc(int4range '[1,5)') -- t",
    ask: ({ lower }) => lower.isWithin,
    trait: 'lowerIsWithin',
  },
  {
    name: 'upper_inc',
    doc: 'Whether the upper bound is in it.',
    example: "upper_inc(int4range '[1,5)') -- f",
    ask: ({ upper }) => upper.isWithin,
    trait: 'upperIsWithin',
  },
  {
    name: 'lower_inf',
    doc: 'Whether it has no lower bound.',
    example: "lower_inf(int4range '(,5)') -- t",
    ask: ({ lower, isEmpty }) => !isEmpty && lower.value === null,
    trait: 'lowerIsInfinite',
  },
  {
    name: 'upper_inf',
    doc: 'Whether it has no upper bound.',
    example: "upper_inf(int4range '(,5)') -- f",
    ask: ({ upper, isEmpty }) => !isEmpty && upper.value === null,
    trait: 'upperIsInfinite',
  },
]

const bounds = [
  ['lower', 'The lower bound; NULL where there is none.', '1'],
  ['upper', 'The upper bound; NULL where there is none.', '5'],
] as const

const subtypeOf = (types: readonly DataType[]): DataType =>
  rangeSubtypes[rangeNameOf(types[0]) ?? 'int4range']

function wholeRange(value: Scalar | undefined, types: readonly DataType[]): RangeValue {
  const forms = formsOf(types)
  const [type = text] = types
  const set = rangesOf(forms, value, type)
  return set.length === 0 ? emptyRange : wholeOf(set)
}

const parts = (['range', 'multirange'] as const).flatMap((kind) => {
  const of = (example: string): string =>
    kind === 'range'
      ? example
      : example.replace(/int4range '(.*)'/, (_, shown: string) =>
          shown === 'empty' ? "int4multirange '{}'" : `int4multirange '{${shown}}'`,
        )
  const settle = settledRanges([kind])
  const formOf = (inline: InlineForm): Pick<ScalarFunction, 'inline' | 'inlineFor'> =>
    kind === 'range' ? { inline, inlineFor: haveKernels } : {}
  return [
    ...questions.map(({ name, doc, example, ask, trait }) =>
      scalar({
        name,
        args: [kind],
        settle,
        returns: bool,
        doc,
        example: of(example),
        evaluate: ([value], types) => ask(wholeRange(value, types)),
        ...formOf(traitForm(trait)),
      }),
    ),
    ...bounds.map(([name, doc, shown]) =>
      scalar({
        name,
        args: [kind],
        settle,
        returns: subtypeOf,
        doc,
        example: `${of(`${name}(int4range '[1,5)')`)} -- ${shown}`,
        evaluate: ([value], types) => wholeRange(value, types)[name].value,
        ...formOf(boundForm(name)),
      }),
    ),
  ]
})

const conversions = [
  scalar({
    name: 'multirange',
    args: ['range'],
    settle: settledRanges(['range']),
    returns: (types) => multirangeOf(rangeNameOf(types[0]) ?? 'int4range'),
    doc: 'The set of one range.',
    example: "multirange(int4range '[1,5)') -- {[1,5)}",
    evaluate: ([value]) => (value === 'empty' ? '{}' : `{${String(value)}}`),
  }),
  scalar({
    name: 'range_merge',
    args: ['multirange'],
    settle: settledRanges(['multirange']),
    returns: (types) => rangeOf(rangeNameOf(types[0]) ?? 'int4range'),
    doc: 'The least range with all of them in it.',
    example: "range_merge(int4multirange '{[1,3),[5,9)}') -- [1,9)",
    evaluate: ([value], types) => formsOf(types).write(wholeRange(value, types)),
  }),
]

/** Functions and operators of ranges and of sets of ranges. */
export const rangeFunctions: readonly ScalarFunction[] = [
  ...constructors,
  ...setConstructors,
  ...parts,
  ...conversions,
  ...rangeOperators,
]

/** Ranges of a set that nothing is known of. */
const RANGES_UNKNOWN = 10

/** Functions that take sets of ranges apart. */
export const rangeRows: readonly TableFunction[] = [
  tableFunction({
    name: 'unnest',
    args: ['multirange'],
    settle: settledRanges(['multirange']),
    returns: (types) => rangeOf(rangeNameOf(types[0]) ?? 'int4range'),
    doc: 'The ranges of a set, in order.',
    example: "unnest(int4multirange '{[1,3),[5,9)}') -- [1,3), [5,9)",
    rows([value = null], types) {
      const forms = formsOf(types)
      return forms.readSet(String(value)).map((range) => forms.write(range))
    },
    rowsOf: () => RANGES_UNKNOWN,
  }),
]
