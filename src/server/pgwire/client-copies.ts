import { QueryError } from '../../base/errors.ts'
import type { CopyDoor, CopyShape, CopySink } from '../../engine/results/copy-door.ts'
import * as backend from './backend-messages.ts'
import type { FrontendMessage } from './frontend-messages.ts'
import type { Outlet } from './outlet.ts'

/** Waits for the client's next message, once it was sent what there is to say; undefined when it is gone. */
export type ReadMessage = () => Promise<FrontendMessage | undefined>

/** The rows of COPY that go over the wire (PostgreSQL manual, section 55.2.6). */
export class ClientCopies implements CopyDoor {
  readonly #outlet: Outlet
  readonly #read: ReadMessage

  constructor(outlet: Outlet, read: ReadMessage) {
    this.#outlet = outlet
    this.#read = read
  }

  /**
   * What the client sends up to CopyDone. An error ends it at once: what the client goes on sending is passed over by the
   * connection, as in PostgreSQL.
   */
  async *read(shape: CopyShape): AsyncIterable<Uint8Array> {
    this.#outlet.push(backend.copyResponse('in', shape))
    for (;;) {
      const message = await this.#read()
      if (message === undefined) {
        const gone = 'unexpected EOF on client connection with an open transaction'
        throw new QueryError('CONNECTION_FAILURE', gone)
      }
      switch (message.kind) {
        case 'copy-data':
          yield message.bytes
          break
        case 'copy-done':
          return
        case 'copy-fail':
          throw new QueryError('QUERY_CANCELED', `COPY from stdin failed: ${message.reason}`)
        case 'flush':
        case 'sync':
          // Libraries send them that do not know of COPY.
          break
        case 'malformed':
          throw message.error
        case 'query':
        case 'parse':
        case 'bind':
        case 'describe':
        case 'execute':
        case 'close':
        case 'terminate':
        case 'password':
        case 'function-call': {
          const type = letters[message.kind].charCodeAt(0).toString(16).toUpperCase()
          const unexpected = `unexpected message type 0x${type} during COPY from stdin`
          throw new QueryError('PROTOCOL_VIOLATION', unexpected)
        }
      }
    }
  }

  write(shape: CopyShape): CopySink {
    const outlet = this.#outlet
    outlet.push(backend.copyResponse('out', shape))
    return {
      async write(bytes, ends) {
        outlet.push(backend.copyData(bytes, ends))
        if (outlet.isFull) await outlet.flush()
      },
      end: () => Promise.resolve(outlet.push(backend.copyDone)),
      // The error says it.
      abort: () => undefined,
    }
  }
}

/** Types of messages that are none of COPY's. */
const letters = {
  query: 'Q',
  parse: 'P',
  bind: 'B',
  describe: 'D',
  execute: 'E',
  close: 'C',
  terminate: 'X',
  password: 'p',
  'function-call': 'F',
} as const
