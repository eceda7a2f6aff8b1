import type { LockStatement, MaintainStatement } from './maintenance.ts'
import type { Span } from '../../base/span.ts'
import type { CopyStatement } from './copy.ts'
import type { CloseStatement, DeclareStatement, FetchStatement } from './cursor.ts'
import type {
  AlterSchemaStatement,
  AlterStatement,
  AlterTypeStatement,
  ColumnDefinition,
  CreateCompositeStatement,
  CreateEnumStatement,
  CreateSequenceStatement,
  TableConstraint,
} from './definition.ts'
import type { AstExpression, Identifier, QualifiedName, Subscript } from './expression.ts'
import type {
  CreateTableAsExecuteStatement,
  ExecuteStatement,
  PrepareStatement,
} from './prepared.ts'
import type {
  AlterFunctionStatement,
  CallStatement,
  CreateFunctionStatement,
  CreateMacroStatement,
  DropFunctionStatement,
} from './routine.ts'
import type {
  SelectItem,
  SelectStatement,
  TableExpression,
  TableName,
  WithClause,
} from './select.ts'

export type Statement =
  | SelectStatement
  | ExplainStatement
  | CreateTableStatement
  | CreateTableFromStatement
  | CreateTableAsStatement
  | CreateViewStatement
  | CreateStoredViewStatement
  | RefreshStatement
  | MaintainStatement
  | LockStatement
  | CreateSchemaStatement
  | CreateIndexStatement
  | CreateModelStatement
  | CreateSequenceStatement
  | CreateEnumStatement
  | CreateCompositeStatement
  | AlterTypeStatement
  | AlterStatement
  | AlterSchemaStatement
  | DropStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement
  | TruncateStatement
  | CopyStatement
  | PrepareStatement
  | ExecuteStatement
  | CreateTableAsExecuteStatement
  | DeclareStatement
  | FetchStatement
  | CloseStatement
  | ShowStatement
  | DescribeStatement
  | SetStatement
  | TransactionStatement
  | SavepointStatement
  | CreateFunctionStatement
  | DropFunctionStatement
  | AlterFunctionStatement
  | CallStatement
  | CreateMacroStatement
  | DiscardStatement
  | CheckpointStatement
  | DeallocateStatement
  | UnsupportedStatement

export type {
  CheckConstraint,
  ColumnConstraint,
  ColumnDefinition,
  DefaultClause,
  KeyConstraint,
  NullConstraint,
  TableConstraint,
} from './definition.ts'

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

/** `CREATE TABLE t (a int, b text NOT NULL, CHECK (a > 0))`. */
export interface CreateTableStatement extends StatementBase {
  readonly kind: 'create-table'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly temporary: boolean
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly TableConstraint[]
  readonly likes: readonly LikeClause[]
  readonly onCommit: OnCommit | undefined
}

/** LIKE t INCLUDING ...: the columns of another relation. */
export interface LikeClause {
  readonly source: QualifiedName
  /** How many columns are declared before them. */
  readonly at: number
  /** What of them is taken beside names, types and NOT NULL. */
  readonly including: ReadonlySet<LikePart>
  readonly span: Span
}

export type LikePart =
  | 'comments'
  | 'compression'
  | 'constraints'
  | 'defaults'
  | 'generated'
  | 'identity'
  | 'indexes'
  | 'statistics'
  | 'storage'

/** What becomes of a temporary table at the end of each transaction. */
export type OnCommit = 'preserve' | 'delete' | 'drop'

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
  readonly onCommit: OnCommit | undefined
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

/** CREATE MATERIALIZED VIEW v AS SELECT ... WITH NO DATA */
export interface CreateStoredViewStatement extends StatementBase {
  readonly kind: 'create-stored-view'
  readonly name: QualifiedName
  readonly columns: readonly Identifier[]
  readonly ifNotExists: boolean
  readonly query: SelectStatement
  /** The defining query exactly as written. */
  readonly queryText: string
  readonly withData: boolean
}

/** REFRESH MATERIALIZED VIEW v */
export interface RefreshStatement extends StatementBase {
  readonly kind: 'refresh'
  readonly name: QualifiedName
  readonly concurrently: boolean
  readonly withData: boolean
}

export interface CreateSchemaStatement extends StatementBase {
  readonly kind: 'create-schema'
  readonly name: Identifier
  readonly ifNotExists: boolean
}

/** An index that is not UNIQUE changes nothing but speed, and Heddle's scans do not use it. */
export interface CreateIndexStatement extends StatementBase {
  readonly kind: 'create-index'
  readonly name: Identifier | undefined
  readonly table: QualifiedName
  readonly ifNotExists: boolean
  readonly unique: boolean
  /** USING btree, hash, ... */
  readonly method: Identifier | undefined
  /** Columns or expressions; order and operator classes of an index mean nothing to its equality. */
  readonly elements: readonly AstExpression[]
  readonly nullsDistinct: boolean
  readonly where: AstExpression | undefined
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
  readonly objectKind:
    | 'table'
    | 'view'
    | 'materialized view'
    | 'model'
    | 'schema'
    | 'index'
    | 'sequence'
    | 'type'
  readonly names: readonly QualifiedName[]
  readonly ifExists: boolean
  readonly cascade: boolean
}

export interface InsertStatement extends StatementBase {
  readonly kind: 'insert'
  readonly table: QualifiedName
  readonly alias: Identifier | undefined
  readonly columns: readonly AssignedColumn[]
  /** Whether identity columns take given values (`system`), or number all rows whatever is given (`user`). */
  readonly overriding: 'system' | 'user' | undefined
  /** Undefined for DEFAULT VALUES. */
  readonly query: SelectStatement | undefined
  readonly onConflict: OnConflictClause | undefined
  readonly returning: Returning | undefined
}

/** What becomes of a row whose key is there already. */
export interface OnConflictClause {
  /** The key: by its columns or by its name; undefined: any. */
  readonly target: ConflictTarget | undefined
  /** Undefined for DO NOTHING. */
  readonly update: ConflictUpdate | undefined
  readonly span: Span
}

export type ConflictTarget =
  | { readonly kind: 'columns'; readonly columns: readonly Identifier[] }
  | { readonly kind: 'constraint'; readonly name: Identifier }

export interface ConflictUpdate {
  readonly assignments: readonly Assignment[]
  readonly where: AstExpression | undefined
}

/** What a statement that changes rows gives of them, as the list of a SELECT. */
export interface Returning {
  readonly items: readonly SelectItem[]
  readonly span: Span
}

/** UPDATE t SET a = 1, (b, c) = (2, 3) FROM u WHERE ... RETURNING ... */
export interface UpdateStatement extends StatementBase {
  readonly kind: 'update'
  readonly with: WithClause | undefined
  readonly table: TableName
  readonly assignments: readonly Assignment[]
  readonly from: readonly TableExpression[]
  readonly where: AstExpression | undefined
  readonly returning: Returning | undefined
}

/** `a`, or a part of it: `a[1][2:3].b`. */
export interface AssignedColumn extends Identifier {
  readonly path?: readonly PathStep[]
}

/** A step into a value: to an element or slice of it, or to a field. */
export type PathStep = Subscript | FieldStep

export interface FieldStep {
  readonly field: Identifier
}

/** `a = 1`, or `(a, b) = (1, DEFAULT)`, where `value` is to be a row of as many. */
export interface Assignment {
  readonly columns: readonly AssignedColumn[]
  /** Whether they stand in parentheses. */
  readonly isRow: boolean
  readonly value: AstExpression
}

/** DELETE FROM t USING u WHERE ... RETURNING ... */
export interface DeleteStatement extends StatementBase {
  readonly kind: 'delete'
  readonly with: WithClause | undefined
  readonly table: TableName
  readonly using: readonly TableExpression[]
  readonly where: AstExpression | undefined
  readonly returning: Returning | undefined
}

/** MERGE INTO t USING s ON ... WHEN MATCHED THEN ... WHEN NOT MATCHED THEN ... */
export interface MergeStatement extends StatementBase {
  readonly kind: 'merge'
  readonly with: WithClause | undefined
  readonly table: TableName
  readonly source: TableExpression
  readonly on: AstExpression
  readonly actions: readonly MergeAction[]
}

/** What becomes of a row of the source: of the first action that is for it. */
export interface MergeAction {
  /** Whether it is for rows that match one of the target. */
  readonly isMatched: boolean
  readonly condition: AstExpression | undefined
  readonly action: MergeUpdate | MergeInsert | { readonly kind: 'delete' | 'nothing' }
  readonly span: Span
}

export interface MergeUpdate {
  readonly kind: 'update'
  readonly assignments: readonly Assignment[]
}

export interface MergeInsert {
  readonly kind: 'insert'
  readonly columns: readonly Identifier[]
  readonly overriding: InsertStatement['overriding']
  /** Undefined for DEFAULT VALUES. */
  readonly values: readonly AstExpression[] | undefined
}

export interface TruncateStatement extends StatementBase {
  readonly kind: 'truncate'
  readonly tables: readonly QualifiedName[]
  /** RESTART IDENTITY: sequences that columns of the tables own begin anew. */
  readonly restartIdentity: boolean
  /** Whether tables that refer to them are emptied, too. */
  readonly cascade: boolean
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
  /** RESET, or SET to no value: that is SET ... TO DEFAULT. */
  readonly word: 'set' | 'reset'
}

export interface TransactionStatement extends StatementBase {
  readonly kind: 'transaction'
  readonly action: 'begin' | 'start' | 'commit' | 'rollback'
  /** What BEGIN says of the transaction, in the words of SET TRANSACTION; else empty. */
  readonly modes: string
}

/** SAVEPOINT a, RELEASE SAVEPOINT a, ROLLBACK TO SAVEPOINT a. */
export interface SavepointStatement extends StatementBase {
  readonly kind: 'savepoint'
  readonly action: 'set' | 'release' | 'rollback'
  readonly name: Identifier
}

/** DISCARD ALL and its parts: what connection pools send between two users of a connection. */
export interface DiscardStatement extends StatementBase {
  readonly kind: 'discard'
  readonly what: 'all' | 'plans' | 'sequences' | 'temp'
}

/** CHECKPOINT: what the log of a data folder tells is written down otherwise. */
export interface CheckpointStatement extends StatementBase {
  readonly kind: 'checkpoint'
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
