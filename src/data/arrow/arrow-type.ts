import type * as Arrow from 'apache-arrow'
import { unreachable } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import {
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
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  type DataType,
} from '../types/data-type.ts'
import type { Field } from '../types/schema.ts'
import { arrow } from './library.ts'

/** Field metadata that names a data type which Arrow has no type for. */
const TYPE_KEY = 'heddle.type'

/**
 * The Arrow type that carries a data type. numeric, whose scale belongs to each value, is Utf8 with
 * the field metadata `heddle.type: numeric`; interval is IntervalMonthDayNano.
 */
export function arrowTypeOf(type: DataType): Arrow.DataType {
  switch (type.kind) {
    case 'bool':
      return new arrow.Bool()
    case 'int2':
      return new arrow.Int16()
    case 'int4':
      return new arrow.Int32()
    case 'int8':
      return new arrow.Int64()
    case 'float4':
      return new arrow.Float32()
    case 'float8':
      return new arrow.Float64()
    case 'decimal':
      return new arrow.Decimal(type.scale, type.precision, 128)
    case 'date':
      return new arrow.DateDay()
    case 'time':
      return new arrow.TimeMicrosecond()
    case 'timestamp':
      return new arrow.TimestampMicrosecond()
    case 'timestamptz':
      return new arrow.TimestampMicrosecond('UTC')
    case 'interval':
      return new arrow.IntervalMonthDayNano()
    case 'bytea':
      return new arrow.Binary()
    case 'numeric':
    case 'text':
    case 'unknown':
      return new arrow.Utf8()
    default:
      return unreachable(type)
  }
}

/** A column as an Arrow field of the given Arrow type. */
export function arrowField(field: Field, type: Arrow.DataType): Arrow.Field {
  const metadata =
    field.type.kind === 'numeric' ? new Map([[TYPE_KEY, field.type.kind]]) : undefined
  return new arrow.Field(field.name, type, field.nullable, metadata)
}

/** The column that an Arrow field becomes. Throws FEATURE_NOT_SUPPORTED for nested types and unions. */
export function fieldOfArrow(field: Arrow.Field): Field {
  const isNumeric = field.metadata.get(TYPE_KEY) === 'numeric'
  const type =
    isNumeric && field.type.typeId === arrow.Type.Utf8 ? numeric : typeOfArrow(field.type)
  if (type === undefined) throw notSupported(`Arrow type ${String(field.type)} of "${field.name}"`)
  return { name: field.name, type, nullable: field.nullable }
}

/** The data type that holds every value of an Arrow type; undefined when there is none. */
export function typeOfArrow(type: Arrow.DataType): DataType | undefined {
  if (arrow.DataType.isDictionary(type)) return typeOfArrow(type.dictionary)
  if (arrow.DataType.isInt(type)) return integerType(type.bitWidth, type.isSigned)
  if (arrow.DataType.isFloat(type))
    return type.precision === arrow.Precision.DOUBLE ? float8 : float4
  if (arrow.DataType.isDecimal(type)) return decimalType(type)
  if (arrow.DataType.isTimestamp(type)) return type.timezone ? timestamptz : timestamp
  switch (type.typeId) {
    case arrow.Type.Bool:
      return bool
    case arrow.Type.Date:
      return date
    case arrow.Type.Time:
      return time
    case arrow.Type.Interval:
    case arrow.Type.Duration:
      return interval
    case arrow.Type.Utf8:
    case arrow.Type.LargeUtf8:
    case arrow.Type.Utf8View:
    case arrow.Type.Null:
      return text
    case arrow.Type.Binary:
    case arrow.Type.LargeBinary:
    case arrow.Type.BinaryView:
    case arrow.Type.FixedSizeBinary:
      return bytea
    default:
      return undefined
  }
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
