import type { Statement } from '../../sql/ast/statement.ts'
import type { QueryResult, ResultColumn } from '../results/result.ts'
import type { StatementContext, StatementShape } from '../context/statement-context.ts'

export type { StatementShape }

export type StatementKind = Statement['kind']
export type StatementOf<K extends StatementKind> = Extract<Statement, { readonly kind: K }>

/**
 * Whether a statement changes the database: `no`; `yes`, and a read-only transaction refuses it before
 * anything else; `checked`, when its own `run` asks, after what it is made of was looked at.
 */
export type Writes = 'no' | 'yes' | 'checked'

/** Everything that the engine knows of one kind of statement. */
export interface StatementEntry<S extends Statement> {
  /** The command as PostgreSQL names it, in its tag and in errors: `DROP TABLE`. */
  tag(statement: S): string
  /**
   * Whether it looks at tables or other objects. One that does not takes no snapshot, and a transaction
   * may be set up after it.
   */
  looks(statement: S): boolean
  readonly writes: Writes
  /** Whether it runs in a transaction that has failed, as what ends that does. */
  runsFailed?(statement: S): boolean
  /** Errors: those of binding; FEATURE_NOT_SUPPORTED for what is not offered. */
  describe(ctx: StatementContext, statement: S): StatementShape | Promise<StatementShape>
  run(ctx: StatementContext, statement: S): QueryResult | Promise<QueryResult>
}

/** The shape of a statement that gives no rows and takes no parameters. */
export const noShape: StatementShape = { columns: undefined, parameterTypes: [] }

/** The shape of a statement that gives rows of these columns and takes no parameters. */
export function rowsOf(columns: readonly ResultColumn[]): StatementShape {
  return { columns, parameterTypes: [] }
}
