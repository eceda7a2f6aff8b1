import { timingSafeEqual } from 'node:crypto'
import { createServer, type ClientRequestArgs, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type NetConnectOpts } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { MESSAGE_BYTES_MAX } from './codec.ts'
import { connectionFailure } from './connection-failure.ts'
import type { PeerAddress } from './messages.ts'

/** Every server of a cluster listens here unless told otherwise. */
export const LOOPBACK = '127.0.0.1'

const CONNECT_TIMEOUT_MS = 10_000
const CONNECTIONS_MAX = 4_096

export interface SocketServer {
  readonly port: number
  /** Ends all connections. */
  close(): Promise<void>
}

/**
 * Accepts connections to `/<name>` from whoever knows the token; `accept` by name. Neither the server
 * nor a connection keeps the process alive: what waits for them does.
 */
export async function listen(
  token: string,
  accept: Readonly<Record<string, (socket: WebSocket, host: string) => void>>,
  host: string = LOOPBACK,
): Promise<SocketServer> {
  const http = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  })
  http.on('upgrade', (request, connection, head) => {
    const accepted = accept[(request.url ?? '').slice(1)]
    if (accepted === undefined || !isAuthorized(request, token)) {
      connection.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
      return
    }
    request.socket.setNoDelay(true)
    request.socket.unref()
    const remote = request.socket.remoteAddress ?? host
    sockets.handleUpgrade(request, connection, head, (socket) => {
      socket.on('error', () => socket.terminate())
      accepted(socket, remote)
    })
  })
  http.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(0, host, resolve)
  })
  http.unref()
  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => {
        http.close(resolve)
        http.closeAllConnections()
      })
    },
  }
}

/**
 * Connects to `/<name>` of another process; CONNECTION_FAILURE when that does not work out. The
 * connection does not keep the process alive.
 */
export async function dial(address: PeerAddress, name: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${hostOf(address)}:${address.port}/${name}`, {
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    headers: { authorization: `Bearer ${token}` },
    // A mask of zeros: masking guards proxies, and costs more than anything else here.
    generateMask: () => {},
    createConnection: (options: ClientRequestArgs) => {
      const connection = connect(options as NetConnectOpts)
      connection.unref()
      return connection
    },
  })
  socket.binaryType = 'nodebuffer'
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (error) => reject(connectionFailure('could not be made', error)))
  })
  socket.on('error', () => socket.terminate())
  return socket
}

function hostOf({ host }: PeerAddress): string {
  return host.includes(':') ? `[${host}]` : host
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
