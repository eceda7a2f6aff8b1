import { configurations, configuredEngine } from '../../sqllogictest/runner/configurations.ts'
import { postgresEngine } from '../../sqllogictest/runner/engines/postgres.ts'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { differs, type Engines } from '../places/differs.ts'
import { numberColumns, randomRows, randomStatement } from './statements.ts'

/** Rows of the table: so few that they are answered without code, some, and several batches. */
const rowCounts = [6, 300, 3_000] as const
const STATEMENTS_A_ROUND = 60
const FINDINGS_MAX = 20
const SECONDS_MAX = 20
const INSERTED_ROWS = 100

/** Ways of running that a round is in, by their names; the usual one more often. */
const usual = { name: 'usual', options: { threads: 2 } } as const
const otherWays = ['spill', 'two workers', 'reference executor', 'interpreted', 'optimizer off']
const OTHER_CHANCE = 0.4

/**
 * Aggregates of numerics of up to a thousand digits: plain, grouped, over frames of windows, with DISTINCT, FILTER and ORDER BY, in
 * one process and several; held to PostgreSQL 15, digit by digit.
 */
export async function run({ seconds, seed, findingsMax, rest }: FuzzOptions): Promise<number> {
  const most = findingsMax ?? FINDINGS_MAX
  const only = rest.find((one) => one.startsWith('--only='))?.slice('--only='.length)
  const ends = performance.now() + seconds * 1000
  let [findings, statements] = [0, 0]
  for (let round = 0; performance.now() < ends && findings < most; round++) {
    const choose = new Chooser(seed + round)
    const { engines, name } = await openEngines(choose, only)
    try {
      await load(engines, choose)
      for (let at = 0; at < STATEMENTS_A_ROUND; at++) {
        if (performance.now() >= ends || findings >= most) break
        const sql = randomStatement(choose)
        statements++
        const told = await differs(engines, sql)
        if (told === undefined) continue
        findings++
        console.log(`\n-- seed ${seed + round}, ${name}: ${told}\n${sql};`)
      }
    } finally {
      for (const session of Object.values(engines)) await session.close()
    }
  }
  console.log(`${statements} statements`)
  if (statements === 0) throw new Error('nothing was compared: such a run shows nothing')
  return findings
}

interface Opened {
  readonly engines: Engines
  readonly name: string
}

async function openEngines(choose: Chooser, only: string | undefined): Promise<Opened> {
  const wanted = only ?? (choose.chance(OTHER_CHANCE) ? choose.pick(otherWays) : usual.name)
  const way = configurations.find(({ name }) => name === wanted) ?? usual
  const heddle = await configuredEngine(way).open()
  const postgres = await postgresEngine().open()
  for (const session of [heddle, postgres]) {
    await session.run(`set statement_timeout to '${SECONDS_MAX}s'`)
  }
  await postgres.run('set jit to off')
  await postgres.run('set search_path to pg_temp')
  return { engines: { heddle, postgres }, name: way.name }
}

async function load({ heddle, postgres }: Engines, choose: Chooser): Promise<void> {
  const rows = randomRows(choose, choose.pick(rowCounts))
  const columns = numberColumns.map((name) => `${name} numeric`).join(', ')
  for (const session of [heddle, postgres]) {
    await session.run('drop table if exists v')
    await session.run(`create table v (id int4, g int4, h int4, ${columns})`)
    for (let from = 0; from < rows.length; from += INSERTED_ROWS) {
      await session.run(`insert into v values ${rows.slice(from, from + INSERTED_ROWS).join(', ')}`)
    }
  }
}
