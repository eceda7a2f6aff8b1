import type { Field } from '../../data/types/schema.ts'
import { columnTypeOf } from './column-types.ts'
import { pgAttrdef, pgConstraint, pgIndex } from './relations/keys.ts'
import { pgDepend, pgNamespace, pgRewrite, pgSequence } from './relations/others.ts'
import { pgAttribute } from './relations/pg-attribute.ts'
import { pgClass } from './relations/pg-class.ts'
import { pgEnum, pgType } from './relations/types.ts'
import type { CatalogRows } from './relations/rows.ts'
import { fieldOf, oidField, staticRows, staticRowsWith } from './static-rows.ts'

/** What users' objects add to the catalogs; all others have only what is in every database. */
export const madeRows: Readonly<Record<string, CatalogRows>> = {
  pg_attrdef: pgAttrdef,
  pg_attribute: pgAttribute,
  pg_class: pgClass,
  pg_constraint: pgConstraint,
  pg_depend: pgDepend,
  pg_enum: pgEnum,
  pg_index: pgIndex,
  pg_namespace: pgNamespace,
  pg_rewrite: pgRewrite,
  pg_sequence: pgSequence,
  pg_type: pgType,
}

/** A relation that every database has. */
export interface SystemRelation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'view'
  readonly columns: readonly Field[]
}

let known: ReadonlyMap<string, SystemRelation> | undefined

/** A relation of pg_catalog or information_schema. */
export function systemRelation(schema: string, name: string): SystemRelation | undefined {
  // Most names are of no such relation, and what there is takes a while to be unpacked.
  if (schema === 'pg_catalog' && !name.startsWith('pg_')) return undefined
  if (schema !== 'pg_catalog' && schema !== 'information_schema') return undefined
  return (known ??= everyRelation()).get(`${schema}.${name}`)
}

function everyRelation(): ReadonlyMap<string, SystemRelation> {
  const schemas: Readonly<Record<string, string>> = Object.fromEntries(
    staticRows('pg_namespace').map((row) => [fieldOf(row, 'oid'), fieldOf(row, 'nspname')]),
  )
  return new Map(
    staticRows('pg_class')
      .filter((row) => row['relkind'] === 'r' || row['relkind'] === 'v')
      .map((row) => {
        const relation = {
          oid: oidField(row),
          schema: schemas[fieldOf(row, 'relnamespace')] ?? '',
          name: fieldOf(row, 'relname'),
          kind: row['relkind'] === 'r' ? ('table' as const) : ('view' as const),
          get columns() {
            return columnsOf(this.oid)
          },
        }
        return [`${relation.schema}.${relation.name}`, relation]
      }),
  )
}

const columns = new Map<number, readonly Field[]>()

function columnsOf(relation: number): readonly Field[] {
  let found = columns.get(relation)
  if (found === undefined) {
    found = staticRowsWith('pg_attribute', 'attrelid', String(relation)).map((row) => {
      const type = columnTypeOf(baseTypeOf(oidField(row, 'atttypid')))
      return { name: fieldOf(row, 'attname'), ...type, nullable: row['attnotnull'] !== 'true' }
    })
    columns.set(relation, found)
  }
  return found
}

/** What a domain is over: clients are told of that. */
function baseTypeOf(typeOid: number): number {
  const [row] = staticRowsWith('pg_type', 'oid', String(typeOid))
  return row?.['typtype'] === 'd' ? oidField(row, 'typbasetype') : typeOid
}
