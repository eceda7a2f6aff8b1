import { configurations, configuredEngine } from '../../sqllogictest/runner/configurations.ts'
import type { EngineSession } from '../../sqllogictest/runner/engine.ts'
import { heddleEngine } from '../../sqllogictest/runner/engines/heddle.ts'
import { postgresEngine } from '../../sqllogictest/runner/engines/postgres.ts'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { judge, type Finding, type Peers, type Statement, type Tally } from './oracles.ts'
import { render, shrink } from './piece.ts'
import { QueryMaker, type Query } from './queries.ts'
import { createStatements, randomTables, type Table } from './schema.ts'

/** Statements over one set of tables. */
const STATEMENTS_A_SCHEMA = 60
const SHRINK_ATTEMPTS_MAX = 1_500
/** What PostgreSQL takes longer for it is not asked; the nested loops that it joins by have no bound. */
const POSTGRES_SECONDS_MAX = 3
/** A run ends early when it has found so much. */
const FINDINGS_MAX = 20
/** Far more than PostgreSQL may take. Other configurations, which are slow by nature, just give up. */
const HEDDLE_SECONDS_MAX = 20

const variants = [
  'pipelines',
  'optimizer off',
  'batches of 3',
  'interpreted',
  'kept',
  'reference executor',
]

/**
 * Random queries over random tables, answered by Heddle, by Heddle in other configurations and by
 * PostgreSQL 15 (found by the usual PG* variables; `--no-postgres` leaves it out, `--no-variants`
 * the other configurations).
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, shrinks, rest } = options
  const withPostgres = !rest.some((option) => option.startsWith('--no-postgres'))
  const withVariants = !rest.some((option) => option.startsWith('--no-variants'))
  const tally: Tally = { statements: 0, compared: 0, raised: 0, notSupported: 0 }
  const ends = performance.now() + seconds * 1000
  const peers = await openPeers(withPostgres, withVariants)
  const known = new Set<string>()
  try {
    const goesOn = (): boolean => performance.now() < ends && known.size < findingsMax
    for (let round = 0; goesOn(); round++) {
      await runRound(peers, { seed: seed + round, goesOn, tally, known, shrinks })
    }
  } finally {
    for (const session of sessions(peers)) await session.close()
  }
  const { statements, compared, raised, notSupported } = tally
  console.log(
    `${statements} statements: ${compared} compared, ${raised} raised, ${notSupported} not supported`,
  )
  if (compared === 0 && known.size === 0)
    throw new Error('no statement was compared: such a run shows nothing')
  return known.size
}

interface Round {
  readonly seed: number
  readonly goesOn: () => boolean
  readonly tally: Tally
  /** The findings that were told already. */
  readonly known: Set<string>
  readonly shrinks: boolean
}

/** Statements over one set of tables. */
async function runRound(peers: Peers, round: Round): Promise<void> {
  const { seed, goesOn, tally, known, shrinks } = round
  const choose = new Chooser(seed)
  const { tables, mayOverflow } = randomTables(choose)
  await load(peers, tables)
  const maker = new QueryMaker(choose, tables)
  for (let i = 0; i < STATEMENTS_A_SCHEMA && goesOn(); i++) {
    const query = maker.statement()
    const finding = await judge(peers, statementOf(query, mayOverflow), tally)
    if (finding === undefined) continue
    const smaller = shrinks
      ? await smallest(peers, query, mayOverflow, finding)
      : { statement: statementOf(query, mayOverflow), finding }
    const label = labelOf(smaller.finding)
    if (!known.has(label)) {
      known.add(label)
      print(seed, shrinks ? await fewerRows(peers, tables, smaller) : tables, smaller)
      await load(peers, tables)
    }
  }
  await unload(peers, tables)
}

interface Shrunk {
  readonly statement: Statement
  readonly finding: Finding
}

function statementOf({ piece, kinds, isOrdered }: Query, mayOverflow: boolean): Statement {
  return { text: render(piece), kinds, isOrdered, mayOverflow }
}

async function smallest(
  peers: Peers,
  query: Query,
  mayOverflow: boolean,
  first: Finding,
): Promise<Shrunk> {
  let finding = first
  const piece = await shrink(query.piece, SHRINK_ATTEMPTS_MAX, async (candidate) => {
    const now = await judge(peers, statementOf({ ...query, piece: candidate }, mayOverflow))
    if (now?.kind !== finding.kind) return false
    finding = now
    return true
  })
  return { statement: statementOf({ ...query, piece }, mayOverflow), finding }
}

/** Findings that look alike are told once in a run. */
function labelOf({ kind, details }: Finding): string {
  const isError = kind === 'internal error' || kind.startsWith('raised')
  return isError
    ? `${kind} ${details.split('\n')[0]?.replaceAll(/\d+/g, 'n')}`
    : `${kind} ${details}`
}

function print(seed: number, tables: readonly Table[], { statement, finding }: Shrunk): void {
  const { text } = statement
  console.log(`\n-- ${finding.kind} (seed ${seed}): ${finding.details}`)
  const used = tables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text))
  for (const create of createStatements(used)) console.log(`${create};`)
  console.log(`${text};`)
}

/** The tables with as few rows as still show a finding. */
async function fewerRows(
  peers: Peers,
  tables: readonly Table[],
  { statement, finding }: Shrunk,
): Promise<readonly Table[]> {
  let current = tables
  for (const index of tables.keys()) {
    for (let step = tables[index]!.rows.length; step >= 1; step >>= 1) {
      for (let at = 0; at < current[index]!.rows.length;) {
        const table = current[index]!
        const rows = table.rows.toSpliced(at, step)
        const fewer = current.with(index, { ...table, rows })
        await load(peers, fewer)
        const now = await judge(peers, statement)
        if (now?.kind === finding.kind) current = fewer
        else at += step
      }
    }
  }
  return current
}

async function openPeers(withPostgres: boolean, withVariants: boolean): Promise<Peers> {
  const heddle = await heddleEngine(2).open()
  const others = await Promise.all(
    configurations
      .filter(({ name }) => withVariants && variants.includes(name))
      .map(async (one) => [one.name, await configuredEngine(one).open()] as const),
  )
  const postgres = withPostgres ? await postgresEngine().open() : undefined
  await postgres?.run(`set statement_timeout to '${POSTGRES_SECONDS_MAX}s'`)
  await postgres?.run('set jit to off')
  // Several runs may go on at once: each has tables of its own session.
  await postgres?.run('set search_path to pg_temp')
  for (const session of [heddle, ...others.map(([, other]) => other)]) {
    await session.run(`set statement_timeout to '${HEDDLE_SECONDS_MAX}s'`)
  }
  return { heddle, variants: others, postgres }
}

/** Makes the tables anew in every engine. */
async function load(peers: Peers, tables: readonly Table[]): Promise<void> {
  await unload(peers, tables)
  for (const session of sessions(peers)) {
    for (const statement of createStatements(tables)) await session.run(statement)
  }
}

async function unload(peers: Peers, tables: readonly Table[]): Promise<void> {
  for (const session of sessions(peers)) {
    for (const { name } of tables) await session.run(`drop table if exists ${name}`)
  }
}

function sessions({ heddle, variants: others, postgres }: Peers): readonly EngineSession[] {
  const all = [heddle, ...others.map(([, session]) => session)]
  return postgres === undefined ? all : [...all, postgres]
}
