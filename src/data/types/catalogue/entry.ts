import type { DataType, TypeKind } from '../data-type.ts'
import type { Locale } from '../datetime/locale.ts'
import type { Layout } from '../layout.ts'
import type { SortKeyWriter } from '../sort-key.ts'
import type { Scalar } from '../scalar.ts'

/** When a cast may happen by itself: in any expression, when a value is stored, or only when asked for. */
export type CastKind = 'implicit' | 'assignment' | 'explicit'

/** PostgreSQL's type categories (pg_type.typcategory), which steer overload resolution. */
export type TypeCategory =
  | 'boolean'
  | 'number'
  | 'string'
  | 'datetime'
  | 'timespan'
  | 'binary'
  | 'bits'
  | 'array'
  | 'composite'
  | 'range'
  | 'enum'
  | 'user'
  | 'unknown'

/** A type as PostgreSQL knows it: decimal(p, s) and numeric are one there. */
export type PostgresKind = Exclude<TypeKind, 'decimal'>

/**
 * What values are to generated code, kernels and rows, whatever their type. A type of a form that is
 * there needs no code of its own below the functions.
 *
 * | form | lanes | as plain TypeScript |
 * |---|---|---|
 * | bit | i32, 0 or 1 | boolean |
 * | i32 | i32 | number |
 * | i64 | i64 | bigint |
 * | i128 | two i64, low first, or one where the value is known to fit | bigint |
 * | f32, f64 | f32, f64 | number |
 * | numeric, interval | two i64 | NumericValue, IntervalValue |
 * | text | i64 view | string |
 * | bytes | i64 view | Uint8Array |
 * | keyed | i64 view of its key and its text (sort-key.ts), of most arrays without this (bare-list.ts); compares by the key | string |
 */
export type ValueForm =
  | 'bit'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'f32'
  | 'f64'
  | 'numeric'
  | 'interval'
  | 'text'
  | 'bytes'
  | 'keyed'

/**
 * What of a session's settings texts of a type hang on: DateStyle; that and the time zone; the time zone for reading only;
 * IntervalStyle; names of objects, which a catalog has.
 */
export type LocalePart = 'dates' | 'moments' | 'clocks' | 'spans' | 'objects'

/** Everything that the engine knows of a type, and that is not the trade of a single room. */
export interface TypeEntry {
  /** pg_type.typname and names that mean the same to us, as the parser gives them; none: SQL has none. */
  readonly sqlNames: readonly string[]
  /** pg_type.oid, that of its arrays, and bytes of a value on the wire (-1: they vary). */
  readonly oid: number
  readonly arrayOid: number
  readonly wireBytes: number
  readonly category: TypeCategory
  /** Whether overload resolution favours it within its category. */
  readonly preferred?: boolean
  /** pg_cast, from this type; casts to and from text by input and output functions go without saying. */
  readonly casts?: Partial<Record<CastKind, readonly PostgresKind[]>>
  readonly form: ValueForm
  /** The layout that holds every value. */
  readonly layout: Layout
  /** Whether values are whole numbers of a unit (days, microseconds), which have bounds. */
  readonly isIntegerLike?: boolean
  /** False where nothing says whether two values are equal. */
  readonly isComparable?: boolean
  /** Bounds of the values that the type itself gives, where it is integer-like. */
  readonly bounds?: { readonly min: bigint; readonly max: bigint }

  /** Reads a text as PostgreSQL's input function does. Throws QueryError with its wording. */
  parse(source: string, type: DataType, locale: Locale): NonNullable<Scalar>
  /** PostgreSQL's text form, see {@link formatScalar}. */
  format(value: NonNullable<Scalar>, type: DataType, locale: Locale): string
  /** Which settings of a session its texts hang on; none: they are the same everywhere. */
  readonly localeOf?: LocalePart
  /** PostgreSQL's order: negative, 0 or positive. */
  compare(
    left: NonNullable<Scalar>,
    right: NonNullable<Scalar>,
    leftType: DataType,
    rightType: DataType,
  ): number
  /** Of keyed types: what equal values have in common, in their order. */
  writeKey?(out: SortKeyWriter, value: NonNullable<Scalar>, type: DataType): void
}
