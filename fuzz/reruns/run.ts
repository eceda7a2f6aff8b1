import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { sameRows } from '../sql/answers.ts'
import type { Kind } from '../sql/schema.ts'
import { Side, type Answer, type Field, type Row } from './sides.ts'
import { randomSteps, type Step } from './steps.ts'

const FINDINGS_MAX = 20
const SHRINK_ATTEMPTS_MAX = 120
const SHOWN_ROWS_MAX = 8
const NOT_SUPPORTED = '0A000'
const CANCELLED = '57014'
const TEXT = 25
const VARCHAR = 1043

interface Tally {
  sequences: number
  compared: number
  raised: number
  notSupported: number
}

function newTally(): Tally {
  return { sequences: 0, compared: 0, raised: 0, notSupported: 0 }
}

/** What the two servers did otherwise. */
interface Finding {
  /** Two of one label are taken for the same fault while shrinking. */
  readonly label: string
  readonly details: string
  readonly step: Step
}

/**
 * Statements that run again, prepared and not, while the tables that they read grow, change their types, are
 * dropped and made again, hidden and rolled back: step by step the same on Heddle and on PostgreSQL 15 (found by
 * the usual PG* variables).
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, shrinks } = options
  const ends = performance.now() + seconds * 1000
  const postgres = Side.postgres()
  const heddles = [
    await Side.heddle({ codeAlways: false }),
    await Side.heddle({ codeAlways: true }),
  ] as const
  const tally = newTally()
  const known = new Set<string>()
  try {
    for (let round = 0; performance.now() < ends && known.size < findingsMax; round++) {
      const steps = randomSteps(new Chooser(seed + round))
      const sides = { heddle: heddles[(seed + round) % 2 === 0 ? 0 : 1], postgres }
      const finding = await play(sides, steps, tally)
      if (finding === undefined) continue
      const before = labelOf(finding)
      if (known.has(before)) continue
      known.add(before)
      const smaller = shrinks ? await shrink(sides, steps, finding) : { steps, finding }
      report(seed + round, smaller.steps, smaller.finding)
    }
  } finally {
    for (const side of [...heddles, postgres]) await side.close()
  }
  const { sequences, compared, raised, notSupported } = tally
  console.log(
    `${sequences} sequences: ${compared} steps compared (${raised} of them errors), ${notSupported} not supported`,
  )
  if (compared === 0) throw new Error('no step was compared: such a run shows nothing')
  return known.size
}

/** Findings that look alike are told once in a run. */
function labelOf({ label, details, step }: Finding): string {
  const what = label.includes(', not ') ? details : step.text
  return `${label} ${what.replaceAll(/\d+/g, 'n')}`
}

interface Sides {
  readonly heddle: Side
  readonly postgres: Side
}

async function play(
  { heddle, postgres }: Sides,
  steps: readonly Step[],
  tally: Tally,
): Promise<Finding | undefined> {
  await Promise.all([heddle.begin(), postgres.begin()])
  tally.sequences++
  for (const step of steps) {
    const theirs = await postgres.ask(step)
    const ours = await heddle.ask(step)
    if (ours.kind === 'error' && ours.code === NOT_SUPPORTED && !isSame(ours, theirs)) {
      tally.notSupported++
      // What only reads leaves both servers as they were, outside of a transaction.
      if (!step.text.startsWith('select') || steps.some(({ text }) => text.startsWith('begin')))
        return undefined
      continue
    }
    tally.compared++
    if (ours.kind === 'error') tally.raised++
    const found = difference(step, ours, theirs)
    if (found !== undefined) return found
  }
  return undefined
}

function isSame(ours: Answer, theirs: Answer): boolean {
  return ours.kind === 'error' && theirs.kind === 'error' && ours.code === theirs.code
}

const kindOfOid: Readonly<Record<number, Kind>> = {
  700: 'float',
  701: 'float',
  1700: 'numeric',
  1186: 'interval',
}

function difference(step: Step, ours: Answer, theirs: Answer): Finding | undefined {
  if (ours.kind === 'error' || theirs.kind === 'error') return errorApart(step, ours, theirs)
  const [ourColumns, theirColumns] = [columnsOf(ours.columns), columnsOf(theirs.columns)]
  if (ourColumns !== theirColumns) {
    const details = `\n  heddle   ${ourColumns}\n  postgres ${theirColumns}`
    return { label: 'columns', details, step }
  }
  const kinds = theirs.columns.map(({ oid }) => kindOfOid[oid] ?? 'text')
  const isOrdered = /\border by [^)]*$/.test(step.text)
  if (sameRows(kinds, isOrdered, ours.rows, theirs.rows)) return undefined
  const [onlyOurs, onlyTheirs] = [without(ours.rows, theirs.rows), without(theirs.rows, ours.rows)]
  const details =
    `${ours.rows.length} rows, not ${theirs.rows.length}` +
    `\n  only heddle   ${onlyOurs}\n  only postgres ${onlyTheirs}`
  return { label: 'rows', details, step }
}

function errorApart(step: Step, ours: Answer, theirs: Answer): Finding | undefined {
  const [a, b] = [ours, theirs].map((side) => (side.kind === 'error' ? side.code : 'rows'))
  // PostgreSQL knows fewer full joins, takes longer for nested loops, and evaluates rows that LIMIT leaves out.
  if (a === b || b === NOT_SUPPORTED || b === CANCELLED) return undefined
  if (a === 'rows' && /\blimit\b/.test(step.text)) return undefined
  const details = `\n  heddle   ${shown(ours)}\n  postgres ${shown(theirs)}`
  return { label: `${a}, not ${b}`, details, step }
}

/** Texts that nobody limited go by two names. */
function columnsOf(columns: readonly Field[]): string {
  return columns.map(({ name, oid }) => `${name}:${oid === VARCHAR ? TEXT : oid}`).join(', ')
}

function shown(answer: Answer): string {
  return answer.kind === 'error' ? `${answer.code} ${answer.message}` : `${answer.rows.length} rows`
}

/** Some of the rows that the others are not among. */
function without(rows: readonly Row[], others: readonly Row[]): string {
  const known = new Set(others.map((row) => JSON.stringify(row)))
  const left = rows.map((row) => JSON.stringify(row)).filter((row) => !known.has(row))
  return `${left.length}: ${left.slice(0, SHOWN_ROWS_MAX).join(' ')}`
}

interface Found {
  readonly steps: readonly Step[]
  readonly finding: Finding
}

/** The same fault with as few steps as may be: half of them left out, a quarter, ... one. */
async function shrink(sides: Sides, steps: readonly Step[], finding: Finding): Promise<Found> {
  const tally = newTally()
  const last = steps.lastIndexOf(finding.step)
  let smallest: Found = { steps: steps.slice(0, last + 1), finding }
  let attempts = 0
  for (let size = smallest.steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < smallest.steps.length && attempts < SHRINK_ATTEMPTS_MAX; attempts++) {
      const fewer = smallest.steps.toSpliced(at, size)
      const still = await play(sides, fewer, tally)
      if (still?.label === finding.label && still.step.text === finding.step.text) {
        smallest = { steps: fewer, finding: still }
      } else at += size
    }
  }
  return smallest
}

function report(seed: number, steps: readonly Step[], { label, details, step }: Finding): void {
  const lines = steps.map(({ text, values, name }) => {
    const how = values === undefined ? '' : ` -- ${name ?? 'unnamed'} ${JSON.stringify(values)}`
    return `${text};${how}`
  })
  console.log(
    [`\n-- FOUND with --seed ${seed} (${label}) in ${step.text}: ${details}`, ...lines].join('\n'),
  )
}
