import { writeFileSync } from 'node:fs'
import type { SqlEngine } from './engine.ts'
import { duckdbEngine } from './engines/duckdb.ts'
import { heddleEngine } from './engines/heddle.ts'
import { postgresEngine } from './engines/postgres.ts'
import { parseArguments } from './arguments.ts'
import type { RunnerArguments } from './arguments.ts'
import { askedConfigurations, runMatrix } from './matrix.ts'
import type { Failure, FileReport } from './run-file.ts'
import { readSkipList, type SkipEntry } from './skip-list.ts'
import { runTestFile, testFiles } from './test-files.ts'

/** A file of the matrix that takes longer is told of on stderr as it ends. */
const TOLD_SECONDS_MIN = 20

/** Longest expected or actual text that is printed of a failure, in characters. */
const printedLengthMax = 2000

function engineOf({ engine, threads }: RunnerArguments): SqlEngine {
  if (engine === 'postgres') return postgresEngine()
  return engine === 'duckdb' ? duckdbEngine() : heddleEngine(threads)
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

/** What became of all records of some files. */
function summary(reports: readonly FileReport[]): string {
  const total = (part: 'passed' | 'failed' | 'skipped'): number =>
    reports.reduce((sum, report) => sum + report[part], 0)
  return `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`
}

/** Ends a run: what failed makes the process fail. */
function end(reports: readonly FileReport[]): void {
  write(summary(reports))
  if (reports.some(({ failed }) => failed > 0)) process.exitCode = 1
}

/** Runs every file; each failure is printed as it comes. */
async function runOnce(options: RunnerArguments, skips: readonly SkipEntry[]): Promise<void> {
  const engine = engineOf(options)
  const reports: FileReport[] = []
  for (const file of testFiles(options.paths)) {
    const report = await runTestFile(file, engine, skips)
    report.failures.forEach(printFailure)
    reports.push(report)
  }
  await engine.close()
  if (options.report !== undefined) writeReport(options.report, engine.names[0]!, reports)
  end(reports)
}

interface TimedReport {
  readonly report: FileReport
  readonly seconds: number
}

function timedSummary(all: readonly TimedReport[]): string {
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0)
  const longest = all.reduce((a, b) => (b.seconds > a.seconds ? b : a))
  const counts = summary(all.map(({ report }) => report))
  return `${counts} (${seconds.toFixed(0)} s, ${longest.report.file} ${longest.seconds.toFixed(0)})`
}

/** Runs every file in each configuration: a line for each, and in the end one for all. */
async function runConfigurations(
  asked: string,
  { paths, report: path }: RunnerArguments,
  skips: readonly SkipEntry[],
): Promise<void> {
  const chosen = askedConfigurations(asked)
  const files = testFiles(paths)
  const runs = new Map(chosen.map(({ name }) => [name, new Array<TimedReport>()]))
  await runMatrix(chosen, files, skips, {
    ran(configuration, report, seconds) {
      const all = runs.get(configuration)!
      all.push({ report, seconds })
      if (seconds >= TOLD_SECONDS_MIN) {
        process.stderr.write(`${configuration}: ${report.file} took ${seconds.toFixed(0)} s\n`)
      }
      if (report.failures.length > 0) write(`\n${configuration}:`)
      report.failures.forEach(printFailure)
      if (all.length === files.length) write(`${configuration}: ${timedSummary(all)}`)
    },
  })
  const all = [...runs.values()].flat().map(({ report }) => report)
  if (path !== undefined) writeReport(path, `heddle ${asked}`, all)
  end(all)
}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2), process.env)
  const skips = options.skipList === undefined ? [] : readSkipList(options.skipList)
  if (options.matrix === undefined) await runOnce(options, skips)
  else await runConfigurations(options.matrix, options, skips)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
