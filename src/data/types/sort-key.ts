import { assert } from '../../base/assert.ts'
import { compareNumbers } from './compare-values.ts'
import type { NumericSpecial, NumericValue } from './scalar.ts'

/**
 * Bytes whose unsigned order is that of the values they were made of, and which are the same for
 * values that are equal. No key begins another one, so that keys one behind the other are in the order
 * of their first, then their second, and so on.
 */
export class SortKeyWriter {
  #bytes = new Uint8Array(64)
  #at = 0

  /** The key so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  /**
   * A value of a type that is text to us but compares otherwise: the key so far, the text, the key's length
   * in four bytes. Nothing at all stands for it where a NULL's slot is.
   */
  finishKeyed(text: string): Uint8Array {
    const length = this.#at
    this.#utf8(text)
    this.#reserve(KEY_LENGTH_BYTES)
    for (let shift = 0; shift < 8 * KEY_LENGTH_BYTES; shift += 8) {
      this.#bytes[this.#at++] = length >>> shift
    }
    return this.finish()
  }

  /** The same of a value whose key tells its text: that is left out. */
  finishBare(): Uint8Array {
    return this.finishKeyed('')
  }

  /** Begins anew; memory that is large is not kept for that. */
  clear(): void {
    this.#at = 0
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = new Uint8Array(KEPT_BYTES_MAX)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** An unsigned integer of so many bytes. */
  unsigned(value: number | bigint, bytes: number): void {
    if (bytes <= WORD_BYTES) return this.#word(Number(value), bytes)
    const whole = BigInt(value)
    for (let left = bytes; left > 0;) {
      const count = left % WORD_BYTES || WORD_BYTES
      left -= count
      this.#word(Number((whole >> BigInt(8 * left)) & WORD_MASK), count)
    }
  }

  /** A signed integer of so many bytes. */
  signed(value: number | bigint, bytes: number): void {
    if (bytes <= WORD_BYTES) return this.#word(Number(value) + 2 ** (8 * bytes - 1), bytes)
    if (bytes === 2 * WORD_BYTES) {
      words.setBigInt64(0, BigInt(value))
      this.#word(words.getUint32(0) ^ HALF_WORD, WORD_BYTES)
      return this.#word(words.getUint32(WORD_BYTES), WORD_BYTES)
    }
    this.unsigned(BigInt(value) + (1n << BigInt(8 * bytes - 1)), bytes)
  }

  /** NaN equals itself and is above all, -0 equals 0. */
  double(value: number): void {
    const isZero = compareNumbers(value, 0) === 0
    words.setFloat64(0, Number.isNaN(value) ? Number.NaN : isZero ? 0 : value)
    const [high, low] = [words.getUint32(0), words.getUint32(WORD_BYTES)]
    const isNegative = high >= HALF_WORD && !Number.isNaN(value)
    this.#word(isNegative ? ~high : high | HALF_WORD, WORD_BYTES)
    this.#word(isNegative ? ~low : low, WORD_BYTES)
  }

  /** The last bytes of a number of 32 bits: far faster than those of a bigint. */
  #word(value: number, bytes: number): void {
    this.#reserve(bytes)
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      this.#bytes[this.#at++] = value >>> shift
    }
  }

  /** An exact number, whatever its scale: its sign, its power of ten, its digits. */
  exact({ unscaled, scale, special }: NumericValue): void {
    if (special !== undefined) return this.byte(SPECIALS[special])
    const isNegative = unscaled < 0n
    this.#number(isNegative, String(isNegative ? -unscaled : unscaled), scale)
  }

  /** The same of a number as numeric writes it. */
  exactDigits(text: string): void {
    if (isSpecialText(text)) return this.byte(SPECIALS[text])
    const isNegative = text.startsWith('-')
    const [whole = '', fraction = ''] = (isNegative ? text.slice(1) : text).split('.')
    this.#number(isNegative, whole + fraction, fraction.length)
  }

  #number(isNegative: boolean, written: string, scale: number): void {
    const digits = written.replace(/^0+/, '')
    if (digits === '') return this.byte(NUMBER_ZERO)
    const turn = isNegative ? 0xff : 0
    this.byte(isNegative ? NUMBER_NEGATIVE : NUMBER_POSITIVE)
    const start = this.#at
    this.unsigned(digits.length - scale + EXPONENT_OFFSET, 3)
    let end = digits.length
    while (digits[end - 1] === '0') end--
    this.#reserve(end + 1)
    for (let at = 0; at < end; at++) this.#bytes[this.#at++] = digits.charCodeAt(at)
    this.#bytes[this.#at++] = 0
    if (turn !== 0) for (let at = start; at < this.#at; at++) this.#bytes[at]! ^= turn
  }

  /** A text, in which there is no NUL. */
  text(value: string): void {
    this.#utf8(value)
    this.byte(0)
  }

  #utf8(text: string): void {
    if (text.length > LONG_TEXT_MIN) return this.#raw(encoder.encode(text))
    this.#reserve(text.length * UTF8_BYTES_A_UNIT)
    this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Any bytes: a NUL among them is followed by 255. */
  bytes(value: Uint8Array): void {
    for (const byte of value) {
      this.byte(byte)
      if (byte === 0) this.byte(0xff)
    }
    this.byte(0)
    this.byte(0)
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

const KEPT_BYTES_MAX = 65_536
const WORD_BYTES = 4
const WORD_MASK = 0xffff_ffffn
const HALF_WORD = 0x8000_0000
const words = new DataView(new ArrayBuffer(8))
/** Longer texts take no more memory than they need. */
const LONG_TEXT_MIN = 16_384
/** Bytes that a UTF-16 unit takes at most. */
const UTF8_BYTES_A_UNIT = 3
const encoder = new TextEncoder()
const NUMBER_NEGATIVE = 0x40
const NUMBER_ZERO = 0x80
const NUMBER_POSITIVE = 0xc0
/** Below and above all numbers. */
const SPECIALS = { '-Infinity': 0x3f, Infinity: 0xc1, NaN: 0xc2 } as const

function isSpecialText(text: string): text is NumericSpecial {
  return Object.hasOwn(SPECIALS, text)
}
/** Above the greatest power of ten that a numeric has below its point. */
const EXPONENT_OFFSET = 0x2_0000

/** Behind the text of a keyed value stands the length of its key. */
export const KEY_LENGTH_BYTES = 4

/** The text of a keyed value's bytes, see {@link SortKeyWriter.finishKeyed}. */
export function keyedText(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes
  return bytes.subarray(keyLength(bytes), bytes.length - KEY_LENGTH_BYTES)
}

/** Bytes of a keyed value's text, or of the key that stands for it where there is none. */
export function ownBytes(bytes: Uint8Array): number {
  return keyedText(bytes).length || keyLength(bytes)
}

/** How many of the first bytes, from `start` to `end` of some, are the key. */
export function keyLength(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let length = bytes[end - 1]!
  for (let at = end - 2; at >= end - KEY_LENGTH_BYTES; at--) length = length * 256 + bytes[at]!
  assert(length <= end - start - KEY_LENGTH_BYTES, 'a key that is longer than its value')
  return length
}
