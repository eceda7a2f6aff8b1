import { randomTableId } from '../catalog/table-id.ts'
import { QueryError } from '../../base/errors.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { isOtherName } from '../../data/types/declared-type.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { Field } from '../../data/types/schema.ts'
import { inspectLocation } from '../../io/open.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { hasTarget } from '../../plan/catalog/references.ts'
import { isTemporarySchema, type OnConflict } from '../../plan/catalog/schemas.ts'
import type {
  CreateTableAsStatement,
  CreateTableFromStatement,
  CreateTableStatement,
  OnCommit,
} from '../../sql/ast/statement.ts'
import {
  declaredFileColumns,
  declaredTableSteps,
  refuseDuplicates,
} from '../tables/declared-table.ts'
import { checkFormatOptions, fileOptionsOf } from '../queries/file-options.ts'
import { storeQuery } from '../tables/memory-tables.ts'
import { optionRecord } from './option-record.ts'
import { withLikes } from '../tables/like-tables.ts'
import { addPlaced, placeNew } from '../tables/placement.ts'
import { QueryResult, skipped } from '../results/result.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE TABLE t (a int, ...): an empty table in memory. */
export const createTableEntry: StatementEntry<CreateTableStatement> = {
  tag: () => 'CREATE TABLE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createTable,
}

/** CREATE TABLE t WITH (location = ..., format = ...): a table over files. */
export const createTableFromEntry: StatementEntry<CreateTableFromStatement> = {
  tag: () => 'CREATE TABLE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createTableFrom,
}

/** CREATE TABLE t AS SELECT ...: the rows are stored in memory, narrowed and with statistics. */
export const createTableAsEntry: StatementEntry<CreateTableAsStatement> = {
  tag: () => 'CREATE TABLE AS',
  looks: () => true,
  writes: 'checked',
  async describe(ctx, { query }) {
    return { columns: undefined, parameterTypes: (await ctx.queries.bind(query)).parameterTypes }
  },
  run: createTableAs,
}

async function createTable(
  ctx: StatementContext,
  statement: CreateTableStatement,
): Promise<QueryResult> {
  const onConflict = statement.ifNotExists ? 'keep' : 'error'
  const { temporary } = statement
  const place = placeNew(ctx, statement.name, { temporary, onConflict })
  if (place.taken) return QueryResult.ofCommand('CREATE TABLE', 0, [skipped(place.name)])
  const declared = await ctx.queries.inTurns(
    declaredTableSteps(ctx, withLikes(ctx, statement), place),
  )
  const { columns, rules, sequences } = declared
  const entry: TableEntry = {
    kind: 'table',
    schema: place.schema,
    name: place.name,
    columns,
    source: { kind: 'memory', id: randomTableId(), chunks: [] },
    statistics: { rows: 0, exact: true, columns: columns.map(() => undefined) },
    ...(rules && { rules }),
    ...onCommitOf(statement, place.schema),
  }
  await ctx.transaction.change({
    apply(catalog) {
      const root = addPlaced(catalog, entry, onConflict)
      if (!(rules?.foreignKeys ?? []).every((key) => hasTarget(root, key))) throw overtaken()
      return sequences.reduce((now, sequence) => addPlaced(now, sequence), root)
    },
  })
  return QueryResult.ofCommand('CREATE TABLE')
}

/** Errors: INVALID_TABLE_DEFINITION for a table that is not temporary. */
function onCommitOf(
  { onCommit }: { readonly onCommit: OnCommit | undefined },
  schema: string,
): Pick<TableEntry, 'onCommit'> {
  if (onCommit === undefined) return {}
  if (!isTemporarySchema(schema)) {
    const message = 'ON COMMIT can only be used on temporary tables'
    throw new QueryError('INVALID_TABLE_DEFINITION', message)
  }
  return onCommit === 'preserve' ? {} : { onCommit }
}

async function createTableFrom(
  ctx: StatementContext,
  statement: CreateTableFromStatement,
): Promise<QueryResult> {
  const onConflict = conflictRule(statement)
  const place = placeNew(ctx, statement.name, { temporary: false, onConflict })
  if (place.taken && onConflict === 'keep') {
    return QueryResult.ofCommand('CREATE TABLE', 0, [skipped(place.name)])
  }
  const options = optionRecord(statement.options)
  const { location, format, fileOptions } = fileOptionsOf(options, statement.span)
  const declared = declaredFileColumns(ctx, statement)
  const inspected = await inspectLocation(location, {
    format,
    columns: declared,
    fileOptions,
    allowedRoots: ctx.engine.options.allowedRoots,
    allowUrls: ctx.engine.options.allowUrls,
    signal: ctx.options.signal,
  })
  const { source } = inspected
  if (source.kind === 'files') checkFormatOptions(options, source.format, statement.span)
  const entry: TableEntry = { kind: 'table', schema: place.schema, name: place.name, ...inspected }
  await ctx.transaction.change({ apply: (catalog) => addPlaced(catalog, entry, onConflict) })
  return QueryResult.ofCommand('CREATE TABLE')
}

async function createTableAs(
  ctx: StatementContext,
  statement: CreateTableAsStatement,
): Promise<QueryResult> {
  const bound = await ctx.queries.bind(statement.query)
  ctx.transaction.refuseIfReadOnly('CREATE TABLE AS')
  const onConflict = conflictRule(statement)
  const { temporary } = statement
  const place = placeNew(ctx, statement.name, { temporary, onConflict })
  if (place.taken && onConflict === 'keep') {
    return QueryResult.ofCommand('CREATE TABLE AS', 0, [skipped(place.name)])
  }
  const names = columnNames(statement, bound.outputNames)
  const columns = bound.relation.columns.map(({ type, nullable }, index): Field => ({
    name: names[index] ?? '',
    type: type.kind === 'unknown' ? { kind: 'text' } : type,
    nullable,
    ...declaredAs(bound.declared?.[index], type),
  }))
  refuseDuplicates(columns)
  const stored = statement.withData ? await storeQuery(ctx, bound.relation, columns) : undefined
  const entry: TableEntry = {
    kind: 'table',
    schema: place.schema,
    name: place.name,
    columns: columns.map((column) => ({ ...column, nullable: true })),
    source: { kind: 'memory', id: randomTableId(), chunks: stored?.chunks ?? [] },
    statistics: stored?.statistics ?? {
      rows: 0,
      exact: true,
      columns: columns.map(() => undefined),
    },
    ...onCommitOf(statement, place.schema),
  }
  await ctx.transaction.change({ apply: (catalog) => addPlaced(catalog, entry, onConflict) })
  if (stored === undefined) return QueryResult.ofCommand('CREATE TABLE AS')
  return QueryResult.ofCount('SELECT', stored.rows)
}

/** A column of a query as the column of a table: it is declared as the query's is. */
function declaredAs(declared: DeclaredType | undefined, type: DataType): Partial<Field> {
  const { kind } = type.kind === 'array' ? type.element : type
  if (declared === undefined) return kind === 'decimal' ? { computed: true } : {}
  if (declared.name === 'numeric') {
    const { precision, scale } = declared
    return kind === 'numeric' ? { digitLimit: { precision, scale } } : {}
  }
  if (!('charactersMax' in declared)) {
    return declared.name === 'varchar' || isOtherName(declared.name)
      ? { declared: declared.name }
      : {}
  }
  const { charactersMax } = declared
  const limit = charactersMax === undefined ? undefined : { type: declared.name, charactersMax }
  return {
    ...(declared.name === 'varchar' && { declared: declared.name }),
    ...(limit && { lengthLimit: limit }),
  }
}

function conflictRule(statement: {
  readonly ifNotExists: boolean
  readonly orReplace: boolean
}): OnConflict {
  if (statement.orReplace) return 'replace'
  return statement.ifNotExists ? 'keep' : 'error'
}

function columnNames(
  { columns, span }: CreateTableAsStatement,
  outputNames: readonly string[],
): readonly string[] {
  if (columns.length > outputNames.length) {
    throw new QueryError('SYNTAX_ERROR', 'too many column names were specified', { span })
  }
  return outputNames.map((name, index) => columns[index]?.text ?? name)
}
