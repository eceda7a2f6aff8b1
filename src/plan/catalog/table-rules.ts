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
