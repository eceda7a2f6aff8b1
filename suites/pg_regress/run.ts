import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scriptStatements, type ScriptStatement } from './psql-script.ts'
import { sharedTables } from './shared-tables.ts'
import { openHeddle, openPostgres } from './sides.ts'
import type { Answer } from './talker.ts'

/** Longest text that is printed of a statement or an answer, in characters. */
const PRINTED_CHARACTERS_MAX = 600

/**
 * Left out of the count, as no other server can answer them alike: what names parts of PostgreSQL's
 * implementation, and texts of plans.
 */
const leftOut: readonly (readonly [string, RegExp])[] = [
  ['plan texts', /^\s*explain\b/i],
  ['procedural languages', /\blanguage\s+'?(?:plpgsql|c|internal)\b|^\s*do\b/i],
  [
    'access methods',
    /\busing\s+(?:gin|gist|spgist|brin|hash|btree)\b|\bwith\s*\(\s*(?:fillfactor|autovacuum)/i,
  ],
  [
    'planner settings',
    /^\s*(?:set|reset)\s+(?:local\s+)?(?:enable_|parallel_|min_parallel|max_parallel|force_parallel)/i,
  ],
]

export type Verdict = 'equal' | 'other wording' | 'differs' | 'left out'

export interface Judged {
  readonly script: string
  readonly statement: ScriptStatement
  readonly verdict: Verdict
  readonly heddle: Answer
  readonly postgres: Answer
}

export interface RegressOptions {
  /** The unpacked folder: `sql/`, `data/`. */
  readonly folder: string
  /** Scripts by name; all without. */
  readonly only: readonly string[] | undefined
  readonly report: string | undefined
  /** Prints what differs of each statement. */
  readonly verbose: boolean
}

/** Runs PostgreSQL's regression scripts on Heddle and on PostgreSQL, statement by statement. */
export async function runRegress(options: RegressOptions): Promise<boolean> {
  const { folder, only, report } = options
  const names = readdirSync(join(folder, 'sql'))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
  for (const name of only ?? []) {
    if (!existsSync(join(folder, 'sql', `${name}.sql`))) throw new Error(`no script ${name}`)
  }
  const all: Judged[] = []
  for (const name of only ?? names) {
    const judged = await runScript(name, folder)
    if (options.verbose)
      judged.filter(({ verdict }) => verdict !== 'left out').forEach(printDifference)
    process.stdout.write(`${name}: ${figures(judged)}\n`)
    all.push(...judged)
  }
  process.stdout.write(`all: ${figures(all)}\n`)
  if (report !== undefined) writeFileSync(report, `${JSON.stringify(all.map(recordOf), null, 1)}\n`)
  return all.every(({ verdict }) => verdict !== 'differs')
}

async function runScript(script: string, folder: string): Promise<readonly Judged[]> {
  const text = readFileSync(join(folder, 'sql', `${script}.sql`), 'utf8')
  const makes = (name: string): boolean =>
    new RegExp(`\\bcreate\\s+(?:temp(?:orary)?\\s+)?(?:table|view)\\s+${name}\\b`, 'i').test(text)
  const tables = sharedTables.filter(({ name }) => !makes(name))
  const postgres = await openPostgres(tables, folder)
  const heddle = await openHeddle(tables, folder)
  const judged: Judged[] = []
  try {
    for (const statement of scriptStatements(text)) {
      const { text: sql, copyData } = statement
      const answers = await Promise.all([
        heddle.talker.ask(sql, copyData),
        postgres.talker.ask(sql, copyData),
      ])
      const verdict = verdictOf(statement, answers[0], answers[1])
      judged.push({ script, statement, verdict, heddle: answers[0], postgres: answers[1] })
    }
  } finally {
    await heddle.close()
    await postgres.close()
  }
  return judged
}

function verdictOf({ text }: ScriptStatement, heddle: Answer, postgres: Answer): Verdict {
  if (leftOut.some(([, pattern]) => pattern.test(text))) return 'left out'
  if (postgres.code !== undefined || heddle.code !== undefined) {
    if (heddle.code !== postgres.code) return 'differs'
    return heddle.message === postgres.message ? 'equal' : 'other wording'
  }
  if (heddle.tag !== postgres.tag || heddle.copied !== postgres.copied) return 'differs'
  if (JSON.stringify(heddle.columns) !== JSON.stringify(postgres.columns)) return 'differs'
  return sameRows(text, heddle, postgres) ? 'equal' : 'differs'
}

/** Rows that no ORDER BY sorts may come in any order. */
function sameRows(text: string, heddle: Answer, postgres: Answer): boolean {
  const [a, b] = [heddle, postgres].map(({ rows }) => rows.map((row) => JSON.stringify(row)))
  const equal = (one: readonly string[], other: readonly string[]): boolean =>
    one.length === other.length && one.every((row, index) => row === other[index])
  if (equal(a!, b!)) return true
  return !/\border\s+by\b/i.test(text) && equal(a!.toSorted(), b!.toSorted())
}

function figures(judged: readonly Judged[]): string {
  const count = (verdict: Verdict): number => judged.filter((one) => one.verdict === verdict).length
  const counted = judged.length - count('left out')
  const equal = count('equal') + count('other wording')
  const share = counted === 0 ? 100 : (100 * equal) / counted
  return (
    `${equal} of ${counted} equal (${share.toFixed(1)} %), ${count('other wording')} of them errors ` +
    `in other words, ${count('left out')} left out`
  )
}

function shown(text: string): string {
  return text.length > PRINTED_CHARACTERS_MAX ? `${text.slice(0, PRINTED_CHARACTERS_MAX)}...` : text
}

function answerText({ code, message, columns, rows, tag, copied }: Answer): string {
  if (code !== undefined) return `${code} ${message}`
  const lines = rows.map((row) => row.map((value) => value ?? 'NULL').join(' | '))
  const parts = [columns.join(' | '), ...lines, tag, copied].filter((part) => part !== '')
  return parts.join('\n')
}

function printDifference({ script, statement, verdict, heddle, postgres }: Judged): void {
  if (verdict === 'equal') return
  process.stdout.write(
    `\n${script}.sql:${statement.line} (${verdict})\n${shown(statement.text)}\n` +
      `-- PostgreSQL\n${shown(answerText(postgres))}\n-- Heddle\n${shown(answerText(heddle))}\n`,
  )
}

function recordOf({ script, statement, verdict, heddle, postgres }: Judged): object {
  return {
    script,
    line: statement.line,
    verdict,
    sql: statement.text,
    heddle: shown(answerText(heddle)),
    postgres: shown(answerText(postgres)),
  }
}
