import { QueryError } from '../../base/errors.ts'
import { int4, text, type DataType } from '../../data/types/data-type.ts'
import type { Field } from '../../data/types/schema.ts'
import { isValid } from '../../data/vectors/to-scalars.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { NO_ADDRESS } from '../../data/vectors/vector.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { addRelation, findRelation } from '../../plan/catalog/relations.ts'
import { call, columnReference, literal, named, project } from '../../plan/logical/build.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import type { InsertStatement } from '../../sql/ast/statement.ts'
import { appendRows, type MemoryTable } from '../memory-tables.ts'
import { objectName } from '../names.ts'
import { QueryResult } from '../result.ts'
import type { StatementContext } from './context.ts'

/** The types of an INSERT's parameters: those of the columns that they go to. */
export async function insertParameterTypes(
  ctx: StatementContext,
  statement: InsertStatement,
): Promise<readonly DataType[]> {
  const fields = targetFields(targetTable(ctx, statement), statement)
  return (await ctx.bind(statement.query, fields)).parameterTypes
}

function targetTable(ctx: StatementContext, statement: InsertStatement): MemoryTable {
  const name = objectName(statement.table)
  return memoryTable(findRelation(ctx.catalog, name, ctx.searchPath), statement)
}

function targetFields(entry: TableEntry, statement: InsertStatement): readonly Field[] {
  return targetColumns(entry, statement).map((position) => entry.columns[position]!)
}

/** INSERT INTO t [(columns)] VALUES ... | SELECT ...: all rows or none. */
export async function insert(
  ctx: StatementContext,
  statement: InsertStatement,
): Promise<QueryResult> {
  const entry = targetTable(ctx, statement)
  const name = objectName(statement.table)
  const targets = targetColumns(entry, statement)
  const { relation } = await ctx.bind(statement.query, targetFields(entry, statement))
  checkWidth(relation, targets, statement)
  const output = await ctx.run(inTableOrder(ctx, relation, entry, targets))
  checkNotNull(ctx, output, entry)
  const appended = appendRows(ctx, output, entry)
  ctx.transaction.change({
    apply: (catalog) => {
      const current = memoryTable(findRelation(catalog, name, ctx.searchPath), statement)
      return addRelation(catalog, appended.appendTo(current), 'replace')
    },
  })
  return QueryResult.ofCommand('INSERT 0', appended.rows)
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
  { columns, query }: InsertStatement,
): void {
  if (columns.length === 0 || given.length >= targets.length) return
  throw new QueryError('SYNTAX_ERROR', 'INSERT has more target columns than expressions', {
    span: query.span,
    expected: `${targets.length}`,
    found: `${given.length}`,
  })
}

/** The rows with all columns of the table in order; NULL where a column is not given. */
function inTableOrder(
  ctx: StatementContext,
  input: Relation,
  entry: TableEntry,
  targets: readonly number[],
): Relation {
  const exprs = entry.columns.map((field, position) => {
    const column = input.columns[targets.indexOf(position)]
    const expr = column === undefined ? literal(null, field.type) : columnReference(column)
    return named(ctx.columnIds, field.name, withinLength(expr, field))
  })
  return project(input, exprs)
}

/** A text as a column of varchar(n) or char(n) takes it. */
function withinLength(expr: Expression, { lengthLimit: limit }: Field): Expression {
  if (limit === undefined) return expr
  return call(`store_${limit.type}(text,int4)`, [expr, literal(limit.charactersMax, int4)], text)
}

function checkNotNull(ctx: StatementContext, output: ChunkLease, entry: TableEntry): void {
  for (const [position, field] of entry.columns.entries()) {
    if (field.nullable) continue
    for (const { columns, rows } of output.chunks) {
      const vector = columns[position]
      if (vector === undefined || vector.validity === NO_ADDRESS) continue
      for (let row = 0; row < rows; row++) {
        if (isValid(ctx.engine.heap, vector, row)) continue
        throw new QueryError(
          'NOT_NULL_VIOLATION',
          `null value in column "${field.name}" of relation "${entry.name}" violates not-null constraint`,
          { column: field.name },
        )
      }
    }
  }
}
