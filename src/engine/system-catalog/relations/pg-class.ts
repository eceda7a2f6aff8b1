import { isTemporarySchema } from '../../../plan/catalog/schemas.ts'
import { OWNER } from '../object-names.ts'
import type { CatalogSnapshot, IndexObject, RelationObject } from '../snapshot.ts'
import { oidValue, type CatalogRow } from './rows.ts'

const HEAP = 2n
const BTREE = 403n

export function pgClass(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations.flatMap((relation) => [
    relationRow(snapshot, relation),
    ...relation.indexes.map((index) => indexRow(snapshot, relation, index)),
  ])
}

/** What all kinds have in common. */
function common(snapshot: CatalogSnapshot, schema: string): CatalogRow {
  return {
    relnamespace: oidValue(snapshot.schemaOid(schema)),
    reloftype: 0n,
    relowner: BigInt(OWNER),
    reltablespace: 0n,
    relpages: 0,
    relallvisible: 0,
    reltoastrelid: 0n,
    relisshared: false,
    relpersistence: isTemporarySchema(schema) ? 't' : 'p',
    relchecks: 0,
    relhasindex: false,
    relhasrules: false,
    relhastriggers: false,
    relhassubclass: false,
    relrowsecurity: false,
    relforcerowsecurity: false,
    relispopulated: true,
    relreplident: 'n',
    relispartition: false,
    relrewrite: 0n,
    relfrozenxid: 0n,
    relminmxid: 0n,
  }
}

function relationRow(snapshot: CatalogSnapshot, relation: RelationObject): CatalogRow {
  const { oid, name, schema, kind, entry, columns, constraints } = relation
  const checks = constraints.filter((one) => one.kind === 'c').length
  const isTable = kind === 'r'
  const hasRows = isTable || kind === 'm'
  return {
    ...common(snapshot, schema),
    oid: oidValue(oid),
    relname: name,
    reltype: oidValue(relation.rowType),
    relam: hasRows ? HEAP : 0n,
    relfilenode: kind === 'v' ? 0n : oidValue(oid),
    reltuples: entry.kind === 'table' ? entry.statistics.rows : kind === 'S' ? 1 : -1,
    relhasindex: relation.indexes.length > 0,
    relkind: kind,
    relnatts: columns.length,
    relchecks: checks,
    relhasrules: kind === 'v' || kind === 'm',
    relhastriggers: isTable && isReferred(snapshot, relation),
    relreplident: hasRows ? 'd' : 'n',
  }
}

/** Whether the table is one of either side of a foreign key, which PostgreSQL keeps by triggers. */
function isReferred(
  snapshot: CatalogSnapshot,
  { schema, name, constraints }: RelationObject,
): boolean {
  if (constraints.some((one) => one.kind === 'f')) return true
  for (const [, { foreign }] of snapshot.constraints()) {
    if (foreign?.target.schema === schema && foreign.target.name === name) return true
  }
  return false
}

function indexRow(
  snapshot: CatalogSnapshot,
  { schema }: RelationObject,
  { oid, name, columns }: IndexObject,
): CatalogRow {
  return {
    ...common(snapshot, schema),
    oid: oidValue(oid),
    relname: name,
    reltype: 0n,
    relam: BTREE,
    relfilenode: oidValue(oid),
    reltuples: 0,
    relkind: 'i',
    relnatts: columns.length,
  }
}
