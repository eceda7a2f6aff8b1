import { boolEntry } from './catalogue/bool.ts'
import { byteaEntry } from './catalogue/bytea.ts'
import { dateEntry } from './catalogue/date.ts'
import { decimalEntry } from './catalogue/decimal.ts'
import { float4Entry } from './catalogue/float4.ts'
import { float8Entry } from './catalogue/float8.ts'
import { int2Entry } from './catalogue/int2.ts'
import { int4Entry } from './catalogue/int4.ts'
import { int8Entry } from './catalogue/int8.ts'
import { intervalEntry } from './catalogue/interval.ts'
import { numericEntry } from './catalogue/numeric.ts'
import { textEntry } from './catalogue/text.ts'
import { timeEntry } from './catalogue/time.ts'
import { timestampEntry } from './catalogue/timestamp.ts'
import { timestamptzEntry } from './catalogue/timestamptz.ts'
import { unknownEntry } from './catalogue/unknown.ts'
import type { TypeEntry, ValueForm } from './catalogue/entry.ts'
import { DECIMAL64_PRECISION_MAX, type DataType, type TypeKind } from './data-type.ts'
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
  unknown: unknownEntry,
}

export function typeEntry({ kind }: DataType): TypeEntry {
  return typeCatalogue[kind]
}

export function isTypeKind(kind: string): kind is TypeKind {
  return Object.hasOwn(typeCatalogue, kind)
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
