import { difference } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, rowsOf, type BenchEngine, type Rows } from '../engines.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'
import { tpcdsData, type TpcdsData } from './data.ts'
import { seenOrder } from './row-order.ts'

/** A query that takes longer counts as failed. */
const STATEMENT_TIMEOUT_MS = 120_000

export interface TpcdsOptions {
  readonly scale: number
  /** Undefined: all. */
  readonly queries: readonly number[] | undefined
  readonly threads: readonly number[]
  readonly runs: number
  readonly against: Rival | undefined
}

/** Why a query is not in the report on times. */
interface Trouble {
  readonly name: string
  /** `refused`: it needs what the engine says it does not have. */
  readonly kind: 'refused' | 'failed' | 'differs' | 'peer failed'
  readonly reason: string
}

/** What is said once all queries have run. */
interface Findings {
  readonly troubles: Trouble[]
  /** Where answers that agree say less than they might. */
  readonly notes: string[]
}

/**
 * TPC-DS with all tables in both engines' memory. Each answer is compared: exact types digit by digit, in
 * the order that the query gives. What is refused, fails, differs or is slow is listed at the end; the
 * exit status tells of all but the slow.
 */
export async function runTpcds(options: TpcdsOptions): Promise<readonly Line[]> {
  const data = tpcdsData(options.scale)
  const numbers = options.queries ?? [...data.queries.keys()].toSorted((a, b) => a - b)
  const lines: Line[] = []
  const findings: Findings = { troubles: [], notes: [] }
  for (const threads of options.threads) {
    const engines = await openPair(threads, options.against)
    for (const engine of inOrder(engines, options.against)) await load(engine, data)
    await engines[0].run(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`)
    for (const number of numbers) {
      const line = await runQuery(number, threads, data, engines, options.runs, findings)
      if (line !== undefined) lines.push(line)
    }
    for (const engine of engines) await engine.close()
  }
  printFindings(findings, lines)
  return lines
}

/** Copies all tables into an engine's memory. */
export async function load(engine: BenchEngine, { tables }: TpcdsData): Promise<void> {
  const started = performance.now()
  for (const [table, path] of tables) {
    await engine.run(`create table ${table} as select * from '${path}'`)
  }
  console.error(`${engine.name}: loaded in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

/** Verifies and times a query; undefined when there is nothing to time. */
async function runQuery(
  number: number,
  threads: number,
  { queries }: TpcdsData,
  engines: readonly [BenchEngine, BenchEngine],
  runs: number,
  { troubles, notes }: Findings,
): Promise<Line | undefined> {
  const text = queries.get(number)
  if (text === undefined) throw new Error(`TPC-DS has no query ${number}`)
  const name = `q${number}`
  const verified = await verify(text, engines)
  if (typeof verified !== 'number') {
    troubles.push({ name: `${name} t${threads}`, ...verified })
    console.error(`${name} t${threads}: ${verified.kind}, ${verified.reason}`)
    return undefined
  }
  if (verified === 0) notes.push(`${name} t${threads}: no rows`)
  const { order, keys } = seenOrder(text)
  if (order.columns.length < keys) {
    notes.push(
      `${name} t${threads}: ordered by ${keys} keys, of which ${order.columns.length} show`,
    )
  }
  const contenders = engines.map((engine) => ({ name: engine.name, run: () => engine.run(text) }))
  const [ours, theirs] = await measure(contenders, { warmUpRuns: 1, warmUpMs: 0, runs })
  console.error(`${name} t${threads}: ${(ours!.medianMs / theirs!.medianMs).toFixed(3)}`)
  return { name, threads, ours: ours!, theirs: theirs! }
}

/** The number of rows, where both answers are the same. */
async function verify(
  text: string,
  [ours, theirs]: readonly [BenchEngine, BenchEngine],
): Promise<Omit<Trouble, 'name'> | number> {
  let answers: Rows
  try {
    answers = await rowsOf(ours, text)
  } catch (error) {
    const isRefused = (error as { readonly code?: unknown }).code === 'FEATURE_NOT_SUPPORTED'
    return { kind: isRefused ? 'refused' : 'failed', reason: String(error) }
  }
  let expected: Rows
  try {
    expected = await rowsOf(theirs, text)
  } catch (error) {
    return { kind: 'peer failed', reason: String(error) }
  }
  const found = difference(answers, expected, seenOrder(text).order)
  return found === undefined ? answers.length : { kind: 'differs', reason: found }
}

function printFindings({ troubles, notes }: Findings, lines: readonly Line[]): void {
  for (const note of notes) console.log(note)
  for (const { name, kind, reason } of troubles) console.log(`${name}: ${kind}, ${reason}`)
  console.log(`${lines.length} agree, ${troubles.length} do not`)
  if (troubles.length > 0) process.exitCode = 1
}
