import { notSupported, QueryError } from '../../base/errors.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { ChangeInWith, CommonTableExpression, WithClause } from '../../sql/ast/select.ts'
import type { MergeStatement, Statement } from '../../sql/ast/statement.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { QueryResult } from '../results/result.ts'
import { tableOfRows } from '../tables/memory-tables.ts'
import { fieldsOf, storedResult } from '../tables/stored-result.ts'
import type { StatementEntry, StatementShape } from './entry.ts'

/** What may have a WITH clause in front. */
type WithStatement = SelectStatement | ChangeInWith | MergeStatement

/** Finds the entry of a statement. */
type EntryOf = (statement: Statement) => StatementEntry<Statement>

/**
 * The statement whose WITH has statements that change rows; undefined for any other. Those are run before it, in their
 * order, each once whether it is read or not; all of them see the rows that were there before.
 */
export function changesInWith(statement: Statement): WithStatement | undefined {
  const clause = withOf(statement)
  const isChanging = clause?.ctes.some(({ query }) => query.kind !== 'select') === true
  return isChanging ? (statement as WithStatement) : undefined
}

function withOf(statement: Statement): WithClause | undefined {
  if (statement.kind === 'insert') return statement.query?.with
  return mayHaveWith(statement) ? statement.with : undefined
}

function mayHaveWith(
  statement: Statement,
): statement is Exclude<WithStatement, { kind: 'insert' }> {
  const { kind } = statement
  return kind === 'select' || kind === 'update' || kind === 'delete' || kind === 'merge'
}

/** Runs such a statement: as one transaction, where none is open. Errors: those of all of them. */
export async function runWithChanges(
  ctx: StatementContext,
  statement: WithStatement,
  entryOf: EntryOf,
): Promise<QueryResult> {
  const { transaction } = ctx
  const isAlone = !transaction.inBlock
  if (isAlone) transaction.beginImplicit()
  try {
    const run = (part: WithStatement): Promise<QueryResult> =>
      alone(ctx, async () => entryOf(part).run(ctx, part))
    for (const { cte, own } of partsOf(statement)) {
      const result = await run(own)
      ctx.rowsOfChanges.set(cte, await storedResult(ctx, result, cte.name.text))
    }
    const result = await run(statement)
    if (isAlone) await transaction.commit(ctx.queries)
    return result
  } catch (error) {
    if (isAlone) transaction.rollback()
    throw error
  }
}

/** Errors: FEATURE_NOT_SUPPORTED where it changes what another statement of the same WITH put rows in the place of. */
async function alone(
  { rowsOfChanges }: StatementContext,
  run: () => Promise<QueryResult>,
): Promise<QueryResult> {
  try {
    return await run()
  } catch (error) {
    const isOvertaken = error instanceof QueryError && error.code === 'SERIALIZATION_FAILURE'
    if (!isOvertaken || rowsOfChanges.size === 0) throw error
    throw notSupported('several changes of rows that lie close to each other in one WITH')
  }
}

/** What such a statement gives and takes, without running any of it. */
export async function describeWithChanges(
  ctx: StatementContext,
  statement: WithStatement,
  entryOf: EntryOf,
): Promise<StatementShape> {
  const shapes: StatementShape[] = []
  for (const { cte, own } of partsOf(statement)) {
    const shape = await entryOf(own).describe(ctx, own)
    shapes.push(shape)
    const columns = fieldsOf(shape.columns ?? [])
    ctx.rowsOfChanges.set(cte, tableOfRows({ schema: '', name: cte.name.text, columns }, []))
  }
  const whole = await entryOf(statement).describe(ctx, statement)
  return { ...whole, parameterTypes: joinedTypes([...shapes, whole]) }
}

/** A parameter that a part does not use is text to it. */
function joinedTypes(shapes: readonly StatementShape[]): readonly DataType[] {
  const count = Math.max(...shapes.map(({ parameterTypes }) => parameterTypes.length))
  return Array.from({ length: count }, (_, at) => {
    const types = shapes.flatMap(({ parameterTypes }) => parameterTypes[at] ?? [])
    return types.find(({ kind }) => kind !== 'text') ?? types[0] ?? text
  })
}

interface Part {
  readonly cte: CommonTableExpression
  /** The statement with what it may refer to in front. */
  readonly own: ChangeInWith
}

/** The statements that change rows, each behind the queries of WITH before it. */
function partsOf(statement: WithStatement): readonly Part[] {
  const clause = withOf(statement)
  const ctes = clause?.ctes ?? []
  return ctes.flatMap((cte, at) => {
    const { query } = cte
    if (query.kind === 'select') return []
    return [{ cte, own: behind(query, { recursive: false, ctes: ctes.slice(0, at) }) }]
  })
}

function behind(statement: ChangeInWith, { ctes }: WithClause): ChangeInWith {
  const own = withOf(statement)
  const changed = own?.ctes.find(({ query }) => query.kind !== 'select')
  if (changed !== undefined) {
    const message = 'WITH clause containing a data-modifying statement must be at the top level'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: changed.name.span })
  }
  const names = new Set(own?.ctes.map(({ name }) => name.text))
  const before = ctes.filter(({ name }) => !names.has(name.text))
  const all = { recursive: own?.recursive === true, ctes: [...before, ...(own?.ctes ?? [])] }
  if (statement.kind !== 'insert') return { ...statement, with: all }
  const { query } = statement
  return query === undefined ? statement : { ...statement, query: { ...query, with: all } }
}
