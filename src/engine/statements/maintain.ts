import { QueryError } from '../../base/errors.ts'
import { columnPosition } from '../../plan/binder/changes/stored-value.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { kindName } from '../../plan/catalog/catalog.ts'
import type { CatalogEntry } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation, findRelation } from '../../plan/catalog/relations.ts'
import type {
  LockStatement,
  MaintainedTable,
  MaintainStatement,
} from '../../sql/ast/maintenance.ts'
import type { CatalogChange } from '../catalog/catalog-change.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult, type Notice } from '../results/result.ts'
import { sameTableIn } from '../tables/appended-rows.ts'
import { mergeRuns, RUN_CHUNKS_MIN, withChunks, type MemoryTable } from '../tables/memory-tables.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** ANALYZE, whose statistics every chunk has from the first on; VACUUM, which brings small chunks of tables together. */
export const maintainEntry: StatementEntry<MaintainStatement> = {
  tag: ({ command }) => command.toUpperCase(),
  looks: () => true,
  writes: 'no',
  describe: () => noShape,
  run: maintain,
}

async function maintain(ctx: StatementContext, statement: MaintainStatement): Promise<QueryResult> {
  const { command, analyzes, isFull, tables } = statement
  const isVacuum = command === 'vacuum'
  const tag = command.toUpperCase()
  if (isVacuum && ctx.transaction.inBlock) {
    throw new QueryError('ACTIVE_TRANSACTION', 'VACUUM cannot run inside a transaction block')
  }
  if (!analyzes && tables.some(({ columns }) => columns.length > 0)) {
    const message = 'ANALYZE option must be specified when a column list is provided'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message)
  }
  const notices: Notice[] = []
  const found: CatalogEntry[] = []
  for (const table of tables) {
    const entry = maintainedEntry(ctx, table)
    if (entry.kind === 'table' || kindName(entry) === 'materialized view') found.push(entry)
    else notices.push(skipping(entry, command))
  }
  if (isVacuum) {
    for (const entry of tables.length === 0 ? ownTables(ctx) : found) {
      if (entry.kind !== 'table' || entry.source.kind !== 'memory') continue
      await compact(ctx, entry as MemoryTable, isFull ? 2 : RUN_CHUNKS_MIN)
    }
  }
  return QueryResult.ofCommand(tag, 0, notices)
}

/** Errors: UNDEFINED_TABLE, UNDEFINED_COLUMN, DUPLICATE_COLUMN. */
function maintainedEntry(
  { catalog, searchPath }: StatementContext,
  { name, columns }: MaintainedTable,
): CatalogEntry {
  const { span: _, ...wanted } = objectName(name)
  const entry = findRelation(catalog, wanted, searchPath)
  if (entry.kind !== 'table') return entry
  const seen = new Set<number>()
  for (const column of columns) {
    const position = columnPosition(entry, column)
    if (seen.has(position)) {
      const message = `column "${column.text}" of relation "${entry.name}" appears more than once`
      throw new QueryError('DUPLICATE_COLUMN', message)
    }
    seen.add(position)
  }
  return entry
}

function skipping({ name }: CatalogEntry, verb: MaintainStatement['command']): Notice {
  const message = `skipping "${name}" --- cannot ${verb} non-tables or special system tables`
  return { sqlState: '01000', severity: 'WARNING', message }
}

function ownTables({ catalog }: StatementContext): readonly CatalogEntry[] {
  return [...catalog.relations.values()].flatMap((entries) => [...entries.values()])
}

/** Brings chunks of a table together, so many at least. Rows that others append meanwhile stay behind them. */
async function compact(
  ctx: StatementContext,
  table: MemoryTable,
  runChunksMin: number,
): Promise<void> {
  const { columns, source } = table
  const { chunks } = source
  const merged = mergeRuns(ctx.engine, ctx.leases, { columns, chunks }, runChunksMin)
  if (merged === chunks) return
  await ctx.transaction.changeChecked(ctx.queries, {
    apply(catalog) {
      const now = sameTableIn(catalog, table)
      const there = now?.source.chunks
      if (now === undefined || there === undefined || !beginsWith(there, chunks)) throw overtaken()
      const all = [...merged, ...there.slice(chunks.length)]
      return addRelation(catalog, withChunks(now, all), 'replace')
    },
  })
}

function beginsWith<T>(all: readonly T[], first: readonly T[]): boolean {
  return first.length <= all.length && first.every((one, at) => one === all[at])
}

/**
 * LOCK TABLE: nobody waits, but a transaction that holds back others in PostgreSQL fails where they changed the table
 * before it was committed.
 */
export const lockEntry: StatementEntry<LockStatement> = {
  tag: () => 'LOCK TABLE',
  looks: () => true,
  writes: 'no',
  describe: () => noShape,
  run: lock,
}

/** They go together with what changes rows. */
const weak: ReadonlySet<string> = new Set([
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
])

async function lock(ctx: StatementContext, { tables, mode }: LockStatement): Promise<QueryResult> {
  const { transaction } = ctx
  if (!transaction.isExplicit) {
    const message = 'LOCK TABLE can only be used in transaction blocks'
    throw new QueryError('NO_ACTIVE_TRANSACTION', message)
  }
  const entries = tables.map((name) => {
    const { span: _, ...wanted } = objectName(name)
    return findRelation(ctx.catalog, wanted, ctx.searchPath)
  })
  for (const entry of entries) refuseLock(entry)
  if (!weak.has(mode)) {
    for (const entry of entries) await transaction.changeChecked(ctx.queries, unchanged(entry))
  }
  return QueryResult.ofCommand('LOCK TABLE')
}

/** Errors: WRONG_OBJECT_TYPE. */
function refuseLock(entry: CatalogEntry): void {
  const kind = kindName(entry)
  if (kind === 'table' || kind === 'view') return
  throw new QueryError('WRONG_OBJECT_TYPE', `cannot lock relation "${entry.name}"`, {
    detail: `This operation is not supported for ${kind}s.`,
  })
}

/** Changes nothing, and fails where others changed what is locked. Errors: SERIALIZATION_FAILURE. */
function unchanged(locked: CatalogEntry): CatalogChange {
  return {
    apply(catalog) {
      const now = catalog.relations.get(locked.schema)?.get(locked.name)
      if (!isAsLocked(locked, now)) throw overtaken()
      return catalog
    },
  }
}

/** A table whose transaction changed it before is made anew for each root, of the same chunks. */
function isAsLocked(locked: CatalogEntry, now: CatalogEntry | undefined): boolean {
  if (now === locked) return true
  if (now?.kind !== 'table' || locked.kind !== 'table') return now?.kind === locked.kind
  if (now.columns !== locked.columns) return false
  const [own, others] = [locked.source, now.source]
  if (own.kind !== 'memory' || others.kind !== 'memory') return own === others
  return own.chunks.length === others.chunks.length && beginsWith(others.chunks, own.chunks)
}
