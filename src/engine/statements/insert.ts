import { QueryError } from '../../base/errors.ts'
import { int4, type DataType } from '../../data/types/data-type.ts'
import type { Field } from '../../data/types/schema.ts'
import type { Binder, BindTarget } from '../../plan/binder/context.ts'
import { bindDefaultOf } from '../../plan/binder/table-rules.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { columnReference, literal, named, oneRow, project } from '../../plan/logical/build.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { typedCall } from '../../plan/logical/typing.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import type { InsertStatement } from '../../sql/ast/statement.ts'
import { parseExpression } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import { storeQuery, type MemoryTable } from '../tables/memory-tables.ts'
import { AppendedRows } from '../tables/appended-rows.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { QueryResult } from '../results/result.ts'
import { checkRows } from '../tables/row-rules.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { StatementEntry } from './entry.ts'

/** INSERT INTO t [(columns)] VALUES ... | SELECT ... | DEFAULT VALUES: all rows or none. */
export const insertEntry: StatementEntry<InsertStatement> = {
  tag: () => 'INSERT',
  looks: () => true,
  writes: 'checked',
  async describe(ctx, statement) {
    return { columns: undefined, parameterTypes: await parameterTypes(ctx, statement) }
  },
  run: insert,
}

/** The types of an INSERT's parameters: those of the columns that they go to. */
async function parameterTypes(
  ctx: StatementContext,
  statement: InsertStatement,
): Promise<readonly DataType[]> {
  if (statement.query === undefined) return []
  const entry = targetTable(ctx, statement)
  const targets = targetColumns(entry, statement).map((at) => bindTarget(entry, at, statement))
  return (await ctx.queries.bind(statement.query, targets)).parameterTypes
}

function targetTable(ctx: StatementContext, statement: InsertStatement): MemoryTable {
  const name = objectName(statement.table)
  return memoryTable(findRelation(ctx.catalog, name, ctx.searchPath), statement)
}

/** A column of the table as the query's outputs are brought to it. */
function bindTarget(entry: TableEntry, position: number, { table }: InsertStatement): BindTarget {
  const { name, type } = entry.columns[position]!
  const text = entry.rules?.defaults[position]
  if (text === undefined) return { name, type }
  return { name, type, defaultValue: placedAt(parseExpression(text), table.span) }
}

async function insert(ctx: StatementContext, statement: InsertStatement): Promise<QueryResult> {
  const entry = targetTable(ctx, statement)
  const input = await rowsToInsert(ctx, statement, entry)
  if (entry.schema !== ctx.temporarySchema) ctx.transaction.refuseIfReadOnly('INSERT')
  const stored = await storeQuery(ctx, input, entry.columns)
  const { rows, chunks } = stored
  await checkRows(ctx.queries, { output: stored, table: entry, span: statement.table.span })
  if (rows > 0) {
    await ctx.transaction.changeChecked(ctx.queries, new AppendedRows(ctx.engine, entry, chunks))
  }
  return QueryResult.ofCount('INSERT 0', rows)
}

/** The rows with all columns of the table in order. */
async function rowsToInsert(
  ctx: StatementContext,
  statement: InsertStatement,
  entry: TableEntry,
): Promise<Relation> {
  const { query } = statement
  if (query === undefined) return inTableOrder(ctx, oneRow(), statement, entry)
  const targets = targetColumns(entry, statement)
  const fields = targets.map((position) => bindTarget(entry, position, statement))
  const { relation } = await ctx.queries.bind(query, fields)
  checkWidth(relation, targets, statement)
  return inTableOrder(ctx, relation, statement, entry)
}

function memoryTable(
  entry: ReturnType<typeof findRelation>,
  { table }: InsertStatement,
): MemoryTable {
  if (entry.kind === 'table' && entry.source.kind === 'memory') return entry as MemoryTable
  const what = entry.kind === 'view' ? 'view' : 'file table'
  throw new QueryError('WRONG_OBJECT_TYPE', `cannot insert into ${what} "${entry.name}"`, {
    span: table.span,
    hint: 'CREATE TABLE ... AS SELECT makes a table in memory that takes rows.',
  })
}

/** Positions in the table of the columns that are given values. */
function targetColumns(entry: TableEntry, { columns }: InsertStatement): readonly number[] {
  if (columns.length === 0) return entry.columns.map((_, position) => position)
  const seen = new Set<number>()
  return columns.map(({ text, span }) => {
    const position = entry.columns.findIndex(({ name }) => name === text)
    if (position < 0) {
      throw new QueryError(
        'UNDEFINED_COLUMN',
        `column "${text}" of relation "${entry.name}" does not exist`,
        {
          span,
          ...didYouMean(
            text,
            entry.columns.map(({ name }) => name),
          ),
        },
      )
    }
    if (seen.has(position)) {
      throw new QueryError('DUPLICATE_COLUMN', `column "${text}" specified more than once`, {
        span,
      })
    }
    seen.add(position)
    return position
  })
}

/** A named column list must be filled; without one the last columns may be left out. */
function checkWidth(
  { columns: given }: Relation,
  targets: readonly number[],
  { columns }: InsertStatement,
): void {
  const unfilled = columns[given.length]
  if (unfilled === undefined) return
  throw new QueryError('SYNTAX_ERROR', 'INSERT has more target columns than expressions', {
    span: unfilled.span,
    expected: `${targets.length}`,
    found: `${given.length}`,
  })
}

/** The rows with all columns of the table in order; defaults where a column is not given. */
function inTableOrder(
  ctx: StatementContext,
  input: Relation,
  statement: InsertStatement,
  entry: TableEntry,
): Relation {
  const targets = statement.query === undefined ? [] : targetColumns(entry, statement)
  const binder = ctx.queries.binder()
  const exprs = entry.columns.map((field, position) => {
    const column = input.columns[targets.indexOf(position)]
    const expr =
      column === undefined
        ? bindDefaultOf(binder, bindTarget(entry, position, statement))
        : columnReference(column)
    return named(ctx.columnIds, field.name, withinLength(binder, expr, field))
  })
  return project(input, exprs)
}

/** The functions that cut a text to its length, or raise. */
const storing = { varchar: 'store_varchar', bpchar: 'store_bpchar' } as const

/** A text as a column of varchar(n) or char(n) takes it, or an array of such texts. */
function withinLength(
  binder: Binder,
  expr: Expression,
  { lengthLimit: limit, type }: Field,
): Expression {
  if (limit === undefined) return expr
  const fn = type.kind === 'array' ? 'store_elements' : storing[limit.type]
  return typedCall(binder, fn, [expr, literal(limit.charactersMax, int4)])
}
