import type { Span } from '../../base/span.ts'
import type { AstExpression, Identifier, QualifiedName, TypeName } from './expression.ts'
import type { SelectStatement } from './select.ts'

export type Statement =
  | SelectStatement
  | ExplainStatement
  | CreateTableStatement
  | CreateTableFromStatement
  | CreateTableAsStatement
  | CreateViewStatement
  | CreateSchemaStatement
  | CreateIndexStatement
  | CreateModelStatement
  | DropStatement
  | InsertStatement
  | ShowStatement
  | DescribeStatement
  | SetStatement
  | TransactionStatement
  | DiscardStatement
  | DeallocateStatement
  | UnsupportedStatement

interface StatementBase {
  readonly span: Span
}

export interface ExplainStatement extends StatementBase {
  readonly kind: 'explain'
  readonly statement: Statement
  readonly analyze: boolean
  /** Option names in lower case, e.g. `format` -> `json`, `logical` -> `true`. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * `CREATE TABLE t (a int, b text NOT NULL)`. Constraints other than NOT NULL are kept as written,
 * keywords in lower case; PRIMARY KEY also makes its columns `notNull`.
 */
export interface CreateTableStatement extends StatementBase {
  readonly kind: 'create-table'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly temporary: boolean
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly string[]
}

export interface ColumnDefinition {
  readonly name: Identifier
  readonly type: TypeName
  readonly notNull: boolean
  readonly defaultValue: AstExpression | undefined
  readonly constraints: readonly string[]
  readonly span: Span
}

/** `CREATE TABLE t [(columns)] WITH (location = '...', format = '...')`: a table over files. */
export interface CreateTableFromStatement extends StatementBase {
  readonly kind: 'create-table-from'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly orReplace: boolean
  readonly columns: readonly ColumnDefinition[]
  readonly options: readonly StatementOption[]
}

/** `name = value` in a WITH list; the value is a literal, a list in brackets, or a bare word. */
export interface StatementOption {
  readonly name: string
  readonly value: OptionValue
  readonly span: Span
}

export type OptionValue = string | number | boolean | null | readonly OptionValue[] | OptionGroup

/** `(a = 1, b = 'z')` as a value. */
export interface OptionGroup {
  readonly options: readonly StatementOption[]
}

export interface CreateTableAsStatement extends StatementBase {
  readonly kind: 'create-table-as'
  readonly name: QualifiedName
  readonly columns: readonly Identifier[]
  readonly ifNotExists: boolean
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly withData: boolean
  readonly query: SelectStatement
}

export interface CreateViewStatement extends StatementBase {
  readonly kind: 'create-view'
  readonly name: QualifiedName
  readonly columns: readonly Identifier[]
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly temporary: boolean
  readonly query: SelectStatement
  /** The defining query exactly as written. */
  readonly queryText: string
}

export interface CreateSchemaStatement extends StatementBase {
  readonly kind: 'create-schema'
  readonly name: Identifier
  readonly ifNotExists: boolean
}

/** Accepted and ignored: scans do not need indexes. */
export interface CreateIndexStatement extends StatementBase {
  readonly kind: 'create-index'
  readonly name: Identifier | undefined
  readonly table: QualifiedName
  readonly ifNotExists: boolean
}

export interface CreateModelStatement extends StatementBase {
  readonly kind: 'create-model'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly orReplace: boolean
  readonly options: readonly StatementOption[]
  readonly query: SelectStatement
}

export interface DropStatement extends StatementBase {
  readonly kind: 'drop'
  readonly objectKind: 'table' | 'view' | 'model' | 'schema' | 'index'
  readonly names: readonly QualifiedName[]
  readonly ifExists: boolean
  readonly cascade: boolean
}

export interface InsertStatement extends StatementBase {
  readonly kind: 'insert'
  readonly table: QualifiedName
  readonly columns: readonly Identifier[]
  readonly query: SelectStatement
}

/** SHOW TABLES | SCHEMAS | MODELS | COLUMNS FROM t | a setting. */
export interface ShowStatement extends StatementBase {
  readonly kind: 'show'
  readonly subject: 'tables' | 'schemas' | 'models' | 'columns' | 'setting' | 'all'
  readonly from: QualifiedName | undefined
  readonly like: string | undefined
  readonly setting: string | undefined
}

/** DESCRIBE t, DESCRIBE MODEL m. */
export interface DescribeStatement extends StatementBase {
  readonly kind: 'describe'
  readonly objectKind: 'table' | 'model'
  readonly name: QualifiedName
}

/**
 * SET a = b, SET a TO DEFAULT (value undefined), RESET a (name `all` for RESET ALL). SET TRANSACTION
 * and SET SESSION CHARACTERISTICS have the names `transaction` and `session_characteristics` and the
 * modes as value, e.g. `isolation level serializable, read only`. USE s sets `search_path`.
 */
export interface SetStatement extends StatementBase {
  readonly kind: 'set'
  readonly name: string
  readonly value: OptionValue | undefined
  readonly local: boolean
}

export interface TransactionStatement extends StatementBase {
  readonly kind: 'transaction'
  readonly action: 'begin' | 'commit' | 'rollback'
}

/** DISCARD ALL and its parts: what connection pools send between two users of a connection. */
export interface DiscardStatement extends StatementBase {
  readonly kind: 'discard'
  readonly what: 'all' | 'plans' | 'sequences' | 'temp'
}

/** DEALLOCATE name; without name, DEALLOCATE ALL. */
export interface DeallocateStatement extends StatementBase {
  readonly kind: 'deallocate'
  readonly name: Identifier | undefined
}

/** A PostgreSQL statement that is recognized by its first words and not offered; `what` names it. */
export interface UnsupportedStatement extends StatementBase {
  readonly kind: 'unsupported'
  readonly what: string
}
