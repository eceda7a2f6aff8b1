import { DuckDBInstance, type DuckDBConnection, type DuckDBResult } from '@duckdb/node-api'
import type { Database, QueryResult } from 'heddle'
import { thisBuild, type Build, type Rival } from './builds.ts'

/** A value as text, and whether it is of a floating-point type. */
export interface Cell {
  readonly text: string | null
  readonly approximate: boolean
}

export type Rows = readonly (readonly Cell[])[]

/** An answer that is complete in its engine's memory. */
export interface Answer {
  /** Reads it, once, and lets go of it. */
  rows(): Promise<Rows>
  /** Makes plain JavaScript of it, once, as programs do, and lets go of it. */
  as(form: HostForm): Promise<unknown>
}

/** Rows as objects by name, as arrays, and with every value as text; columns as arrays. */
export const hostForms = ['objects', 'arrays', 'texts', 'columns'] as const
export type HostForm = (typeof hostForms)[number]

/** One conversation with an engine. */
export interface BenchSession {
  readonly name: string
  /** Runs a statement to the end, the answer left in the engine's own memory. */
  run(sql: string): Promise<void>
  /** As `run`, with the answer to be read afterwards. */
  ask(sql: string): Promise<Answer>
  /** Takes the rows as they come and keeps none; how many there were. */
  take(sql: string): Promise<number>
  /** A statement that is given its `$1` at each run, and whose rows become JavaScript. */
  prepare(sql: string): Promise<(value: number) => Promise<unknown>>
}

/** What the benchmarks need of an engine. */
export interface BenchEngine extends BenchSession {
  /** Another conversation with it, which goes on beside others. */
  session(): Promise<BenchSession>
  close(): Promise<void>
}

/** The rows of a query. */
export async function rowsOf(engine: BenchEngine, sql: string): Promise<Rows> {
  const answer = await engine.ask(sql)
  return answer.rows()
}

const heddleForms: Readonly<Record<HostForm, (result: QueryResult) => unknown>> = {
  objects: (result) => result.rows(),
  arrays: (result) => result.values(),
  texts: (result) => result.texts(),
  columns: (result) => result.columns.map((_, index) => result.scalars(index)),
}

const duckDbForms: Readonly<Record<HostForm, (result: DuckDBResult) => Promise<unknown>>> = {
  objects: (result) => result.getRowObjectsJS(),
  arrays: (result) => result.getRowsJS(),
  texts: (result) => result.getRowsJson(),
  columns: (result) => result.getColumnsJS(),
}

/** `memoryBytesMax`: 4 GiB where it is left out. */
export async function openHeddle(
  threads: number,
  given?: Build,
  memoryBytesMax?: number,
): Promise<BenchEngine> {
  const build = given ?? (await thisBuild())
  const db: Database = await build.connect({
    threads,
    allowedRoots: ['/'],
    ...(memoryBytesMax === undefined ? {} : { memoryBytesMax }),
  })
  return {
    ...heddleSession(build.name, db),
    session: () => Promise.resolve(heddleSession(build.name, db.session())),
    close: () => db.close(),
  }
}

function heddleSession(name: string, session: Pick<Database, 'query'>): BenchSession {
  return {
    name,
    async run(sql) {
      const result = await session.query(sql)
      result.release()
    },
    async ask(sql) {
      const result = await session.query(sql)
      return {
        async rows() {
          const approximate = result.columns.map(({ type }) => type.kind.startsWith('float'))
          const texts = result.texts()
          result.release()
          return texts.map((row) =>
            row.map((text, column) => ({ text, approximate: approximate[column] ?? false })),
          )
        },
        as(form) {
          const made = heddleForms[form](result)
          result.release()
          return Promise.resolve(made)
        },
      }
    },
    prepare: (sql) =>
      Promise.resolve(async (value) => {
        const result = await session.query(sql, [value])
        const rows = result.rows()
        result.release()
        return rows
      }),
    async take(sql) {
      const result = await session.query(sql)
      let rows = 0
      for (const batch of result.batches()) rows += batch.rowCount
      result.release()
      return rows
    },
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

/** Where DuckDB means something else than PostgreSQL, and can be told. */
const asPostgres: readonly string[] = [
  'set integer_division = true',
  "set default_null_order = 'postgres'",
]

export async function openDuckDb(threads: number): Promise<BenchEngine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) })
  const connections: DuckDBConnection[] = []
  const connected = async (): Promise<BenchSession> => {
    const connection = await instance.connect()
    connections.push(connection)
    for (const setting of asPostgres) await connection.run(setting)
    return duckDbSession(connection)
  }
  return {
    ...(await connected()),
    session: connected,
    close() {
      for (const connection of connections) connection.closeSync()
      instance.closeSync()
      return Promise.resolve()
    },
  }
}

function duckDbSession(connection: DuckDBConnection): BenchSession {
  return {
    name: 'duckdb',
    async run(sql) {
      await connection.run(sql)
    },
    async ask(sql) {
      const result = await connection.run(sql)
      return {
        async rows() {
          const types = result.columnTypes().map(String)
          const rows = await result.getRows()
          return rows.map((row) =>
            row.map((value, column) => ({
              text: value === null ? null : String(value),
              approximate: /DOUBLE|FLOAT/.test(types[column] ?? ''),
            })),
          )
        },
        as: (form) => duckDbForms[form](result),
      }
    },
    async prepare(sql) {
      const statement = await connection.prepare(sql)
      return async (value) => {
        statement.bindInteger(1, value)
        const result = await statement.run()
        return result.getRowObjectsJS()
      }
    },
    async take(sql) {
      const result = await connection.stream(sql)
      let rows = 0
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return rows
        rows += chunk.rowCount
      }
    },
  }
}
