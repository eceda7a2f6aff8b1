import type { Arena } from '../../data/arenas/arena.ts'
import type { Vector } from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** Values that come into a column: rows `from` of a vector, each at the row of the column that `to` has in its place. */
export interface Patch {
  readonly vector: Vector
  readonly from: Uint32Array
  readonly to: Uint32Array
}

/** A column with other values in some rows. */
export interface PatchedColumn {
  readonly vector: Vector
  /** Whether its dictionary is that of the column before. */
  readonly sharesDictionary: boolean
}

/** Where patched columns are made, and what only making them takes. */
export interface PatchRoom {
  readonly arena: Arena
  readonly scratch: Arena
  readonly kernels: Kernels
  /** Texts of a column take no more. */
  readonly textBytesMax: number
}
