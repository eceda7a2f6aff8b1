import type { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import { textCells } from '../../data/vectors/text-cells.ts'
import type { Piece, ResultColumn } from '../results/result.ts'
import type { CopyForm } from './options.ts'

/** Writes the rows of a COPY TO. */
export interface RowWriter {
  /** What stands before the rows and behind them. */
  head(out: ByteWriter): void
  tail(out: ByteWriter): void
  /** What writes a row of a piece. */
  rows(piece: Piece): (out: ByteWriter, row: number) => void
}

const NEWLINE = 0x0a
const RETURN = 0x0d
const BACKSLASH = 0x5c
const DOT = 0x2e

/** Bytes that the text format writes with a letter, from 8 on. */
const letters = new Map([
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
])

/** The formats text and csv. `quoted`: columns that CSV quotes whatever they say. */
export function textWriter(
  form: CopyForm,
  columns: readonly ResultColumn[],
  quoted: ReadonlySet<number>,
): RowWriter {
  const isCsv = form.format === 'csv'
  const nullText = new TextEncoder().encode(form.nullText)
  const field = isCsv
    ? (at: number) => csvField(form, columns.length === 1, quoted.has(at))
    : () => textField(form)
  const isPlain = hasPlainNumbers(form)
  const finishers = columns.map(({ type, locale }, at) => {
    const isSimple = isPlain && locale === undefined && plainTypes.has(type.kind)
    return isSimple && !quoted.has(at) ? asItIs : field(at)
  })
  const delimiter = form.delimiter.charCodeAt(0)
  return {
    head(out) {
      if (form.header === 'none') return
      columns.forEach(({ name }, at) => {
        if (at > 0) out.byte(delimiter)
        const start = out.at
        out.text(name)
        if (isCsv) csvField(form, columns.length === 1, false)(out, start)
        else field(at)(out, start)
      })
      out.byte(NEWLINE)
    },
    tail() {},
    rows(piece) {
      const writers = piece.columns.map((cells, at) => textCells(cells, columns[at]?.locale))
      return (out, row) => {
        for (let at = 0; at < writers.length; at++) {
          if (at > 0) out.byte(delimiter)
          const start = out.at
          if (writers[at]!(out, row)) finishers[at]!(out, start)
          else out.copy(nullText, 0, nullText.length)
        }
        out.byte(NEWLINE)
      }
    },
  }
}

/** Types whose values are digits, letters and a few signs. */
const plainTypes: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'decimal',
  'numeric',
  'date',
  'timestamp',
  'timestamptz',
  'uuid',
])

/** Whether nothing in values of those types is ever written otherwise than it is. */
function hasPlainNumbers({ delimiter, quote, nullText, format }: CopyForm): boolean {
  const isOdd = (text: string): boolean => /[\w .:+-]/.test(text)
  const isNull = nullText !== '' && format === 'csv'
  return !isOdd(delimiter) && !isOdd(quote) && !isNull
}

const asItIs: FieldFinisher = () => undefined

/** Rewrites what was written from `start` on as a field has it. */
type FieldFinisher = (out: ByteWriter, start: number) => void

function textField({ delimiter }: CopyForm): FieldFinisher {
  const separator = delimiter.charCodeAt(0)
  const isOdd = (byte: number): boolean =>
    byte === BACKSLASH || byte === separator || (byte >= 8 && byte <= 13)
  return (out, start) => {
    const { bytes, at } = out
    let odd = start
    while (odd < at && !isOdd(bytes[odd]!)) odd++
    if (odd === at) return
    const rest = bytes.slice(odd, at)
    out.at = odd
    for (const byte of rest) {
      if (!isOdd(byte)) {
        out.byte(byte)
        continue
      }
      out.byte(BACKSLASH)
      const letter = letters.get(byte)
      out.byte(letter === undefined ? byte : letter.charCodeAt(0))
    }
  }
}

function csvField(form: CopyForm, isOnly: boolean, isForced: boolean): FieldFinisher {
  const [separator, quote, escape] = [form.delimiter, form.quote, form.escape].map((one) =>
    one.charCodeAt(0),
  ) as [number, number, number]
  const nullText = new TextEncoder().encode(form.nullText)
  const wantsQuotes = ({ bytes, at }: ByteWriter, start: number): boolean => {
    if (at - start === nullText.length && nullText.every((byte, i) => bytes[start + i] === byte)) {
      return true
    }
    if (isOnly && at - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === DOT) {
      return true
    }
    for (let i = start; i < at; i++) {
      const byte = bytes[i]
      if (byte === separator || byte === quote || byte === NEWLINE || byte === RETURN) return true
    }
    return false
  }
  return (out, start) => {
    if (!isForced && !wantsQuotes(out, start)) return
    const plain = out.bytes.slice(start, out.at)
    out.at = start
    out.byte(quote)
    for (const byte of plain) {
      if (byte === quote || byte === escape) out.byte(escape)
      out.byte(byte)
    }
    out.byte(quote)
  }
}
