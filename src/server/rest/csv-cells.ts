import type { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { Cells, CellWriter } from '../../data/vectors/cells.ts'
import { partsOf, type LongValue } from '../../data/vectors/long-values.ts'
import { textCells } from '../../data/vectors/text-cells.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const RETURN = 0x0d
const NEWLINE = 0x0a

/** Writes values as fields of CSV (RFC 4180); NULL is an empty field, an empty string is `""`. */
export function csvCells(cells: Cells): CellWriter {
  const write = textCells(cells)
  return (out, row) => {
    const start = out.at
    if (!write(out, row)) return false
    if (wantsQuotes(out, start)) quote(out, start)
    return true
  }
}

/** Writes a field that is not NULL. */
export function writeCsvField(out: ByteWriter, write: () => void): void {
  const start = out.at
  write()
  if (wantsQuotes(out, start)) quote(out, start)
}

/** Writes a long text or bytea as a field in quotes, giving back after each part. */
export function* csvParts(out: ByteWriter, value: LongValue): Iterable<void> {
  const { source, isBytea } = value
  out.ascii(isBytea ? '"\\x' : '"')
  for (const [start, end] of partsOf(value)) {
    if (isBytea) out.hex(source, start, end)
    else writeDoubled(out, source.subarray(start, end))
    yield
  }
  out.byte(QUOTE)
}

/** Writes bytes, each quote twice. */
function writeDoubled(out: ByteWriter, plain: Uint8Array): void {
  out.reserve(2 * plain.length)
  const { bytes } = out
  let { at } = out
  for (const byte of plain) {
    if (byte === QUOTE) bytes[at++] = QUOTE
    bytes[at++] = byte
  }
  out.at = at
}

function wantsQuotes({ bytes, at }: ByteWriter, start: number): boolean {
  if (at === start) return true
  for (let i = start; i < at; i++) {
    const byte = bytes[i]
    if (byte === QUOTE || byte === COMMA || byte === RETURN || byte === NEWLINE) return true
  }
  return false
}

/** Writes what stands from `start` on again, in quotes. */
function quote(out: ByteWriter, start: number): void {
  const plain = out.bytes.slice(start, out.at)
  out.at = start
  out.byte(QUOTE)
  writeDoubled(out, plain)
  out.byte(QUOTE)
}
