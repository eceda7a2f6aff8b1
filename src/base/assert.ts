/** Raised by {@link assert}: a fault of Heddle's own, never of the query or its data. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** States what must hold if Heddle is right. Stays on in production; call it per batch, not per row. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(`internal error: ${message}`)
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
