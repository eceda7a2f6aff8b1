import { QueryError } from '../../base/errors.ts'

/** PostgreSQL's bound of one message; longer rows cannot be sent. */
const BYTES_MAX = 1_073_741_823
/** Texts up to this length are copied byte by byte: a view costs more than that. */
const LOOP_BYTES_MAX = 24
const BILLION = 1_000_000_000
const ZERO = 0x30

const hexDigits = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))

const encoder = new TextEncoder()

/** Throws PROGRAM_LIMIT_EXCEEDED. */
export function checkMessageBytes(bytes: number): void {
  if (bytes <= BYTES_MAX) return
  throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'a row is too large to be sent', {
    expected: `at most ${BYTES_MAX} bytes`,
  })
}

/** Bytes being written one behind the other, into a buffer that grows. */
export class ByteWriter {
  /** Holds what was written up to `at`. Replaced when it grows: take it anew after each write. */
  bytes: Uint8Array
  at = 0
  readonly #capacityBytes: number

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
    this.bytes = new Uint8Array(capacityBytes)
  }

  /** Makes room for more bytes. Throws PROGRAM_LIMIT_EXCEEDED. */
  reserve(bytes: number): void {
    const needed = this.at + bytes
    if (needed <= this.bytes.length) return
    checkMessageBytes(needed)
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, needed))
    grown.set(this.bytes.subarray(0, this.at))
    this.bytes = grown
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  /** A text of characters below 128. */
  ascii(text: string): void {
    this.reserve(text.length)
    const { bytes } = this
    let { at } = this
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.at = at
  }

  text(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    this.reserve(3 * text.length)
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written
  }

  /** Bytes `start` to `end` of a source, which may be shared memory. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const { bytes } = this
    if (end - start > LOOP_BYTES_MAX) {
      bytes.set(source.subarray(start, end), this.at)
      this.at += end - start
      return
    }
    let { at } = this
    for (let i = start; i < end; i++) bytes[at++] = source[i]!
    this.at = at
  }

  /** Bytes `start` to `end` of a source as two digits each. */
  hex(source: Uint8Array, start: number, end: number): void {
    this.reserve(2 * (end - start))
    const { bytes } = this
    let { at } = this
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      bytes[at++] = hexDigits[byte >> 4]!
      bytes[at++] = hexDigits[byte & 15]!
    }
    this.at = at
  }

  int16(value: number): void {
    this.reserve(2)
    this.bytes[this.at++] = value >> 8
    this.bytes[this.at++] = value
  }

  int32(value: number): void {
    this.reserve(4)
    this.setInt32(this.at, value)
    this.at += 4
  }

  /** Writes over four bytes that are there. Big-endian, as {@link int16} and {@link int32} are. */
  setInt32(at: number, value: number): void {
    const { bytes } = this
    bytes[at] = value >> 24
    bytes[at + 1] = value >> 16
    bytes[at + 2] = value >> 8
    bytes[at + 3] = value
  }

  /** An integer that a double holds exactly, in decimal. */
  integer(value: number): void {
    this.reserve(17)
    if (value < 0) this.bytes[this.at++] = 0x2d
    this.#digits(Math.abs(value))
  }

  /** A whole number from 0 on, with zeros in front up to a width. */
  padded(value: number, width: number): void {
    this.reserve(Math.max(width, 16))
    const { bytes } = this
    let rest = value
    for (let at = this.at + width - 1; at >= this.at; at--) {
      const tenth = Math.floor(rest / 10)
      bytes[at] = ZERO + (rest - tenth * 10)
      rest = tenth
    }
    this.at += width
  }

  /** What was written; the next write begins a new buffer. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at)
    this.bytes = new Uint8Array(this.#capacityBytes)
    this.at = 0
    return taken
  }

  #digits(value: number): void {
    if (value >= BILLION) {
      const billions = Math.floor(value / BILLION)
      this.#digits(billions)
      this.padded(value - billions * BILLION, 9)
      return
    }
    const { bytes } = this
    let rest = value | 0
    let end = this.at + 1
    for (let limit = 10; rest >= limit && end < this.at + 9; limit *= 10) end++
    this.at = end
    while (end > 0) {
      const tenth = (rest / 10) | 0
      bytes[--end] = ZERO + (rest - tenth * 10)
      rest = tenth
      if (rest === 0) return
    }
  }
}
