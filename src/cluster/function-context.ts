import type { FunctionCode } from './user-functions/function-code.ts'

/** The functions that the tasks of a graph call. */
export interface FunctionContext {
  readonly functions: readonly FunctionCode[]
}

/** A call of one of them. */
export interface FunctionTask {
  /** Its number in the context. */
  readonly fn: number
  /** An encoded array, in which inputs of the task stand by their number. */
  readonly args: Uint8Array
}
