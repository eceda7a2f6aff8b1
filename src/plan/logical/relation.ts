import type { Span } from '../../base/span.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  NamedExpression,
  SortKey,
  WindowCall,
  RowsCall,
} from './expression.ts'

/** A column that a relation produces. */
export interface OutputColumn {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

/** The logical algebra. Relations are immutable; `columns` is what a relation produces, in order. */
export type Relation =
  | Scan
  | Values
  | Filter
  | Project
  | Join
  | Apply
  | Aggregate
  | Window
  | Sort
  | Limit
  | UnionAll
  | With
  | CteReference
  | Expand
  | Recursion
  | WorkingTable

export type RelationKind = Relation['kind']
export type RelationOf<K extends RelationKind> = Extract<Relation, { kind: K }>

interface RelationBase {
  readonly columns: readonly OutputColumn[]
  readonly span?: Span
}

/** Reads a base table. `sourceColumns[i]` is the table's column (by position) behind `columns[i]`. */
export interface Scan extends RelationBase {
  readonly kind: 'scan'
  readonly table: TableEntry
  readonly sourceColumns: readonly number[]
  /** Conjuncts pushed into the scan. They are applied exactly; the source may also prune with them. */
  readonly filters: readonly Expression[]
}

/** Literal rows; with no columns and one row it is the input of a SELECT without FROM. */
export interface Values extends RelationBase {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expression[])[]
}

export interface Filter extends RelationBase {
  readonly kind: 'filter'
  readonly input: Relation
  readonly predicate: Expression
}

/** `columns` follow `exprs` one to one. */
export interface Project extends RelationBase {
  readonly kind: 'project'
  readonly input: Relation
  readonly exprs: readonly NamedExpression[]
}

/**
 * inner, left, right, full: columns are left's then right's (made nullable as needed);
 * semi, anti: left's columns; `nullAware` anti is NOT IN's: a NULL on either side is no match and no
 * non-match.
 * mark: left's columns plus `markColumn` (bool): whether a match exists, NULL where comparison with
 * some row was unknown and none matched (three-valued IN); never NULL when `nullAware` is false.
 * single: like left, but more than one match is the error CARDINALITY_VIOLATION.
 */
export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark' | 'single'

export interface Join extends RelationBase {
  readonly kind: 'join'
  readonly joinKind: JoinKind
  readonly left: Relation
  readonly right: Relation
  /** All conjuncts; literal TRUE for a cross join. */
  readonly condition: Expression
  readonly nullAware?: boolean
  readonly markColumn?: OutputColumn
}

/** A join whose right side refers to columns of its left (LATERAL, subqueries); gone after unnesting. */
export interface Apply extends RelationBase {
  readonly kind: 'apply'
  readonly joinKind: JoinKind
  readonly left: Relation
  readonly right: Relation
  readonly condition: Expression
  readonly nullAware?: boolean
  readonly markColumn?: OutputColumn
}

/** `columns` are the keys, then the aggregates. No keys: exactly one row. No aggregates: DISTINCT. */
export interface Aggregate extends RelationBase {
  readonly kind: 'aggregate'
  readonly input: Relation
  readonly keys: readonly NamedExpression[]
  readonly aggregates: readonly AggregateCall[]
}

/**
 * Keeps its input's rows and gives each a column a call. `columns` are the input's, then the calls'. The
 * calls share partitions and order; frames are their own.
 */
export interface Window extends RelationBase {
  readonly kind: 'window'
  readonly input: Relation
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

export interface Sort extends RelationBase {
  readonly kind: 'sort'
  readonly input: Relation
  readonly keys: readonly SortKey[]
  /** Rows wanted at most (top-k); set by the optimizer. */
  readonly limitRows?: number
}

/**
 * Each input row, repeated for every row that the functions give for it side by side; `columns` are the
 * input's, then one a call, then `ordinality`, which counts the rows of each input row from 1. Without calls
 * there is one.
 */
export interface Expand extends RelationBase {
  readonly kind: 'expand'
  readonly input: Relation
  readonly calls: readonly RowsCall[]
  readonly ordinality?: Ordinality
}

/** A column that counts rows. */
export type Ordinality = Pick<OutputColumn, 'id' | 'name' | 'type'>

/** Limit and offset are constants by the time of physical planning (parameters before). */
export interface Limit extends RelationBase {
  readonly kind: 'limit'
  readonly input: Relation
  readonly limit?: Expression
  readonly offset?: Expression
}

/** `inputColumns[i][j]` is the column of input i that becomes `columns[j]`. Types are equal. */
export interface UnionAll extends RelationBase {
  readonly kind: 'union-all'
  readonly inputs: readonly Relation[]
  readonly inputColumns: readonly (readonly ColumnId[])[]
}

/** Binds CTEs that are used more than once (or MATERIALIZED); others are inlined by the binder. */
export interface With extends RelationBase {
  readonly kind: 'with'
  readonly cteId: number
  readonly name: string
  readonly definition: Relation
  readonly input: Relation
}

/** `definitionColumns[i]` is the definition's column behind the fresh `columns[i]`. */
export interface CteReference extends RelationBase {
  readonly kind: 'cte-reference'
  readonly cteId: number
  readonly name: string
  readonly definitionColumns: readonly ColumnId[]
}

/**
 * The rows of `base`, then round by round what `step` makes of the rows of the round before, until a round gives none.
 * `isDistinct`: each row once, of all rounds. `inputColumns[0][j]` is base's column that becomes `columns[j]`,
 * `inputColumns[1][j]` step's. Types are equal.
 */
export interface Recursion extends RelationBase {
  readonly kind: 'recursion'
  readonly recursionId: number
  readonly name: string
  readonly base: Relation
  readonly step: Relation
  readonly inputColumns: readonly [readonly ColumnId[], readonly ColumnId[]]
  readonly isDistinct: boolean
}

/** Within the step of a recursion: the rows of the round before, columns by position. */
export interface WorkingTable extends RelationBase {
  readonly kind: 'working-table'
  readonly recursionId: number
  readonly name: string
}
