import { assert } from '../../../base/assert.ts'
import { compareBytes } from '../compare-values.ts'
import type { DataType, RecordType } from '../data-type.ts'
import { plainLocale, type Locale } from '../datetime/locale.ts'
import { readRecordText, writeRecordText } from '../record-text.ts'
import type { Scalar } from '../scalar.ts'
import { SortKeyWriter } from '../sort-key.ts'
import type { ElementAccess } from './array.ts'
import type { TypeEntry } from './entry.ts'

/** Stand before the key of a field; NULLs are above all. */
const FIELD = 1
const NULL_FIELD = 2

/**
 * Rows of every type. A value is PostgreSQL's text of it, in the one form that record_out gives. Order is that of the
 * fields, NULLs above all.
 */
export function recordEntry(fields: ElementAccess): TypeEntry {
  const keyOf = (value: NonNullable<Scalar>, type: DataType): Uint8Array => {
    const out = new SortKeyWriter()
    writeKey(out, value, type)
    return out.finish()
  }
  const writeKey = (out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void => {
    const record = recordOf(type)
    const texts = readRecordText(String(value), record.fields.length)
    record.fields.forEach((field, index) => {
      const text = texts[index] ?? null
      out.byte(text === null ? NULL_FIELD : FIELD)
      if (text === null) return
      fields.writeKey(
        out,
        fields.entryOf(field.type).parse(text, field.type, plainLocale),
        field.type,
      )
    })
  }
  const rewritten = (source: string, type: DataType, from: Locale, to: Locale): string => {
    const record = recordOf(type)
    const texts = readRecordText(source, record.fields.length)
    return writeRecordText(
      record.fields.map((field, index) => {
        const text = texts[index] ?? null
        if (text === null) return null
        const { parse, format } = fields.entryOf(field.type)
        return format(parse(text, field.type, from), field.type, to)
      }),
    )
  }
  return {
    sqlNames: [],
    oid: 2249,
    arrayOid: 2287,
    wireBytes: -1,
    category: 'composite',
    form: 'keyed',
    layout: 'utf8',
    parse: (source, type, locale) => rewritten(source, type, locale, plainLocale),
    format: (value, type, locale) =>
      locale === plainLocale ? String(value) : rewritten(String(value), type, plainLocale, locale),
    compare: (left, right, leftType, rightType) =>
      compareBytes(keyOf(left, leftType), keyOf(right, rightType)),
    writeKey,
  }
}

export function recordOf(type: DataType | undefined): RecordType {
  assert(type?.kind === 'record', 'row of another type')
  return type
}
