import { assert } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { compareBytes } from '../compare-values.ts'
import { rangeSubtypes, type DataType, type RangeName } from '../data-type.ts'
import {
  readMultirangeText,
  readRangeText,
  writeMultirangeText,
  writeRangeText,
  type RangeParts,
} from '../range-text.ts'
import { plainLocale, type Locale } from '../datetime/locale.ts'
import { emptyRange, Ranges, type RangeBound, type RangeValue } from '../ranges.ts'
import type { Scalar } from '../scalar.ts'
import { SortKeyWriter } from '../sort-key.ts'
import type { ElementAccess } from './array.ts'
import type { TypeEntry } from './entry.ts'

/** Ranges of one type, as values and as texts. */
export interface RangeForms {
  readonly ranges: Ranges
  readonly subtype: DataType
  /** A range of two bounds in canonical form. Throws DATA_EXCEPTION where the lower one is above. */
  made(lower: RangeBound, upper: RangeBound): RangeValue
  /** Values are read and written without a locale, by default. */
  read(text: string, locale?: Locale): RangeValue
  write(range: RangeValue, locale?: Locale): string
  readSet(text: string, locale?: Locale): readonly RangeValue[]
  writeSet(ranges: readonly RangeValue[], locale?: Locale): string
}

/** How far a value is from the next one, of types whose values are one apart. */
const nextValues: Readonly<Partial<Record<RangeName, (value: Scalar) => Scalar>>> = {
  int4range: (value) => checked(Number(value) + 1, Number(value) + 1 < 2 ** 31, 'integer'),
  int8range: (value) => checked(BigInt(value as bigint) + 1n, value !== 2n ** 63n - 1n, 'bigint'),
  daterange: (value) => Number(value) + 1,
}

function checked(value: Scalar, isWithin: boolean, name: string): Scalar {
  if (isWithin) return value
  throw new QueryError('NUMERIC_OUT_OF_RANGE', `${name} out of range`)
}

export function rangeForms(elements: ElementAccess, name: RangeName): RangeForms {
  const subtype = rangeSubtypes[name]
  const entry = elements.entryOf(subtype)
  const next = nextValues[name]
  const ranges = new Ranges((left, right) => {
    assert(left !== null && right !== null, 'an infinite bound compared')
    return entry.compare(left, right, subtype, subtype)
  })
  const made = (lower: RangeBound, upper: RangeBound): RangeValue => {
    const range = ranges.between(lower, upper)
    if (range === undefined) {
      const message = 'range lower bound must be less than or equal to range upper bound'
      throw new QueryError('DATA_EXCEPTION', message)
    }
    if (next === undefined || range.isEmpty) return range
    const canonical = {
      lower: lower.value === null || lower.isWithin ? lower : bound(next(lower.value), true),
      upper: upper.value === null || !upper.isWithin ? upper : bound(next(upper.value), false),
    }
    return ranges.between(canonical.lower, canonical.upper) ?? emptyRange
  }
  const fromParts = (parts: RangeParts | undefined, locale: Locale): RangeValue => {
    if (parts === undefined) return emptyRange
    const valueOf = (text: string | null): Scalar =>
      text === null ? null : entry.parse(text, subtype, locale)
    return made(
      bound(valueOf(parts.lower), parts.hasLower),
      bound(valueOf(parts.upper), parts.hasUpper),
    )
  }
  const textOf = (value: Scalar, locale: Locale): string | null =>
    value === null ? null : entry.format(value, subtype, locale)
  const toParts = ({ lower, upper, isEmpty }: RangeValue, locale: Locale): RangeParts | undefined =>
    isEmpty
      ? undefined
      : {
          lower: textOf(lower.value, locale),
          upper: textOf(upper.value, locale),
          hasLower: lower.isWithin,
          hasUpper: upper.isWithin,
        }
  return {
    ranges,
    subtype,
    made,
    read: (text, locale = plainLocale) => fromParts(readRangeText(text), locale),
    write: (range, locale = plainLocale) => writeRangeText(toParts(range, locale)),
    readSet: (text, locale = plainLocale) =>
      ranges.normalized(readMultirangeText(text).map((parts) => fromParts(parts, locale))),
    writeSet: (set, locale = plainLocale) =>
      writeMultirangeText(set.map((range) => toParts(range, locale))),
  }
}

/** Infinity is never within. */
function bound(value: Scalar, isWithin: boolean): RangeBound {
  return { value, isWithin: isWithin && value !== null }
}

/** Stand before what follows in a key. */
const EMPTY = 0
const SOME = 1
const BELOW_ALL = 0
const VALUE = 1
const ABOVE_ALL = 2

/** In the order of ranges: empty ones first, then by lower bound, then by upper bound. */
function writeRangeKey(
  out: SortKeyWriter,
  { lower, upper, isEmpty }: RangeValue,
  writeValue: (value: NonNullable<Scalar>) => void,
): void {
  if (isEmpty) return out.byte(EMPTY)
  out.byte(SOME)
  const write = (end: RangeBound, infinite: number, isAfter: boolean): void => {
    if (end.value === null) return out.byte(infinite)
    out.byte(VALUE)
    writeValue(end.value)
    out.byte(isAfter ? 1 : 0)
  }
  write(lower, BELOW_ALL, !lower.isWithin)
  write(upper, ABOVE_ALL, upper.isWithin)
}

/**
 * Ranges of every type, and sets of them. A value is PostgreSQL's text of it, in the one form that range_out and
 * multirange_out give.
 */
export function rangeEntries(elements: ElementAccess): Record<'range' | 'multirange', TypeEntry> {
  const forms = new Map<RangeName, RangeForms>()
  const formsOf = (type: DataType): RangeForms => {
    assert(type.kind === 'range' || type.kind === 'multirange', 'range of another type')
    const { of } = type
    const known = forms.get(of)
    if (known !== undefined) return known
    const made = rangeForms(elements, of)
    forms.set(of, made)
    return made
  }
  const writeKey =
    (isSet: boolean) =>
    (out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void => {
      const form = formsOf(type)
      const writeValue = (item: NonNullable<Scalar>): void =>
        elements.writeKey(out, item, form.subtype)
      if (!isSet) return writeRangeKey(out, form.read(String(value)), writeValue)
      for (const range of form.readSet(String(value))) {
        out.byte(SOME)
        writeRangeKey(out, range, writeValue)
      }
      out.byte(EMPTY)
    }
  const entry = (isSet: boolean): TypeEntry => {
    const write = writeKey(isSet)
    const keyOf = (value: NonNullable<Scalar>, type: DataType): Uint8Array => {
      const out = new SortKeyWriter()
      write(out, value, type)
      return out.finish()
    }
    const rewritten = (source: string, type: DataType, from: Locale, to: Locale): string => {
      const form = formsOf(type)
      return isSet
        ? form.writeSet(form.readSet(source, from), to)
        : form.write(form.read(source, from), to)
    }
    return {
      sqlNames: [],
      oid: 0,
      arrayOid: 0,
      wireBytes: -1,
      category: 'range',
      form: 'keyed',
      layout: 'utf8',
      parse: (source, type, locale) => rewritten(source, type, locale, plainLocale),
      format: (value, type, locale) =>
        locale === plainLocale
          ? String(value)
          : rewritten(String(value), type, plainLocale, locale),
      compare: (left, right, leftType, rightType) =>
        compareBytes(keyOf(left, leftType), keyOf(right, rightType)),
      writeKey: write,
    }
  }
  return { range: entry(false), multirange: entry(true) }
}
