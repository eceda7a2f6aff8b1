import { oidOf } from '../../data/binary/type-oids.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { BindContext, SystemRelation } from '../../plan/binder/context.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { settingNamed, settings } from '../settings/settings.ts'
import { OWNER } from '../system-catalog/object-names.ts'
import { postgresViews } from '../system-catalog/postgres-views.ts'
import { systemRelation } from '../system-catalog/relations.ts'
import { databaseRow } from '../system-catalog/relations/others.ts'
import type { CatalogRow } from '../system-catalog/relations/rows.ts'
import { fieldOf, oidField, staticRows, type StaticRow } from '../system-catalog/static-rows.ts'
import { DATABASE_NAME, overCatalog, type AskedNames } from './catalog-names.ts'
import type { Surroundings } from './surroundings.ts'

type SessionRows = (around: Surroundings) => readonly CatalogRow[]

/** Relations over what only the session knows, by name. */
const sessionRows: Readonly<Record<string, SessionRows>> = {
  pg_authid: (around) => [ownRole(around), ...staticRows('pg_authid').map(predefinedRole)],
  pg_cursors: ({ cursors }) =>
    Array.from(cursors.entries(), ([name, one]) => ({
      name,
      statement: one.shown,
      is_holdable: one.isHeld,
      is_binary: false,
      is_scrollable: one.isScrollable,
      creation_time: one.declaredMicros,
    })),
  pg_database: () => [databaseRow(DATABASE_NAME)],
  pg_prepared_statements: ({ prepared }) =>
    Array.from(prepared.entries(), ([name, one]) => ({
      name,
      statement: one.shown,
      prepare_time: one.preparedMicros,
      parameter_types: `{${one.prepared.parameterTypes.map((type) => oidOf(type)).join()}}`,
      from_sql: one.isOfSql,
      generic_plans: 0n,
      custom_plans: 0n,
    })),
  pg_settings: (around) => Object.keys(settings).map((name) => settingRow(around, name)),
}

const PREDEFINED = {
  rolsuper: false,
  rolinherit: true,
  rolcreaterole: false,
  rolcreatedb: false,
  rolcanlogin: false,
  rolreplication: false,
  rolbypassrls: false,
  rolconnlimit: -1,
}

function predefinedRole(row: StaticRow): CatalogRow {
  return { ...PREDEFINED, oid: BigInt(oidField(row)), rolname: fieldOf(row, 'rolname') }
}

/** The session's user, to whom everything belongs. */
function ownRole({ settled }: Surroundings): CatalogRow {
  return {
    oid: BigInt(OWNER),
    rolname: settled.user,
    rolsuper: true,
    rolinherit: true,
    rolcreaterole: true,
    rolcreatedb: true,
    rolcanlogin: true,
    rolreplication: true,
    rolbypassrls: true,
    rolconnlimit: -1,
  }
}

/** What is not known of a setting is NULL; values are as SHOW prints them. */
function settingRow({ settings: own }: Surroundings, name: string): CatalogRow {
  const setting = settingNamed(name)
  const value = own.show(name)
  return {
    name: setting?.shownName ?? name,
    setting: value,
    short_desc: setting?.doc ?? '',
    context: setting?.fixed === true ? 'internal' : 'user',
    source: value === setting?.initial ? 'default' : 'session',
    boot_val: setting?.initial ?? null,
    reset_val: setting?.initial ?? null,
    pending_restart: false,
  }
}

/** What binding asks of the catalogs; `onTime` is called where they are as they are at this moment only. */
export function catalogContext(
  around: Surroundings,
  held: HeldCatalog,
  names: AskedNames,
  onTime: () => void,
): Pick<BindContext, 'catalogFunction' | 'systemRelation'> {
  return {
    catalogFunction: (fn) => overCatalog(fn, names),
    systemRelation(schema, name) {
      const relation = systemRelationOf(around, held, schema, name)
      if (relation !== undefined) onTime()
      return relation
    },
  }
}

interface HeldCatalog {
  readonly catalog: Catalog
  readonly leases: LeaseScope
}

/** What a relation that every database has is made of, as it is now; undefined where there is none of the name. */
function systemRelationOf(
  around: Surroundings,
  { catalog, leases }: HeldCatalog,
  schema: string,
  name: string,
): SystemRelation | undefined {
  const relation = systemRelation(schema, name)
  if (relation === undefined) return undefined
  const { columns } = relation
  const own =
    schema === 'pg_catalog' && Object.hasOwn(sessionRows, name) ? sessionRows[name] : undefined
  if (own !== undefined) {
    const rows = own(around).map((row) => columns.map((column) => row[column.name] ?? null))
    return { kind: 'rows', columns, rows }
  }
  if (relation.kind === 'view') {
    const query = postgresViews()[`${schema}.${name}`]
    if (query === undefined || isOfStatistics(query)) return { kind: 'rows', columns, rows: [] }
    return { kind: 'view', query, columns }
  }
  return { kind: 'table', entry: around.engine.systemTables.table(relation, catalog, leases) }
}

/** Views over what PostgreSQL counts and Heddle does not: they have no rows. */
function isOfStatistics(query: string): boolean {
  return ofServers.test(query)
}

const ofServers =
  /\bpg_(?:stat_get|show|get_(?:shmem|backend_mem|replication|publication)|hba|ident|timezone|config|available|lock|prepared|cursor)\w*\(/
