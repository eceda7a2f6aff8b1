import { QueryError } from '../../base/errors.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { LostKeys } from '../../plan/binder/reference-actions.ts'
import {
  keyInUse,
  lostKeyInUse,
  mixedKey,
  orphanedKey,
} from '../../plan/binder/reference-checks.ts'
import type { Catalog, EntryName, TableEntry } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { referencesTo, type Reference } from '../../plan/catalog/references.ts'
import type { ForeignKeyRule } from '../../plan/catalog/table-rules.ts'
import { scan } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { CatalogChange, Recheck, RowQueries } from '../catalog/catalog-change.ts'
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
  /** Whether there may be rows of those that went and are no others now. */
  readonly mayDelete: boolean
  readonly renewed: RenewedRows | undefined
}

/** Rows of a table that were changed. */
export interface RenewedRows {
  /** As it was. */
  readonly table: MemoryTable
  /** The number that each had in it, first; the columns that it has now, from `first` on. */
  readonly chunks: readonly TableChunk[]
  /** 2: between them it is said whether the row stays. */
  readonly first: 1 | 2
}

/** A change of rows. */
export interface RowChange extends CatalogChange {
  readonly touched: TouchedRows
  /** As `check`, of keys alone. */
  checkKeys(queries: RowQueries, recheck: Recheck): Promise<void> | undefined
}

/** Whether a foreign key changes rows that refer to others, where these change. */
export function isActing({ onDelete, onUpdate }: ForeignKeyRule): boolean {
  return [onDelete, onUpdate].some(({ kind }) => kind !== 'no action' && kind !== 'restrict')
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
  const check = (): Promise<void> =>
    checkReferences(queries, change.apply(root), change.touched, 'again')
  return pending === undefined ? check() : pending.then(check)
}

/**
 * Checks the foreign keys of a table and those over it, once its rows are changed. `again`: rows that came since would have
 * been changed with the others. Errors: FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE.
 */
export async function checkReferences(
  queries: RowQueries,
  after: Catalog,
  touched: TouchedRows,
  when: 'first' | 'again',
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
    const found = checkReferred(queries, after, reference, going)
    await (when === 'again' && isActing(reference.rule) ? found.catch(overtakenBy) : found)
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
  throw stillReferred(target, reference, key)
}

function stillReferred(
  target: TableEntry,
  reference: Reference,
  key: readonly Scalar[],
): QueryError {
  const { table, rule } = reference
  const message = `update or delete on table "${target.name}" violates foreign key constraint "${rule.name}" on table "${table.name}"`
  const shown = keyText(target, rule.targetColumns, key)
  const detail = `Key ${shown} is still referenced from table "${table.name}".`
  return violation(message, detail, reference)
}

/** Errors: FOREIGN_KEY_VIOLATION where rows refer to keys that are lost. */
export async function refuseReferring(
  queries: RowQueries,
  target: TableEntry,
  { table, rule }: Reference,
  lost: LostKeys,
): Promise<void> {
  const rows = scan(queries.columnIds, table)
  const key = await firstRow(queries, lostKeyInUse(queries.binder(), rows, lost, rule))
  if (key !== undefined) throw stillReferred(target, { table, rule }, key)
}

/** Others referred to rows that were there when this change was made. */
function overtakenBy(error: unknown): never {
  throw error instanceof QueryError && error.code === 'FOREIGN_KEY_VIOLATION' ? overtaken() : error
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

/** The foreign keys of a table. */
export function ownReferences(catalog: Catalog, { schema, name }: EntryName): readonly Reference[] {
  const table = memoryTableIn(catalog, schema, name)
  if (table === undefined) return []
  return (table.rules?.foreignKeys ?? []).map((rule) => ({ table, rule }))
}

function targetOf(catalog: Catalog, { target }: ForeignKeyRule): MemoryTable {
  const table = memoryTableIn(catalog, target.schema, target.name)
  if (table === undefined) throw overtaken()
  return table
}
