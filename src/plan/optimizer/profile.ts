import type { ColumnId } from '../logical/expression.ts'

/** What is believed of a column; estimates, never to be relied on for correctness. */
export interface ColumnProfile {
  /** Number of distinct values in the table that the column comes from, filters disregarded. */
  readonly domain: number
  /** Rows of that table: several columns together cannot have more distinct values. */
  readonly domainRows: number
  readonly nullFraction: number
  /** On the scale of `realValue`. */
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface RelationProfile {
  readonly rows: number
  readonly columns: ReadonlyMap<ColumnId, ColumnProfile>
}
