import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'

/**
 * Bytes that the text of one value may have in UTF-8. PostgreSQL's bound is 1 GiB; ours is lower as a
 * value is whole in the memory that all queries share.
 */
export const TEXT_BYTES_MAX = 128 * 1024 * 1024

/** A UTF-16 unit is at most so many bytes in UTF-8. */
const BYTES_A_UNIT = 3

/** The error of a result that would be longer than {@link TEXT_BYTES_MAX}. */
export function tooLong(): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
}

/** Throws PROGRAM_LIMIT_EXCEEDED for a result of so many bytes; to be called before it is made. */
export function checkBytes(bytes: number): void {
  if (!(bytes <= TEXT_BYTES_MAX)) throw tooLong()
}

// eslint-disable-next-line no-control-regex
const beyondAscii = /[^\u0000-\u007f]/

export function isAscii(text: string): boolean {
  return !beyondAscii.test(text)
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length
  spend(bytes)
  if (isAscii(text)) return bytes
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x800) {
      // The halves of a pair have one byte more each: four together.
      bytes += unit >= 0xd800 && unit < 0xe000 ? 1 : 2
    } else if (unit >= 0x80) bytes++
  }
  return bytes
}

/** Throws PROGRAM_LIMIT_EXCEEDED if these texts, one behind the other, would be too long. */
export function checkJoined(left: string, right: string): void {
  const units = left.length + right.length
  if (units * BYTES_A_UNIT <= TEXT_BYTES_MAX) return
  if (units > TEXT_BYTES_MAX) throw tooLong()
  checkBytes(byteLength(left) + byteLength(right))
}
