import type { DataType } from '../data/types/data-type.ts'
import type { Relation } from '../plan/logical/relation.ts'
import type { ResultColumn } from './result.ts'

/** How one statement is to be run. */
export interface RunOptions {
  /** Aborting it cancels the statement: QUERY_CANCELED. */
  readonly signal?: AbortSignal | undefined
}

/** A bound query: its plan, and what its output and parameters are. */
export interface BoundSelect {
  readonly relation: Relation
  readonly outputNames: readonly string[]
  readonly parameterTypes: readonly DataType[]
  /** Binding looked at no clock and no file: it gives the same while the catalog is the same. */
  readonly repeatable?: boolean
}

/** The columns of a bound query's result. */
export function columnsOf({ relation, outputNames }: BoundSelect): readonly ResultColumn[] {
  return relation.columns.map(({ type }, i) => ({ name: outputNames[i] ?? '', type }))
}
