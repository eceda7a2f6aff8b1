import { QueryError } from '../../base/errors.ts'
import { compareBytes } from './compare-values.ts'
import { JSON_PARTS_MAX, nameOf, readJson, stringOf, type JsonNode } from './json-tree.ts'
import {
  NUMERIC_SCALE_MAX,
  NUMERIC_WHOLE_DIGITS_MAX,
  numericOverflow,
} from './numeric-arithmetic.ts'
import type { SortKeyWriter } from './sort-key.ts'

/** A jsonb value: objects have each name once, in PostgreSQL's order: shorter ones first, then by bytes. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject

/** A number, as numeric writes it: digits and a point, no exponent. They may be many: never a bigint. */
export interface JsonNumber {
  readonly digits: string
}

/** The members of an object by name. */
export interface JsonObject {
  readonly members: ReadonlyMap<string, JsonValue>
}

/** A text as a value. Throws what {@link readJson} does, and for strings and numbers that there are not. */
export function jsonValueOf(source: string): JsonValue {
  return valueOf(source, readJson(source, JSON_PARTS_MAX, 'read'))
}

export function valueOf(source: string, node: JsonNode): JsonValue {
  switch (node.kind) {
    case 'null':
      return null
    case 'true':
    case 'false':
      return node.kind === 'true'
    case 'number':
      return { digits: plainDigits(source.slice(node.start, node.end)) }
    case 'string':
      return stringOf(source, node)
    case 'array':
      return node.items.map((item) => valueOf(source, item))
    case 'object':
      return objectOf(
        node.members.map((member) => [nameOf(source, member), valueOf(source, member.value)]),
      )
  }
}

/** A number of JSON without its exponent. Throws NUMERIC_OUT_OF_RANGE for what is no numeric. */
function plainDigits(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const scale = fraction.length - Number(exponent)
  if (scale > NUMERIC_SCALE_MAX) throw numericOverflow()
  const digits = whole + fraction
  const first = digits.search(/[1-9]/)
  const shown = Math.max(0, scale)
  if (first < 0) return shown === 0 ? '0' : `0.${'0'.repeat(shown)}`
  const significant = digits.slice(first)
  if (significant.length - scale > NUMERIC_WHOLE_DIGITS_MAX) throw numericOverflow()
  const all = `${significant}${'0'.repeat(Math.max(0, -scale))}`.padStart(shown + 1, '0')
  const point = all.length - shown
  return shown === 0 ? sign + all : `${sign}${all.slice(0, point)}.${all.slice(point)}`
}

/** An object of members, of which the last of a name stays. */
export function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  const last = new Map(members)
  const names = [...last.keys()].map((name) => ({ name, bytes: encoder.encode(name) }))
  names.sort((a, b) => a.bytes.length - b.bytes.length || compareBytes(a.bytes, b.bytes))
  return { members: new Map(names.map(({ name }) => [name, last.get(name) ?? null])) }
}

const encoder = new TextEncoder()

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && 'members' in value
}

export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

export function isJsonNumber(value: JsonValue): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'digits' in value
}

/** What jsonb_typeof says. */
export function jsonKind(
  value: JsonValue,
): 'null' | 'boolean' | 'string' | 'number' | 'array' | 'object' {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (isJsonNumber(value)) return 'number'
  return isJsonArray(value) ? 'array' : 'object'
}

/** Characters that a jsonb may have as text, as the text of a value may. */
export const JSON_CHARACTERS_MAX = 128 * 1024 * 1024

/** PostgreSQL's text of a jsonb value. Throws PROGRAM_LIMIT_EXCEEDED beyond {@link JSON_CHARACTERS_MAX}. */
export function jsonbText(value: JsonValue): string {
  const parts: string[] = []
  let length = 0
  const add = (part: string): void => {
    length += part.length
    if (length > JSON_CHARACTERS_MAX) {
      throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
    }
    parts.push(part)
  }
  const write = (item: JsonValue): void => {
    if (item === null || typeof item === 'boolean') add(String(item))
    else if (typeof item === 'string') add(quotedJson(item))
    else if (isJsonNumber(item)) add(item.digits)
    else if (isJsonArray(item)) {
      add('[')
      item.forEach((member, at) => {
        if (at > 0) add(', ')
        write(member)
      })
      add(']')
    } else if (isJsonObject(item)) {
      add('{')
      let isFirst = true
      for (const [name, member] of item.members) {
        add(`${isFirst ? '' : ', '}${quotedJson(name)}: `)
        isFirst = false
        write(member)
      }
      add('}')
    }
  }
  write(value)
  return parts.join('')
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A string of JSON that says a text. */
export function quotedJson(text: string): string {
  // eslint-disable-next-line no-control-regex
  const escaped = text.replaceAll(/["\\\u0000-\u001f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return shortEscapes[character] ?? `\\u${code}`
  })
  return `"${escaped}"`
}

const tags = { null: 1, string: 2, number: 3, boolean: 4, array: 5, object: 6 } as const

/**
 * jsonb's order: NULL, strings, numbers, truth values, arrays, objects; longer arrays and objects above
 * shorter ones. An empty array that is all of a value is below everything.
 */
export function writeJsonKey(out: SortKeyWriter, value: JsonValue): void {
  if (isJsonArray(value) && value.length === 0) return out.byte(0)
  writeItemKey(out, value)
}

function writeItemKey(out: SortKeyWriter, value: JsonValue): void {
  out.byte(tags[jsonKind(value)])
  if (value === null) return
  if (typeof value === 'boolean') return out.byte(value ? 1 : 0)
  if (typeof value === 'string') return out.text(value)
  if (isJsonNumber(value)) return out.exactDigits(value.digits)
  if (isJsonArray(value)) {
    out.unsigned(value.length, 4)
    for (const item of value) writeItemKey(out, item)
    return
  }
  if (!isJsonObject(value)) return
  out.unsigned(value.members.size, 4)
  for (const [name, item] of value.members) {
    out.text(name)
    writeItemKey(out, item)
  }
}
