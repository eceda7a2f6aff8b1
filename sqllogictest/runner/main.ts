import { createReadStream, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SqlEngine } from './engine.ts'
import { duckdbEngine } from './engines/duckdb.ts'
import { heddleEngine } from './engines/heddle.ts'
import { postgresEngine } from './engines/postgres.ts'
import { parseArguments } from './arguments.ts'
import type { RunnerArguments } from './arguments.ts'
import { readRecords } from './read-records.ts'
import { runFile } from './run-file.ts'
import type { Failure, FileReport } from './run-file.ts'
import { readSkipList } from './skip-list.ts'

/** Longest expected or actual text that is printed of a failure, in characters. */
const printedLengthMax = 2000

function engineOf({ engine, threads }: RunnerArguments): SqlEngine {
  if (engine === 'postgres') return postgresEngine()
  return engine === 'duckdb' ? duckdbEngine() : heddleEngine(threads)
}

function testFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:slt|test)$/.test(name))
      .map((name) => join(path, name))
      .sort()
  })
}

/** Opened at the first line: readline drops lines that come before anyone iterates. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}

function write(text: string): void {
  process.stdout.write(`${text}\n`)
}

function printFailure({ file, line, sql, expected, actual }: Failure): void {
  const cut = (text: string): string =>
    text.length > printedLengthMax ? `${text.slice(0, printedLengthMax)}...` : text
  write(`\n${file}:${line}\n${sql}\n-- expected\n${cut(expected)}\n-- actual\n${cut(actual)}`)
}

function writeReport(path: string, engine: string, reports: readonly FileReport[]): void {
  const files = reports.map(({ skippedFor, ...rest }) => ({
    ...rest,
    skippedFor: Object.fromEntries(skippedFor),
  }))
  writeFileSync(path, `${JSON.stringify({ engine, files }, null, 2)}\n`)
}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2))
  const engine = engineOf(options)
  const skips = options.skipList === undefined ? [] : readSkipList(options.skipList)
  const reports: FileReport[] = []
  for (const file of testFiles(options.paths)) {
    const rendering = file.endsWith('.test') ? 'classic' : 'text'
    const report = await runFile(file, readRecords(linesOf(file)), engine, { rendering, skips })
    report.failures.forEach(printFailure)
    reports.push(report)
  }
  await engine.close()
  if (options.report !== undefined) writeReport(options.report, engine.names[0]!, reports)
  const total = (part: 'passed' | 'failed' | 'skipped'): number =>
    reports.reduce((sum, report) => sum + report[part], 0)
  const failed = total('failed')
  write(`${total('passed')} passed, ${failed} failed, ${total('skipped')} skipped`)
  if (failed > 0) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
