import { exactDigits, type DigitBudget } from './digit-budget.ts'
import {
  decimal,
  numeric,
  sameType,
  text,
  type DataType,
  type DecimalType,
  type TypeKind,
} from './data-type.ts'

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
  | 'unknown'

/** A type as PostgreSQL knows it: decimal(p, s) and numeric are one there. */
export type PostgresKind = Exclude<TypeKind, 'decimal'>

export function postgresKind(kind: TypeKind): PostgresKind {
  return kind === 'decimal' ? 'numeric' : kind
}

// pg_cast, by source and target; casts to and from text by input and output functions are added below.
const casts: Readonly<
  Partial<Record<PostgresKind, Partial<Record<CastKind, readonly PostgresKind[]>>>>
> = {
  bool: { explicit: ['int4'] },
  int2: { implicit: ['int4', 'int8', 'float4', 'float8', 'numeric'] },
  int4: {
    implicit: ['int8', 'float4', 'float8', 'numeric'],
    assignment: ['int2'],
    explicit: ['bool'],
  },
  int8: { implicit: ['float4', 'float8', 'numeric'], assignment: ['int2', 'int4'] },
  float4: { implicit: ['float8'], assignment: ['int2', 'int4', 'int8', 'numeric'] },
  float8: { assignment: ['int2', 'int4', 'int8', 'float4', 'numeric'] },
  numeric: { implicit: ['float4', 'float8'], assignment: ['int2', 'int4', 'int8'] },
  date: { implicit: ['timestamp', 'timestamptz'] },
  time: { implicit: ['interval'] },
  timestamp: { implicit: ['timestamptz'], assignment: ['date', 'time'] },
  timestamptz: { assignment: ['date', 'time', 'timestamp'] },
  interval: { assignment: ['time'] },
}

const categories: Readonly<Record<PostgresKind, TypeCategory>> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  date: 'datetime',
  time: 'datetime',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  interval: 'timespan',
  text: 'string',
  bytea: 'binary',
  unknown: 'unknown',
}

const preferred: ReadonlySet<PostgresKind> = new Set([
  'bool',
  'float8',
  'timestamptz',
  'interval',
  'text',
])

export function typeCategory(kind: TypeKind): TypeCategory {
  return categories[postgresKind(kind)]
}

/** Whether overload resolution favours the type within its category. */
export function isPreferred(kind: TypeKind): boolean {
  return preferred.has(postgresKind(kind))
}

/** Like {@link castKind} for types without their precision and scale. */
export function castKindOf(from: PostgresKind, to: PostgresKind): CastKind | undefined {
  if (from === to || from === 'unknown') return 'implicit'
  if (to === 'unknown') return undefined
  const known = casts[from]
  if (known?.implicit?.includes(to)) return 'implicit'
  if (known?.assignment?.includes(to)) return 'assignment'
  if (known?.explicit?.includes(to)) return 'explicit'
  if (to === 'text') return 'assignment'
  return from === 'text' ? 'explicit' : undefined
}

/** How a value of one type may become another, as in PostgreSQL; undefined: not at all. */
export function castKind(from: DataType, to: DataType): CastKind | undefined {
  if (sameType(from, to)) return 'implicit'
  if (to.kind === 'decimal' && from.kind !== 'unknown') {
    const kind = castKindOf(postgresKind(from.kind), 'numeric')
    if (kind !== 'implicit') return kind
    const source = exactDecimal(from)
    return source !== undefined && fits(source, to) ? 'implicit' : 'assignment'
  }
  return castKindOf(postgresKind(from.kind), postgresKind(to.kind))
}

/**
 * The type that values of several types are brought to (UNION, CASE, VALUES, IN, greatest), by
 * PostgreSQL's rules (manual section 10.5); undefined where there is none. Decimals and integers meet
 * in a decimal with room for both, or in what `digits` makes of more than 38.
 */
export function commonType(
  types: readonly DataType[],
  digits: DigitBudget = exactDigits,
): DataType | undefined {
  const known = types.filter((type) => type.kind !== 'unknown')
  const [first] = known
  if (first === undefined) return types.length === 0 ? undefined : text
  if (known.every((type) => sameType(type, first))) return first
  const kind = commonKind(known.map((type) => postgresKind(type.kind)))
  if (kind === undefined) return undefined
  return kind === 'numeric' ? commonNumeric(known, digits) : { kind }
}

/** The smallest decimal that holds every value of an integer or decimal type; undefined for others. */
export function exactDecimal(type: DataType): DecimalType | undefined {
  switch (type.kind) {
    case 'int2':
      return decimal(5, 0)
    case 'int4':
      return decimal(10, 0)
    case 'int8':
      return decimal(19, 0)
    case 'decimal':
      return type
    default:
      return undefined
  }
}

function commonKind(kinds: readonly PostgresKind[]): PostgresKind | undefined {
  let [chosen] = kinds
  if (chosen === undefined) return undefined
  for (const kind of kinds) {
    if (kind === chosen) continue
    if (typeCategory(kind) !== typeCategory(chosen)) return undefined
    const forward = castKindOf(chosen, kind) === 'implicit'
    const back = castKindOf(kind, chosen) === 'implicit'
    if (!isPreferred(chosen) && forward && !back) chosen = kind
  }
  const target = chosen
  return kinds.every((kind) => castKindOf(kind, target) === 'implicit') ? target : undefined
}

function commonNumeric(types: readonly DataType[], digits: DigitBudget): DataType {
  let whole = 0
  let scale = 0
  for (const type of types) {
    const exact = exactDecimal(type)
    if (exact === undefined) return numeric
    whole = Math.max(whole, exact.precision - exact.scale)
    scale = Math.max(scale, exact.scale)
  }
  return digits.fit(whole + scale, scale)
}

function fits(source: DecimalType, target: DecimalType): boolean {
  const whole = source.precision - source.scale
  return source.scale <= target.scale && whole <= target.precision - target.scale
}
