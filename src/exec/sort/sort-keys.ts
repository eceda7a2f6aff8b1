import { present } from '../../base/assert.ts'
import type { SortShape } from '../../compile/model/pipeline.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { ValueForm } from '../../data/types/catalogue/entry.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { Page } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import {
  askForLetters,
  lettersOf,
  NOTED_BYTES,
  spelledPlaces,
  writeLetters,
  type TextLetters,
} from './text-letters.ts'
import { newTextTable, rankTexts, type TextRanks } from './text-ranks.ts'

// The description of a sort key that the kernels read, see assembly/sort.ts.
const KEY_BYTES = 40
const BOUNDS_BYTES = 32
// Of texts, where bounds have the table that they are noted in, and the bytes of the longest.
const [TABLE_AT, LONGEST_AT] = [24, 28]
const PREFIX_BITS = 64
const flags = { descending: 1, nullsFirst: 2, hasNulls: 4 } as const
const kinds = {
  i32: 0,
  i64: 1,
  f32: 2,
  f64: 3,
  /** Intervals whose length in microseconds fits 64 bits. */
  span: 4,
  i128: 5,
  numeric: 6,
  interval: 7,
  text: 8,
  keyed: 9,
  ranked: 10,
  spelled: 11,
} as const
type Kind = keyof typeof kinds

/** What kinds become whose values turn out to fit 64 bits. */
const narrowKinds: Readonly<Partial<Record<Kind, Kind>>> = {
  i128: 'i64',
  numeric: 'i64',
  interval: 'span',
}

/** What the values of a sort key are, as the normalization wants it. */
export interface SortKeyBounds {
  readonly min: bigint
  readonly max: bigint
  readonly hasNulls: boolean
  /** Values of two lanes whose order is that of 64 bits: the low one, or an interval's length. */
  readonly fitsLow: boolean
  /** Bytes that all texts begin with. */
  readonly common: number
  /** Of texts: the bytes of the longest. */
  readonly longest?: number
  /** Of texts of which there are few different ones. */
  readonly ranks?: TextRanks | undefined
  /** Of other texts. */
  readonly letters?: TextLetters
}

/** How the keys of a sort lie in the prefix. */
export interface PackedKeys {
  /** Bits of the prefix by key. */
  readonly keyBits: readonly number[]
  readonly bits: number
  /** Rows of equal prefixes are equal. */
  readonly exact: boolean
}

export function sortKeysBytes(sort: SortShape): number {
  return Math.max(1, sort.keys.length) * KEY_BYTES
}

export function sortBoundsBytes(sort: SortShape): number {
  return Math.max(1, sort.keys.length) * BOUNDS_BYTES
}

/** Writes what finding the keys' bounds takes, and comparing rows: kinds, places and order. */
export function writeSortKeys(heap: Heap, sort: SortShape, keys: Address): void {
  const { view } = heap
  sort.keys.forEach((key, index) => {
    const field = present(sort.layout.fields[key.field], 'field of a sort key')
    const at = keys + index * KEY_BYTES
    view.setUint32(at, kinds[kindOf(field)], true)
    view.setUint32(at + 4, present(field.lanes[0], 'lane of a sort key').offset, true)
    view.setInt32(at + 8, field.validOffset ?? -1, true)
    view.setUint32(at + 12, orderFlags(key), true)
  })
}

/** Bounds that the planner proved; undefined where the rows must be looked at. */
export function knownSortBounds(sort: SortShape): readonly SortKeyBounds[] | undefined {
  const known = sort.keys.map((key): SortKeyBounds | undefined => {
    const field = present(sort.layout.fields[key.field], 'field of a sort key')
    const hasNulls = field.validOffset !== undefined
    const kind = kindOf(field)
    const { bounds } = field
    if (bounds === undefined || (kind !== 'i32' && kind !== 'i64')) return undefined
    return { min: bounds.min, max: bounds.max, hasNulls, fitsLow: false, common: 0 }
  })
  return known.every((bounds) => bounds !== undefined) ? known : undefined
}

/** Lets threads note the texts of keys in tables of their own; the words of their bounds must be zeros. */
export function noteTexts(arena: Arena, sort: SortShape, cells: Address, threads: number): void {
  const one = sortBoundsBytes(sort)
  sort.keys.forEach((key, index) => {
    if (kindOf(present(sort.layout.fields[key.field], 'field of a sort key')) !== 'text') return
    for (let thread = 0; thread < threads; thread++) {
      const at = cells + thread * one + index * BOUNDS_BYTES
      arena.heap.view.setUint32(at + TABLE_AT, newTextTable(arena), true)
    }
  })
}

/** The same bounds, with ranks of those texts that were noted. */
export function withRanks(
  arena: Arena,
  bounds: readonly SortKeyBounds[],
  sort: SortShape,
  cells: Address,
  threads: number,
): readonly SortKeyBounds[] {
  const one = sortBoundsBytes(sort)
  return bounds.map((known, index) => {
    if (known.longest === undefined) return known
    const at = cells + index * BOUNDS_BYTES + TABLE_AT
    const tables = Array.from({ length: threads }, (_, thread) => {
      return arena.heap.view.getUint32(at + thread * one, true) as Address
    })
    return { ...known, ranks: rankTexts(arena, tables) }
  })
}

/** Tables of texts cost more than they save for fewer rows. */
export const RANKED_ROWS_MIN = 4_096

/** The bounds of all keys, found by this thread alone; ranks of texts are in `scratch`. */
export function* boundsOfRows(
  env: ThreadEnvironment,
  scratch: Arena,
  sort: SortShape,
  keys: Address,
  pages: readonly Page[],
): Steps<readonly SortKeyBounds[]> {
  const cells = scratch.allocateZeroed(sortBoundsBytes(sort))
  const isNoted = pages.reduce((total, { rows }) => total + rows, 0) >= RANKED_ROWS_MIN
  if (isNoted) noteTexts(scratch, sort, cells, 1)
  yield* sortBoundsSteps(env, keys, sort.keys.length, sort.layout.rowBytes, pages, cells)
  const bounds = readSortBounds(env.heap, sort, cells, 1)
  if (!isNoted) return bounds
  const ranked = withRanks(scratch, bounds, sort, cells, 1)
  const noted = prepareLetters(scratch, sort, keys, ranked, 1)
  if (noted === undefined) return ranked
  yield* sortLettersSteps(env, keys, sort.keys.length, sort.layout.rowBytes, pages, noted)
  return withLetters(scratch, sort, ranked, noted, 1)
}

/** Where threads note the letters of texts without ranks, as {@link withLetters} takes them; undefined: there are none. */
export function prepareLetters(
  arena: Arena,
  sort: SortShape,
  keys: Address,
  bounds: readonly SortKeyBounds[],
  threads: number,
): Address | undefined {
  const { heap } = arena
  const isNoted = spelledKeys(sort, bounds)
  if (!isNoted.includes(true)) return undefined
  const one = sortLettersBytes(bounds.length)
  const cells = arena.allocateZeroed(threads * one)
  bounds.forEach((known, index) => {
    if (!isNoted[index]) return
    heap.view.setUint32(keys + index * KEY_BYTES + 36, known.common, true)
    for (let thread = 0; thread < threads; thread++) {
      askForLetters(heap, cells + thread * one + index * NOTED_BYTES)
    }
  })
  return cells
}

export function sortLettersBytes(keyCount: number): number {
  return keyCount * NOTED_BYTES
}

/** Notes the letters of texts in some pages. */
export function* sortLettersSteps(
  env: ThreadEnvironment,
  keys: Address,
  keyCount: number,
  rowBytes: number,
  pages: readonly Page[],
  cells: number,
): Steps<void> {
  const places = Array.from({ length: keyCount }, (_, index): KeyPlace => {
    return [keys + index * KEY_BYTES, cells + index * NOTED_BYTES]
  })
  yield* noteKeys(env, 'sortLetters', places, rowBytes, pages)
}

/** Where a key's description is, and where what is found of it goes. */
type KeyPlace = readonly [key: number, cells: number]

/** Notes what a kernel finds of keys in all rows of some pages. */
function* noteKeys(
  { kernels }: ThreadEnvironment,
  kernel: 'sortBounds' | 'sortLetters',
  places: readonly KeyPlace[],
  rowBytes: number,
  pages: readonly Page[],
): Steps<void> {
  for (const [key, at] of places) {
    for (const { address, rows } of pages) {
      kernels.call(kernel, key, address, rows, rowBytes, at)
      yield
    }
  }
}

/** The same bounds, with the letters of those texts that were noted. */
export function withLetters(
  arena: Arena,
  sort: SortShape,
  bounds: readonly SortKeyBounds[],
  cells: Address,
  threads: number,
): readonly SortKeyBounds[] {
  const one = sortLettersBytes(bounds.length)
  const isNoted = spelledKeys(sort, bounds)
  return bounds.map((known, index) => {
    if (!isNoted[index]) return known
    const noted = Array.from({ length: threads }, (_, thread) => {
      return cells + thread * one + index * NOTED_BYTES
    })
    return { ...known, letters: lettersOf(arena, noted, (known.longest ?? 0) - known.common) }
  })
}

/** Behind so many keys the prefix has no room for one more in all likelihood. */
const SPELLED_KEYS_MAX = 8

/** The texts among keys that are to be numbers by their letters. Bytes are not: of them an end is no zero. */
function spelledKeys(sort: SortShape, bounds: readonly SortKeyBounds[]): readonly boolean[] {
  return sort.keys.map(({ field }, index) => {
    const { type } = present(sort.layout.fields[field], 'field of a sort key')
    const isUnranked = bounds[index]?.ranks === undefined
    return index < SPELLED_KEYS_MAX && isUnranked && valueForm(type) === 'text'
  })
}

/**
 * Makes bounds empty: where each key's description is, and where its bounds are. Whether texts are noted
 * stays as it is, see {@link noteTexts}.
 */
export function emptySortBounds(
  { view }: Heap,
  keys: Address,
  keyCount: number,
  cells: number,
): readonly KeyPlace[] {
  return Array.from({ length: keyCount }, (_, index) => {
    const [key, at] = [keys + index * KEY_BYTES, cells + index * BOUNDS_BYTES]
    view.setBigInt64(at, 2n ** 63n - 1n, true)
    view.setBigInt64(at + 8, -(2n ** 63n), true)
    view.setBigInt64(at + 16, 0n, true)
    if (view.getUint32(key, true) < kinds.text) view.setUint32(at + TABLE_AT, 0, true)
    view.setUint32(at + LONGEST_AT, 0, true)
    return [key, at]
  })
}

/** Finds the bounds of all keys over some pages, in words at `cells` that {@link readSortBounds} takes. */
export function* sortBoundsSteps(
  env: ThreadEnvironment,
  keys: Address,
  keyCount: number,
  rowBytes: number,
  pages: readonly Page[],
  cells: number,
): Steps<void> {
  const places = emptySortBounds(env.heap, keys, keyCount, cells)
  yield* noteKeys(env, 'sortBounds', places, rowBytes, pages)
}

/** The bounds that several threads found, by key. Cells of texts are zeros before, or have tables. */
export function readSortBounds(
  heap: Heap,
  sort: SortShape,
  cells: Address,
  threads: number,
): readonly SortKeyBounds[] {
  const { view } = heap
  const one = sortBoundsBytes(sort)
  return sort.keys.map((key, index) => {
    const field = present(sort.layout.fields[key.field], 'field of a sort key')
    if (isText(kindOf(field))) {
      return textBounds(
        heap,
        Array.from({ length: threads }, (_, thread) => cells + thread * one + index * BOUNDS_BYTES),
      )
    }
    let [min, max] = [2n ** 63n - 1n, -(2n ** 63n)]
    let [hasNulls, fitsLow, scale] = [false, true, 0]
    for (let thread = 0; thread < threads; thread++) {
      const at = cells + thread * one + index * BOUNDS_BYTES
      const [low, high] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)]
      hasNulls ||= view.getUint32(at + 16, true) !== 0
      if (view.getUint32(at + 20, true) === 0) continue
      if (low < min) min = low
      if (high > max) max = high
      const found = view.getUint32(at + 28, true)
      fitsLow &&= view.getUint32(at + 24, true) === 0 && (scale === 0 || found === scale)
      scale = found
    }
    const base = { hasNulls, fitsLow, common: 0 }
    return min > max ? { ...base, min: 0n, max: 0n } : { ...base, min, max }
  })
}

/** With what the texts begin that threads found, each its own. */
function textBounds(heap: Heap, cells: readonly number[]): SortKeyBounds {
  const { view, u8 } = heap
  let hasNulls = false
  let start: Uint8Array | undefined
  let longest = 0
  for (const at of cells) {
    hasNulls ||= view.getUint32(at + 16, true) !== 0
    if (view.getUint32(at + 20, true) === 0) continue
    longest = Math.max(longest, view.getUint32(at + LONGEST_AT, true))
    const text = view.getUint32(at, true)
    const found = u8.subarray(text, text + view.getUint32(at + 8, true))
    const known: Uint8Array = start ?? found
    let common = 0
    while (common < known.length && common < found.length && known[common] === found[common]) {
      common++
    }
    start = found.subarray(0, common)
  }
  return { min: 0n, max: 0n, hasNulls, fitsLow: false, common: start?.length ?? 0, longest }
}

/** Completes the keys' description: where each lies in the prefix of 64 bits, as far as they fit. */
export function packSortKeys(
  heap: Heap,
  sort: SortShape,
  keys: Address,
  bounds: readonly SortKeyBounds[],
): PackedKeys {
  const { view } = heap
  let used = 0
  let exact = true
  const keyBits = sort.keys.map((key, index) => {
    const field = present(sort.layout.fields[key.field], 'field of a sort key')
    const range = rangeOf(field, present(bounds[index], 'bounds of a sort key'))
    const { kind, hasNulls, letters } = range
    const at = keys + index * KEY_BYTES
    // Behind a key that is not whole in the prefix, later keys must not decide.
    const room = exact ? PREFIX_BITS - used : 0
    const fitted = letters === undefined ? fitKey(range, room) : fitLetters(letters, hasNulls, room)
    if (letters !== undefined) writeLetters(heap, letters, fitted.places ?? 0)
    view.setUint32(at, kinds[kind], true)
    // Without NULLs nothing needs to look for them.
    if (!hasNulls) view.setInt32(at + 8, -1, true)
    view.setUint32(at + 12, orderFlags(key) | (hasNulls ? flags.hasNulls : 0), true)
    view.setBigInt64(at + 16, range.min, true)
    view.setBigInt64(at + 24, fitted.last ?? range.max, true)
    view.setUint32(at + 32, fitted.bits, true)
    view.setUint32(
      at + 36,
      isText(kind) || letters !== undefined ? range.common : fitted.dropped,
      true,
    )
    used += fitted.bits
    exact &&= fitted.exact
    return fitted.bits
  })
  return { keyBits, bits: used, exact }
}

/** What a key's values are to the prefix. */
interface KeyRange {
  readonly kind: Kind
  /** Of texts with ranks or letters: where their table is. */
  readonly min: bigint
  readonly max: bigint
  readonly hasNulls: boolean
  /** Bits that tell all values apart; undefined: no number of them does. */
  readonly bits: number | undefined
  /** Bytes that all texts begin with. */
  readonly common: number
  readonly letters?: TextLetters
}

function rangeOf(field: RowField, bounds: SortKeyBounds): KeyRange {
  const { min, max, hasNulls, fitsLow, common, longest = 0, ranks, letters } = bounds
  const kind = kindOf(field)
  if (ranks !== undefined) {
    const { table, last } = ranks
    const own = { kind: 'ranked', min: BigInt(table), max: BigInt(last) } as const
    return { ...own, hasNulls, bits: bitsOf(own.max), common: 0 }
  }
  if (letters !== undefined) {
    const own = { kind: 'spelled', min: BigInt(letters.table), max: 0n } as const
    return { ...own, hasNulls, bits: undefined, common, letters }
  }
  const base = { min, max, hasNulls, common }
  // No text has a zero, so that zeros behind its end are in order; bytes may have some.
  if (valueForm(field.type) === 'text') return { ...base, kind, bits: 8 * (longest - common) }
  if (isText(kind)) return { ...base, kind, bits: undefined }
  const own = (fitsLow ? narrowKinds[kind] : undefined) ?? kind
  return { ...base, kind: own, bits: kinds[own] <= kinds.span ? bitsOf(max - min) : undefined }
}

function bitsOf(range: bigint): number {
  return range <= 0n ? 0 : range.toString(2).length
}

function orderFlags({ descending, nullsFirst }: SortShape['keys'][number]): number {
  return (descending ? flags.descending : 0) | (nullsFirst ? flags.nullsFirst : 0)
}

/** How a key lies in the prefix. */
interface FittedKey {
  readonly bits: number
  /** How many low bits of its value are left out. */
  readonly dropped: number
  readonly exact: boolean
  /** Of texts that are numbers by their letters: how many places, and the largest number. */
  readonly places?: number
  readonly last?: bigint
}

function fitKey({ kind, hasNulls, bits }: KeyRange, room: number): FittedKey {
  const nullBits = hasNulls ? 1 : 0
  if (room <= nullBits) return { bits: 0, dropped: 0, exact: false }
  if (bits === undefined && !isText(kind)) return { bits: nullBits, dropped: 0, exact: false }
  const valueBits = Math.min(bits ?? room, room - nullBits)
  const dropped = (bits ?? PREFIX_BITS) - valueBits
  const exact = bits !== undefined && valueBits === bits
  return { bits: valueBits + nullBits, dropped, exact }
}

function fitLetters(letters: TextLetters, hasNulls: boolean, room: number): FittedKey {
  const nullBits = hasNulls ? 1 : 0
  if (room <= nullBits) return { bits: 0, dropped: 0, exact: false }
  const { count, last, exact } = spelledPlaces(letters, room - nullBits)
  return { bits: bitsOf(last) + nullBits, dropped: 0, exact, places: count, last }
}

/** Whether a key's values are bytes of any length. */
function isText(kind: Kind): boolean {
  return kind === 'text' || kind === 'keyed'
}

const kindsOfForms: Readonly<Record<ValueForm, Kind>> = {
  bit: 'i32',
  i32: 'i32',
  i64: 'i64',
  i128: 'i128',
  f32: 'f32',
  f64: 'f64',
  numeric: 'numeric',
  interval: 'interval',
  text: 'text',
  bytes: 'text',
  keyed: 'keyed',
}

function kindOf(field: RowField): Kind {
  return kindsOfForms[valueForm(field.type)]
}
