import type { Layout } from '../../data/vectors/vector.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { Pipeline, SourceColumn, Step } from './pipeline.ts'
import type { RowLayout } from './row-layout.ts'
import type { ColumnPlace } from './lane-test.ts'

/** The part of a chunk's column that generated code depends on. */
export interface ColumnShape {
  readonly layout: Layout
  readonly nullable: boolean
  /**
   * Size of the dictionary where it pays to decide conditions for each entry ahead of the rows: at most
   * {@link FEW_ENTRIES}, or more. Undefined: no dictionary, or one too large for its rows.
   */
  readonly entries?: 'few' | 'many' | undefined
}

/** Entries of a dictionary whose decisions fit one 128-bit register. */
export const FEW_ENTRIES = 16

/** What generated code depends on besides the pipeline: the columns of source 0, when they are chunks. */
export interface ChunkShape {
  readonly columns: readonly ColumnShape[]
  /** How the group keys are numbered where their codes fit a directory. */
  readonly dense: readonly DenseShape[] | undefined
}

/** How the columns of one row source are reached from a row id. */
export type RowSource =
  | { readonly kind: 'chunk'; readonly columns: readonly (SourceColumn & ColumnShape)[] }
  /** The id is the row's address; 0xFFFFFFFF never occurs, missing rows are a row of NULLs. */
  | { readonly kind: 'rows'; readonly layout: RowLayout; readonly nullExtended: boolean }
  /** Rows as well, which last as long as the batch; so does the text that they refer to. */
  | { readonly kind: 'computed'; readonly layout: RowLayout }
  /** The id is the value: 0 false, 1 true, 2 NULL. */
  | { readonly kind: 'mark'; readonly column: SourceColumn }
  | { readonly kind: 'nulls'; readonly columns: readonly SourceColumn[] }

/** A pipeline with its row sources: where each column is found. */
export interface PipelineView {
  readonly pipeline: Pipeline
  readonly sources: readonly RowSource[]
  readonly places: ReadonlyMap<ColumnId, ColumnPlace>
  /** The source that a step adds, by step. */
  readonly sourceOfStep: readonly (number | undefined)[]
  /** The source through which a join's own condition reads the build rows. */
  conditionSource(step: Step): number
}

/** A group key whose values are few and countable. `slots` is undefined where the dictionary decides. */
export type DenseKey =
  | {
      readonly kind: 'dictionary'
      readonly place: ColumnPlace
      readonly layout: 'dict8' | 'dict16' | 'dict32'
      readonly nullable: boolean
    }
  | {
      readonly kind: 'range'
      readonly min: bigint
      readonly slots: number
      readonly nullable: boolean
    }

/** What code depends on in the dense keys of a table; the smallest value comes from the context. */
export type DenseShape =
  | (DenseKey & { kind: 'dictionary' })
  | { readonly kind: 'range'; readonly nullable: boolean }
