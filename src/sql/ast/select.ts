import type { Span } from '../../base/span.ts'
import type {
  AstExpression,
  Identifier,
  OrderItem,
  QualifiedName,
  TypeName,
  WindowSpecification,
} from './expression.ts'
import type { DeleteStatement, InsertStatement, UpdateStatement } from './statement.ts'

/** A whole query: WITH, a body, ORDER BY, LIMIT. */
export interface SelectStatement {
  readonly kind: 'select'
  readonly with: WithClause | undefined
  readonly body: QueryBody
  readonly orderBy: readonly OrderItem[]
  /** Extension ORDER BY ALL. */
  readonly orderByAll: boolean
  readonly limit: AstExpression | undefined
  readonly offset: AstExpression | undefined
  /** FETCH FIRST ... WITH TIES. */
  readonly withTies: boolean
  readonly locking: readonly LockingClause[]
  readonly span: Span
}

/** FOR UPDATE and its kin. */
export interface LockingClause {
  readonly strength: 'FOR UPDATE' | 'FOR NO KEY UPDATE' | 'FOR SHARE' | 'FOR KEY SHARE'
  /** None: all tables of FROM. */
  readonly of: readonly QualifiedName[]
  readonly wait: 'wait' | 'nowait' | 'skip'
  readonly span: Span
}

export interface WithClause {
  readonly recursive: boolean
  readonly ctes: readonly CommonTableExpression[]
}

/** A statement that changes rows, whose RETURNING other parts of the statement read. */
export type ChangeInWith = InsertStatement | UpdateStatement | DeleteStatement

export interface CommonTableExpression {
  readonly name: Identifier
  readonly columns: readonly Identifier[]
  readonly materialized: boolean | undefined
  readonly query: SelectStatement | ChangeInWith
  readonly search: SearchClause | undefined
  readonly cycle: CycleClause | undefined
  readonly span: Span
}

/** SEARCH (DEPTH | BREADTH) FIRST BY columns SET sequence: a column that rows can be ordered by. */
export interface SearchClause {
  readonly order: 'depth' | 'breadth'
  readonly columns: readonly Identifier[]
  readonly sequence: Identifier
  readonly span: Span
}

/** CYCLE columns SET mark (TO value DEFAULT otherwise)? USING path: rows that come again go no further. */
export interface CycleClause {
  readonly columns: readonly Identifier[]
  readonly mark: Identifier
  /** TRUE where it is not said. */
  readonly value: AstExpression
  /** FALSE where it is not said. */
  readonly otherwise: AstExpression
  readonly path: Identifier
  readonly span: Span
}

export type QueryBody = SelectCore | SetOperation | ValuesClause | NestedQuery

export interface SelectCore {
  readonly kind: 'core'
  /** undefined: ALL; an empty list: DISTINCT; else DISTINCT ON (...). */
  readonly distinct: readonly AstExpression[] | undefined
  readonly items: readonly SelectItem[]
  readonly from: readonly TableExpression[]
  readonly where: AstExpression | undefined
  readonly groupBy: GroupByClause | undefined
  readonly having: AstExpression | undefined
  readonly windows: readonly { readonly name: Identifier; readonly spec: WindowSpecification }[]
  readonly qualify: AstExpression | undefined
  /** Extension USING SAMPLE. */
  readonly sample: TableSample | undefined
  readonly span: Span
}

export interface SelectItem {
  readonly expr: AstExpression
  readonly alias: Identifier | undefined
  readonly span: Span
}

export interface GroupByClause {
  readonly distinct: boolean
  /** Extension GROUP BY ALL. */
  readonly all: boolean
  readonly items: readonly GroupingItem[]
}

export type GroupingItem =
  | { readonly kind: 'expr'; readonly expr: AstExpression }
  | { readonly kind: 'empty'; readonly span: Span }
  | { readonly kind: 'rollup' | 'cube'; readonly sets: readonly (readonly AstExpression[])[] }
  | { readonly kind: 'grouping-sets'; readonly sets: readonly GroupingItem[] }
  | { readonly kind: 'set'; readonly exprs: readonly AstExpression[] }

export interface SetOperation {
  readonly kind: 'set-operation'
  readonly operator: 'union' | 'intersect' | 'except'
  readonly all: boolean
  readonly left: QueryBody
  readonly right: QueryBody
  readonly span: Span
}

export interface ValuesClause {
  readonly kind: 'values'
  readonly rows: readonly (readonly AstExpression[])[]
  readonly span: Span
}

/** A parenthesized query as an operand of a set operation. */
export interface NestedQuery {
  readonly kind: 'nested'
  readonly query: SelectStatement
  readonly span: Span
}

export type TableExpression =
  | TableName
  | TableFile
  | DerivedTable
  | TableFunction
  | PredictTable
  | JoinedTable

export interface TableAlias {
  readonly name: Identifier
  readonly columns: readonly Identifier[]
  /** Column definitions of a function that returns record. */
  readonly definitions: readonly { readonly name: Identifier; readonly type: TypeName }[]
}

/** `t`, `s.t`, `ONLY t`, `TABLE t`; with TABLESAMPLE when given. */
export interface TableName {
  readonly kind: 'table'
  readonly name: QualifiedName
  readonly alias: TableAlias | undefined
  readonly sample: TableSample | undefined
  readonly span: Span
}

/** TABLESAMPLE of a table, or the extension USING SAMPLE of all of FROM. */
export interface TableSample {
  /** None: `USING SAMPLE 10%`. */
  readonly method: Identifier | undefined
  /** What the extension says of the one number; none: the method's own. */
  readonly unit: 'percent' | 'rows' | undefined
  readonly args: readonly AstExpression[]
  readonly repeatable: AstExpression | undefined
  readonly span: Span
}

/** Extension: `FROM 'data/*.parquet'`. */
export interface TableFile {
  readonly kind: 'file'
  readonly location: string
  readonly alias: TableAlias | undefined
  readonly span: Span
}

export interface DerivedTable {
  readonly kind: 'derived'
  readonly query: SelectStatement
  readonly lateral: boolean
  readonly alias: TableAlias | undefined
  readonly span: Span
}

/** `f(...)` or ROWS FROM (f(...), g(...)) in FROM. */
export interface TableFunction {
  readonly kind: 'table-function'
  readonly calls: readonly AstExpression[]
  readonly rowsFrom: boolean
  readonly ordinality: boolean
  readonly lateral: boolean
  readonly alias: TableAlias | undefined
  readonly span: Span
}

/** `PREDICT(MODEL m, SELECT ...)`. */
export interface PredictTable {
  readonly kind: 'predict'
  readonly model: QualifiedName
  readonly query: SelectStatement
  readonly alias: TableAlias | undefined
  readonly span: Span
}

export interface JoinedTable {
  readonly kind: 'join'
  readonly joinKind:
    | 'inner'
    | 'left'
    | 'right'
    | 'full'
    | 'cross'
    | 'semi'
    | 'anti'
    | 'asof'
    | 'asof-left'
    | 'positional'
  readonly natural: boolean
  readonly left: TableExpression
  readonly right: TableExpression
  readonly on: AstExpression | undefined
  readonly using: readonly Identifier[] | undefined
  readonly usingAlias: Identifier | undefined
  readonly alias: TableAlias | undefined
  readonly span: Span
}
