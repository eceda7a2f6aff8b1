import { spawn } from 'node:child_process'
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { measure } from '../measure.ts'
import { report, type Line } from '../report.ts'

/** A program that measures itself from the start of its process and prints milliseconds. */
interface ColdCase {
  readonly name: string
  readonly ours: string
  readonly theirs: string
}

const engine = pathToFileURL(resolve('dist/bundle/index.js')).href
const peer = createRequire(import.meta.url).resolve('@duckdb/node-api')
const modules = createRequire(import.meta.url).resolve('vega-datasets')
const flights = join(dirname(modules), '..', 'data', 'flights-3m.parquet')
const overFile = `select count(*), sum(delay) from '${flights}' where delay > 60`

const ours = (body: string): string => `import { connect } from '${engine}'
const db = await connect({ threads: 2, allowedRoots: ['/'] })
${body}
process.exit(0)`

const theirs = (
  body: string,
): string => `import { DuckDBInstance } from '${pathToFileURL(peer).href}'
const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
${body}
process.exit(0)`

const cases: readonly ColdCase[] = [
  {
    name: 'process to first select 1',
    ours: ours(`;(await db.query('select 1')).rows()
console.log(performance.now())`),
    theirs: theirs(`;(await connection.runAndReadAll('select 1')).getRows()
console.log(performance.now())`),
  },
  {
    name: 'first statement over Parquet',
    ours: ours(`const started = performance.now()
;(await db.query(${JSON.stringify(overFile)})).rows()
console.log(performance.now() - started)`),
    theirs: theirs(`const started = performance.now()
;(await connection.runAndReadAll(${JSON.stringify(overFile)})).getRows()
console.log(performance.now() - started)`),
  },
]

/** How long a process takes to its first answers; each run is a process of its own. */
export async function runCold(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-cold-'))
  try {
    const lines: Line[] = []
    for (const [index, { name, ...programs }] of cases.entries()) {
      const contenders = (['ours', 'theirs'] as const).map((who) => {
        const file = join(folder, `${who}-${index}.mjs`)
        writeFileSync(file, programs[who])
        return { name: who, run: () => toldMs(file) }
      })
      const [a, b] = await measure(contenders, { warmUpRuns: 1, warmUpMs: 0, runs })
      lines.push({ name, threads: 2, ours: a!, theirs: b! })
    }
    report(lines, undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a program prints when it has its answer; what it does afterwards does not count. */
function toldMs(file: string): Promise<number> {
  return new Promise((resolveTold, reject) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
    child.once('exit', (code) => {
      if (code === 0) resolveTold(Number(text))
      else reject(new Error(`${file} ended with ${code}`))
    })
  })
}
