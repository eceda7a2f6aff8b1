import type { WebSocket } from 'ws'
import { errorFromData } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import { decodeMessage, encodeMessage } from './codec.ts'
import { parseDataReply, WINDOW_BYTES, type DataRef, type DataRequest } from './data-messages.ts'
import type { PeerAddress } from './messages.ts'
import { Pull } from './pull.ts'
import type { ResultLease } from './result-lease.ts'
import { connectionFailure } from './connection-failure.ts'
import { dial } from './sockets.ts'

/** Pulls what other processes hold into this process's heap. */
export interface DataClient {
  /**
   * All of the refs, in order; each is the caller's to release. Rejects with CONNECTION_FAILURE, with
   * the holder's error, or with the signal's reason; nothing stays allocated then.
   */
  pull(
    address: PeerAddress,
    refs: readonly DataRef[],
    signal?: AbortSignal,
  ): Promise<readonly ResultLease[]>
  /** The process there is gone or as good as: pulls from it fail now. */
  disconnect(address: PeerAddress): void
  close(): void
}

/** Connections are made when first needed and kept, one to an address. */
export function createDataClient(heap: Heap, token: string): DataClient {
  const connections = new Map<string, Promise<Connection>>()
  const connect = (address: PeerAddress): Promise<Connection> => {
    const key = keyOf(address)
    const known = connections.get(key)
    if (known !== undefined) return known
    const forget = (): void => {
      if (connections.get(key) === made) connections.delete(key)
    }
    const made: Promise<Connection> = dial(address, 'data', token).then(
      (socket) => new Connection(heap, socket, forget),
    )
    connections.set(key, made)
    made.catch(forget)
    return made
  }
  const close = (connection: Promise<Connection>): void => {
    connection.then(
      (open) => open.close(),
      () => undefined,
    )
  }
  return {
    async pull(address, refs, signal) {
      signal?.throwIfAborted()
      const connection = await connect(address)
      signal?.throwIfAborted()
      return connection.pull(refs, signal)
    },
    disconnect(address) {
      const connection = connections.get(keyOf(address))
      if (connection !== undefined) close(connection)
    },
    close() {
      for (const connection of connections.values()) close(connection)
      connections.clear()
    },
  }
}

function keyOf({ host, port }: PeerAddress): string {
  return `${host} ${port}`
}

class Connection {
  readonly #heap: Heap
  readonly #socket: WebSocket
  /** The first one is being answered. */
  readonly #pulls: Pull[] = []
  /** Sees to it that nobody gets this connection any more. */
  readonly #forget: () => void
  #unacknowledged = 0

  constructor(heap: Heap, socket: WebSocket, forget: () => void) {
    this.#forget = forget
    this.#heap = heap
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      try {
        this.#receive(data)
      } catch (error) {
        this.#end(error)
      }
    })
    socket.once('close', () => this.#end(connectionFailure('was lost')))
  }

  pull(refs: readonly DataRef[], signal?: AbortSignal): Promise<readonly ResultLease[]> {
    if (refs.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.#abort(pull, signal?.reason)
      const settle = (): void => signal?.removeEventListener('abort', onAbort)
      const pull = new Pull(this.#heap, refs, {
        resolve(fetched) {
          settle()
          resolve(fetched)
        },
        reject(error) {
          settle()
          reject(error)
        },
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#pulls.push(pull)
      this.#send({ kind: 'pull', refs })
    })
  }

  close(): void {
    this.#end(connectionFailure('was closed'))
  }

  #send(request: DataRequest): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encodeMessage(request))
    else this.#end(connectionFailure('was lost'))
  }

  #receive(data: Buffer): void {
    const pull = this.#pulls[0]
    if (pull === undefined) throw protocolViolation('data that nobody asked for')
    this.#acknowledge(data.length)
    const isDone = pull.isArriving ? pull.take(data) : this.#answered(pull, data)
    if (isDone) this.#pulls.shift()
    else if (pull.isSettled) this.#endIfUnwanted(connectionFailure('was closed'))
  }

  #answered(pull: Pull, data: Buffer): boolean {
    const reply = parseDataReply(decodeMessage(data))
    if (reply.kind === 'chunks') return pull.begin(reply.header)
    if (reply.kind === 'bytes') return pull.beginBytes(reply.bytes)
    pull.fail(errorFromData(reply.error))
    return true
  }

  /**
   * There is no way to take back a pull: a connection that serves no other goes, and the next pull makes a
   * new one. Beside others its bytes are let through.
   */
  #abort(pull: Pull, reason: unknown): void {
    pull.fail(reason)
    this.#endIfUnwanted(reason)
  }

  #endIfUnwanted(reason: unknown): void {
    if (this.#pulls.every((pull) => pull.isSettled)) this.#end(reason)
  }

  /** Credit goes out in large steps, not for every frame. */
  #acknowledge(bytes: number): void {
    this.#unacknowledged += bytes
    // A frame larger than the window is let through alone, and acknowledged in parts.
    while (this.#unacknowledged >= WINDOW_BYTES / 4) {
      const credit = Math.min(this.#unacknowledged, WINDOW_BYTES)
      this.#unacknowledged -= credit
      this.#send({ kind: 'credit', bytes: credit })
    }
  }

  #end(error: unknown): void {
    this.#forget()
    this.#socket.terminate()
    for (const pull of this.#pulls.splice(0)) pull.fail(error)
  }
}
