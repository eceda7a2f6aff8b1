import { present } from '../../../base/assert.ts'
import { WIDE_TAG } from '../../../data/types/wide-numeric.ts'
import { hasBytes } from '../../../data/vectors/text-values.ts'
import type { Value } from '../../../functions/inline.ts'
import type { ColumnId, Expression } from '../../../plan/logical/expression.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { contextWords } from '../../model/context.ts'
import type { EmitScope } from './emit-scope.ts'
import type { PipelineModule } from './pipeline-module.ts'

/** Whether an expression's text lies in memory that outlives the batch (so a view of it suffices). */
export function isStableText(module: PipelineModule, expr: Expression): boolean {
  if (expr.kind === 'literal' || expr.kind === 'parameter') return true
  if (expr.kind !== 'column') return false
  const definition = module.pipeline.definitions.get(expr.id)
  if (definition !== undefined) return isStableText(module, definition)
  const source = module.places.get(expr.id)?.source
  if (source === undefined) return false
  // Files reuse their buffers chunk by chunk, what is computed batch by batch.
  if (source === 0) return module.pipeline.source.kind !== 'chunks' || module.pipeline.source.stable
  const array = arrayOf(module, source, expr.id)
  if (array !== undefined) return isStableText(module, array)
  const { kind } = present(module.sources[source], 'source of a place')
  return kind !== 'chunk' && kind !== 'computed'
}

/** The array that a source's column has elements of: these lie in its bytes. */
function arrayOf(module: PipelineModule, source: number, id: ColumnId): Expression | undefined {
  const step = module.pipeline.steps[module.sourceOfStep.indexOf(source)]
  if (step?.kind !== 'repeat' || step.expansion.kind !== 'arrays') return undefined
  const { arrays } = step.expansion
  return arrays.find(({ element }) => step.layout.fields[element]?.id === id)?.arg
}

export function isText(value: Value): boolean {
  return hasBytes(value.type)
}

/** Where bytes are copied to: two words in memory, the next free byte and the end, and what asks for more. */
interface Keeping {
  pushCursor(): void
  /** Emits: asks for room for the bytes that the given pushes. */
  more(bytes: () => void): void
}

/**
 * Copies a text value, or the bytes of a wide numeric, to memory that lives as long as the query; others
 * come back as they are.
 */
export function keepText(scope: EmitScope, value: Value): Value {
  return keepBytes(scope, value, forTheQuery(scope))
}

/** The same of the bytes of a view, which become those of `kept`. */
export function keepView(scope: EmitScope, view: Local, kept: Local): void {
  emitKeep(scope, forTheQuery(scope), view, kept)
}

function forTheQuery(scope: EmitScope): Keeping {
  const { f, ctx } = scope
  return {
    pushCursor: () => f.get(ctx).i32(contextWords.keepCursor).op('i32.add'),
    more(bytes) {
      bytes()
      scope.module.callHost(f, 'moreKeep')
    },
  }
}

/** The same to memory that is told. */
export function keepBytes(scope: EmitScope, value: Value, keeping: Keeping): Value {
  const { f } = scope
  if (value.type.kind === 'numeric') {
    const [low, high] = [present(value.lanes[0], 'lane'), present(value.lanes[1], 'lane')]
    const kept = f.local('i64')
    f.get(low).set(kept)
    pushIsWide(f, high)
    f.if()
    emitKeep(scope, keeping, low, kept)
    f.end()
    return { ...value, lanes: [kept, high] }
  }
  if (!isText(value)) return value
  const kept = f.local('i64')
  emitKeep(scope, keeping, present(value.lanes[0], 'lane'), kept)
  return { ...value, lanes: [kept] }
}

/** Pushes 1 when a numeric is a view of bytes of its own, given its second lane. */
export function pushIsWide(f: FunctionBuilder, high: Local): void {
  f.get(high).i64(56n).op('i64.shr_u').i64(BigInt(WIDE_TAG)).op('i64.eq')
}

function emitKeep(scope: EmitScope, keeping: Keeping, view: Local, kept: Local): void {
  const { f } = scope
  const keep = scope.kernel('textKeep')
  const copy = (): void => {
    keeping.pushCursor()
    f.get(view).call(keep).set(kept)
  }
  copy()
  f.get(kept).i64(-1n).op('i64.eq').if()
  keeping.more(() => f.get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64'))
  copy()
  f.end()
}
