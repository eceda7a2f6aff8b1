import { DATABASE, OWNER } from '../object-names.ts'
import type { CatalogSnapshot } from '../snapshot.ts'
import { staticRows } from '../static-rows.ts'
import { catalogOids, oidValue, type CatalogRow } from './rows.ts'

export function pgNamespace(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  const own = new Set(staticRows('pg_namespace').map((row) => row['nspname']))
  return Array.from(snapshot.schemas)
    .filter(([name]) => !own.has(name))
    .map(([nspname, oid]) => ({ oid: oidValue(oid), nspname, nspowner: BigInt(OWNER) }))
}

const INT2 = 21n
const INT4 = 23n
const INT8 = 20n

export function pgSequence(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations.flatMap(({ oid, entry }) => {
    if (entry.kind !== 'sequence') return []
    const { type, start, increment, max, min, cache, cycles } = entry.options
    return [
      {
        seqrelid: oidValue(oid),
        seqtypid: type === 'int2' ? INT2 : type === 'int4' ? INT4 : INT8,
        seqstart: start,
        seqincrement: increment,
        seqmax: max,
        seqmin: min,
        seqcache: cache,
        seqcycle: cycles,
      },
    ]
  })
}

/** What is dropped with what: sequences with their columns; and what views read. */
export function pgDepend(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  const owned = snapshot.relations.flatMap(({ oid, entry }) => {
    if (entry.kind !== 'sequence' || entry.owner === undefined) return []
    const { schema, name, column, isIdentity } = entry.owner
    const owner = snapshot.relationNamed(schema, name)
    const place = owner?.columns.find((one) => one.name === column)?.number
    if (owner === undefined || place === undefined) return []
    return [
      {
        classid: catalogOids.pg_class,
        objid: oidValue(oid),
        objsubid: 0,
        refclassid: catalogOids.pg_class,
        refobjid: oidValue(owner.oid),
        refobjsubid: place,
        deptype: isIdentity ? 'i' : 'a',
      },
    ]
  })
  return [...owned, ...viewDependencies(snapshot)]
}

function viewDependencies(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations.flatMap((relation) => {
    const { entry } = relation
    if (entry.kind !== 'view') return []
    const rule = oidValue(relation.ruleOid)
    const own = { classid: catalogOids.pg_rewrite, objid: rule, objsubid: 0 }
    const needed = entry.dependsOn.flatMap(({ schema, name, columnNames }) => {
      const target = snapshot.relationNamed(schema, name)
      if (target === undefined) return []
      return target.columns
        .filter((column) => columnNames.includes(column.name))
        .map((column) => ({
          ...own,
          refclassid: catalogOids.pg_class,
          refobjid: oidValue(target.oid),
          refobjsubid: column.number,
          deptype: 'n',
        }))
    })
    const view = {
      ...own,
      refclassid: catalogOids.pg_class,
      refobjid: oidValue(relation.oid),
      refobjsubid: 0,
      deptype: 'i',
    }
    return [view, ...needed]
  })
}

export function pgRewrite(snapshot: CatalogSnapshot): readonly CatalogRow[] {
  return snapshot.relations
    .filter(({ ruleOid }) => ruleOid !== 0)
    .map(({ oid, ruleOid }) => ({
      oid: oidValue(ruleOid),
      rulename: '_RETURN',
      ev_class: oidValue(oid),
      ev_type: '1',
      ev_enabled: 'O',
      is_instead: true,
      ev_qual: '<>',
      ev_action: '<>',
    }))
}

/** The one database there is. */
export function databaseRow(name: string): CatalogRow {
  return {
    oid: oidValue(DATABASE),
    datname: name,
    datdba: BigInt(OWNER),
    encoding: 6,
    datlocprovider: 'c',
    datistemplate: false,
    datallowconn: true,
    datconnlimit: -1,
    datfrozenxid: 0n,
    datminmxid: 0n,
    dattablespace: 1_663n,
    datcollate: 'C.UTF-8',
    datctype: 'C.UTF-8',
  }
}
