import type { Span } from '../base/span.ts'

const spanKeys: ReadonlySet<string> = new Set(['span', 'operatorSpan', 'valueSpan'])

/**
 * A tree that was parsed from a text kept in the catalog, every node placed where the statement at hand
 * names what it belongs to: positions in the kept text would point into the wrong one.
 */
export function placedAt<T>(node: T, span: Span): T {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map((item: unknown) => placedAt(item, span)) as T
  const entries = Object.entries(node).map(([key, value]: [string, unknown]) => [
    key,
    spanKeys.has(key) ? value && span : placedAt(value, span),
  ])
  return Object.fromEntries(entries) as T
}
