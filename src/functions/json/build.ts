import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { readArrayText, type ArrayParts } from '../../data/types/array-text.ts'
import type { DataType, RecordType, TypeKind } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { jsonbText, jsonValueOf, quotedJson } from '../../data/types/json-value.ts'
import { readRecordText } from '../../data/types/record-text.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { checkBytes } from '../text/bounds.ts'

/** A text of JSON in the form that jsonb has. */
export function normalizedJson(text: string): string {
  const normal = jsonbText(jsonValueOf(text))
  checkBytes(normal.length)
  return normal
}

const numberKinds: ReadonlySet<TypeKind> = new Set([
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'decimal',
  'numeric',
])

/** An array as JSON, its items on lines of their own. */
export function arrayOverLines(value: Scalar, type: DataType): string {
  assert(type.kind === 'array', 'array of another type')
  return arrayJson(readArrayText(String(value)), type.element, ',\n ')
}

/** Any value as JSON, as to_json writes it. */
export function jsonOf(value: Scalar, type: DataType): string {
  if (value === null) return 'null'
  if (type.kind === 'array') return arrayJson(readArrayText(String(value)), type.element)
  if (type.kind === 'record') return recordJson(String(value), type, false)
  if (type.kind === 'json' || type.kind === 'jsonb') return String(value)
  if (typeof value === 'boolean') return String(value)
  const text = formatScalar(value, type)
  if (numberKinds.has(type.kind) && /\d$/.test(text)) return text
  return quotedJson(isoText(text, type))
}

/** Dates and times by ISO 8601, which PostgreSQL writes in JSON. */
function isoText(text: string, { kind }: DataType): string {
  if (kind !== 'timestamp' && kind !== 'timestamptz') return text
  const iso = text.replace(' ', 'T')
  return kind === 'timestamptz' ? iso.replace(/\+00(?= BC$|$)/, '+00:00') : iso
}

function arrayJson(
  { dimensions, elements }: ArrayParts<string | null>,
  element: DataType,
  between = ',',
): string {
  let next = 0
  const written = (depth: number): string => {
    const dimension = dimensions[depth]
    if (dimension === undefined) {
      const text = elements[next++] ?? null
      return text === null ? 'null' : jsonOf(parseScalar(text, element), element)
    }
    const parts = Array.from({ length: dimension.length }, () => written(depth + 1))
    return `[${parts.join(depth === 0 ? between : ',')}]`
  }
  return dimensions.length === 0 ? '[]' : written(0)
}

/** `{"a" : 1}`. Throws for a name that is none. */
export function builtObject(
  values: readonly Scalar[],
  types: readonly DataType[],
  isBinary: boolean,
): string {
  if (values.length % 2 !== 0) {
    const name = isBinary ? 'jsonb_build_object()' : 'json_build_object()'
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      'argument list must have even number of elements',
      { hint: `The arguments of ${name} must consist of alternating keys and values.` },
    )
  }
  const members: string[] = []
  for (let at = 0; at < values.length; at += 2) {
    const [name = null, value = null] = [values[at], values[at + 1]]
    const [nameType, type] = [types[at], types[at + 1]]
    assert(nameType !== undefined && type !== undefined, 'an argument without a type')
    members.push(`${builtName(name, nameType, at, isBinary)} : ${jsonOf(value, type)}`)
  }
  const text = `{${members.join(', ')}}`
  checkBytes(text.length)
  return isBinary ? normalizedJson(text) : text
}

function builtName(value: Scalar, type: DataType, at: number, isBinary: boolean): string {
  if (value === null) {
    const message = isBinary
      ? `argument ${at + 1}: key must not be null`
      : `argument ${at + 1} cannot be null`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  return memberName(value, type)
}

const notNames: ReadonlySet<TypeKind> = new Set(['array', 'record', 'json', 'jsonb'])

/** A row as an object of its fields, as row_to_json writes it: each on a line of its own where that is asked for. */
export function recordJson(text: string, { fields }: RecordType, isPretty: boolean): string {
  const texts = readRecordText(text, fields.length)
  const members = fields.map(({ name, type }, at) => {
    const field = texts[at] ?? null
    const value = field === null ? null : parseScalar(field, type)
    return `${quotedJson(name)}:${jsonOf(value, type)}`
  })
  return `{${members.join(isPretty ? ',\n ' : ',')}}`
}

/** A value as the name of a member. Throws INVALID_PARAMETER_VALUE for what is no scalar. */
export function memberName(value: NonNullable<Scalar>, type: DataType): string {
  if (notNames.has(type.kind)) {
    const message = 'key value must be scalar, not array, composite, or json'
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  const text = typeof value === 'boolean' ? String(value) : formatScalar(value, type)
  return quotedJson(isoText(text, type))
}

/** `[1, "a"]`. */
export function builtArray(
  values: readonly Scalar[],
  types: readonly DataType[],
  isBinary: boolean,
): string {
  const items = values.map((value, at) => {
    const type = types[at]
    assert(type !== undefined, 'an argument without a type')
    return jsonOf(value, type)
  })
  const text = `[${items.join(', ')}]`
  checkBytes(text.length)
  return isBinary ? normalizedJson(text) : text
}
