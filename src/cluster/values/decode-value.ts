import { protocolViolation } from '../../base/protocol-violation.ts'
import { newError, tags, VALUE_DEPTH_MAX, viewClasses } from './value-form.ts'

/**
 * The value of {@link encodeValue}, none of whose memory is that of the bytes. `input` gives the results
 * that stand in it, by their number. Throws PROTOCOL_VIOLATION where the bytes are not such a value.
 */
export function decodeValue(bytes: Uint8Array, input?: (n: number) => unknown): unknown {
  const reader = new Reader(bytes, input)
  const value = reader.value(0)
  if (reader.isAtEnd) return value
  throw wrong()
}

type Fields = Record<string, unknown>

class Reader {
  readonly #bytes: Uint8Array
  /** Over the bytes; made for the first of what is larger than a byte, as many values have none. */
  #over: Buffer | undefined
  readonly #input: ((n: number) => unknown) | undefined
  /** Objects by their number. */
  readonly #met: object[] = []
  #at = 0

  constructor(bytes: Uint8Array, input: ((n: number) => unknown) | undefined) {
    this.#bytes = bytes
    this.#input = input
  }

  get #buffer(): Buffer {
    if (this.#over === undefined) {
      const { buffer, byteOffset, byteLength } = this.#bytes
      this.#over = Buffer.from(buffer, byteOffset, byteLength)
    }
    return this.#over
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    if (depth > VALUE_DEPTH_MAX) throw wrong()
    return this.#of(this.#byte(), depth)
  }

  #of(tag: number, depth: number): unknown {
    switch (tag) {
      case tags.undefined:
        return undefined
      case tags.null:
        return null
      case tags.false:
        return false
      case tags.true:
        return true
      case tags.integer: {
        const zigzag = this.#count()
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
      case tags.number:
        return this.#float()
      case tags.bigint:
        return this.#bigint()
      case tags.text:
        return this.#text('utf8')
      case tags.brokenText:
        return this.#text('utf16le')
      case tags.reference:
        return this.#reference()
      case tags.input:
        return this.#inputValue()
      default:
        return this.#object(tag, depth + 1)
    }
  }

  #object(tag: number, depth: number): object {
    switch (tag) {
      case tags.array:
        return this.#array(depth)
      case tags.object:
        return this.#fields(this.#meet({}), depth)
      case tags.bareObject:
        return this.#fields(this.#meet(Object.create(null) as Fields), depth)
      case tags.date:
        return this.#meet(new Date(this.#float()))
      case tags.map:
        return this.#map(depth)
      case tags.set:
        return this.#set(depth)
      case tags.buffer:
        return this.#meet(this.#copy())
      case tags.view:
        return this.#view()
      case tags.error:
        return this.#error(depth)
      case tags.regexp:
        return this.#regexp()
      default:
        throw wrong()
    }
  }

  /** Gives a new object its number: before what lies in it is read, as that may point back. */
  #meet<T extends object>(object: T): T {
    this.#met.push(object)
    return object
  }

  #reference(): object {
    const met = this.#met[this.#count()]
    if (met === undefined) throw wrong()
    return met
  }

  #inputValue(): unknown {
    if (this.#input === undefined) throw wrong()
    return this.#input(this.#count())
  }

  #array(depth: number): readonly unknown[] {
    const length = this.#elements(1)
    const array: unknown[] = this.#meet([])
    array.length = length
    for (let index = 0; index < length; index++) {
      const tag = this.#byte()
      if (tag !== tags.hole) array[index] = this.#of(tag, depth)
    }
    return array
  }

  #fields<T extends object>(object: T, depth: number): T {
    for (let left = this.#elements(3); left > 0; left--) {
      const key = this.#key()
      const value = this.value(depth)
      // An assignment would set what the object inherits from.
      if (key === '__proto__') {
        const field = { value, writable: true, enumerable: true, configurable: true }
        Object.defineProperty(object, key, field)
      } else (object as Fields)[key] = value
    }
    return object
  }

  #map(depth: number): ReadonlyMap<unknown, unknown> {
    const map = this.#meet(new Map<unknown, unknown>())
    for (let left = this.#elements(2); left > 0; left--) {
      const key = this.value(depth)
      map.set(key, this.value(depth))
    }
    return map
  }

  #set(depth: number): ReadonlySet<unknown> {
    const set = this.#meet(new Set<unknown>())
    for (let left = this.#elements(1); left > 0; left--) set.add(this.value(depth))
    return set
  }

  #view(): ArrayBufferView {
    const View = viewClasses[this.#byte()]
    if (View === undefined) throw wrong()
    const buffer = this.#copy()
    if (buffer.byteLength % (View.BYTES_PER_ELEMENT ?? 1) !== 0) throw wrong()
    return this.#meet(new View(buffer))
  }

  #error(depth: number): Error {
    const name = this.#key()
    const message = this.#key()
    const stack = this.#key()
    const error = this.#meet(newError(name, message))
    hide(error, 'stack', stack)
    if (error.name !== name) hide(error, 'name', name)
    if (this.#byte() === 1) hide(error, 'cause', this.value(depth))
    return this.#fields(error, depth)
  }

  #regexp(): RegExp {
    const source = this.#key()
    const flags = this.#key()
    try {
      return this.#meet(new RegExp(source, flags))
    } catch {
      throw wrong()
    }
  }

  #bigint(): bigint {
    const isNegative = this.#byte() === 1
    const digits = Buffer.from(this.#take(this.#count())).reverse().toString('hex')
    if (digits === '') throw wrong()
    const value = BigInt(`0x${digits}`)
    return isNegative ? -value : value
  }

  #key(): string {
    const tag = this.#byte()
    if (tag === tags.text) return this.#text('utf8')
    if (tag === tags.brokenText) return this.#text('utf16le')
    throw wrong()
  }

  #text(encoding: 'utf8' | 'utf16le'): string {
    const bytes = this.#count()
    const start = this.#skip(bytes)
    if (bytes > 16 || encoding === 'utf16le') {
      return this.#buffer.toString(encoding, start, start + bytes)
    }
    // Of a few characters, faster than a call of Node.
    let text = ''
    for (let at = start; at < start + bytes; at++) {
      const code = this.#bytes[at]!
      if (code >= 0x80) return this.#buffer.toString(encoding, start, start + bytes)
      text += String.fromCharCode(code)
    }
    return text
  }

  #copy(): ArrayBuffer {
    return new Uint8Array(this.#take(this.#count())).buffer
  }

  #take(bytes: number): Buffer {
    const start = this.#skip(bytes)
    return this.#buffer.subarray(start, start + bytes)
  }

  #float(): number {
    return this.#buffer.readDoubleLE(this.#skip(8))
  }

  /** How many follow, each of so many bytes at least: memory is taken for no more than were sent. */
  #elements(bytesMin: number): number {
    const count = this.#count()
    if (count * bytesMin > this.#bytes.length - this.#at) throw wrong()
    return count
  }

  #count(): number {
    let value = 0
    for (let unit = 1; unit <= 2 ** 28; unit *= 128) {
      const byte = this.#byte()
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
    }
    throw wrong()
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw wrong()
    this.#at++
    return byte
  }

  /** Where so many bytes begin. */
  #skip(bytes: number): number {
    const start = this.#at
    if (bytes > this.#bytes.length - start) throw wrong()
    this.#at = start + bytes
    return start
  }
}

function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true })
}

function wrong(): Error {
  return protocolViolation('a value is not what it should be')
}
