import { decodeUtf8 } from '../../base/utf8.ts'
import type { CopiedLine } from './line-reader.ts'
import type { CopyForm } from './options.ts'
import { copyFault } from './record.ts'

/** The fields of a line. `forced`: of CSV, by place. */
export type FieldSplitter = (line: CopiedLine) => readonly (string | null)[]

/** Which fields of CSV are read otherwise than they look. */
export interface ForcedFields {
  readonly notNull: ReadonlySet<number>
  readonly null: ReadonlySet<number>
}

/** What a letter behind a backslash stands for. */
const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** The text format: CopyReadAttributesText of PostgreSQL. */
export function textFields({ delimiter, nullText }: CopyForm): FieldSplitter {
  return ({ text, isPlain }) => {
    if (isPlain) {
      const fields = text.split(delimiter)
      return fields.includes(nullText)
        ? fields.map((one) => (one === nullText ? null : one))
        : fields
    }
    const fields: (string | null)[] = []
    for (let start = 0; ;) {
      let end = start
      let hasEscapes = false
      while (end < text.length && text[end] !== delimiter) {
        if (text[end] === '\\') {
          hasEscapes = true
          end++
        }
        end++
      }
      const raw = text.slice(start, Math.min(end, text.length))
      fields.push(raw === nullText ? null : hasEscapes ? unescaped(raw) : raw)
      if (end >= text.length) return fields
      start = end + 1
    }
  }
}

const escapePattern = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([^]))/gu

/** A field with what its backslashes stand for. Errors: INVALID_ENCODING where bytes make no character. */
function unescaped(raw: string): string {
  let hasBytes = false
  const text = raw.replaceAll(escapePattern, (_, octal?: string, hex?: string, other?: string) => {
    if (other !== undefined) return escapes[other] ?? other
    const byte =
      octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8) & 0xff
    hasBytes ||= byte === 0 || byte > 0x7f
    return String.fromCharCode(byte)
  })
  return hasBytes ? ofBytes(raw) : text
}

/** The same where single bytes above 127 are given, which make characters with what is beside them. */
function ofBytes(raw: string): string {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  let at = 0
  for (const match of raw.matchAll(escapePattern)) {
    const [whole, octal, hex, other] = match
    parts.push(encoder.encode(raw.slice(at, match.index)))
    at = match.index + whole.length
    if (other !== undefined) parts.push(encoder.encode(escapes[other] ?? other))
    else
      parts.push(
        Uint8Array.of(
          octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8),
        ),
      )
  }
  parts.push(encoder.encode(raw.slice(at)))
  return decodeUtf8(Buffer.concat(parts))
}

/** CSV: CopyReadAttributesCSV of PostgreSQL. */
export function csvFields(form: CopyForm, forced: ForcedFields): FieldSplitter {
  const { delimiter, nullText } = form
  const isForced = forced.notNull.size > 0 || forced.null.size > 0
  const valueOf = (text: string, isQuoted: boolean, at: number): string | null => {
    if (text !== nullText) return text
    if (isQuoted) return forced.null.has(at) ? null : text
    return forced.notNull.has(at) ? text : null
  }
  return ({ text, isPlain }) => {
    if (isPlain || !text.includes(form.quote)) {
      const fields: (string | null)[] = text.split(delimiter)
      if (!isForced && nullText === '' && !fields.includes('')) return fields
      for (let at = 0; at < fields.length; at++) fields[at] = valueOf(fields[at]!, false, at)
      return fields
    }
    return quotedFields(text, form, valueOf)
  }
}

function quotedFields(
  text: string,
  { delimiter, quote, escape }: CopyForm,
  valueOf: (text: string, isQuoted: boolean, at: number) => string | null,
): readonly (string | null)[] {
  const fields: (string | null)[] = []
  for (let at = 0; ; at++) {
    let field = ''
    let isQuoted = false
    for (;;) {
      let end = at
      while (end < text.length && text[end] !== delimiter && text[end] !== quote) end++
      field += text.slice(at, end)
      at = end
      if (text[at] !== quote || at >= text.length) break
      isQuoted = true
      at++
      for (;;) {
        let from = at
        while (at < text.length && text[at] !== quote && text[at] !== escape) at++
        field += text.slice(from, at)
        if (at >= text.length) throw copyFault('unterminated CSV quoted field', {})
        const next = text[at + 1]
        if (text[at] === escape && (next === escape || next === quote)) {
          field += next
          at += 2
          continue
        }
        if (text[at] === quote) break
        from = at++
        field += text.slice(from, at)
      }
      at++
    }
    fields.push(valueOf(field, isQuoted, fields.length))
    if (at >= text.length) return fields
  }
}
