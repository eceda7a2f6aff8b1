import { unreachable } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import { columnsOf } from '../query.ts'
import { QueryResult, type ResultColumn } from '../result.ts'
import type { StatementContext } from './context.ts'
import { createTable, createTableAs, createTableFrom } from './create-table.ts'
import { explain, explainColumns, type ExplainAccess } from './explain.ts'
import { insert, insertParameterTypes } from './insert.ts'
import { createModel } from './models.ts'
import { createIndex } from './create-index.ts'
import { createSchema, createView, drop } from './objects.ts'
import { deallocate, discard, setSetting, transaction } from './session-control.ts'
import { describe, describeColumns, describeModelColumns, show, showColumns } from './show.ts'

/** Runs one statement. */
export async function executeStatement(
  ctx: StatementContext,
  statement: Statement,
  access: ExplainAccess,
): Promise<QueryResult> {
  refuseIfReadOnly(ctx, statement)
  if (!settingsOnly(statement)) ctx.transaction.noteQuery()
  switch (statement.kind) {
    case 'select':
      return select(ctx, statement)
    case 'explain':
      return explain(ctx, statement, access)
    case 'create-table':
      return createTable(ctx, statement)
    case 'create-table-from':
      return createTableFrom(ctx, statement)
    case 'create-table-as':
      return createTableAs(ctx, statement)
    case 'create-view':
      return createView(ctx, statement)
    case 'create-schema':
      return createSchema(ctx, statement)
    case 'create-index':
      return createIndex(ctx, statement)
    case 'create-model':
      return createModel(ctx, statement)
    case 'drop':
      return drop(ctx, statement)
    case 'insert':
      return insert(ctx, statement)
    case 'show':
      return show(ctx, statement)
    case 'describe':
      return describe(ctx, statement)
    case 'set':
      return setSetting(ctx, statement)
    case 'transaction':
      return transaction(ctx, statement)
    case 'discard':
      return discard(ctx, statement)
    case 'deallocate':
      return deallocate(statement)
    case 'unsupported':
      throw notSupported(statement.what, statement.span)
    default:
      return unreachable(statement)
  }
}

/** Whether it looks at no table and no object: a transaction may be set up after it. */
export function settingsOnly(statement: Statement): boolean {
  const { kind } = statement
  if (kind === 'show') return statement.subject === 'setting' || statement.subject === 'all'
  return kind === 'set' || kind === 'transaction' || kind === 'deallocate' || kind === 'unsupported'
}

function refuseIfReadOnly(ctx: StatementContext, statement: Statement): void {
  const { kind } = statement
  if (kind === 'drop') {
    ctx.transaction.refuseIfReadOnly(`DROP ${statement.objectKind.toUpperCase()}`)
  }
  // What it is made of is looked at before.
  if (!kind.startsWith('create-') || kind === 'create-table-as') return
  const what = kind === 'create-table-from' ? 'create-table' : kind
  ctx.transaction.refuseIfReadOnly(what.replaceAll('-', ' ').toUpperCase())
}

async function select(ctx: StatementContext, statement: SelectStatement): Promise<QueryResult> {
  const { columns, staged } = await ctx.planSelect(statement)
  const output = ctx.leases.handOver(await ctx.runStaged(staged))
  return QueryResult.ofChunks(columns, ctx.engine.heap, output)
}

/** What a statement gives and takes, found without running it. */
export async function resultColumns(
  ctx: StatementContext,
  statement: Statement,
): Promise<{
  readonly columns: readonly ResultColumn[] | undefined
  readonly parameterTypes: readonly DataType[]
}> {
  switch (statement.kind) {
    case 'select': {
      const bound = await ctx.bind(statement)
      return { columns: columnsOf(bound), parameterTypes: bound.parameterTypes }
    }
    case 'insert':
      return { columns: undefined, parameterTypes: await insertParameterTypes(ctx, statement) }
    case 'create-table-as':
      return {
        columns: undefined,
        parameterTypes: (await ctx.bind(statement.query)).parameterTypes,
      }
    case 'unsupported':
      throw notSupported(statement.what, statement.span)
    case 'explain':
      return { columns: explainColumns, parameterTypes: [] }
    case 'show':
      return { columns: showColumns(statement), parameterTypes: [] }
    case 'describe': {
      const columns = statement.objectKind === 'table' ? describeColumns : describeModelColumns
      return { columns, parameterTypes: [] }
    }
    default:
      return { columns: undefined, parameterTypes: [] }
  }
}
