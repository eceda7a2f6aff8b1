import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Engine } from '#heddle/engine/process/engine.js'
import { Session } from '#heddle/engine/session.js'
import { engineSession } from '../../sqllogictest/runner/configurations.ts'
import type { EngineSession } from '../../sqllogictest/runner/engine.ts'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { ask, sameRows, type Answer } from '../sql/answers.ts'
import { render, shrink, type Piece } from '../sql/piece.ts'
import { QueryMaker } from '../sql/queries.ts'
import { createStatements, randomTables, type Kind } from '../sql/schema.ts'
import { harmed, randomHarm, type Harm } from './harm.ts'
import { wideQuery } from './queries.ts'
import { createWide, numbers, wideTables } from './tables.ts'

/** Statements over one set of tables. */
const BATCHES_A_SCHEMA = 10
/** Sets of tables before other processes take over. */
const ROUNDS_A_WORLD = 6
/** Statements of one batch, each in a session of its own, share workers and connections. */
const SESSIONS = 4
const SHRINK_ATTEMPTS_MAX = 400
const SHRINK_MS_MAX = 120_000
/** What shows only under harm is tried so often. */
const HARMED_ATTEMPTS = 6
const FINDINGS_MAX = 10
const HARM_CHANCE = 0.4
const SHOWN_CHARACTERS_MAX = 600

const MEMORY_PATIENCE_MS = 15_000
const MEMORY_BYTES_MAX = 768 * 1_048_576
/** A statement that waits for something that never comes is a finding. */
const STATEMENT_TIMEOUT_MS = 90_000
/** Soon enough to be waited out, late enough for a busy machine. */
const HEARTBEAT_TIMEOUT_MS = 1_500

interface Statement {
  readonly piece: Piece
  readonly kinds: readonly Kind[] | undefined
  readonly isOrdered: boolean
}

interface Finding {
  readonly kind: string
  readonly details: string
}

/** One process and a cluster, with the same tables. */
interface World {
  readonly alone: EngineSession
  readonly cluster: Engine
  readonly sessions: readonly EngineSession[]
  readonly workers: number
}

interface Tally {
  statements: number
  compared: number
  harmed: number
}

/**
 * Random queries, also over long values of every type and many columns, on worker processes that are killed
 * and stopped meanwhile: their answers must be those of one process, and nothing may stay in memory. What a
 * harm hits depends on the machine's pace, which a seed does not give again. `--unharmed` leaves the
 * workers alone.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, shrinks, rest } = options
  const isUnharmed = rest.some((option) => option.startsWith('--unharmed'))
  const ends = performance.now() + seconds * 1000
  const tally: Tally = { statements: 0, compared: 0, harmed: 0 }
  const found = new Set<string>()
  const goesOn = (): boolean => performance.now() < ends && found.size < findingsMax
  for (let round = 0; goesOn();) {
    const world = await openWorld(new Chooser(seed + round).between(2, 3))
    try {
      for (const last = round + ROUNDS_A_WORLD; round < last && goesOn(); round++) {
        const choose = new Chooser(seed + round)
        await runRound(world, {
          choose,
          seed: seed + round,
          goesOn,
          tally,
          found,
          isUnharmed,
          shrinks,
        })
        // What is lost of memory stays lost: others take over.
        if ([...found].some(isLoss)) round = last
      }
    } finally {
      await closeWorld(world)
    }
  }
  const { statements, compared, harmed: struck } = tally
  console.log(`${statements} statements: ${compared} compared, ${struck} while workers were harmed`)
  if (compared === 0) throw new Error('no statement was compared: such a run shows nothing')
  return found.size
}

interface Round {
  readonly choose: Chooser
  readonly seed: number
  readonly goesOn: () => boolean
  readonly tally: Tally
  readonly found: Set<string>
  readonly isUnharmed: boolean
  readonly shrinks: boolean
}

async function runRound(world: World, round: Round): Promise<void> {
  const { choose, goesOn, tally, found } = round
  const { tables } = randomTables(choose)
  const wide = wideTables(choose)
  const prepared = [
    ...createStatements(tables),
    numbers.create,
    numbers.fill,
    ...wide.flatMap(createWide),
  ]
  const names = [numbers, ...tables, ...wide].map(({ name }) => name)
  const loading = await load(world, prepared)
  if (loading !== undefined) report(round, loading, undefined, prepared)
  const maker = new QueryMaker(choose, tables)
  const make = (): Statement =>
    choose.chance(0.4) ? maker.statement() : { ...wideQuery(choose, wide), kinds: undefined }
  for (let batch = 0; batch < BATCHES_A_SCHEMA && goesOn(); batch++) {
    const statements = choose.some(1, SESSIONS, make)
    const isHarmed = choose.chance(HARM_CHANCE)
    const harm = randomHarm(choose, world.workers)
    const struck = isHarmed && !round.isUnharmed ? harm : undefined
    const findings = await judgeAll(world, statements, struck, tally)
    for (const [index, finding] of findings.entries()) {
      if (finding === undefined || found.has(finding.kind)) continue
      found.add(finding.kind)
      const statement = statements[index]!
      const smaller = round.shrinks
        ? await smallest(world, statement, finding, struck)
        : { statement, finding }
      report(round, smaller.finding, smaller.statement, prepared)
    }
  }
  for (const name of names) {
    for (const session of [world.alone, world.sessions[0]!])
      await session.run(`drop table if exists ${name}`)
  }
}

/** The tables in both; what is left in memory or other than in one process is a finding. */
async function load(
  { alone, sessions }: World,
  statements: readonly string[],
): Promise<Finding | undefined> {
  for (const statement of statements) {
    const [here, there] = await Promise.all([ask(alone, statement), ask(sessions[0]!, statement)])
    if (here.kind === 'error') throw new Error(`${statement}: ${here.message}`)
    const details = difference({ kinds: undefined, isOrdered: false }, here, there)
    if (details !== undefined) return { kind: 'loading', details: `${statement}: ${details}` }
  }
  return undefined
}

/** Statements side by side, while workers are harmed; a finding for each. */
async function judgeAll(
  world: World,
  statements: readonly Statement[],
  harm: Harm | undefined,
  tally?: Tally,
): Promise<readonly (Finding | undefined)[]> {
  const { cluster, alone, sessions } = world
  const expected: Answer[] = []
  for (const { piece } of statements) expected.push(await ask(alone, render(piece)))
  const before = cluster.heap.bytesInUse
  const answers = await harmed(cluster, harm, () =>
    Promise.all(statements.map(({ piece }, n) => ask(sessions[n]!, render(piece)))),
  )
  const findings = statements.map((statement, n): Finding | undefined => {
    const [here, there] = [expected[n]!, answers[n]!]
    if (tally !== undefined) count(tally, here, harm)
    const details = difference(statement, here, there)
    if (details === undefined) return undefined
    const kind = there.kind === 'error' ? `${there.sqlState} ${there.message}` : 'differs'
    return { kind: kind.replaceAll(/\d+/g, 'n'), details }
  })
  if (findings.some((finding) => finding !== undefined)) return findings
  const left = cluster.heap.bytesInUse - before
  if (left !== 0) return [{ kind: 'memory', details: `${left} bytes more are in use` }]
  const held = await heldByWorkers(cluster)
  return held === 0 ? findings : [{ kind: 'worker memory', details: `${held} bytes are held` }]
}

/** What workers hold although nothing runs, given the time to hear of its end and to tell. */
async function heldByWorkers(cluster: Engine): Promise<number> {
  const patience = performance.now() + MEMORY_PATIENCE_MS
  for (;;) {
    const held = cluster.workerProcesses.reduce((sum, worker) => sum + worker.queryBytes, 0)
    if (held === 0 || performance.now() > patience) return held
    await delay(HEARTBEAT_TIMEOUT_MS / 10)
  }
}

function count(tally: Tally, answer: Answer, harm: Harm | undefined): void {
  tally.statements++
  if (answer.kind === 'rows') tally.compared++
  if (harm !== undefined) tally.harmed++
}

function isLoss(kind: string): boolean {
  return kind.endsWith('memory')
}

/** Errors that another order of work may raise or not. */
function isOfTheData(answer: Answer): boolean {
  return answer.kind === 'error' && /^(?:0A|22)/.test(answer.sqlState)
}

function difference(
  { kinds, isOrdered }: Pick<Statement, 'kinds' | 'isOrdered'>,
  here: Answer,
  there: Answer,
): string | undefined {
  if (isOfTheData(here) || isOfTheData(there)) return undefined
  if (here.kind === 'error' || there.kind === 'error') {
    const same = here.kind === 'error' && there.kind === 'error' && here.sqlState === there.sqlState
    return same ? undefined : `${shown(there)}, in one process ${shown(here)}`
  }
  const texts = kinds ?? here.rows[0]?.map((): Kind => 'text') ?? []
  if (sameRows(texts, isOrdered, here.rows, there.rows)) return undefined
  return `${shown(there)}, in one process ${shown(here)}`
}

function shown(answer: Answer): string {
  if (answer.kind === 'error') return `${answer.sqlState} ${answer.message}`
  const rows = answer.rows.map((row) => JSON.stringify(row)).join(' ')
  return `${answer.rows.length} rows ${rows.slice(0, SHOWN_CHARACTERS_MAX)}`
}

/** The smallest statement that shows the same, alone where it does so alone. */
async function smallest(
  world: World,
  statement: Statement,
  first: Finding,
  harm: Harm | undefined,
): Promise<{ readonly statement: Statement; readonly finding: Finding }> {
  // Every statement after it would show the same.
  if (isLoss(first.kind)) return { statement, finding: first }
  let finding = first
  const ends = performance.now() + SHRINK_MS_MAX
  const showsAgain = async (piece: Piece, struck: Harm | undefined): Promise<boolean> => {
    const attempts = struck === undefined ? 1 : HARMED_ATTEMPTS
    for (let attempt = 0; attempt < attempts && performance.now() < ends; attempt++) {
      const [now] = await judgeAll(world, [{ ...statement, piece }], struck)
      if (now?.kind !== finding.kind) continue
      finding = now
      return true
    }
    return false
  }
  const isCalm = await showsAgain(statement.piece, undefined)
  const needed = isCalm ? undefined : harm
  if (!isCalm && !(await showsAgain(statement.piece, harm))) return { statement, finding }
  const piece = await shrink(statement.piece, SHRINK_ATTEMPTS_MAX, (smaller) =>
    showsAgain(smaller, needed),
  )
  return { statement: { ...statement, piece }, finding }
}

function report(
  { seed }: Round,
  { kind, details }: Finding,
  statement: Statement | undefined,
  prepared: readonly string[],
): void {
  console.log(`\n-- ${kind} (seed ${seed}): ${details}`)
  const text = statement === undefined ? '' : render(statement.piece)
  for (const one of prepared) {
    const name = /^(?:create table|insert into) (\w+)/.exec(one)?.[1] ?? ''
    if (name === numbers.name || new RegExp(`\\b${name}\\b`).test(text)) console.log(`${one};`)
  }
  console.log(`${text};`)
}

async function openWorld(workers: number): Promise<World> {
  const cluster = await Engine.start({
    memoryBytesMax: MEMORY_BYTES_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    cluster: {
      workers,
      heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
      // As often as harm is done.
      restartsMax: 1_000,
      restartWindowMs: 100,
    },
  })
  const alone = await Engine.start({ threads: 1, memoryBytesMax: MEMORY_BYTES_MAX })
  return {
    alone: engineSession(new Session(alone), () => alone.close()),
    cluster,
    sessions: Array.from({ length: SESSIONS }, () =>
      engineSession(new Session(cluster), async () => {}),
    ),
    workers,
  }
}

async function closeWorld({ alone, cluster, sessions }: World): Promise<void> {
  for (const session of [alone, ...sessions]) await session.close()
  await cluster.close()
}
