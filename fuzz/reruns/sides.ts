import { userInfo } from 'node:os'
import { Engine } from '#heddle/engine/process/engine.js'
import { runFragment } from '#heddle/exec/fragment/fragment.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'
import { Client, type ClientConfig, type QueryArrayResult } from 'pg'
import type { Step } from './steps.ts'

const MEMORY_BYTES_MAX = 1024 * 1_048_576
/** Of this process alone. */
const SCHEMA = `heddle_reruns_${process.pid}`
const SECONDS_MAX = 4

/** What a server said of a step. */
export type Answer =
  | { readonly kind: 'rows'; readonly columns: readonly Field[]; readonly rows: readonly Row[] }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }

export interface Field {
  readonly name: string
  readonly oid: number
}

export type Row = readonly (string | null)[]

/** One server with one session. */
export class Side {
  readonly #config: ClientConfig
  readonly #closing: () => Promise<void>
  #client: Client | undefined

  private constructor(config: ClientConfig, closing: () => Promise<void>) {
    this.#config = config
    this.#closing = closing
  }

  /** Heddle in this process; with `codeAlways` few rows are not answered one by one, either. */
  static async heddle({ codeAlways }: { readonly codeAlways: boolean }): Promise<Side> {
    const tuning = codeAlways ? { evaluationsMax: 0 } : {}
    const engine = await Engine.start(
      { threads: 2, memoryBytesMax: MEMORY_BYTES_MAX },
      { runFragment: (task, pool, env) => runFragment({ ...task, tuning }, pool, env) },
    )
    const server = await startPgServer({ engine, host: '127.0.0.1', port: 0 })
    const config = { host: '127.0.0.1', port: server.port, user: 'fuzz', database: 'fuzz' }
    return new Side(config, async () => {
      await server.close()
      await engine.close()
    })
  }

  /** PostgreSQL by the usual PG* variables. */
  static postgres(): Side {
    const env = process.env
    const config = {
      host: env['PGHOST'] ?? '/var/run/postgresql',
      user: env['PGUSER'] ?? userInfo().username,
      database: env['PGDATABASE'] ?? 'postgres',
    }
    return new Side(config, async () => {})
  }

  /** A new session, in which nothing is there. */
  async begin(): Promise<void> {
    await this.end()
    const client = new Client({ ...this.#config, types: { getTypeParser: () => asItIs } })
    client.on('error', () => {})
    await client.connect()
    this.#client = client
    const start = [
      `drop schema if exists ${SCHEMA} cascade`,
      `create schema ${SCHEMA}`,
      `set search_path to ${SCHEMA}`,
      "set timezone to 'UTC'",
      `set statement_timeout to '${SECONDS_MAX}s'`,
    ]
    for (const text of start) await client.query(text)
  }

  async ask({ text, values, name }: Step): Promise<Answer> {
    if (this.#client === undefined) throw new Error('no session')
    try {
      const query = {
        text,
        rowMode: 'array' as const,
        ...(values !== undefined && { values: [...values], queryMode: 'extended' }),
        ...(name !== undefined && { name }),
      }
      const { fields, rows } = (await this.#client.query(query)) as QueryArrayResult
      const columns = fields.map((field) => ({ name: field.name, oid: field.dataTypeID }))
      return { kind: 'rows', columns, rows: rows as Row[] }
    } catch (error) {
      const { code = 'none', message } = error as { code?: string; message: string }
      return { kind: 'error', code, message }
    }
  }

  async end(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    await client.query('rollback').catch(() => {})
    await client.query(`drop schema if exists ${SCHEMA} cascade`).catch(() => {})
    await client.end().catch(() => {})
  }

  async close(): Promise<void> {
    await this.end()
    await this.#closing()
  }
}

function asItIs(value: unknown): unknown {
  return value
}
