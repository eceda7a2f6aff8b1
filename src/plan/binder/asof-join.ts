import { present } from '../../base/assert.ts'
import { QueryError, notSupported } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { int4, int8 } from '../../data/types/data-type.ts'
import type { ComparisonOperator } from '../../functions/traits.ts'
import {
  and,
  caseOf,
  columnReference,
  conjuncts,
  cteReference,
  filter,
  join,
  literal,
  named,
  project,
  unionAll,
  window,
  withCte,
} from '../logical/build.ts'
import { defaultFrame, type ColumnId, type Expression, type Frame } from '../logical/expression.ts'
import { freshCopy } from '../logical/fresh.ts'
import { commutedOperator, operatorOf, tested } from '../logical/predicates.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { typedWindowCall } from '../logical/typed-window.ts'
import { typedAggregate, typedCall } from '../logical/typing.ts'
import { dependsOnlyOn, freeColumns, replaceColumns, columnIdSet } from '../logical/walk.ts'
import type { Binder } from './context.ts'

/** The condition of an ASOF join, from the left's point of view. */
interface AsofCondition {
  readonly equal: readonly Pair[]
  readonly nearest: Pair
  readonly operator: '>=' | '>' | '<=' | '<'
}

interface Pair {
  readonly left: Expression
  readonly right: Expression
}

/** How an ASOF join is written. */
export interface AsofKind {
  /** ASOF LEFT JOIN: left rows that meet none are given too. */
  readonly isOuter: boolean
  readonly span: Span
}

const nowhere = { start: 0, end: 0 }

const running: Frame = {
  unit: 'rows',
  start: { kind: 'unbounded-preceding' },
  end: { kind: 'current-row' },
  exclude: 'no-others',
}

/**
 * DuckDB's ASOF join: of the right rows with equal keys each left row meets the one that is nearest before it (or behind it,
 * as the inequality says), if there is one. Right rows are numbered in their order; both sides are sorted together, where the
 * greatest number so far is that of the row to meet; one join by the number brings its columns.
 */
export function asofJoin(
  binder: Binder,
  left: Relation,
  right: Relation,
  condition: Expression,
  { isOuter, span }: AsofKind,
): Relation {
  const free = freeColumns(right)
  if (left.columns.some(({ id }) => free.has(id))) throw notSupported('ASOF JOIN LATERAL', span)
  const { columnIds } = binder.ctx
  const asked = conditionOf(left, right, condition, span)
  const copies = [left, right].map((side) => freshCopy(columnIds, side, () => columnIds.next()))
  const [ofLeft, ofRight] = [present(copies[0], 'left'), present(copies[1], 'right')]
  const inCopy =
    ({ columns }: { readonly columns: ReadonlyMap<ColumnId, ColumnId> }) =>
    (expr: Expression): Expression =>
      replaceColumns(expr, (id) => {
        const fresh = columns.get(id)
        const column = [...left.columns, ...right.columns].find((one) => one.id === id)
        return fresh === undefined || column === undefined
          ? undefined
          : columnReference({ ...column, id: fresh })
      })
  const pairs = [...asked.equal, asked.nearest]
  const leftKeys = pairs.map((pair) => inCopy(ofLeft)(pair.left))
  const rightKeys = pairs.map((pair) => inCopy(ofRight)(pair.right))
  const isBackward = asked.operator === '>=' || asked.operator === '>'
  const numbered = numberedRight(binder, ofRight.relation, rightKeys, isBackward)
  const cteId: number = columnIds.next()
  const read = (): Relation => cteReference(columnIds, cteId, 'asof', numbered.columns)
  const ofLeftRows = { relation: ofLeft.relation, keys: leftKeys, isOuter }
  const met = metNumbers(binder, ofLeftRows, read(), asked)
  const others = read()
  const number = columnReference(present(others.columns.at(-1), 'number'))
  const found = columnReference(present(met.columns.at(-1), 'number'))
  const kind = isOuter ? 'left' : 'inner'
  const joined = join(kind, met, others, typedCall(binder, '=', [found, number], nowhere))
  const given = project(joined, [
    ...under(left.columns, met.columns),
    ...under(right.columns, others.columns),
  ])
  return withCte(cteId, 'asof', numbered, given)
}

/** Columns under the names and ids of others, by position. */
function under(
  columns: readonly OutputColumn[],
  from: readonly OutputColumn[],
): readonly { readonly id: ColumnId; readonly name: string; readonly expr: Expression }[] {
  return columns.map(({ id, name }, at) => {
    return { id, name, expr: columnReference(present(from[at], 'column')) }
  })
}

/** The right rows that can be met, their keys, and last their number in the order of all. */
function numberedRight(
  binder: Binder,
  right: Relation,
  keys: readonly Expression[],
  isBackward: boolean,
): Relation {
  const { columnIds } = binder.ctx
  const keyed = withKeys(binder, right, keys)
  const nearest = columnReference(present(keyed.columns.at(-1), 'key'))
  const call = typedWindowCall(binder, 'row_number', [])
  const orderBy = [{ expr: nearest, descending: !isBackward, nullsFirst: false }]
  return window(keyed, { partitionBy: [], orderBy }, [
    { id: columnIds.next(), ...call, frame: defaultFrame },
  ])
}

/** Rows none of whose keys is NULL, or all, with the keys behind their columns. */
function withKeys(
  binder: Binder,
  side: Relation,
  keys: readonly Expression[],
  areAll = false,
): Relation {
  const passed = under(side.columns, side.columns)
  const made = keys.map((key) => named(binder.ctx.columnIds, 'key', key))
  const keyed = project(side, [...passed, ...made])
  if (areAll) return keyed
  const own = keyed.columns.slice(side.columns.length)
  return filter(keyed, and(own.map((column) => tested(columnReference(column), 'null', true))))
}

interface LeftRows {
  readonly relation: Relation
  readonly keys: readonly Expression[]
  readonly isOuter: boolean
}

/** The left rows, each with the number of the right row that it meets: those that meet one, or all. */
function metNumbers(
  binder: Binder,
  left: LeftRows,
  right: Relation,
  { operator }: AsofCondition,
): Relation {
  const { columnIds } = binder.ctx
  const width = left.relation.columns.length
  const keyed = withKeys(binder, left.relation, left.keys, left.isOuter)
  const ofSide = (side: 'left' | 'right'): Expression => {
    // Of equal ones those come first that the others meet.
    const isFirst = (operator === '>=' || operator === '<=') === (side === 'right')
    return literal(isFirst ? 0 : 1, int4)
  }
  const leftArm = project(keyed, [
    ...keyed.columns.map((column) => named(columnIds, column.name, columnReference(column))),
    named(columnIds, 'side', ofSide('left')),
    named(columnIds, 'number', literal(null, int8)),
  ])
  const keys = right.columns.slice(-1 - left.keys.length)
  const rightArm = project(right, [
    ...left.relation.columns.map(({ name, type }) => named(columnIds, name, literal(null, type))),
    ...keys.slice(0, -1).map((column) => named(columnIds, 'key', columnReference(column))),
    named(columnIds, 'side', ofSide('right')),
    named(columnIds, 'number', columnReference(present(keys.at(-1), 'number'))),
  ])
  const stacked = unionAll(columnIds, [leftArm, rightArm])
  const at = (position: number): Expression =>
    columnReference(present(stacked.columns.at(position), 'column'))
  const [side, number] = [at(-2), at(-1)]
  const descending = operator === '<=' || operator === '<'
  const { fn, args, type } = typedAggregate(binder, 'max', [number])
  const spec = {
    partitionBy: stacked.columns.slice(width, -3).map((column) => columnReference(column)),
    orderBy: [
      { expr: at(-3), descending, nullsFirst: false },
      { expr: side, descending: false, nullsFirst: false },
    ],
  }
  const call = { id: columnIds.next(), name: 'max', type, fn, args, frame: running }
  const seen = window(stacked, spec, [call])
  const isLeft = typedCall(binder, '=', [side, ofSide('left')], nowhere)
  const found = columnReference(call)
  const meets = left.isOuter ? [] : [tested(found, 'null', true)]
  const kept = filter(seen, and([isLeft, ...meets]))
  // A row without a key meets none; right rows have all theirs.
  const hasKeys = stacked.columns
    .slice(width, -2)
    .map((column) => tested(columnReference(column), 'null', true))
  const met = left.isOuter
    ? caseOf([{ when: and(hasKeys), then: found }], literal(null, int8))
    : found
  return project(kept, [
    ...under(kept.columns.slice(0, width), kept.columns),
    { id: left.isOuter ? columnIds.next() : call.id, name: call.name, expr: met },
  ])
}

/** Equalities, and one inequality, each of the left with the right. Errors: SYNTAX_ERROR. */
function conditionOf(
  left: Relation,
  right: Relation,
  condition: Expression,
  span: Span,
): AsofCondition {
  const equal: Pair[] = []
  let nearest: Pair | undefined
  let operator: ComparisonOperator | undefined
  const [ofLeft, ofRight] = [columnIdSet(left.columns), columnIdSet(right.columns)]
  for (const part of conjuncts(condition)) {
    const own = operatorOf(part)
    if (part.kind !== 'call' || own === undefined || own === '<>') throw malformed(span)
    const [a, b] = [present(part.args[0], 'left'), present(part.args[1], 'right')]
    if (a.type.kind !== b.type.kind) throw notSupported('ASOF JOIN of different types', part.span)
    const isStraight = dependsOnlyOn(a, ofLeft) && dependsOnlyOn(b, ofRight)
    const isCrossed = dependsOnlyOn(b, ofLeft) && dependsOnlyOn(a, ofRight)
    if (!isStraight && !isCrossed) throw malformed(span)
    const pair = isStraight ? { left: a, right: b } : { left: b, right: a }
    if (own === '=') equal.push(pair)
    else if (nearest === undefined) {
      nearest = pair
      operator = isStraight ? own : commutedOperator(own)
    } else throw malformed(span)
  }
  if (nearest === undefined || operator === undefined || operator === '=' || operator === '<>') {
    throw malformed(span)
  }
  return { equal, nearest, operator }
}

function malformed(span: Span): QueryError {
  return new QueryError(
    'SYNTAX_ERROR',
    'an ASOF JOIN takes equalities and exactly one inequality, each of both sides',
    { span },
  )
}
