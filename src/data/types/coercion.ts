import { typeCatalogue } from './catalogue.ts'
import type { CastKind, PostgresKind, TypeCategory } from './catalogue/entry.ts'
import { exactDigits, type DigitBudget } from './digit-budget.ts'
import {
  arrayOf,
  decimal,
  isPlainKind,
  plainType,
  numeric,
  recordOf,
  sameType,
  text,
  typeName,
  type ArrayType,
  type DataType,
  type ElementType,
  type DecimalType,
  type MultirangeType,
  type RangeType,
  type RecordField,
  type RecordType,
  type TypeKind,
} from './data-type.ts'

export function postgresKind(kind: TypeKind): PostgresKind {
  return kind === 'decimal' ? 'numeric' : kind
}

export function typeCategory(kind: TypeKind): TypeCategory {
  return typeCatalogue[kind].category
}

/** Whether overload resolution favours the type within its category. */
export function isPreferred(kind: TypeKind): boolean {
  return typeCatalogue[kind].preferred === true
}

/** Like {@link castKind} for types without their precision and scale. */
export function castKindOf(from: PostgresKind, to: PostgresKind): CastKind | undefined {
  if (from === to || from === 'unknown') return 'implicit'
  if (to === 'unknown') return undefined
  const known = typeCatalogue[from].casts
  if (known?.implicit?.includes(to)) return 'implicit'
  if (known?.assignment?.includes(to)) return 'assignment'
  if (known?.explicit?.includes(to)) return 'explicit'
  // By output and input functions.
  if (typeCatalogue[to].category === 'string') return 'assignment'
  return typeCatalogue[from].category === 'string' ? 'explicit' : undefined
}

/** A type as PostgreSQL knows it, without digits. */
export function postgresType(type: DataType): DataType {
  return type.kind === 'array' ? arrayOf(postgresElement(type.element)) : postgresElement(type)
}

/** The type's name as PostgreSQL's messages have it: without precision and scale. */
export function shownType(type: DataType): string {
  if (type.kind === 'array') return `${shownType(type.element)}[]`
  if (type.kind === 'text' && type.varying === true) return 'character varying'
  return typeName(postgresType(type))
}

function postgresElement(type: ElementType): ElementType {
  return type.kind === 'decimal' ? plainType('numeric') : type
}

/** How a value of one type may become another, as in PostgreSQL; undefined: not at all. */
export function castKind(from: DataType, to: DataType): CastKind | undefined {
  if (sameType(from, to)) return 'implicit'
  if (from.kind === 'array' && to.kind === 'array') return castKind(from.element, to.element)
  // Of other enums.
  if (from.kind === 'enum' && to.kind === 'enum') return undefined
  if (from.kind === 'reg' && to.kind === 'reg') return 'implicit'
  if ('of' in from && 'of' in to) return rangeCastKind(from, to)
  if (from.kind === 'record' && to.kind === 'record') return fieldsCastKind(from, to)
  if (to.kind === 'decimal' && from.kind !== 'unknown') {
    const kind = castKindOf(postgresKind(from.kind), 'numeric')
    if (kind !== 'implicit') return kind
    const source = exactDecimal(from)
    return source !== undefined && fits(source, to) ? 'implicit' : 'assignment'
  }
  return castKindOf(postgresKind(from.kind), postgresKind(to.kind))
}

/** A range becomes the set of it, where that is asked for. */
function rangeCastKind(
  from: RangeType | MultirangeType,
  to: RangeType | MultirangeType,
): CastKind | undefined {
  return from.of === to.of && from.kind === 'range' ? 'explicit' : undefined
}

const castStrengths: readonly CastKind[] = ['implicit', 'assignment', 'explicit']

/**
 * Of rows with as many fields: what the field takes that is the hardest to cast. Rows of one name become rows of no name,
 * not those of another.
 */
function fieldsCastKind(from: RecordType, to: RecordType): CastKind | undefined {
  if (from.name !== undefined && to.name !== undefined) return undefined
  if (from.fields.length !== to.fields.length) return undefined
  let strongest = 0
  for (const [at, { type }] of from.fields.entries()) {
    const kind = castKind(type, to.fields[at]?.type ?? type)
    if (kind === undefined) return undefined
    strongest = Math.max(strongest, castStrengths.indexOf(kind))
  }
  return castStrengths[strongest]
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
  if (known.every(isArray)) return commonArray(known, digits)
  if (known.every(isRecord)) return commonRecord(known, digits)
  const kind = commonKind(known.map((type) => postgresKind(type.kind)))
  if (kind === undefined || !isPlainKind(kind)) return undefined
  if (kind === 'numeric') return commonNumeric(known, digits)
  return kind === first.kind ? first : plainType(kind)
}

function isArray(type: DataType): type is ArrayType {
  return type.kind === 'array'
}

function isRecord(type: DataType): type is RecordType {
  return type.kind === 'record'
}

/** Rows of no name are of one type to PostgreSQL, whatever their fields are: these are brought to one each. */
function commonRecord(types: readonly RecordType[], digits: DigitBudget): DataType | undefined {
  const [first] = types
  if (first === undefined) return undefined
  const isAlike = types.every(
    ({ name, fields }) => name === undefined && fields.length === first.fields.length,
  )
  if (!isAlike) return undefined
  const fields = first.fields.map(({ name }, at): RecordField | undefined => {
    const type = commonType(
      types.map((row) => row.fields[at]?.type ?? text),
      digits,
    )
    if (type === undefined) return undefined
    // Each value keeps its own digits behind the point.
    const isOne = types.every((row) => sameType(row.fields[at]?.type ?? text, type))
    return { name, type: type.kind === 'decimal' && !isOne ? numeric : type }
  })
  const known = fields.filter((field) => field !== undefined)
  return known.length === fields.length ? recordOf(known) : undefined
}

function commonArray(types: readonly ArrayType[], digits: DigitBudget): DataType | undefined {
  const element = commonType(
    types.map(({ element }) => postgresElement(element)),
    digits,
  )
  return element === undefined || element.kind === 'array' ? undefined : arrayOf(element)
}

/** Digits of the largest value of each integer type. */
const integerDigits: Readonly<Partial<Record<TypeKind, number>>> = { int2: 5, int4: 10, int8: 19 }

/** The smallest decimal that holds every value of an integer or decimal type; undefined for others. */
export function exactDecimal(type: DataType): DecimalType | undefined {
  if (type.kind === 'decimal') return type
  const digits = integerDigits[type.kind]
  return digits === undefined ? undefined : decimal(digits, 0)
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
