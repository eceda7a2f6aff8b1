import { runFragment } from '#heddle/exec/fragment/fragment.js'
import {
  configurations,
  configuredEngine,
  type Configuration,
} from '../../sqllogictest/runner/configurations.ts'
import { postgresEngine } from '../../sqllogictest/runner/engines/postgres.ts'
import type { EngineSession } from '../../sqllogictest/runner/engine.ts'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { calledEntries, calleeOf, casts, type Callee } from './calls.ts'
import { domains } from './domains.ts'
import { judge, type Argument, type Call, type Counts, type Peers } from './judge.ts'
import { columnName, createStatements, randomColumns, type Column } from './rows.ts'
import { toldFinding } from './told.ts'

/** Rows of the table that calls are made over. */
const ROWS = 1_000
/** A run ends early when it has found so much. */
const FINDINGS_MAX = 20
/** What takes an engine longer for a call over all rows is left out. */
const SECONDS_MAX = 20
const CONSTANT_CHANCE = 0.5
const NULL_CHANCE = 0.04
/** How often a call is made in more of our ways of running than two. */
const MORE_WAYS_CHANCE = 0.1

/** Code that the engine loads, whatever the rows: what is held to PostgreSQL first. */
const code: Configuration = {
  name: 'code',
  options: { threads: 1 },
  parts: {
    runFragment: (task, pool, env) =>
      runFragment({ ...task, tuning: { evaluationsMax: 0, interpretation: 'never' } }, pool, env),
  },
}
const always = 'reference executor'
const sometimes = ['interpreted', 'optimizer off', 'batches of 3'] as const

/**
 * Every scalar function, operator and cast of the catalogue over random and odd arguments, as columns and as
 * constants, held to PostgreSQL 15 value by value and error by error. More options: `--rounds=N` ends after so
 * many rounds (tables) of all of them, `--only=NAME` leaves out what has no such name in its id.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, rest } = options
  const option = (name: string): string | undefined =>
    rest.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)
  const roundsMax = Number(option('rounds') ?? Number.POSITIVE_INFINITY)
  const only = option('only') ?? ''
  const peers = await openPeers(new Chooser(seed))
  const all: Tally = { counts: new Map(), found: new Set() }
  const ends = performance.now() + seconds * 1000
  const goesOn = (): boolean => performance.now() < ends && all.found.size < findingsMax
  try {
    for (let round = 0; round < roundsMax && goesOn(); round++) {
      await runRound(peers, { seed: seed + round, only, goesOn, tally: all })
    }
  } finally {
    for (const session of sessions(peers)) await session.close()
  }
  if (all.counts.size === 0) throw new Error('no call was compared: such a run shows nothing')
  return all.found.size + told(all)
}

interface Tally {
  /** By the id of a callee. */
  readonly counts: Map<string, Counts>
  /** Callees that something was found of. */
  readonly found: Set<string>
}

interface Round {
  readonly seed: number
  readonly only: string
  readonly goesOn: () => boolean
  readonly tally: Tally
}

async function runRound(peers: Peers, { seed, only, goesOn, tally }: Round): Promise<void> {
  const choose = new Chooser(seed)
  const columns = randomColumns(choose, [...domains.values()], ROWS)
  await load(peers, columns)
  const byName = new Map(columns.map((column) => [column.name, column]))
  for (const callee of shuffled(choose, calleesOf(choose))) {
    if (!callee.id.includes(only)) continue
    for (const call of callsOf(choose, callee, byName)) {
      if (!goesOn()) return
      if (tally.found.has(callee.id)) break
      const finding = await judge(waysFor(choose, peers), call, ROWS, countsOf(tally, callee))
      if (finding === undefined) continue
      tally.found.add(callee.id)
      console.log(await toldFinding(peers, finding, seed))
    }
  }
}

function countsOf({ counts }: Tally, { id, rounding }: Callee): Counts {
  const known = counts.get(id)
  if (known !== undefined) return known
  const closePercentMax = rounding?.percentMax ?? 0
  const made = { values: 0, errors: 0, close: 0, closePercentMax, notSupported: 0, leftOut: 0 }
  counts.set(id, made)
  return made
}

/** Entries that take any type are called with several. */
const ANY_TYPES = 3

function calleesOf(choose: Chooser): readonly Callee[] {
  const called = calledEntries.flatMap((entry) => {
    const isAny = entry.args.some((kind) => kind === 'any' || kind === 'array')
    return Array.from({ length: isAny ? ANY_TYPES : 1 }, () => calleeOf(entry, choose) ?? [])
  })
  return [...called.flat(), ...casts]
}

function shuffled<T>(choose: Chooser, items: readonly T[]): readonly T[] {
  const left = [...items]
  for (let at = left.length - 1; at > 0; at--) {
    const other = choose.between(0, at)
    ;[left[at], left[other]] = [left[other]!, left[at]!]
  }
  return left
}

/** Calls over columns alone, with constants between them, and of constants alone. */
function callsOf(
  choose: Chooser,
  callee: Callee,
  columns: ReadonlyMap<string, Column>,
): readonly Call[] {
  const call = (isConstant: (place: number) => boolean): Call => ({
    callee,
    args: callee.domains.map((domain, place): Argument => {
      const mustBe = callee.constantPlaces.includes(place)
      if (mustBe || isConstant(place)) {
        return { constant: !mustBe && choose.chance(NULL_CHANCE) ? null : domain.make(choose) }
      }
      // Several arguments of one domain are several columns, of which some rows are the same.
      const before = callee.domains.slice(0, place).filter((other) => other === domain).length
      const { forms } = domain
      const form = before === 0 ? choose.pick([forms[0], ...forms]) : forms[before % forms.length]
      return { column: columns.get(columnName(domain, form ?? 'any'))! }
    }),
  })
  const varying = callee.domains.length - callee.constantPlaces.length
  if (varying === 0) return [call(() => true)]
  const calls = [call(() => false)]
  if (varying > 1) {
    const kept = choose.between(0, callee.domains.length - 1)
    calls.push(
      call((place) => place > 0),
      call((place) => place !== kept && choose.chance(CONSTANT_CHANCE)),
    )
  }
  return calls
}

function waysFor(choose: Chooser, peers: Peers): Peers {
  const [first, second, third] = peers.heddle
  if (second === undefined || third === undefined || choose.chance(MORE_WAYS_CHANCE)) return peers
  return { ...peers, heddle: [first, second] }
}

/** A run has one of our slower ways. */
async function openPeers(choose: Chooser): Promise<Peers> {
  const open = async (one: Configuration): Promise<readonly [string, EngineSession]> => {
    const session = await configuredEngine(one).open()
    await session.run(`set statement_timeout to '${SECONDS_MAX}s'`)
    return [one.name, session]
  }
  const slow = choose.pick(sometimes)
  const named = (wanted: string): Configuration[] =>
    configurations.filter(({ name }) => name === wanted)
  const others = [...named(always), ...named(slow)]
  const heddle: Peers['heddle'] = [await open(code), ...(await Promise.all(others.map(open)))]
  const postgres = await postgresEngine().open()
  await postgres.run(`set statement_timeout to '${SECONDS_MAX}s'`)
  await postgres.run('set jit to off')
  // Several runs may go on at once: each has tables of its own session.
  await postgres.run('set search_path to pg_temp')
  return { heddle, postgres }
}

/** Makes the table `v` in every engine; `create table as` looks at all values before it chooses how to store them. */
async function load(peers: Peers, columns: readonly Column[]): Promise<void> {
  const statements = createStatements('given', columns)
  for (const session of sessions(peers)) {
    await session.run('drop table if exists v')
    for (const statement of statements) await session.run(statement)
    await session.run('create table v as select * from given order by id')
    await session.run('drop table given')
  }
}

function sessions({ heddle, postgres }: Peers): readonly EngineSession[] {
  return [...heddle.map(([, session]) => session), postgres]
}

/** Prints what the run came to; gives how many functions round otherwise too often. */
function told({ counts, found }: Tally): number {
  const sum = (of: (one: Counts) => number): string =>
    [...counts.values()].reduce((total, one) => total + of(one), 0).toLocaleString('en')
  console.log(
    `${counts.size} functions, operators and casts, ${found.size} with a finding: ` +
      `${sum(({ values }) => values)} values and ${sum(({ errors }) => errors)} errors compared, ` +
      `${sum(({ close }) => close)} floats close by, ${sum(({ notSupported }) => notSupported)} not supported, ` +
      `${sum(({ leftOut }) => leftOut)} calls left out`,
  )
  for (const [id, { values, errors, notSupported, leftOut }] of counts) {
    const isBare = values + errors === 0 && !found.has(id)
    if (isBare || leftOut > 0)
      console.log(
        `${id}: ${values + errors} compared, ${notSupported} not supported, ${leftOut} calls left out`,
      )
  }
  let tooOften = 0
  for (const [id, { values, close, closePercentMax }] of counts) {
    if (close === 0) continue
    const percent = (100 * close) / values
    console.log(`${id}: ${percent.toFixed(1)} % of ${values} are a float close by`)
    if (percent <= closePercentMax) continue
    if (values > ROWS) tooOften++
  }
  return tooOften
}
