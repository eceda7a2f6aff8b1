import type { Expression } from '../../plan/logical/expression.ts'

/** Where a column is found among the row sources of a pipeline. */
export interface ColumnPlace {
  readonly source: number
  /** Position in the source's columns or fields. */
  readonly index: number
}

/** Layouts that are compared several rows at a time. */
export type LaneLayout = 'i8' | 'i16' | 'i32'

export interface LaneColumn {
  readonly place: ColumnPlace
  readonly layout: LaneLayout
  readonly nullable: boolean
}

/** A condition that can be tested for 16 rows of the driving chunk at once. */
export type VectorTest =
  /** Inclusive, within the layout; min > max is never true. */
  | {
      readonly kind: 'range'
      readonly column: LaneColumn
      readonly min: bigint
      readonly max: bigint
    }
  | { readonly kind: 'differs'; readonly column: LaneColumn; readonly value: bigint }
  | {
      readonly kind: 'columns'
      readonly operator: 'eq' | 'ne' | 'lt_s' | 'le_s' | 'gt_s' | 'ge_s'
      readonly left: LaneColumn
      readonly right: LaneColumn
    }
  | { readonly kind: 'decision'; readonly expr: Expression }

/** The same for generated code: constants are read from the context, by their number. */
export type LaneTest =
  | { readonly kind: 'always' | 'never'; readonly column: LaneColumn }
  /** `above`, `below`: strictly. */
  | {
      readonly kind: 'equals' | 'differs' | 'above' | 'below'
      readonly column: LaneColumn
      readonly constant: number
    }
  /** No less than `constant`, by `span` at most. */
  | {
      readonly kind: 'between'
      readonly column: LaneColumn
      readonly constant: number
      readonly span: number
    }
  | (VectorTest & { kind: 'columns' })
  | { readonly kind: 'decision'; readonly expr: Expression }
