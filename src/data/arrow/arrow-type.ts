import type * as Arrow from 'apache-arrow'
import { assert } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import {
  arrayOf,
  bool,
  bytea,
  date,
  decimal,
  DECIMAL_PRECISION_MAX,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  json,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  type DataType,
  type ElementType,
  type TypeKind,
} from '../types/data-type.ts'
import { UUID_BYTES } from '../types/uuid.ts'
import type { Field } from '../types/schema.ts'
import { arrow } from './library.ts'

/** Field metadata that names a data type which Arrow has no type for. */
const TYPE_KEY = 'heddle.type'
/** Arrow's own way, and its canonical name of uuids. */
const EXTENSION_KEY = 'ARROW:extension:name'
const UUID_EXTENSION = 'arrow.uuid'
const JSON_EXTENSION = 'arrow.json'

/** What a field says of types that Arrow has no type for. */
const metadataOf: Readonly<Partial<Record<TypeKind, readonly [key: string, value: string]>>> = {
  numeric: [TYPE_KEY, 'numeric'],
  uuid: [EXTENSION_KEY, UUID_EXTENSION],
  json: [EXTENSION_KEY, JSON_EXTENSION],
  jsonb: [EXTENSION_KEY, JSON_EXTENSION],
}

/**
 * The Arrow type that carries a data type. numeric, whose scale belongs to each value, is Utf8 with
 * the field metadata `heddle.type: numeric`; uuid is Arrow's canonical extension `arrow.uuid`; interval is IntervalMonthDayNano.
 */
export function arrowTypeOf(type: DataType): Arrow.DataType {
  return arrowTypes[type.kind](type)
}

const utf8 = (): Arrow.DataType => new arrow.Utf8()

const arrowTypes: Readonly<Record<TypeKind, (type: DataType) => Arrow.DataType>> = {
  bool: () => new arrow.Bool(),
  int2: () => new arrow.Int16(),
  int4: () => new arrow.Int32(),
  int8: () => new arrow.Int64(),
  float4: () => new arrow.Float32(),
  float8: () => new arrow.Float64(),
  decimal(type) {
    assert(type.kind === 'decimal', 'decimals of another type')
    return new arrow.Decimal(type.scale, type.precision, 128)
  },
  numeric: utf8,
  date: () => new arrow.DateDay(),
  time: () => new arrow.TimeMicrosecond(),
  timestamp: () => new arrow.TimestampMicrosecond(),
  timestamptz: () => new arrow.TimestampMicrosecond('UTC'),
  interval: () => new arrow.IntervalMonthDayNano(),
  text: utf8,
  bytea: () => new arrow.Binary(),
  timetz: utf8,
  bpchar: utf8,
  oid: () => new arrow.Int64(),
  uuid: () => new arrow.FixedSizeBinary(UUID_BYTES),
  bit: utf8,
  varbit: utf8,
  json: utf8,
  jsonb: utf8,
  jsonpath: utf8,
  array(type) {
    assert(type.kind === 'array', 'arrays of another type')
    return new arrow.List(elementField(type.element))
  },
  record: utf8,
  range: utf8,
  multirange: utf8,
  reg: () => new arrow.Int64(),
  enum: utf8,
  unknown: utf8,
}

/** The field of a list's members. */
function elementField(element: ElementType): Arrow.Field {
  return arrowField({ name: 'item', type: element, nullable: true }, arrowTypeOf(element))
}

/** A column as an Arrow field of the given Arrow type. */
export function arrowField(field: Field, type: Arrow.DataType): Arrow.Field {
  const told = metadataOf[field.type.kind]
  const metadata = told === undefined ? undefined : new Map([told])
  return new arrow.Field(field.name, type, field.nullable, metadata)
}

/** The column that an Arrow field becomes. Throws FEATURE_NOT_SUPPORTED for nested types and unions. */
export function fieldOfArrow(field: Arrow.Field): Field {
  const type = toldType(field) ?? listType(field.type) ?? typeOfArrow(field.type)
  if (type === undefined) throw notSupported(`Arrow type ${String(field.type)} of "${field.name}"`)
  return { name: field.name, type, nullable: field.nullable }
}

/** A list is an array of its members' type; members that are lists again are an array of two dimensions. */
function listType(type: Arrow.DataType): DataType | undefined {
  if (!isListType(type)) return undefined
  const [member] = type.children
  if (member === undefined) return undefined
  const element = fieldOfArrow(member).type
  return element.kind === 'array' ? element : arrayOf(element)
}

/** Lists of any length, with offsets of 32 or 64 bits, and those that are all equally long. */
export function isListType(
  type: Arrow.DataType,
): type is Arrow.List | Arrow.LargeList | Arrow.FixedSizeList {
  const { isList, isLargeList, isFixedSizeList } = arrow.DataType
  return isList(type) || isLargeList(type) || isFixedSizeList(type)
}

/** The type that a field's metadata names, where its values can be of it. */
function toldType({ metadata, type }: Arrow.Field): DataType | undefined {
  const isNumeric = metadata.get(TYPE_KEY) === 'numeric' && type.typeId === arrow.Type.Utf8
  if (isNumeric) return numeric
  if (metadata.get(EXTENSION_KEY) === JSON_EXTENSION && type.typeId === arrow.Type.Utf8) return json
  const isUuid = metadata.get(EXTENSION_KEY) === UUID_EXTENSION
  return isUuid && arrow.DataType.isFixedSizeBinary(type) && type.byteWidth === UUID_BYTES
    ? uuid
    : undefined
}

/** The data type that holds every value of an Arrow type; undefined when there is none. */
export function typeOfArrow(type: Arrow.DataType): DataType | undefined {
  if (arrow.DataType.isDictionary(type)) return typeOfArrow(type.dictionary)
  if (arrow.DataType.isInt(type)) return integerType(type.bitWidth, type.isSigned)
  if (arrow.DataType.isFloat(type))
    return type.precision === arrow.Precision.DOUBLE ? float8 : float4
  if (arrow.DataType.isDecimal(type)) return decimalType(type)
  if (arrow.DataType.isTimestamp(type)) return type.timezone ? timestamptz : timestamp
  if (isOneOf(type, arrow.Type.Bool)) return bool
  if (isOneOf(type, arrow.Type.Date)) return date
  if (isOneOf(type, arrow.Type.Time)) return time
  if (isOneOf(type, arrow.Type.Interval, arrow.Type.Duration)) return interval
  const { Utf8, LargeUtf8, Utf8View, Null } = arrow.Type
  if (isOneOf(type, Utf8, LargeUtf8, Utf8View, Null)) return text
  const { Binary, LargeBinary, BinaryView, FixedSizeBinary } = arrow.Type
  return isOneOf(type, Binary, LargeBinary, BinaryView, FixedSizeBinary) ? bytea : undefined
}

function isOneOf({ typeId }: Arrow.DataType, ...ids: readonly Arrow.Type[]): boolean {
  return ids.includes(typeId)
}

function integerType(bitWidth: number, isSigned: boolean): DataType {
  const bits = isSigned ? bitWidth : bitWidth + 1
  if (bits <= 16) return int2
  if (bits <= 32) return int4
  return bits <= 64 ? int8 : decimal(20, 0)
}

function decimalType(type: Arrow.Decimal): DataType | undefined {
  const { precision, scale, bitWidth } = type
  const fits = precision >= 1 && precision <= DECIMAL_PRECISION_MAX && scale >= 0
  return fits && scale <= precision && bitWidth === 128 ? decimal(precision, scale) : undefined
}
