import { present } from '../../base/assert.ts'
import { rangeForms, type RangeForms } from '../../data/types/catalogue/range.ts'
import { typeEntry, writeValueKey } from '../../data/types/catalogue.ts'
import type { DataType, RangeName } from '../../data/types/data-type.ts'
import { emptyRange, type RangeValue } from '../../data/types/ranges.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { rangeNameOf } from '../range-places.ts'

const known = new Map<RangeName, RangeForms>()

/** How ranges of a type are read, written and compared. */
export function formsNamed(of: RangeName): RangeForms {
  const found = known.get(of)
  if (found !== undefined) return found
  const made = rangeForms({ entryOf: typeEntry, writeKey: writeValueKey }, of)
  known.set(of, made)
  return made
}

/** The same of the first of some types that is of ranges. */
export function formsOf(types: readonly DataType[]): RangeForms {
  const of = types.map(rangeNameOf).find((name) => name !== undefined)
  return formsNamed(present(of, 'ranges of a type'))
}

/** What was read last: constants are read once, not for every row. */
let lastRead: { readonly text: string; readonly forms: RangeForms; readonly set: Set } | undefined
type Set = readonly RangeValue[]

/** A range, or a set of them, as the ranges that are in it; an empty range as itself. */
export function rangesOf(forms: RangeForms, value: Scalar | undefined, type: DataType): Set {
  const text = String(value)
  if (lastRead?.text === text && lastRead.forms === forms) return lastRead.set
  const set = type.kind === 'multirange' ? forms.readSet(text) : [forms.read(text)]
  lastRead = { text, forms, set }
  return set
}

/** The range from where the first begins to where the last ends. */
export function wholeOf(set: Set): RangeValue {
  const [first = emptyRange, last = first] = [set[0], set.at(-1)]
  return { lower: first.lower, upper: last.upper, isEmpty: first.isEmpty }
}
