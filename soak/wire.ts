import { connect as connectSocket, type Socket } from 'node:net'
import { Client } from 'pg'

/** An error as the server names it. */
export interface ServerError {
  readonly sqlState: string
  readonly message: string
}

export type Rows = readonly (readonly (string | null)[])[]

/** A session over the wire, with the cancel request that its driver lacks. */
export class WireSession {
  readonly #client: Client
  readonly #port: number

  private constructor(client: Client, port: number) {
    this.#client = client
    this.#port = port
  }

  static async open(port: number): Promise<WireSession> {
    const client = new Client({
      host: '127.0.0.1',
      port,
      user: 'heddle',
      database: 'heddle',
      types: { getTypeParser: () => (text: unknown) => text },
    })
    client.on('error', () => {})
    await client.connect()
    return new WireSession(client, port)
  }

  async run(text: string): Promise<Rows | ServerError> {
    try {
      const answer = await this.#client.query({ text, rowMode: 'array' })
      return answer.rows as unknown as Rows
    } catch (error) {
      const { message, code } = error as { message: string; code?: string }
      return { sqlState: code ?? 'lost', message }
    }
  }

  /** Asks the server to end what the session runs. */
  cancel(): void {
    const { processID, secretKey } = this.#client as unknown as {
      readonly processID: number
      readonly secretKey: number
    }
    const request = Buffer.alloc(16)
    request.writeInt32BE(16, 0)
    request.writeInt32BE(80_877_102, 4)
    request.writeInt32BE(processID, 8)
    request.writeInt32BE(secretKey, 12)
    const socket = connectSocket(this.#port, '127.0.0.1', () => socket.end(request))
    socket.on('error', () => {})
  }

  close(): Promise<void> {
    return this.#client.end().catch(() => {})
  }
}

export function isError(answer: Rows | ServerError): answer is ServerError {
  return 'sqlState' in answer
}

/**
 * Reads the whole answer of a query as bytes; with `bytesMax` the reader dies when it has so many.
 * Gives the bytes read.
 */
export function readBytes(port: number, text: string, bytesMax = Infinity): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connectSocket(port, '127.0.0.1', () => socket.write(startup()))
    let bytes = 0
    let asked = false
    socket.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes > bytesMax) {
        socket.destroy()
        resolve(bytes)
      } else if (endsReady(chunk)) {
        if (asked) {
          socket.end()
          resolve(bytes)
        } else socket.write(query(text))
        asked = true
      }
    })
    socket.on('error', reject)
  })
}

function startup(): Buffer {
  const body = Buffer.from('user\0heddle\0database\0heddle\0\0', 'latin1')
  const message = Buffer.alloc(8 + body.length)
  message.writeInt32BE(message.length, 0)
  message.writeInt32BE(196_608, 4)
  body.copy(message, 8)
  return message
}

function query(text: string): Buffer {
  const body = Buffer.from(`${text}\0`)
  const message = Buffer.alloc(5 + body.length)
  message.write('Q')
  message.writeInt32BE(4 + body.length, 1)
  body.copy(message, 5)
  return message
}

/** Whether a piece ends with ReadyForQuery; its last bytes are not split in practice, as it is written whole. */
function endsReady(chunk: Buffer): boolean {
  return chunk.length >= 6 && chunk[chunk.length - 6] === 0x5a && chunk[chunk.length - 2] === 5
}
