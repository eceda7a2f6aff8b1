import { execFileSync, fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Line } from '../report.ts'
import { reportPage } from './page.ts'
import { reportedSuites, type ReportedSuite } from './suites.ts'

/** What a suite gave; `lines` are missing where it ended in an error. */
export interface SuiteReport extends ReportedSuite {
  readonly lines: readonly Line[] | undefined
  readonly seconds: number
}

export interface Report {
  readonly commit: string
  readonly node: string
  readonly processor: string
  readonly cores: number
  readonly date: string
  readonly suites: readonly SuiteReport[]
}

/**
 * Runs every suite in a process of its own, one after another, and writes `report.json` and a page with plots to
 * a folder after each. `only` names those to run, by their first argument; all, where it is empty.
 */
export async function runAll(folder: string, only: string): Promise<void> {
  const wanted = new Set(only.split(',').filter((name) => name !== ''))
  const chosen = reportedSuites.filter(({ args }) => wanted.size === 0 || wanted.has(args[0] ?? ''))
  const suites: SuiteReport[] = []
  const report = { ...surroundings(), suites }
  mkdirSync(folder, { recursive: true })
  for (const suite of chosen) {
    console.log(`\n${suite.title}: bench ${suite.args.join(' ')}`)
    const started = performance.now()
    const lines = await linesOf(suite.args)
    if (lines === undefined) process.exitCode = 1
    suites.push({ ...suite, lines, seconds: (performance.now() - started) / 1000 })
    writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 1)}\n`)
    writeFileSync(join(folder, 'index.html'), reportPage(report))
  }
}

function surroundings(): Omit<Report, 'suites'> {
  const all = cpus()
  return {
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    node: process.version,
    processor: all[0]?.model ?? 'unknown',
    cores: all.length,
    date: new Date().toISOString().slice(0, 10),
  }
}

function linesOf(args: readonly string[]): Promise<readonly Line[] | undefined> {
  const program = fileURLToPath(new URL('../main.js', import.meta.url))
  return new Promise((resolve) => {
    let lines: readonly Line[] | undefined
    const child = fork(program, args)
    child.on('message', (sent) => {
      lines = sent as readonly Line[]
    })
    child.on('exit', () => resolve(lines))
  })
}
