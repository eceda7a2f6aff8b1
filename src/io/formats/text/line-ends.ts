import { assert } from '../../../base/assert.ts'
import type { ByteSource } from '../byte-source.ts'
import { CARRIAGE_RETURN, NEWLINE } from './dialect.ts'

/**
 * A text whose lines end in carriage returns alone, with newlines in their place; those inside quotes
 * stay. The same text where none stands outside quotes.
 */
export function withNewlines(text: string, quote: string): string {
  if (!text.includes('\r')) return text
  if (quote === '' || !text.includes(quote)) return text.replaceAll('\r', '\n')
  return text
    .split(quote)
    .map((piece, index) => (index % 2 === 0 ? piece.replaceAll('\r', '\n') : piece))
    .join(quote)
}

/** The same of a file's bytes, which are read from the beginning, forwards only. */
export function newlineSource(source: ByteSource, quote: number): ByteSource {
  let inside = false
  let next = 0
  return {
    read(target, start, bytes, offset) {
      assert(offset === next, 'a file of carriage returns is read in order')
      const got = source.read(target, start, bytes, offset)
      for (let at = start; at < start + got; at++) {
        const byte = target[at]
        if (byte === quote) inside = !inside
        else if (byte === CARRIAGE_RETURN && !inside) target[at] = NEWLINE
      }
      next += got
      return got
    },
    close: () => source.close(),
  }
}
