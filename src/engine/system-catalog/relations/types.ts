import { OWNER } from '../object-names.ts'
import { labelsOf, type CatalogSnapshot } from '../snapshot.ts'
import { oidValue, type CatalogRow } from './rows.ts'

const RECORD_IN = 2_290n
const RECORD_OUT = 2_291n
const RECORD_RECV = 2_402n
const RECORD_SEND = 2_403n
const ARRAY_IN = 750n
const ARRAY_OUT = 751n
const ARRAY_RECV = 2_400n
const ARRAY_SEND = 2_401n
const ARRAY_ANALYZE = 3_816n
const ARRAY_SUBSCRIPT = 6_179n
const ENUM_IN = 3_506n
const ENUM_OUT = 3_507n
const ENUM_RECV = 3_532n
const ENUM_SEND = 3_533n

/** Enums, composite types, rows of relations, and arrays of both. */
export function pgType(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  const made = snapshot.types.flatMap(({ oid, name, schema, type }) => {
    const at = { namespace: snapshot.schemaOid(schema), name }
    return type.kind === 'enum'
      ? [enumRow(at, oid), arrayRow(at, oid + 1, oid, 'i')]
      : [rowTypeRow(at, 0, oid, oid + 1), arrayRow(at, oid + 1, oid, 'd')]
  })
  const rows = snapshot.relations.flatMap(({ oid, name, schema, rowType, arrayType }) => {
    if (rowType === 0) return []
    const at = { namespace: snapshot.schemaOid(schema), name }
    return [rowTypeRow(at, oid, rowType, arrayType), arrayRow(at, arrayType, rowType, 'd')]
  })
  return [...made, ...rows]
}

export function pgEnum(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.types.flatMap((made) =>
    labelsOf(made).map((label, at) => ({
      oid: oidValue(made.labelOids[at] ?? 0),
      enumtypid: oidValue(made.oid),
      enumsortorder: at + 1,
      enumlabel: label,
    })),
  )
}

interface Place {
  readonly namespace: number
  readonly name: string
}

const common: CatalogRow = {
  typowner: BigInt(OWNER),
  typispreferred: false,
  typisdefined: true,
  typdelim: ',',
  typmodin: 0n,
  typmodout: 0n,
  typnotnull: false,
  typbasetype: 0n,
  typtypmod: -1,
  typndims: 0,
  typcollation: 0n,
  typanalyze: 0n,
  typsubscript: 0n,
  typrelid: 0n,
  typelem: 0n,
  typarray: 0n,
}

function enumRow({ namespace, name }: Place, oid: number): CatalogRow {
  return {
    ...common,
    oid: oidValue(oid),
    typname: name,
    typnamespace: oidValue(namespace),
    typlen: 4,
    typbyval: true,
    typtype: 'e',
    typcategory: 'E',
    typarray: oidValue(oid + 1),
    typinput: ENUM_IN,
    typoutput: ENUM_OUT,
    typreceive: ENUM_RECV,
    typsend: ENUM_SEND,
    typalign: 'i',
    typstorage: 'p',
  }
}

function rowTypeRow(
  { namespace, name }: Place,
  relation: number,
  oid: number,
  array: number,
): CatalogRow {
  return {
    ...common,
    oid: oidValue(oid),
    typname: name,
    typnamespace: oidValue(namespace),
    typlen: -1,
    typbyval: false,
    typtype: 'c',
    typcategory: 'C',
    typrelid: oidValue(relation),
    typarray: oidValue(array),
    typinput: RECORD_IN,
    typoutput: RECORD_OUT,
    typreceive: RECORD_RECV,
    typsend: RECORD_SEND,
    typalign: 'd',
    typstorage: 'x',
  }
}

function arrayRow(
  { namespace, name }: Place,
  oid: number,
  element: number,
  align: string,
): CatalogRow {
  return {
    ...common,
    oid: oidValue(oid),
    typname: `_${name}`,
    typnamespace: oidValue(namespace),
    typlen: -1,
    typbyval: false,
    typtype: 'b',
    typcategory: 'A',
    typsubscript: ARRAY_SUBSCRIPT,
    typelem: oidValue(element),
    typinput: ARRAY_IN,
    typoutput: ARRAY_OUT,
    typreceive: ARRAY_RECV,
    typsend: ARRAY_SEND,
    typanalyze: ARRAY_ANALYZE,
    typalign: align,
    typstorage: 'x',
  }
}
