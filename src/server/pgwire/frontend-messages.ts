import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { insufficientData } from '../../data/binary/insufficient-data.ts'

/** What a client may send once it is connected (PostgreSQL manual, section 55.7). */
export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | {
      readonly kind: 'parse'
      readonly name: string
      readonly text: string
      readonly parameterOids: readonly number[]
    }
  | BindMessage
  | { readonly kind: 'describe'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly rowsMax: number }
  | { readonly kind: 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'sync' }
  | { readonly kind: 'flush' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'password'; readonly body: Buffer }
  | { readonly kind: 'copy-data'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy-done' }
  | { readonly kind: 'copy-fail'; readonly reason: string }
  | { readonly kind: 'function-call' }
  | MalformedMessage

/**
 * A message whose length holds but whose body does not: an error of that message, after which the
 * connection goes on. `letter` is the type that it claims to be.
 */
export interface MalformedMessage {
  readonly kind: 'malformed'
  readonly letter: string
  readonly error: QueryError
}

export interface BindMessage {
  readonly kind: 'bind'
  readonly portal: string
  readonly statement: string
  readonly parameterFormats: readonly number[]
  readonly parameters: readonly (Buffer | null)[]
  readonly resultFormats: readonly number[]
}

/** What a client sends first, without a type byte. */
export type StartupMessage =
  | {
      readonly kind: 'startup'
      readonly minor: number
      readonly parameters: ReadonlyMap<string, string>
    }
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'gss-request' }
  | { readonly kind: 'cancel-request'; readonly processId: number; readonly secret: number }

export interface Decoded<T> {
  readonly message: T
  /** Bytes used, from the offset given. */
  readonly consumed: number
}

const STARTUP_BYTES_MAX = 10_000
const SMALL_MESSAGE_BYTES_MAX = 10_000
const LARGE_MESSAGE_BYTES_MAX = 67_108_864

/** Every type that a client may send. */
const MESSAGE_TYPES = 'QPBDCESHXpdcfF'

const CANCEL_REQUEST = 80_877_102
const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104

/** Decodes a first packet; undefined when not all of it has arrived. */
export function decodeStartup(bytes: Buffer): Decoded<StartupMessage> | undefined {
  if (bytes.length < 8) return undefined
  const length = bytes.readInt32BE(0)
  if (length < 8 || length > STARTUP_BYTES_MAX) throw violation('invalid length of startup packet')
  if (bytes.length < length) return undefined
  return { message: startupMessage(bytes.subarray(4, length)), consumed: length }
}

/** Decodes the next message at an offset; undefined when not all of it has arrived. */
export function decodeMessage(bytes: Buffer, offset: number): Decoded<FrontendMessage> | undefined {
  if (bytes.length - offset < 5) return undefined
  const type = String.fromCharCode(bytes[offset]!)
  const length = bytes.readInt32BE(offset + 1)
  const max = 'QPBdf'.includes(type) ? LARGE_MESSAGE_BYTES_MAX : SMALL_MESSAGE_BYTES_MAX
  if (length < 4 || length > max) throw violation(`invalid message length ${length}`)
  if (bytes.length - offset < length + 1) return undefined
  const body = new BodyReader(bytes.subarray(offset + 5, offset + 1 + length))
  return { message: wellFormed(type, body), consumed: length + 1 }
}

function wellFormed(letter: string, body: BodyReader): FrontendMessage {
  if (!MESSAGE_TYPES.includes(letter)) {
    throw violation(`invalid frontend message type ${letter.charCodeAt(0)}`)
  }
  try {
    return frontendMessage(letter, body)
  } catch (error) {
    if (error instanceof QueryError) return { kind: 'malformed', letter, error }
    throw error
  }
}

function startupMessage(body: Buffer): StartupMessage {
  const code = body.readInt32BE(0)
  switch (code) {
    case SSL_REQUEST:
      return { kind: 'ssl-request' }
    case GSS_REQUEST:
      return { kind: 'gss-request' }
    case CANCEL_REQUEST:
      if (body.length !== 12) throw violation('invalid length of cancel request')
      return { kind: 'cancel-request', processId: body.readInt32BE(4), secret: body.readInt32BE(8) }
  }
  if (code >>> 16 !== 3) {
    throw violation(
      `unsupported frontend protocol ${code >>> 16}.${code & 0xffff}: server supports 3.0`,
    )
  }
  const reader = new BodyReader(body.subarray(4))
  const parameters = new Map<string, string>()
  for (let name = reader.string(); name !== ''; name = reader.string()) {
    parameters.set(name, reader.string())
  }
  return { kind: 'startup', minor: code & 0xffff, parameters }
}

function frontendMessage(letter: string, body: BodyReader): FrontendMessage {
  switch (letter) {
    case 'Q':
      return body.whole({ kind: 'query', text: body.string() })
    case 'P':
      return body.whole({
        kind: 'parse',
        name: body.string(),
        text: body.string(),
        parameterOids: body.list(() => body.int32() >>> 0),
      })
    case 'B':
      return body.whole({
        kind: 'bind',
        portal: body.string(),
        statement: body.string(),
        parameterFormats: body.list(() => body.int16()),
        parameters: body.list(() => body.value()),
        resultFormats: body.list(() => body.int16()),
      })
    case 'D':
      return body.whole({ kind: 'describe', target: body.target('DESCRIBE'), name: body.string() })
    case 'C':
      return body.whole({ kind: 'close', target: body.target('CLOSE'), name: body.string() })
    case 'E':
      return body.whole({ kind: 'execute', portal: body.string(), rowsMax: body.int32() })
    case 'S':
      return body.whole({ kind: 'sync' })
    case 'H':
      return body.whole({ kind: 'flush' })
    case 'X':
      return { kind: 'terminate' }
    case 'p':
      return { kind: 'password', body: body.rest() }
    case 'F':
      return { kind: 'function-call' }
    case 'd':
      return { kind: 'copy-data', bytes: body.rest() }
    case 'c':
      return body.whole({ kind: 'copy-done' })
    default:
      return body.whole({ kind: 'copy-fail', reason: body.string() })
  }
}

/** Reads a message's body; every read is checked against its end. */
class BodyReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4))
  }

  string(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw violation('invalid string in message')
    const text = decodeUtf8(this.#bytes.subarray(this.#at, end))
    this.#at = end + 1
    return text
  }

  list<T>(read: () => T): T[] {
    const count = this.int16() & 0xffff
    return Array.from({ length: count }, read)
  }

  value(): Buffer | null {
    const length = this.int32()
    if (length === -1) return null
    if (length < 0) throw insufficientData()
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  target(what: string): 'statement' | 'portal' {
    const byte = this.#bytes[this.#advance(1)]
    if (byte === 0x53) return 'statement'
    if (byte === 0x50) return 'portal'
    throw violation(`invalid ${what} message subtype ${byte}`)
  }

  /** Gives a message of which nothing may be left. */
  whole(message: FrontendMessage): FrontendMessage {
    if (this.#at === this.#bytes.length) return message
    throw violation('invalid message format')
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }

  #advance(bytes: number): number {
    const start = this.#at
    if (start + bytes > this.#bytes.length) throw insufficientData()
    this.#at += bytes
    return start
  }
}

export function violation(message: string): QueryError {
  return new QueryError('PROTOCOL_VIOLATION', message)
}
