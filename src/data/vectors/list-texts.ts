import { QueryError } from '../../base/errors.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { bareText, isBare, TEXT_LENGTH_MAX } from '../types/bare-list.ts'
import type { ArrayType } from '../types/data-type.ts'
import { keyedText } from '../types/sort-key.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Cells, CellWriter, ValueWriter } from './cells.ts'
import { listElements, type ListElements } from './list-elements.ts'
import { bytesAt, codeAt } from './to-scalars.ts'
import type { Vector } from './vector.ts'

/** Lists that are taken apart at once, in bytes: few at first, as who asks may want a few rows only. */
const BYTES_MIN = 4_096
const BYTES_MAX = 1_048_576

/** Writes arrays as array_out does. `cellsOf`: what writes their elements. */
export function arrayWriter(
  memory: MemoryViews,
  vector: Vector,
  type: ArrayType,
  cellsOf: (cells: Cells) => CellWriter,
): ValueWriter {
  const { dictionary } = vector
  if (dictionary !== undefined) {
    // In any order: taking many apart for each would be in vain.
    return (out, row) => {
      const bytes = bytesAt(memory, dictionary, codeAt(memory, vector, row))
      if (isBare(bytes)) out.text(bareText(bytes, type))
      else copyText(out, memory, bytes)
    }
  }
  let lists: ListElements | undefined
  let writeElement: CellWriter = () => false
  let bytesMax = BYTES_MIN
  return (out, row) => {
    if (lists === undefined || row < lists.from || row >= lists.to) {
      lists = listElements(memory, vector, row, bytesMax)
      writeElement = cellsOf({ kind: 'vector', heap: lists.memory, vector: lists.elements })
      bytesMax = Math.min(2 * bytesMax, BYTES_MAX)
    }
    const first = row === lists.from ? 0 : lists.ends[row - lists.from - 1]!
    const end = lists.ends[row - lists.from]!
    if (first === end) copyText(out, memory, bytesAt(memory, vector, row))
    else writeList(out, writeElement, first, end)
  }
}

/** The text of an array that has one. */
function copyText(out: ByteWriter, { u8 }: MemoryViews, bytes: Uint8Array): void {
  const text = keyedText(bytes)
  out.copy(u8, text.byteOffset, text.byteOffset + text.length)
}

const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Elements from `first` to `end`. Throws PROGRAM_LIMIT_EXCEEDED. */
function writeList(out: ByteWriter, write: CellWriter, first: number, end: number): void {
  const start = out.at
  out.byte(OPEN)
  for (let index = first; index < end; index++) {
    if (index > first) out.byte(COMMA)
    const from = out.at
    if (!write(out, index)) out.ascii('NULL')
    else if (wantsQuotes(out, from)) quote(out, from)
    if (out.at - start > TEXT_LENGTH_MAX) {
      throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'array is too long')
    }
  }
  out.byte(CLOSE)
}

/** What cannot stand in an element without quotes: array_out's `needquote`. */
const quoted = new Uint8Array(256)
for (const character of '{}",\\ \t\n\v\f\r') quoted[character.charCodeAt(0)] = 1

function wantsQuotes({ bytes, at }: ByteWriter, from: number): boolean {
  if (at === from) return true
  for (let i = from; i < at; i++) if (quoted[bytes[i]!] === 1) return true
  return at - from === 4 && isNull(bytes, from)
}

/** `null` in letters of any case, of which the sixth bit tells. */
function isNull(bytes: Uint8Array, from: number): boolean {
  const letter = (behind: number): number => bytes[from + behind]! | 0x20
  return letter(0) === 0x6e && letter(1) === 0x75 && letter(2) === 0x6c && letter(3) === 0x6c
}

/** Writes what stands from `from` on again, in quotes. */
function quote(out: ByteWriter, from: number): void {
  const plain = out.bytes.slice(from, out.at)
  out.reserve(plain.length + 2)
  const { bytes } = out
  let at = from
  bytes[at++] = QUOTE
  for (const byte of plain) {
    if (byte === QUOTE || byte === BACKSLASH) bytes[at++] = BACKSLASH
    bytes[at++] = byte
  }
  bytes[at++] = QUOTE
  out.at = at
}
