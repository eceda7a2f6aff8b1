import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { beginMatching, emitBeginRow, emitEndRow, emitMatch } from './emit-matches.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { emitProduct, isProduct } from './emit-product.ts'
import { emitCheckpoint, emitFlush, emitLoop, type LegContext } from '../scope/leg-loop.ts'

/** Pairs each row with every build row, page by page; pages are listed as (address, rows). */
export function emitNestedLoop(
  leg: LegContext,
  step: NestedLoopStep,
  added: number | undefined,
): void {
  if (isProduct(step)) return emitProduct(leg, step, added)
  const { f, scope, module } = leg
  const { breaker } = step
  const pages = scope.word(module.context.word({ kind: 'state', breaker, part: 'pages' }))
  const pageCount = scope.word(module.context.word({ kind: 'state', breaker, part: 'page-count' }))
  const matching = beginMatching(leg, step, added)
  const [page, left, row, rows] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  emitLoop(leg, () => {
    emitBeginRow(leg, matching)
    for (const source of leg.wanted.keys()) if (source !== added) scope.rowId(source)
    f.get(pages).set(page)
    f.get(pageCount).set(left)
    const done = f.block()
    const nextPage = f.loop()
    f.get(left).op('i32.eqz').branchIf(done)
    f.get(page).memory('i32.load').set(row)
    f.get(page).memory('i32.load', 4).set(rows)
    emitCheckpoint(leg, rows)
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
    f.get(page).i32(8).op('i32.add').set(page)
    f.get(left).i32(1).op('i32.sub').set(left)
    f.branch(nextPage)
    f.end()
    f.end()
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
