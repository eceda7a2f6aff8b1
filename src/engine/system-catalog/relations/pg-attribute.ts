import { fieldOf, oidField, staticRow } from '../static-rows.ts'
import type { CatalogSnapshot, ColumnObject } from '../snapshot.ts'
import { oidValue, type CatalogRow } from './rows.ts'

/** Columns that every table has beside its own: number, name, type. */
const systemColumns: readonly (readonly [number: number, name: string, type: number])[] = [
  [-1, 'ctid', 27],
  [-2, 'xmin', 28],
  [-3, 'cmin', 29],
  [-4, 'xmax', 28],
  [-5, 'cmax', 29],
  [-6, 'tableoid', 26],
]

/** Columns of relations, then of their indexes. */
export function pgAttribute(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations.flatMap(({ oid, kind, columns, indexes }) => [
    ...(kind === 'v'
      ? []
      : systemColumns.map(([number, name, type]) =>
          attributeRow(oid, { ...plain, number, name, typeOid: type, isNotNull: true }),
        )),
    ...columns.map((column) => attributeRow(oid, column)),
    ...indexes.flatMap((index) =>
      index.columns.map((at, place) => {
        const column = columns[at - 1] ?? { ...plain, name: '', typeOid: 0, number: 0 }
        return attributeRow(index.oid, { ...column, ...ofIndex, number: place + 1 })
      }),
    ),
  ])
}

const ofIndex = {
  isNotNull: false,
  defaultText: undefined,
  defaultOid: 0,
  identity: '',
  isGenerated: false,
} as const

const plain = { ...ofIndex, modifier: -1 } as const

const DEFAULT_COLLATION = 100n
/** int4 where PostgreSQL knows nothing of a type: those of users are stored as numbers or texts. */
const unknownStorage = { length: -1, byValue: false, align: 'd', storage: 'x', collation: 0n }

interface TypeStorage {
  readonly length: number
  readonly byValue: boolean
  readonly align: string
  readonly storage: string
  readonly collation: bigint
}

const known = new Map<number, TypeStorage>()

/** How PostgreSQL stores values of a type. */
function storageOf(typeOid: number): TypeStorage {
  let storage = known.get(typeOid)
  if (storage !== undefined) return storage
  const row = staticRow('pg_type', typeOid)
  if (row === undefined) return unknownStorage
  storage = {
    length: Number(fieldOf(row, 'typlen')),
    byValue: fieldOf(row, 'typbyval') === 'true',
    align: fieldOf(row, 'typalign'),
    storage: fieldOf(row, 'typstorage'),
    collation: BigInt(oidField(row, 'typcollation')),
  }
  known.set(typeOid, storage)
  return storage
}

function attributeRow(relation: number, column: ColumnObject): CatalogRow {
  const { length, byValue, align, storage, collation } = storageOf(column.typeOid)
  const isArray = staticRow('pg_type', column.typeOid)?.['typcategory'] === 'A'
  return {
    attrelid: oidValue(relation),
    attname: column.name,
    atttypid: oidValue(column.typeOid),
    attstattarget: column.number < 0 ? 0 : -1,
    attlen: length,
    attnum: column.number,
    attndims: isArray && column.number > 0 ? 1 : 0,
    attcacheoff: -1,
    atttypmod: column.modifier,
    attbyval: byValue,
    attalign: align,
    attstorage: storage,
    attcompression: '',
    attnotnull: column.isNotNull,
    atthasdef: column.defaultText !== undefined,
    atthasmissing: false,
    attidentity: column.identity,
    attgenerated: column.isGenerated ? 's' : '',
    attisdropped: false,
    attislocal: true,
    attinhcount: 0,
    attcollation: collation === 0n ? 0n : collation === 950n ? collation : DEFAULT_COLLATION,
  }
}
