import * as types from '../../data/types/data-type.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'

/** A type as RowDescription tells it. */
export interface WireType {
  readonly oid: number
  /** Bytes of a value, -1 when they vary. */
  readonly size: number
  readonly modifier: number
}

const wireTypes: Readonly<Record<TypeKind, readonly [oid: number, size: number]>> = {
  bool: [16, 1],
  bytea: [17, -1],
  int8: [20, 8],
  int2: [21, 2],
  int4: [23, 4],
  text: [25, -1],
  unknown: [25, -1],
  float4: [700, 4],
  float8: [701, 8],
  date: [1082, 4],
  time: [1083, 8],
  timestamp: [1114, 8],
  timestamptz: [1184, 8],
  interval: [1186, 16],
  decimal: [1700, -1],
  numeric: [1700, -1],
}

const MODIFIER_OFFSET = 4

export function wireType(type: DataType): WireType {
  const [oid, size] = wireTypes[type.kind]
  const modifier =
    type.kind === 'decimal' ? ((type.precision << 16) | type.scale) + MODIFIER_OFFSET : -1
  return { oid, size, modifier }
}

const VARCHAR_OID = 1043
const BPCHAR_OID = 1042
const NAME_OID = 19
const OID_OID = 26

/** The type of a parameter that a client declares; undefined when it leaves the choice to us. */
export function typeOfOid(oid: number): DataType | undefined {
  switch (oid) {
    case 0:
    case 705:
      return undefined
    case 16:
      return types.bool
    case 17:
      return types.bytea
    case 20:
    case OID_OID:
      return types.int8
    case 21:
      return types.int2
    case 23:
      return types.int4
    case 25:
    case VARCHAR_OID:
    case BPCHAR_OID:
    case NAME_OID:
      return types.text
    case 700:
      return types.float4
    case 701:
      return types.float8
    case 1082:
      return types.date
    case 1083:
      return types.time
    case 1114:
      return types.timestamp
    case 1184:
      return types.timestamptz
    case 1186:
      return types.interval
    case 1700:
      return types.numeric
    default:
      return undefined
  }
}
