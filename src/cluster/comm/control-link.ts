import type { WebSocket } from 'ws'
import { decodeMessage, encodeMessage } from './codec.ts'

/** An ordered stream of messages each way. */
export interface ControlLink<Out> {
  /** Goes out with the other messages of this turn of the event loop, in one frame. */
  send(message: Out): void
  /** Sends what waits, then closes. */
  close(): void
  /** Ends it at once; `closed` is told why. */
  fail(error: unknown): void
}

const MESSAGES_PER_FRAME_MAX = 4_096

export interface ControlHandlers<In> {
  readonly parse: (frame: unknown) => readonly In[]
  readonly receive: (message: In) => void
  /** Once, whichever end closed; `error` is what was wrong with a frame, if that was the reason. */
  readonly closed: (error: unknown) => void
}

/** Puts messages on a socket: batched by turn, checked on receipt; a wrong frame ends it. */
export function controlLink<In, Out>(
  socket: WebSocket,
  handlers: ControlHandlers<In>,
): ControlLink<Out> {
  let waiting: Out[] = []
  let isScheduled = false
  let failure: unknown
  const flush = (): void => {
    isScheduled = false
    const messages = waiting
    waiting = []
    for (let at = 0; at < messages.length; at += MESSAGES_PER_FRAME_MAX) {
      sendFrame(messages.slice(at, at + MESSAGES_PER_FRAME_MAX))
    }
  }
  /** Messages that are too much for one frame go in as many as it takes; each fits one. */
  const sendFrame = (messages: readonly Out[]): void => {
    if (socket.readyState !== socket.OPEN) return
    try {
      socket.send(encodeMessage(messages))
    } catch (error) {
      if (messages.length < 2) throw error
      const half = messages.length >>> 1
      sendFrame(messages.slice(0, half))
      sendFrame(messages.slice(half))
    }
  }
  const fail = (error: unknown): void => {
    failure ??= error
    socket.terminate()
  }
  socket.on('message', (data: Buffer) => {
    try {
      for (const message of handlers.parse(decodeMessage(data))) handlers.receive(message)
    } catch (error) {
      fail(error)
    }
  })
  socket.once('close', () => handlers.closed(failure))
  return {
    send(message) {
      waiting.push(message)
      if (isScheduled) return
      isScheduled = true
      setImmediate(() => {
        try {
          flush()
        } catch (error) {
          fail(error)
        }
      })
    },
    close() {
      flush()
      socket.close()
    },
    fail,
  }
}
