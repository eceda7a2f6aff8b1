import { fork, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connect } from '#heddle/index.js'
import {
  sharedTables,
  type LoadOptions,
  type LoadReport,
  type OutOfMemoryCase,
  type ServerReady,
  type ServerReport,
} from './messages.ts'

const RSS_GROWTH_MAX = 1.1
const PROBE_P99_MS_MAX = 20
const LINE_EVERY_S = 10
/** Resident memory is compared over the last so many seconds of a time. */
const AVERAGED_S = 60
const MIB = 1_048_576
/** The load generator gives way to the server, as if it ran on another machine. */
const LOAD_NICENESS = 10

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '50' },
    memory: { type: 'string', default: '1024' },
    seed: { type: 'string', default: '1' },
  },
})
const seconds = Number(values.minutes) * 60
const memoryBytesMax = Number(values.memory) * MIB

process.exitCode = await soak()

/** Holds a server under load for minutes and tells whether it stayed right, quick and small. */
async function soak(): Promise<number> {
  console.log(`soak: ${values.sessions} sessions, ${values.memory} MiB, seed ${values.seed}`)
  const server = start('server.js', String(memoryBytesMax))
  const { port } = await first<ServerReady>(server, 'ready')
  const options: LoadOptions = {
    port,
    seconds,
    sessions: Number(values.sessions),
    seed: Number(values.seed),
  }
  const load = start('load.js', JSON.stringify(options))
  setPriority(load.pid!, LOAD_NICENESS)
  const reports: ServerReport[] = []
  let last: LoadReport | undefined
  load.on('message', (message) => (last = message as LoadReport))
  server.on('message', (message) => {
    reports.push(message as ServerReport)
    if (reports.length % LINE_EVERY_S === 0) printLine(reports, last)
  })
  const died = new Promise<never>((_, reject) => {
    server.once('exit', (code, signal) => reject(new Error(`the server ended: ${code ?? signal}`)))
  })
  await Promise.race([new Promise((resolve) => load.once('exit', resolve)), died])
  server.removeAllListeners('exit')
  server.kill('SIGKILL')
  if (last?.isLast !== true) throw new Error('the load generator died')
  return verdict(reports, last)
}

function start(file: string, argument: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [argument])
}

function first<T extends { readonly kind: string }>(
  child: ChildProcess,
  kind: T['kind'],
): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('the process ended too early')))
    child.on('message', (message: T) => {
      if (message.kind === kind) resolve(message)
    })
  })
}

function printLine(reports: readonly ServerReport[], load: LoadReport | undefined): void {
  const { rssBytes, jsBytes, heapBytes, touchedBytes } = reports.at(-1)!
  const probes = reports.slice(-LINE_EVERY_S).flatMap(({ probesMs }) => probesMs)
  const actions = Object.values(load?.actions ?? {}).reduce((sum, count) => sum + count, 0)
  console.log(
    `${reports.length} s: ${actions} actions, ${load?.wrong.length ?? 0} wrong, ` +
      `rss ${mib(rssBytes)} MiB, js ${mib(jsBytes)} MiB, heap ${mib(heapBytes)} of ${mib(touchedBytes)} MiB, select 1 ${quantiles(probes)}`,
  )
}

async function verdict(reports: readonly ServerReport[], load: LoadReport): Promise<number> {
  const probes = reports.flatMap(({ probesMs }) => probesMs)
  const fifth = Math.floor(reports.length * 0.2)
  const early = meanRss(reports.slice(Math.max(0, fifth - AVERAGED_S), fifth))
  const late = meanRss(reports.slice(-AVERAGED_S))
  const replayed = await replay(load.outOfMemory)
  console.log(`actions ${JSON.stringify(load.actions)}`)
  console.log(`errors ${JSON.stringify(load.errors)}`)
  for (const what of load.wrong.slice(0, 20)) console.log(`WRONG ${what}`)
  console.log(
    `${load.outOfMemory.length} out of memory, of which ${replayed} fail in a fresh engine too`,
  )
  console.log(`rss ${mib(early)} MiB at a fifth, ${mib(late)} MiB in the end`)
  console.log(`select 1 ${quantiles(probes)}`)
  const failures = [
    load.wrong.length > 0 && 'wrong answers',
    replayed < load.outOfMemory.length && 'memory was lost',
    late > RSS_GROWTH_MAX * early && 'memory grows',
    quantile(probes, 0.99) > PROBE_P99_MS_MAX && 'select 1 waits',
  ].filter((failure) => failure !== false)
  console.log(failures.length === 0 ? 'held' : `FAILED: ${failures.join(', ')}`)
  return failures.length === 0 ? 0 : 1
}

/** How many statements run out of memory in a fresh engine with the same tables, too. */
async function replay(cases: readonly OutOfMemoryCase[]): Promise<number> {
  let failing = 0
  for (const { statement, tables } of cases) {
    const db = await connect({ threads: 2, memoryBytesMax })
    for (const text of [...sharedTables, ...tables]) await db.query(text)
    const failed = await db.query(statement).then(
      () => false,
      (error: { sqlState?: string }) => error.sqlState === '53200',
    )
    if (failed) failing++
    else console.log(`LOST ${statement}`)
    await db.close()
  }
  return failing
}

/** A single second may be one in which several large results are under way. */
function meanRss(reports: readonly ServerReport[]): number {
  return reports.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / reports.length
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0)
}

function quantiles(samples: readonly number[]): string {
  const figures = [0.5, 0.99, 1].map((q) => quantile(samples, q).toFixed(1))
  return `p50 ${figures[0]}, p99 ${figures[1]}, max ${figures[2]} ms`
}

function quantile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN
}
