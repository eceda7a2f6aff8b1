import type { ValueBounds } from '../../data/types/value-bounds.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { TableFunction } from '../../functions/function.ts'
import type { WindowFunction } from '../../functions/window-function.ts'
import type { ColumnId, Expression, Frame, SortKey } from '../../plan/logical/expression.ts'
import type {
  KeptRows,
  Partitioning,
  PhysicalAggregateCall,
  PhysicalJoinKind,
} from '../../plan/physical/plan.ts'
import type { RowLayout } from './row-layout.ts'
import type { LaneTest } from './lane-test.ts'

/** Names a sink whose rows later pipelines read. */
export type BreakerId = number

/**
 * A piece of a fragment without a breaker inside: rows flow from the source through the steps into
 * the sink, batch by batch. Plain data. `definitions` gives the columns that projections made; they
 * are computed where they are used.
 */
export interface Pipeline {
  readonly source: PipelineSource
  readonly steps: readonly Step[]
  readonly sink: Sink
  readonly definitions: ReadonlyMap<ColumnId, Expression>
  readonly bounds: ReadonlyMap<ColumnId, ValueBounds>
  /** The order of the rows matters: one thread runs it from front to back. */
  readonly ordered: boolean
  /** Rows that flow through at once. */
  readonly batchRows: number
}

export interface SourceColumn {
  readonly id: ColumnId
  readonly type: DataType
}

/** Where a pipeline's rows come from. Sources are counted: 0 is this one, steps add more. */
export type PipelineSource =
  /** `stable`: the chunks' text stays where it is until the query ends. */
  | {
      readonly kind: 'chunks'
      readonly input: number
      readonly columns: readonly SourceColumn[]
      readonly stable: boolean
    }
  | { readonly kind: 'rows'; readonly breaker: BreakerId; readonly layout: RowLayout }
  /** Build rows that a probe row matched, or that none did; `nulls` are the probe side's columns. */
  | {
      readonly kind: 'noted'
      readonly are: Noted
      readonly breaker: BreakerId
      readonly layout: RowLayout
      readonly nulls: readonly SourceColumn[]
    }
  | { readonly kind: 'sorted'; readonly breaker: BreakerId; readonly layout: RowLayout }

/** What a join has noted of build rows. */
export type Noted = 'matched' | 'unmatched'

export type Step =
  | { readonly kind: 'filter'; readonly predicate: Expression }
  /** A filter as it is compiled at the start of a pipeline over chunks; `rest` is looked at row by row. */
  | {
      readonly kind: 'lane-filter'
      readonly tests: readonly LaneTest[]
      readonly rest: readonly Expression[]
    }
  | ProbeStep
  | NestedLoopStep
  | CallOutStep
  | ComputeStep
  | RepeatStep
  | { readonly kind: 'limit'; readonly limitId: number }

/** Adds the build's rows as a source (mark: the mark; semi, anti, and those that choose build rows: none). */
export interface ProbeStep {
  readonly kind: 'probe'
  readonly breaker: BreakerId
  readonly joinKind: PhysicalJoinKind
  readonly keys: readonly Expression[]
  readonly table: JoinTable
  /** Known once the build is there. */
  readonly placing: RowPlacing
  readonly residual: Expression | undefined
  readonly pairs: readonly PairCallOut[]
  readonly nullAware: boolean
  readonly mark: SourceColumn | undefined
  /** Keys, by number, of which a column of scanned rows has the values: what has none of the table's is not read. */
  readonly narrows: readonly { readonly key: number; readonly column: ColumnId }[]
}

/** What build and probe agree on. `keyFields` are the positions of the keys in the layout's fields. */
export interface JoinTable {
  readonly layout: RowLayout
  readonly keyFields: readonly number[]
  readonly nullSafe: readonly boolean[]
  /** Bounds of the single integer key, when its range is small enough for a rank index. */
  readonly rank: ValueBounds | undefined
  /**
   * What probes read of a row of a rank index: this is packed in the order of the keys when no key comes
   * twice. Undefined where more than that is read of rows, or it is too much.
   */
  readonly carried: CarriedBytes | undefined
}

/** A part of each row: where it begins, and how long it is. */
export interface CarriedBytes {
  readonly offset: number
  readonly bytes: number
}

/**
 * Where the rows of a join table are. `linked`: directories lead to chains of rows. `by-rank`: no key
 * comes twice, so what rows carry is packed in the order of the keys. `by-key`: as every key of the range
 * occurs too, the distance from the smallest key tells the place.
 */
export type RowPlacing = 'linked' | 'by-rank' | 'by-key'

/**
 * Which rows a nested loop takes one by one. `probe`: each is paired with all build rows. `build`: these are few, and
 * the batch flows on once for each, its rows as they are, so that nobody writes or reads ids of pairs.
 */
export type OuterLoop = 'probe' | 'build'

export interface NestedLoopStep {
  readonly kind: 'nested-loop'
  readonly breaker: BreakerId
  readonly joinKind: PhysicalJoinKind
  readonly layout: RowLayout
  readonly condition: Expression | undefined
  /** Known once the build is there. */
  readonly outer: OuterLoop
  /** The probe row's values that build rows keep to, where these are listed in their order. */
  readonly range: RangeOf<Expression> | undefined
  readonly pairs: readonly PairCallOut[]
  /** mark, anti: an unknown condition is neither match nor non-match. */
  readonly nullAware: boolean
  readonly mark: SourceColumn | undefined
}

/**
 * A part of a join's condition that has no WebAssembly form and reads columns of both sides: a boolean
 * that is evaluated for each pair of rows that gets as far, under the name of a column.
 */
export interface PairCallOut {
  readonly output: SourceColumn
  readonly expr: Expression
  readonly inputs: readonly SourceColumn[]
}

/** Evaluates an expression that has no WebAssembly form for a batch; adds its result as a source. */
export interface CallOutStep {
  readonly kind: 'call-out'
  readonly output: SourceColumn
  /** Over columns that `inputs` name; projections are already substituted. */
  readonly expr: Expression
  readonly inputs: readonly SourceColumn[]
}

/**
 * Computes values that are too much for the function that reads them, and keeps them in rows for as long
 * as the batch flows; these are its source. A value may read those before it.
 */
export interface ComputeStep {
  readonly kind: 'compute'
  readonly values: readonly ComputedValue[]
  /** A field a value. */
  readonly layout: RowLayout
}

export interface ComputedValue {
  readonly id: ColumnId
  readonly expr: Expression
}

/**
 * Repeats each row for what functions give for it; rows of that are its source, for as long as the batch flows. Only for
 * functions of which kernels write all rows; others repeat rows that an {@link ExpandSink} kept.
 */
export interface RepeatStep {
  readonly kind: 'repeat'
  readonly expansion: Expansion
  readonly layout: RowLayout
  /** The field that counts the rows. */
  readonly ordinality: number | undefined
}

/** What a row is repeated for. Numbers are those of fields. */
export type Expansion =
  /** The elements of arrays, side by side; the arrays have fields of their own. */
  | {
      readonly kind: 'arrays'
      readonly arrays: readonly {
        readonly arg: Expression
        readonly array: number
        readonly element: number
      }[]
    }
  /** Integers from the first towards the last, of which no step is 0. */
  | {
      readonly kind: 'integers'
      readonly first: Expression
      readonly last: Expression
      readonly step: bigint
      readonly value: number
    }

export type Sink =
  | AggregateSink
  | JoinBuildSink
  | SortSink
  | WindowSink
  | RowsSink
  | ExpandSink
  | NothingSink
  | OutputSink

/** No row gets here: what a pipeline is for, its steps have done. */
export interface NothingSink {
  readonly kind: 'nothing'
}

/** Rows to be repeated for what functions give for them: `values` fill the fields of the layout from the first. */
export interface ExpandSink {
  readonly kind: 'expand'
  readonly breaker: BreakerId
  readonly layout: RowLayout
  readonly values: readonly Expression[]
  readonly calls: readonly ExpandCall[]
  /** The field that counts the rows. */
  readonly ordinality: number | undefined
}

/** A function that gives rows: the fields of its arguments, and of what it gives. */
export interface ExpandCall {
  readonly fn: TableFunction
  readonly args: readonly number[]
  readonly outputs: readonly number[]
}

export type SinkKind = Sink['kind']
export type SinkOf<K extends SinkKind> = Extract<Sink, { kind: K }>

/** The sinks whose rows later pipelines read. */
export type BreakerKind = Exclude<SinkKind, 'output' | 'nothing'>

export interface SortSink {
  readonly kind: 'sort'
  readonly breaker: BreakerId
  readonly sort: SortShape
}

/** Rows to be put in the order of each window in turn, and to be given the columns of its functions. */
export interface WindowSink {
  readonly kind: 'window'
  readonly breaker: BreakerId
  /** Group rows: the fields of `values`, then those that the calls fill. */
  readonly layout: RowLayout
  readonly values: readonly Expression[]
  /** The fields of which rows have the hash. */
  readonly hashed: readonly number[]
  /** The rows leave in the order of the last. */
  readonly windows: readonly WindowShape[]
}

/** What is done with the rows for one window once they are there. */
export interface WindowShape {
  /** The order of the rows: by what partitions them, then by what orders each. */
  readonly keys: readonly SortField[]
  /** How many of the keys partition the rows. */
  readonly partitionKeys: number
  /** Whether these are the keys that rows are hashed by: partitions are then split among threads. */
  readonly isHashed: boolean
  readonly calls: readonly WindowFill[]
}

/** What fills fields of the rows. */
export type WindowFill =
  | {
      readonly kind: 'window'
      readonly fn: WindowFunction
      readonly args: readonly WindowArgument[]
      readonly frame: Frame
      /** The field that is filled. */
      readonly field: number
    }
  /** Aggregates over one frame, accumulated together: `fields` are filled with their states. */
  | {
      readonly kind: 'aggregate'
      readonly table: GroupTable
      readonly frame: Frame
      readonly fields: readonly number[]
    }

  /** An aggregate that is computed in TypeScript from fields of the rows: its arguments, and its filter. */
  | {
      readonly kind: 'kept'
      readonly kept: Omit<KeptRows, 'exprs'>
      readonly args: readonly number[]
      readonly filter: number | undefined
      readonly frame: Frame
      readonly field: number
    }

/** An argument: a field of the rows, or a constant integer. */
export type WindowArgument = { readonly field: number } | { readonly value: number | undefined }

/** Rows kept as they are, for the build side of nested loops. */
export interface RowsSink {
  readonly kind: 'rows'
  readonly breaker: BreakerId
  readonly layout: RowLayout
  readonly values: readonly Expression[]
  /** The fields that tell which rows a probe row is compared with. */
  readonly range: RangeOf<number> | undefined
}

/** Of pairs that match the build row's low value is not above the probe row's, its high value not below that. */
export interface RangeOf<T> {
  readonly low: T | undefined
  readonly high: T | undefined
}

/** One pass may fill several tables: distinct aggregates have a set of (keys, argument) of their own. */
export interface AggregateSink {
  readonly kind: 'aggregate'
  readonly tables: readonly GroupTable[]
}

/** Group rows: the fields of the keys, then those of the aggregates. */
export interface GroupTable {
  readonly breaker: BreakerId
  readonly layout: RowLayout
  readonly keys: readonly Expression[]
  readonly aggregates: readonly PhysicalAggregateCall[]
  /** A group may be given more than once: whoever reads them merges them. */
  readonly mayRepeat?: boolean
}

export interface JoinBuildSink {
  readonly kind: 'join-build'
  readonly breaker: BreakerId
  readonly table: JoinTable
  /** One a field of the layout. */
  readonly values: readonly Expression[]
  /** Rows with a NULL key are kept, as they are given; else only counted. */
  readonly keepNullKeys: boolean
}

/** `values` follow the layout's fields; the sort keys are fields too. */
export interface SortShape {
  readonly layout: RowLayout
  readonly values: readonly Expression[]
  readonly keys: readonly SortField[]
  readonly limitRows: number | undefined
}

export interface SortField {
  readonly field: number
  readonly descending: SortKey['descending']
  readonly nullsFirst: SortKey['nullsFirst']
}

export interface OutputSink {
  readonly kind: 'output'
  readonly columns: readonly OutputField[]
  readonly partitioning: Partitioning
  readonly partitions: number
}

export interface OutputField {
  readonly expr: Expression
  readonly type: DataType
  readonly nullable: boolean
}
