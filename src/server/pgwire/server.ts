import { randomInt } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { notSupported, QueryError } from '../../base/errors.ts'
import { Session } from '../../engine/session.ts'
import type { Engine } from '../../engine/process/engine.ts'
import { listen } from '../listen.ts'
import { WaitingRoom } from '../waiting-room.ts'
import * as backend from './backend-messages.ts'
import { Connection } from './connection.ts'
import { INPUT_BYTES_MAX, InputBuffer } from './input-buffer.ts'
import {
  decodeMessage,
  decodeStartup,
  violation,
  type StartupMessage,
} from './frontend-messages.ts'
import type { Notice } from '../../engine/results/result.ts'
import { applyStartupSettings } from './startup-settings.ts'
import { SCRAM_MECHANISM, ScramExchange, ScramSecret } from './scram.ts'

export interface PgServerOptions {
  readonly engine: Engine
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Asked for by SCRAM-SHA-256 when set; must be set unless the host is a loopback address. */
  readonly password?: string | undefined
  readonly connectionsMax?: number
  /** Clients that may be there without having said who they are; more cut off the oldest of them. */
  readonly unknownMax?: number
}

export interface RunningPgServer {
  readonly port: number
  close(): Promise<void>
}

const CONNECTIONS_MAX = 200
const UNKNOWN_MAX = 200
const AUTHENTICATION_TIMEOUT_MS = 10_000
const FAREWELL_MS = 1_000
/** How long a client that ended may take nothing of what it was answered. */
const UNREAD_MS = 60_000
/** After so much silence the network asks whether the client's machine is still there. */
const KEEP_ALIVE_MS = 60_000
/** How often a client that ended its stream is asked whether it still listens. */
const PROBE_MS = 100
const SECRET_MAX = 2 ** 31 - 1

/** Opens the PostgreSQL wire protocol on an engine. */
export async function startPgServer(options: PgServerOptions): Promise<RunningPgServer> {
  const house: House = {
    engine: options.engine,
    secret: options.password === undefined ? undefined : new ScramSecret(options.password),
    connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
    unknown: new WaitingRoom(options.unknownMax ?? UNKNOWN_MAX),
    clients: new Map(),
    all: new Set(),
  }
  let nextProcessId = 1
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    new Client(socket, house, nextProcessId++).start(),
  )
  const port = await listen(server, options.host, options.port)
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const client of house.all) client.shutDown()
      await closed
    },
  }
}

/** What the clients of one server share. */
interface House {
  readonly engine: Engine
  readonly secret: ScramSecret | undefined
  readonly connectionsMax: number
  readonly unknown: WaitingRoom
  /** Those that were let in, by process id. */
  readonly clients: Map<number, Client>
  readonly all: Set<Client>
}

/** One socket: start-up, authentication, then messages in order until it closes. */
class Client {
  readonly processId: number
  readonly #secret = randomInt(SECRET_MAX)
  readonly #socket: Socket
  readonly #house: House
  readonly #input = new InputBuffer()
  #connection: Connection | undefined
  #wake: (() => void) | undefined
  #inputEnded = false
  #closed = false

  constructor(socket: Socket, house: House, processId: number) {
    this.#socket = socket
    this.#house = house
    this.processId = processId
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', (bytes: Buffer) => {
      this.#input.append(bytes)
      if (this.#wake !== undefined) this.#wake()
      else if (this.#input.length > INPUT_BYTES_MAX) this.#socket.pause()
    })
    socket.on('end', () => this.#inputEnds())
    socket.on('error', () => this.#end())
    socket.on('close', () => {
      this.#house.all.delete(this)
      this.#end()
    })
  }

  start(): void {
    this.#house.all.add(this)
    this.#serve().catch((error: unknown) => this.#fatal(error))
  }

  shutDown(): void {
    const reason = 'terminating connection due to administrator command'
    this.#fatal(new QueryError('ADMIN_SHUTDOWN', reason))
  }

  async #serve(): Promise<void> {
    const parameters = await this.#admit()
    if (parameters === undefined) {
      return this.#leave()
    }
    const session = new Session(this.#house.engine, 'postgresql')
    const notices = startedWith(session, parameters)
    const { eventLoop } = this.#house.engine
    this.#connection = new Connection(
      session,
      (parts) => this.#write(...parts),
      eventLoop,
      () => this.#next((bytes) => decodeMessage(bytes, 0)),
    )
    this.#say(backend.authenticationOk, backend.backendKeyData(this.processId, this.#secret))
    this.#connection.greet(notices)
    for (;;) {
      const message = await this.#next((bytes) => decodeMessage(bytes, 0))
      if (message === undefined || message.kind === 'terminate') break
      await this.#connection.handle(message)
    }
    await this.#connection.flush()
    this.#leave()
  }

  /** Lets a client in once it said who it is; undefined when it only came to cancel, or left. */
  async #admit(): Promise<ReadonlyMap<string, string> | undefined> {
    const leave = this.#house.unknown.enter(this.#socket, AUTHENTICATION_TIMEOUT_MS)
    try {
      const parameters = await this.#startUp()
      if (parameters === undefined) return undefined
      if ((parameters.get('replication') ?? 'off') !== 'off') throw notSupported('replication')
      await this.#authenticate(parameters.get('user') ?? '')
      if (this.#closed) return undefined
      if (this.#house.clients.size >= this.#house.connectionsMax) {
        throw new QueryError('TOO_MANY_CONNECTIONS', 'sorry, too many clients already')
      }
      this.#house.clients.set(this.processId, this)
      return parameters
    } finally {
      leave()
    }
  }

  /** The startup parameters; undefined when the connection was for a cancel request or closed. */
  async #startUp(): Promise<ReadonlyMap<string, string> | undefined> {
    for (;;) {
      const message: StartupMessage | undefined = await this.#next(decodeStartup)
      if (message === undefined) return undefined
      switch (message.kind) {
        case 'ssl-request':
        case 'gss-request':
          if (this.#input.length > 0) {
            throw violation('received unencrypted data after encryption request')
          }
          this.#say(Buffer.from('N'))
          break
        case 'cancel-request':
          this.#house.clients.get(message.processId)?.cancelIf(message.secret)
          return undefined
        case 'startup':
          this.#negotiate(message)
          return message.parameters
      }
    }
  }

  #negotiate({ minor, parameters }: Extract<StartupMessage, { kind: 'startup' }>): void {
    const options = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'))
    if (minor > 0 || options.length > 0) {
      this.#say(backend.negotiateProtocolVersion(options))
    }
    if ((parameters.get('user') ?? '') !== '') return
    throw new QueryError(
      'INVALID_AUTHORIZATION',
      'no PostgreSQL user name specified in startup packet',
    )
  }

  async #authenticate(user: string): Promise<void> {
    const { secret } = this.#house
    if (secret === undefined) return
    const scram = new ScramExchange(user, secret)
    this.#say(backend.authenticationSasl([SCRAM_MECHANISM]))
    const first = scram.first(await this.#passwordMessage())
    this.#say(backend.authenticationSaslStep('continue', first))
    const final = scram.final(await this.#passwordMessage())
    this.#say(backend.authenticationSaslStep('final', final))
  }

  async #passwordMessage(): Promise<Buffer> {
    const message = await this.#next((bytes) => decodeMessage(bytes, 0))
    if (message?.kind === 'password') return message.body
    throw violation('expected a password message')
  }

  cancelIf(secret: number): void {
    if (secret === this.#secret) this.#connection?.cancel()
  }

  /** Waits for a whole message; undefined when the client is gone. */
  async #next<T>(
    decode: (bytes: Buffer) => { readonly message: T; readonly consumed: number } | undefined,
  ): Promise<T | undefined> {
    for (;;) {
      const seen = this.#input.length
      const decoded = decode(this.#input.view())
      if (decoded !== undefined) {
        this.#input.consume(decoded.consumed)
        return decoded.message
      }
      if (this.#closed) return undefined
      await this.#connection?.flush()
      if (this.#input.length > seen) continue
      if (this.#inputEnded) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#socket.resume()
        if (this.#closed || this.#inputEnded) resolve()
      })
      this.#wake = undefined
    }
  }

  /**
   * The client has said all it will. It may be waiting for the answers, or be gone: a message that
   * every client takes at any time is refused by the network then, and the statement ends that runs.
   */
  #inputEnds(): void {
    this.#inputEnded = true
    this.#probe()
    this.#wake?.()
  }

  /** The network tells of a client that is gone only to those who write again. */
  #probe(): void {
    if (this.#closed || this.#connection?.isBusy !== true) return
    const status = this.#connection.anyStatus()
    if (status !== undefined) this.#say(status)
    setTimeout(() => this.#probe(), PROBE_MS).unref()
  }

  /** Writes what is too little to wait for. */
  #say(...parts: readonly Uint8Array[]): void {
    void this.#write(...parts)
  }

  /** Writes parts as one; resolves when more may be written, or at once when the client is gone. */
  #write(...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
    if (!this.#socket.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }

  /** Ends the conversation as it should be: what was written is sent, if the client takes it. */
  #leave(): void {
    const cut = (): void => void this.#socket.destroy()
    this.#socket.setTimeout(UNREAD_MS, cut)
    this.#socket.end(() => setTimeout(cut, FAREWELL_MS).unref())
    this.#end()
  }

  #fatal(error: unknown): void {
    if (!this.#closed) this.#socket.end(backend.errorResponse(error, '', 'FATAL'))
    // A client that neither reads nor closes must not keep the server from ending.
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref()
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#house.clients.delete(this.processId)
    this.#connection?.close()
    this.#wake?.()
  }
}

/** A session that cannot begin as it is told to holds nothing. */
function startedWith(session: Session, parameters: ReadonlyMap<string, string>): readonly Notice[] {
  try {
    return applyStartupSettings(session, parameters)
  } catch (error) {
    session.close()
    throw error
  }
}
