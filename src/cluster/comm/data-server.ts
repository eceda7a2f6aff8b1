import type { WebSocket } from 'ws'
import { errorToData, QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { describeChunks, type HeapRange } from '../../data/chunks/chunk-layout.ts'
import { BytesLease, type ResultLease } from './result-lease.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import { decodeMessage, encodeMessage } from './codec.ts'
import {
  FRAME_BYTES_MAX,
  parseDataRequest,
  WINDOW_BYTES,
  type DataRef,
  type DataReply,
  type FindData,
} from './data-messages.ts'

const PULLS_WAITING_MAX = 1_024

/**
 * Serves one consumer: pulls one after another, at most {@link WINDOW_BYTES} ahead of what it took
 * in. What is read stays held until it is sent.
 */
export function serveData(heap: Heap, find: FindData, socket: WebSocket): void {
  const pulls: (readonly DataRef[])[] = []
  const gate = new Gate(socket)
  let isServing = false
  const serve = async (): Promise<void> => {
    if (isServing) return
    isServing = true
    for (let refs = pulls.shift(); refs !== undefined; refs = pulls.shift()) {
      await answer(heap, find, gate, refs)
    }
    isServing = false
  }
  socket.on('message', (data: Buffer) => {
    try {
      const request = parseDataRequest(decodeMessage(data))
      if (request.kind === 'credit') return gate.credit(request.bytes)
      if (pulls.length >= PULLS_WAITING_MAX) throw protocolViolation('too many pulls at once')
      pulls.push(request.refs)
      // Fails only when the socket does, and then nobody waits for an answer.
      serve().catch(() => socket.terminate())
    } catch {
      socket.terminate()
    }
  })
}

async function answer(
  heap: Heap,
  find: FindData,
  gate: Gate,
  refs: readonly DataRef[],
): Promise<void> {
  const reply = async (message: DataReply): Promise<void> =>
    gate.send(Buffer.from(encodeMessage(message)))
  for (const ref of refs) {
    let read: ResultLease | undefined
    try {
      read = find(ref)
    } catch (error) {
      // What is kept in a file cannot be read, or has no room: another holder would not help.
      if (!(error instanceof QueryError)) throw error
      return await reply({ kind: 'error', error: errorToData(error) })
    }
    if (read === undefined) {
      const error = new QueryError('CONNECTION_FAILURE', `a worker does not hold ${nameOf(ref)}`)
      await reply({ kind: 'error', error: errorToData(error) })
      return
    }
    try {
      if (read instanceof BytesLease) {
        await sendBytes(gate, read.bytes)
        continue
      }
      const { header, ranges } = describeChunks(heap, read.chunks)
      try {
        await reply({ kind: 'chunks', header })
      } catch (error) {
        // Too many columns and chunks for one message: asking another holder would not help.
        if (!(error instanceof QueryError) || error.code !== 'PROGRAM_LIMIT_EXCEEDED') throw error
        return await reply({ kind: 'error', error: errorToData(error) })
      }
      for (const frame of framesOf(heap, ranges, header.bytes)) await gate.send(frame)
    } finally {
      read.release()
    }
  }
}

async function sendBytes(gate: Gate, bytes: Uint8Array): Promise<void> {
  const reply: DataReply = { kind: 'bytes', bytes: bytes.byteLength }
  await gate.send(Buffer.from(encodeMessage(reply)))
  // Not copied: a result does not change, and lives as long as a socket wants it.
  for (let from = 0; from < bytes.byteLength; from += FRAME_BYTES_MAX) {
    const frame = bytes.subarray(from, from + FRAME_BYTES_MAX)
    await gate.send(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength))
  }
}

/** The bytes of the ranges in frames, copied: the socket may send them at any later time. */
function* framesOf(heap: Heap, ranges: readonly HeapRange[], bytes: number): Iterable<Buffer> {
  let left = bytes
  let frame = Buffer.allocUnsafeSlow(Math.min(left, FRAME_BYTES_MAX))
  let filled = 0
  for (const range of ranges) {
    for (let from = 0; from < range.bytes;) {
      const length = Math.min(range.bytes - from, frame.length - filled)
      const start = range.start + from
      frame.set(heap.u8.subarray(start, start + length), filled)
      from += length
      filled += length
      if (filled < frame.length) continue
      yield frame
      left -= filled
      filled = 0
      frame = Buffer.allocUnsafeSlow(Math.min(left, FRAME_BYTES_MAX))
    }
  }
}

/** Sends as fast as the consumer takes in. */
class Gate {
  readonly #socket: WebSocket
  #ahead = 0
  #wake: (() => void) | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.once('close', () => this.#wake?.())
  }

  credit(bytes: number): void {
    this.#ahead -= bytes
    if (this.#ahead < 0) throw protocolViolation('credit for more than was sent')
    this.#wake?.()
  }

  async send(frame: Buffer): Promise<void> {
    while (this.#ahead > 0 && this.#ahead + frame.length > WINDOW_BYTES) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
      if (this.#socket.readyState !== this.#socket.OPEN) break
    }
    if (this.#socket.readyState !== this.#socket.OPEN) throw protocolViolation('a closed socket')
    this.#ahead += frame.length
    this.#socket.send(frame)
  }
}

function nameOf(ref: DataRef): string {
  return ref.kind === 'result' ? `the result of task ${ref.task}` : `rows of table ${ref.table}`
}
