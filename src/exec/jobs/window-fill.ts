import type { RowLayout } from '../../compile/model/row-layout.ts'
import type { Address } from '../../data/vectors/vector.ts'

/** The count or sum of each row's frame, from what has come before its ends; where kernels read what to do. */
export interface DifferenceFill {
  readonly kind: 'differences'
  readonly frame: Address
  readonly told: Address
}

/** What has come before each row of a value of them all: the kernel's description, for `windowSums`. */
export interface SummedColumn {
  readonly address: Address
  /** Whether any row has to be read: none where all count, and only that is asked for. */
  readonly isRead: boolean
}

/** Rows in order, cut into pieces of a power of two rows that are summed apart. */
export interface PieceShape {
  readonly layout: RowLayout
  readonly count: number
  /** Rows of a piece, as a power of two. */
  readonly shift: number
}

/** What a kernel fills a field with: anybody can begin at any row, as all that it needs is in the marks. */
export type KernelFill =
  | {
      readonly kind: 'numbers'
      readonly what: number
      readonly parts: number
      readonly target: readonly [offset: number, valid: number]
    }
  | {
      readonly kind: 'shift'
      readonly distance: number
      readonly source: readonly [offset: number, bytes: number, valid: number]
      readonly target: readonly [offset: number, valid: number]
    }
  | DifferenceFill
