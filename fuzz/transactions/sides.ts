import { userInfo } from 'node:os'
import { connect } from '#heddle/engine/database.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'
import type { ClientConfig } from 'pg'
import { Talker, type Answer } from './client.ts'
import { hasControl, preparation, SESSIONS, type Step } from './steps.ts'

const MEMORY_BYTES_MAX = 256 * 1_048_576
/** Of this process alone. */
const SCHEMA = `heddle_fuzz_${process.pid}`
/** A statement of PostgreSQL that waits longer for a lock is left out: it would wait for another step. */
const LOCK_MS_MAX = 40
const LOCK_NOT_AVAILABLE = '55P03'
const PATIENCE_MS = 5_000

const sessionStart = [`set search_path to ${SCHEMA}`, "set timezone to 'UTC'"]

/** The step waits for another session: it did nothing, or some of what it says. */
export type Wait = 'waits' | 'half done'

/** One server with its sessions. */
export interface Side {
  run(step: Step): Promise<Answer | Wait>
  /** As a session of its own sees it. */
  look(text: string): Promise<Answer | Wait>
  /** Takes away all that was made; the sessions begin anew. */
  clear(): Promise<void>
  close(): Promise<void>
}

const ask = (text: string): Omit<Step, 'session'> => ({ kind: 'query', text })

/** The sessions of both sides, and one more that looks on. */
class Sessions {
  readonly #config: ClientConfig
  readonly #start: readonly string[]
  readonly observer: Talker
  talkers: readonly Talker[] = []

  private constructor(config: ClientConfig, start: readonly string[], observer: Talker) {
    this.#config = config
    this.#start = start
    this.observer = observer
  }

  static async open(config: ClientConfig, start: readonly string[]): Promise<Sessions> {
    return new Sessions(config, start, await Talker.open(config, start))
  }

  async begin(): Promise<void> {
    for (const text of [`create schema ${SCHEMA}`, ...preparation]) await this.#must(text)
    const open = Array.from({ length: SESSIONS }, () => Talker.open(this.#config, this.#start))
    this.talkers = await Promise.all(open)
  }

  async end(): Promise<void> {
    await Promise.all(this.talkers.map((talker) => talker.close()))
    this.talkers = []
    await this.#must(`drop schema if exists ${SCHEMA} cascade`)
  }

  async #must(text: string): Promise<void> {
    const { code, message } = await this.observer.ask(ask(text))
    if (code !== undefined) throw new Error(`${text}: ${code} ${message}`)
  }
}

/** Heddle in this process, so that its memory can be looked at. */
export interface Inside extends Side {
  /** What is still held though nothing is there any more. */
  leftover(): Promise<string | undefined>
}

export async function openHeddle(): Promise<Inside> {
  const db = await connect({ threads: 1, memoryBytesMax: MEMORY_BYTES_MAX })
  const server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const config = { host: '127.0.0.1', port: server.port, user: 'fuzz', database: 'fuzz' }
  const sessions = await Sessions.open(config, sessionStart)
  const held = (): string =>
    `${db.engine.heap.bytesInUse} bytes, ${db.engine.catalog.rootsHeld} roots`
  let before: string | undefined
  return {
    run: (step) => sessions.talkers[step.session]!.ask(step),
    look: (text) => sessions.observer.ask(ask(text)),
    async clear() {
      await sessions.end()
      await sessions.begin()
    },
    async leftover() {
      await sessions.end()
      // What threads keep from their first job on is no leak.
      before ??= held()
      const ends = performance.now() + PATIENCE_MS
      while (held() !== before && performance.now() < ends) {
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
      }
      return held() === before ? undefined : `${held()} held, not ${before}`
    },
    async close() {
      await sessions.end()
      await sessions.observer.close()
      await server.close()
      await db.close()
    },
  }
}

/** PostgreSQL by the usual PG* variables. */
export async function openPostgres(): Promise<Side> {
  const env = process.env
  const config = {
    host: env['PGHOST'] ?? '/var/run/postgresql',
    user: env['PGUSER'] ?? userInfo().username,
    database: env['PGDATABASE'] ?? 'postgres',
  }
  const start = [
    ...sessionStart,
    `set lock_timeout to ${LOCK_MS_MAX}`,
    'set client_min_messages to warning',
  ]
  const sessions = await Sessions.open(config, start)
  /** A session that ended holds its locks for a moment. */
  const gone = async (pid: number): Promise<void> => {
    const text = `select 1 from pg_stat_activity where pid = ${pid}`
    while ((await sessions.observer.ask(ask(text))).results?.[0]?.includes('["1"]') === true);
  }
  return {
    async run(step) {
      const talker = sessions.talkers[step.session]!
      const { pid } = talker
      const answer = await withoutWaiting(talker, step)
      if (step.kind === 'leave') await gone(pid)
      return answer
    },
    look: (text) => withoutWaiting(sessions.observer, ask(text)),
    async clear() {
      const pids = sessions.talkers.map(({ pid }) => pid)
      await sessions.end()
      for (const pid of pids) await gone(pid)
      await sessions.begin()
    },
    async close() {
      await sessions.end()
      await sessions.observer.close()
    },
  }
}

/** Runs a step so that it leaves nothing when it would wait. */
async function withoutWaiting(talker: Talker, step: Omit<Step, 'session'>): Promise<Answer | Wait> {
  // What sets a transaction up must come first in it, also before a savepoint.
  const guarded = talker.status === 'T' && step.kind !== 'leave' && !hasControl(step.text)
  if (guarded) await talker.ask(ask('savepoint heddle_fuzz'))
  const answer = await talker.ask(step)
  const waited = answer.code === LOCK_NOT_AVAILABLE
  if (!guarded) {
    if (!waited) return answer
    return hasControl(step.text) ? 'half done' : 'waits'
  }
  if (waited) await talker.ask(ask('rollback to savepoint heddle_fuzz'))
  if (waited || answer.code === undefined) await talker.ask(ask('release savepoint heddle_fuzz'))
  return waited ? 'waits' : answer
}
