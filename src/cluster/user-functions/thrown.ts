import { errorFromData, errorToData, QueryError, type ErrorData } from '../../base/errors.ts'
import { decodeValue } from '../values/decode-value.ts'
import { encodeValue } from '../values/encode-value.ts'

/** What is thrown is cut rather than refused. */
const THROWN_BYTES_MAX = 1 << 16
const TEXT_CHARACTERS_MAX = 4_096

const options = { bytesMax: THROWN_BYTES_MAX, what: 'an error' }
/** Of parts that have bounds of their own. */
const unbounded = { bytesMax: 1 << 24, what: 'an error' }

/** What a call failed by: an error of ours, or whatever its function threw. */
type Failure =
  | { readonly kind: 'ours'; readonly error: ErrorData }
  | { readonly kind: 'thrown'; readonly thrown: Uint8Array; readonly text: string }

/** What a function threw, as far as it can be sent. */
export function encodeThrown(error: unknown): Uint8Array<ArrayBuffer> {
  try {
    if (error instanceof QueryError) return encodeOurs(errorToData(error))
    explainMissing(error)
  } catch {
    // Something that does not bear being looked at, or one that is frozen: it is sent as it is, if at all.
  }
  const text = textOf(error)
  const ways = [() => error, () => bare(error), () => new Error(text)]
  for (const way of ways) {
    try {
      const failure: Failure = { kind: 'thrown', thrown: encodeValue(way(), options), text }
      return encodeValue(failure, unbounded)
    } catch {
      // It has something that cannot be sent, or too much of it: less is tried.
    }
  }
  return encodeOurs({ code: 'FUNCTION_FAILED', message: text, details: {} })
}

/** What {@link encodeThrown} made, as a task fails by it. */
export function decodeFailure(bytes: Uint8Array): QueryError {
  const failure = decodeValue(bytes) as Failure
  if (failure.kind === 'ours') return errorFromData(failure.error)
  return new QueryError('FUNCTION_FAILED', failure.text, { thrown: failure.thrown })
}

/** What a task's function threw, as it was thrown; other errors are what they are. */
export function thrownOf(error: ErrorData): unknown {
  const { thrown } = error.details
  return thrown === undefined ? errorFromData(error) : decodeValue(thrown)
}

function encodeOurs(error: ErrorData): Uint8Array<ArrayBuffer> {
  const failure: Failure = { kind: 'ours', error }
  return encodeValue(failure, unbounded)
}

/** Name, message, stack and what it was caused by, each cut. */
function bare(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error(textOf(error))
  const cause: unknown = error.cause
  const copy = new Error(
    cut(error.message),
    cause === undefined ? undefined : { cause: textOf(cause) },
  )
  Object.defineProperty(copy, 'name', { value: cut(error.name), configurable: true })
  Object.defineProperty(copy, 'stack', { value: cut(error.stack ?? ''), configurable: true })
  return copy
}

function textOf(error: unknown): string {
  try {
    return cut(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  } catch {
    return 'a value without a text was thrown'
  }
}

function cut(text: string): string {
  return text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX - 1)}…` : text
}

/** Says why a name that its author sees is missing where the function runs. */
function explainMissing(error: unknown): void {
  if (!(error instanceof ReferenceError) || !/^\S+ is not defined$/.test(error.message)) return
  error.message +=
    ' (a function is sent to workers as its text, without the variables around it: pass them as arguments)'
}
