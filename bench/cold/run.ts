import { spawn } from 'node:child_process'
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { thisBuild, type Rival } from '../builds.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'

/** A program that measures itself from the start of its process and prints milliseconds. */
interface ColdCase {
  readonly name: string
  /** Whether processes find what those before them kept: code that was compiled. */
  readonly isKept: boolean
  readonly ours: string
  readonly theirs: string
}

const peer = createRequire(import.meta.url).resolve('@duckdb/node-api')
const modules = createRequire(import.meta.url).resolve('vega-datasets')
const flights = join(dirname(modules), '..', 'data', 'flights-3m.parquet')
const overFile = `select count(*), sum(delay) from '${flights}' where delay > 60`

/** The first process keeps what it compiled, the next finds it. */
const WARM_UP_RUNS = 2

/** The statements that end a program: it prints how long it took. */
interface Ends {
  readonly selectOne: string
  readonly overParquet: string
}

const heddle = (entry: string, end: keyof Ends): string => `import { connect } from '${entry}'
const db = await connect({ threads: 2, allowedRoots: ['/'] })
${heddleEnds[end]}
process.exit(0)`

const heddleEnds: Ends = {
  selectOne: `;(await db.query('select 1')).rows()
console.log(performance.now())`,
  overParquet: `const started = performance.now()
;(await db.query(${JSON.stringify(overFile)})).rows()
console.log(performance.now() - started)`,
}

const duckDb = (
  end: keyof Ends,
): string => `import { DuckDBInstance } from '${pathToFileURL(peer).href}'
const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
${duckDbEnds[end]}
process.exit(0)`

const duckDbEnds: Ends = {
  selectOne: `;(await connection.runAndReadAll('select 1')).getRows()
console.log(performance.now())`,
  overParquet: `const started = performance.now()
;(await connection.runAndReadAll(${JSON.stringify(overFile)})).getRows()
console.log(performance.now() - started)`,
}

/** Ours is the built package; theirs DuckDB, or another build of ours. */
async function cases(against: Rival | undefined): Promise<readonly ColdCase[]> {
  const { entry } = await thisBuild()
  const program = (name: string, end: keyof Ends, isKept: boolean): ColdCase => ({
    name: isKept ? name : `${name}, nothing kept`,
    isKept,
    ours: heddle(entry, end),
    theirs: against === undefined ? duckDb(end) : heddle(against.build.entry, end),
  })
  return [true, false].flatMap((isKept) => [
    program('process to first select 1', 'selectOne', isKept),
    program('first statement over Parquet', 'overParquet', isKept),
  ])
}

/** How long a process takes to its first answers; each run is a process of its own. */
export async function runCold(runs: number, against: Rival | undefined): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-cold-'))
  try {
    const lines: Line[] = []
    for (const [index, { name, isKept, ...programs }] of (await cases(against)).entries()) {
      const caches = { XDG_CACHE_HOME: join(folder, 'caches') }
      const env = { ...process.env, ...(isKept ? caches : { NODE_DISABLE_COMPILE_CACHE: '1' }) }
      const contenders = (['ours', 'theirs'] as const).map((who) => {
        const file = join(folder, `${who}-${index}.mjs`)
        writeFileSync(file, programs[who])
        return { name: who, run: () => toldMs(file, env) }
      })
      const [a, b] = await measure(contenders, { warmUpRuns: WARM_UP_RUNS, warmUpMs: 0, runs })
      lines.push({ name, threads: 2, ours: a!, theirs: b! })
    }
    return lines
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a program prints when it has its answer; what it does afterwards does not count. */
function toldMs(file: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolveTold, reject) => {
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const child = spawn(process.execPath, [file], { stdio: [...stdio], env })
    let text = ''
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
    child.once('exit', (code) => {
      if (code === 0) resolveTold(Number(text))
      else reject(new Error(`${file} ended with ${code}`))
    })
  })
}
