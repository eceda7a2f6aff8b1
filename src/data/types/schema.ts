import type { DataType } from './data-type.ts'

export interface Field {
  readonly name: string
  readonly type: DataType
  /** False only where NULL cannot occur. */
  readonly nullable: boolean
}

/** The columns of a table or result, in order. */
export type Schema = readonly Field[]
