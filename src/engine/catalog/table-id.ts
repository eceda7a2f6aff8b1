/** A fresh id for the rows of an in-memory table, unlike any other in any process. */
export function randomTableId(): string {
  return globalThis.crypto.randomUUID()
}
