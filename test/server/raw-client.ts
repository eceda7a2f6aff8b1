import { connect as connectSocket, type Socket } from 'node:net'
import { serialize } from 'pg-protocol'

/** A message of the server: its type and its body. */
export interface Answer {
  readonly type: string
  readonly body: Buffer
}

/** A client that sends bytes as told and collects what comes back. */
export class RawClient {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #arrived: Buffer[] = []
  #wake: () => void = () => {}
  /** The server says no more. */
  ended = false
  closed = false

  constructor(port: number, options: { readonly allowHalfOpen?: boolean } = {}) {
    this.#socket = connectSocket({ port, host: '127.0.0.1', ...options })
    this.#socket.on('data', (bytes) => {
      this.#arrived.push(bytes)
      this.#wake()
    })
    this.#socket.on('error', () => {})
    this.#socket.on('end', () => {
      this.ended = true
      this.#wake()
    })
    this.#socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  static async started(
    port: number,
    parameters: Readonly<Record<string, string>> = {},
    options: { readonly allowHalfOpen?: boolean } = {},
  ): Promise<RawClient> {
    const client = new RawClient(port, options)
    client.send(serialize.startup({ user: 'u', ...parameters }))
    await client.until('Z')
    return client
  }

  send(...messages: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(messages))
  }

  /** Messages up to the `count`th of a type. */
  async until(type: string, count = 1): Promise<readonly Answer[]> {
    const answers: Answer[] = []
    for (let left = count; left > 0;) {
      const answer = await this.#next()
      if (answer === undefined) throw new Error(`closed after ${kinds(answers)}`)
      answers.push(answer)
      if (answer.type === type) left -= 1
    }
    return answers
  }

  async all(): Promise<readonly Answer[]> {
    const answers: Answer[] = []
    for (let answer = await this.#next(); answer; answer = await this.#next()) answers.push(answer)
    return answers
  }

  async byte(): Promise<string> {
    await this.#have(1)
    const byte = this.#bytes.toString('latin1', 0, 1)
    this.#bytes = this.#bytes.subarray(1)
    return byte
  }

  /** Says no more, and still listens. */
  finish(): void {
    this.#socket.end()
  }

  /** Reads nothing until {@link resume}. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.destroy()
  }

  async #next(): Promise<Answer | undefined> {
    if (!(await this.#have(5))) return undefined
    const length = this.#bytes.readInt32BE(1)
    if (!(await this.#have(1 + length))) return undefined
    const body = Buffer.from(this.#bytes.subarray(5, 1 + length))
    const type = this.#bytes.toString('latin1', 0, 1)
    this.#bytes = this.#bytes.subarray(1 + length)
    return { type, body }
  }

  async #have(bytes: number): Promise<boolean> {
    while (this.#bytes.length < bytes) {
      if (this.#arrived.length > 0) {
        this.#bytes = Buffer.concat([this.#bytes, ...this.#arrived.splice(0)])
        continue
      }
      if (this.closed || this.ended) return false
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return true
  }
}

export function kinds(answers: readonly Answer[]): string {
  return answers.map(({ type }) => type).join('')
}

export function fields({ body }: Answer): Record<string, string> {
  const parts = body.toString('utf8').split('\0')
  return Object.fromEntries(parts.filter((p) => p !== '').map((p) => [p.charAt(0), p.slice(1)]))
}

export function tags(answers: readonly Answer[]): string[] {
  return answers
    .filter(({ type }) => type === 'C')
    .map(({ body }) => body.toString('utf8', 0, body.length - 1))
}

export function statuses(answers: readonly Answer[]): string {
  return answers.flatMap(({ type, body }) => (type === 'Z' ? [body.toString()] : [])).join('')
}

/** A startup packet or request: its code and what follows. */
export function packet(code: number, rest: string | Uint8Array = ''): Buffer {
  const head = Buffer.alloc(8)
  const bytes = Buffer.from(rest)
  head.writeInt32BE(8 + bytes.length, 0)
  head.writeInt32BE(code, 4)
  return Buffer.concat([head, bytes])
}

/** A message of a type with a body as it is. */
export function message(type: string, body: Uint8Array | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'hex') : body
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

/** Parse, Bind and Execute of an unnamed statement. */
export function run(text: string, values: readonly unknown[] = []): Buffer {
  return Buffer.concat([
    serialize.parse({ name: '', text, types: [] }),
    serialize.bind({ values: [...values] }),
    serialize.execute({}),
  ])
}
