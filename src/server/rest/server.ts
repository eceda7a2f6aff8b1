import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import type { Engine } from '../../engine/process/engine.ts'
import { Session } from '../../engine/session.ts'
import { errorAnswer } from '../api/error-body.ts'
import { acceptedFormat, contentTypes, parseQueryRequest } from '../api/query-request.ts'
import { listen } from '../listen.ts'
import { WaitingRoom } from '../waiting-room.ts'
import { answer } from './answer.ts'

export interface RestServerOptions {
  readonly engine: Engine
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Asked for as `Authorization: Bearer <password>` when set. */
  readonly password?: string | undefined
}

export interface RunningRestServer {
  readonly port: number
  close(): Promise<void>
}

const BODY_BYTES_MAX = 16 * 1_048_576
const CONNECTIONS_MAX = 1_000
/** Connections that have not made a request yet. */
const UNKNOWN_MAX = 200
const FIRST_REQUEST_TIMEOUT_MS = 10_000
/** For all of a request to come in. */
const REQUEST_TIMEOUT_MS = 60_000

/** Opens the REST API on an engine: `POST /v1/query`, `GET /health`. */
export async function startRestServer(options: RestServerOptions): Promise<RunningRestServer> {
  const unknown = new WaitingRoom(UNKNOWN_MAX)
  const known = new WeakMap<Socket, () => void>()
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    known.get(request.socket)?.()
    route(options, request, response).catch((error: unknown) => fail(response, error))
  })
  server.maxConnections = CONNECTIONS_MAX
  server.on('connection', (socket) => {
    known.set(socket, unknown.enter(socket, FIRST_REQUEST_TIMEOUT_MS))
  })
  const port = await listen(server, options.host, options.port)
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function route(
  options: RestServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pathname = pathOf(request.url ?? '/')
  if (pathname === '/health') {
    if (request.method !== 'GET') return sendStatus(response, 405, 'use GET')
    return sendJson(response, 200, { status: 'ok' })
  }
  if (pathname !== '/v1/query') return sendStatus(response, 404, `there is nothing at ${pathname}`)
  if (request.method !== 'POST') return sendStatus(response, 405, 'use POST')
  refuseForeignPages(request)
  authorize(options.password, request)
  return query(options.engine, request, response)
}

/** The path of a request's target, which a client may have written any way it likes. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '')
}

async function query(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  const parsed = parseQueryRequest(body, request.headers['content-type'] ?? '')
  const format = parsed.format ?? acceptedFormat(request.headers.accept ?? '') ?? 'json'
  const abort = new AbortController()
  response.on('close', () => abort.abort())
  const session = new Session(engine, 'http')
  if (parsed.timeoutMs !== undefined) {
    session.settings.set('statement_timeout', String(parsed.timeoutMs))
  }
  try {
    const result = await session.query(parsed.query, parsed.parameters, {
      signal: abort.signal,
      streams: true,
    })
    try {
      refuseSessionOnly(result.command)
      if (session.hasTemporary) throw lostWithRequest('temporary tables and views')
      response.writeHead(200, { 'content-type': contentTypes[format] })
      if (await sendAnswer(engine, response, answer(result, format))) response.end()
    } finally {
      result.release()
    }
  } finally {
    session.close()
  }
}

/** What changes nothing but the session, by the words of its answer's tag. */
const sessionOnly = new Set([
  'BEGIN',
  'START TRANSACTION',
  'COMMIT',
  'ROLLBACK',
  'SET',
  'RESET',
  'DEALLOCATE',
  'DEALLOCATE ALL',
])

/** A request is a session of its own: what it says of the next one would be lost without a word. */
function refuseSessionOnly(command: string): void {
  if (sessionOnly.has(command)) throw lostWithRequest(command)
}

function lostWithRequest(what: string): QueryError {
  return new QueryError('FEATURE_NOT_SUPPORTED', `not supported: ${what} over HTTP`, {
    hint: 'Each request is a session of its own. What belongs to a session needs the PostgreSQL port.',
  })
}

/** Sends an answer in slices, at the client's pace; false when the client went away. */
async function sendAnswer(
  engine: Engine,
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const share = engine.eventLoop.share()
  for await (const piece of pieces) {
    await send(response, piece)
    if (share.isOver) await share.next()
    // The result is given back then: nothing may be read of it any more.
    if (response.destroyed) return false
  }
  return true
}

function send(response: ServerResponse, piece: Uint8Array): Promise<void> {
  if (response.destroyed || response.write(piece)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  // Leaving the loop must not cut the connection: the answer is still to be sent on it.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const buffer = part as Buffer
    bytes += buffer.length
    if (bytes > BODY_BYTES_MAX) {
      throw new QueryError('CONFIGURATION_LIMIT', 'the request body is too large', {
        expected: `at most ${BODY_BYTES_MAX} bytes`,
      })
    }
    parts.push(buffer)
  }
  return decodeUtf8(Buffer.concat(parts))
}

/** A page that a browser shows must not run statements here; browsers name the page as the origin. */
function refuseForeignPages({ headers }: IncomingMessage): void {
  const { origin, host } = headers
  if (origin === undefined || origin === `http://${host}`) return
  throw new QueryError('INSUFFICIENT_PRIVILEGE', 'requests from other origins are refused', {
    found: origin,
  })
}

function authorize(password: string | undefined, request: IncomingMessage): void {
  if (password === undefined) return
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${password}`)
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return
  throw new QueryError('INVALID_AUTHORIZATION', 'a bearer token is required')
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    // The status is out; a cut connection is the only way left to say that the answer is not whole.
    response.destroy()
    return
  }
  const { status, body } = errorAnswer(error)
  if (!response.req.complete) {
    // What is left of the request is not for the next one to stumble over.
    response.setHeader('connection', 'close')
    response.req.resume()
  }
  sendJson(response, status, body)
}

function sendStatus(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { code: 'BAD_REQUEST', message } })
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
