import type { MemoryViews } from '../arenas/memory-views.ts'
import type { ByteWriter } from './byte-writer.ts'

/*
 * Texts of exact numbers of up to 128 bits and of identifiers, written from their words: making a bigint of each,
 * and a text of that, takes several times as long.
 */

const WORDS = 4
/** The magnitude that is written, the low word first. */
const words = new Uint32Array(WORDS)
const WORD = 2 ** 32

/** Takes a signed integer's two words; whether it is negative. */
export function take64({ u32 }: MemoryViews, at: number): boolean {
  const from = at >>> 2
  const sign = (u32[from + 1]! | 0) >> 31
  return takeWords(u32[from]!, u32[from + 1]!, sign, sign, sign)
}

/** The same of the four words of an integer of 128 bits. */
export function take128({ u32 }: MemoryViews, at: number): boolean {
  const from = at >>> 2
  const top = u32[from + 3]!
  return takeWords(u32[from]!, u32[from + 1]!, u32[from + 2]!, top, top | 0)
}

/** The same of a numeric's slot, whose topmost byte is something else. */
export function take120({ u32 }: MemoryViews, at: number): boolean {
  const from = at >>> 2
  const top = (u32[from + 3]! << 8) >> 8
  return takeWords(u32[from]!, u32[from + 1]!, u32[from + 2]!, top, top)
}

/** `sign`: below 0 for a negative number, whose words are turned. */
function takeWords(w0: number, w1: number, w2: number, w3: number, sign: number): boolean {
  words[0] = w0
  words[1] = w1
  words[2] = w2
  words[3] = w3
  if (sign >= 0) return false
  let carry = 1
  for (let at = 0; at < WORDS; at++) {
    const turned = (~words[at]! >>> 0) + carry
    words[at] = turned
    carry = turned >= WORD ? 1 : 0
  }
  return true
}

/** What a word is divided by at once: the rest times a word is exact as a double, and so is the quotient's floor. */
const GROUP = 1_000_000
const GROUP_DIGITS = 6
/** Of 128 bits, rounded up to groups. */
const DIGITS_MAX = 42
const digits = new Uint8Array(DIGITS_MAX)
const ZERO = 0x30

/** The digits of the magnitude, at the end of {@link digits}; where the first one is that is not 0. */
function takeDigits(): number {
  let top = WORDS - 1
  let at = DIGITS_MAX
  for (;;) {
    while (top >= 0 && words[top] === 0) top--
    if (top < 0) break
    let rest = 0
    for (let word = top; word >= 0; word--) {
      const value = rest * WORD + words[word]!
      const quotient = Math.floor(value / GROUP)
      rest = value - quotient * GROUP
      words[word] = quotient
    }
    for (let count = 0; count < GROUP_DIGITS; count++) {
      const tenth = (rest / 10) | 0
      digits[--at] = ZERO + rest - tenth * 10
      rest = tenth
    }
  }
  while (at < DIGITS_MAX && digits[at] === ZERO) at++
  return at
}

/** Writes what was taken, with so many digits behind the point. */
export function writeTaken(out: ByteWriter, isNegative: boolean, scale: number): void {
  const first = takeDigits()
  const count = DIGITS_MAX - first
  const whole = Math.max(count - scale, 0)
  out.reserve(Math.max(count, scale) + 3)
  const { bytes } = out
  let { at } = out
  if (isNegative) bytes[at++] = 0x2d
  if (whole === 0) bytes[at++] = ZERO
  for (let digit = first; digit < first + whole; digit++) bytes[at++] = digits[digit]!
  if (scale > 0) {
    bytes[at++] = 0x2e
    for (let missing = scale - (count - whole); missing > 0; missing--) bytes[at++] = ZERO
    for (let digit = first + whole; digit < DIGITS_MAX; digit++) bytes[at++] = digits[digit]!
  }
  out.at = at
}

const hexDigits = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))
const UUID_BYTES = 16
const UUID_TEXT_BYTES = 36
/** A dash stands before these bytes of a uuid. */
const isDashed = Array.from({ length: UUID_BYTES }, (_, at) => [4, 6, 8, 10].includes(at))

/** Writes the uuid whose integer lies somewhere, its last byte first and the topmost bit turned. */
export function writeUuidText(out: ByteWriter, { u8 }: MemoryViews, from: number): void {
  out.reserve(UUID_TEXT_BYTES)
  const { bytes } = out
  let { at } = out
  for (let index = 0; index < UUID_BYTES; index++) {
    const stored = u8[from + UUID_BYTES - 1 - index]!
    const byte = index === 0 ? stored ^ 0x80 : stored
    if (isDashed[index] === true) bytes[at++] = 0x2d
    bytes[at++] = hexDigits[byte >> 4]!
    bytes[at++] = hexDigits[byte & 15]!
  }
  out.at = at
}
