import { QueryError } from '../../base/errors.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import type { KeyRule } from '../../plan/catalog/table-rules.ts'
import type { Recheck, RowQueries } from '../catalog/catalog-change.ts'
import type { Engine } from '../process/engine.ts'
import { checkAdded, sameTableIn } from './appended-rows.ts'
import {
  alsoReferences,
  hasReferences,
  type RenewedRows,
  type RowChange,
  type TouchedRows,
} from './references.ts'
import { mergeRuns, mergeTail, withChunks, type MemoryTable, rowsOf } from './memory-tables.ts'

/** What becomes of the chunks of a table. */
export interface Replacement {
  /** By each chunk that goes, those that come in its place. */
  readonly replaced: ReadonlyMap<TableChunk, readonly TableChunk[]>
  /** Behind all others: rows as they are from now on. */
  readonly added: readonly TableChunk[]
  /** Positions of the columns that may have other values in these; of all others every row has those that it had. */
  readonly assigned: ReadonlySet<number>
  /** Positions of the columns that rows which lie where they were may have other values in; none where not given. */
  readonly inPlace?: ReadonlySet<number>
  /** Whether the statement looked which keys are there: one that came meanwhile overtakes it instead of breaking a rule. */
  readonly mindsKeys?: boolean
  /** Rows that were and are, under other keys maybe. */
  readonly renewed?: RenewedRows
  /** Whether others went beside these. */
  readonly deletes?: boolean
}

/**
 * Rows of a table that others take the place of, or none. Rows that others appended meanwhile stay; of two changes of
 * one chunk the later to commit fails.
 */
export class ReplacedRows implements RowChange {
  readonly #engine: Engine
  readonly #table: MemoryTable
  readonly #replacement: Replacement

  /** `table`: as it was when the rows were made, whose chunks are held by the caller, as the new ones are. */
  constructor(engine: Engine, table: MemoryTable, replacement: Replacement) {
    this.#engine = engine
    this.#table = table
    this.#replacement = replacement
  }

  apply(catalog: Catalog): Catalog {
    const current = sameTableIn(catalog, this.#table)
    if (current === undefined || this.#breaksNewKeys(current)) throw overtaken()
    const left = chunksLeft(current.source.chunks, this.#replacement)
    const chunks = [...left, ...this.#replacement.added]
    return addRelation(catalog, withChunks(current, chunks), 'replace')
  }

  /** Rows in their place are not looked at again: a key over what was assigned to that came meanwhile was never checked. */
  #breaksNewKeys(current: MemoryTable): boolean {
    const { inPlace } = this.#replacement
    if (inPlace === undefined) return false
    const known = this.#table.rules?.keys ?? []
    return keysOver(current, inPlace).some((rule) => !known.includes(rule))
  }

  get looksAt(): readonly TableChunk[] {
    const { replaced, added } = this.#replacement
    return [...[...replaced.values()].flat(), ...added]
  }

  get touched(): TouchedRows {
    const { replaced, added, assigned, renewed, inPlace, deletes } = this.#replacement
    const going = [...replaced.keys()]
    const coming = [...[...replaced.values()].flat(), ...added]
    return {
      table: this.#table,
      going,
      coming,
      isAssigned: (column) => assigned.has(column),
      hasFewer: rowsOf(coming) < rowsOf(going),
      mayDelete: deletes ?? (renewed === undefined && inPlace === undefined),
      renewed,
    }
  }

  guards(root: Catalog): boolean {
    const { added } = this.#replacement
    const table = sameTableIn(root, this.#table)
    if (table === undefined) return false
    const hasKeys = (table.rules?.keys.length ?? 0) > 0
    return (added.length > 0 && hasKeys) || hasReferences(root, table)
  }

  check(queries: RowQueries, { root, checked }: Recheck): Promise<void> | undefined {
    const keys = this.checkKeys(queries, { root, checked })
    return alsoReferences(queries, this, { root, checked }, keys)
  }

  checkKeys(queries: RowQueries, { root, checked }: Recheck): Promise<void> | undefined {
    const { added, assigned } = this.#replacement
    if (added.length === 0) return undefined
    const current = sameTableIn(root, this.#table)
    if (current === undefined) throw overtaken()
    const rules = keysOver(current, assigned)
    const before = sameTableIn(checked, this.#table)
    const beside = {
      current: withChunks(current, chunksLeft(current.source.chunks, this.#replacement)),
      before: before && withChunks(before, leftOf(before.source.chunks, this.#replacement)),
    }
    const pending = checkAdded(queries, { chunks: added, table: this.#table, rules }, beside)
    if (this.#replacement.mindsKeys !== true) return pending
    return pending?.catch((error: unknown) => {
      throw error instanceof QueryError && error.code === 'UNIQUE_VIOLATION' ? overtaken() : error
    })
  }

  compact(root: Catalog, leases: LeaseScope): Catalog {
    const current = sameTableIn(root, this.#table)
    if (current === undefined) return root
    const { columns, source } = current
    const [first] = this.#replacement.added
    const at = first === undefined ? -1 : source.chunks.indexOf(first)
    const behind =
      at < 0
        ? source.chunks
        : mergeTail(this.#engine, leases, { columns, chunks: source.chunks }, at)
    const merged = mergeRuns(this.#engine, leases, { columns, chunks: behind })
    if (merged === source.chunks) return root
    return addRelation(root, withChunks(current, merged), 'replace')
  }
}

/** The keys of a table that have some of these columns. */
export function keysOver({ rules }: MemoryTable, columns: ReadonlySet<number>): readonly KeyRule[] {
  return (rules?.keys ?? []).filter((rule) => rule.columns.some((column) => columns.has(column)))
}

/**
 * The chunks of a table without the rows that are replaced. Errors: SERIALIZATION_FAILURE where a chunk that goes
 * is gone already.
 */
export function chunksLeft(
  chunks: readonly TableChunk[],
  replacement: Pick<Replacement, 'replaced'>,
): readonly TableChunk[] {
  const met = chunks.filter((chunk) => replacement.replaced.has(chunk))
  if (met.length < replacement.replaced.size) throw overtaken()
  return leftOf(chunks, replacement)
}

function leftOf(
  chunks: readonly TableChunk[],
  { replaced }: Pick<Replacement, 'replaced'>,
): readonly TableChunk[] {
  return chunks.flatMap((chunk) => replaced.get(chunk) ?? [chunk])
}
