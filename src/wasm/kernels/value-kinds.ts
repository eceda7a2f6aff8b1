import type { Heap } from '../../data/arenas/heap.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'

/**
 * How kernels write values as text, JSON and sort keys; the numbers are those of assembly/value-text.ts. Types
 * without one are written by TypeScript.
 */
export const valueKinds = {
  integer32: 0,
  integer64: 1,
  decimal64: 2,
  decimal128: 3,
  numeric: 4,
  float4: 5,
  float8: 6,
  oid: 7,
  bool: 8,
  date: 9,
  time: 10,
  timestamp: 11,
  timestamptz: 12,
  uuid: 13,
  interval: 14,
  text: 15,
  keyed: 16,
  json: 17,
  jsonb: 18,
} as const

const kinds: Readonly<Partial<Record<TypeKind, keyof typeof valueKinds>>> = {
  bool: 'bool',
  int2: 'integer32',
  int4: 'integer32',
  int8: 'integer64',
  float4: 'float4',
  float8: 'float8',
  oid: 'oid',
  decimal: 'decimal128',
  numeric: 'numeric',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  uuid: 'uuid',
  interval: 'interval',
  text: 'text',
  bpchar: 'keyed',
  timetz: 'keyed',
  bit: 'text',
  varbit: 'text',
  json: 'json',
  jsonb: 'jsonb',
}

/** The kind of a type's values; undefined where kernels do not write them. */
export function valueKindOf(type: DataType): keyof typeof valueKinds | undefined {
  if (type.kind === 'decimal' && valueForm(type) === 'i64') return 'decimal64'
  return kinds[type.kind]
}

/** What is made of the values of many rows; the numbers are those of assembly/collect.ts. */
export const collected = {
  joined: 0,
  array: 1,
  'json-list': 2,
  'jsonb-list': 3,
  'json-members': 4,
  'jsonb-members': 5,
  arrays: 6,
} as const
export type Collected = keyof typeof collected

/** Bytes that describe a column to kernels. */
export const COLUMN_BYTES = 16

/** A column of rows: where these have its lanes, and the byte that says whether there is a value. */
export interface ValueColumn {
  readonly kind: keyof typeof valueKinds
  readonly offset: number
  readonly validOffset: number | undefined
  /** Digits behind the point of a decimal. */
  readonly places: number
}

export function writeValueColumn({ view }: Heap, at: number, column: ValueColumn): void {
  view.setUint32(at, valueKinds[column.kind], true)
  view.setUint32(at + 4, column.offset, true)
  view.setInt32(at + 8, column.validOffset ?? -1, true)
  view.setUint32(at + 12, column.places, true)
}
