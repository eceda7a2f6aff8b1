import type { RegName } from './data-type.ts'

/** Where the names of objects lead and how they are shown: a catalog as one session sees it. */
export interface ObjectNames {
  /** How PostgreSQL shows the object of an OID: with its schema where the search path hides it. */
  nameOf(type: RegName, oid: bigint): string
  /** The OID of the object that a text names. Errors: as PostgreSQL has them for each kind of object. */
  oidOf(type: RegName, text: string): bigint
}
