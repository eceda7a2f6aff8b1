import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { recordOf } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { newBinder } from '../../plan/binder/bind.ts'
import { boundProcedureCall, type ProcedureCall } from '../../plan/binder/routines/procedure.ts'
import { statementsOf } from '../../plan/binder/routines/body.ts'
import { enteredRoutine } from '../../plan/binder/routines/arguments.ts'
import { outputsOf } from '../../plan/catalog/routine.ts'
import { asReturned } from '../../plan/binder/routines/shape.ts'
import { literal, named, oneRow, project } from '../../plan/logical/build.ts'
import type { CallStatement } from '../../sql/ast/routine.ts'
import type { StatementContext, StatementShape } from '../context/statement-context.ts'
import { QueryResult } from '../results/result.ts'
import { firstRow } from '../tables/row-rules.ts'
import type { StatementEntry } from './entry.ts'

/** CALL p (values): the statements of its body, one after another, as one transaction. */
export const callEntry: StatementEntry<CallStatement> = {
  tag: () => 'CALL',
  looks: () => true,
  writes: 'checked',
  describe,
  run,
}

async function describe(ctx: StatementContext, statement: CallStatement): Promise<StatementShape> {
  const { entry, parameterTypes, outputTypes } = await bound(ctx, statement)
  if (outputTypes.length === 0) return { columns: undefined, parameterTypes }
  const columns = outputsOf(entry).map(({ name }, at) => ({
    name: name ?? `column${at + 1}`,
    type: present(outputTypes[at], 'type of an output'),
    nullable: true,
  }))
  return { columns, parameterTypes }
}

function bound(ctx: StatementContext, { call }: CallStatement): Promise<ProcedureCall> {
  return ctx.queries.bindWith(call, function* procedure(context) {
    yield
    return boundProcedureCall(newBinder(context), call)
  })
}

async function run(ctx: StatementContext, statement: CallStatement): Promise<QueryResult> {
  const { transaction } = ctx
  const isAlone = !transaction.inBlock
  if (isAlone) transaction.beginImplicit()
  try {
    const result = await runBody(ctx, await bound(ctx, statement))
    if (isAlone) await transaction.commit(ctx.queries)
    return result
  } catch (error) {
    if (isAlone) transaction.rollback()
    throw error
  }
}

async function runBody(ctx: StatementContext, called: ProcedureCall): Promise<QueryResult> {
  const { entry, args, outputTypes } = called
  const parameters = await valuesOf(ctx, called)
  const parameterTypes = args.map(({ type }) => type)
  const binder = ctx.queries.binder()
  const routine = enteredRoutine(binder, entry, (index, span) => {
    const type = present(parameterTypes[index], 'type of an argument')
    return { kind: 'parameter', index, type, span }
  })
  const options = { ...ctx.options, streams: false }
  const input = { text: entry.body.text, parameters, parameterTypes, routine, options }
  let last: QueryResult | undefined
  for (const part of statementsOf(entry)) {
    last?.release()
    last = await runPart(() => ctx.execute(part, input))
  }
  if (outputTypes.length === 0 || last === undefined) {
    last?.release()
    return QueryResult.ofCommand('CALL')
  }
  return outputsOfBody(ctx, called, last)
}

/** Refuses what ends transactions, and tells of places in the body as of none. */
async function runPart(run: () => Promise<QueryResult>): Promise<QueryResult> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { span: _, ...details } = error.details
    throw new QueryError(error.code, error.message, details)
  }
}

/** What the arguments are, worked out before the body runs. */
async function valuesOf(
  ctx: StatementContext,
  { args }: ProcedureCall,
): Promise<readonly Scalar[]> {
  if (args.length === 0) return []
  const values = args.map((arg) => named(ctx.columnIds, 'argument', arg))
  return (await firstRow(ctx.queries, project(oneRow(), values))) ?? []
}

/** The first row of the last statement, as the procedure declares it. */
async function outputsOfBody(
  ctx: StatementContext,
  { entry, outputTypes }: ProcedureCall,
  last: QueryResult,
): Promise<QueryResult> {
  const found = last.columns.map((column, at) => {
    const [value = null] = last.scalars(at)
    return literal(value, column.type)
  })
  last.release()
  const binder = ctx.queries.binder()
  const fields = outputsOf(entry).map(({ name }, at) => ({
    name: name ?? `column${at + 1}`,
    type: present(outputTypes[at], 'type of an output'),
  }))
  const exprs = asReturned(binder, entry, { kind: 'row', type: recordOf(fields) }, found)
  const row = project(
    oneRow(),
    exprs.map((expr, at) => named(ctx.columnIds, fields[at]?.name ?? '', expr)),
  )
  const values = (await firstRow(ctx.queries, row)) ?? []
  const columns = fields.map((field) => ({ ...field, nullable: true }))
  return QueryResult.ofRows(columns, [values], 'CALL')
}
