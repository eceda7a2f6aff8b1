/**
 * The data types of columns and expressions. They are PostgreSQL's, with one split: `decimal` is
 * numeric with a declared precision and scale (fixed-point, exact, in kernels: 64 bits up to 18
 * digits, 128 bits up to 38), `numeric` is PostgreSQL's unconstrained numeric, whose scale belongs
 * to each value (results of division and avg).
 */
export type DataType =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int2' }
  | { readonly kind: 'int4' }
  | { readonly kind: 'int8' }
  | { readonly kind: 'float4' }
  | { readonly kind: 'float8' }
  | DecimalType
  | { readonly kind: 'numeric' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'timestamptz' }
  | { readonly kind: 'interval' }
  | TextType
  | { readonly kind: 'bytea' }
  | { readonly kind: 'timetz' }
  | { readonly kind: 'bpchar' }
  | { readonly kind: 'oid' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'bit' }
  | { readonly kind: 'varbit' }
  | { readonly kind: 'json' }
  | { readonly kind: 'jsonb' }
  | { readonly kind: 'jsonpath' }
  | ArrayType
  | RecordType
  | RangeType
  | MultirangeType
  | EnumType
  | RegType
  /** The type of a NULL or of a string literal whose type the context decides. */
  | { readonly kind: 'unknown' }

/**
 * `varying`: said to be varchar. Its values are those of text and it is the same type but where PostgreSQL
 * has it give way: beside char(n) both are compared as char(n), beside text as text.
 */
export interface TextType {
  readonly kind: 'text'
  readonly varying?: true
}

export interface DecimalType {
  readonly kind: 'decimal'
  /** Decimal digits in all, 1 to 38. */
  readonly precision: number
  /** Digits after the point, 0 to precision. */
  readonly scale: number
}

/** An array of any number of dimensions, as in PostgreSQL; one that holds arrays is of their elements. */
export interface ArrayType {
  readonly kind: 'array'
  readonly element: ElementType
  /** Of int2vector and oidvector, lists of the catalogs that are counted from 0 and written without braces. */
  readonly vector?: true
}

/** Rows as values: what ROW gives, rows of tables, and composite types. */
export interface RecordType {
  readonly kind: 'record'
  readonly fields: readonly RecordField[]
  /** Of a table's rows, or a composite type: what it is called. */
  readonly name?: string
  /** Of a composite type: its pg_type.oid, as {@link EnumType} has it. */
  readonly id?: number
}

/** A row type that CREATE TYPE has made. */
export interface CompositeType extends RecordType {
  readonly name: string
  readonly id: number
}

/** A type that a statement has made. */
export type MadeType = EnumType | CompositeType

export interface RecordField {
  readonly name: string
  readonly type: DataType
}

/** Values between two bounds, of one of PostgreSQL's range types. */
export interface RangeType {
  readonly kind: 'range'
  readonly of: RangeName
}

/** Sets of such ranges. */
export interface MultirangeType {
  readonly kind: 'multirange'
  readonly of: RangeName
}

/** Values that a list of labels names, in its order. With all that its values need, as types travel with plans. */
export interface EnumType {
  readonly kind: 'enum'
  /** pg_type.oid, of its own in a database; that of its arrays is the next. It stays when the type is renamed. */
  readonly id: number
  readonly name: string
  /** In their order, which is that of their codes. */
  readonly labels: readonly EnumLabel[]
}

export interface EnumLabel {
  /** What a value is in memory: codes leave gaps for labels that come in between. */
  readonly code: number
  readonly label: string
}

/** Numbers of objects of a database, which are read and shown by the names of these. */
export interface RegType {
  readonly kind: 'reg'
  readonly object: RegName
}

export type RegName =
  | 'regclass'
  | 'regtype'
  | 'regproc'
  | 'regprocedure'
  | 'regoper'
  | 'regoperator'
  | 'regnamespace'
  | 'regrole'
  | 'regcollation'

export type RangeName =
  | 'int4range'
  | 'int8range'
  | 'numrange'
  | 'daterange'
  | 'tsrange'
  | 'tstzrange'

export type ElementType = Exclude<DataType, ArrayType>

export type TypeKind = DataType['kind']

export const bool: DataType = { kind: 'bool' }
export const int2: DataType = { kind: 'int2' }
export const int4: DataType = { kind: 'int4' }
export const int8: DataType = { kind: 'int8' }
export const float4: DataType = { kind: 'float4' }
export const float8: DataType = { kind: 'float8' }
export const numeric: DataType = { kind: 'numeric' }
export const date: DataType = { kind: 'date' }
export const time: DataType = { kind: 'time' }
export const timestamp: DataType = { kind: 'timestamp' }
export const timestamptz: DataType = { kind: 'timestamptz' }
export const interval: DataType = { kind: 'interval' }
export const text: DataType = { kind: 'text' }
export const varchar: TextType = { kind: 'text', varying: true }
export const bytea: DataType = { kind: 'bytea' }
export const uuid: DataType = { kind: 'uuid' }
export const bit: DataType = { kind: 'bit' }
export const varbit: DataType = { kind: 'varbit' }
export const timetz: DataType = { kind: 'timetz' }
export const bpchar: DataType = { kind: 'bpchar' }
export const oid: DataType = { kind: 'oid' }
export const json: DataType = { kind: 'json' }
export const jsonb: DataType = { kind: 'jsonb' }
export const jsonpath: DataType = { kind: 'jsonpath' }
export const unknown: DataType = { kind: 'unknown' }

/** A type that its kind alone says. */
export type PlainKind = Exclude<
  TypeKind,
  'decimal' | 'array' | 'record' | 'range' | 'multirange' | 'enum' | 'reg'
>

const unplainKinds: ReadonlySet<TypeKind> = new Set([
  'decimal',
  'array',
  'record',
  'range',
  'multirange',
  'enum',
  'reg',
])

export function isPlainKind(kind: TypeKind): kind is PlainKind {
  return !unplainKinds.has(kind)
}

export function plainType(kind: PlainKind): ElementType {
  return { kind }
}

export function arrayOf(element: ElementType): ArrayType {
  return { kind: 'array', element }
}

/** int2vector, oidvector. */
export function vectorOf(element: ElementType): ArrayType {
  return { kind: 'array', element, vector: true }
}

export function recordOf(fields: readonly RecordField[], name?: string, id?: number): RecordType {
  return {
    kind: 'record',
    fields,
    ...(name !== undefined && { name }),
    ...(id !== undefined && { id }),
  }
}

/** What the bounds of ranges are. */
export const rangeSubtypes: Readonly<Record<RangeName, ElementType>> = {
  int4range: { kind: 'int4' },
  int8range: { kind: 'int8' },
  numrange: { kind: 'numeric' },
  daterange: { kind: 'date' },
  tsrange: { kind: 'timestamp' },
  tstzrange: { kind: 'timestamptz' },
}

export function rangeOf(of: RangeName): RangeType {
  return { kind: 'range', of }
}

export function multirangeOf(of: RangeName): MultirangeType {
  return { kind: 'multirange', of }
}

export const regNames: readonly RegName[] = [
  'regclass',
  'regtype',
  'regproc',
  'regprocedure',
  'regoper',
  'regoperator',
  'regnamespace',
  'regrole',
  'regcollation',
]

export function regOf(object: RegName): RegType {
  return { kind: 'reg', object }
}

export function isRangeName(name: string): name is RangeName {
  return Object.hasOwn(rangeSubtypes, name)
}

/** What a type of sets is called: `int4multirange`. */
export function multirangeName(of: RangeName): string {
  return of.replace('range', 'multirange')
}

export function decimal(precision: number, scale: number): DecimalType {
  return { kind: 'decimal', precision, scale }
}

/** Digits that a 64-bit decimal holds. */
export const DECIMAL64_PRECISION_MAX = 18
/** Digits that a decimal can have. */
export const DECIMAL_PRECISION_MAX = 38

export function sameType(left: DataType, right: DataType): boolean {
  if (left.kind === 'decimal' && right.kind === 'decimal') {
    return left.precision === right.precision && left.scale === right.scale
  }
  if (left.kind === 'array' && right.kind === 'array') return sameType(left.element, right.element)
  if (left.kind === 'record' && right.kind === 'record') {
    return isSameRow(left, right) && sameFields(left, right)
  }
  if (left.kind === 'reg' && right.kind === 'reg') return left.object === right.object
  if ('of' in left && 'of' in right) return left.kind === right.kind && left.of === right.of
  if (left.kind === 'enum' && right.kind === 'enum') return left.id === right.id
  return left.kind === right.kind
}

/** Whether rows are of one composite type or table, or both of none. */
export function isSameRow(left: RecordType, right: RecordType): boolean {
  return left.id === undefined
    ? left.name === right.name && right.id === undefined
    : left.id === right.id
}

/** Whether rows have the same types of fields, however these are called. */
export function sameFields(left: RecordType, right: RecordType): boolean {
  if (left.fields.length !== right.fields.length) return false
  return left.fields.every(({ type }, at) => sameType(type, right.fields[at]?.type ?? unknown))
}

const postgresNames: Readonly<
  Record<Exclude<TypeKind, 'array' | 'record' | 'range' | 'multirange' | 'enum' | 'reg'>, string>
> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  decimal: 'numeric',
  numeric: 'numeric',
  date: 'date',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  interval: 'interval',
  text: 'text',
  bytea: 'bytea',
  timetz: 'time with time zone',
  bpchar: 'character',
  oid: 'oid',
  uuid: 'uuid',
  bit: 'bit',
  varbit: 'bit varying',
  json: 'json',
  jsonb: 'jsonb',
  jsonpath: 'jsonpath',
  unknown: 'unknown',
}

/** A text that tells types apart, names of fields included. */
export function typeKey(type: DataType): string {
  if (type.kind === 'array') return `${typeKey(type.element)}${type.vector ? 'vector' : '[]'}`
  if (type.kind === 'enum') {
    const labels = type.labels.map(({ code, label }) => `${code} ${JSON.stringify(label)}`)
    return `${type.name} ${type.id}(${labels.join()})`
  }
  if (type.kind !== 'record') return typeName(type)
  const fields = type.fields.map((field) => `${JSON.stringify(field.name)} ${typeKey(field.type)}`)
  return `${type.name ?? ''} ${type.id ?? ''}(${fields.join()})`
}

/** The name that PostgreSQL prints, as in `numeric(15,2)` or `double precision`. */
export function typeName(type: DataType): string {
  if (type.kind === 'decimal') return `numeric(${type.precision},${type.scale})`
  if (type.kind === 'array') {
    return type.vector ? `${type.element.kind}vector` : `${typeName(type.element)}[]`
  }
  if (type.kind === 'record') return type.name ?? type.kind
  if (type.kind === 'enum') return type.name
  if (type.kind === 'range') return type.of
  if (type.kind === 'reg') return type.object
  if (type.kind === 'multirange') return multirangeName(type.of)
  return postgresNames[type.kind]
}
