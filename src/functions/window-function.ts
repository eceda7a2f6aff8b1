import type { DataType } from '../data/types/data-type.ts'
import type { ArgumentKind, CatalogueEntry } from './function.ts'

/**
 * One overload of a window function: everything Heddle knows of it. Aggregates over windows are not
 * here: they are aggregates.
 */
export interface WindowFunction extends CatalogueEntry {
  readonly cataloguedAs: 'window'
  readonly name: string
  readonly args: readonly ArgumentKind[]
  readonly returns: DataType | ((args: readonly DataType[]) => DataType)
  /**
   * What `evaluate` tells of a row. `number`: the value itself, NaN for NULL. `row`: the row whose first
   * argument is the value, {@link NO_ROW} for NULL, {@link DEFAULT_ROW} for the row's own third argument.
   */
  readonly gives: 'number' | 'row'
  /** Whether it can be NULL. */
  readonly nullable: boolean
  readonly doc: string
  readonly example: string
  /** What kernels do that tell the same of rows, where its arguments are the same for all of them. */
  readonly kernel?: WindowKernel
  /** The function over rows that lie in order; rows are named by their positions. */
  evaluate(rows: WindowRows): (row: number) => number
}

/** Numbers of rows and peers, or the value of a row so many before or behind. */
export type WindowKernel =
  | 'row_number'
  | 'rank'
  | 'dense_rank'
  | 'percent_rank'
  | 'cume_dist'
  | 'ntile'
  | 'lag'
  | 'lead'

export const NO_ROW = -1
export const DEFAULT_ROW = -2

/** Rows in the order of a window, partition after partition, as window functions see them. */
export interface WindowRows {
  /** By row: where its partition begins, and the row behind its end. */
  readonly partitionStarts: Int32Array
  readonly partitionEnds: Int32Array
  /** The same of the rows that are equal to it in the order. */
  readonly peerStarts: Int32Array
  readonly peerEnds: Int32Array
  /** How many groups of peers come before its own in the partition. */
  readonly groups: Int32Array
  /** The rows of its frame. */
  readonly frame: FrameRows
  /** The value of an integer argument; undefined for NULL. */
  integer(argument: number, row: number): number | undefined
}

/** The frame of each row, what EXCLUDE leaves out taken away. */
export interface FrameRows {
  /** The row's frame's n-th row, from 0; {@link NO_ROW} where it has fewer. */
  nth(row: number, n: number): number
  /** Its last row; {@link NO_ROW} where it is empty. */
  last(row: number): number
}
