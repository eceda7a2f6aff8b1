import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import {
  applied,
  type CatalogChange,
  type Recheck,
  type RowQueries,
} from '../catalog/catalog-change.ts'
import { memoryTableIn } from './memory-tables.ts'
import { checkReferences, type RowChange, type TouchedRows } from './references.ts'

/** Changes of rows of several tables that are one: none of them holds without those behind it. */
export class JointChange implements CatalogChange {
  readonly #changes: readonly RowChange[]

  constructor(changes: readonly RowChange[]) {
    this.#changes = changes
  }

  get looksAt(): readonly TableChunk[] {
    return this.#changes.flatMap((change) => change.looksAt ?? [])
  }

  apply(catalog: Catalog): Catalog {
    return applied(this.#changes, catalog)
  }

  guards(): boolean {
    return true
  }

  async check(queries: RowQueries, { root, checked }: Recheck): Promise<void> {
    let now = root
    for (const change of this.#changes) {
      const next = change.apply(now)
      await change.checkKeys(queries, { root: now, checked })
      now = next
    }
    await checkJointly(queries, now, this.#changes, 'again')
  }

  compact(root: Catalog, leases: LeaseScope): Catalog {
    return this.#changes.reduce((now, change) => change.compact?.(now, leases) ?? now, root)
  }
}

/** Checks foreign keys once all changes are made. Errors: FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE. */
export async function checkJointly(
  queries: RowQueries,
  after: Catalog,
  changes: readonly RowChange[],
  when: 'first' | 'again',
): Promise<void> {
  for (const touched of touchedTogether(after, changes)) {
    await checkReferences(queries, after, touched, when)
  }
}

/** What several changes touch, one a table: of the rows that came those that are there still. */
function touchedTogether(after: Catalog, changes: readonly RowChange[]): readonly TouchedRows[] {
  const byTable = new Map<string, RowChange[]>()
  for (const change of changes) {
    const { schema, name } = change.touched.table
    const key = JSON.stringify([schema, name])
    byTable.set(key, [...(byTable.get(key) ?? []), change])
  }
  return [...byTable.values()].map((own): TouchedRows => {
    const all = own.map(({ touched }) => touched)
    const [first] = all
    const { table } = first!
    if (all.length === 1) return first!
    const there = new Set(memoryTableIn(after, table.schema, table.name)?.source.chunks)
    return {
      table,
      coming: all.flatMap(({ coming }) => coming).filter((chunk) => there.has(chunk)),
      going: all.flatMap(({ going }) => going),
      isAssigned: (column) => all.some((one) => one.isAssigned(column)),
      hasFewer: all.some(({ hasFewer }) => hasFewer),
      mayDelete: all.some(({ mayDelete }) => mayDelete),
      renewed: undefined,
    }
  })
}
