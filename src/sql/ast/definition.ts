import type { Span } from '../../base/span.ts'
import type { AstExpression, Identifier, QualifiedName, TypeName } from './expression.ts'

interface StatementBase {
  readonly span: Span
}

/** CREATE SEQUENCE s INCREMENT BY 2 ... */
export interface CreateSequenceStatement extends StatementBase {
  readonly kind: 'create-sequence'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly temporary: boolean
  readonly options: readonly SequenceOption[]
}

/** What is said of a sequence, in the order written. */
export type SequenceOption =
  | { readonly kind: 'as'; readonly type: TypeName; readonly span: Span }
  | {
      readonly kind: 'increment' | 'start' | 'cache'
      /** A number as written, with its sign. */
      readonly value: string
      readonly span: Span
    }
  | {
      /** Without a value: NO MINVALUE, NO MAXVALUE; RESTART where it started. */
      readonly kind: 'min' | 'max' | 'restart'
      readonly value: string | undefined
      readonly span: Span
    }
  | { readonly kind: 'cycle'; readonly value: boolean; readonly span: Span }
  | {
      readonly kind: 'owned'
      /** Undefined for OWNED BY NONE. */
      readonly column: QualifiedName | undefined
      readonly span: Span
    }

export interface ColumnDefinition {
  readonly name: Identifier
  readonly type: TypeName
  /** In the order written; whether they agree with each other is not the grammar's matter. */
  readonly constraints: readonly ColumnConstraint[]
  readonly span: Span
}

export type ColumnConstraint =
  | NullConstraint
  | DefaultClause
  | IdentityClause
  | GeneratedClause
  | TableConstraint

export type TableConstraint = CheckConstraint | KeyConstraint | ForeignKeyConstraint

/** NOT NULL, or NULL, which allows what is allowed anyway. */
export interface NullConstraint {
  readonly kind: 'null'
  readonly notNull: boolean
  readonly span: Span
}

/** DEFAULT b_expr */
export interface DefaultClause {
  readonly kind: 'default'
  readonly value: AstExpression
  /** The expression exactly as written. */
  readonly valueText: string
  readonly span: Span
}

export interface CheckConstraint {
  readonly kind: 'check'
  readonly name: Identifier | undefined
  readonly condition: AstExpression
  /** The condition exactly as written. */
  readonly conditionText: string
  readonly span: Span
}

/** PRIMARY KEY or UNIQUE; of a column, `columns` is that column. */
export interface KeyConstraint {
  readonly kind: 'key'
  readonly name: Identifier | undefined
  readonly primary: boolean
  readonly columns: readonly Identifier[]
  /** NULLS NOT DISTINCT makes it false: two NULLs are then the same key. */
  readonly nullsDistinct: boolean
  readonly span: Span
}

/** FOREIGN KEY (columns) REFERENCES target (targetColumns); of a column, `columns` is that column. */
export interface ForeignKeyConstraint {
  readonly kind: 'foreign-key'
  readonly name: Identifier | undefined
  readonly columns: readonly Identifier[]
  readonly target: QualifiedName
  /** None where the primary key of the target is meant. */
  readonly targetColumns: readonly Identifier[]
  readonly match: 'simple' | 'full'
  readonly onUpdate: ReferenceAction
  readonly onDelete: ReferenceAction
  readonly span: Span
}

/** What becomes of rows that refer to one that goes, or that gets another key. */
export interface ReferenceAction {
  readonly kind: ReferenceActionKind
  /** Of SET NULL and SET DEFAULT the columns that it sets; none: all of the constraint. */
  readonly columns: readonly Identifier[]
}

export type ReferenceActionKind = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

/** GENERATED (ALWAYS | BY DEFAULT) AS IDENTITY (options) of a column. */
export interface IdentityClause {
  readonly kind: 'identity'
  readonly always: boolean
  readonly options: readonly SequenceOption[]
  readonly span: Span
}

/** GENERATED ALWAYS AS (value) STORED */
export interface GeneratedClause {
  readonly kind: 'generated'
  readonly value: AstExpression
  /** The expression exactly as written. */
  readonly valueText: string
  readonly span: Span
}

/** CREATE TYPE name AS ENUM (labels) */
export interface CreateEnumStatement {
  readonly kind: 'create-enum'
  readonly name: QualifiedName
  readonly labels: readonly string[]
  readonly span: Span
}

/** CREATE TYPE name AS (attributes) */
export interface CreateCompositeStatement {
  readonly kind: 'create-composite'
  readonly name: QualifiedName
  readonly attributes: readonly AttributeDefinition[]
  readonly span: Span
}

/** `name type` */
export interface AttributeDefinition {
  readonly name: Identifier
  readonly type: TypeName
}

/** ALTER TYPE name action */
export interface AlterTypeStatement {
  readonly kind: 'alter-type'
  readonly name: QualifiedName
  readonly action: AlterTypeAction
  readonly span: Span
}

/** Where a new label goes: beside another one. */
export interface LabelPlace {
  readonly side: 'before' | 'after'
  readonly neighbour: string
}

export type AlterTypeAction =
  | {
      readonly kind: 'add-value'
      readonly label: string
      readonly ifNotExists: boolean
      readonly place: LabelPlace | undefined
    }
  | { readonly kind: 'rename-value'; readonly from: string; readonly to: string }
  | { readonly kind: 'rename'; readonly newName: Identifier }
  | { readonly kind: 'set-schema'; readonly schema: Identifier }
  | { readonly kind: 'rename-attribute'; readonly from: Identifier; readonly to: Identifier }
  | { readonly kind: 'attributes'; readonly actions: readonly AttributeAction[] }

export type AttributeAction =
  | { readonly kind: 'add'; readonly attribute: AttributeDefinition }
  | { readonly kind: 'drop'; readonly name: Identifier; readonly ifExists: boolean }
  | { readonly kind: 'type'; readonly attribute: AttributeDefinition }

/** ALTER TABLE | VIEW | INDEX | SEQUENCE name action, action: all or none. */
export interface AlterStatement extends StatementBase {
  readonly kind: 'alter'
  readonly objectKind: AlteredKind
  readonly name: QualifiedName
  readonly ifExists: boolean
  readonly actions: readonly AlterAction[]
}

export type AlteredKind = 'table' | 'view' | 'materialized view' | 'index' | 'sequence'

export type AlterAction = WholeAction | ColumnAction | ConstraintAction

/** What is said of a relation as a whole, alone. */
export type WholeAction =
  | {
      readonly kind: 'sequence-options'
      readonly options: readonly SequenceOption[]
      readonly span: Span
    }
  | { readonly kind: 'rename'; readonly newName: Identifier; readonly span: Span }
  | {
      readonly kind: 'rename-column' | 'rename-constraint'
      readonly part: Identifier
      readonly newName: Identifier
      readonly span: Span
    }
  | { readonly kind: 'set-schema'; readonly schema: Identifier; readonly span: Span }
  | { readonly kind: 'owner'; readonly role: Identifier; readonly span: Span }

export type ColumnAction =
  | {
      readonly kind: 'add-column'
      readonly definition: ColumnDefinition
      readonly ifNotExists: boolean
      readonly span: Span
    }
  | {
      readonly kind: 'drop-column'
      readonly column: Identifier
      readonly ifExists: boolean
      readonly cascade: boolean
      readonly span: Span
    }
  | {
      readonly kind: 'column-type'
      readonly column: Identifier
      readonly type: TypeName
      readonly using: AstExpression | undefined
      readonly span: Span
    }
  | {
      /** Without a value: DROP DEFAULT. */
      readonly kind: 'column-default'
      readonly column: Identifier
      readonly value: DefaultClause | undefined
      readonly span: Span
    }
  | {
      readonly kind: 'column-null'
      readonly column: Identifier
      readonly notNull: boolean
      readonly span: Span
    }
  | {
      readonly kind: 'add-identity'
      readonly column: Identifier
      readonly identity: IdentityClause
      readonly span: Span
    }
  | {
      readonly kind: 'drop-identity' | 'drop-expression'
      readonly column: Identifier
      readonly ifExists: boolean
      readonly span: Span
    }

export type ConstraintAction =
  | { readonly kind: 'add-constraint'; readonly constraint: TableConstraint; readonly span: Span }
  | {
      readonly kind: 'drop-constraint'
      readonly constraintName: Identifier
      readonly ifExists: boolean
      readonly cascade: boolean
      readonly span: Span
    }

/** ALTER SCHEMA a RENAME TO b | OWNER TO r */
export interface AlterSchemaStatement extends StatementBase {
  readonly kind: 'alter-schema'
  readonly name: Identifier
  readonly action: Extract<WholeAction, { readonly kind: 'rename' | 'owner' }>
}
