import type { WebSocket } from 'ws'
import { errorFromData } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { Address, Chunk } from '../../data/vectors/vector.ts'
import {
  allocateChunks,
  finishChunks,
  type AllocatedChunks,
  type HeapRange,
} from './chunk-layout.ts'
import { decodeMessage, encodeMessage, protocolViolation } from './codec.ts'
import { parseDataReply, WINDOW_BYTES, type DataRef, type DataRequest } from './data-messages.ts'
import type { PeerAddress } from './messages.ts'
import { connectionFailure, dial } from './sockets.ts'

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
  ): Promise<readonly ChunkLease[]>
  /** The process there is gone or as good as: pulls from it fail now. */
  disconnect(address: PeerAddress): void
  close(): void
}

interface Pull {
  readonly refs: readonly DataRef[]
  readonly done: ChunkLease[]
  readonly resolve: (fetched: readonly ChunkLease[]) => void
  readonly reject: (error: unknown) => void
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
  #arriving: Arriving | undefined
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

  pull(refs: readonly DataRef[], signal?: AbortSignal): Promise<readonly ChunkLease[]> {
    if (refs.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      // There is no way to take back a pull: the connection goes, the next pull makes a new one.
      const onAbort = (): void => this.#end(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      const settle = (): void => signal?.removeEventListener('abort', onAbort)
      this.#pulls.push({
        refs,
        done: [],
        resolve(fetched) {
          settle()
          resolve(fetched)
        },
        reject(error) {
          settle()
          reject(error)
        },
      })
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
    if (this.#arriving !== undefined) {
      if (this.#arriving.fill(this.#heap, data)) this.#arrived(pull, this.#arriving)
      return
    }
    const reply = parseDataReply(decodeMessage(data))
    if (reply.kind === 'error') {
      this.#pulls.shift()
      for (const fetched of pull.done) fetched.release()
      pull.reject(errorFromData(reply.error))
      return
    }
    const allocated = allocateChunks(this.#heap, reply.header)
    this.#arriving = new Arriving(allocated, reply.header.bytes)
    if (reply.header.bytes === 0) this.#arrived(pull, this.#arriving)
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

  #arrived(pull: Pull, { chunks, block, allocated }: Arriving): void {
    finishChunks(this.#heap, allocated)
    this.#arriving = undefined
    pull.done.push(new ChunkLease(chunks, () => this.#heap.free(block)))
    if (pull.done.length < pull.refs.length) return
    this.#pulls.shift()
    pull.resolve(pull.done)
  }

  #end(error: unknown): void {
    this.#forget()
    this.#socket.terminate()
    if (this.#arriving !== undefined) this.#heap.free(this.#arriving.block)
    this.#arriving = undefined
    for (const pull of this.#pulls.splice(0)) {
      for (const fetched of pull.done) fetched.release()
      pull.reject(error)
    }
  }
}

/** Chunks whose bytes are coming in. */
class Arriving {
  readonly chunks: readonly Chunk[]
  readonly block: Address
  readonly allocated: AllocatedChunks
  readonly #ranges: readonly HeapRange[]
  #left: number
  #range = 0
  #offset = 0

  constructor(allocated: AllocatedChunks, bytes: number) {
    const { chunks, ranges, block } = allocated
    this.allocated = allocated
    this.chunks = chunks
    this.block = block
    this.#ranges = ranges
    this.#left = bytes
  }

  /** Takes the next bytes in; true when these were the last. */
  fill(heap: Heap, data: Buffer): boolean {
    if (data.length > this.#left) throw protocolViolation('more data than was announced')
    this.#left -= data.length
    for (let from = 0; from < data.length;) {
      const range = this.#ranges[this.#range]!
      const length = Math.min(data.length - from, range.bytes - this.#offset)
      heap.u8.set(data.subarray(from, from + length), range.start + this.#offset)
      from += length
      this.#offset += length
      if (this.#offset < range.bytes) continue
      this.#range++
      this.#offset = 0
    }
    return this.#left === 0
  }
}
