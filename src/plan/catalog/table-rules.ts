import type { EntryName } from './entry-name.ts'

/**
 * What a table says of its rows. Plain data: expressions are kept as their text and bound anew at each
 * use, as the queries of views are.
 */
export interface TableRules {
  /** One a column: the expression for a row that gives none; undefined for NULL. */
  readonly defaults: readonly (string | undefined)[]
  readonly checks: readonly CheckRule[]
  readonly keys: readonly KeyRule[]
  /** Names of indexes that are not unique; they change nothing. */
  readonly indexes: readonly string[]
  /** One a column, of a table that has any: the column numbers its rows by a sequence of its own. */
  readonly identities?: readonly (IdentityRule | undefined)[]
  /** One a column, of a table that has any: the expression over the other columns that it is. */
  readonly generated?: readonly (string | undefined)[]
  /** Keys of other tables, or of the same, that rows refer to. */
  readonly foreignKeys?: readonly ForeignKeyRule[]
}

/** Values that are to be a key of a row of the target. */
export interface ForeignKeyRule {
  readonly name: string
  /** Positions in the table that refers. */
  readonly columns: readonly number[]
  readonly target: EntryName
  /** Positions in the target, as many: of a key that it has. */
  readonly targetColumns: readonly number[]
  /** simple: a row with any NULL among the columns refers to nothing; full: only one with NULLs alone may. */
  readonly match: 'simple' | 'full'
  /** What becomes of rows that refer to one that gets another key. */
  readonly onUpdate: ReferenceRule
  /** The same of one that goes. */
  readonly onDelete: ReferenceRule
}

export interface ReferenceRule {
  readonly kind: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'
  /** Positions of the columns that it sets. */
  readonly columns: readonly number[]
}

/** GENERATED ... AS IDENTITY; its sequence is in the column's default. */
export interface IdentityRule {
  /** Whether a value may be given by OVERRIDING SYSTEM VALUE only. */
  readonly always: boolean
}

/** A condition that no row may make false. */
export interface CheckRule {
  readonly name: string
  readonly condition: string
}

/** Columns whose values together are in one row only. */
export interface KeyRule {
  readonly name: string
  /** `index`: by CREATE UNIQUE INDEX, dropped by DROP INDEX. */
  readonly kind: 'primary' | 'unique' | 'index'
  /** Positions in the table. */
  readonly columns: readonly number[]
  /** Whether rows with a NULL among the columns are left alone. */
  readonly nullsDistinct: boolean
}

export const noRules: TableRules = { defaults: [], checks: [], keys: [], indexes: [] }
