import type { MemoryViews } from '../arenas/memory-views.ts'
import { bareText, isBare } from '../types/bare-list.ts'
import { valueForm } from '../types/catalogue.ts'
import { keyedText } from '../types/sort-key.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Cells } from './cells.ts'
import { hasBytes } from './text-values.ts'
import { codeAt, isValid } from './to-scalars.ts'
import type { Vector } from './vector.ts'

/** From so many bytes on a value is written in parts, others going on in between. */
export const LONG_BYTES_MIN = 262_144
const PART_BYTES = 65_536

/** A text or bytea where it lies. */
export interface LongValue {
  readonly source: Uint8Array
  readonly start: number
  readonly end: number
  readonly isBytea: boolean
}

/** The long value of a row, undefined where it is short or NULL. */
export type LongValues = (row: number) => LongValue | undefined

/** Finds the long values of a column; undefined when it has none. */
export function longValues(cells: Cells): LongValues | undefined {
  if (cells.kind === 'scalars') return undefined
  const { heap, vector } = cells
  if (!hasBytes(vector.type)) return undefined
  const form = valueForm(vector.type)
  const { dictionary } = vector
  const texts = dictionary ?? vector
  if (!hasLong(heap, texts)) return undefined
  const { u8: source, u32 } = heap
  const first = texts.offsets >>> 2
  return (row) => {
    const at = first + (dictionary === undefined ? row : codeAt(heap, vector, row))
    const [start, end] = [texts.values + u32[at]!, texts.values + u32[at + 1]!]
    if (end - start < LONG_BYTES_MIN || !isValid(heap, vector, row)) return undefined
    if (form !== 'keyed') return { source, start, end, isBytea: form === 'bytes' }
    const bytes = source.subarray(start, end)
    const { type } = vector
    if (type.kind === 'array' && isBare(bytes)) return shownLong(bareText(bytes, type))
    const text = keyedText(bytes)
    const shown = text.byteOffset - source.byteOffset
    return { source, start: shown, end: shown + text.length, isBytea: false }
  }
}

/** A text that lies nowhere yet. */
function shownLong(text: string): LongValue {
  const source = encoder.encode(text)
  return { source, start: 0, end: source.length, isBytea: false }
}

const encoder = new TextEncoder()

function hasLong({ u32 }: MemoryViews, { offsets, length }: Vector): boolean {
  const first = offsets >>> 2
  if (u32[first + length]! - u32[first]! < LONG_BYTES_MIN) return false
  for (let row = 0; row < length; row++) {
    if (u32[first + row + 1]! - u32[first + row]! >= LONG_BYTES_MIN) return true
  }
  return false
}

/** The bytes that {@link textParts} writes of a value. */
export function textBytesOf({ start, end, isBytea }: LongValue): number {
  return isBytea ? 2 + 2 * (end - start) : end - start
}

/** Writes a value's text form (bytea as hex), giving back after each part. */
export function* textParts(out: ByteWriter, value: LongValue): Iterable<void> {
  const { source, isBytea } = value
  if (isBytea) out.ascii('\\x')
  for (const [start, end] of partsOf(value)) {
    if (isBytea) out.hex(source, start, end)
    else out.copy(source, start, end)
    yield
  }
}

/** Where the parts of a value's bytes lie, in order. */
export function* partsOf({ start, end }: LongValue): Iterable<readonly [number, number]> {
  for (let at = start; at < end; at += PART_BYTES) yield [at, Math.min(at + PART_BYTES, end)]
}
