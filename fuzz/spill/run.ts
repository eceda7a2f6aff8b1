import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Database } from '#heddle/index.js'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { createView, statement } from './statements.ts'

const MEMORY_BYTES = 24 * 1_048_576
const TIMEOUT_MS = 120_000
/** Statements over one pair of tables. */
const STATEMENTS_A_ROUND = 20
const FINDINGS_MAX = 10
/** Each statement that is too much is seen to be, and divided. */
const ROWS = [200_000, 350_000, 500_000]
/** What the small memory may say in place of an answer: rows that belong together do not fit. */
const REFUSED = '53200'

interface Tally {
  statements: number
  refused: number
}

/**
 * Random statements over tables that a small memory has no room for, with all their rows divided and kept in files where they
 * must be, against the same in a memory that has. After each, no file of rows is left and no memory is in use or claimed.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX } = options
  const directory = mkdtempSync(join(tmpdir(), 'heddle-fuzz-'))
  const small = await connect({
    threads: 2,
    memoryBytesMax: MEMORY_BYTES,
    tempDirectory: directory,
  })
  const large = await connect({ threads: 2 })
  const ends = performance.now() + seconds * 1000
  const tally: Tally = { statements: 0, refused: 0 }
  let findings = 0
  try {
    for (const db of [small, large]) await db.query(`set statement_timeout = ${TIMEOUT_MS}`)
    const goesOn = (): boolean => performance.now() < ends && findings < findingsMax
    for (let round = 0; goesOn(); round++) {
      const choose = new Chooser(seed + round)
      const tables = ['a', 'b'].map((name) => createView(choose, name, choose.pick(ROWS)))
      for (const create of tables) for (const db of [small, large]) await db.query(create)
      const before = await state(small, directory)
      for (let i = 0; i < STATEMENTS_A_ROUND && goesOn(); i++) {
        const { text } = statement(choose)
        const finding = await tried({ small, large, directory, before }, text, tally)
        if (finding === undefined) continue
        findings++
        console.log(`\n-- seed ${seed + round}: ${finding}\n${tables.join(';\n')};\n${text};`)
      }
      for (const db of [small, large]) await db.query('drop view a, b')
    }
  } finally {
    await small.close()
    await large.close()
    rmSync(directory, { recursive: true, force: true })
  }
  console.log(
    `${tally.statements} statements, ${tally.refused} of them too much for the small memory`,
  )
  if (tally.statements === tally.refused && findings === 0)
    throw new Error('no statement was compared: such a run shows nothing')
  return findings
}

interface Engines {
  readonly small: Database
  readonly large: Database
  readonly directory: string
  /** What is in use and in files while nothing runs. */
  readonly before: string
}

async function tried(
  { small, large, directory, before }: Engines,
  text: string,
  tally: Tally,
): Promise<string | undefined> {
  tally.statements++
  const ours = await answer(small, text)
  const theirs = await answer(large, text)
  const after = await state(small, directory)
  if (after !== before) return `left: ${after}, before ${before}`
  if (ours === `error ${REFUSED}` && !theirs.startsWith('error')) {
    tally.refused++
    return undefined
  }
  return ours === theirs ? undefined : `${ours}, with room ${theirs}`
}

async function answer(db: Database, text: string): Promise<string> {
  try {
    const result = await db.query(text)
    try {
      return JSON.stringify(result.texts())
    } finally {
      result.release()
    }
  } catch (error) {
    const { sqlState, message } = error as { sqlState?: string; message: string }
    return sqlState === undefined ? `error ${message}` : `error ${sqlState}`
  }
}

/** Memory by part, and how many files there are. */
async function state(db: Database, directory: string): Promise<string> {
  const result =
    await db.query(`select string_agg(part || ' ' || bytes, ', ' order by part) from heddle_memory()
    where part in ('tables', 'queries', 'results', 'readers', 'files', 'claimed', 'waiting')`)
  const [[parts] = []] = result.texts()
  result.release()
  const files = readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)))
  return `${parts}, ${files.length} files`
}
