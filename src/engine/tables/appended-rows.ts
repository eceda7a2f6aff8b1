import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import { noRules, type ForeignKeyRule, type KeyRule } from '../../plan/catalog/table-rules.ts'
import type { CatalogChange, Recheck, RowQueries } from '../catalog/catalog-change.ts'
import type { Engine } from '../process/engine.ts'
import { memoryTableIn, mergeTail, withChunks, type MemoryTable } from './memory-tables.ts'
import { alsoReferences, type RowChange, type TouchedRows } from './references.ts'
import { checkKeys } from './row-rules.ts'

/**
 * Rows behind those of a table. Appends of several transactions to one table are merged when they commit,
 * each being checked against what the others brought: only the table must be the same.
 */
export class AppendedRows implements RowChange {
  readonly #engine: Engine
  readonly #table: MemoryTable
  readonly #chunks: readonly TableChunk[]

  /** `table`: as it was when the rows were checked, `chunks`: stored for it, held by the caller. */
  constructor(engine: Engine, table: MemoryTable, chunks: readonly TableChunk[]) {
    this.#engine = engine
    this.#table = table
    this.#chunks = chunks
  }

  apply(catalog: Catalog): Catalog {
    const current = this.#currentTable(catalog)
    const chunks = [...current.source.chunks, ...this.#chunks]
    return addRelation(catalog, withChunks(current, chunks), 'replace')
  }

  get looksAt(): readonly TableChunk[] {
    return this.#chunks
  }

  get touched(): TouchedRows {
    return {
      table: this.#table,
      coming: this.#chunks,
      going: [],
      isAssigned: () => true,
      hasFewer: false,
      mayDelete: false,
      renewed: undefined,
    }
  }

  /** Rows that refer to others come behind them. */
  get keepsPlace(): boolean {
    return foreignKeysOf(this.#table).length > 0
  }

  guards(root: Catalog): boolean {
    const table = this.#sameTableIn(root)
    if (table === undefined) return false
    return keysOf(table).length > 0 || foreignKeysOf(table).length > 0
  }

  check(queries: RowQueries, recheck: Recheck): Promise<void> | undefined {
    return alsoReferences(queries, this, recheck, this.checkKeys(queries, recheck))
  }

  checkKeys(queries: RowQueries, { root, checked }: Recheck): Promise<void> | undefined {
    const current = this.#currentTable(root)
    const added = { chunks: this.#chunks, table: this.#table, rules: keysOf(current) }
    return checkAdded(queries, added, { current, before: this.#sameTableIn(checked) })
  }

  compact(root: Catalog, leases: LeaseScope): Catalog {
    const current = this.#sameTableIn(root)
    // A later change of the same commit may have dropped it.
    if (current === undefined) return root
    const { chunks } = current.source
    const at = chunks.indexOf(this.#chunks[0]!)
    // An earlier change of the same commit may have brought them together already.
    if (at < 0) return root
    const merged = mergeTail(this.#engine, leases, { columns: current.columns, chunks }, at)
    if (merged === chunks) return root
    return addRelation(root, withChunks(current, merged), 'replace')
  }

  joinTo(earlier: CatalogChange, leases: LeaseScope): CatalogChange | undefined {
    if (!(earlier instanceof AppendedRows) || !sameTable(earlier.#table, this.#table)) {
      return undefined
    }
    const { columns } = this.#table
    const chunks = [...earlier.#chunks, ...this.#chunks]
    const merged = mergeTail(this.#engine, leases, { columns, chunks }, earlier.#chunks.length)
    return new AppendedRows(this.#engine, this.#table, merged)
  }

  /** Errors: SERIALIZATION_FAILURE when it is another one now, or none. */
  #currentTable(catalog: Catalog): MemoryTable {
    const current = this.#sameTableIn(catalog)
    if (current === undefined) throw overtaken()
    return current
  }

  #sameTableIn(catalog: Catalog): MemoryTable | undefined {
    return sameTableIn(catalog, this.#table)
  }
}

/**
 * Checks rows that are added to a table against the rows that came since they were checked; undefined when none
 * did. `rules`: the keys that are to be looked at.
 */
export function checkAdded(
  queries: RowQueries,
  { chunks, table, rules }: AddedChunks,
  { current, before }: { readonly current: MemoryTable; readonly before: MemoryTable | undefined },
): Promise<void> | undefined {
  if (rules.length === 0) return undefined
  const added = { output: { chunks }, table }
  // Rules that came meanwhile were never checked, not even among the rows themselves.
  const known = new Set(before === undefined ? rules : keysOf(before))
  if (rules.some((rule) => !known.has(rule))) {
    return checkKeys(queries, added, { rules, among: true, against: current })
  }
  const seen = new Set(before?.source.chunks)
  const unseen = current.source.chunks.filter((chunk) => !seen.has(chunk))
  if (unseen.length === 0) return undefined
  return checkKeys(queries, added, { rules, among: false, against: withChunks(current, unseen) })
}

interface AddedChunks {
  readonly chunks: readonly TableChunk[]
  /** As it was when the rows were checked. */
  readonly table: MemoryTable
  readonly rules: readonly KeyRule[]
}

/** The table in another root, if rows that were made for it are right there. */
export function sameTableIn(catalog: Catalog, table: MemoryTable): MemoryTable | undefined {
  const current = memoryTableIn(catalog, table.schema, table.name)
  return current !== undefined && sameTable(current, table) ? current : undefined
}

function foreignKeysOf({ rules }: MemoryTable): readonly ForeignKeyRule[] {
  return rules?.foreignKeys ?? []
}

function keysOf({ rules }: MemoryTable): readonly KeyRule[] {
  return rules?.keys ?? []
}

/** Whether rows that were made for one are right for the other, keys aside. */
function sameTable(left: MemoryTable, right: MemoryTable): boolean {
  return (
    left.schema === right.schema &&
    left.name === right.name &&
    left.columns === right.columns &&
    (left.rules ?? noRules).checks === (right.rules ?? noRules).checks
  )
}
