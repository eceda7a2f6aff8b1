import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { drivePages, pageRows, pagesSize, rowsOf, type Breaker } from './breaker.ts'
import { orderRows } from './range-rows.ts'
import { noTable } from './join-state.ts'

/** Rows of a nested loop's build side, listed by page. */
export const rows: Breaker<'rows'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: async (_, sink, { pages }, finishing) => {
    const { layout, range } = sink
    const count = rowsOf(pages)
    const join = { ...noTable(finishing.arena, layout, pages), isEmpty: count === 0 }
    if (range === undefined) return { kind: 'rows', pages, rows: count, join }
    const { pages: ordered, list } = await orderRows(sink, range, pages, finishing)
    const listed = { ...join, pageList: list.address, pageCount: list.rows }
    return { kind: 'rows', pages: ordered, rows: count, join: listed }
  },
  size: pagesSize,
  pieceRows: pageRows,
  drive: drivePages,
}
