import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { inspectLocation } from '../../io/open.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { fileLocations } from '../../sql/file-locations.ts'
import type { ResolvedOptions } from '../process/options.ts'

/** The files that a query names directly (`FROM 'data/*.parquet'`), inspected before it is bound. */
export class FileTables {
  readonly #entries: ReadonlyMap<string, TableEntry>

  private constructor(entries: ReadonlyMap<string, TableEntry>) {
    this.#entries = entries
  }

  /** Of a query that names none. */
  static readonly none = new FileTables(new Map())

  /** Whether queries of a text may name files: a location is a string constant, in quotes or dollar signs. */
  static mayBeNamedIn(text: string): boolean {
    return text.includes("'") || text.includes('$')
  }

  static async open(
    query: SelectStatement,
    { allowedRoots, allowUrls }: ResolvedOptions,
    signal: AbortSignal | undefined,
  ): Promise<FileTables> {
    const entries = new Map<string, TableEntry>()
    for (const location of fileLocations(query)) {
      if (entries.has(location)) continue
      const inspected = await inspectLocation(location, { allowedRoots, allowUrls, signal })
      entries.set(location, { kind: 'table', schema: '', name: location, ...inspected })
    }
    return new FileTables(entries)
  }

  get size(): number {
    return this.#entries.size
  }

  entry(location: string): TableEntry | undefined {
    return this.#entries.get(location)
  }
}
