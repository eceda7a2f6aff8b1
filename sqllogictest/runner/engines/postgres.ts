import { userInfo } from 'node:os'
import { Client } from 'pg'
import type { TextRows } from '../compare.ts'
import { EngineError } from '../engine.ts'
import type { EngineSession, SqlEngine } from '../engine.ts'

/** PostgreSQL at PGHOST, PGPORT, PGUSER, ...; by default the current user on this machine's socket. */
export function postgresEngine(): SqlEngine {
  return {
    names: ['postgresql', 'postgres'],
    open: openSession,
    close: async () => {},
  }
}

async function connectClient(): Promise<Client> {
  const env = process.env
  const client = new Client({
    host: env['PGHOST'] ?? '/var/run/postgresql',
    user: env['PGUSER'] ?? userInfo().username,
    database: env['PGDATABASE'] ?? 'postgres',
    types: { getTypeParser: () => (text: unknown) => text },
  })
  await client.connect()
  return client
}

/** One schema a file stands in for a database: quicker to make, and dropped with all in it. */
async function openSession(): Promise<EngineSession> {
  const client = await connectClient()
  const schema = `slt_${process.pid}_${Math.floor(performance.now() * 1000)}`
  await client.query(`create schema ${schema}`)
  await client.query(`set search_path to ${schema}`)
  await client.query("set timezone to 'UTC'")
  return {
    async run(sql) {
      try {
        const answer = await client.query({ text: sql, rowMode: 'array' })
        const last = Array.isArray(answer) ? (answer.at(-1) as typeof answer) : answer
        return { rows: last.rows as unknown as TextRows }
      } catch (error) {
        const { message, code } = error as { message: string; code?: string }
        throw new EngineError(message, code ?? 'XX000')
      }
    },
    async close() {
      await client.query(
        `rollback; set client_min_messages to error; drop schema ${schema} cascade`,
      )
      await client.end()
    },
  }
}
