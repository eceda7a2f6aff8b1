import { joinHeader, type RowLayout } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { JoinState, Page } from '../jobs/jobs.ts'

/** Rows that a join meets one by one: no directory leads to them. */
export function noTable(arena: Arena, layout: RowLayout, pages: readonly Page[]): JoinState {
  const pageList = arena.allocate(Math.max(1, pages.length) * 8)
  pages.forEach(({ address, rows }, index) => {
    arena.heap.u32[(pageList >>> 2) + index * 2] = address
    arena.heap.u32[(pageList >>> 2) + index * 2 + 1] = rows
  })
  return {
    directory: NO_ADDRESS,
    shift: 0,
    bloom: NO_ADDRESS,
    bloomShift: 0,
    rankWords: NO_ADDRESS,
    rankRows: NO_ADDRESS,
    rankMin: 0n,
    rankSpan: 0n,
    nullRow: arena.allocateZeroed(Math.max(layout.rowBytes, joinHeader.bytes)),
    isEmpty: false,
    hasNull: false,
    pageList,
    pageCount: pages.length,
  }
}
