import type { Span } from '../../base/span.ts'
import type { AstExpression, Identifier, QualifiedName } from './expression.ts'
import type { SelectStatement } from './select.ts'
import type { DeleteStatement, InsertStatement, UpdateStatement } from './statement.ts'

/** COPY t (a, b) FROM 'file' (FORMAT csv) WHERE ..., COPY (SELECT ...) TO STDOUT. */
export interface CopyStatement {
  readonly kind: 'copy'
  readonly direction: 'from' | 'to'
  readonly source: CopiedTable | CopiedQuery
  readonly place: CopyPlace
  readonly options: readonly CopyOption[]
  readonly where: AstExpression | undefined
  readonly span: Span
}

export interface CopiedTable {
  readonly kind: 'table'
  readonly name: QualifiedName
  readonly columns: readonly Identifier[]
}

export interface CopiedQuery {
  readonly kind: 'query'
  readonly query: SelectStatement | InsertStatement | UpdateStatement | DeleteStatement
}

/** Where rows come from or go to. */
export type CopyPlace =
  | { readonly kind: 'client'; readonly span: Span }
  | { readonly kind: 'file' | 'program'; readonly text: string; readonly span: Span }

/** Options of both syntaxes; which there are and what they may say is not the grammar's matter. */
export interface CopyOption {
  readonly name: string
  /** `*` is told apart from the string; undefined where nothing is said. */
  readonly value: CopyOptionValue | undefined
  readonly span: Span
}

export type CopyOptionValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'list'; readonly items: readonly Identifier[] }
