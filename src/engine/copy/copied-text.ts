import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'

/** So many bytes are read at a time at least. */
const BLOCK_BYTES = 262_144
/** The longest record, with its line ends. */
export const RECORD_BYTES_MAX = 268_435_456
const NEWLINE = 10
const RETURN = 13

/**
 * Bytes that come in pieces as texts that end where a line may end, so that no character is cut. What of a text is
 * not used comes again with the next one, which is as long at least: reading a long record takes time with its bytes.
 */
export class CopiedText {
  #pieces: Uint8Array[] = []
  #bytes = 0
  #left = ''
  /** The error of the line behind the last text. */
  fault: QueryError | undefined

  /** Takes bytes; gives the next text once there are enough of them. */
  push(bytes: Uint8Array): string | undefined {
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes < Math.max(BLOCK_BYTES, this.#left.length)) return undefined
    const block = this.#block()
    let end = block.length
    while (end > 0 && block[end - 1] !== NEWLINE && block[end - 1] !== RETURN) end--
    const rest = block.subarray(end)
    if (rest.length > 0) this.#pieces.push(rest)
    this.#bytes = rest.length
    if (this.#bytes + this.#left.length > RECORD_BYTES_MAX) throw recordTooLong()
    return end === 0 ? undefined : this.#decoded(block.subarray(0, end))
  }

  /** What is left when no bytes come any more. */
  end(): string {
    const block = this.#block()
    this.#bytes = 0
    return this.#decoded(block)
  }

  /** What of the last text was not used. */
  leave(text: string): void {
    this.#left = text
  }

  #block(): Uint8Array {
    const [first] = this.#pieces
    const isOne = this.#pieces.length === 1 && first !== undefined
    const block = isOne ? first : Buffer.concat(this.#pieces)
    this.#pieces = []
    return block
  }

  #decoded(bytes: Uint8Array): string {
    const left = this.#left
    this.#left = ''
    try {
      return left + decodeUtf8(bytes)
    } catch {
      return left + this.#beforeFault(bytes)
    }
  }

  /** The lines before the first that is no UTF-8: what is wrong in them is told first. */
  #beforeFault(bytes: Uint8Array): string {
    let text = ''
    for (let start = 0; start < bytes.length;) {
      let end = start
      while (end < bytes.length && bytes[end] !== NEWLINE && bytes[end] !== RETURN) end++
      end = Math.min(end + 1, bytes.length)
      try {
        text += decodeUtf8(bytes.subarray(start, end))
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
        this.fault = error
        return text
      }
      start = end
    }
    return text
  }
}

function recordTooLong(): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', 'a record of COPY is too long', {
    expected: `at most ${RECORD_BYTES_MAX} bytes`,
  })
}
