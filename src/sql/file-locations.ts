import { isOverdue, NODE_STEPS, spend } from '../base/budget.ts'
import type { Steps } from '../base/steps.ts'
import type { TableFile } from './ast/select.ts'

// Asked for several times for each query, whose text may have megabytes.
const known = new WeakMap<object, readonly string[]>()

/**
 * The locations that a query, or another statement, reads directly, as in `FROM 'data/*.parquet'`, in order of appearance. In steps,
 * see `isOverdue`: looking through a text of megabytes takes a while.
 */
export function* locationSteps(query: object): Steps<readonly string[]> {
  const before = known.get(query)
  if (before !== undefined) return before
  const locations: string[] = []
  // Long chains of operators nest deeper than the stack would take.
  const pending: object[] = [query]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    spend(NODE_STEPS)
    if (isOverdue()) yield
    if (isFile(node)) locations.push(node.location)
    const from = pending.length
    if (Array.isArray(node)) for (const item of node as unknown[]) pushObject(pending, item)
    else {
      const fields = node as Readonly<Record<string, unknown>>
      // Every node has a span, which names nothing.
      for (const name in fields) if (name !== 'span') pushObject(pending, fields[name])
    }
    // The first comes off first.
    reverseFrom(pending, from)
  }
  known.set(query, locations)
  return locations
}

function pushObject(list: object[], value: unknown): void {
  if (typeof value === 'object' && value !== null) list.push(value)
}

function reverseFrom(list: object[], from: number): void {
  for (let [low, high] = [from, list.length - 1]; low < high; low++, high--) {
    const other = list[low]!
    list[low] = list[high]!
    list[high] = other
  }
}

function isFile(node: object): node is TableFile {
  return 'kind' in node && node.kind === 'file' && 'location' in node
}
