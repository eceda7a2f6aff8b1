// Sorting rows by keys.
import { compareTexts } from './text.ts'
import {
  compareIntervals,
  compareNumerics,
  lengthOf,
  type ReferenceInterval,
  type ReferenceNumeric,
} from './wide-values.ts'

/** A value of a sort key; integers of all widths are bigint. */
export type SortValue = bigint | number | string | ReferenceNumeric | ReferenceInterval | null

export interface SortOrder {
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** How a key lies in the prefix; see assembly/sort.ts. */
export interface PrefixShape extends SortOrder {
  readonly bits: number
  readonly hasNulls: boolean
  readonly min: bigint
  readonly max: bigint
  /** Low bits that are left out; of texts: bytes that are skipped. */
  readonly dropped: number
}

/** The order of rows by all their keys; the reference of what `sortTies` compares. */
export function compareRows(
  orders: readonly SortOrder[],
  left: readonly SortValue[],
  right: readonly SortValue[],
): number {
  for (const [index, { descending, nullsFirst }] of orders.entries()) {
    const [a, b] = [left[index]!, right[index]!]
    if (a === null && b === null) continue
    if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1
    const order = compareValues(a, b)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

/**
 * Of rows in order: 2 where the first `partitionKeys` values differ from those of the row before, 1 where
 * others do, 0 where none does; the first row has 2.
 */
export function marks(
  orders: readonly SortOrder[],
  partitionKeys: number,
  rows: readonly (readonly SortValue[])[],
): readonly number[] {
  const partition = orders.slice(0, partitionKeys)
  return rows.map((row, index) => {
    const before = rows[index - 1]
    if (before === undefined || compareRows(partition, before, row) !== 0) return 2
    return compareRows(orders, before, row) === 0 ? 0 : 1
  })
}

function compareValues(a: NonNullable<SortValue>, b: NonNullable<SortValue>): number {
  if (typeof a === 'string') return compareTexts(a, b as string)
  if (typeof a === 'object') {
    return 'scale' in a
      ? compareNumerics(a, b as ReferenceNumeric)
      : compareIntervals(a, b as ReferenceInterval)
  }
  const [x, y] = [rankOf(a), rankOf(b as bigint | number)]
  return x < y ? -1 : Number(x > y)
}

/** Integers themselves; floats as integers in their order: -0 equals 0, NaN is the largest; lengths of intervals. */
export function rankOf(value: bigint | number | ReferenceInterval): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'object') return lengthOf(value)
  if (Number.isNaN(value)) return 2n ** 63n - 1n
  const bits = BigInt.asIntN(64, new BigUint64Array(Float64Array.of(Math.abs(value)).buffer)[0]!)
  return value < 0 ? -bits - 1n : bits
}

/** The reference of the prefix: keys one behind the other, the last in the low bits. */
export function prefixOf(shapes: readonly PrefixShape[], row: readonly SortValue[]): bigint {
  return shapes.reduce(
    (prefix, shape, index) => (prefix << BigInt(shape.bits)) | keyPrefix(shape, row[index]!),
    0n,
  )
}

function keyPrefix(shape: PrefixShape, value: SortValue): bigint {
  const { bits, hasNulls, nullsFirst, descending, min, max, dropped } = shape
  if (bits === 0) return 0n
  const valueBits = BigInt(bits - Number(hasNulls))
  const top = 1n << valueBits
  if (value === null) return nullsFirst ? 0n : top
  let content: bigint
  if (valueBits === 0n) {
    content = 0n
  } else if (typeof value === 'string') {
    const eight = Buffer.concat([Buffer.from(value).subarray(dropped), Buffer.alloc(8)])
    content = eight.readBigUInt64BE() >> (64n - valueBits)
    if (descending) content = top - 1n - content
  } else {
    const rank = rankOf(value as bigint | number | ReferenceInterval)
    content = (descending ? max - rank : rank - min) >> BigInt(dropped)
  }
  return hasNulls && nullsFirst ? content | top : content
}

/** The reference of `sortRadix` and `sortPacked`: stable by the low bits of the prefix. */
export function sortByPrefix(prefixes: readonly bigint[], bits: number): readonly number[] {
  const order = prefixes.map((prefix) => BigInt.asUintN(bits, prefix))
  return prefixes
    .map((_, row) => row)
    .toSorted((a, b) => (order[a]! < order[b]! ? -1 : Number(order[a]! > order[b]!)))
}

/** The reference of a text key's bounds: bytes that all texts begin with. */
export function commonBytes(texts: readonly string[]): number {
  const [first = '', ...others] = texts.map((text) => Buffer.from(text))
  const at = [...first].findIndex((byte, index) => others.some((text) => text[index] !== byte))
  return at < 0 ? first.length : at
}

/** A place of texts: which bytes they have there, and whether a text ends before it. */
export interface TextPlace {
  readonly bytes: ReadonlySet<number>
  readonly hasEnd: boolean
}

/** The first places of texts behind `skipped` bytes, at most so many. */
export function placesOf(
  texts: readonly Uint8Array[],
  skipped: number,
  most: number,
): readonly TextPlace[] {
  const rests = texts.map((text) => text.subarray(skipped))
  const longest = Math.max(0, ...rests.map(({ length }) => length))
  return Array.from({ length: Math.min(longest, most) }, (_, place) => ({
    bytes: new Set(rests.filter(({ length }) => length > place).map((rest) => rest[place]!)),
    hasEnd: rests.some(({ length }) => length <= place),
  }))
}

/** A text as a number: a digit a place, its base as many as can stand there, the end smaller than any byte. */
export function spelledNumber(
  text: Uint8Array,
  skipped: number,
  places: readonly TextPlace[],
): bigint {
  return places.reduce((number, { bytes, hasEnd }, place) => {
    const byte = text[skipped + place]
    const smaller = byte === undefined ? 0 : [...bytes].filter((other) => other < byte).length
    const digit = byte === undefined ? 0 : smaller + Number(hasEnd)
    return number * BigInt(bytes.size + Number(hasEnd)) + BigInt(digit)
  }, 0n)
}

/** The ways that prefixes are in order: bit 0 none is below the one before, bit 1 each is. */
export function ways(prefixes: readonly bigint[]): number {
  const pairs = prefixes.slice(1).map((prefix, at) => prefix < prefixes[at]!)
  return (pairs.includes(true) ? 0 : 1) | (pairs.includes(false) ? 0 : 2)
}
