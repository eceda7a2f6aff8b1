import { present } from '../../../base/assert.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import { beginText, emitDropText } from '../scope/batch-text.ts'
import { emitPages, pagesOf } from './emit-pages.ts'

/**
 * Every pair of rows where build rows are few: the batch flows on once for each of them, as it is. The build row is
 * a word of the context meanwhile, its columns are constants of the pass.
 */
export function emitPasses(leg: LegContext, step: NestedLoopStep, added: number): void {
  const { f, scope, module } = leg
  const common = present(module.common.get(added), 'word of a common row')
  const next = present(leg.next, 'loop behind the last leg')
  const pages = pagesOf(leg, step)
  const { row, rows } = pages
  const text = beginText(leg)
  emitPages(leg, pages, undefined, () => {
    const again = f.loop()
    f.get(scope.ctx).get(row).memory('i32.store', common)
    f.get(scope.ctx).get(f.param(FIRST)).get(f.param(ROWS)).call(next)
    emitDropText(leg, text)
    f.get(row).i32(step.layout.rowBytes).op('i32.add').set(row)
    f.get(rows).i32(1).op('i32.sub').tee(rows).branchIf(again)
    f.end()
  })
}
