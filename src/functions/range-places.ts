import { postgresType } from '../data/types/coercion.ts'
import {
  multirangeOf,
  rangeOf,
  rangeSubtypes,
  sameType,
  text,
  type DataType,
  type RangeName,
} from '../data/types/data-type.ts'

/** A place of a signature: a range, a set of ranges, a value that can be in one, or a type of its own. */
export type RangePlace = 'range' | 'multirange' | 'value' | DataType

/** The ranges that a type is of. */
export function rangeNameOf(type: DataType | undefined): RangeName | undefined {
  return type !== undefined && 'of' in type ? type.of : undefined
}

/** Brings ranges, sets of them and values to those of one type (anyrange, anymultirange and anyelement in PostgreSQL). */
export function settledRanges(
  places: readonly RangePlace[],
): (types: readonly DataType[]) => readonly DataType[] | undefined {
  return (types) => {
    const [of, other] = new Set(types.flatMap((type) => rangeNameOf(type) ?? []))
    if (of === undefined || other !== undefined) return undefined
    const wanted = places.map((place) => typeOfPlace(place, of))
    const fits = wanted.every((type, at) => {
      const given = types[at] ?? text
      return given.kind === 'unknown' || sameType(postgresType(given), type) || isOwn(places[at])
    })
    return fits ? wanted : undefined
  }
}

function isOwn(place: RangePlace | undefined): boolean {
  return typeof place === 'object'
}

function typeOfPlace(place: RangePlace, of: RangeName): DataType {
  if (place === 'range') return rangeOf(of)
  if (place === 'multirange') return multirangeOf(of)
  return place === 'value' ? rangeSubtypes[of] : place
}

/** Ranges, or sets of ranges, of one type, as comparisons want them. */
export function sameRanges(types: readonly DataType[]): readonly DataType[] | undefined {
  const [first] = types.filter((type) => 'of' in type)
  if (first === undefined) return undefined
  const fits = types.every((type) => type.kind === 'unknown' || sameType(type, first))
  return fits ? types.map(() => first) : undefined
}
