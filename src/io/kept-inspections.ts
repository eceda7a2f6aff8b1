import type { FileEntry } from '../plan/catalog/catalog.ts'
import type { InspectedSource } from './scan/source.ts'

/** Statistics of columns of row groups in all that is kept: some twenty MiB. */
const STATISTICS_MAX = 100_000

interface Kept {
  readonly inspected: InspectedSource
  readonly statistics: number
}

/**
 * What locations were found to be, the least recently asked for going first. A folder of many files is asked for
 * again and again, and putting together what its files say takes as long as reading one of them.
 */
export class KeptInspections {
  readonly #kept = new Map<string, Kept>()
  #statistics = 0

  /** What was found at a location when it had the same files, of the same sizes and times of change. */
  find(location: string, files: readonly FileEntry[]): InspectedSource | undefined {
    const known = this.#kept.get(location)
    if (known === undefined) return undefined
    this.#kept.delete(location)
    if (!areSame(known.inspected.source.files, files)) {
      this.#statistics -= known.statistics
      return undefined
    }
    // Moved to the end: the map's order is the order of use.
    this.#kept.set(location, known)
    return known.inspected
  }

  /** Keeps what {@link find} did not have. */
  keep(location: string, inspected: InspectedSource): void {
    const { source, columns } = inspected
    const parts = source.files.reduce((sum, file) => sum + 1 + file.parts.length, 0)
    const statistics = parts * columns.length
    // Another statement may have found the same meanwhile.
    if (statistics > STATISTICS_MAX || this.#kept.has(location)) return
    this.#kept.set(location, { inspected, statistics })
    this.#statistics += statistics
    for (const [oldest, { statistics: freed }] of this.#kept) {
      if (this.#statistics <= STATISTICS_MAX) break
      this.#kept.delete(oldest)
      this.#statistics -= freed
    }
  }
}

function areSame(known: readonly FileEntry[], files: readonly FileEntry[]): boolean {
  return (
    known.length === files.length &&
    known.every(({ path, location, bytes, modifiedMs }, at) => {
      const file = files[at]
      return (
        path === file?.path &&
        location === file.location &&
        bytes === file.bytes &&
        modifiedMs === file.modifiedMs
      )
    })
  )
}
