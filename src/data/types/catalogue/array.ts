import { assert } from '../../../base/assert.ts'
import { writeArrayKey } from '../array-key.ts'
import { readArrayText, writeArrayText } from '../array-text.ts'
import { compareBytes } from '../compare-values.ts'
import type { ArrayType, DataType, TypeKind } from '../data-type.ts'
import { plainLocale, type Locale } from '../datetime/locale.ts'
import type { Scalar } from '../scalar.ts'
import { SortKeyWriter } from '../sort-key.ts'
import type { TypeEntry } from './entry.ts'

/** What the entry of arrays takes of the other entries. */
export interface ElementAccess {
  entryOf(type: DataType): TypeEntry
  writeKey(out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void
}

/**
 * Arrays of every type. A value is PostgreSQL's text of it, in the one form that array_out gives. Order
 * is that of the elements, NULLs above all, then of the dimensions.
 */
export function arrayEntry(elements: ElementAccess): TypeEntry {
  const keyOf = (value: NonNullable<Scalar>, type: DataType): Uint8Array => {
    const out = new SortKeyWriter()
    writeKey(out, value, type)
    return out.finish()
  }
  const writeKey = (out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void => {
    const { element } = arrayOf(type)
    const { parse } = elements.entryOf(element)
    writeArrayKey(out, readArrayText(String(value)), (item) =>
      elements.writeKey(out, parse(item, element, plainLocale), element),
    )
  }
  const rewritten = (source: string, type: DataType, from: Locale, to: Locale): string => {
    const { element } = arrayOf(type)
    const { parse, format } = elements.entryOf(element)
    const parts = readArrayText(source)
    const texts = parts.elements.map((item) =>
      item === null ? null : format(parse(item, element, from), element, to),
    )
    return writeArrayText({ dimensions: parts.dimensions, elements: texts })
  }
  const isPlain = (element: DataType): boolean =>
    !hasParts.has(element.kind) && elements.entryOf(element).localeOf === undefined
  return {
    sqlNames: [],
    oid: 0,
    arrayOid: 0,
    wireBytes: -1,
    category: 'array',
    form: 'keyed',
    layout: 'utf8',
    parse: (source, type, locale) =>
      rewritten(arrayOf(type).vector ? bracedText(source) : source, type, locale, plainLocale),
    format(value, type, locale) {
      if (arrayOf(type).vector) return readArrayText(String(value)).elements.join(' ')
      return locale === plainLocale || isPlain(arrayOf(type).element)
        ? String(value)
        : rewritten(String(value), type, plainLocale, locale)
    },
    compare: (left, right, leftType, rightType) =>
      compareBytes(keyOf(left, leftType), keyOf(right, rightType)),
    writeKey,
  }
}

/** `1 2` of an int2vector as an array that is counted from 0. */
export function bracedText(source: string): string {
  if (source.startsWith('{') || source.startsWith('[')) return source
  const elements = source.split(/\s+/).filter((part) => part !== '')
  return elements.length === 0 ? '{}' : `[0:${elements.length - 1}]={${elements.join()}}`
}

/** Types whose values are made of others, in which a locale may say how they are written. */
const hasParts: ReadonlySet<TypeKind> = new Set(['record', 'range', 'multirange'])

function arrayOf(type: DataType): ArrayType {
  assert(type.kind === 'array', 'array of another type')
  return type
}
