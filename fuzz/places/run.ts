import { configuredEngine } from '../../sqllogictest/runner/configurations.ts'
import { EngineError } from '../../sqllogictest/runner/engine.ts'
import { postgresEngine } from '../../sqllogictest/runner/engines/postgres.ts'
import { Chooser } from '../chooser.ts'
import { domains } from '../functions/domains.ts'
import { ask } from '../functions/outcomes.ts'
import { createStatements, randomColumns, type Column } from '../functions/rows.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import {
  CallMaker,
  hasColumn,
  isRounded,
  ofRow,
  smaller,
  written,
  type Call,
} from './expressions.ts'
import { differs, type Engines } from './differs.ts'
import { placesOf, type Place } from './places.ts'

/** Rows of the table that expressions are over. */
const ROWS = 1_000
/** Expressions over one table. */
const EXPRESSIONS_A_ROUND = 200
const FINDINGS_MAX = 20
/** What takes an engine longer is left out. */
const SECONDS_MAX = 20
/** Rows whose values an expression is made of alone, as constants. */
const CONSTANT_ROWS = 2

interface Tally {
  expressions: number
  statements: number
  findings: number
}

/**
 * Random functions of functions in every place of a statement: filters, keys of groups, orders, joins and windows, lists, CASE,
 * aggregates, and over constants alone; held to PostgreSQL 15. An expression that an engine raises an error for is left out, and one
 * whose floats may be rounded otherwise. `--only=NAME` takes what has the name in its id as the outermost.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, rest } = options
  const only = rest.find((one) => one.startsWith('--only='))?.slice('--only='.length) ?? ''
  const engines = await openEngines()
  const tally: Tally = { expressions: 0, statements: 0, findings: 0 }
  const ends = performance.now() + seconds * 1000
  const goesOn = (): boolean => performance.now() < ends && tally.findings < findingsMax
  try {
    for (let round = 0; goesOn(); round++) {
      const choose = new Chooser(seed + round)
      const columns = randomColumns(choose, [...domains.values()], ROWS)
      await load(engines, columns)
      const byName = new Map(columns.map((column) => [column.name, column]))
      const maker = new CallMaker(choose, only)
      for (let made = 0; made < EXPRESSIONS_A_ROUND && goesOn(); made++) {
        const call = maker.make()
        if (!hasColumn(call) || isRounded(call)) continue
        const finding = await tried(engines, choose, call, byName, tally)
        if (finding === undefined) continue
        tally.findings++
        console.log(`\n-- seed ${seed + round}: ${finding}`)
      }
    }
  } finally {
    for (const session of Object.values(engines)) await session.close()
  }
  console.log(`${tally.expressions} expressions in ${tally.statements} statements`)
  if (tally.expressions === 0) throw new Error('nothing was compared: such a run shows nothing')
  return tally.findings
}

async function openEngines(): Promise<Engines> {
  const heddle = await configuredEngine({ name: 'usual', options: { threads: 2 } }).open()
  const postgres = await postgresEngine().open()
  for (const session of [heddle, postgres]) {
    await session.run(`set statement_timeout to '${SECONDS_MAX}s'`)
  }
  await postgres.run('set jit to off')
  await postgres.run('set search_path to pg_temp')
  return { heddle, postgres }
}

async function load({ heddle, postgres }: Engines, columns: readonly Column[]): Promise<void> {
  const statements = createStatements('given', columns)
  for (const session of [heddle, postgres]) {
    await session.run('drop table if exists v')
    for (const statement of statements) await session.run(statement)
    await session.run('create table v as select * from given order by id')
    await session.run('drop table given')
  }
}

/** What is found of a call; undefined: nothing. */
async function tried(
  engines: Engines,
  choose: Chooser,
  call: Call,
  columns: ReadonlyMap<string, Column>,
  tally: Tally,
): Promise<string | undefined> {
  const { postgres } = engines
  const expression = written(call)
  const rows = await ask(postgres, `select v.id, ${expression} from v order by 1`)
  if (rows instanceof EngineError) return undefined
  const types = await ask(postgres, `select pg_typeof(${expression})::text from v limit 1`)
  const declared = types instanceof EngineError ? undefined : types[0]?.[0]
  if (typeof declared !== 'string') return undefined
  tally.expressions++
  const base: Place = { name: 'select list', sql: (e) => `select v.id, ${e} from v order by 1` }
  const values = { type: call.callee.result, declared, texts: rows.map(([, text = null]) => text) }
  for (const place of [base, ...placesOf(choose, values)]) {
    tally.statements++
    const told = await differs(engines, place.sql(expression))
    if (told !== undefined) return shrunk(engines, place, call)
  }
  for (let at = 0; at < CONSTANT_ROWS; at++) {
    const constant = ofRow(call, columns, choose.between(0, ROWS - 1))
    const place: Place = { name: 'constant', sql: (e) => `select ${e}` }
    tally.statements++
    if ((await differs(engines, place.sql(written(constant)))) !== undefined) {
      return shrunk(engines, place, constant)
    }
  }
  return undefined
}

/** The finding with as few calls inside as show it. */
async function shrunk(engines: Engines, place: Place, call: Call): Promise<string> {
  let least = call
  for (let isLess = true; isLess;) {
    isLess = false
    for (const less of smaller(least)) {
      if ((await differs(engines, place.sql(written(less)))) === undefined) continue
      least = less
      isLess = true
      break
    }
  }
  const sql = place.sql(written(least))
  return `${place.name}: ${await differs(engines, sql)}\n${sql};`
}
