import { QueryError } from '../../base/errors.ts'
import { LeaseScope } from '../../data/arenas/lease.ts'
import { int8 } from '../../data/types/data-type.ts'
import { limit, literal, scan } from '../../plan/logical/build.ts'
import type { CloseStatement, DeclareStatement, FetchStatement } from '../../sql/ast/cursor.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { shownStatement } from '../queries/prepared-statements.ts'
import { QueryResult } from '../results/result.ts'
import { CursorRows } from '../tables/cursor-rows.ts'
import { noShape, rowsOf, type StatementEntry } from './entry.ts'
import { select } from './select.ts'

/** DECLARE c CURSOR FOR query: the query is bound, and run when rows are wanted. */
export const declareEntry: StatementEntry<DeclareStatement> = {
  tag: () => 'DECLARE CURSOR',
  looks: () => true,
  writes: 'no',
  describe: async (ctx, { query }) => {
    const { parameterTypes } = await ctx.queries.shape(query)
    return { columns: undefined, parameterTypes }
  },
  run: declare,
}

/** FETCH and MOVE. */
export const fetchEntry: StatementEntry<FetchStatement> = {
  tag: ({ isMove }) => (isMove ? 'MOVE' : 'FETCH'),
  looks: () => true,
  writes: 'no',
  describe: (ctx, { name, isMove }) =>
    isMove ? noShape : rowsOf(cursorOf(ctx, name.text).declared.columns),
  run: fetch,
}

/** CLOSE c, CLOSE ALL. */
export const closeEntry: StatementEntry<CloseStatement> = {
  tag: ({ name }) => (name === undefined ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR'),
  looks: () => false,
  writes: 'no',
  describe: () => noShape,
  run: close,
}

async function declare(ctx: StatementContext, statement: DeclareStatement): Promise<QueryResult> {
  const { name, query, scroll, hold, span } = statement
  if (!hold && !ctx.transaction.isExplicit) {
    const message = 'DECLARE CURSOR can only be used in transaction blocks'
    throw new QueryError('NO_ACTIVE_TRANSACTION', message)
  }
  ctx.cursors.requirePlace(name.text)
  const { columns } = await ctx.queries.shape(query)
  const leases = new LeaseScope()
  const { text, parameters, parameterTypes, engine } = ctx
  const { catalog } = ctx.apart(leases, {})
  const declared = {
    statement: query,
    text,
    parameters,
    parameterTypes: parameterTypes.flatMap((type) => type ?? []),
    columns,
    scroll,
    isHeld: hold,
    shown: shownStatement(text, span),
    declaredMicros: engine.clock.wallMicros(),
    catalog,
    leases,
  }
  ctx.cursors.add(name.text, new CursorRows(declared, (own, wanted) => select(own, wanted, true)))
  return QueryResult.ofCommand('DECLARE CURSOR')
}

function cursorOf(ctx: StatementContext, name: string): CursorRows {
  const cursor = ctx.cursors.get(name)
  if (cursor instanceof CursorRows) return cursor
  throw new TypeError('a cursor of another kind')
}

async function fetch(ctx: StatementContext, statement: FetchStatement): Promise<QueryResult> {
  const { name, direction, isMove } = statement
  const cursor = cursorOf(ctx, name.text)
  const { columns } = cursor.declared
  const isRest = direction.kind === 'forward' && direction.count === 'all'
  if (isRest && cursor.isScrollable) return fetchRest(ctx, cursor, isMove)
  const rows = await cursor.fetch(ctx, direction)
  if (isMove) return QueryResult.ofCount('MOVE', rows.length)
  return QueryResult.ofRows(columns, rows, `FETCH ${rows.length}`)
}

/** All rows that are left, as a query over those that are stored. */
async function fetchRest(
  ctx: StatementContext,
  cursor: CursorRows,
  isMove: boolean,
): Promise<QueryResult> {
  const table = await cursor.store(ctx)
  const { from, rows } = cursor.passAll()
  if (isMove) return QueryResult.ofCount('MOVE', rows)
  const all = scan(ctx.columnIds, table)
  const rest = from === 0 ? all : limit(all, { offset: literal(BigInt(from), int8) })
  const output = ctx.leases.handOver(await ctx.queries.runInOrder(rest))
  return QueryResult.ofChunks(cursor.declared.columns, ctx.heap, output, undefined, 'FETCH')
}

function close(ctx: StatementContext, { name }: CloseStatement): QueryResult {
  if (name === undefined) {
    ctx.cursors.closeAll()
    return QueryResult.ofCommand('CLOSE CURSOR ALL')
  }
  ctx.cursors.get(name.text)
  ctx.cursors.close(name.text)
  return QueryResult.ofCommand('CLOSE CURSOR')
}
