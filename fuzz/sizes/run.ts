import { connect, type Database } from '#heddle/index.js'
import type { FuzzOptions } from '../fuzzer.ts'
import { setUp, sizedStatements, type SizedStatement } from './statements.ts'

/** CPU time, as that does not tell of what else the machine does. */
const CPU_MS_MAX = 2_000
const GROWN_BYTES_MAX = 500_000_000
/** What is over the limit is run again, smaller by this, so that a finding says how it grows. */
const SMALLER = 4

/** What may be answered instead of rows: too large or deep, not there, out of range, of other types. */
const answers = /^(?:54|0A000|22|42|21000|53)/

interface Cost {
  readonly cpuMs: number
  readonly grownBytes: number
  /** The SQLSTATE; empty for rows. */
  readonly state: string
  readonly message: string
}

/**
 * Runs statements that are deep, wide or long, each in its largest size, and tells which take more CPU
 * time or memory than they may, or end as our mistake. `--only=TEXT` runs those with the text in their
 * names. The seed is not used: these are all of them.
 */
export async function run({ seconds, rest }: FuzzOptions): Promise<number> {
  const only = rest.find((option) => option.startsWith('--only='))?.slice('--only='.length) ?? ''
  const isVerbose = rest.includes('--verbose=true')
  const ends = performance.now() + seconds * 1000
  const statements = sizedStatements().filter(({ name }) => name.includes(only))
  let db = await open()
  let [findings, ran] = [0, 0]
  for (const statement of statements) {
    if (performance.now() > ends) break
    ran++
    const cost = await costOf(db, statement, statement.size)
    if (isVerbose) console.log(shown(statement, statement.size, cost))
    if (!isFinding(cost)) continue
    findings++
    await db.close()
    db = await open()
    const size = Math.ceil(statement.size / SMALLER)
    console.log(shown(statement, statement.size, cost))
    console.log(`  ${shown(statement, size, await costOf(db, statement, size))}`)
  }
  await db.close()
  console.log(`${ran} of ${statements.length} statements`)
  return findings
}

async function open(): Promise<Database> {
  const db = await connect({ threads: 1 })
  for (const sql of setUp) await db.query(sql)
  await db.query('select count(*) from sized where a > 1')
  return db
}

async function costOf(db: Database, statement: SizedStatement, size: number): Promise<Cost> {
  const sql = statement.sql(size)
  const [memory, cpu] = [process.memoryUsage().rss, process.cpuUsage()]
  let [state, message] = ['', '']
  try {
    await db.query(sql)
  } catch (error) {
    state = (error as { readonly sqlState?: string }).sqlState ?? 'none'
    message = String(error).slice(0, 100)
  }
  const { user, system } = process.cpuUsage(cpu)
  const grownBytes = process.memoryUsage().rss - memory
  return { cpuMs: (user + system) / 1000, grownBytes, state, message }
}

function isFinding({ cpuMs, grownBytes, state }: Cost): boolean {
  const isOurs = state !== '' && !answers.test(state)
  return isOurs || cpuMs > CPU_MS_MAX || grownBytes > GROWN_BYTES_MAX
}

function shown({ name }: SizedStatement, size: number, cost: Cost): string {
  const { cpuMs, grownBytes, state, message } = cost
  const figures = `${cpuMs.toFixed(0)} ms, ${(grownBytes / 1e6).toFixed(0)} MB`
  return `${name}, ${size}: ${figures}${state === '' ? '' : ` (${state} ${message})`}`
}
