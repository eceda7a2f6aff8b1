import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The last release whose package has the generator inside; later ones download it. */
const GENERATOR = 'duckdb==0.10.3'

/** TPC-DS at one scale. */
export interface TpcdsData {
  /** Files by the name of their table. */
  readonly tables: ReadonlyMap<string, string>
  /** Texts by number, from 1. */
  readonly queries: ReadonlyMap<number, string>
}

/**
 * The data of a scale and the queries; made on first use with DuckDB's generator, which needs python3 and
 * PyPI, and kept under bench/data: neither belongs to this repository.
 */
export function tpcdsData(scale: number): TpcdsData {
  const folder = resolve('bench/data', `tpcds-sf${scale}`)
  if (!existsSync(folder)) make(folder, scale)
  const texts = JSON.parse(readFileSync(join(folder, 'queries.json'), 'utf8')) as Record<
    string,
    string
  >
  const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'))
  return {
    tables: new Map(files.map((name) => [name.replace('.parquet', ''), join(folder, name)])),
    queries: new Map(
      Object.entries(texts).map(([number, text]) => [Number(number), withNames(text)] as const),
    ),
  }
}

/** AT, an alias in query 90, has become a keyword of newer releases. */
function withNames(text: string): string {
  return text.replace(/\) AT,/, ') "at",')
}

function make(folder: string, scale: number): void {
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  console.error(`generating TPC-DS at scale ${scale} in ${folder}`)
  execFileSync(python(), ['bench/tpcds/make.py', String(scale), partial], { stdio: 'inherit' })
  renameSync(partial, folder)
}

/** A Python of its own that has the generator. */
function python(): string {
  const folder = resolve('bench/data/python')
  const program = join(folder, 'bin/python')
  if (existsSync(program)) return program
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  execFileSync('python3', ['-m', 'venv', partial], { stdio: 'inherit' })
  const install = ['-m', 'pip', 'install', '--quiet', GENERATOR]
  execFileSync(join(partial, 'bin/python'), install, { stdio: 'inherit' })
  renameSync(partial, folder)
  return program
}
