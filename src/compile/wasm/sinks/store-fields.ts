import { present } from '../../../base/assert.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import type { BreakerId } from '../../model/pipeline.ts'
import type { RowLayout } from '../../model/row-layout.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import { isStableText, keepText } from '../scope/keep-text.ts'
import { enterRow, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import { storeField } from '../scope/values.ts'

/**
 * Values that one function stores: the engine's first compiler keeps the place of each local at each
 * branch.
 */
const FUNCTION_VALUES_MAX = 64

/** Stores the values of the batch's row of that number to the row at an address. */
export function emitFields(
  leg: LegContext,
  layout: RowLayout,
  values: readonly Expression[],
  number: Local,
  row: Local,
): void {
  const { f, scope, module } = leg
  if (values.length <= FUNCTION_VALUES_MAX) return storeFields(scope, layout, values, 0, row)
  for (let from = 0; from < values.length; from += FUNCTION_VALUES_MAX) {
    const part = module.builder.defineFunction(['i32', 'i32', 'i32', 'i32', 'i32'], [])
    const own = { ...leg, f: part.builder, scope: new FunctionScope(module, part.builder) }
    enterRow(own, part.builder.param(3))
    const some = values.slice(from, from + FUNCTION_VALUES_MAX)
    storeFields(own.scope, layout, some, from, part.builder.param(4))
    for (const local of [scope.ctx, f.param(FIRST), f.param(ROWS), number, row]) f.get(local)
    f.call(part.index)
  }
}

/** Stores values of the current row, of which the first has number `from`. */
function storeFields(
  scope: EmitScope,
  layout: RowLayout,
  values: readonly Expression[],
  from: number,
  row: Local,
): void {
  values.forEach((expr, index) => {
    const field = present(layout.fields[from + index], 'field of a value')
    const value = compileExpression(scope, expr)
    const kept = isStableText(scope.module, expr) ? value : keepText(scope, value)
    storeField(scope.f, row, field, kept)
  })
}

/** The address of the words of a sink's writer. */
export function sinkWord(leg: LegContext, breaker: BreakerId): Local {
  return leg.scope.word(leg.module.context.word({ kind: 'state', breaker, part: 'sink' }))
}
