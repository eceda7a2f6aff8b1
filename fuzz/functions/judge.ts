import type { EngineSession } from '../../sqllogictest/runner/engine.ts'
import type { Callee } from './calls.ts'
import { compareValues } from './compare.ts'
import { onlyOurs } from './entries.ts'
import { ask, heddleOutcomes, postgresOutcomes, type Outcome, type Outcomes } from './outcomes.ts'
import { constant, type Column, type Text } from './rows.ts'

/** An argument of a call over the table `v`: one of its columns, or a constant. */
export type Argument = { readonly column: Column } | { readonly constant: Text }

/** A call whose arguments are chosen. */
export interface Call {
  readonly callee: Callee
  readonly args: readonly Argument[]
}

type Configured = readonly [name: string, session: EngineSession]

export interface Peers {
  /** Heddle, first in the way that is held to PostgreSQL, then in the others. */
  readonly heddle: readonly [Configured, ...Configured[]]
  readonly postgres: EngineSession
}

/** What calls of one function came to. */
export interface Counts {
  /** Values that were compared, and errors. */
  values: number
  errors: number
  /** Values that are a float close by instead. */
  close: number
  /** How many of a hundred may be. */
  readonly closePercentMax: number
  /** Rows that Heddle says it does not support. */
  notSupported: number
  /** Calls whose rows were not looked at: one of the engines took too long, or too many raised. */
  leftOut: number
}

export interface Finding {
  readonly configuration: string
  readonly call: Call
  /** The row, where the fault is one of its values. */
  readonly row: number | undefined
  readonly details: string
}

export function sqlOf({ callee, args }: Call, row?: number): string {
  return callee.write(
    args.map((arg, place) => {
      const domain = callee.domains[place]!
      if ('constant' in arg) return constant(arg.constant, domain)
      return row === undefined
        ? `v.${arg.column.name}`
        : constant(arg.column.values[row] ?? null, domain)
    }),
  )
}

/** Errors that are asked for again, row by row: a statement each. */
const ERROR_ROWS_MAX = 16
const NOT_SUPPORTED = '0A000'

/** Holds a call over all rows to PostgreSQL, or where that has no such function, to our first configuration. */
export async function judge(
  { heddle, postgres }: Peers,
  call: Call,
  rows: number,
  counts: Counts,
): Promise<Finding | undefined> {
  const sql = sqlOf(call)
  const ids = Array.from({ length: rows }, (_, id) => id)
  const [[firstName, first], ...others] = heddle
  const asked = await postgresOutcomes(postgres, sql)
  let expected: Outcomes
  if ('kind' in asked) {
    if (asked.sqlState === '57014') {
      counts.leftOut++
      return undefined
    }
    if (!onlyOurs.has(call.callee.id)) {
      const details = `PostgreSQL refuses it: ${asked.sqlState} ${asked.message}`
      const ours = await ask(first, `select ${sql} from v where v.id < 1`)
      if (ours instanceof Error && ours.message === asked.message) return undefined
      return { configuration: firstName, call, row: undefined, details }
    }
    const own = await heddleOutcomes(first, sql, ids, 'v')
    if (own === undefined) {
      counts.leftOut++
      return undefined
    }
    expected = own
  } else {
    const finding = await against(call, firstName, first, asked, counts)
    if (finding !== undefined) return finding
    expected = asked
  }
  // What PostgreSQL has not is counted once, too.
  const counted = 'kind' in asked ? others[0]?.[0] : undefined
  for (const [name, session] of others) {
    const here = name === counted ? counts : undefined
    const finding = await against(call, name, session, expected, here)
    if (finding !== undefined) return finding
  }
  return undefined
}

/** Holds one way of running a call to what is expected of its rows. */
async function against(
  call: Call,
  configuration: string,
  session: EngineSession,
  expected: Outcomes,
  counts: Counts | undefined,
): Promise<Finding | undefined> {
  const sql = sqlOf(call)
  const found = (row: number | undefined, details: string): Finding => ({
    configuration,
    call,
    row,
    details,
  })
  const good: number[] = []
  const bad: number[] = []
  for (const [id, outcome] of expected) {
    if (outcome.kind === 'error') bad.push(id)
    else if (!isNoNumeric(call.callee, outcome.value)) good.push(id)
    else if (counts !== undefined) counts.notSupported++
  }
  const areAll = good.length === expected.size
  const outcomes = await outcomesOf(session, call, good, areAll)
  if (outcomes === undefined) {
    if (counts !== undefined) counts.leftOut++
  }
  for (const [id, ours] of outcomes ?? []) {
    const details = difference(call.callee, ours, expected.get(id), counts)
    if (details !== undefined) return found(id, details)
  }
  for (const id of spread(bad, ERROR_ROWS_MAX)) {
    const ours = await outcomeOf(session, sql, id)
    const details = difference(call.callee, ours, expected.get(id), counts)
    if (details !== undefined) return found(id, details)
  }
  if (bad.length === 0) return undefined
  const whole = await ask(session, `select v.id, ${sql} from v`)
  if (!(whole instanceof Error)) return found(bad[0], 'all rows at once raise nothing')
  return undefined
}

/** Numerics that are no numbers, or infinite, which Heddle has not: many rows of some casts, which are not asked for. */
function isNoNumeric({ result }: Callee, value: string | null): boolean {
  const { kind } = result.kind === 'array' ? result.element : result
  return kind === 'numeric' && /NaN|Infinity/.test(value ?? '')
}

/** The rows that raise nothing elsewhere, in a table of their own where there are others. */
async function outcomesOf(
  session: EngineSession,
  call: Call,
  ids: readonly number[],
  areAll: boolean,
): Promise<Outcomes | undefined> {
  if (areAll || ids.length === 0) return heddleOutcomes(session, sqlOf(call), ids, 'v')
  const names = call.args.flatMap((arg) => ('column' in arg ? [`v.${arg.column.name}`] : []))
  const columns = ['v.id', ...new Set(names)].join(', ')
  const made = await ask(
    session,
    `create table part as select ${columns} from v where v.id in (${ids.join(', ')})`,
  )
  if (made instanceof Error) throw made
  try {
    return await heddleOutcomes(session, sqlOf(call), ids, 'part')
  } finally {
    await session.run('drop table part')
  }
}

async function outcomeOf(session: EngineSession, sql: string, id: number): Promise<Outcome> {
  const rows = await ask(session, `select ${sql} from v where v.id = ${id}`)
  if (rows instanceof Error) {
    return { kind: 'error', sqlState: rows.sqlState, message: rows.message }
  }
  return { kind: 'value', value: rows[0]?.[0] ?? null }
}

/** Some of the items, from the first to the last. */
function spread(items: readonly number[], most: number): readonly number[] {
  if (items.length <= most) return items
  return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]!)
}

/** What is wrong with an outcome; undefined: nothing. */
function difference(
  { result, rounding }: Callee,
  ours: Outcome,
  theirs: Outcome | undefined,
  counts: Counts | undefined,
): string | undefined {
  if (theirs === undefined) return 'a row too many'
  const isRefusedThere = theirs.kind === 'error' && theirs.sqlState === NOT_SUPPORTED
  if (
    !isRefusedThere &&
    ours.kind === 'error' &&
    (ours.sqlState === NOT_SUPPORTED || isBeyond(ours, theirs))
  ) {
    if (counts !== undefined) counts.notSupported++
    return undefined
  }
  if (ours.kind === 'error' || theirs.kind === 'error') {
    const isSame =
      ours.kind === 'error' &&
      theirs.kind === 'error' &&
      (ours.sqlState === theirs.sqlState ||
        [ours, theirs].every(({ sqlState }) => wrongMoments.has(sqlState)))
    if (isSame && counts !== undefined) counts.errors++
    return isSame ? undefined : `${shown(ours)}, but there ${shown(theirs)}`
  }
  const comparison = compareValues(ours.value, theirs.value, result, rounding?.stepsMax ?? 0)
  if (comparison === 'other') return `${shown(ours)}, but there ${shown(theirs)}`
  if (counts !== undefined) {
    counts.values++
    if (comparison === 'close') counts.close++
  }
  return undefined
}

/** Of a text that is no moment, for several reasons, which of them is said is nobody's promise. */
const wrongMoments: ReadonlySet<string> = new Set(['22007', '22008', '22015'])

/** Our timestamps end 30 years before PostgreSQL's. */
function isBeyond(ours: Outcome, theirs: Outcome): boolean {
  if (ours.kind !== 'error' || ours.sqlState !== '22008') return false
  return theirs.kind === 'value' && /\b2942[4-7]\d-\d\d-/.test(theirs.value ?? '')
}

const SHOWN_CHARACTERS_MAX = 300

function shown(outcome: Outcome): string {
  if (outcome.kind === 'error') return `${outcome.sqlState} ${outcome.message}`
  return outcome.value === null
    ? 'NULL'
    : JSON.stringify(outcome.value.slice(0, SHOWN_CHARACTERS_MAX))
}
