import type { Address } from '../data/arenas/address.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { DataType, TypeKind } from '../data/types/data-type.ts'
import type { IntervalValue, Scalar } from '../data/types/scalar.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import type { InlineForm } from './inline.ts'
import type { AggregateForm } from './aggregate-form.ts'
import type { FunctionTraits, WrittenAs } from './traits.ts'

/** What all entries of the catalogue have: their id names them among those of their kind. */
export interface CatalogueEntry {
  readonly cataloguedAs: 'scalar' | 'aggregate' | 'window' | 'table'
  readonly id: string
  /** One engine was given it: other threads and processes have nothing of it but what is sent there. */
  readonly onlyHere?: true
}

/** Whether a part of a plan is an entry of the catalogue. */
export function isCatalogueEntry(value: object): value is CatalogueEntry {
  return 'cataloguedAs' in value
}

/** What an overload accepts in one position: any type of the kind (any precision, for decimal). */
export type ArgumentKind = TypeKind | 'any'

/**
 * One overload of a scalar function or operator: everything Heddle knows of it. Its id is
 * `name(kind,kind)`, as in `+(int4,int4)` or `upper(text)`; operators go by their symbol, unary
 * minus is `-(int4)`.
 */
export interface ScalarFunction extends CatalogueEntry, FunctionTraits {
  readonly cataloguedAs: 'scalar'
  readonly name: string
  readonly nullResult: NonNullable<FunctionTraits['nullResult']>
  readonly args: readonly ArgumentKind[]
  /** The last argument may be repeated. */
  readonly variadic?: boolean
  /** Arguments are cast to their common type, as for CASE (for overloads over `any`). */
  readonly sameTypes?: boolean
  /** The arguments are alternatives of one type, as CASE has them; the name of it in messages. */
  readonly alternatives?: string
  /**
   * What the arguments are cast to where that hangs on all of them, as with arrays and their elements;
   * undefined: they do not go together.
   */
  settle?(types: readonly DataType[]): readonly DataType[] | undefined
  /** Result type; a function where it follows from the arguments (decimal precision and scale). */
  readonly returns: DataType | ((args: readonly DataType[]) => DataType)
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** strict: NULL in, NULL out, never called with NULL. called: sees NULLs (as null). */
  readonly nulls: 'strict' | 'called'
  /** Whether it can raise an error for some non-NULL input (so must not run speculatively). */
  readonly raises: boolean
  readonly doc: string
  /** SQL and its result, as `upper('tom') -- TOM`; run by a test. */
  readonly example: string
  /** The reference: plain TypeScript on scalars; also constant folding and the batch call-out. */
  evaluate(args: readonly Scalar[], types: readonly DataType[], result: DataType): Scalar
  /** The WebAssembly form, where there is one; without it the function runs as a batch call-out. */
  readonly inline?: InlineForm
  /** Which argument types `inline` handles; absent: all. */
  inlineFor?(types: readonly DataType[], result: DataType): boolean
  /** Whether `inline` costs more than a branch around it; what takes text and is strict does anyway. */
  readonly isDear?: boolean
  /** Writes the values of many calls at once, see {@link FillForm}. */
  readonly fill?: FillForm
  /** Whether `inline` must not run at all on the lanes of a NULL or of a row that CASE skips (it could trap). */
  readonly traps?: boolean
}

/**
 * How a function without arguments that gives another value at each call runs over a batch: writes so many values, in
 * the widest layout of its type, to an address. Code of its own would be run again wherever its result is read.
 */
export type FillForm = (memory: FilledMemory, at: Address, rows: number) => void

/** What writes values. */
export interface FilledMemory {
  readonly heap: Heap
  readonly kernels: Kernels
}

/** One overload of an aggregate: everything Heddle knows of it. */
export interface AggregateFunction extends CatalogueEntry {
  readonly cataloguedAs: 'aggregate'
  readonly name: string
  /** Empty for `count(*)`. With WITHIN GROUP: the direct arguments, then those that are sorted. */
  readonly args: readonly ArgumentKind[]
  /** The last argument may be repeated. */
  readonly variadic?: boolean
  /**
   * For WITHIN GROUP: how many of the arguments are direct ones, given once for the whole group.
   * `as-sorted`: as many as are sorted, as they are a row that might be among them.
   */
  readonly directArgs?: number | 'as-sorted'
  /** The type that an argument may be cast to without another result, where values of it are quicker to collect. */
  collectedAs?(type: DataType, index: number): DataType | undefined
  /** See {@link ScalarFunction.settle}. */
  settle?(types: readonly DataType[]): readonly DataType[] | undefined
  readonly returns: DataType | ((args: readonly DataType[]) => DataType)
  /** What it is over no rows: NULL for most, 0 for counts. */
  readonly emptyValue: Scalar
  /** See FunctionTraits. */
  readonly writesArguments?: WrittenAs
  readonly doc: string
  readonly example: string
  readonly form: AggregateForm
}

/** One overload of a function that gives rows: everything Heddle knows of it. */
export interface TableFunction extends CatalogueEntry {
  readonly cataloguedAs: 'table'
  readonly name: string
  readonly args: readonly ArgumentKind[]
  /** See {@link ScalarFunction.settle}. */
  settle?(types: readonly DataType[]): readonly DataType[] | undefined
  /** The type of its one column; of several, that of the first. */
  readonly returns: DataType | ((args: readonly DataType[]) => DataType)
  /** The columns where these are several, or are called otherwise than the function (OUT in PostgreSQL). */
  readonly columns?: readonly TableColumn[]
  /** What it gives are objects, whose members are columns that the query defines. */
  readonly isRecord?: true
  /** See FunctionTraits. */
  readonly inZone?: string
  /** strict, the default: no rows for a NULL, never called with one. called: sees NULLs (as null). */
  readonly nulls?: 'strict' | 'called'
  readonly doc: string
  readonly example: string
  /** The rows, in order, read as far as they are wanted: values, of several columns one a column. */
  rows(args: readonly Scalar[], types: readonly DataType[]): Iterable<RowOfFunction>
  /** The same rows where kernels can write them; else undefined. */
  series?(args: readonly Scalar[]): Series | undefined
  /**
   * The kernel that makes the same rows: `arrayRows` of its one argument, an array, where it reads elements of that
   * kind; `repeatRow` of two integers, one apart or as far as the third says, with each of them.
   */
  readonly kernel?: 'arrayRows' | 'repeatRow'
  /**
   * For each column the name of a function of the same arguments, which gives an array of its values, or of texts that
   * are cast to them.
   */
  readonly lists?: readonly string[]
  /** About how many rows there are, for arguments of which those are given that are constants. */
  rowsOf(args: readonly (Scalar | undefined)[]): number
}

export interface TableColumn {
  readonly name: string
  readonly type: DataType
}

/** What a function gives as a row: its value, or where it has several columns the value of each. */
export type RowOfFunction = Scalar | readonly Scalar[]

/** Values that kernels write, as the lanes of their type have them. */
export type Series = Progression | Moments

/** Integers one step apart; none is out of the range of its type. */
export interface Progression {
  readonly kind: 'integers'
  readonly first: bigint
  readonly step: bigint
  readonly rows: number
}

/** Moments, each made of the one before, as far as `last`; one may be out of range. */
export interface Moments {
  readonly kind: 'moments'
  readonly first: bigint
  readonly last: bigint
  readonly step: IntervalValue
}

/** A resolved call: which overload, what the arguments must be cast to, what comes out. */
export interface Resolution<F> {
  readonly fn: F
  readonly argTypes: readonly DataType[]
  readonly resultType: DataType
}
