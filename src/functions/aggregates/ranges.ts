import { spend } from '../../base/budget.ts'
import { multirangeOf, rangeOf, text, type DataType } from '../../data/types/data-type.ts'
import type { RangeValue } from '../../data/types/ranges.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { CollectedRows } from '../aggregate-form.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import { rangeNameOf, settledRanges } from '../range-places.ts'
import { formsOf, rangesOf } from '../ranges/forms.ts'
import { commonOfSets } from '../ranges/operators.ts'
import { checkBytes } from '../text/bounds.ts'

/** What a range costs at least, in steps of a budget. */
const RANGE_STEPS = 16

function valuesOf(rows: CollectedRows): readonly Scalar[] {
  return Array.from({ length: rows.count }, (_, row) => {
    spend(RANGE_STEPS)
    return rows.value(row, 0)
  })
}

/** All ranges as one set. */
function setOfAll(rows: CollectedRows): Scalar {
  if (rows.count === 0) return null
  const forms = formsOf(rows.types)
  const [type = text] = rows.types
  const ranges: RangeValue[] = []
  for (const value of valuesOf(rows))
    for (const one of rangesOf(forms, value, type)) ranges.push(one)
  const made = forms.writeSet(forms.ranges.normalized(ranges))
  checkBytes(made.length)
  return made
}

/** What is in all of them. */
function commonToAll(rows: CollectedRows): Scalar {
  if (rows.count === 0) return null
  const forms = formsOf(rows.types)
  const { ranges } = forms
  const [type = text] = rows.types
  const sets = valuesOf(rows).map((value) => rangesOf(forms, value, type))
  if (type.kind !== 'multirange') {
    return forms.write(sets.reduce((all, set) => commonOfSets(ranges, all, set))[0]!)
  }
  // Empty ranges go at once: of n sets of two there would be 2^n.
  const common = sets.reduce(
    (all, set) => ranges.normalized(commonOfSets(ranges, all, set)),
    ranges.normalized(sets[0] ?? []),
  )
  return forms.writeSet(common)
}

const form = { kind: 'collected', required: [0], order: 'free' } as const

const ofSet = (types: readonly DataType[]): DataType =>
  multirangeOf(rangeNameOf(types[0]) ?? 'int4range')

/** Aggregates of ranges. */
export const rangeAggregates: readonly AggregateFunction[] = (
  ['range', 'multirange'] as const
).flatMap((kind) => {
  const [first, second] = kind === 'range' ? ['[1,4)', '[2,9)'] : ['{[1,4)}', '{[2,9)}']
  const shared = { args: [kind], settle: settledRanges([kind]), emptyValue: null }
  const type = kind === 'range' ? 'int4range' : 'int4multirange'
  return [
    aggregate({
      ...shared,
      name: 'range_agg',
      returns: ofSet,
      form: { ...form, finish: setOfAll },
      doc: 'The set of all ranges, those that overlap or touch as one; NULL over no rows.',
      example: `range_agg(x) over ${type} '${first}', '${second}' -- {[1,9)}`,
    }),
    aggregate({
      ...shared,
      name: 'range_intersect_agg',
      returns: (types) =>
        kind === 'range' ? rangeOf(rangeNameOf(types[0]) ?? 'int4range') : ofSet(types),
      form: { ...form, finish: commonToAll },
      doc: 'What is in all of them; NULL over no rows.',
      example: `range_intersect_agg(x) over ${type} '${first}', '${second}' -- ${
        kind === 'range' ? '[2,4)' : '{[2,4)}'
      }`,
    }),
  ]
})
