import { connect, type NetConnectOpts } from 'node:net'

/** One thing that a client does: bytes that it sends, or a cancel request from elsewhere. */
export interface Step {
  readonly what: string
  readonly bytes: Buffer
  /** Sent on a connection of its own, behind the process id and secret of this one. */
  readonly isCancel?: boolean
}

export interface Heard {
  readonly bytes: Buffer
  /** The server closed the connection; false: it was waited for in vain. */
  readonly closed: boolean
}

/** A server that ends no connection within this time hangs. */
const PATIENCE_MS = 20_000
const CANCEL_REQUEST = 80_877_102

/**
 * Sends steps in pieces of the sizes given (over and over), then the end of the stream, and hears the
 * server out. `start` is sent first, and waited for: until the first ReadyForQuery or the end.
 */
export function talk(
  where: NetConnectOpts,
  start: Buffer,
  steps: readonly Step[],
  pieceBytes: readonly number[],
): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ ...where, allowHalfOpen: true } as NetConnectOpts)
    const heard: Buffer[] = []
    let sent = false
    const end = (closed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ bytes: Buffer.concat(heard), closed })
    }
    const timer = setTimeout(() => end(false), PATIENCE_MS)
    socket.on('error', () => {})
    socket.on('close', () => end(true))
    socket.on('end', () => end(true))
    socket.on('data', (bytes) => {
      heard.push(bytes)
      if (sent || !endsReady(bytes)) return
      sent = true
      const key = keyOf(Buffer.concat(heard))
      void sendAll(where, socket, steps, pieceBytes, key).then(() => socket.end())
    })
    socket.write(start)
    // A start that is no start is answered by the end, or by nothing: then the stream's end follows.
    if (steps.length === 0) socket.end()
  })
}

type Socket = ReturnType<typeof connect>

async function sendAll(
  where: NetConnectOpts,
  socket: Socket,
  steps: readonly Step[],
  pieceBytes: readonly number[],
  key: Buffer,
): Promise<void> {
  let piece = 0
  for (const { bytes, isCancel } of steps) {
    if (isCancel === true) {
      const request = connect(where)
      request.on('error', () => {})
      const head = Buffer.alloc(8)
      head.writeInt32BE(8 + key.length, 0)
      head.writeInt32BE(CANCEL_REQUEST, 4)
      request.end(Buffer.concat([head, key]))
      continue
    }
    for (let at = 0; at < bytes.length && !socket.destroyed; piece++) {
      const size = pieceBytes[piece % pieceBytes.length] ?? bytes.length
      socket.write(bytes.subarray(at, at + size))
      at += size
      // Each piece comes in a turn of its own.
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
  }
}

function endsReady(bytes: Buffer): boolean {
  return bytes.length >= 6 && bytes.subarray(-6, -1).equals(Buffer.from('5a00000005', 'hex'))
}

/** Process id and secret of BackendKeyData. */
function keyOf(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from('4b0000000c', 'hex'))
  return at < 0 ? Buffer.alloc(8) : bytes.subarray(at + 5, at + 13)
}
