import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { beginMatching, emitBeginRow, emitEndRow, emitMatch } from './emit-matches.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { emitPasses } from './emit-passes.ts'
import { emitPages, pagesOf } from './emit-pages.ts'
import { emitRange } from './emit-range.ts'
import { isProduct } from '../../shape/row-buffers.ts'
import { emitProduct } from './emit-product.ts'
import { emitFlush, emitLoop, type LegContext } from '../scope/leg-loop.ts'

/** Pairs each row with every build row, page by page. */
export function emitNestedLoop(
  leg: LegContext,
  step: NestedLoopStep,
  added: number | undefined,
): void {
  if (step.outer === 'build') return emitPasses(leg, step, present(added, 'pairs without a source'))
  if (isProduct(step)) return emitProduct(leg, step, added)
  const { f, scope, module } = leg
  const pages = pagesOf(leg, step)
  const { row, rows } = pages
  const matching = beginMatching(leg, step, added)
  emitLoop(leg, () => {
    emitBeginRow(leg, matching)
    for (const source of leg.wanted.keys()) if (source !== added) scope.rowId(source)
    const within = step.range && emitRange(leg, step.range)
    emitPages(leg, pages, within, (done) => {
      const again = f.loop()
      const next = f.block()
      scope.branch(() => {
        scope.setRowId(module.conditionSource(step), row)
        if (step.condition !== undefined) {
          const condition = compileExpression(scope, step.condition)
          const holds = conditionHolds(leg, condition.lanes[0]!, condition.valid)
          if (step.nullAware && condition.valid !== undefined) {
            f.get(matching.unknown).get(condition.valid).op('i32.eqz').op('i32.or')
            f.set(matching.unknown)
          }
          f.get(holds).op('i32.eqz').branchIf(next)
        }
        emitMatch(leg, matching, row, done)
      })
      f.end()
      f.get(row).i32(step.layout.rowBytes).op('i32.add').set(row)
      f.get(rows).i32(1).op('i32.sub').tee(rows).branchIf(again)
      f.end()
    })
    emitEndRow(leg, matching)
  })
  emitFlush(leg, matching.out)
}

function conditionHolds(leg: LegContext, lane: Local, valid: Local | undefined): Local {
  if (valid === undefined) return lane
  const { f } = leg
  const holds = f.local('i32')
  f.get(lane).get(valid).op('i32.and').set(holds)
  return holds
}
