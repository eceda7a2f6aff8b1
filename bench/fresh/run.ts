import { anyOrder, difference } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type Answer, type BenchEngine, type Rows } from '../engines.ts'
import { quantile, summarize, type Timing } from '../measure.ts'
import type { Line } from '../report.ts'
import { readCorpus, sample } from './corpus.ts'
import { printShares } from './shares.ts'

/** Run before any is timed, so that compilers have done their work; other texts than those timed. */
const WARM_UP_STATEMENTS = 1_000
/** Run for the profile of where the time goes, others again. */
const PROFILED_STATEMENTS = 1_000
/** Statements that are printed at most, of those that took longest and of those that differ. */
const SHOWN_MAX = 5

export interface FreshOptions {
  /** Of sqllogictest files. */
  readonly folder: string
  readonly statements: number
  readonly seed: number
  readonly against: Rival | undefined
}

/** What became of a statement. */
interface Outcome {
  readonly ms: number
  /** Of all threads of the process, whose other engine rests: says more where others work as well. */
  readonly processorMs: number
  readonly answer: Answer | undefined
  /** Why there is no answer. */
  readonly error: string | undefined
}

/**
 * Statements that nobody has run before, each once and in both engines in turn: what counts is all that
 * comes before the first row. Prints where this engine's time goes, and statements whose answers differ;
 * the exit status tells of these.
 */
export async function runFresh(options: FreshOptions): Promise<readonly Line[]> {
  const { statements, seed, against } = options
  const { setUp, queries } = await readCorpus(options.folder)
  const picked = sample(queries, WARM_UP_STATEMENTS + statements + PROFILED_STATEMENTS, seed)
  const texts = picked.slice(WARM_UP_STATEMENTS, WARM_UP_STATEMENTS + statements)
  const engines = await openPair(1, against)
  for (const engine of inOrder(engines, against)) {
    for (const text of setUp) await engine.run(text)
  }
  for (const text of picked.slice(0, WARM_UP_STATEMENTS)) {
    for (const engine of engines) await (await once(engine, text)).answer?.rows()
  }
  const times: [number[], number[]] = [[], []]
  const processor: [number[], number[]] = [[], []]
  const differing: string[] = []
  let refused = 0
  for (const [index, text] of texts.entries()) {
    const turn = index % 2
    const first = await once(engines[turn]!, text)
    const second = await once(engines[1 - turn]!, text)
    const [ours, theirs] = turn === 0 ? [first, second] : [second, first]
    const found = await outcomeDifference(ours, theirs)
    if (found !== undefined) differing.push(`${text}: ${found}`)
    if (ours.error !== undefined && theirs.error !== undefined) refused++
    times[0].push(ours.ms)
    times[1].push(theirs.ms)
    processor[0].push(ours.processorMs)
    processor[1].push(theirs.processorMs)
  }
  console.log(
    `seed ${seed}: ${texts.length} of ${queries.length} statements, ${refused} refused by both`,
  )
  for (const [name, samples] of [
    ['time', times],
    ['processor time', processor],
  ] as const) {
    engines.forEach((engine, index) => printTotals(`${engine.name}, ${name}`, samples[index]!))
    console.log(`ratio of ${name} in all ${(sum(samples[0]) / sum(samples[1])).toFixed(3)}`)
  }
  printSlowest(texts, times[0])
  printDiffering(differing)
  if (against === undefined) await printShares(setUp, picked.slice(WARM_UP_STATEMENTS + statements))
  for (const engine of engines) await engine.close()
  const [ours, theirs] = times.map(summarize) as [Timing, Timing]
  return [{ name: 'fresh statement', threads: 1, ours, theirs }]
}

async function once(engine: BenchEngine, text: string): Promise<Outcome> {
  const before = process.cpuUsage()
  const started = performance.now()
  const took = (): Pick<Outcome, 'ms' | 'processorMs'> => {
    const ms = performance.now() - started
    const { user, system } = process.cpuUsage(before)
    return { ms, processorMs: (user + system) / 1_000 }
  }
  try {
    const answer = await engine.ask(text)
    return { ...took(), answer, error: undefined }
  } catch (error) {
    return { ...took(), answer: undefined, error: String(error) }
  }
}

async function outcomeDifference(ours: Outcome, theirs: Outcome): Promise<string | undefined> {
  const rows: Rows[] = []
  for (const { answer } of [ours, theirs]) if (answer !== undefined) rows.push(await answer.rows())
  if (ours.answer !== undefined && theirs.answer !== undefined) {
    return difference(rows[0]!, rows[1]!, anyOrder)
  }
  if (ours.answer === undefined && theirs.answer === undefined) return undefined
  return `${ours.error ?? 'an answer'}, expected ${theirs.error ?? 'an answer'}`
}

function printTotals(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const [p50, p99] = [0.5, 0.99].map((fraction) => quantile(sorted, fraction).toFixed(3))
  console.log(`${name}: ${sum(times).toFixed(0)} ms in all, p50 ${p50} ms, p99 ${p99} ms`)
}

function printSlowest(texts: readonly string[], times: readonly number[]): void {
  const slowest = texts
    .map((text, at) => ({ text, ms: times[at]! }))
    .toSorted((a, b) => b.ms - a.ms)
  for (const { text, ms } of slowest.slice(0, SHOWN_MAX)) {
    console.log(`${ms.toFixed(2).padStart(8)} ms  ${text.replaceAll(/\s+/g, ' ')}`)
  }
}

function printDiffering(differing: readonly string[]): void {
  console.log(`${differing.length} statements differ`)
  for (const text of differing.slice(0, SHOWN_MAX)) console.log(text)
  if (differing.length > 0) process.exitCode = 1
}

function sum(times: readonly number[]): number {
  return times.reduce((all, time) => all + time, 0)
}
