import type { Span } from '../../base/span.ts'
import type { Identifier, QualifiedName } from './expression.ts'

/** A table of ANALYZE or VACUUM, and those of its columns that are meant: none for all. */
export interface MaintainedTable {
  readonly name: QualifiedName
  readonly columns: readonly Identifier[]
}

/** ANALYZE t (a), VACUUM FULL t: of all tables where none is named. */
export interface MaintainStatement {
  readonly kind: 'maintain'
  readonly command: 'analyze' | 'vacuum'
  readonly isFull: boolean
  readonly analyzes: boolean
  readonly tables: readonly MaintainedTable[]
  readonly span: Span
}

/** LOCK TABLE t IN SHARE MODE */
export interface LockStatement {
  readonly kind: 'lock'
  readonly tables: readonly QualifiedName[]
  readonly mode: LockMode
  readonly span: Span
}

/** From the weakest to the strongest. */
export type LockMode =
  | 'access share'
  | 'row share'
  | 'row exclusive'
  | 'share update exclusive'
  | 'share'
  | 'share row exclusive'
  | 'exclusive'
  | 'access exclusive'
