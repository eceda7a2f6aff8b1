import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { emitCheckpoint, type LegContext } from '../scope/leg-loop.ts'
import { rangePage } from '../../model/context.ts'
import { emitFirstPage, type RangeKeys } from './emit-range.ts'

const PAGE_BYTES = 8

/** The pages of a breaker's rows, listed as (address, rows), and where a walk over them stands. */
export interface Pages {
  readonly list: Local
  readonly count: Local
  readonly page: Local
  readonly left: Local
  /** The page's first row, and how many it has. */
  readonly row: Local
  readonly rows: Local
}

export function pagesOf({ f, scope, module }: LegContext, { breaker }: NestedLoopStep): Pages {
  const word = (part: 'pages' | 'page-count'): Local =>
    scope.word(module.context.word({ kind: 'state', breaker, part }))
  return {
    list: word('pages'),
    count: word('page-count'),
    page: f.local('i32'),
    left: f.local('i32'),
    row: f.local('i32'),
    rows: f.local('i32'),
  }
}

/**
 * Walks over all pages, or over those that have rows `within` a range; `emitPage` does what is done with one, and may
 * leave for `done` before the last.
 */
export function emitPages(
  leg: LegContext,
  pages: Pages,
  within: RangeKeys | undefined,
  emitPage: (done: Label) => void,
): void {
  const { f } = leg
  const { list, count, page, left, row, rows } = pages
  f.get(list).set(page)
  f.get(count).set(left)
  const done = f.block()
  if (within !== undefined) emitFirstPage(leg, pages, within, done)
  const nextPage = f.loop()
  f.get(left).op('i32.eqz').branchIf(done)
  if (within?.low !== undefined) {
    f.get(page).memory('i64.load', rangePage.low).get(within.low).op('i64.gt_s').branchIf(done)
  }
  f.get(page).memory('i32.load').set(row)
  f.get(page).memory('i32.load', 4).set(rows)
  emitCheckpoint(leg, rows)
  const skipped = f.block()
  if (within?.high !== undefined) {
    f.get(page).memory('i64.load', rangePage.high).get(within.high).op('i64.lt_s').branchIf(skipped)
  }
  emitPage(done)
  f.end()
  f.get(page)
    .i32(within === undefined ? PAGE_BYTES : rangePage.bytes)
    .op('i32.add')
    .set(page)
  f.get(left).i32(1).op('i32.sub').set(left)
  f.branch(nextPage)
  f.end()
  f.end()
}
