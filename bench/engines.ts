import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { Database } from 'heddle'
import { thisBuild, type Build, type Rival } from './builds.ts'

/** A value as text, and whether it is of a floating-point type. */
export interface Cell {
  readonly text: string | null
  readonly approximate: boolean
}

/** What the benchmarks need of an engine. */
export interface BenchEngine {
  readonly name: string
  /** Runs a statement to the end, the answer left in the engine's own memory. */
  run(sql: string): Promise<void>
  rows(sql: string): Promise<readonly (readonly Cell[])[]>
  close(): Promise<void>
}

export async function openHeddle(threads: number, given?: Build): Promise<BenchEngine> {
  const build = given ?? (await thisBuild())
  const db: Database = await build.connect({ threads, allowedRoots: ['/'] })
  return {
    name: build.name,
    async run(sql) {
      const result = await db.query(sql)
      result.release()
    },
    async rows(sql) {
      const result = await db.query(sql)
      const approximate = result.columns.map(({ type }) => type.kind.startsWith('float'))
      const texts = result.texts()
      result.release()
      return texts.map((row) =>
        row.map((text, column) => ({ text, approximate: approximate[column] ?? false })),
      )
    },
    close: () => db.close(),
  }
}

/** This build's engine and the one that it is held against. */
export type Pair = readonly [ours: BenchEngine, theirs: BenchEngine]

/** Opens both engines: this build's, and another build's or DuckDB. */
export async function openPair(threads: number, against: Rival | undefined): Promise<Pair> {
  const openPeer = (): Promise<BenchEngine> =>
    against === undefined ? openDuckDb(threads) : openHeddle(threads, against.build)
  if (against?.isFirst !== true) return [await openHeddle(threads), await openPeer()]
  const theirs = await openPeer()
  return [await openHeddle(threads), theirs]
}

/** The engines in the order in which they are given their tables. */
export function inOrder([ours, theirs]: Pair, against: Rival | undefined): readonly BenchEngine[] {
  return against?.isFirst === true ? [theirs, ours] : [ours, theirs]
}

export async function openDuckDb(threads: number): Promise<BenchEngine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) })
  const connection: DuckDBConnection = await instance.connect()
  return {
    name: 'duckdb',
    async run(sql) {
      await connection.run(sql)
    },
    async rows(sql) {
      const reader = await connection.runAndReadAll(sql)
      const types = reader.columnTypes().map(String)
      return reader.getRows().map((row) =>
        row.map((value, column) => ({
          text: value === null ? null : String(value),
          approximate: /DOUBLE|FLOAT/.test(types[column] ?? ''),
        })),
      )
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
