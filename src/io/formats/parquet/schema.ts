import { assert } from '../../../base/assert.ts'
import { isIntegerLike, widestLayout } from '../../../data/types/catalogue.ts'
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
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  type DataType,
} from '../../../data/types/data-type.ts'
import type { Layout } from '../../../data/types/layout.ts'
import { integerField, booleanField, structField, type ThriftStruct } from './thrift.ts'
import { ThriftError } from './thrift.ts'
import {
  childrenOf,
  logicalMember,
  nameOf,
  shapeOf,
  type ListLevels,
  type ListShape,
} from './nesting.ts'

/** How stored values become values of the column's type. */
export type Conversion =
  /** Integers of 4 or 8 bytes as they are; `bits` below 32 narrow what may occur. */
  | { readonly kind: 'integer'; readonly low: bigint; readonly high: bigint }
  | { readonly kind: 'unsigned32' }
  | { readonly kind: 'unsigned64' }
  | { readonly kind: 'scaled'; readonly factor: number }
  | { readonly kind: 'nanoseconds' }
  | { readonly kind: 'int96' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'float' }
  | { readonly kind: 'half-float' }
  | { readonly kind: 'big-endian' }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'uuid' }

export type PhysicalType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'int96'
  | 'float'
  | 'double'
  | 'bytes'
  | 'fixed'

/** A top-level column of a file, or what the lists of one hold. */
export interface ParquetColumn {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  readonly physical: PhysicalType
  /** Bytes of a stored value of fixed width; 0 for boolean and bytes. */
  readonly width: number
  readonly conversion: Conversion
  /** Position of its column chunk in a row group. */
  readonly chunk: number
  /** Whether the type says nothing: all values are NULL. */
  readonly isUntyped: boolean
  /** Why the column cannot be read, when it cannot: said once it is selected. */
  readonly unsupported: string | undefined
  /** Of a column of lists: what they hold, which is what the column chunk stores. */
  readonly element?: ParquetColumn
  /** Of what lists hold: how their slots are told from each other. */
  readonly levels?: ListLevels
}

const physicalTypes: readonly PhysicalType[] = [
  'boolean',
  'int32',
  'int64',
  'int96',
  'float',
  'double',
  'bytes',
  'fixed',
]

const physicalWidths: Readonly<Record<PhysicalType, number>> = {
  boolean: 0,
  int32: 4,
  int64: 8,
  int96: 12,
  float: 4,
  double: 8,
  bytes: 0,
  fixed: 0,
}

/** The top-level columns of a schema as the footer lists it (depth first, root first). */
export function columnsOf(elements: readonly ThriftStruct[]): readonly ParquetColumn[] {
  const columns: ParquetColumn[] = []
  let chunk = 0
  let at = 1
  while (at < elements.length) {
    const span = subtree(elements, at)
    columns.push(topColumn(elements.slice(at, span.end), chunk))
    chunk += span.leaves
    at = span.end
  }
  return columns
}

/** How many column chunks a row group must have. */
export function chunksOf(elements: readonly ThriftStruct[]): number {
  return elements.slice(1).filter((element) => childrenOf(element) === undefined).length
}

function subtree(
  elements: readonly ThriftStruct[],
  start: number,
): { readonly end: number; readonly leaves: number } {
  let open = 1
  let at = start
  let leaves = 0
  while (open > 0) {
    const element = elements[at++]
    if (element === undefined) throw new ThriftError('the schema ends within a group')
    const children = childrenOf(element)
    open += (children ?? 0) - 1
    if (children === undefined) leaves++
  }
  return { end: at, leaves }
}

/** A column of the elements that describe it, itself first. */
function topColumn(tree: readonly ThriftStruct[], chunk: number): ParquetColumn {
  const top = tree[0]!
  const shape = shapeOf(tree)
  switch (shape.kind) {
    case 'plain':
      return leafColumn(top, chunk)
    case 'list':
      return listColumn(nameOf(top), leafColumn(shape.element, chunk), shape)
    case 'unsupported':
      return { ...textColumn, name: nameOf(top), chunk, unsupported: shape.what }
  }
}

const textColumn = {
  type: text,
  nullable: true,
  physical: 'bytes',
  width: 0,
  conversion: { kind: 'text' },
  isUntyped: false,
} as const

/** Lists of elements; one that cannot be read cannot be in a list. */
function listColumn(
  name: string,
  leaf: ParquetColumn,
  { isNullable, hasNulls }: ListShape,
): ParquetColumn {
  const present = isNullable ? 1 : 0
  const filled = present + 1
  const levels = { present, filled, max: filled + (hasNulls ? 1 : 0) }
  const element = { ...leaf, name, nullable: true, levels }
  assert(leaf.type.kind !== 'array', 'a leaf that is a list')
  return { ...leaf, name, type: arrayOf(leaf.type), nullable: isNullable, element }
}

function leafColumn(element: ThriftStruct, chunk: number): ParquetColumn {
  const physical = physicalTypes[integerField(element, 1) ?? -1]
  if (physical === undefined) throw new ThriftError('a column of an unknown physical type')
  const width = physical === 'fixed' ? (integerField(element, 2) ?? 0) : physicalWidths[physical]
  if (physical === 'fixed' && (width < 1 || width > 1_048_576)) {
    throw new ThriftError(`a fixed length of ${width}`)
  }
  const repetition = integerField(element, 3) ?? 0
  const meaning = meaningOf(element, physical, width)
  return {
    name: nameOf(element),
    type: meaning.type,
    nullable: repetition === 1,
    physical,
    width,
    conversion: meaning.conversion,
    chunk,
    isUntyped: logicalMember(element, LOGICAL.unknown) !== undefined,
    unsupported: meaning.unsupported,
  }
}

interface Meaning {
  readonly type: DataType
  readonly conversion: Conversion
  readonly unsupported?: string
}

function meaningOf(element: ThriftStruct, physical: PhysicalType, width: number): Meaning {
  switch (physical) {
    case 'boolean':
      return { type: bool, conversion: { kind: 'boolean' } }
    case 'float':
      return { type: float4, conversion: { kind: 'float' } }
    case 'double':
      return { type: float8, conversion: { kind: 'float' } }
    case 'int96':
      return { type: timestamp, conversion: { kind: 'int96' } }
    case 'int32':
    case 'int64':
      return decimalMeaning(element, width) ?? integerMeaning(element, physical)
    case 'bytes':
      return decimalMeaning(element, width) ?? bytesMeaning(element)
    case 'fixed':
      return decimalMeaning(element, width) ?? fixedMeaning(element, width)
  }
}

// Members of the LogicalType union and of the older ConvertedType enum, by their numbers.
const LOGICAL = {
  string: 1,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
  unknown: 11,
  json: 12,
  uuid: 14,
  float16: 15,
} as const
const CONVERTED = {
  utf8: 0,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMillis: 7,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  unsigned8: 11,
  signed8: 15,
  json: 19,
  interval: 21,
} as const

function decimalMeaning(element: ThriftStruct, width: number): Meaning | undefined {
  const logical = logicalMember(element, LOGICAL.decimal)
  if (logical === undefined && integerField(element, 6) !== CONVERTED.decimal) return undefined
  const scale = (logical && integerField(logical, 1)) ?? integerField(element, 7) ?? 0
  const precision = (logical && integerField(logical, 2)) ?? integerField(element, 8) ?? 0
  if (precision < 1 || precision > DECIMAL_PRECISION_MAX || scale < 0 || scale > precision) {
    const unsupported = `numbers of type decimal(${precision},${scale})`
    return { type: text, conversion: { kind: 'text' }, unsupported }
  }
  const conversion: Conversion =
    (width === 4 || width === 8) && (element.get(1) === 1 || element.get(1) === 2)
      ? integersWithin(-(10n ** BigInt(precision)) + 1n, 10n ** BigInt(precision) - 1n)
      : { kind: 'big-endian' }
  return { type: decimal(precision, scale), conversion }
}

function integersWithin(low: bigint, high: bigint): Conversion {
  return { kind: 'integer', low, high }
}

function integersOfBits(bits: number): Conversion {
  const half = 1n << BigInt(bits - 1)
  return integersWithin(-half, half - 1n)
}

function integerMeaning(element: ThriftStruct, physical: 'int32' | 'int64'): Meaning {
  const converted = integerField(element, 6) ?? -1
  const bits = physical === 'int32' ? 32 : 64
  const moment = temporalMeaning(element, converted, bits)
  if (moment !== undefined) return moment
  const logical = logicalMember(element, LOGICAL.integer)
  let width = bits
  let signed = true
  if (logical !== undefined) {
    width = widthOf(integerField(logical, 1), bits)
    signed = booleanField(logical, 2) ?? true
  } else if (converted >= CONVERTED.unsigned8 && converted < CONVERTED.signed8 + 4) {
    signed = converted >= CONVERTED.signed8
    width = 8 << (converted - (signed ? CONVERTED.signed8 : CONVERTED.unsigned8))
  }
  if (signed) {
    const type = width <= 16 ? int2 : width <= 32 ? int4 : int8
    return { type, conversion: integersOfBits(Math.min(width, bits)) }
  }
  if (width === 64) return { type: decimal(20, 0), conversion: { kind: 'unsigned64' } }
  if (width === 32) return { type: int8, conversion: { kind: 'unsigned32' } }
  const conversion = integersWithin(0n, (1n << BigInt(width)) - 1n)
  return { type: width <= 8 ? int2 : int4, conversion }
}

/** Bits as the file says them, where they are some that there are; else those of the column. */
function widthOf(said: number | undefined, bits: 32 | 64): number {
  return said === 8 || said === 16 || said === 32 || said === 64 ? said : bits
}

type TimeUnit = 'millis' | 'micros' | 'nanos'

function unitOf(moment: ThriftStruct): TimeUnit {
  const unit = structField(moment, 2)
  if (unit?.has(1) === true) return 'millis'
  return unit?.has(3) === true ? 'nanos' : 'micros'
}

const timeConversions: Readonly<Record<TimeUnit, Conversion>> = {
  millis: { kind: 'scaled', factor: 1_000 },
  micros: integersOfBits(64),
  nanos: { kind: 'nanoseconds' },
}

function temporalMeaning(
  element: ThriftStruct,
  converted: number,
  bits: number,
): Meaning | undefined {
  if (logicalMember(element, LOGICAL.date) !== undefined || converted === CONVERTED.date) {
    return { type: date, conversion: integersOfBits(bits) }
  }
  const logicalTime = logicalMember(element, LOGICAL.time)
  if (logicalTime !== undefined) {
    return { type: time, conversion: timeConversions[unitOf(logicalTime)] }
  }
  const moment = logicalMember(element, LOGICAL.timestamp)
  if (moment !== undefined) {
    const type = booleanField(moment, 1) === true ? timestamptz : timestamp
    return { type, conversion: timeConversions[unitOf(moment)] }
  }
  switch (converted) {
    case CONVERTED.timeMillis:
      return { type: time, conversion: timeConversions.millis }
    case CONVERTED.timeMicros:
      return { type: time, conversion: timeConversions.micros }
    // The old annotations count from 1970 in UTC.
    case CONVERTED.timestampMillis:
      return { type: timestamptz, conversion: timeConversions.millis }
    case CONVERTED.timestampMicros:
      return { type: timestamptz, conversion: timeConversions.micros }
    default:
      return undefined
  }
}

function bytesMeaning(element: ThriftStruct): Meaning {
  const converted = integerField(element, 6) ?? -1
  const isText =
    [LOGICAL.string, LOGICAL.enum, LOGICAL.json].some(
      (id) => logicalMember(element, id) !== undefined,
    ) || [CONVERTED.utf8, CONVERTED.enum, CONVERTED.json].some((id) => id === converted)
  return isText
    ? { type: text, conversion: { kind: 'text' } }
    : { type: bytea, conversion: { kind: 'bytes' } }
}

function fixedMeaning(element: ThriftStruct, width: number): Meaning {
  if (logicalMember(element, LOGICAL.uuid) !== undefined && width === 16) {
    return { type: uuid, conversion: { kind: 'uuid' } }
  }
  if (logicalMember(element, LOGICAL.float16) !== undefined && width === 2) {
    return { type: float4, conversion: { kind: 'half-float' } }
  }
  if (integerField(element, 6) === CONVERTED.interval) {
    return { type: bytea, conversion: { kind: 'bytes' }, unsupported: 'interval columns' }
  }
  return { type: bytea, conversion: { kind: 'bytes' } }
}

/** Bytes of a value in its widest layout, for columns whose values are integers. */
export function widestIntegerBytes(type: DataType): 2 | 4 | 8 | 16 | undefined {
  return isIntegerLike(type) ? integerBytes[widestLayout(type)] : undefined
}

const integerBytes: Readonly<Partial<Record<Layout, 2 | 4 | 8 | 16>>> = {
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
}
