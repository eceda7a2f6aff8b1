import type { EngineSession } from '../../sqllogictest/runner/engine.ts'
import { ask, sameRows, type Answer } from './answers.ts'
import type { Kind } from './schema.ts'

/** A statement as the oracles see it: its text, and how its answers compare. */
export interface Statement {
  readonly text: string
  readonly kinds: readonly Kind[]
  /** Whether rows come in the order of all their columns. */
  readonly isOrdered: boolean
  /** Whether arithmetic may overflow: who evaluates what where it is not needed may then raise. */
  readonly mayOverflow: boolean
}

/** The engines that answer every statement: ours first, the others must agree with it. */
export interface Peers {
  readonly heddle: EngineSession
  /** Ours in other configurations. */
  readonly variants: readonly (readonly [name: string, session: EngineSession])[]
  readonly postgres: EngineSession | undefined
}

/** What is wrong with an answer. Two findings of one `kind` are taken for the same fault while shrinking. */
export interface Finding {
  readonly kind: string
  readonly details: string
}

/** Counts of what statements came to. */
export interface Tally {
  statements: number
  compared: number
  raised: number
  notSupported: number
}

/** Has a statement answered by all and tells the first disagreement. */
export async function judge(
  peers: Peers,
  statement: Statement,
  tally?: Tally,
): Promise<Finding | undefined> {
  const ours = await ask(peers.heddle, statement.text)
  if (tally !== undefined) {
    tally.statements++
    if (ours.kind === 'rows') tally.compared++
    else if (ours.sqlState === '0A000') tally.notSupported++
    else tally.raised++
  }
  if (ours.kind === 'error' && ours.sqlState === 'XX000') {
    return { kind: 'internal error', details: ours.message }
  }
  const theirs = await againstPostgres(peers, statement, ours)
  if (theirs !== undefined) return theirs
  for (const [name, session] of peers.variants) {
    const other = await ask(session, statement.text)
    if (isOfTheData(ours) || isOfTheData(other) || isLate(other)) continue
    const details = difference(statement, ours, other)
    if (details !== undefined) return { kind: `differs: ${name}`, details }
  }
  return ours.kind === 'rows' ? metamorphic(peers.heddle, statement, ours.rows.length) : undefined
}

/** Errors that another order of work may raise or not: of values and rows, and of what is not there yet. */
function isOfTheData(answer: Answer): boolean {
  return answer.kind === 'error' && /^(?:0A|21|22)/.test(answer.sqlState)
}

function isLate(answer: Answer): boolean {
  return answer.kind === 'error' && answer.sqlState === '57014'
}

async function againstPostgres(
  { postgres }: Peers,
  statement: Statement,
  ours: Answer,
): Promise<Finding | undefined> {
  if (postgres === undefined) return undefined
  if (ours.kind === 'error' && ours.sqlState === '0A000') return undefined
  const theirs = await ask(postgres, statement.text)
  // What PostgreSQL refuses or raises is no measure: errors of the data depend on the order of work.
  if (theirs.kind === 'error') {
    const refused = theirs.sqlState.startsWith('42') && ours.kind === 'rows'
    return refused ? { kind: 'accepted', details: theirs.message } : undefined
  }
  if (ours.kind === 'error') {
    if (statement.mayOverflow && ours.sqlState === '22003') return undefined
    return { kind: `raised ${ours.sqlState}`, details: ours.message }
  }
  const details = difference(statement, ours, theirs)
  return details === undefined ? undefined : { kind: 'differs: postgres', details }
}

function difference(
  { kinds, isOrdered }: Statement,
  ours: Answer,
  other: Answer,
): string | undefined {
  if (ours.kind === 'error') {
    if (other.kind === 'error') return undefined
    return `${ours.sqlState} ${ours.message}, but there ${shown(other)}`
  }
  if (other.kind === 'error') return `${shown(ours)}, but there ${other.sqlState} ${other.message}`
  if (sameRows(kinds, isOrdered, ours.rows, other.rows)) return undefined
  return `${shown(ours)}, but there ${shown(other)}`
}

const SHOWN_ROWS_MAX = 8

function shown(answer: Answer): string {
  if (answer.kind === 'error') return answer.message
  const rows = answer.rows.slice(0, SHOWN_ROWS_MAX).map((row) => JSON.stringify(row))
  return `${answer.rows.length} rows ${rows.join(' ')}`
}

/**
 * Relations that hold for every query: a row is there exactly once among those for which a condition
 * is true, false and unknown (TLP: M. Rigger, Z. Su, OOPSLA 2020), and a filter leaves as many rows
 * as there are for which the condition, computed as a column, is true (NoREC: same, ESEC/FSE 2020).
 */
async function metamorphic(
  session: EngineSession,
  { text, kinds }: Statement,
  rows: number,
): Promise<Finding | undefined> {
  const boolean = kinds.indexOf('bool')
  if (boolean < 0) return undefined
  const names = kinds.map((_, index) => `c${index}`)
  const from = `from (${text}) q(${names.join(', ')})`
  const condition = `c${boolean}`
  let isGivenUp = false
  const count = async (where: string): Promise<number> => {
    const answer = await ask(session, `select count(*) ${from} where ${where}`)
    isGivenUp ||= isLate(answer)
    return answer.kind === 'rows' ? Number(answer.rows[0]?.[0]) : NaN
  }
  const parts = [condition, `not ${condition}`, `${condition} is null`]
  const counts = await Promise.all(parts.map(count))
  const total = counts.reduce((sum, one) => sum + one, 0)
  if (isGivenUp) return undefined
  if (total !== rows)
    return { kind: 'partition', details: `${rows} rows, in parts ${counts.join(' + ')}` }
  const summed = await ask(session, `select count(case when ${condition} then 1 end) ${from}`)
  const computed = summed.kind === 'rows' ? Number(summed.rows[0]?.[0]) : NaN
  if (computed === counts[0] || isLate(summed)) return undefined
  return { kind: 'filter', details: `${counts[0]} rows pass, ${computed} have it true` }
}
