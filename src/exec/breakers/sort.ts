import { present } from '../../base/assert.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { SortedState, SortState } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { createPageWriter } from '../rows/page-writer.ts'
import { BucketSorter, splitSort } from '../sort/sort-buckets.ts'
import { rowsOf, type Breaker, type Driving } from './breaker.ts'

/** Rows in the order of their keys: split into buckets, of which who reads one sorts it. */
export const sort: Breaker<'sort'> = {
  writers: ({ breaker, sort: { layout } }, arena) => {
    const writer = createPageWriter(arena, layout.rowBytes)
    return [{ breaker, writer, singleRow: NO_ADDRESS }]
  },
  finish: async (_, { sort: shape }, { pages }, { arena, threadsFor, share }) => {
    const threads = threadsFor(rowsOf(pages), shape.layout.rowBytes)
    const sorted = await splitSort(shape, pages, { arena, threads, run: share })
    return { kind: 'sort', pages, rows: rowsOf(pages), sorted }
  },
  size: ({ sorted }) => ({ rows: sorted.rows, pieces: sorted.morsels.length }),
  pieceRows: ({ sorted }, morsel) => rowsOfMorsel(sorted, morsel),
  drive: driveSorted,
}

/** Rows of a morsel's buckets, as far as they are wanted. */
function rowsOfMorsel({ buckets, morsels, rows }: SortedState, morsel: number): number {
  const first = present(buckets[morsels[morsel] ?? 0], 'bucket')
  const next = buckets[morsels[morsel + 1] ?? buckets.length]
  return Math.max(0, Math.min(next?.before ?? rows, rows) - first.before)
}

/** Sorts bucket after bucket and runs the rows of each, as far as they are wanted. */
function* driveSorted({ sorted, pages }: SortState, driving: Driving): Steps<void> {
  const { buckets, morsels } = sorted
  const sorter = new BucketSorter(driving.env, sorted, pages)
  try {
    for (;;) {
      const morsel = driving.takeMorsel(morsels.length)
      if (morsel === undefined) return
      driving.beginMorsel(morsel)
      const end = morsels[morsel + 1] ?? buckets.length
      for (let index = morsels[morsel]!; index < end && !driving.isDone; index++) {
        const bucket = present(buckets[index], 'bucket')
        const rows = Math.min(bucket.rows, sorted.rows - bucket.before)
        if (rows <= 0) continue
        yield* driving.rowsAt(yield* sorter.list(bucket), rows)
      }
    }
  } finally {
    sorter.release()
  }
}
