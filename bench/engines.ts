import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { Database } from 'heddle'
import { thisBuild, type Build } from './builds.ts'

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

export async function openHeddle(threads: number, build: Build = thisBuild): Promise<BenchEngine> {
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

/** The engine that ours is held against: another build of Heddle, or DuckDB. */
export function openPeer(threads: number, against: Build | undefined): Promise<BenchEngine> {
  return against === undefined ? openDuckDb(threads) : openHeddle(threads, against)
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
