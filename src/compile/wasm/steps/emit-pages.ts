import type { Label, Local } from '../../../wasm/assembler/function-builder.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { emitCheckpoint, type LegContext } from '../scope/leg-loop.ts'

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

/** Walks over all pages; `emitPage` does what is done with one, and may leave for `done` before the last. */
export function emitPages(
  leg: LegContext,
  { list, count, page, left, row, rows }: Pages,
  emitPage: (done: Label) => void,
): void {
  const { f } = leg
  f.get(list).set(page)
  f.get(count).set(left)
  const done = f.block()
  const nextPage = f.loop()
  f.get(left).op('i32.eqz').branchIf(done)
  f.get(page).memory('i32.load').set(row)
  f.get(page).memory('i32.load', 4).set(rows)
  emitCheckpoint(leg, rows)
  emitPage(done)
  f.get(page).i32(8).op('i32.add').set(page)
  f.get(left).i32(1).op('i32.sub').set(left)
  f.branch(nextPage)
  f.end()
  f.end()
}
