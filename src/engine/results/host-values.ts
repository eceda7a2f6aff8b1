import { plainLocale } from '../../data/types/datetime/locale.ts'
import { QueryError } from '../../base/errors.ts'
import { checkText } from '../../base/utf8.ts'
import { present } from '../../base/assert.ts'
import { readArrayText } from '../../data/types/array-text.ts'
import { commonType } from '../../data/types/coercion.ts'
import {
  typeName,
  type ArrayType,
  type DataType,
  type TypeKind,
} from '../../data/types/data-type.ts'
import { typeEntry } from '../../data/types/catalogue.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import * as types from '../../data/types/data-type.ts'

/**
 * What the embedded API gives for a value: boolean, number (int2, int4, floats), bigint (int8),
 * Date (timestamp and timestamptz, to the millisecond), Uint8Array (bytea), null, an array of such (of
 * one dimension and from subscript 1 on), and for the rest (numeric, date, time, interval, uuid, text)
 * PostgreSQL's text, which loses nothing.
 */
export type HostValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly HostValue[]

/** A number by its digits, as JSON has it, for one that a JavaScript number would round. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a parameter may be given as; arrays are arrays or JSON as their place wants, records are JSON. */
export type HostParameter =
  | Exclude<HostValue, readonly HostValue[]>
  | ExactNumber
  | undefined
  | readonly HostParameter[]
  | HostRecord

/** A value of json or jsonb. */
export interface HostRecord {
  readonly [name: string]: HostParameter
}

export const MICROS_PER_MS = 1_000

/** Values of a type for the embedded API; those that JavaScript has none for as PostgreSQL's text. */
export function toHosts(values: readonly Scalar[], type: DataType): readonly HostValue[] {
  if (isAsInHost(type)) return values as readonly HostValue[]
  return values.map(hostOf(type))
}

/** Types whose values are the embedded API's as they are. */
export function isAsInHost({ kind }: DataType): boolean {
  return hostKinds.has(kind)
}

const hostKinds: ReadonlySet<TypeKind> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'bytea',
  'text',
])

function hostOf(type: DataType): (value: Scalar) => HostValue {
  if (type.kind === 'timestamp' || type.kind === 'timestamptz') {
    return (value) => (value === null ? null : dateOf(value as bigint))
  }
  if (type.kind === 'array') {
    return (value) => (value === null ? null : arrayToHost(String(value), type))
  }
  if (isAsInHost(type)) return (value) => value as HostValue
  const { format } = typeEntry(type)
  return (value) => (value === null ? null : format(value, type, plainLocale))
}

export function dateOf(micros: bigint): Date {
  const near = Number(micros)
  const millis = Number.isSafeInteger(near)
    ? Math.trunc(near / MICROS_PER_MS)
    : Number(micros / BigInt(MICROS_PER_MS))
  return new Date(millis)
}

/** An array of its text; one of several dimensions or other bounds stays text. */
export function arrayToHost(text: string, { element }: ArrayType): HostValue {
  const { dimensions, elements } = readArrayText(text)
  if (dimensions.length > 1 || dimensions.some(({ lower }) => lower !== 1)) return text
  if (isTextInHost(element)) return elements
  const host = hostOf(element)
  return elements.map((item) => (item === null ? null : host(parseScalar(item, element))))
}

/** Types whose values are PostgreSQL's text, as which they stand in an array's text. */
function isTextInHost(type: DataType): boolean {
  const { kind } = type
  return kind === 'text' || !(isAsInHost(type) || kind === 'timestamp' || kind === 'timestamptz')
}

/** An array of JavaScript as PostgreSQL's text; arrays in it are further dimensions. */
function arrayFromHost(values: readonly HostParameter[], type: ArrayType, index: number): string {
  const members = values.map((value): string => {
    if (value === null || value === undefined) return 'NULL'
    if (isList(value)) return arrayFromHost(value, type, index)
    const scalar = fromHost(value, type.element, index)
    const text = formatScalar(present(scalar, 'value of an element'), type.element)
    return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
  })
  return `{${members.join()}}`
}

function isList(value: HostParameter): value is readonly HostParameter[] {
  return Array.isArray(value)
}

function isRecord(value: HostParameter): value is HostRecord {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Levels of arrays and records that JSON may have. */
const JSON_DEPTH_MAX = 1_000

/** The JSON of arrays and records: numbers with all of their digits, NULL for what is undefined. */
function jsonOf(value: HostParameter, index: number, depth = 0): string {
  if (depth > JSON_DEPTH_MAX) {
    throw new QueryError('STATEMENT_TOO_COMPLEX', `parameter $${index + 1} is nested too deeply`, {
      expected: `at most ${JSON_DEPTH_MAX} levels`,
    })
  }
  if (value === null || value === undefined) return 'null'
  if (value instanceof ExactNumber) return value.text
  if (typeof value === 'bigint') return String(value)
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  const isPlain = isNumber || typeof value === 'boolean' || typeof value === 'string'
  if (isPlain || value instanceof Date) return JSON.stringify(value)
  if (isList(value)) return `[${value.map((item) => jsonOf(item, index, depth + 1)).join()}]`
  if (isRecord(value)) {
    const members = Object.entries(value).map(
      ([name, item]) => `${JSON.stringify(name)}:${jsonOf(item, index, depth + 1)}`,
    )
    return `{${members.join()}}`
  }
  throw new QueryError('DATATYPE_MISMATCH', `parameter $${index + 1} is no JSON`, {
    expected: 'booleans, numbers, strings, dates, arrays and records of them',
    found: typeof value === 'number' ? String(value) : `a ${typeof value}`,
  })
}

/** The type to assume for a parameter whose place in the statement does not decide it. */
export function hostType(value: HostParameter): DataType | undefined {
  if (typeof value === 'boolean') return types.bool
  if (typeof value === 'bigint') return fitsInt8(value) ? types.int8 : types.numeric
  if (value instanceof ExactNumber) {
    return /^-?\d+$/.test(value.text) && fitsInt8(BigInt(value.text)) ? types.int8 : types.numeric
  }
  if (value instanceof Date) return types.timestamptz
  if (isList(value)) return listType(value)
  if (value instanceof Uint8Array) return types.bytea
  if (typeof value !== 'number') return undefined
  if (!Number.isInteger(value) || Object.is(value, -0)) return types.float8
  if (Math.abs(value) < 2 ** 31) return types.int4
  return Math.abs(value) < 2 ** 63 ? types.int8 : types.float8
}

function listType(values: readonly HostParameter[]): DataType | undefined {
  const known = values.flatMap((value) => hostType(value) ?? [])
  const element = known.length === 0 ? types.text : commonType(known)
  if (element === undefined) return undefined
  return element.kind === 'array' ? element : types.arrayOf(element)
}

function fitsInt8(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}

/**
 * A parameter as a value of the type that the statement expects. Throws DATATYPE_MISMATCH for what is
 * no value of ours, whatever text JavaScript would make of it.
 */
export function fromHost(
  value: HostParameter,
  type: DataType,
  index: number,
  locale = plainLocale,
): Scalar {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return refuseUnless(type.kind === 'bytea', value, type, index)
  if (value instanceof Date) return fromDate(value, type, index)
  const isJson = type.kind === 'json' || type.kind === 'jsonb'
  if (isJson && (isList(value) || isRecord(value))) {
    return parseScalar(checkText(jsonOf(value, index)), type)
  }
  if (isList(value)) {
    if (type.kind !== 'array') throw noArray(type, index)
    return parseScalar(checkText(arrayFromHost(value, type, index)), type)
  }
  if (value instanceof ExactNumber) return parseScalar(value.text, type)
  if (typeof value === 'string') return parseScalar(checkText(value), type, locale)
  if (typeof value === 'boolean' && type.kind === 'bool') return value
  if (typeof value === 'number' && (type.kind === 'float8' || type.kind === 'float4')) {
    return type.kind === 'float4' ? Math.fround(value) : value
  }
  if (!hasDigits(value)) {
    throw new QueryError('DATATYPE_MISMATCH', `parameter $${index + 1} is no value`, {
      expected: `a boolean, number, bigint, string, Date, Uint8Array or null, for ${typeName(type)}`,
      found: typeof value === 'object' ? 'an object' : `a ${typeof value}`,
    })
  }
  // Above 2^53 the shortest text of a number is not its value.
  const exact = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
  return parseScalar(String(exact), type)
}

function noArray(type: DataType, index: number): QueryError {
  return new QueryError('DATATYPE_MISMATCH', `parameter $${index + 1} cannot be an array`, {
    expected: typeName(type),
    found: 'an array',
  })
}

function hasDigits(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
}

function refuseUnless(
  allowed: boolean,
  value: Uint8Array,
  type: DataType,
  index: number,
): Uint8Array {
  if (allowed) return value
  throw new QueryError('DATATYPE_MISMATCH', `parameter $${index + 1} cannot be bytes`, {
    expected: typeName(type),
    found: 'Uint8Array',
  })
}

function fromDate(value: Date, type: DataType, index: number): Scalar {
  if (Number.isNaN(value.getTime())) {
    throw new QueryError('DATETIME_OVERFLOW', `parameter $${index + 1} is an invalid Date`)
  }
  if (type.kind === 'timestamp' || type.kind === 'timestamptz') {
    return BigInt(value.getTime()) * BigInt(MICROS_PER_MS)
  }
  if (type.kind === 'date') return Math.floor(value.getTime() / 86_400_000)
  return parseScalar(value.toISOString(), type)
}
