import type { Scalar } from '../../../data/types/scalar.ts'
import type { CatalogSnapshot } from '../snapshot.ts'

/** A row by its columns; NULL where one is left out. */
export type CatalogRow = Readonly<Record<string, Scalar>>

/** The rows that a catalog has of what users have made. */
export type CatalogRows = (snapshot: CatalogSnapshot) => readonly CatalogRow[]

/** An OID as a value. */
export function oidValue(oid: number): bigint {
  return BigInt(oid)
}

/** Numbers of columns as an int2vector. */
export function vectorText(numbers: readonly number[]): string {
  return numbers.length === 0 ? '{}' : `[0:${numbers.length - 1}]={${numbers.join()}}`
}

/** OIDs of catalogs, which tell what kind of object an OID is of. */
export const catalogOids = {
  pg_type: 1_247n,
  pg_proc: 1_255n,
  pg_class: 1_259n,
  pg_constraint: 2_606n,
  pg_attrdef: 2_604n,
  pg_rewrite: 2_618n,
  pg_namespace: 2_615n,
} as const
