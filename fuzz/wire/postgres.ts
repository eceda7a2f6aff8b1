import { existsSync } from 'node:fs'
import type { NetConnectOpts } from 'node:net'
import { userInfo } from 'node:os'
import { serialize } from 'pg-protocol'
import { answersOf } from './answers.ts'
import { talk } from './talk.ts'

/** Another server that the same conversation is held with. */
export interface Peer {
  readonly where: NetConnectOpts
  readonly start: Buffer
  /** Takes away what conversations made. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Several runs may go on at once. */
const SCHEMA = `heddle_fuzz_wire_${process.pid}`

/** PostgreSQL by the usual PG* variables; undefined when none answers without asking a password. */
export async function openPostgres(): Promise<Peer | undefined> {
  const { PGHOST, PGPORT = '5432', PGUSER = userInfo().username } = process.env
  const host = PGHOST ?? '/var/run/postgresql'
  const path = `${host}/.s.PGSQL.${PGPORT}`
  const isLocal = host.startsWith('/')
  if (isLocal && !existsSync(path)) return undefined
  const where: NetConnectOpts = isLocal ? { path } : { host, port: Number(PGPORT) }
  const start = serialize.startup({
    user: PGUSER,
    database: process.env['PGDATABASE'] ?? PGUSER,
    client_encoding: 'UTF8',
    search_path: SCHEMA,
    timezone: 'UTC',
  })
  const say = async (sql: string): Promise<boolean> => {
    const { bytes } = await talk(
      where,
      start,
      [{ what: sql, bytes: serialize.query(sql) }],
      [65_536],
    )
    const { answers } = answersOf(bytes)
    return (
      answers.some(({ letter }) => letter === 'Z') && !answers.some(({ letter }) => letter === 'E')
    )
  }
  const drop = `drop schema if exists ${SCHEMA} cascade`
  const clear = async (): Promise<void> => {
    await say(`${drop}; create schema ${SCHEMA}`)
  }
  if (!(await say(drop))) return undefined
  return {
    where,
    start,
    clear,
    async close() {
      await say(drop)
    },
  }
}
