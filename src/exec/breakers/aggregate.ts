import { present } from '../../base/assert.ts'
import type { BreakerId, GroupTable, SinkOf } from '../../compile/model/pipeline.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { GroupsState, Page } from '../jobs/jobs.ts'
import { addZeros, createPageWriter, growDirectory } from '../rows/page-writer.ts'
import { splitGroups } from '../sort/split-rows.ts'
import {
  drivePages,
  pageRows,
  pagesSize,
  rowsOf,
  type Breaker,
  type Contribution,
  type Finishing,
} from './breaker.ts'
import { keptFields } from '../rows/kept-lists.ts'
import type { Driving } from './breaker.ts'
import type { Steps } from '../jobs/steps.ts'
import { valueSteps } from './kept-values.ts'

/** Groups: those of one thread as it found them, those of several merged. */
export const aggregate: Breaker<'aggregate'> = {
  writers: (sink, arena, env) =>
    sink.tables.map(({ breaker, layout, keys }) => {
      const writer = createPageWriter(arena, layout.rowBytes)
      if (keys.length > 0) growDirectory(arena, env.kernels, writer)
      return { breaker, writer, singleRow: keys.length > 0 ? NO_ADDRESS : addZeros(arena, writer) }
    }),
  finish: async (id, sink, written, finishing) => {
    const pages = await merged(id, sink, written, finishing)
    const table = tableOf(id, sink)
    const kept = keptFields(table)
    const { rowBytes } = table.layout
    return { kind: 'aggregate', pages, rows: rowsOf(pages), rowBytes, kept }
  },
  size: pagesSize,
  pieceRows: pageRows,
  drive: driveGroups,
}

/** Runs the groups page by page, with the values made that are not made yet. */
function* driveGroups(state: GroupsState, driving: Driving): Steps<void> {
  const { pages, kept, rowBytes } = state
  if (kept.length === 0) return yield* drivePages(state, driving)
  for (;;) {
    const page = pages[driving.takeMorsel(pages.length) ?? pages.length]
    if (page === undefined) return
    yield* valueSteps(driving.env, driving.work, rowBytes, kept, page)
    yield* driving.rowsAt(page.address, page.rows)
  }
}

function tableOf(id: BreakerId, { tables }: SinkOf<'aggregate'>): GroupTable {
  return present(
    tables.find(({ breaker }) => breaker === id),
    'table of a breaker',
  )
}

/** The groups of all threads, each group once unless they may repeat. */
async function merged(
  id: BreakerId,
  sink: SinkOf<'aggregate'>,
  { pages, threads: contributors, repeats, pipeline }: Contribution,
  finishing: Finishing,
): Promise<readonly Page[]> {
  const table = tableOf(id, sink)
  if (table.mayRepeat === true || (contributors === 1 && !repeats)) return pages
  const { rowBytes } = table.layout
  const splitting = {
    arena: finishing.arena,
    threads: finishing.threadsFor(rowsOf(pages), rowBytes),
    run: finishing.share,
  }
  const lists = await splitGroups(pages, rowBytes, splitting)
  const reports = await finishing.lists({ kind: 'merge', pipeline, table, lists }, rowBytes)
  return reports.flatMap(({ sinks }) => sinks.flatMap((report) => report.pages))
}
