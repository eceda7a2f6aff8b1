import type { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { Cells, CellWriter } from '../../data/vectors/cells.ts'
import { partsOf, type LongValue } from '../../data/vectors/long-values.ts'
import { textCells } from '../../data/vectors/text-cells.ts'
import type { ResultColumn } from '../../engine/results/result.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const SPACE = 0x20
const TRUE = 0x74

/** Integers of fewer digits are exact in every JSON reader. */
const SAFE_DIGITS = 15

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [QUOTE, '\\"'],
  [BACKSLASH, '\\\\'],
])

/**
 * Writes values as JSON. Numbers that a JSON reader takes exactly stay numbers; the rest is text,
 * which loses nothing.
 */
export function jsonCells(cells: Cells, { type }: ResultColumn): CellWriter {
  const write = textCells(cells)
  return orNull(write, finishers[type.kind] ?? quote)
}

type Finisher = (out: ByteWriter, start: number) => void

const isNumber: Finisher = () => {}

const orQuoted: Finisher = (out, start) => {
  const first = out.bytes[out.bytes[start] === MINUS ? start + 1 : start] ?? 0
  // NaN and the infinities are no numbers of JSON.
  if (first < ZERO || first > ZERO + 9) quote(out, start)
}

/** Types that are more than text in JSON: what becomes of their text. */
const finishers: Readonly<Partial<Record<TypeKind, Finisher>>> = {
  bool(out, start) {
    const isTrue = out.bytes[start] === TRUE
    out.at = start
    out.ascii(isTrue ? 'true' : 'false')
  },
  int2: isNumber,
  int4: isNumber,
  int8(out, start) {
    if (out.at - start > SAFE_DIGITS && !isSafe(out, start)) quote(out, start)
  },
  float4: orQuoted,
  float8: orQuoted,
}

function orNull(write: CellWriter, finish: Finisher): CellWriter {
  return (out, row) => {
    const start = out.at
    if (write(out, row)) finish(out, start)
    else out.ascii('null')
    return true
  }
}

function isSafe({ bytes, at }: ByteWriter, start: number): boolean {
  return Number.isSafeInteger(Number(String.fromCharCode(...bytes.subarray(start, at))))
}

/** Makes a JSON string of what stands from `start` on. */
function quote(out: ByteWriter, start: number): void {
  const length = out.at - start
  out.reserve(2)
  const { bytes } = out
  bytes.copyWithin(start + 1, start, out.at)
  bytes[start] = QUOTE
  bytes[out.at + 1] = QUOTE
  out.at += 2
  for (let i = start + 1; i <= start + length; i++) {
    const byte = bytes[i]!
    if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) {
      return escape(out, i)
    }
  }
}

/** Writes what stands from `start` up to the closing quote again, escaped. */
function escape(out: ByteWriter, start: number): void {
  const plain = out.bytes.slice(start, out.at - 1)
  out.at = start
  writeEscaped(out, plain)
  out.byte(QUOTE)
}

function writeEscaped(out: ByteWriter, plain: Uint8Array): void {
  for (const byte of plain) {
    if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
      out.byte(byte)
      continue
    }
    out.ascii(shortEscapes.get(byte) ?? `\\u${byte.toString(16).padStart(4, '0')}`)
  }
}

/** Writes a long text or bytea as a JSON string, giving back after each part. */
export function* jsonParts(out: ByteWriter, value: LongValue): Iterable<void> {
  const { source, isBytea } = value
  out.ascii(isBytea ? '"\\\\x' : '"')
  for (const [start, end] of partsOf(value)) {
    if (isBytea) out.hex(source, start, end)
    else writeEscaped(out, source.subarray(start, end))
    yield
  }
  out.byte(QUOTE)
}
