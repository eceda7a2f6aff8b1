import type { FutureEntry } from './future-entry.ts'

/**
 * What is run again with some failed tasks: of `known` ones those that failed, too, and depend on them or are what
 * they depend on, over any number of steps, as the scheduler sees it.
 */
export function connectedFailures(
  failed: readonly FutureEntry[],
  known: Iterable<FutureEntry>,
): readonly FutureEntry[] {
  const neighbours = new Map<FutureEntry, FutureEntry[]>()
  const add = (from: FutureEntry, to: FutureEntry): void => {
    const others = neighbours.get(from)
    if (others === undefined) neighbours.set(from, [to])
    else others.push(to)
  }
  const met = new Set<FutureEntry>()
  const left = [...known].filter(hasFailed)
  const all = new Set(left)
  // Ones that were let go of connect others still, as long as these read them.
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    if (met.has(entry)) continue
    met.add(entry)
    for (const input of entry.call?.inputs ?? []) {
      if (!hasFailed(input)) continue
      add(entry, input)
      add(input, entry)
      left.push(input)
    }
  }
  const reached = new Set(failed)
  for (const entry of reached) for (const other of neighbours.get(entry) ?? []) reached.add(other)
  return [...reached].filter((entry) => all.has(entry))
}

function hasFailed({ status }: FutureEntry): boolean {
  return status === 'error'
}
