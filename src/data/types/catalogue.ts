import { arrayEntry } from './catalogue/array.ts'
import { bitEntry, varbitEntry } from './catalogue/bits.ts'
import { boolEntry } from './catalogue/bool.ts'
import { bpcharEntry } from './catalogue/bpchar.ts'
import { oidEntry } from './catalogue/oid.ts'
import { byteaEntry } from './catalogue/bytea.ts'
import { dateEntry } from './catalogue/date.ts'
import { decimalEntry } from './catalogue/decimal.ts'
import { enumEntry } from './catalogue/enum.ts'
import { float4Entry } from './catalogue/float4.ts'
import { float8Entry } from './catalogue/float8.ts'
import { int2Entry } from './catalogue/int2.ts'
import { int4Entry } from './catalogue/int4.ts'
import { int8Entry } from './catalogue/int8.ts'
import { intervalEntry } from './catalogue/interval.ts'
import { jsonEntry } from './catalogue/json.ts'
import { jsonbEntry } from './catalogue/jsonb.ts'
import { numericEntry } from './catalogue/numeric.ts'
import { jsonpathEntry } from './catalogue/jsonpath.ts'
import { rangeEntries } from './catalogue/range.ts'
import { recordEntry } from './catalogue/record.ts'
import { textEntry } from './catalogue/text.ts'
import { regEntry } from './catalogue/reg.ts'
import { timeEntry } from './catalogue/time.ts'
import { timestampEntry } from './catalogue/timestamp.ts'
import { timestamptzEntry } from './catalogue/timestamptz.ts'
import { timetzEntry } from './catalogue/timetz.ts'
import { unknownEntry } from './catalogue/unknown.ts'
import { uuidEntry } from './catalogue/uuid.ts'
import type { TypeEntry, ValueForm } from './catalogue/entry.ts'
import { DECIMAL64_PRECISION_MAX, type DataType, type TypeKind } from './data-type.ts'
import { assert, present } from '../../base/assert.ts'
import { intervalSpan } from './compare-values.ts'
import { intervalOf, numericOf, type Scalar } from './scalar.ts'
import type { SortKeyWriter } from './sort-key.ts'
import type { Layout } from './layout.ts'

/** Every type: one without an entry does not compile. */
export const typeCatalogue: { readonly [K in TypeKind]: TypeEntry } = {
  bool: boolEntry,
  int2: int2Entry,
  int4: int4Entry,
  int8: int8Entry,
  float4: float4Entry,
  float8: float8Entry,
  decimal: decimalEntry,
  numeric: numericEntry,
  date: dateEntry,
  time: timeEntry,
  timestamp: timestampEntry,
  timestamptz: timestamptzEntry,
  interval: intervalEntry,
  text: textEntry,
  bytea: byteaEntry,
  timetz: timetzEntry,
  bpchar: bpcharEntry,
  oid: oidEntry,
  uuid: uuidEntry,
  bit: bitEntry,
  varbit: varbitEntry,
  json: jsonEntry,
  jsonb: jsonbEntry,
  jsonpath: jsonpathEntry,
  array: arrayEntry({ entryOf: typeEntry, writeKey: writeValueKey }),
  record: recordEntry({ entryOf: typeEntry, writeKey: writeValueKey }),
  ...rangeEntries({ entryOf: typeEntry, writeKey: writeValueKey }),
  enum: enumEntry,
  reg: regEntry,
  unknown: unknownEntry,
}

export function typeEntry({ kind }: DataType): TypeEntry {
  return typeCatalogue[kind]
}

/** Whether values can be told to be equal, and so be grouped, sorted and joined. */
export function isComparable(type: DataType): boolean {
  if (type.kind === 'array') return isComparable(type.element)
  if (type.kind === 'record') return type.fields.every((field) => isComparable(field.type))
  return typeEntry(type).isComparable !== false
}

export function isTypeKind(kind: string): kind is TypeKind {
  return Object.hasOwn(typeCatalogue, kind)
}

/** Appends what equal values have in common, in the order of the values. */
export function writeValueKey(
  out: SortKeyWriter,
  value: NonNullable<Scalar>,
  type: DataType,
): void {
  const form = valueForm(type)
  switch (form) {
    case 'bit':
      return out.byte(value === true ? 1 : 0)
    case 'i32':
    case 'i64':
    case 'i128': {
      if (type.kind === 'decimal') return writeExactKey(out, value, type)
      assert(typeof value === 'number' || typeof value === 'bigint', 'integer of another value')
      return out.signed(value, form === 'i32' ? 4 : form === 'i64' ? 8 : 16)
    }
    case 'f32':
    case 'f64':
      return out.double(Number(value))
    case 'numeric':
      return writeExactKey(out, value, type)
    case 'interval':
      return out.signed(intervalSpan(intervalOf(value)), 16)
    case 'text':
      return out.text(String(value))
    case 'bytes':
      assert(value instanceof Uint8Array, 'bytes of another value')
      return out.bytes(value)
    case 'keyed':
      return present(typeEntry(type).writeKey, 'key of a keyed type')(out, value, type)
  }
}

function writeExactKey(out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void {
  out.exact(numericOf(value, type))
}

/** What the values are to generated code and kernels. */
export function valueForm(type: DataType): ValueForm {
  if (type.kind === 'decimal' && type.precision <= DECIMAL64_PRECISION_MAX) return 'i64'
  return typeCatalogue[type.kind].form
}

/** The layout that holds every value of a type: what intermediate results use. */
export function widestLayout(type: DataType): Layout {
  if (type.kind === 'decimal' && type.precision <= DECIMAL64_PRECISION_MAX) return 'i64'
  return typeCatalogue[type.kind].layout
}

/** Whether the values are integers to the engine: numbers of a unit such as days or microseconds too. */
export function isIntegerLike({ kind }: DataType): boolean {
  return typeCatalogue[kind].isIntegerLike === true
}
