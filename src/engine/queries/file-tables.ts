import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { inspectLocation } from '../../io/open.ts'
import type { ResolvedOptions } from '../process/options.ts'

/** The files that a query reads (`FROM 'data/*.parquet'`), itself or by views, inspected before it is bound. */
export class FileTables {
  readonly #options: ResolvedOptions
  readonly #signal: AbortSignal | undefined
  readonly #entries = new Map<string, TableEntry>()

  constructor(options: ResolvedOptions, signal: AbortSignal | undefined) {
    this.#options = options
    this.#signal = signal
  }

  /** Whether queries of a text may name files: a location is a string constant, in quotes or dollar signs. */
  static mayBeNamedIn(text: string): boolean {
    return text.includes("'") || text.includes('$')
  }

  /** Inspects the files of these locations, those that are known already excepted. */
  async open(locations: Iterable<string>): Promise<void> {
    const { allowedRoots, allowUrls } = this.#options
    const signal = this.#signal
    for (const location of locations) {
      if (this.#entries.has(location)) continue
      const inspected = await inspectLocation(location, { allowedRoots, allowUrls, signal })
      this.#entries.set(location, { kind: 'table', schema: '', name: location, ...inspected })
    }
  }

  get size(): number {
    return this.#entries.size
  }

  entry(location: string): TableEntry | undefined {
    return this.#entries.get(location)
  }
}
