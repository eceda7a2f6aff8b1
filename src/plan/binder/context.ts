import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { DataType, RecordType } from '../../data/types/data-type.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import type { DigitBudget } from '../../data/types/digit-budget.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type { CommonTableExpression, SelectStatement } from '../../sql/ast/select.ts'
import type {
  Catalog,
  CatalogEntry,
  ModelEntry,
  TableEntry,
  ViewEntry,
} from '../catalog/catalog.ts'
import type { ObjectName, SearchPath } from '../catalog/schemas.ts'
import type { DeclaredCasts } from '../logical/declared.ts'
import type { ColumnIds } from '../logical/build.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  SortKey,
  WindowCall,
} from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import type { Typing } from '../logical/typing.ts'
import type { RoutineScope } from './routines/routine-scope.ts'

/** What binding a query depends on besides its text. */
export interface BindContext {
  /** The functions that can be called. */
  readonly functions: FunctionCatalogue
  readonly catalog: Catalog
  readonly searchPath: SearchPath
  readonly columnIds: ColumnIds
  /** Types that the client declared for $1, $2, ...; the others follow from their use. */
  readonly parameterTypes?: readonly (DataType | undefined)[] | undefined
  /**
   * When the transaction or the statement began, in microseconds since 1970-01-01 UTC: now() and its kin. What
   * asks is bound for this moment only.
   */
  readonly beganMicros: (what: 'transaction' | 'statement') => bigint
  /** The session's time zone and how it reads and writes dates and times. */
  readonly locale: Locale
  /** The value of a function without arguments that belongs to the session, as `current_user`. */
  readonly sessionValue?: (name: string) => string | undefined
  /** The table behind `FROM 'location'`; the caller has inspected the file before binding. */
  readonly resolveFile?: ((location: string) => TableEntry | undefined) | undefined
  /**
   * INSERT: the columns that the query's outputs are brought to, by assignment casts. The query may have
   * fewer outputs; whether that is right is for the caller to say.
   */
  readonly targets?: readonly BindTarget[] | undefined
  /** The relations of pg_catalog and information_schema, as they are now. */
  readonly systemRelation?: (schema: string, name: string) => SystemRelation | undefined
  /** A function over the catalog, which is called with what it says at this moment. */
  readonly catalogFunction?: (fn: ScalarFunction) => ScalarFunction | undefined
  /** The rows that a statement in WITH gave, which ran before what is bound; undefined for any other query. */
  readonly rowsOfChange?: (cte: CommonTableExpression) => TableEntry | undefined
  /** How results are typed that may be too long for decimals; in hope by default. */
  readonly digits?: DigitBudget
  /** The function or procedure of whose body this is a statement. */
  readonly routine?: RoutineScope | undefined
}

/** A relation that every database has: a table, the query of a view, or rows that only the session knows. */
export type SystemRelation =
  | { readonly kind: 'table'; readonly entry: TableEntry }
  | { readonly kind: 'view'; readonly query: string; readonly columns: readonly Field[] }
  | {
      readonly kind: 'rows'
      readonly columns: readonly Field[]
      readonly rows: readonly (readonly Scalar[])[]
    }

export interface BindTarget {
  readonly name: string
  readonly type: DataType
  /** What DEFAULT means for the column; NULL where it has none. */
  readonly defaultValue?: AstExpression
  /** It is no column but a part of one, which has no default. */
  readonly part?: 'field' | 'element'
}

export interface BoundQuery {
  readonly relation: Relation
  /** One a column; they may repeat. */
  readonly outputNames: readonly string[]
  /** The type of every parameter up to the highest one used. */
  readonly parameterTypes: readonly DataType[]
  /** One a column. */
  readonly declared: readonly (DeclaredType | undefined)[]
  /** Of the session that it was bound for. */
  readonly locale: Locale
  readonly needed: NeededEntries
}

/** What the names of a query led to, in order of appearance; not what views and CTEs are made of. */
export interface NeededEntries {
  readonly relations: readonly NamedEntry<CatalogEntry>[]
  readonly files: readonly FileEntry[]
  readonly models: readonly NamedEntry<ModelEntry>[]
  /** Types by their names as they are written: their ids. */
  readonly types: ReadonlyMap<string, number>
  /** Ids of the functions that statements have made. */
  readonly functions: ReadonlySet<number>
  /** Whether functions are called of which only the session knows the values: settings, memory; in views as well. */
  readonly surroundings: boolean
}

export type NamedEntry<Entry> = readonly [written: ObjectName, entry: Entry]
export type FileEntry = readonly [location: string, entry: TableEntry]

/** Views within views at most. */
export const VIEW_DEPTH_MAX = 32

/** Subqueries within subqueries at most. */
export const QUERY_DEPTH_MAX = 200

/** The state of one binding. The three functions close the circle between queries and expressions. */
export interface Binder extends Typing {
  readonly ctx: BindContext
  /** The views in whose queries this is, outermost first. Names lead where they led when the last was made. */
  readonly views: readonly ViewEntry[]
  readonly counters: BindCounters
  readonly needed: {
    readonly relations: NamedEntry<CatalogEntry>[]
    readonly files: FileEntry[]
    readonly models: NamedEntry<ModelEntry>[]
    readonly types: Map<string, number>
    readonly functions: Set<number>
    surroundings: boolean
  }
  /** Where this binds only what may stand in some place: how bodies of functions are bound that are called there. */
  readonly unrestricted?: Pick<Binder, 'expression' | 'expressionSteps' | 'query'>
  /** The function in whose body this is. */
  readonly routine: RoutineScope | undefined
  /** What casts say of their values for clients. */
  readonly declared: DeclaredCasts
  readonly rowItems: WeakMap<Expression, readonly Expression[]>
  readonly expression: (scope: Scope, ast: AstExpression) => Expression
  /** As `expression`, in steps. */
  readonly expressionSteps: (scope: Scope, ast: AstExpression) => Steps<Expression>
  /** In steps: see `isOverdue`. */
  readonly query: (statement: SelectStatement, outer: QueryEnvironment) => Steps<Draft>
}

/** What binding a node costs: names, types and overloads are looked up. */
const BIND_STEPS = 4 * NODE_STEPS

export interface BindCounters {
  queryDepth: number
  /** Functions that statements have made, called so far. */
  routineCalls: number
}

/** What a query sees of its surroundings. */
export interface QueryEnvironment {
  readonly binder: Binder
  readonly parent: Scope | undefined
  readonly ctes: CteScope | undefined
  /** What a derived table without LATERAL may not see: only to say so in messages. */
  readonly hidden?: Scope
}

/** Names of CTEs, innermost first. */
export interface CteScope {
  readonly name: string
  readonly definition: CteDefinition | WorkingTableDefinition
  readonly next: CteScope | undefined
}

/** What a recursive query's name means within its recursive term. */
export interface WorkingTableDefinition {
  readonly recursionId: number
  readonly columns: readonly OutputColumn[]
  /** How many of them, the last ones, are named only: `*` does not have them. */
  readonly addedColumns?: number
}

export interface CteDefinition {
  readonly cteId: number
  readonly columns: readonly OutputColumn[]
  /** Of a statement that changes rows and returns none. */
  readonly givesNoRows?: boolean
}

/**
 * A query bound up to its outputs: `finish` is called once with these or with casts of them. The delay
 * lets a string literal of unknown type take its type from the other side of a UNION.
 */
export interface Draft {
  readonly names: readonly string[]
  readonly exprs: readonly Expression[]
  finish(exprs: readonly Expression[]): Relation
}

/** What expressions of one query level may refer to, and where its aggregates gather. */
export interface Scope extends Namespace {
  readonly environment: QueryEnvironment
  readonly level: QueryLevel
}

export interface Namespace {
  /** What qualified names can mean. */
  readonly tables: readonly ScopeTable[]
  /** What bare names and `*` can mean, in order; USING has merged columns here. */
  readonly columns: readonly ScopeColumn[]
}

export interface ScopeTable {
  readonly alias: string
  /** The schema, where the table goes by its own name. */
  readonly schema: string | undefined
  /** The table's own name where an alias hides it. */
  readonly hiddenName: string | undefined
  readonly columns: readonly ScopeColumn[]
  /** What the table's name means as a value, where its rows are plain values. */
  readonly wholeRow?: Expression | undefined
  /** What rows of the table are called, and their fields, whatever an alias calls the columns. */
  readonly rowType?: RecordType | undefined
  /** A column that is NULL in no row of the table, if there is one. */
  readonly present?: Expression | undefined
  /** An outer join may have found no row of the table. */
  readonly mayBeMissing?: boolean
}

export interface ScopeColumn {
  readonly name: string
  readonly expr: Expression
  /** Whether only its name means it, and `*` does not. */
  readonly isNamedOnly?: true
}

/** One SELECT: its aggregates, and which clause is being bound (for messages). */
export interface QueryLevel {
  readonly aggregates: AggregateCall[]
  /** The windows that its window functions are over. */
  readonly windows: LevelWindow[]
  /** GROUPING's columns: what each is asked about. */
  readonly groupings: GroupingCall[]
  /** Columns of FROM, as messages name them: `t.a`. */
  readonly columnNames: Map<ColumnId, string>
  clause: Clause
  /** Which column COLUMNS stands for, where it may. */
  columnChoice: ColumnChoice | undefined
  /** Whether its FROM has the rows of the recursive query that it is the recursive term of. */
  isRecursive: boolean
}

/** The columns that COLUMNS in an expression stands for, once they are known, and the one that it is now. */
export interface ColumnChoice {
  columns: readonly ScopeColumn[] | undefined
  at: number
}

/** One GROUPING(...): a column that tells which of its arguments a row's set lacks. */
export interface GroupingCall {
  readonly id: ColumnId
  readonly args: readonly Expression[]
}

/** The calls over one way of partitioning and ordering the rows. */
export interface LevelWindow {
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: WindowCall[]
}

export type Clause =
  | 'SELECT'
  | 'FROM'
  | 'JOIN conditions'
  | 'WHERE'
  | 'GROUP BY'
  | 'HAVING'
  | 'ORDER BY'
  | 'FILTER'
  | 'QUALIFY'
  | 'window ROWS'
  | 'window RANGE'
  | 'window GROUPS'
  | 'VALUES'
  | 'UPDATE'
  | 'RETURNING'
  | 'LIMIT'
  | 'OFFSET'
  | 'DEFAULT expressions'
  | 'check constraints'
  | 'column generation expressions'
  | 'transform expressions'
  | 'index expressions'
  | 'index predicates'
  | 'COPY FROM WHERE conditions'

export function bindExpression(scope: Scope, ast: AstExpression): Expression {
  spend(BIND_STEPS)
  return scope.environment.binder.expression(scope, ast)
}

/** As {@link bindExpression}, in steps as far as chains and lists go that may be long: see `isOverdue`. */
export function* expressionSteps(scope: Scope, ast: AstExpression): Steps<Expression> {
  spend(BIND_STEPS)
  if (isOverdue()) yield
  return yield* scope.environment.binder.expressionSteps(scope, ast)
}

/** Binding fewer characters of a text takes less than a turn, and steps cost something themselves. */
const LONG_EXPRESSION = 1_024

/** Whether an expression is to be bound in steps. */
export function isLong({ span }: AstExpression): boolean {
  return span.end - span.start > LONG_EXPRESSION
}

/** Binds an expression as part of a clause. */
export function bindIn(scope: Scope, clause: Clause, ast: AstExpression): Expression {
  return within(scope, clause, () => bindExpression(scope, ast))
}

/** What is made of a clause, which errors name. */
export function within<T>({ level }: Scope, clause: Clause, make: () => T): T {
  const before = level.clause
  level.clause = clause
  try {
    return make()
  } finally {
    level.clause = before
  }
}

/** As {@link bindIn}, in steps. */
export function* stepsIn(scope: Scope, clause: Clause, ast: AstExpression): Steps<Expression> {
  const { level } = scope
  const before = level.clause
  level.clause = clause
  try {
    return yield* expressionSteps(scope, ast)
  } finally {
    level.clause = before
  }
}

/** Binds a subquery whose enclosing scope is this one. */
export function bindSubquery(scope: Scope, statement: SelectStatement): Draft {
  const { environment } = scope
  return finishSteps(environment.binder.query(statement, { ...environment, parent: scope }))
}

export function newLevel(): QueryLevel {
  return {
    aggregates: [],
    windows: [],
    groupings: [],
    columnNames: new Map(),
    clause: 'SELECT',
    columnChoice: undefined,
    isRecursive: false,
  }
}
