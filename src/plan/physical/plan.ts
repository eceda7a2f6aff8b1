import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import type {
  ColumnId,
  Expression,
  Frame,
  NamedExpression,
  RowsCall,
  SortKey,
} from '../logical/expression.ts'
import type { Ordinality, OutputColumn } from '../logical/relation.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import type { AggregateFunction } from '../../functions/function.ts'
import type { WindowFunction } from '../../functions/window-function.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/**
 * The physical algebra: what `exec` runs. Plain data, serializable. Expressions hold no parameters,
 * subqueries or correlated references any more. `rows` is the planner's estimate.
 */
export type PhysicalPlan =
  | PhysicalScan
  | PhysicalValues
  | PhysicalFilter
  | PhysicalExpand
  | PhysicalProject
  | HashJoin
  | NestedLoopJoin
  | HashAggregate
  | PhysicalWindow
  | PhysicalSort
  | PhysicalLimit
  | PhysicalUnionAll
  | Exchange
  | StageInput
  | PhysicalRecursion
  | PhysicalWorkingTable

export type PhysicalKind = PhysicalPlan['kind']
export type PhysicalOf<K extends PhysicalKind> = Extract<PhysicalPlan, { kind: K }>

interface PhysicalBase {
  readonly columns: readonly OutputColumn[]
  readonly rows: number
}

/** Reads partition p of `partitions` of a table's units; filters are applied exactly. */
export interface PhysicalScan extends PhysicalBase {
  readonly kind: 'scan'
  readonly table: TableEntry
  readonly sourceColumns: readonly number[]
  readonly filters: readonly Expression[]
}

export interface PhysicalValues extends PhysicalBase {
  readonly kind: 'values'
  readonly rowExprs: readonly (readonly Expression[])[]
}

/** Each input row, repeated for what the functions give for it. */
export interface PhysicalExpand extends PhysicalBase {
  readonly kind: 'expand'
  readonly input: PhysicalPlan
  readonly calls: readonly RowsCall[]
  readonly ordinality: Ordinality | undefined
}

export interface PhysicalFilter extends PhysicalBase {
  readonly kind: 'filter'
  readonly input: PhysicalPlan
  readonly predicate: Expression
}

export interface PhysicalProject extends PhysicalBase {
  readonly kind: 'project'
  readonly input: PhysicalPlan
  readonly exprs: readonly NamedExpression[]
}

/** Seen from the probe side. */
export type PhysicalJoinKind =
  | 'inner'
  | 'left'
  | 'right'
  | 'full'
  | 'semi'
  | 'anti'
  | 'right-semi'
  | 'right-anti'
  | 'mark'
  | 'single'

/** Whether build rows without a match are given. */
export function keepsBuild(kind: PhysicalJoinKind): boolean {
  return kind === 'right' || kind === 'full' || kind === 'right-anti'
}

/** Whether probe rows only tell which build rows are given: those that match one, or those that match none. */
export function choosesBuild(kind: PhysicalJoinKind): boolean {
  return kind === 'right-semi' || kind === 'right-anti'
}

/** Whether a join notes which build rows have met a match, and gives some of them once all probe rows are through. */
export function notesMatches(kind: PhysicalJoinKind): boolean {
  return keepsBuild(kind) || choosesBuild(kind)
}

/** Whether probe rows without a match are given in some form. */
export function keepsProbe(kind: PhysicalJoinKind): boolean {
  return kind !== 'inner' && kind !== 'right' && kind !== 'semi' && !choosesBuild(kind)
}

/**
 * Build the table from `build`, stream `probe`. `nullAware` (anti and mark only) comes with exactly one
 * key pair, not null-safe, and no residual. The kind is seen from the probe side: left keeps
 * every probe row, right every build row; semi, anti and mark give probe columns (mark: plus `markColumn`), right-semi and
 * right-anti build columns. Columns are the probe's, then the build's.
 */
export interface HashJoin extends PhysicalBase {
  readonly kind: 'hash-join'
  readonly joinKind: PhysicalJoinKind
  readonly probe: PhysicalPlan
  readonly build: PhysicalPlan
  /** Pairwise of one type. `nullSafe[i]`: IS NOT DISTINCT FROM instead of =. */
  readonly probeKeys: readonly Expression[]
  readonly buildKeys: readonly Expression[]
  readonly nullSafe: readonly boolean[]
  /** Must also hold for a match. Over columns of both sides. */
  readonly residual: Expression | undefined
  readonly nullAware: boolean
  readonly markColumn: OutputColumn | undefined
  /** How rows get together: the four ways of Dask, shown in EXPLAIN. */
  readonly distribution: 'local' | 'broadcast' | 'hash' | 'partitioned'
}

/**
 * No equality to hash on; `build` is materialized. `nullAware` (anti and mark): the condition counts in
 * three-valued logic, so a pair for which it is NULL makes a mark without match NULL, and drops an
 * anti row.
 */
export interface NestedLoopJoin extends PhysicalBase {
  readonly kind: 'nested-loop-join'
  readonly joinKind: PhysicalJoinKind
  readonly probe: PhysicalPlan
  readonly build: PhysicalPlan
  readonly condition: Expression | undefined
  readonly nullAware: boolean
  readonly markColumn: OutputColumn | undefined
}

export interface PhysicalAggregateCall {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly accumulator: Accumulator
  readonly arg: Expression | undefined
  readonly distinct: boolean
  readonly filter: Expression | undefined
  /** From statistics: no sum over this input can leave 64 bits, so none is checked or widened. */
  readonly fitsInt64: boolean
  /**
   * sum only, where the argument's bounds are known: 64 bits are enough as long as a task feeds at most
   * this many rows into the aggregate.
   */
  readonly int64RowsMax?: number
  /** fold and collect only: what is taken of each row. */
  readonly kept?: KeptRows
}

/** What an aggregate in TypeScript takes of each row, and how it wants the rows of a group. */
export interface KeptRows {
  readonly fn: AggregateFunction
  /** The arguments, then what the rows are sorted by beside these. */
  readonly exprs: readonly Expression[]
  /** How many of these are arguments. */
  readonly args: number
  /** Arguments that are constants, by their number. */
  readonly constants: readonly (Scalar | undefined)[]
  /** Rows in which one of these, by its number, is NULL are left out. */
  readonly required: readonly number[]
  readonly order: readonly KeptOrder[]
  readonly distinct: boolean
  /** The rows are wanted in the order in which they come. */
  readonly inOrder: boolean
}

/** One of the expressions, by its number, that rows are sorted by. */
export interface KeptOrder {
  readonly field: number
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** Every expression of an aggregate. */
export function callExpressions({
  arg,
  filter,
  kept,
}: PhysicalAggregateCall): readonly Expression[] {
  return [arg, filter, ...(kept?.exprs ?? [])].filter((expr) => expr !== undefined)
}

/** Keys then aggregates. No keys: exactly one row (per partition only above a gather exchange). */
export interface HashAggregate extends PhysicalBase {
  readonly kind: 'hash-aggregate'
  readonly input: PhysicalPlan
  readonly keys: readonly NamedExpression[]
  readonly aggregates: readonly PhysicalAggregateCall[]
  readonly phase: 'single' | 'partial' | 'final'
}

/**
 * Gives each row a column a call; columns are the input's, then the calls'. Rows that agree on
 * `partitionBy` are in one task.
 */
export interface PhysicalWindow extends PhysicalBase {
  readonly kind: 'window'
  readonly input: PhysicalPlan
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly PhysicalWindowCall[]
  /** Of all tasks together, whose rows follow one another; see `ownPart`. */
  readonly isAcross?: boolean
  /** Of all tasks together: what it gives a row is made of so many rows before and after it, and of none further away. */
  readonly reach?: Reach
  /** Rows come out partition by partition, and in their order, also those of several partitions. */
  readonly inOrder?: boolean
}

/** Rows of other tasks, next to a task's own in the order of all. */
export interface Reach {
  readonly before: number
  readonly after: number
}

export type PhysicalWindowCall =
  | {
      readonly kind: 'window'
      readonly id: ColumnId
      readonly name: string
      readonly type: DataType
      readonly fn: WindowFunction
      readonly args: readonly Expression[]
      readonly frame: Frame
    }
  /** The column of the aggregate is the call's. */
  | {
      readonly kind: 'aggregate'
      readonly aggregate: PhysicalAggregateCall
      readonly frame: Frame
    }

/** Full sort, or top-k when `limitRows` is given. Output of one task is ordered. */
export interface PhysicalSort extends PhysicalBase {
  readonly kind: 'sort'
  readonly input: PhysicalPlan
  readonly keys: readonly SortKey[]
  readonly limitRows: number | undefined
}

export interface PhysicalLimit extends PhysicalBase {
  readonly kind: 'limit'
  readonly input: PhysicalPlan
  readonly limitRows: number | undefined
  readonly offsetRows: number
  /** Of the rows of all tasks together, which follow one another; see `ownPart`. */
  readonly isAcross?: boolean
}

export interface PhysicalUnionAll extends PhysicalBase {
  readonly kind: 'union-all'
  readonly inputs: readonly PhysicalPlan[]
  readonly inputColumns: readonly (readonly ColumnId[])[]
}

/**
 * How a stage's output rows are spread over the tasks that read it: gather and broadcast make one
 * piece (which every consuming task reads), stay one for a single task, the others one for each consuming task.
 */
export type Partitioning =
  | { readonly kind: 'gather' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'hash'; readonly keys: readonly Expression[] }
  | { readonly kind: 'round-robin' }
  /** A task reads what the one with its number wrote, once all have: so it is known how many rows come before. */
  | {
      readonly kind: 'stay'
      /** Tasks read so many rows of those next to them too: each task's first and last ones are kept for them. */
      readonly reach?: Reach
    }
  /** By the order of the keys: every row of a piece comes before those of the next, equal ones together. */
  | {
      readonly kind: 'range'
      readonly keys: readonly SortKey[]
      /** Each range looks at rows of others, too, which are sent to it. */
      readonly sight?: Sight
    }
  /** What `range` becomes once it is known where pieces begin: the number of each row's piece, an int4. */
  | { readonly kind: 'numbered'; readonly number: Expression }

/** How far the values of the last key may be away from those of a range, before and after it in its order. */
export interface Sight {
  readonly before: bigint | 0
  readonly after: bigint | 0
  /** The column that tells a range's own rows from others, see `withPlaces`. */
  readonly place: ColumnId
}

/** Whether an output has one piece, rather than one for each task that reads it. */
export function isOnePiece({ kind }: Partitioning): boolean {
  return kind === 'gather' || kind === 'broadcast' || kind === 'stay'
}

/**
 * Moves rows between tasks; stages are cut here. Never reaches `exec`. `columns` follow the input's one
 * to one, by position; their ids are fresh where several exchanges share one input.
 */
export interface Exchange extends PhysicalBase {
  readonly kind: 'exchange'
  readonly input: PhysicalPlan
  readonly partitioning: Partitioning
  /** The CTE whose rows these are: exchanges of one CTE become one stage, read by all of them. */
  readonly cteId?: number
}

/**
 * Reads what an earlier stage wrote for this partition. `columns` follow that stage's output one to
 * one, by position; the ids may differ.
 */
export interface StageInput extends PhysicalBase {
  readonly kind: 'stage-input'
  readonly stage: number
}

/**
 * The rows of `base`, then round by round what `step` makes of those of the round before, until a round gives none.
 * `inputColumns` as of a union. `isDistinct`: each row once, of all rounds. It is one task, in which the step is run
 * once a round; what the step reads beside the working table and is kept for its next round is there from elsewhere.
 */
export interface PhysicalRecursion extends PhysicalBase {
  readonly kind: 'recursion'
  readonly recursionId: number
  readonly name: string
  readonly base: PhysicalPlan
  readonly step: PhysicalPlan
  readonly inputColumns: readonly [readonly ColumnId[], readonly ColumnId[]]
  readonly isDistinct: boolean
}

/** The rows of the round before, by position. */
export interface PhysicalWorkingTable extends PhysicalBase {
  readonly kind: 'working-table'
  readonly recursionId: number
  readonly name: string
}

/** One stage: the same fragment run by `partitions` tasks. */
export interface Stage {
  readonly id: number
  readonly root: PhysicalPlan
  readonly partitions: number
  /** How the output is split for the consumers, and into how many pieces. */
  readonly output: Partitioning
  readonly outputPartitions: number
  /** Stages whose output this one reads, in order. */
  readonly inputs: readonly number[]
  /** What is known of integer-like columns' values anywhere in the stage, by column id. */
  readonly bounds: ReadonlyMap<ColumnId, ValueBounds>
  /** Tasks read consecutive pieces of a table, so that their outputs side by side are in its order. */
  readonly readsRuns?: boolean
  /** Rows that are filtered and computed only come out in the order of their table, on any threads. */
  readonly inOrder?: boolean
  /** A task begins when the one before it is done: what it adds to is that one's last row. */
  readonly isSequential?: boolean
}

/** Stages in dependency order; the last one has one partition and gives the result. */
export interface StagedPlan {
  readonly stages: readonly Stage[]
  readonly columns: readonly OutputColumn[]
  /** What was cut, where that was for one task a stage: it can be cut into more, see `planInParts`. */
  readonly whole?: PhysicalPlan | undefined
  /** Tasks run one after another, and outputs that wait may be kept in files: memory is short. */
  readonly isInParts?: boolean
}
