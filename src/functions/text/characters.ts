import { spend } from '../../base/budget.ts'
import { byteLength, checkBytes } from './bounds.ts'

const INT4_MIN = -(2 ** 31)

/*
 * Texts are walked where they are, by UTF-16 units in which a pair of surrogates is one character: an
 * array of a text's characters would take many times its memory.
 */

/** Whether a character of two units begins at an offset. */
export function isPairAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit >= 0xdc00) return false
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next < 0xe000
}

const wide = /[\ud800-\udbff]/

/** How many characters a text, or its part up to an offset, has. */
export function characterCount(text: string, end = text.length): number {
  spend(end)
  if (!wide.test(text)) return end
  let count = end
  for (let at = 0; at < end; at++) {
    if (isPairAt(text, at)) {
      count--
      at++
    }
  }
  return count
}

/** Where the character with a number (from 0) begins; the end if there are not so many. */
export function offsetOf(text: string, number: number): number {
  const { length } = text
  let at = 0
  spend(Math.min(length, number))
  if (!wide.test(text)) return Math.max(0, Math.min(length, number))
  for (let left = number; left > 0 && at < length; left--) at += isPairAt(text, at) ? 2 : 1
  return Math.min(at, length)
}

/** Where the last so many characters begin; the start if there are not so many. */
export function offsetFromEnd(text: string, count: number): number {
  let at = text.length
  spend(Math.min(at, count))
  if (!wide.test(text)) return Math.max(0, at - Math.max(0, count))
  for (let left = count; left > 0 && at > 0; left--) at -= at > 1 && isPairAt(text, at - 2) ? 2 : 1
  return at
}

/** The first characters; a negative count leaves out so many at the end. */
export function firstCharacters(text: string, count: number): string {
  return text.slice(0, count < 0 ? offsetFromEnd(text, -count) : offsetOf(text, count))
}

/** The last characters; a negative count leaves out so many at the start. */
export function lastCharacters(text: string, count: number): string {
  // PostgreSQL's negation of the least count is that count: nothing is left out.
  if (count === INT4_MIN) return text
  return text.slice(count < 0 ? offsetOf(text, -count) : offsetFromEnd(text, count))
}

/** The characters from one number (from 0) up to another, which is left out. */
export function characterSlice(text: string, from: number, to = Infinity): string {
  const start = offsetOf(text, Math.max(0, from))
  if (to === Infinity) return text.slice(start)
  const rest = text.slice(start)
  return rest.slice(0, offsetOf(rest, Math.max(0, to - Math.max(0, from))))
}

/** The code points of a text, each with where it begins. */
export function eachCode(text: string, visit: (code: number, at: number) => void): void {
  spend(text.length)
  for (let at = 0; at < text.length; at++) {
    const start = at
    const code = text.codePointAt(at) ?? 0
    if (code > 0xffff) at++
    visit(code, start)
  }
}

/** The same from the end. */
export function eachCodeBackward(text: string, visit: (code: number) => void): void {
  spend(text.length)
  for (let at = text.length - 1; at >= 0; at--) {
    if (at > 0 && isPairAt(text, at - 1)) at--
    visit(text.codePointAt(at) ?? 0)
  }
}

const PARTS_JOINED = 4_096
const UNITS_JOINED = 4_096
const PENDING_UNITS = 65_536

/** A text in pieces, bounded while it grows. Throws PROGRAM_LIMIT_EXCEEDED where it is too long. */
export class TextBuilder {
  #text = ''
  #bytes = 0
  #parts: string[] = []
  #pendingUnits = 0
  #units: number[] = []

  add(part: string): void {
    if (part === '') return
    if (this.#units.length > 0) this.#flush()
    this.#push(part)
  }

  addCode(code: number): void {
    if (code > 0xffff) {
      const rest = code - 0x10000
      this.#units.push(0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff))
    } else this.#units.push(code)
    if (this.#units.length >= UNITS_JOINED) this.#flush()
  }

  #flush(): void {
    const part = String.fromCharCode(...this.#units)
    this.#units = []
    this.#push(part)
  }

  #push(part: string): void {
    this.#parts.push(part)
    this.#pendingUnits += part.length
    if (this.#parts.length >= PARTS_JOINED || this.#pendingUnits >= PENDING_UNITS) this.#join()
  }

  #join(): void {
    checkBytes(this.#bytes + this.#pendingUnits)
    const joined = this.#parts.length === 1 ? (this.#parts[0] ?? '') : this.#parts.join('')
    this.#parts = []
    this.#pendingUnits = 0
    this.#bytes += byteLength(joined)
    checkBytes(this.#bytes)
    this.#text += joined
  }

  /** The text so far. */
  finish(): string {
    if (this.#units.length > 0) this.#flush()
    if (this.#parts.length > 0 && this.#text === '' && this.#pendingUnits < PENDING_UNITS) {
      // A short text as a whole, as most are: too short to be counted.
      this.#text = this.#parts.join('')
      this.#bytes = this.#pendingUnits * 3
      this.#parts = []
      this.#pendingUnits = 0
    } else if (this.#parts.length > 0) this.#join()
    return this.#text
  }
}
