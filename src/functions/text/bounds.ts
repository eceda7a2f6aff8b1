import { QueryError } from '../../base/errors.ts'

/**
 * Bytes that the text of one value may have in UTF-8. PostgreSQL's bound is 1 GiB; ours is lower as a
 * value is whole in the memory that all queries share.
 */
export const TEXT_BYTES_MAX = 128 * 1024 * 1024

/** The error of a result that would be longer than {@link TEXT_BYTES_MAX}. */
export function tooLong(): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
}

/** Throws PROGRAM_LIMIT_EXCEEDED for a result of so many bytes; to be called before it is made. */
export function checkBytes(bytes: number): void {
  if (!(bytes <= TEXT_BYTES_MAX)) throw tooLong()
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x800) {
      // Both halves of a pair have one byte more each: four together.
      bytes += unit >= 0xd800 && unit < 0xe000 ? 1 : 2
    } else if (unit >= 0x80) bytes++
  }
  return bytes
}

/** At most so many bytes, found without looking at the text where that says enough. */
export function bytesAtMost(text: string): number {
  const most = text.length * 3
  return most <= SMALL_BYTES ? most : byteLength(text)
}

/** Texts under this are counted roughly: no sum of a few of them comes near the bound. */
const SMALL_BYTES = 1024 * 1024

/** A text in pieces, bounded while it grows. */
export class TextBuilder {
  #parts: string[] = []
  #text = ''
  #pending = 0
  #bytes = 0

  add(part: string): void {
    if (part === '') return
    this.#bytes += bytesAtMost(part)
    // Rough counts may add up to too much: then the text so far is counted exactly.
    if (this.#bytes > TEXT_BYTES_MAX) {
      this.#parts.push(part)
      this.#bytes = byteLength(this.finish())
      checkBytes(this.#bytes)
      return
    }
    this.#parts.push(part)
    if (++this.#pending >= PARTS_JOINED) this.finish()
  }

  /** The text so far. */
  finish(): string {
    this.#text += this.#parts.join('')
    this.#parts = []
    this.#pending = 0
    return this.#text
  }
}

const PARTS_JOINED = 4_096
