import { assert, present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { KeptRows } from '../../../plan/physical/plan.ts'
import { compileExpression } from '../../expressions/expression.ts'
import type { GroupTable } from '../../model/pipeline.ts'
import { listCells, type RowLayout } from '../../model/row-layout.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { isStableText, keepText } from '../scope/keep-text.ts'
import type { StateCells } from '../scope/state-cells.ts'
import { storeField } from '../scope/values.ts'

/** One aggregate of a table, by its number, that keeps rows. */
interface KeptCall {
  readonly table: GroupTable
  readonly call: number
  readonly kept: KeptRows
  readonly layout: RowLayout
}

/**
 * Adds the current row to the list of its group, unless one of the values that it must have is NULL. What
 * becomes of the list is for the thread: it makes room when a block is full, and the value at the end.
 */
export function emitKeptRow(scope: EmitScope, item: KeptCall, cells: StateCells): void {
  const { f } = scope
  const { kept, layout } = item
  const values = kept.exprs.map((expr) => {
    const before = scope.blame(expr)
    const value = compileExpression(scope, expr)
    scope.blame(before)
    return value
  })
  const checked = kept.required.flatMap((index) => values[index]?.valid ?? [])
  if (checked.length === 0) return storeRow(scope, item, values, cells)
  checked.forEach((valid, index) => {
    f.get(valid)
    if (index > 0) f.op('i32.and')
  })
  f.if()
  scope.branch(() => storeRow(scope, { ...item, layout }, values, cells))
  f.end()
}

function storeRow(
  scope: EmitScope,
  { table, call, kept, layout }: KeptCall,
  values: readonly Value[],
  cells: StateCells,
): void {
  const { f, module } = scope
  const { sink } = module.pipeline
  assert(sink.kind === 'aggregate', 'rows are kept for aggregates')
  const row = f.local('i32')
  cells.get(listCells.cursor)
  f.tee(row)
  cells.get(listCells.end)
  f.op('i32.eq').if()
  cells.address(listCells.first)
  f.i32(sink.tables.indexOf(table)).i32(call)
  module.callHost(f, 'moreKeptRows')
  cells.get(listCells.cursor)
  f.set(row)
  f.end()
  values.forEach((value, index) => {
    const expr = present(kept.exprs[index], 'expression of a kept row')
    const lasting = isStableText(module, expr) ? value : keepText(scope, value)
    storeField(f, row, present(layout.fields[index], 'field of a kept row'), lasting)
  })
  cells.set(listCells.cursor, () => f.get(row).i32(layout.rowBytes).op('i32.add'))
  f.release(row)
}
