import type { Expression } from '../../plan/logical/expression.ts'
import type { FunctionBuilder, FunctionIndex } from '../../wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../wasm/assembler/module-builder.ts'
import type { ValueType } from '../../wasm/assembler/opcodes.ts'
import type { CanonicalPipeline } from './canonical.ts'
import { ContextLayout } from './context.ts'
import { emitHostCall, type HostCall } from './host-calls.ts'
import { viewPipeline, type PipelineView } from './row-sources.ts'

/** A module under construction and what its functions share. */
export interface PipelineModule extends PipelineView {
  readonly pipeline: CanonicalPipeline
  readonly builder: ModuleBuilder
  readonly context: ContextLayout
  /** Expressions that may be blamed for an error, by the index given to `raise`. */
  readonly blamed: Expression[]
  /** Conditions that are decided for each entry of a dictionary. */
  readonly decisions: Expression[]
  kernel(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionIndex
  /** Emits a call of a function of the running thread with the arguments on the stack. */
  callHost(f: FunctionBuilder, name: HostCall): void
}

export function beginModule(pipeline: CanonicalPipeline): PipelineModule {
  const builder = new ModuleBuilder(pipeline.memoryPages)
  return {
    ...viewPipeline(pipeline, pipeline.chunk.columns),
    pipeline,
    builder,
    context: new ContextLayout(),
    blamed: [],
    decisions: [],
    kernel: (name, params, results) => builder.importFunction('kernel', name, params, results),
    callHost: (f, name) => emitHostCall(f, builder, name),
  }
}
