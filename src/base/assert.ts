/** Raised by {@link assert}: a fault of Heddle's own, never of the query or its data. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * States what must hold if Heddle is right. Stays on in production; call it per batch, not per row. `message`:
 * or what makes it, where it is put together and asserted often.
 */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (condition) return
  const text = typeof message === 'string' ? message : message()
  throw new AssertionError(`internal error: ${text}`)
}

/** Closes a switch over a union: a member added later no longer compiles. */
export function unreachable(value: never): never {
  throw new AssertionError(`internal error: unreachable value ${JSON.stringify(value)}`)
}

/** Unwraps a value that must be there if Heddle is right. */
export function present<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionError(`internal error: ${message}`)
  return value
}
