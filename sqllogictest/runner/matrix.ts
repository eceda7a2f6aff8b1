import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configurations, type Configuration } from './configurations.ts'
import type { FileReport } from './run-file.ts'
import type { SkipEntry } from './skip-list.ts'

/** A file in a configuration, as a process of the matrix is asked to run it. */
export interface MatrixTask {
  readonly configuration: string
  readonly file: string
  readonly skips: readonly SkipEntry[]
}

/** What it answers: a report, or that something is wrong with the engine or the file itself. */
export type MatrixAnswer = { readonly report: FileReport } | { readonly fault: string }

export interface MatrixListener {
  /** Called as soon as a file has run. */
  ran(configuration: string, report: FileReport, seconds: number): void
}

/**
 * The configurations that `asked` names: `all`, or names separated by commas, with spaces or with dashes.
 * Throws for a name that none has.
 */
export function askedConfigurations(asked: string): readonly Configuration[] {
  if (asked === 'all') return configurations
  return asked.split(',').map((name) => {
    const found = configurations.find((one) => dashed(one.name) === dashed(name.trim()))
    if (found !== undefined) return found
    const names = configurations.map((one) => dashed(one.name)).join(', ')
    throw new Error(`MATRIX names no configuration ${name}: all, or some of ${names}`)
  })
}

function dashed(name: string): string {
  return name.replaceAll(' ', '-')
}

/**
 * Runs every file in every configuration, a file at a time in as many processes as there are cores, with a heap
 * that looks for faults. A process that ends is a fault of the file that it ran, and another takes its place.
 */
export async function runMatrix(
  chosen: readonly Configuration[],
  files: readonly string[],
  skips: readonly SkipEntry[],
  listener: MatrixListener,
): Promise<void> {
  const tasks = chosen.flatMap(({ name }) =>
    files.map((file) => ({ configuration: name, file, skips })),
  )
  const next = tasks.values()
  const work = async (): Promise<void> => {
    let worker = startWorker()
    for (const task of next) {
      const started = performance.now()
      const answer = await ask(worker, task)
      const seconds = (performance.now() - started) / 1000
      const report = 'report' in answer ? answer.report : faultReport(task.file, answer.fault)
      listener.ran(task.configuration, report, seconds)
      if (worker.connected) continue
      worker = startWorker()
    }
    worker.disconnect()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

function startWorker(): ChildProcess {
  return fork(fileURLToPath(new URL('matrix-worker.js', import.meta.url)), {
    env: { HEDDLE_HEAP: 'poison', ...process.env },
    // Reports hold maps.
    serialization: 'advanced',
  })
}

async function ask(worker: ChildProcess, task: MatrixTask): Promise<MatrixAnswer> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    const answered = once(worker, 'message', { signal }) as Promise<[MatrixAnswer]>
    const ended = once(worker, 'exit', { signal }) as Promise<[number | null, string | null]>
    worker.send(task)
    return await Promise.race([
      answered.then(([answer]) => answer),
      ended.then(([code, name]) => ({ fault: `the process ended: ${name ?? code}` })),
    ])
  } finally {
    settled.abort()
  }
}

function faultReport(file: string, fault: string): FileReport {
  const failure = { file, line: 0, sql: '', expected: 'the whole file runs', actual: fault }
  return { file, passed: 0, failed: 1, skipped: 0, failures: [failure], skippedFor: new Map() }
}
