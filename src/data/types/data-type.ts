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
}

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
export type PlainKind = Exclude<TypeKind, 'decimal' | 'array'>

export function isPlainKind(kind: TypeKind): kind is PlainKind {
  return kind !== 'decimal' && kind !== 'array'
}

export function plainType(kind: PlainKind): ElementType {
  return { kind }
}

export function arrayOf(element: ElementType): ArrayType {
  return { kind: 'array', element }
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
  return left.kind === right.kind
}

const postgresNames: Readonly<Record<Exclude<TypeKind, 'array'>, string>> = {
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

/** The name that PostgreSQL prints, as in `numeric(15,2)` or `double precision`. */
export function typeName(type: DataType): string {
  if (type.kind === 'decimal') return `numeric(${type.precision},${type.scale})`
  if (type.kind === 'array') return `${typeName(type.element)}[]`
  return postgresNames[type.kind]
}
