import { present } from '../../../base/assert.ts'
import { foldedForm } from '../../../functions/aggregates/collect.ts'
import type { KeptRows } from '../../../plan/physical/plan.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import type { StateShape } from '../../model/row-layout.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import type { StateCells } from '../scope/state-cells.ts'
import { whereAllAre } from './kept-rows.ts'

/** Folds the current row into the numbers of a state, unless an argument is NULL. */
export function emitFold(
  scope: EmitScope,
  kept: KeptRows,
  state: StateShape,
  cells: StateCells,
): void {
  const { fn, numbers } = present(state.folded, 'state of numbers')
  const values = kept.exprs.map((expr) => compileExpression(scope, expr))
  whereAllAre(scope, kept, values, () => {
    const own = loadNumbers(scope, cells, numbers)
    foldedForm(fn).code.step(scope, own, values)
    storeNumbers(scope, cells, own)
  })
}

/** Adds the state of other rows, whose cells are in locals. */
export function emitFoldMerge(
  scope: EmitScope,
  { folded }: StateShape,
  cells: StateCells,
  other: readonly Local[],
): void {
  const { fn, numbers } = present(folded, 'state of numbers')
  const own = loadNumbers(scope, cells, numbers)
  foldedForm(fn).code.merge(scope, own, other.slice(0, numbers))
  storeNumbers(scope, cells, own)
}

function loadNumbers({ f }: EmitScope, cells: StateCells, numbers: number): readonly Local[] {
  return Array.from({ length: numbers }, (_, cell) => {
    const local = f.local('f64')
    cells.get(cell)
    f.set(local)
    return local
  })
}

function storeNumbers({ f }: EmitScope, cells: StateCells, numbers: readonly Local[]): void {
  numbers.forEach((number, cell) => cells.set(cell, () => f.get(number)))
}
