import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { KeptRows } from '../../../plan/physical/plan.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { contextWords } from '../../model/context.ts'
import { listCells, type RowLayout } from '../../model/row-layout.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { isStableText, keepText } from '../scope/keep-text.ts'
import type { StateCells } from '../scope/state-cells.ts'
import { storeField } from '../scope/values.ts'

/**
 * Adds the current row to the list of its group, unless one of the values that it must have is NULL. What
 * becomes of the list is for the thread.
 */
export function emitKeptRow(
  scope: EmitScope,
  kept: KeptRows,
  layout: RowLayout,
  cells: StateCells,
): void {
  const values = kept.exprs.map((expr) => {
    const before = scope.blame(expr)
    const value = compileExpression(scope, expr)
    scope.blame(before)
    return value
  })
  whereAllAre(scope, kept, values, () => storeRow(scope, kept, layout, values, cells))
}

/** Emits what is for rows that have all values which the aggregate requires. */
export function whereAllAre(
  scope: EmitScope,
  { required }: KeptRows,
  values: readonly Value[],
  emit: () => void,
): void {
  const { f } = scope
  const checked = required.flatMap((index) => values[index]?.valid ?? [])
  if (checked.length === 0) return emit()
  checked.forEach((valid, index) => {
    f.get(valid)
    if (index > 0) f.op('i32.and')
  })
  f.if()
  scope.branch(emit)
  f.end()
}

function storeRow(
  scope: EmitScope,
  { exprs }: KeptRows,
  layout: RowLayout,
  values: readonly Value[],
  cells: StateCells,
): void {
  const { f, module } = scope
  const row = f.local('i32')
  cells.get(listCells.cursor)
  f.tee(row)
  cells.get(listCells.end)
  f.op('i32.eq').if()
  emitGrow(scope, layout, cells)
  cells.get(listCells.cursor)
  f.set(row)
  f.end()
  values.forEach((value, index) => {
    const expr = present(exprs[index], 'expression of a kept row')
    const lasting = isStableText(module, expr) ? value : keepText(scope, value)
    storeField(f, row, present(layout.fields[index], 'field of a kept row'), lasting)
  })
  cells.set(listCells.cursor, () => f.get(row).i32(layout.rowBytes).op('i32.add'))
  f.release(row)
}

/** Makes room in the list: from the memory of kept text, of which the thread has more. */
function emitGrow(scope: EmitScope, { rowBytes }: RowLayout, cells: StateCells): void {
  const { f, ctx } = scope
  const wanted = f.local('i32')
  const grow = (): void => {
    f.get(ctx).i32(contextWords.keepCursor).op('i32.add')
    cells.address(listCells.first)
    f.i32(rowBytes).call(scope.kernel('listGrow'))
  }
  grow()
  f.tee(wanted).if()
  f.get(wanted)
  scope.module.callHost(f, 'moreKeep')
  grow()
  f.op('drop')
  f.end()
  f.release(wanted)
}
