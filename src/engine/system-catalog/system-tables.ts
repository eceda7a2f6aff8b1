import { finishSteps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { LeaseScope, type Lease } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Field, Schema } from '../../data/types/schema.ts'
import { vectorFromScalars } from '../../data/vectors/from-scalars.ts'
import type { Catalog, MemorySource, TableEntry } from '../../plan/catalog/catalog.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { createTableBuilder } from '../../wasm/kernels/table-builder.ts'
import { randomTableId } from '../catalog/table-id.ts'
import type { CatalogStore } from '../catalog/catalog-store.ts'
import { ObjectIds } from './object-ids.ts'
import { madeRows, type SystemRelation } from './relations.ts'
import type { CatalogRow } from './relations/rows.ts'
import { CatalogSnapshot } from './snapshot.ts'
import { staticRows } from './static-rows.ts'

/** A catalog's rows as they are stored, and who holds them. */
interface StoredCatalog {
  readonly snapshot: CatalogSnapshot | undefined
  readonly table: TableEntry
  /** A catalog of this table alone, through which the memory is held. */
  readonly root: Lease<Catalog>
}

/** Where rows are stored. */
export interface SystemMemory {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly catalog: CatalogStore
}

interface StoredPart {
  readonly chunks: readonly TableChunk[]
  readonly rows: number
  readonly held: LeaseScope
}

/**
 * The catalogs as tables in memory: what every database has is stored when somebody first asks, what users have made
 * when somebody asks after it changed. The last of each is kept; statements hold those that they read.
 */
export class SystemTables {
  readonly #engine: SystemMemory
  readonly #ids = new ObjectIds()
  readonly #snapshots = new WeakMap<Catalog, CatalogSnapshot>()
  readonly #static = new Map<string, StoredPart>()
  readonly #stored = new Map<string, StoredCatalog>()

  constructor(engine: SystemMemory) {
    this.#engine = engine
  }

  snapshot(catalog: Catalog): CatalogSnapshot {
    let snapshot = this.#snapshots.get(catalog)
    if (snapshot === undefined) {
      snapshot = new CatalogSnapshot(catalog, this.#ids)
      this.#snapshots.set(catalog, snapshot)
    }
    return snapshot
  }

  /** A catalog's rows; whoever reads them adds to `leases` what holds them. Errors: OUT_OF_MEMORY. */
  table(relation: SystemRelation, catalog: Catalog, leases: LeaseScope): TableEntry {
    const { name } = relation
    const make = Object.hasOwn(madeRows, name) ? madeRows[name] : undefined
    const snapshot = make && this.snapshot(catalog)
    let stored = this.#stored.get(name)
    if (stored === undefined || stored.snapshot !== snapshot) {
      const fixed = this.#fixed(relation)
      const made = snapshot && make?.(snapshot)
      const part = made && this.#store(relation.columns, valuesOf(relation.columns, made))
      const next = this.#tableOf(relation, snapshot, part === undefined ? [fixed] : [fixed, part])
      stored?.root.release()
      this.#stored.set(name, next)
      stored = next
    }
    const { source } = stored.table
    if (source.kind === 'memory' && source.chunks.length > 0) {
      leases.add(this.#engine.catalog.holdTable(source))
    }
    return stored.table
  }

  /** Lets go of all rows, when the engine closes. */
  close(): void {
    for (const { root } of this.#stored.values()) root.release()
    for (const { held } of this.#static.values()) held.close()
    this.#stored.clear()
    this.#static.clear()
  }

  /** The rows that every database has. */
  #fixed({ name, columns }: SystemRelation): StoredPart {
    let part = this.#static.get(name)
    if (part === undefined) {
      const rows = staticRows(name)
      const values = columns.map((field) =>
        rows.map((row) => {
          const text = row[field.name] ?? null
          return text === null ? null : parseScalar(text, field.type)
        }),
      )
      part = this.#store(columns, { rows: rows.length, values })
      this.#static.set(name, part)
    }
    return part
  }

  #store(columns: Schema, { rows, values }: ColumnValues): StoredPart {
    const held = new LeaseScope()
    if (rows === 0) return { chunks: [], rows, held }
    const { heap, kernels, catalog } = this.#engine
    const arena = new Arena(heap, 'table')
    const input = new Arena(heap)
    try {
      const builder = createTableBuilder(arena, kernels, columns, rows)
      const vectors = columns.map(({ type }, at) =>
        vectorFromScalars(input, type, values[at] ?? []),
      )
      finishSteps(builder.append({ rows, columns: vectors, statistics: undefined }))
      const { chunks } = finishSteps(builder.finish())
      held.add(catalog.bring({ arena, chunks }))
      return { chunks, rows, held }
    } catch (error) {
      arena.release()
      throw error
    } finally {
      input.release()
    }
  }

  /** Chunks of several parts as one table, of which those that are made anew go with it. */
  #tableOf(
    { schema, name, columns }: SystemRelation,
    snapshot: CatalogSnapshot | undefined,
    parts: readonly StoredPart[],
  ): StoredCatalog {
    const chunks = parts.flatMap((part) => part.chunks)
    const source: MemorySource = { kind: 'memory', id: randomTableId(), chunks }
    const rows = parts.reduce((sum, part) => sum + part.rows, 0)
    const statistics = { rows, exact: true, columns: columns.map(() => undefined) }
    const table: TableEntry = { kind: 'table', schema, name, columns, source, statistics }
    const relations = new Map([[schema, new Map([[name, table]])]])
    const none = new Map<never, never>()
    const own = { relations, models: none, types: none, functions: none }
    const root = this.#engine.catalog.hold(own)
    // The catalog holds what was made just now; what every database has stays.
    for (const { held } of parts.slice(1)) held.close()
    return { snapshot, table, root }
  }
}

interface ColumnValues {
  readonly rows: number
  /** By column, then by row. */
  readonly values: readonly (readonly Scalar[])[]
}

function valuesOf(columns: readonly Field[], rows: readonly CatalogRow[]): ColumnValues {
  const values = columns.map(({ name }) => rows.map((row) => row[name] ?? null))
  return { rows: rows.length, values }
}
