import { once, type EventEmitter } from 'node:events'
import { Client, type ClientConfig, type QueryArrayResult } from 'pg'
import type { Step } from './steps.ts'

/** What a server said of a step, in a form that is the same wherever it is said. */
export interface Answer {
  /** Results of all its statements; undefined when one failed. */
  readonly results: readonly string[] | undefined
  /** The SQLSTATE and message of what failed. */
  readonly code: string | undefined
  readonly message: string
  /** Codes of what a client is warned of. */
  readonly warnings: readonly string[]
  /** Of the transaction: idle, open or failed. */
  readonly status: 'I' | 'T' | 'E'
}

/** A session with a server. */
export class Talker {
  readonly #config: ClientConfig
  readonly #start: readonly string[]
  #client: Client
  #prepared = new Map<string, string>()
  #warnings: string[] = []
  status: Answer['status'] = 'I'
  pid = 0

  private constructor(config: ClientConfig, start: readonly string[]) {
    this.#config = config
    this.#start = start
    this.#client = new Client(config)
  }

  /** `start`: what every session begins with. */
  static async open(config: ClientConfig, start: readonly string[]): Promise<Talker> {
    const talker = new Talker(config, start)
    await talker.#connect()
    return talker
  }

  async #connect(): Promise<void> {
    const client = new Client({ ...this.#config, types: { getTypeParser: () => asItIs } })
    this.#client = client
    this.#prepared = new Map()
    client.on('error', () => {})
    client.on('notice', ({ severity, code }) => {
      if (severity === 'WARNING') this.#warnings.push(String(code))
    })
    this.#connection.on('readyForQuery', ({ status }: { readonly status: Answer['status'] }) => {
      this.status = status
    })
    await client.connect()
    this.pid = (client as unknown as { readonly processID: number }).processID
    for (const text of this.#start) await client.query(text)
  }

  get #connection(): EventEmitter {
    return (this.#client as unknown as { readonly connection: EventEmitter }).connection
  }

  async ask({ kind, text }: Omit<Step, 'session'>): Promise<Answer> {
    this.#warnings = []
    try {
      if (kind === 'leave') await this.#leave()
      // An error is told before the state that it leaves.
      const ready = once(this.#connection, 'readyForQuery')
      const query = kind === 'prepared' ? { text, name: this.#nameOf(text) } : { text }
      const [asked] = await Promise.allSettled([
        this.#client.query({ ...query, rowMode: 'array' }) as Promise<unknown>,
        ready,
      ])
      if (asked.status === 'rejected') throw asked.reason
      const answer = asked.value
      const results = (Array.isArray(answer) ? answer : [answer]) as QueryArrayResult[]
      return this.#answered({ results: results.map(shown), code: undefined, message: '' })
    } catch (error) {
      const { code = 'none', message } = error as { code?: string; message: string }
      return this.#answered({ results: undefined, code, message })
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  #answered(said: Pick<Answer, 'results' | 'code' | 'message'>): Answer {
    return { ...said, warnings: this.#warnings, status: this.status }
  }

  async #leave(): Promise<void> {
    await this.close()
    await this.#connect()
  }

  #nameOf(text: string): string {
    const name = this.#prepared.get(text) ?? `p${this.#prepared.size}`
    this.#prepared.set(text, name)
    return name
  }
}

function asItIs(value: unknown): unknown {
  return value
}

/** Rows are a set here: in which order they come without ORDER BY is nobody's promise. */
function shown({ command, rowCount, fields, rows }: QueryArrayResult): string {
  const columns = fields.map(({ name, dataTypeID }) => `${name}:${dataTypeID}`).join(', ')
  const lines = rows.map((row) => JSON.stringify(row)).toSorted()
  return `${command} ${rowCount} ${columns} ${lines.join(' ')}`.trim()
}
