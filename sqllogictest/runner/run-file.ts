import { compareResult } from './compare.ts'
import type { Rendering } from './compare.ts'
import { EngineError } from './engine.ts'
import type { EngineResult, EngineSession, SqlEngine } from './engine.ts'
import { isExpectedError } from './record.ts'
import type { ExpectedError, QueryRecord, SltRecord, SortMode, StatementRecord } from './record.ts'
import type { SkipEntry } from './skip-list.ts'
import { skipReason } from './skip-list.ts'

export interface Failure {
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly expected: string
  readonly actual: string
}

export interface FileReport {
  readonly file: string
  passed: number
  failed: number
  skipped: number
  readonly failures: Failure[]
  /** Records by the reason for which they were skipped. */
  readonly skippedFor: Map<string, number>
}

export interface FileOptions {
  readonly rendering: Rendering
  readonly skips: readonly SkipEntry[]
}

interface FileState {
  readonly report: FileReport
  readonly session: EngineSession
  readonly options: FileOptions
  /** Hash of the result of every label so far. */
  readonly labels: Map<string, string>
  sort: SortMode | undefined
}

/** Label keys count up to this many characters, as in SQLite's driver. */
const labelLength = 20

/** Runs the records of one file in a fresh database. */
export async function runFile(
  file: string,
  records: AsyncIterable<SltRecord>,
  engine: SqlEngine,
  options: FileOptions,
): Promise<FileReport> {
  const report: FileReport = {
    file,
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    skippedFor: new Map(),
  }
  const session = await engine.open()
  const state: FileState = { report, session, options, labels: new Map(), sort: undefined }
  try {
    for await (const record of records) {
      if (!conditionsHold(record, engine.names)) {
        if (isTest(record)) skip(report, 'for another engine')
      } else if (record.kind === 'halt') {
        break
      } else if (!(await runRecord(state, record))) {
        break
      }
    }
  } finally {
    await session.close()
  }
  return report
}

function isTest(record: SltRecord): record is StatementRecord | QueryRecord {
  return record.kind === 'statement' || record.kind === 'query'
}

function conditionsHold(record: SltRecord, names: readonly string[]): boolean {
  return record.conditions.every(({ only, engine }) => names.includes(engine) === only)
}

function skip(report: FileReport, reason: string): void {
  report.skipped += 1
  report.skippedFor.set(reason, (report.skippedFor.get(reason) ?? 0) + 1)
}

/** False ends the file. */
async function runRecord(state: FileState, record: SltRecord): Promise<boolean> {
  const { report, options } = state
  if (record.kind === 'control') {
    if (record.name === 'sortmode') state.sort = record.value as SortMode
    return true
  }
  if (record.kind === 'unsupported') {
    skip(report, record.reason)
    return record.scope === 'record'
  }
  if (!isTest(record)) return true
  const reason = skipReason(options.skips, report.file, record.line)
  if (reason !== undefined) {
    skip(report, reason)
    return true
  }
  const failure = await runTest(state, record)
  if (failure === undefined) {
    report.passed += 1
  } else {
    report.failed += 1
    const { file } = report
    report.failures.push({ file, line: record.line, sql: record.sql, ...failure })
  }
  return true
}

type Difference = Pick<Failure, 'expected' | 'actual'>

async function runTest(
  state: FileState,
  record: StatementRecord | QueryRecord,
): Promise<Difference | undefined> {
  let result: EngineResult
  try {
    result = await state.session.run(record.sql)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return checkError(record.expect, error)
  }
  if (isExpectedError(record.expect)) {
    return { expected: describeError(record.expect), actual: 'no error' }
  }
  return record.kind === 'query' ? checkRows(state, record, record.expect, result) : undefined
}

function checkError(
  expect: StatementRecord['expect'] | QueryRecord['expect'],
  error: EngineError,
): Difference | undefined {
  if (expect === 'maybe') return undefined
  const actual = `error (${error.sqlState}) ${error.message}`
  if (!isExpectedError(expect)) {
    return { expected: Array.isArray(expect) ? expect.join('\n') : 'ok', actual }
  }
  const state = expect.sqlState === undefined || expect.sqlState === error.sqlState
  const message = expect.pattern === undefined || expect.pattern.test(error.message)
  return state && message ? undefined : { expected: describeError(expect), actual }
}

function describeError({ sqlState, pattern }: ExpectedError): string {
  const state = sqlState === undefined ? '' : ` (${sqlState})`
  return `error${state}${pattern === undefined ? '' : ` ${pattern.source}`}`
}

function checkRows(
  state: FileState,
  record: QueryRecord,
  expected: readonly string[],
  result: EngineResult,
): Difference | undefined {
  const sort = record.sort === 'nosort' ? (state.sort ?? 'nosort') : record.sort
  const { rendering } = state.options
  const comparison = compareResult({ ...record, sort }, expected, result.rows, rendering)
  const actual = comparison.actual.join('\n')
  if (!comparison.equal) return { expected: expected.join('\n'), actual }
  if (record.label === undefined) return undefined
  const key = record.label.slice(0, labelLength)
  const earlier = state.labels.get(key)
  state.labels.set(key, comparison.hash)
  if (earlier === undefined || earlier === comparison.hash) return undefined
  return { expected: `the result of the other queries with label ${key}`, actual }
}
