import { int8 } from '../../data/types/data-type.ts'
import { and, columnReference, filter, literal, project, window, type ColumnIds } from './build.ts'
import { defaultFrame, type ColumnReference, type Expression, type Frame } from './expression.ts'
import type { Relation, Window } from './relation.ts'
import { typedWindowCall } from './typed-window.ts'
import { typedAggregate, typedCall, type Typing } from './typing.ts'

const nowhere = { start: 0, end: 0 }

type Spec = Pick<Window, 'partitionBy' | 'orderBy'>

/** Makes rows that are chosen by where they stand in an order. */
export interface Ranking {
  readonly typing: Typing
  readonly ids: ColumnIds
}

/** The first row of each partition, in the order. */
export function firstRows(ranking: Ranking, input: Relation, spec: Spec): Relation {
  const { relation, ranks } = ranked(ranking, input, spec, ['row_number'])
  return chosen(input, relation, [compared(ranking, '=', ranks[0]!, 1n)])
}

/** Of each partition the rows behind the first `offset`, as many as `limit` says, in the order. */
export function limitedRows(
  ranking: Ranking,
  input: Relation,
  spec: Spec,
  { limit, offset }: { readonly limit: bigint | undefined; readonly offset: bigint },
): Relation {
  const { relation, ranks } = ranked(ranking, input, spec, ['row_number'])
  const [number] = ranks
  return chosen(input, relation, [
    ...(offset > 0n ? [compared(ranking, '>', number!, offset)] : []),
    ...(limit === undefined ? [] : [compared(ranking, '<=', number!, offset + limit)]),
  ])
}

/** The rows of {@link limitedRows} without partitions, and those that are equal to the last of them in the order. */
export function rowsWithTies(
  ranking: Ranking,
  input: Relation,
  orderBy: Window['orderBy'],
  { limit, offset }: { readonly limit: Expression; readonly offset: Expression | undefined },
): Relation {
  const { typing } = ranking
  const spec = { partitionBy: [], orderBy }
  const { relation, ranks } = ranked(ranking, input, spec, ['row_number', 'rank'])
  const [number, rank] = ranks
  const before = offset ?? literal(0n, int8)
  const last = typedCall(typing, '+', [before, limit], nowhere)
  return chosen(input, relation, [
    typedCall(typing, '>', [limit, literal(0n, int8)], nowhere),
    typedCall(typing, '>', [number!, before], nowhere),
    typedCall(typing, '<=', [rank!, last], nowhere),
  ])
}

/** So many of a hundred rows, in the order, a part of a row not counted; of those behind the first `offset`. */
export function percentOfRows(
  ranking: Ranking,
  input: Relation,
  orderBy: Window['orderBy'],
  { percent, offset }: { readonly percent: Expression; readonly offset?: Expression },
): Relation {
  const { typing, ids } = ranking
  const spec = { partitionBy: [], orderBy }
  const { relation, ranks } = ranked(ranking, input, spec, ['row_number'])
  const { fn, args, type } = typedAggregate(typing, 'count', [])
  const count = { id: ids.next(), name: 'count', type, fn, args, frame: wholePartition }
  const counted = window(relation, { partitionBy: [], orderBy: [] }, [count])
  const call = (name: string, args: readonly Expression[]): Expression =>
    typedCall(typing, name, args, nowhere)
  const part = call('*', [columnReference(count), percent])
  const most = call('floor', [call('/', [part, literal(100n, int8)])])
  const before = offset ?? literal(0n, int8)
  const last = call('+', [before, most])
  return chosen(input, counted, [call('>', [ranks[0]!, before]), call('<=', [ranks[0]!, last])])
}

const wholePartition: Frame = {
  unit: 'rows',
  start: { kind: 'unbounded-preceding' },
  end: { kind: 'unbounded-following' },
  exclude: 'no-others',
}

function ranked(
  { typing, ids }: Ranking,
  input: Relation,
  spec: Spec,
  names: readonly ('row_number' | 'rank')[],
): { readonly relation: Relation; readonly ranks: readonly ColumnReference[] } {
  const calls = names.map((name) => {
    const call = typedWindowCall(typing, name, [])
    return { id: ids.next(), ...call, frame: defaultFrame }
  })
  return { relation: window(input, spec, calls), ranks: calls.map((call) => columnReference(call)) }
}

function chosen(
  { columns }: Relation,
  numbered: Relation,
  conditions: readonly Expression[],
): Relation {
  const exprs = columns.map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
  return project(filter(numbered, and(conditions)), exprs)
}

function compared({ typing }: Ranking, name: string, number: Expression, to: bigint): Expression {
  return typedCall(typing, name, [number, literal(to, int8)], nowhere)
}
