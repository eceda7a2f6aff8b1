import { assert } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import * as types from '../../data/types/data-type.ts'
import { isTypeKind, typeCatalogue } from '../../data/types/catalogue.ts'
import { isPlainKind, plainType } from '../../data/types/data-type.ts'
import { BITS_MAX } from '../../data/types/catalogue/bits.ts'
import type { DigitLimit, LengthLimit } from '../../data/types/schema.ts'
import { isOtherName } from '../../data/types/declared-type.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { TimeLimit } from '../../data/types/schema.ts'
import type { TypeName } from '../../sql/ast/expression.ts'
import { didYouMean } from '../catalog/suggest.ts'
import type { NamedTypes } from '../catalog/types.ts'

const rangeNames = Object.keys(types.rangeSubtypes).filter(types.isRangeName)

/** Types by PostgreSQL's internal names, as the parser normalizes them. */
const byName: Readonly<Record<string, DataType>> = {
  ...Object.fromEntries(
    Object.keys(typeCatalogue)
      .filter(isTypeKind)
      .filter(isPlainKind)
      .flatMap((kind) => typeCatalogue[kind].sqlNames.map((name) => [name, plainType(kind)])),
  ),
  varchar: types.varchar,
  // Domains of information_schema, which clients are told the types under of.
  'information_schema.cardinal_number': types.int4,
  'information_schema.character_data': types.varchar,
  'information_schema.sql_identifier': types.text,
  'information_schema.time_stamp': types.timestamptz,
  'information_schema.yes_or_no': types.varchar,
  char: types.text,
  xid: types.oid,
  cid: types.oid,
  int2vector: types.vectorOf(types.plainType('int2')),
  oidvector: types.vectorOf(types.plainType('oid')),
  ...Object.fromEntries(types.regNames.map((object) => [object, types.regOf(object)])),
  ...Object.fromEntries(rangeNames.map((of) => [of, types.rangeOf(of)])),
  ...Object.fromEntries(rangeNames.map((of) => [types.multirangeName(of), types.multirangeOf(of)])),
}

/** Types that PostgreSQL has and Heddle does not: said as such instead of "does not exist". */
const notOffered = new Set(
  (
    'xml money inet cidr macaddr point line box path polygon ' +
    'circle tsvector tsquery record hstore ' +
    'serial serial2 serial4 serial8 smallserial bigserial macaddr8 pg_lsn cidr'
  ).split(' '),
)

const NUMERIC_PRECISION_MAX = 1_000

const timeTypes = new Set(['time', 'timetz', 'timestamp', 'timestamptz', 'interval'])

/**
 * The data type that a type name means. varchar(n) is text: a length is kept only by the explicit
 * cast (see {@link lengthLimit}). `named`: where the names of types lead that are not built in. Errors: UNDEFINED_OBJECT, INVALID_PARAMETER_VALUE.
 */
export function dataTypeOf(name: TypeName, named: NamedTypes | undefined): DataType {
  if (name.arrayDimensions > 0) {
    const element = dataTypeOf({ ...name, arrayDimensions: 0 }, named)
    assert(element.kind !== 'array', 'an array of arrays')
    return types.arrayOf(element)
  }
  const type = Object.hasOwn(byName, name.name) ? byName[name.name] : undefined
  if (type === undefined && name.name.startsWith('_')) {
    // How pg_type names the arrays of a type.
    const element = Object.hasOwn(byName, name.name.slice(1))
      ? byName[name.name.slice(1)]
      : undefined
    if (element !== undefined && element.kind !== 'array') return types.arrayOf(element)
  }
  const made = type === undefined ? named?.(name.name) : undefined
  if (made !== undefined) {
    if (name.modifiers.length === 0) return made
    const message = `type modifier is not allowed for type "${made.name}"`
    throw new QueryError('SYNTAX_ERROR', message, { span: name.span })
  }
  if (type === undefined) {
    if (notOffered.has(name.name)) throw notSupported(`type ${name.name}`, name.span)
    throw new QueryError('UNDEFINED_OBJECT', `type "${name.name}" does not exist`, {
      span: name.span,
      ...didYouMean(name.name, [...Object.keys(byName), 'integer', 'double precision']),
    })
  }
  if (type.kind === 'numeric') return numericOf(name)
  return type
}

/** Whether a name is that of a type as PostgreSQL's catalog has it. */
export function isTypeName(name: string): boolean {
  return Object.hasOwn(byName, name)
}

/** Types that are declared with a length. */
function isLengthType(name: string): name is LengthLimit['type'] {
  return name === 'varchar' || name === 'bpchar' || name === 'bit' || name === 'varbit'
}

/** The characters that a cast to varchar(n) keeps at most, of arrays those of each element. */
export function lengthLimit(name: TypeName): number | undefined {
  if (!isLengthType(name.name)) return undefined
  const [length] = name.modifiers
  if (length === undefined) return undefined
  if (length < 1) {
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      `length for type ${name.name === 'bpchar' ? 'char' : name.name} must be at least 1`,
      {
        span: name.span,
      },
    )
  }
  const isBits = name.name === 'bit' || name.name === 'varbit'
  if (isBits && length > BITS_MAX) {
    const message = `length for type ${name.name} cannot exceed ${BITS_MAX}`
    throw new QueryError('INVALID_PARAMETER_VALUE', message, { span: name.span })
  }
  return length
}

/** The length that a name of a type holds values to. */
export function limitOf(name: string, charactersMax: number): LengthLimit {
  const isOther = name === 'bpchar' || name === 'bit' || name === 'varbit'
  return { type: isOther ? name : 'varchar', charactersMax }
}

/** What a type name says beyond its data type, of arrays that of their elements. */
export function declaredType(name: TypeName): DeclaredType | undefined {
  const [precision, scale = 0] = name.modifiers
  if (isOtherName(name.name)) return { name: name.name }
  if (name.name === 'information_schema.sql_identifier') return { name: 'name' }
  if (isLengthType(name.name)) {
    return { name: name.name, ...(precision !== undefined && { charactersMax: precision }) }
  }
  if (byName[name.name]?.kind !== 'numeric' || precision === undefined) return undefined
  return { name: 'numeric', precision, scale }
}

/** The digits that a cast or a column keeps where the type has more than decimals have. */
export function digitLimit(name: TypeName): DigitLimit | undefined {
  const [precision, scale = 0] = name.modifiers
  if (byName[name.name]?.kind !== 'numeric' || precision === undefined) return undefined
  const isValid = precision >= 1 && precision <= NUMERIC_PRECISION_MAX && name.arrayDimensions === 0
  const isDecimal = precision <= types.DECIMAL_PRECISION_MAX && scale >= 0 && scale <= precision
  if (!isValid || isDecimal) return undefined
  if (Math.abs(scale) <= NUMERIC_PRECISION_MAX) return { precision, scale }
  throw new QueryError(
    'INVALID_PARAMETER_VALUE',
    `NUMERIC scale ${scale} must be between -1000 and 1000`,
    { span: name.span },
  )
}

function numericOf(name: TypeName): DataType {
  const [precision, scale = 0] = name.modifiers
  if (precision === undefined) return types.numeric
  if (precision < 1 || precision > NUMERIC_PRECISION_MAX) {
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      `NUMERIC precision ${precision} must be between 1 and 1000`,
      { span: name.span },
    )
  }
  if (precision > types.DECIMAL_PRECISION_MAX || scale < 0 || scale > precision) {
    const most = types.DECIMAL_PRECISION_MAX
    throw notSupported(
      `numeric(${precision},${scale}): precision at most ${most}, scale from 0 to precision`,
      name.span,
    )
  }
  return types.decimal(precision, scale)
}

const SECOND_DIGITS_MAX = 6

/** What a type of times or intervals says of its seconds' digits and its fields; undefined where that is nothing. */
export function timeLimit(name: TypeName): TimeLimit | undefined {
  const kind = byName[name.name]?.kind
  if (kind === undefined || !timeTypes.has(kind)) return undefined
  const [precision] = name.modifiers
  const isCut = precision !== undefined && precision < SECOND_DIGITS_MAX
  if (!isCut && name.fields === undefined) return undefined
  // Elements are brought to their type one by one.
  if (name.arrayDimensions > 0)
    throw notSupported(`arrays of ${name.name} with a precision`, name.span)
  return { ...(isCut && { digits: precision }), ...(name.fields && { fields: name.fields }) }
}
