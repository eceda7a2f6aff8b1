import { compileExpression } from '../../expressions/expression.ts'
import { present } from '../../../base/assert.ts'
import { sizeOf } from '../../../plan/logical/expression-size.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import type { ComputedValue, ComputeStep } from '../../model/pipeline.ts'
import {
  emitAppend,
  emitFlush,
  emitLoop,
  enterRow,
  FIRST,
  ROWS,
  type LegContext,
} from '../scope/leg-loop.ts'
import { storeField } from '../scope/values.ts'

/** Values that one function computes, and nodes of more than one; compiling takes more than linear time. */
const FUNCTION_VALUES_MAX = 64
const FUNCTION_NODES_MAX = 300

/** Computes values for each row of the batch into rows of the context, whose addresses are their ids. */
export function emitCompute(leg: LegContext, step: ComputeStep, added: number): void {
  const { f, scope, module } = leg
  const { rowBytes } = step.layout
  const base = module.context.scratch(rowBytes * module.pipeline.batchRows)
  const there = new Set(leg.given.values())
  const wanted = new Map([...leg.wanted].filter(([, offset]) => !there.has(offset)))
  const address = f.local('i32')
  emitLoop(leg, (row) => {
    f.get(scope.ctx).i32(base).op('i32.add').get(row).i32(rowBytes).op('i32.mul').op('i32.add')
    f.set(address)
    for (const { from, values } of functionsOf(step.values)) {
      const part = module.builder.defineFunction(['i32', 'i32', 'i32', 'i32', 'i32'], [])
      const own = { ...leg, f: part.builder, scope: new FunctionScope(module, part.builder) }
      enterRow(own, part.builder.param(3))
      own.scope.setRowId(added, part.builder.param(4))
      storeValues(own.scope, step, values, from, part.builder.param(4))
      for (const local of [scope.ctx, f.param(FIRST), f.param(ROWS), row, address]) f.get(local)
      f.call(part.index)
    }
    emitAppend({ ...leg, wanted }, row, new Map([[added, address]]))
  })
  f.release(address)
  emitFlush(leg, f.param(ROWS))
}

/** The values of each function, and the number of the first. */
function functionsOf(
  all: readonly ComputedValue[],
): readonly { readonly from: number; readonly values: readonly ComputedValue[] }[] {
  const functions: { from: number; values: ComputedValue[] }[] = []
  let nodes = Number.POSITIVE_INFINITY
  for (const [at, value] of all.entries()) {
    const own = sizeOf(value.expr).nodes
    nodes += own
    const isFull = nodes > FUNCTION_NODES_MAX
    const last = functions.at(-1)
    if (last === undefined || isFull || last.values.length >= FUNCTION_VALUES_MAX) {
      functions.push({ from: at, values: [value] })
      nodes = own
    } else last.values.push(value)
  }
  return functions
}

/** Stores values of the current row, of which the first has number `from`. */
function storeValues(
  scope: EmitScope,
  { layout }: ComputeStep,
  values: readonly ComputedValue[],
  from: number,
  row: Local,
): void {
  values.forEach(({ id, expr }, index) => {
    const value = compileExpression(scope, expr)
    scope.bind(id, value)
    storeField(scope.f, row, present(layout.fields[from + index], 'field of a value'), value)
  })
}
