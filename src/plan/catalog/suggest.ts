/**
 * The candidate most like a mistyped name, or undefined when none is near: at most a third of the
 * name's length in edits (Damerau-Levenshtein without repeated transposition, optimal alignment).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  const editsMax = Math.max(1, Math.floor(wanted.length / 3))
  let best: string | undefined
  let bestEdits = editsMax + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > editsMax) continue
    const edits = editDistance(wanted, candidate.toLowerCase())
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits]
  }
  return best
}

/** A hint in the house's words, for spreading into the details of an error. */
export function didYouMean(name: string, candidates: Iterable<string>): { readonly hint?: string } {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? {} : { hint: `Did you mean "${nearest}"?` }
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let edits = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) edits = Math.min(edits, beforeLast[j - 2]! + 1)
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
