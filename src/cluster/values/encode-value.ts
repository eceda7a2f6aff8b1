import { QueryError } from '../../base/errors.ts'
import { brokenPair, tags, VALUE_DEPTH_MAX, viewClasses } from './value-form.ts'

export interface EncodeOptions {
  /** More bytes are refused. */
  readonly bytesMax: number
  /** What the bytes are of, and the bound's name, for the error. */
  readonly what: string
  /** The number of the result that stands in place of an object; undefined where it is what it is. */
  readonly inputOf?: ((value: object) => number | undefined) | undefined
}

const FIRST_BYTES = 4_096
/** Beyond it a writer gives its memory back. */
const KEPT_BYTES_MAX = 1 << 20
const SHORT_TEXT_CHARACTERS = 32

/** Of the writer before. A getter of a value that is written may write another one meanwhile. */
let spare: Buffer | undefined

/**
 * A value as bytes, as {@link decodeValue} takes them: what structured clones can have, with identity and
 * circles, but neither functions and symbols nor objects of classes, whose methods would be lost without a
 * word: DATATYPE_MISMATCH. PROGRAM_LIMIT_EXCEEDED where the bytes are too many or too deeply nested.
 */
export function encodeValue(value: unknown, options: EncodeOptions): Uint8Array<ArrayBuffer> {
  const writer = new Writer(options)
  writer.value(value, 0)
  return new Uint8Array(writer.finish())
}

/** The same for very many values: small ones share memory, which stays as long as one of them does. */
export function encodeSmallValue(value: unknown, options: EncodeOptions): Buffer {
  const writer = new Writer(options)
  writer.value(value, 0)
  return Buffer.from(writer.finish())
}

class Writer {
  readonly #options: EncodeOptions
  #buffer: Buffer
  #at = 0
  /** Objects that were met, by their number; made for the first of them. */
  #met: Map<object, number> | undefined

  constructor(options: EncodeOptions) {
    this.#options = options
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
    spare = undefined
  }

  /** What was written, until the next value is. */
  finish(): Buffer {
    const { bytesMax, what } = this.#options
    if (this.#at > bytesMax) throw tooLarge(what, bytesMax)
    if (this.#buffer.length <= KEPT_BYTES_MAX) spare = this.#buffer
    return this.#buffer.subarray(0, this.#at)
  }

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'undefined':
        return this.#byte(tags.undefined)
      case 'boolean':
        return this.#byte(value ? tags.true : tags.false)
      case 'number':
        return this.#number(value)
      case 'bigint':
        return this.#bigint(value)
      case 'string':
        return this.#text(value)
      case 'object':
        return value === null ? this.#byte(tags.null) : this.#object(value, depth)
      case 'function':
        throw unsendable(`the function ${value.name || 'without a name'}`)
      case 'symbol':
        throw unsendable(String(value))
    }
  }

  #object(value: object, depth: number): void {
    const input = this.#options.inputOf?.(value)
    if (input !== undefined) {
      this.#byte(tags.input)
      return this.#count(input)
    }
    const met = this.#met?.get(value)
    if (met !== undefined) {
      this.#byte(tags.reference)
      return this.#count(met)
    }
    if (depth >= VALUE_DEPTH_MAX) {
      const message = `a value nested more than ${VALUE_DEPTH_MAX} levels deep`
      throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
    }
    this.#met ??= new Map()
    this.#met.set(value, this.#met.size)
    if (Array.isArray(value)) return this.#array(value, depth + 1)
    if (isPlain(value)) {
      this.#byte(Object.getPrototypeOf(value) === null ? tags.bareObject : tags.object)
      return this.#fields(value, depth + 1)
    }
    this.#instance(value, depth + 1)
  }

  #instance(value: object, depth: number): void {
    if (value instanceof Date) {
      this.#byte(tags.date)
      return this.#float(value.getTime())
    }
    if (value instanceof Map) {
      this.#byte(tags.map)
      this.#count(value.size)
      for (const [key, held] of value) {
        this.value(key, depth)
        this.value(held, depth)
      }
      return
    }
    if (value instanceof Set) {
      this.#byte(tags.set)
      this.#count(value.size)
      for (const held of value) this.value(held, depth)
      return
    }
    if (ArrayBuffer.isView(value)) return this.#view(value)
    if (value instanceof ArrayBuffer) {
      this.#byte(tags.buffer)
      return this.#bytes(new Uint8Array(value))
    }
    if (value instanceof Error) return this.#error(value, depth)
    if (value instanceof RegExp) {
      this.#byte(tags.regexp)
      this.#text(value.source)
      return this.#text(value.flags)
    }
    throw unsendable(`an object of class ${classOf(value)}`)
  }

  #array(value: readonly unknown[], depth: number): void {
    this.#byte(tags.array)
    this.#count(value.length)
    for (let index = 0; index < value.length; index++) {
      const element = value[index]
      if (element === undefined && !(index in value)) this.#byte(tags.hole)
      else this.value(element, depth)
    }
  }

  #fields(value: object, depth: number): void {
    const keys = Object.keys(value)
    this.#count(keys.length)
    for (const key of keys) {
      this.#text(key)
      this.value((value as Readonly<Record<string, unknown>>)[key], depth)
    }
  }

  #error(error: Error, depth: number): void {
    this.#byte(tags.error)
    this.#text(String(error.name))
    this.#text(String(error.message))
    this.#text(typeof error.stack === 'string' ? error.stack : '')
    const hasCause = Object.hasOwn(error, 'cause')
    this.#byte(hasCause ? 1 : 0)
    if (hasCause) this.value(error.cause, depth)
    const { name: _name, message: _message, stack: _stack, cause: _cause, ...fields } = error
    // Not among the fields that are listed.
    if (error instanceof AggregateError) Object.assign(fields, { errors: error.errors as unknown })
    this.#fields(fields, depth)
  }

  #view(view: ArrayBufferView): void {
    const number = viewClasses.findIndex((known) => view instanceof known)
    // Of a class that came with a later version of the language.
    if (number < 0) throw unsendable(`an object of class ${classOf(view)}`)
    this.#byte(tags.view)
    this.#byte(number)
    this.#bytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#byte(tags.integer)
      return this.#count(((value << 1) ^ (value >> 31)) >>> 0)
    }
    this.#byte(tags.number)
    this.#float(value)
  }

  #bigint(value: bigint): void {
    this.#byte(tags.bigint)
    this.#byte(value < 0n ? 1 : 0)
    let digits = (value < 0n ? -value : value).toString(16)
    if (digits.length % 2 === 1) digits = `0${digits}`
    this.#bytes(Buffer.from(digits, 'hex').reverse())
  }

  #text(value: string): void {
    const { length } = value
    if (length <= SHORT_TEXT_CHARACTERS) {
      this.#room(length + 2)
      let at = this.#at + 2
      let index = 0
      for (; index < length; index++) {
        const code = value.charCodeAt(index)
        if (code >= 0x80) break
        this.#buffer[at++] = code
      }
      if (index === length) {
        this.#buffer[this.#at] = tags.text
        this.#buffer[this.#at + 1] = length
        this.#at = at
        return
      }
    }
    const isBroken = brokenPair.test(value)
    const encoding = isBroken ? 'utf16le' : 'utf8'
    const bytes = Buffer.byteLength(value, encoding)
    this.#byte(isBroken ? tags.brokenText : tags.text)
    this.#count(bytes)
    this.#room(bytes)
    this.#at += this.#buffer.write(value, this.#at, encoding)
  }

  #bytes(bytes: Uint8Array): void {
    this.#count(bytes.byteLength)
    this.#room(bytes.byteLength)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.byteLength
  }

  #float(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }

  #count(value: number): void {
    this.#room(5)
    let left = value
    while (left >= 0x80) {
      this.#buffer[this.#at++] = (left & 0x7f) | 0x80
      left >>>= 7
    }
    this.#buffer[this.#at++] = left
  }

  #byte(value: number): void {
    this.#room(1)
    this.#buffer[this.#at++] = value
  }

  /** Makes room for so many bytes more. */
  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const { bytesMax, what } = this.#options
    // Before memory is taken for what is refused anyway; some room is asked for that is not used.
    if (needed > bytesMax + FIRST_BYTES) throw tooLarge(what, bytesMax)
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  // That of another realm.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'toString')
}

function classOf(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'unknown'
}

function unsendable(what: string): QueryError {
  return new QueryError('DATATYPE_MISMATCH', `${what} cannot be sent to another thread`, {
    hint: 'Send plain objects, arrays, numbers, texts, dates, maps, sets or typed arrays.',
  })
}

function tooLarge(what: string, bytesMax: number): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', `${what} of more than ${bytesMax} bytes`)
}
