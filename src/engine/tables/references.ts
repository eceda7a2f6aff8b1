import { QueryError } from '../../base/errors.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import { keyInUse, mixedKey, orphanedKey } from '../../plan/binder/reference-checks.ts'
import type { Catalog, EntryName, TableEntry } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { referencesTo, type Reference } from '../../plan/catalog/references.ts'
import type { ForeignKeyRule } from '../../plan/catalog/table-rules.ts'
import { scan } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { CatalogChange, Recheck, RowQueries } from '../catalog/catalog-change.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { memoryTableIn, withChunks, type MemoryTable } from './memory-tables.ts'
import { firstRow, keyText } from './row-rules.ts'
import { unproven } from './alter/check-rows.ts'

/** Rows of one table that a change touches. */
export interface TouchedRows {
  readonly table: EntryName
  /** Chunks with rows that are as they were not before, and maybe others. */
  readonly coming: readonly TableChunk[]
  /** Chunks with rows that go or become others, and maybe others. */
  readonly going: readonly TableChunk[]
  /** Whether a column may have other values. */
  isAssigned(column: number): boolean
  /** Whether there are fewer rows than before, of all those chunks. */
  readonly hasFewer: boolean
}

/** A change of rows. */
export interface RowChange extends CatalogChange {
  readonly touched: TouchedRows
}

/** Makes a change of rows whose own rules are checked. Errors: FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE. */
export async function changeRows(
  { transaction, queries, leases }: StatementContext,
  change: RowChange,
): Promise<void> {
  // What statements of the same WITH did counts.
  const before = leases.add(transaction.hold()).value
  const { table, going } = change.touched
  const isReferredTo = going.length > 0 && referencesTo(before, table).length > 0
  if (isReferredTo || ownReferences(before, table).length > 0) {
    await checkReferences(queries, change.apply(before), change.touched)
  }
  await transaction.changeChecked(queries, change)
}

/** Whether foreign keys hang on a table: its own, or those of others. */
export function hasReferences(catalog: Catalog, table: EntryName): boolean {
  return ownReferences(catalog, table).length > 0 || referencesTo(catalog, table).length > 0
}

/** Whether what foreign keys say of a table is to be looked at again. */
function referencesDiffer(root: Catalog, checked: Catalog, table: EntryName): boolean {
  if (root === checked) return false
  const differs = (name: EntryName): boolean => {
    const now = memoryTableIn(root, name.schema, name.name)
    const before = memoryTableIn(checked, name.schema, name.name)
    return (
      now?.source.chunks !== before?.source.chunks ||
      now?.rules?.foreignKeys !== before?.rules?.foreignKeys
    )
  }
  const targets = ownReferences(root, table).map(({ rule }) => rule.target)
  const referring = referencesTo(root, table).map((reference) => reference.table)
  return [...targets, ...referring].some(differs) || (targets.length > 0 && differs(table))
}

/** A check of a change, and with it of foreign keys where others changed what they hang on. */
export function alsoReferences(
  queries: RowQueries,
  change: RowChange,
  { root, checked }: Recheck,
  pending: Promise<void> | undefined,
): Promise<void> | undefined {
  if (!referencesDiffer(root, checked, change.touched.table)) return pending
  const check = (): Promise<void> => checkReferences(queries, change.apply(root), change.touched)
  return pending === undefined ? check() : pending.then(check)
}

/** Checks the foreign keys of a table and those over it, once its rows are changed. Errors: FOREIGN_KEY_VIOLATION. */
export async function checkReferences(
  queries: RowQueries,
  after: Catalog,
  touched: TouchedRows,
): Promise<void> {
  const { coming, going } = touched
  if (coming.length > 0) {
    for (const { table, rule } of ownReferences(after, touched.table)) {
      if (!rule.columns.some((at) => touched.isAssigned(at))) continue
      await checkReferring(queries, after, withChunks(table as MemoryTable, coming), rule)
    }
  }
  if (going.length === 0) return
  for (const reference of referencesTo(after, touched.table)) {
    const { targetColumns } = reference.rule
    if (!touched.hasFewer && !targetColumns.some((at) => touched.isAssigned(at))) continue
    await checkReferred(queries, after, reference, going)
  }
}

/** Errors: FOREIGN_KEY_VIOLATION where rows of the table refer to none. */
export async function checkReferring(
  queries: RowQueries,
  catalog: Catalog,
  table: TableEntry,
  rule: ForeignKeyRule,
): Promise<void> {
  const target = targetOf(catalog, rule)
  const rows = (): Relation => scan(queries.columnIds, unproven(table))
  const binder = queries.binder()
  const message = `insert or update on table "${table.name}" violates foreign key constraint "${rule.name}"`
  if (rule.match === 'full' && rule.columns.length > 1) {
    const mixed = await firstRow(queries, mixedKey(binder, rows(), rule))
    if (mixed !== undefined) {
      const detail = 'MATCH FULL does not allow mixing of null and nonnull key values.'
      throw violation(message, detail, { table, rule })
    }
  }
  const there = scan(queries.columnIds, target)
  const key = await firstRow(queries, orphanedKey(binder, rows(), there, rule))
  if (key === undefined) return
  const shown = keyText(table, rule.columns, key)
  throw violation(message, `Key ${shown} is not present in table "${target.name}".`, {
    table,
    rule,
  })
}

async function checkReferred(
  queries: RowQueries,
  after: Catalog,
  reference: Reference,
  going: readonly TableChunk[],
): Promise<void> {
  const { table, rule } = reference
  if (table.statistics.rows === 0) return
  const target = targetOf(after, rule)
  const rows = scan(queries.columnIds, table)
  const changed = {
    gone: scan(queries.columnIds, unproven(withChunks(target, going))),
    after: scan(queries.columnIds, target),
  }
  const key = await firstRow(queries, keyInUse(queries.binder(), rows, changed, rule))
  if (key === undefined) return
  const message = `update or delete on table "${target.name}" violates foreign key constraint "${rule.name}" on table "${table.name}"`
  const shown = keyText(target, rule.targetColumns, key)
  throw violation(
    message,
    `Key ${shown} is still referenced from table "${table.name}".`,
    reference,
  )
}

function violation(message: string, detail: string, { table, rule }: Reference): QueryError {
  const { schema, name } = table
  const constraint = rule.name
  return new QueryError('FOREIGN_KEY_VIOLATION', message, {
    detail,
    schema,
    table: name,
    constraint,
  })
}

function ownReferences(catalog: Catalog, { schema, name }: EntryName): readonly Reference[] {
  const table = memoryTableIn(catalog, schema, name)
  if (table === undefined) return []
  return (table.rules?.foreignKeys ?? []).map((rule) => ({ table, rule }))
}

function targetOf(catalog: Catalog, { target }: ForeignKeyRule): MemoryTable {
  const table = memoryTableIn(catalog, target.schema, target.name)
  if (table === undefined) throw overtaken()
  return table
}
