import { notSupported, QueryError } from '../../base/errors.ts'
import { typeName, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { dataTypeOf } from '../../plan/binder/type-name.ts'
import { namedTypes } from '../../plan/catalog/types.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type {
  CreateTableAsExecuteStatement,
  ExecuteStatement,
  PrepareStatement,
} from '../../sql/ast/prepared.ts'
import { bareQuery, bareSelect } from '../../sql/ast/bare-select.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { StatementContext, StatementInput } from '../context/statement-context.ts'
import { shownStatement, type NamedPrepared } from '../queries/prepared-statements.ts'
import { QueryResult } from '../results/result.ts'
import { noShape, type StatementEntry } from './entry.ts'
import { firstRow } from '../tables/row-rules.ts'

/** PREPARE q (types) AS ...: kept by its session under a name. */
export const prepareEntry: StatementEntry<PrepareStatement> = {
  tag: () => 'PREPARE',
  looks: () => true,
  writes: 'no',
  describe: () => noShape,
  run: prepare,
}

/** EXECUTE q (values). */
export const executeEntry: StatementEntry<ExecuteStatement> = {
  tag: () => 'EXECUTE',
  looks: () => true,
  writes: 'checked',
  describe(ctx, { name }) {
    const { columns } = ctx.prepared.get(name.text).prepared
    return { columns, parameterTypes: [] }
  },
  run: (ctx, statement) => executeAs(ctx, statement, (prepared) => prepared),
}

/** CREATE TABLE t AS EXECUTE q (values). */
export const createTableAsExecuteEntry: StatementEntry<CreateTableAsExecuteStatement> = {
  tag: () => 'CREATE TABLE AS',
  looks: () => true,
  writes: 'checked',
  describe: () => noShape,
  run: (ctx, { table, execute }) =>
    executeAs(ctx, execute, (query) => {
      if (query.kind === 'select') return { ...table, query }
      throw new QueryError('WRONG_OBJECT_TYPE', 'prepared statement is not a SELECT')
    }),
}

async function prepare(ctx: StatementContext, statement: PrepareStatement): Promise<QueryResult> {
  const { name, types, span } = statement
  const declared = types.map((type) => dataTypeOf(type, namedTypes(ctx.catalog, ctx.searchPath)))
  const inner = statement.statement
  const { text, engine } = ctx
  const shape = await ctx.describe(inner, { parameterTypes: declared })
  const parameterTypes = [...shape.parameterTypes, ...declared.slice(shape.parameterTypes.length)]
  ctx.prepared.add(name.text, {
    prepared: { text, statement: inner, parameterTypes, columns: shape.columns },
    shown: shownStatement(text, span),
    isOfSql: true,
    preparedMicros: engine.clock.wallMicros(),
  })
  return QueryResult.ofCommand('PREPARE')
}

/** Runs what a prepared statement becomes with the values of an EXECUTE. Errors: SYNTAX_ERROR, DATATYPE_MISMATCH. */
export async function executeAs(
  ctx: StatementContext,
  { name, args }: ExecuteStatement,
  become: (prepared: Statement) => Statement,
): Promise<QueryResult> {
  const named = ctx.prepared.get(name.text)
  const { prepared } = named
  if (prepared.statement === undefined) return QueryResult.ofCommand('')
  const parameters = await valuesOf(ctx, name.text, args, named)
  const { text, parameterTypes } = prepared
  const input: StatementInput = { text, parameters, parameterTypes }
  try {
    return await ctx.execute(become(prepared.statement), input)
  } catch (error) {
    throw withoutSpan(error)
  }
}

/** Places of an error in the text of PREPARE are none in that of EXECUTE. */
function withoutSpan(error: unknown): unknown {
  if (!(error instanceof QueryError) || error.details.span === undefined) return error
  const { span: _, ...details } = error.details
  return new QueryError(error.code, error.message, details)
}

/** The values of the parameters, as the statement wants them. */
async function valuesOf(
  ctx: StatementContext,
  name: string,
  args: readonly AstExpression[],
  { prepared: { parameterTypes } }: NamedPrepared,
): Promise<readonly Scalar[]> {
  if (args.length !== parameterTypes.length) {
    const message = `wrong number of parameters for prepared statement "${name}"`
    const detail = `Expected ${parameterTypes.length} parameters but got ${args.length}.`
    throw new QueryError('SYNTAX_ERROR', message, { detail })
  }
  if (args.length === 0) return []
  const subquery = args.find(({ kind }) => kind === 'subquery' || kind === 'exists')
  if (subquery !== undefined) {
    const message = 'cannot use subquery in EXECUTE parameter'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: subquery.span })
  }
  const values: Scalar[] = []
  for (const [at, type] of parameterTypes.entries()) {
    values.push(await valueOf(ctx, args[at]!, type, at))
  }
  return values
}

async function valueOf(
  ctx: StatementContext,
  arg: AstExpression,
  type: DataType,
  at: number,
): Promise<Scalar> {
  if (arg.kind === 'default') throw notSupported('DEFAULT as a parameter', arg.span)
  try {
    const bound = await ctx.queries.bind(queryOf(arg), [{ name: `$${at + 1}`, type }])
    const [value] = (await firstRow(ctx.queries, bound.relation)) ?? []
    return value ?? null
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== 'DATATYPE_MISMATCH') throw error
    const { expected = typeName(type), found = 'unknown' } = error.details
    const message =
      `parameter $${at + 1} of type ${found} cannot be coerced to the ` +
      `expected type ${expected}`
    const hint = 'You will need to rewrite or cast the expression.'
    throw new QueryError('DATATYPE_MISMATCH', message, { span: arg.span, hint })
  }
}

/** `SELECT arg` */
function queryOf(arg: AstExpression): SelectStatement {
  const { span } = arg
  return bareQuery(bareSelect([{ expr: arg, alias: undefined, span }], [], span), span)
}
