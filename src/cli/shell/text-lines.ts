import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'

/** A line of input. */
export interface InputLine {
  readonly text: string
  /** Why the statement that it belongs to cannot be run: it is no UTF-8 or holds NUL. */
  readonly refusal: QueryError | undefined
}

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Lines of a file or another program's output, with either kind of line end. */
export async function* textLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  let rest: Uint8Array[] = []
  for await (const bytes of input) {
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield lineOf([...rest, bytes.subarray(start, end)])
      rest = []
      start = end + 1
    }
    if (start < bytes.length) rest.push(bytes.subarray(start))
  }
  if (rest.length > 0) yield lineOf(rest)
}

function lineOf(parts: readonly Uint8Array[]): InputLine {
  const all = Buffer.concat(parts)
  const line = all.at(-1) === RETURN ? all.subarray(0, -1) : all
  try {
    return { text: decodeUtf8(line), refusal: undefined }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    // Enough of it to see where the statement ends.
    return { text: line.toString('latin1').replaceAll('\0', ' '), refusal: error }
  }
}
