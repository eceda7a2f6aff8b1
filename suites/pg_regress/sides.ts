import { userInfo } from 'node:os'
import type { ClientConfig } from 'pg'
import { connect } from '#heddle/engine/database.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'
import { makingOf, type SharedTable } from './shared-tables.ts'
import { Talker } from './talker.ts'

/** Longest time of a statement; a script has some that are meant to be stopped. */
const STATEMENT_MS_MAX = 20_000

/** A server with one session on a database of its own, in which the shared tables are. */
export interface Side {
  readonly talker: Talker
  close(): Promise<void>
}

/** Both sides have the same session; of settings that one of them lacks the other has its default. */
const sessionStart = [
  "set timezone to 'PST8PDT'",
  "set datestyle to 'ISO, MDY'",
  `set statement_timeout to ${STATEMENT_MS_MAX}`,
  'set enable_indexscan to off',
]

async function prepared(
  config: ClientConfig,
  tables: readonly SharedTable[],
  folder: string,
): Promise<Talker> {
  const talker = await Talker.open(config)
  for (const text of sessionStart) await talker.ask(text)
  for (const text of tables.flatMap((table) => makingOf(table, folder))) {
    const { code, message } = await talker.ask(text)
    if (code !== undefined) throw new Error(`${text.slice(0, 200)}: ${code} ${message}`)
  }
  return talker
}

/** Heddle in this process, by its door for PostgreSQL's clients. */
export async function openHeddle(tables: readonly SharedTable[], folder: string): Promise<Side> {
  const db = await connect({ threads: 1 })
  const server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const address = { host: '127.0.0.1', port: server.port, user: 'suite', database: 'suite' }
  const talker = await prepared(address, tables, folder)
  return {
    talker,
    async close() {
      await talker.close()
      await server.close()
      await db.close()
    },
  }
}

/** PostgreSQL by the usual PG* variables: a database made for the script. */
export async function openPostgres(tables: readonly SharedTable[], folder: string): Promise<Side> {
  const env = process.env
  const config = {
    host: env['PGHOST'] ?? '/var/run/postgresql',
    user: env['PGUSER'] ?? userInfo().username,
  }
  const database = `heddle_suite_${process.pid}`
  const maker = await Talker.open({ ...config, database: env['PGDATABASE'] ?? 'postgres' })
  await maker.ask(`drop database if exists ${database}`)
  const made = await maker.ask(`create database ${database} template template0`)
  if (made.code !== undefined) throw new Error(`create database: ${made.message}`)
  const talker = await prepared({ ...config, database }, tables, folder)
  return {
    talker,
    async close() {
      await talker.close()
      await maker.ask(`drop database ${database} with (force)`)
      await maker.close()
    },
  }
}
