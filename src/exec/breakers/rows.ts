import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { drivePages, pagesSize, rowsOf, type Breaker } from './breaker.ts'
import { noTable } from './join-state.ts'

/** Rows of a nested loop's build side, listed by page. */
export const rows: Breaker<'rows'> = {
  writers: ({ breaker, layout }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: (_, { layout }, { pages }, { arena }) => {
    const count = rowsOf(pages)
    const join = { ...noTable(arena, layout, pages), isEmpty: count === 0 }
    return Promise.resolve({ kind: 'rows', pages, rows: count, join })
  },
  size: pagesSize,
  drive: drivePages,
}
