import type { Span } from '../../base/span.ts'
import type { AstExpression, Identifier, TypeName } from './expression.ts'
import type { CreateTableAsStatement, Statement } from './statement.ts'

/** PREPARE q (int, text) AS SELECT ... */
export interface PrepareStatement {
  readonly kind: 'prepare'
  readonly name: Identifier
  /** Of the first parameters; others follow from their use. */
  readonly types: readonly TypeName[]
  readonly statement: Statement
  readonly span: Span
}

/** EXECUTE q (1, 'x') */
export interface ExecuteStatement {
  readonly kind: 'execute'
  readonly name: Identifier
  readonly args: readonly AstExpression[]
  readonly span: Span
}

/** CREATE TABLE t AS EXECUTE q (1) */
export interface CreateTableAsExecuteStatement {
  readonly kind: 'create-table-as-execute'
  readonly table: Omit<CreateTableAsStatement, 'query'>
  readonly execute: ExecuteStatement
  readonly span: Span
}
