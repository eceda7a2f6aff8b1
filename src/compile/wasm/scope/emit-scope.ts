import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import type { CodeScope } from '../../expressions/scope.ts'
import type { PipelineModule } from './pipeline-module.ts'

/**
 * The scope of expressions with the function that they are emitted into: what emitters of steps, sinks
 * and loads need of it. See `FunctionScope`, which makes one.
 */
export interface EmitScope extends CodeScope {
  readonly module: PipelineModule
  readonly f: FunctionBuilder
  /** The address of the context block. */
  readonly ctx: Local
  /** Starts a row: what the row before computed is forgotten. `emitRowId` pushes a source's row id. */
  row(emitRowId: (source: number) => void): void
  /** Tells where a source's row is, for a source that is being added (a join's condition). */
  setRowId(source: number, id: Local): void
  /** The id of a source's row in the current row. */
  rowId(source: number): Local
  /** A word of the context by its byte offset, read once per call of the function. */
  word(offset: number): Local
  /** The same for an i64. */
  wideWord(offset: number): Local
  /** The context word with the address of the row of NULLs of an outer join's source. */
  nullRowWord(source: number): number
}
