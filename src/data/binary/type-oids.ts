import { notSupported } from '../../base/errors.ts'
import { isTypeKind, typeCatalogue, typeEntry } from '../types/catalogue.ts'
import { isPlainKind, plainType } from '../types/data-type.ts'
import * as types from '../types/data-type.ts'
import { isOther, type DeclaredType, type OtherName } from '../types/declared-type.ts'
import type { DataType, RangeName, RegName } from '../types/data-type.ts'

/** A type as RowDescription tells it. */
export interface WireType {
  readonly oid: number
  /** Bytes of a value, -1 when they vary. */
  readonly size: number
  readonly modifier: number
}

/** pg_type.oid. */
export function oidOf(type: DataType): number {
  if (type.kind === 'enum') return type.id
  if (type.kind === 'reg') return regOids[type.object][0]
  if (type.kind !== 'array')
    return 'of' in type ? rangeOids[type.kind][type.of] : typeEntry(type).oid
  const { element } = type
  if (type.vector)
    return element.kind === 'int2' ? otherTypes.int2vector[0] : otherTypes.oidvector[0]
  if (element.kind === 'enum') return element.id + 1
  if (element.kind === 'reg') return regOids[element.object][1]
  if ('of' in element) return rangeArrayOids[element.kind][element.of]
  return typeEntry(element).arrayOid
}

/** Of the type and of its arrays. */
const regOids: Readonly<Record<RegName, readonly [number, number]>> = {
  regproc: [24, 1008],
  regprocedure: [2202, 2207],
  regoper: [2203, 2208],
  regoperator: [2204, 2209],
  regclass: [2205, 2210],
  regtype: [2206, 2211],
  regrole: [4096, 4097],
  regnamespace: [4089, 4090],
  regcollation: [4191, 4192],
}

type RangeOids = Readonly<Record<'range' | 'multirange', Readonly<Record<RangeName, number>>>>

const rangeOids: RangeOids = {
  range: {
    int4range: 3904,
    numrange: 3906,
    tsrange: 3908,
    tstzrange: 3910,
    daterange: 3912,
    int8range: 3926,
  },
  multirange: {
    int4range: 4451,
    numrange: 4532,
    tsrange: 4533,
    tstzrange: 4534,
    daterange: 4535,
    int8range: 4536,
  },
}

const rangeArrayOids: RangeOids = {
  range: {
    int4range: 3905,
    numrange: 3907,
    tsrange: 3909,
    tstzrange: 3911,
    daterange: 3913,
    int8range: 3927,
  },
  multirange: {
    int4range: 6150,
    numrange: 6151,
    tsrange: 6152,
    tstzrange: 6153,
    daterange: 6155,
    int8range: 6157,
  },
}

const MODIFIER_OFFSET = 4

/** Types that are others to us: their OIDs, those of their arrays, and bytes of a value. */
export const otherTypes: Readonly<
  Record<OtherName | 'int2vector' | 'oidvector', readonly [number, number, number]>
> = {
  name: [19, 1003, 64],
  char: [18, 1002, 1],
  xid: [28, 1011, 4],
  cid: [29, 1012, 4],
  pg_node_tree: [194, 0, -1],
  pg_lsn: [3220, 3221, 8],
  aclitem: [1033, 1034, 12],
  anyarray: [2277, 0, -1],
  inet: [869, 1041, -1],
  int2vector: [22, 1006, -1],
  oidvector: [30, 1013, -1],
}

/** A type, as it was declared where that says more. Digits that nobody declared are none to clients. */
export function wireType(type: DataType, declared?: DeclaredType): WireType {
  const [oid, size] = [oidOf(type), typeEntry(type).wireBytes]
  const isArray = type.kind === 'array'
  if (declared === undefined) {
    const own = isArray ? type.element : type
    const isVarying = own.kind === 'text' && own.varying === true
    return { oid: isVarying ? (isArray ? arrayOids : oids).varchar : oid, size, modifier: -1 }
  }
  if (isOther(declared)) {
    const [one, many, bytes] = otherTypes[declared.name]
    return isArray ? { oid: many, size: -1, modifier: -1 } : { oid: one, size: bytes, modifier: -1 }
  }
  switch (declared.name) {
    case 'numeric':
      return { oid, size, modifier: numericModifier(declared.precision, declared.scale) }
    case 'bit':
    case 'varbit':
      return { oid, size, modifier: declared.charactersMax ?? -1 }
    case 'bpchar':
    case 'varchar': {
      const most = declared.charactersMax
      return {
        oid: (isArray ? arrayOids : oids)[declared.name],
        size,
        modifier: most === undefined ? -1 : most + MODIFIER_OFFSET,
      }
    }
  }
}

function numericModifier(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + MODIFIER_OFFSET
}

/** Types that the engine has under another name, or checks and keeps as text. */
export const oids = {
  name: 19,
  oid: 26,
  bpchar: 1042,
  varchar: 1043,
} as const

/** Arrays of such types. */
const arrayOids = { bpchar: 1014, varchar: 1015 } as const

const rangeNames = Object.keys(types.rangeSubtypes).filter(types.isRangeName)

const ownKinds = Object.keys(typeCatalogue)
  .filter(isTypeKind)
  .filter(isPlainKind)
  .filter((kind) => typeCatalogue[kind].sqlNames.length > 0)

/** Arrays of name, character and character varying: text to us. */
const textArrayOids = [1003, 1015] as const

const parameterTypes: ReadonlyMap<number, DataType | undefined> = new Map([
  [0, undefined],
  [705, undefined],
  ...ownKinds.map((kind) => [typeCatalogue[kind].oid, plainType(kind)] as const),
  ...ownKinds.map(
    (kind) => [typeCatalogue[kind].arrayOid, types.arrayOf(plainType(kind))] as const,
  ),
  ...textArrayOids.map((oid) => [oid, types.arrayOf(plainType('text'))] as const),
  ...rangeNames.map((of) => [rangeOids.range[of], types.rangeOf(of)] as const),
  ...rangeNames.map((of) => [rangeOids.multirange[of], types.multirangeOf(of)] as const),
  ...types.regNames.map((of) => [regOids[of][0], types.regOf(of)] as const),
  ...types.regNames.map((of) => [regOids[of][1], types.arrayOf(types.regOf(of))] as const),
  [oids.name, types.text],
  [otherTypes.char[0], types.text],
  [otherTypes.int2vector[0], types.vectorOf(types.plainType('int2'))],
  [otherTypes.oidvector[0], types.vectorOf(types.plainType('oid'))],
  [oids.varchar, types.varchar],
])

/** Names of types that clients send and the engine does not have, for the error about them. */
const otherNames: ReadonlyMap<number, string> = new Map([
  [142, 'xml'],
  [600, 'point'],
  [650, 'cidr'],
  [790, 'money'],
  [829, 'macaddr'],
  [869, 'inet'],
  [1560, 'bit'],
  [1562, 'bit varying'],
  [2249, 'record'],
])

/** The type of an OID, undefined for one that has none here. */
export function parameterType(oid: number): DataType | undefined {
  return parameterTypes.get(oid)
}

/**
 * The type of a parameter that a client declares; undefined when it leaves the choice to us. Throws
 * FEATURE_NOT_SUPPORTED for others: their bytes would be taken for text.
 */
export function typeOfOid(oid: number): DataType | undefined {
  if (parameterTypes.has(oid)) return parameterTypes.get(oid)
  const name = otherNames.get(oid)
  throw notSupported(`parameters of type ${name ?? 'unknown'} (OID ${oid})`)
}
