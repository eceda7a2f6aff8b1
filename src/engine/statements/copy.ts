import { QueryError, notSupported } from '../../base/errors.ts'
import { createFile, fileBytes } from '../../io/filesystems/whole-files.ts'
import { bool } from '../../data/types/data-type.ts'
import { insertedColumns, rowsInTableOrder } from '../../plan/binder/changes/insert.ts'
import { columnPosition, generatedColumns } from '../../plan/binder/changes/stored-value.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { bindIndexedOf } from '../../plan/binder/table-rules.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { filter, scan } from '../../plan/logical/build.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { coerceTo } from '../../plan/logical/typing.ts'
import type { CopiedTable, CopyPlace, CopyStatement } from '../../sql/ast/copy.ts'
import type { Identifier } from '../../sql/ast/expression.ts'
import { bareQuery, bareSelect } from '../../sql/ast/bare-select.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { BinaryRows } from '../copy/binary-rows.ts'
import { binaryWriter } from '../copy/binary-writer.ts'
import { storeIncoming } from '../copy/incoming-rows.ts'
import { keptValues, type KeptValue } from '../copy/kept-values.ts'
import { copyFormOf, type CopyForm, type ForcedColumns } from '../copy/options.ts'
import { writeRows } from '../copy/outgoing-rows.ts'
import { isOfReader, isPlainCsv, linesOfPlainFile, plainTable } from '../copy/plain-csv.ts'
import { textWriter } from '../copy/row-writer.ts'
import { TextRows, type CopyTarget } from '../copy/text-rows.ts'
import { embeddedDoor, type CopyDoor, type CopyShape, type CopySink } from '../results/copy-door.ts'
import { QueryResult, type ResultColumn } from '../results/result.ts'
import {
  storeQuery,
  tableOfRows,
  type MemoryTable,
  type StoredRows,
} from '../tables/memory-tables.ts'
import { changeRows } from '../tables/change-rows.ts'
import { refuseChangeIfReadOnly, targetTable } from '../tables/target-table.ts'
import { noShape, type StatementEntry } from './entry.ts'
import { appended } from './insert.ts'
import { select } from './select.ts'

/** COPY FROM: all rows or none; COPY TO: those of a table or of a query. */
export const copyEntry: StatementEntry<CopyStatement> = {
  tag: () => 'COPY',
  looks: () => true,
  writes: 'checked',
  describe: () => noShape,
  run: (ctx, statement) =>
    statement.direction === 'from' ? copyFrom(ctx, statement) : copyTo(ctx, statement),
}

/** A COPY FROM whose names are known. */
interface Incoming {
  readonly table: MemoryTable
  /** Positions in the table of the columns that are given, in the order given. */
  readonly given: readonly number[]
  readonly form: CopyForm
  readonly statement: CopyStatement & { readonly source: CopiedTable }
}

async function copyFrom(ctx: StatementContext, statement: CopyStatement): Promise<QueryResult> {
  const { source, place } = statement
  if (source.kind === 'query') throw new RangeError('COPY of a query has no rows to take')
  const form = copyFormOf(statement)
  const table = targetTable(ctx, source.name, 'copy to')
  refuseChangeIfReadOnly(ctx, table, 'COPY FROM')
  const given = copiedColumns(table, source.columns)
  const incoming: Incoming = { table, given, form, statement: { ...statement, source } }
  // What is wrong with it is said before any row is read.
  const rowsOf = (rows: Relation): Relation => wantedRows(ctx, incoming, rows)
  const fields = givenFields(incoming)
  const read = scan(ctx.columnIds, tableOfRows({ ...table, columns: fields }, []))
  rowsOf(read)
  const binder = ctx.queries.binder()
  const target = targetOf(incoming, keptValues(binder, fields, read.columns), binder.ctx.locale)
  const plain =
    place.kind === 'file' && isPlainCsv(form, fields, target.locale)
      ? await storePlain(ctx, incoming, place.text, rowsOf)
      : undefined
  const stored = plain?.stored ?? (await storeExactly(ctx, incoming, target, rowsOf))
  const { change } = await appended(ctx, table, stored, source.name.span)
  if (stored.rows > 0) await changeRows(ctx, change)
  return QueryResult.ofCount('COPY', stored.rows)
}

async function storeExactly(
  ctx: StatementContext,
  incoming: Incoming,
  target: CopyTarget,
  rowsOf: (rows: Relation) => Relation,
): Promise<StoredRows> {
  const { form, given, statement } = incoming
  const bytes = await openSource(ctx, statement.place, shapeOf(form, given.length))
  return storeSource(ctx, incoming, { target, bytes, rowsOf })
}

/**
 * Stores the rows of a plain CSV file as a query over it gives them; undefined where they might be others than those that COPY
 * reads.
 */
async function storePlain(
  ctx: StatementContext,
  incoming: Incoming,
  location: string,
  rowsOf: (rows: Relation) => Relation,
): Promise<{ readonly stored: StoredRows } | undefined> {
  const { form, statement } = incoming
  const columns = givenFields(incoming)
  if (statement.where !== undefined) return undefined
  const permission = permissionOf(ctx)
  const lines = await linesOfPlainFile(ctx, location, permission)
  if (lines === undefined || lines === 0) return undefined
  try {
    const file = await plainTable(location, columns, form, permission)
    const stored = await storeQuery(ctx, rowsOf(scan(ctx.columnIds, file)), incoming.table.columns)
    const isWhole = stored.rows === lines - (form.header === 'none' ? 0 : 1)
    return isWhole ? { stored } : undefined
  } catch (error) {
    if (isOfReader(error)) return undefined
    throw error
  }
}

interface Source {
  readonly target: CopyTarget
  readonly bytes: AsyncIterable<Uint8Array>
  /** What of the rows that are read is put into the table, and as what. */
  readonly rowsOf: (rows: Relation) => Relation
}

async function storeSource(
  ctx: StatementContext,
  incoming: Incoming,
  { target, bytes, rowsOf }: Source,
): Promise<StoredRows> {
  const { table, given, form, statement } = incoming
  const reader = form.format === 'binary' ? new BinaryRows(target) : new TextRows(form, target)
  if (given.length === table.columns.length && statement.where === undefined) {
    const order = table.columns.map((_, at) => given.indexOf(at))
    return storeIncoming(ctx, bytes, { reader, schema: table.columns.map(unchecked), order })
  }
  const columns = givenFields(incoming)
  const order = columns.map((_, at) => at)
  const { chunks } = await storeIncoming(ctx, bytes, { reader, schema: columns, order })
  const rows = scan(ctx.columnIds, tableOfRows({ ...table, columns }, chunks))
  return storeQuery(ctx, rowsOf(rows), table.columns)
}

/** A column as rows have it that no constraint was checked for: it may be NULL. */
function unchecked<F extends MemoryTable['columns'][number]>(field: F): F {
  return { ...field, nullable: true }
}

function givenFields({ table, given }: Incoming): MemoryTable['columns'] {
  return given.map((position) => unchecked(table.columns[position]!))
}

/** The rows of a table in its order, with defaults, those that WHERE is true for. */
function wantedRows(ctx: StatementContext, incoming: Incoming, rows: Relation): Relation {
  const { table, statement } = incoming
  const { source, where } = statement
  const binder = ctx.queries.binder()
  const columns = incoming.given.map((position) => {
    const { name } = table.columns[position]!
    return { text: name, quoted: true, span: source.name.span }
  })
  // Whatever numbers its rows takes the numbers that come.
  const named = { table: source.name, columns, overriding: 'system', query: undefined } as const
  const whole = rowsInTableOrder(binder, table, named, rows)
  if (where === undefined) return whole
  const clause = 'COPY FROM WHERE conditions'
  const bound = bindIndexedOf(binder, where, table.name, whole.columns, clause)
  return filter(whole, coerceTo(binder, bound, bool, 'WHERE', 'implicit'))
}

function targetOf(
  { table, given, form }: Incoming,
  kept: readonly KeptValue[],
  locale: Locale,
): CopyTarget {
  const forced = (columns: ForcedColumns, option: string): ReadonlySet<number> => {
    const names = columns === 'all' ? [] : columns
    return new Set(names.map((name) => placeOf(table, given, name, option)))
  }
  return {
    table: table.name,
    columns: given.map((position) => table.columns[position]!),
    kept,
    locale,
    forced: {
      notNull: forced(form.forceNotNull, 'FORCE_NOT_NULL'),
      null: forced(form.forceNull, 'FORCE_NULL'),
    },
  }
}

/** Errors: UNDEFINED_COLUMN, INVALID_COLUMN_REFERENCE for one that is not copied. */
function placeOf(
  table: Pick<MemoryTable, 'name' | 'columns'> & MemoryTable,
  given: readonly number[],
  name: Identifier,
  option: string,
): number {
  const at = given.indexOf(columnPosition(table, name))
  if (at >= 0) return at
  const message = `${option} column "${name.text}" not referenced by COPY`
  throw new QueryError('INVALID_COLUMN_REFERENCE', message, { span: name.span })
}

function shapeOf({ format }: CopyForm, columns: number): CopyShape {
  return { isBinary: format === 'binary', columns }
}

function doorOf({ options }: StatementContext): CopyDoor {
  return options.copyDoor ?? embeddedDoor(options.copyFrom, options.copyTo)
}

async function openSource(
  ctx: StatementContext,
  place: CopyPlace,
  shape: CopyShape,
): Promise<AsyncIterable<Uint8Array>> {
  if (place.kind === 'program') throw notSupported('COPY FROM PROGRAM', place.span)
  if (place.kind === 'file') return fileBytes(place.text, permissionOf(ctx))
  const source = doorOf(ctx).read?.(shape)
  if (source !== undefined) return source
  throw withoutClient('FROM STDIN', 'copyFrom', place)
}

async function openSink(
  ctx: StatementContext,
  place: CopyPlace,
  shape: CopyShape,
): Promise<CopySink> {
  if (place.kind === 'program') throw notSupported('COPY TO PROGRAM', place.span)
  if (place.kind === 'file') return createFile(place.text, permissionOf(ctx))
  const sink = doorOf(ctx).write?.(shape)
  if (sink !== undefined) return sink
  throw withoutClient('TO STDOUT', 'copyTo', place)
}

function withoutClient(what: string, option: string, { span }: CopyPlace): QueryError {
  return new QueryError('FEATURE_NOT_SUPPORTED', `not supported: COPY ${what} here`, {
    span,
    hint: `Give the statement the option ${option}, use the PostgreSQL port, or a file.`,
  })
}

type Permission = Parameters<typeof createFile>[1]

function permissionOf({ engine, options }: StatementContext): Permission {
  const { allowedRoots, allowUrls } = engine.options
  return { allowedRoots, allowUrls, signal: options.signal }
}

async function copyTo(ctx: StatementContext, statement: CopyStatement): Promise<QueryResult> {
  const form = copyFormOf(statement)
  const result = await rowsToCopy(ctx, statement)
  let sink: CopySink
  let quoted: ReadonlySet<number>
  try {
    quoted = forcedQuotes(ctx, statement, form, result.columns)
    sink = await openSink(ctx, statement.place, shapeOf(form, result.columns.length))
  } catch (error) {
    result.release()
    throw error
  }
  const { columns } = result
  const writer =
    form.format === 'binary' ? binaryWriter(columns) : textWriter(form, columns, quoted)
  return QueryResult.ofCount('COPY', await writeRows(ctx, result, { writer, sink }))
}

function forcedQuotes(
  ctx: StatementContext,
  { source }: CopyStatement,
  { forceQuote }: CopyForm,
  columns: readonly ResultColumn[],
): ReadonlySet<number> {
  if (forceQuote === 'all') return new Set(columns.keys())
  return new Set(
    forceQuote.map((name) => {
      const at = columns.findIndex((column) => column.name === name.text)
      if (at >= 0) return at
      if (source.kind === 'table') {
        const entry = findRelation(ctx.catalog, objectName(source.name), ctx.searchPath)
        if (entry.kind === 'table') columnPosition(entry, name)
        const message = `FORCE_QUOTE column "${name.text}" not referenced by COPY`
        throw new QueryError('INVALID_COLUMN_REFERENCE', message)
      }
      const message = `column "${name.text}" does not exist`
      throw new QueryError('UNDEFINED_COLUMN', message, { span: name.span })
    }),
  )
}

async function rowsToCopy(
  ctx: StatementContext,
  { source, span }: CopyStatement,
): Promise<QueryResult> {
  if (source.kind === 'table') return select(ctx, selectOf(ctx, source, span), true)
  const { query } = source
  if (query.kind === 'select') return select(ctx, query, true)
  if (query.returning === undefined) {
    const message = 'COPY query must have a RETURNING clause'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: query.span })
  }
  return ctx.execute(query)
}

/** The columns that rows are copied into, by position: those that are computed of the others are left out. */
function copiedColumns(table: MemoryTable, columns: CopiedTable['columns']): readonly number[] {
  const generated = new Set(generatedColumns(table))
  const given = insertedColumns(table, columns)
  const computed = given.find((position) => generated.has(position))
  if (computed === undefined) return given
  if (columns.length === 0) return given.filter((position) => !generated.has(position))
  const message = `column "${table.columns[computed]?.name}" is a generated column`
  throw new QueryError('INVALID_COLUMN_REFERENCE', message, {
    detail: 'Generated columns cannot be used in COPY.',
  })
}

/** A table's columns as a query. Errors: WRONG_OBJECT_TYPE for a view. */
function selectOf(
  ctx: StatementContext,
  { name, columns }: CopiedTable,
  span: CopyStatement['span'],
): SelectStatement {
  const entry = findRelation(ctx.catalog, objectName(name), ctx.searchPath)
  if (entry.kind === 'view') {
    throw new QueryError('WRONG_OBJECT_TYPE', `cannot copy from view "${entry.name}"`, {
      hint: 'Try the COPY (SELECT ...) TO variant.',
    })
  }
  if (entry.kind === 'sequence') {
    const message = `cannot copy from sequence "${entry.name}"`
    throw new QueryError('WRONG_OBJECT_TYPE', message)
  }
  const written = columns.length > 0 ? columns : undefined
  const positions = insertedColumns(entry, written ?? [])
  const items = positions.map((position, at) => {
    const own = { text: entry.columns[position]!.name, quoted: true, span: name.span }
    const column = written?.[at] ?? own
    return {
      expr: {
        kind: 'column',
        name: { parts: [column], span: name.span },
        span: name.span,
      } as const,
      alias: undefined,
      span: name.span,
    }
  })
  const from = [
    { kind: 'table', name, alias: undefined, sample: undefined, span: name.span },
  ] as const
  return bareQuery(bareSelect(items, from, span), span)
}
