import type { CatalogSnapshot, ConstraintObject, RelationObject } from '../snapshot.ts'
import { fieldOf, oidField, staticRows } from '../static-rows.ts'
import { shownDefinition } from '../definitions.ts'
import { oidValue, vectorText, type CatalogRow } from './rows.ts'

export function pgIndex(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return Array.from(snapshot.indexes(), ([{ oid, columns }, index]) => ({
    indexrelid: oidValue(index.oid),
    indrelid: oidValue(oid),
    indnatts: index.columns.length,
    indnkeyatts: index.columns.length,
    indisunique: index.isUnique,
    indnullsnotdistinct: !index.nullsDistinct,
    indisprimary: index.isPrimary,
    indisexclusion: false,
    indimmediate: true,
    indisclustered: false,
    indisvalid: true,
    indcheckxmin: false,
    indisready: true,
    indislive: true,
    indisreplident: false,
    indkey: vectorText(index.columns),
    indcollation: vectorText(index.columns.map((at) => collationOf(columns[at - 1]?.typeOid))),
    indclass: vectorText(index.columns.map((at) => operatorClassOf(columns[at - 1]?.typeOid))),
    indoption: vectorText(index.columns.map(() => 0)),
  }))
}

const types = new Map<number, { readonly collation: number; readonly isArray: boolean }>()

function typeOf(oid: number | undefined): {
  readonly collation: number
  readonly isArray: boolean
} {
  if (types.size === 0) {
    for (const row of staticRows('pg_type')) {
      const isArray = fieldOf(row, 'typcategory') === 'A'
      types.set(oidField(row), { collation: oidField(row, 'typcollation'), isArray })
    }
  }
  return types.get(oid ?? 0) ?? { collation: 0, isArray: false }
}

function collationOf(typeOid: number | undefined): number {
  return typeOf(typeOid).collation
}

const BTREE = '403'
/** Whose operators those of others are. */
const TEXT = 25
const ANY_ARRAY = 2_277
const ANY_ENUM = 3_500
const VARCHAR = 1_043

let classes: ReadonlyMap<number, number> | undefined

/** The operators that a btree over a type uses. */
function operatorClassOf(typeOid: number | undefined): number {
  classes ??= new Map(
    staticRows('pg_opclass')
      .filter((row) => row['opcmethod'] === BTREE && row['opcdefault'] === 'true')
      .map((row) => [oidField(row, 'opcintype'), oidField(row)]),
  )
  const type = typeOid === VARCHAR ? TEXT : (typeOid ?? 0)
  const others = typeOf(type).isArray ? ANY_ARRAY : ANY_ENUM
  return classes.get(type) ?? classes.get(others) ?? 0
}

export function pgConstraint(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return Array.from(snapshot.constraints(), ([relation, constraint]) =>
    constraintRow(snapshot, relation, constraint),
  )
}

function constraintRow(
  snapshot: CatalogSnapshot,
  relation: RelationObject,
  constraint: ConstraintObject,
): CatalogRow {
  const { oid, name, kind, columns, foreign, index } = constraint
  const target = foreign && snapshot.relationNamed(foreign.target.schema, foreign.target.name)
  const { condition } = constraint
  const shown = condition === undefined ? undefined : shownDefinition(snapshot, relation, condition)
  const used = kind === 'c' ? (shown === undefined ? [] : shown.columns) : columns
  return {
    oid: oidValue(oid),
    conname: name,
    connamespace: oidValue(snapshot.schemaOid(relation.schema)),
    contype: kind,
    condeferrable: false,
    condeferred: false,
    convalidated: true,
    conrelid: oidValue(relation.oid),
    contypid: 0n,
    conindid: oidValue(index?.oid ?? (target && targetIndex(target, constraint)) ?? 0),
    conparentid: 0n,
    confrelid: oidValue(target?.oid ?? 0),
    confupdtype: foreign ? 'a' : ' ',
    confdeltype: foreign ? 'a' : ' ',
    confmatchtype: foreign ? (foreign.match === 'full' ? 'f' : 's') : ' ',
    conislocal: true,
    coninhcount: 0,
    connoinherit: kind !== 'c',
    conkey: `{${used.join()}}`,
    confkey: foreign ? `{${foreign.targetColumns.map((at) => at + 1).join()}}` : null,
    conbin: shown?.text ?? null,
  }
}

/** The index of the key that a foreign key refers to. */
function targetIndex(
  { indexes }: RelationObject,
  { foreign }: ConstraintObject,
): number | undefined {
  const columns = new Set(foreign?.targetColumns.map((at) => at + 1))
  const index = indexes.find(
    (one) => one.columns.length === columns.size && one.columns.every((at) => columns.has(at)),
  )
  return index?.oid
}

export function pgAttrdef(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations.flatMap((relation) =>
    relation.columns.flatMap(({ number, defaultText, defaultOid }) => {
      if (defaultText === undefined) return []
      return [
        {
          oid: oidValue(defaultOid),
          adrelid: oidValue(relation.oid),
          adnum: number,
          adbin: shownDefinition(snapshot, relation, defaultText, number).text,
        },
      ]
    }),
  )
}
