import { compareAnswers } from './answers.ts'
import { rowsOf, type BenchEngine } from './engines.ts'
import { measure, type MeasureOptions } from './measure.ts'
import type { Line } from './report.ts'

/** A query as each engine writes it. */
export interface QueryCase {
  readonly name: string
  readonly ours: string
  readonly theirs: string
  /** Run untimed after every run, e.g. to drop what the statement made. */
  readonly undo?: string
  /** Untimed, before every run. */
  readonly before?: () => void
  /** A query over what the statement made, whose answers are compared instead of the statement's. */
  readonly check?: string
}

/** Verifies that both engines agree on a case, then times them in turn. */
export async function compareQuery(
  query: QueryCase,
  threads: number,
  [ours, theirs]: readonly [BenchEngine, BenchEngine],
  options: MeasureOptions,
): Promise<Line> {
  await verify(query, ours, theirs)
  const [a, b] = await measure(
    [
      { name: ours.name, run: () => ours.run(query.ours) },
      { name: theirs.name, run: () => theirs.run(query.theirs) },
    ].map((contender, index) => ({
      name: contender.name,
      run: contender.run,
      ...(query.before === undefined ? {} : { before: query.before }),
      ...(query.undo === undefined
        ? {}
        : { after: () => [ours, theirs][index]!.run(query.undo ?? '') }),
    })),
    options,
  )
  return { name: query.name, threads, ours: a!, theirs: b! }
}

async function verify(query: QueryCase, ours: BenchEngine, theirs: BenchEngine): Promise<void> {
  if (query.check === undefined) {
    compareAnswers(query.name, await rowsOf(ours, query.ours), await rowsOf(theirs, query.theirs))
    return
  }
  await ours.run(query.ours)
  await theirs.run(query.theirs)
  compareAnswers(query.name, await rowsOf(ours, query.check), await rowsOf(theirs, query.check))
  if (query.undo !== undefined) {
    await ours.run(query.undo)
    await theirs.run(query.undo)
  }
}
