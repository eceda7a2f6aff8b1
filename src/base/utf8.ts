import { QueryError } from './errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
/** A text with an error in it is searched in steps of this size, not character by character. */
const PART_BYTES = 4_096
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Text from the outside: UTF-8 without NUL, as PostgreSQL takes it. Throws INVALID_ENCODING; nothing
 * is ever replaced.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw invalid(invalidSequence(bytes))
  }
  if (text.includes('\0')) throw invalid([0])
  return text
}

/**
 * Text of bytes that were checked before, or are only shown: bytes that are no UTF-8 become U+FFFD. What it begins
 * with is kept, though it may look like a byte order mark.
 */
export function textOfUtf8(bytes: Uint8Array): string {
  return lenient.decode(bytes)
}

/** The same as {@link decodeUtf8} for text that came as a string: refuses NUL and halves of surrogate pairs. */
export function checkText(text: string): string {
  if (text.includes('\0')) throw invalid([0])
  const unit = LONE_SURROGATE.exec(text)?.[0]?.charCodeAt(0)
  if (unit === undefined) return text
  throw invalid([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
}

function invalid(bytes: readonly number[]): QueryError {
  const shown = bytes.map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
  return new QueryError('INVALID_ENCODING', `invalid byte sequence for encoding "UTF8": ${shown}`)
}

/** The first character that is none, with as many bytes as its first one promises. */
function invalidSequence(bytes: Uint8Array): readonly number[] {
  for (let at = invalidPart(bytes); at < bytes.length;) {
    const end = at + lengthOf(bytes[at]!)
    const character = bytes.subarray(at, end)
    try {
      decoder.decode(character)
    } catch {
      return [...character]
    }
    at = end
  }
  return []
}

/** Where to look for it: a start of a character with nothing invalid before it, not far in front. */
function invalidPart(bytes: Uint8Array): number {
  const streaming = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let part = 0
  try {
    for (; part < bytes.length; part += PART_BYTES) {
      streaming.decode(bytes.subarray(part, part + PART_BYTES), { stream: true })
    }
    part -= PART_BYTES
  } catch {
    // It is in this part, or began at the end of the one before.
  }
  let at = Math.max(0, part - 3)
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}

function lengthOf(first: number): number {
  if ((first & 0xe0) === 0xc0) return 2
  if ((first & 0xf0) === 0xe0) return 3
  return (first & 0xf8) === 0xf0 ? 4 : 1
}
