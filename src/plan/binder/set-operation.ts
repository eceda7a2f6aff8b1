import { QueryError } from '../../base/errors.ts'
import { int4, int8, sameType, type DataType } from '../../data/types/data-type.ts'
import { assert, present } from '../../base/assert.ts'
import type { QueryBody, SetOperation } from '../../sql/ast/select.ts'
import {
  aggregate,
  and,
  columnReference,
  distinct,
  expand,
  filter,
  literal,
  named,
  project,
  renamed,
  unionAll,
} from '../logical/build.ts'
import type { AggregateCall, Expression, NamedExpression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import {
  coerce,
  commonTypeOf,
  plainAggregate,
  typedCall,
  typedTableCall,
} from '../logical/typing.ts'
import { isOverdue } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import type { Draft, QueryEnvironment } from './context.ts'

/**
 * UNION, INTERSECT and EXCEPT; column names are the left side's. A chain of them nests to the left: it is
 * bound one after another, and what UNIONs of the same types have become is one relation.
 */
export function* bindSetOperation(
  environment: QueryEnvironment,
  operation: SetOperation,
  bindBody: (environment: QueryEnvironment, body: QueryBody) => Steps<Draft>,
): Steps<Draft> {
  const chain: SetOperation[] = []
  let first: QueryBody = operation
  for (; first.kind === 'set-operation'; first = first.left) chain.push(first)
  let left = yield* bindBody(environment, first)
  const { names } = left
  let union: Union | undefined
  for (const next of chain.toReversed()) {
    const before = union === undefined ? left : openDraft(union, names)
    if (isOverdue()) yield
    const right = yield* bindBody(environment, next.right)
    const sides = bindSides(environment, next, before, right)
    if (union !== undefined && continues(union, next, sides.types)) {
      union.arms.push(sides.right())
      union.isDistinct ||= !next.all
      continue
    }
    if (union !== undefined) left = relationDraft(environment, united(environment, union), names)
    const inputs = [sides.left(left), sides.right()] as const
    if (next.operator === 'union') union = { arms: [...inputs], isDistinct: !next.all }
    else {
      union = undefined
      left = relationDraft(environment, combined(environment, next, ...inputs), names)
    }
  }
  return union === undefined ? left : relationDraft(environment, united(environment, union), names)
}

/** UNIONs one after another, which are not made into a relation yet. */
interface Union {
  readonly arms: Relation[]
  isDistinct: boolean
}

/** What the next operation sees of a union: names and types. */
function openDraft({ arms }: Union, names: readonly string[]): Pick<Draft, 'names' | 'exprs'> {
  const [first] = arms
  return { names, exprs: first?.columns.map((column) => columnReference(column)) ?? [] }
}

/** Whether the operation adds rows to the union, none of which is cast. */
function continues(
  { arms: [first], isDistinct }: Union,
  { operator, all }: SetOperation,
  types: readonly DataType[],
): boolean {
  if (operator !== 'union' || (isDistinct && all)) return false
  return types.every((type, i) => sameType(type, present(first?.columns[i], 'column').type))
}

function united(environment: QueryEnvironment, { arms, isDistinct }: Union): Relation {
  const { columnIds } = environment.binder.ctx
  const all = unionAll(columnIds, arms)
  return isDistinct ? distinct(columnIds, all) : all
}

/** The common types of two sides, and each side cast to them. */
interface Sides {
  readonly types: readonly DataType[]
  left(draft: Draft): Relation
  right(): Relation
}

function bindSides(
  { binder }: QueryEnvironment,
  operation: SetOperation,
  left: Pick<Draft, 'exprs'>,
  right: Draft,
): Sides {
  const shown = operation.operator.toUpperCase()
  if (left.exprs.length !== right.exprs.length) {
    throw new QueryError(
      'SYNTAX_ERROR',
      `each ${shown} query must have the same number of columns`,
      { span: right.exprs[0]?.span ?? operation.right.span },
    )
  }
  const types = left.exprs.map((expr, i) => commonTypeOf(binder, [expr, right.exprs[i]!], shown))
  const side = (draft: Draft): Relation =>
    draft.finish(draft.exprs.map((expr, index) => coerce(binder, expr, types[index]!)))
  return { types, left: side, right: () => side(right) }
}

/** A relation that is complete but for casts of its columns. */
export function relationDraft(
  environment: QueryEnvironment,
  relation: Relation,
  names: readonly string[],
): Draft {
  const exprs: readonly Expression[] = relation.columns.map((column) => columnReference(column))
  return {
    names,
    exprs,
    finish: (outputs) => {
      const { columnIds } = environment.binder.ctx
      if (outputs.every((expr, index) => expr === exprs[index])) return relation
      return project(
        relation,
        outputs.map((expr, index) => named(columnIds, names[index]!, expr)),
      )
    },
  }
}

/** INTERSECT and EXCEPT. */
function combined(
  environment: QueryEnvironment,
  operation: SetOperation,
  left: Relation,
  right: Relation,
): Relation {
  const { operator, all } = operation
  assert(operator !== 'union', 'UNIONs are put together by themselves')
  return all
    ? byCounts(environment, operator, left, right)
    : bySide(environment, operator, left, right)
}

/**
 * INTERSECT and EXCEPT by grouping both sides together, so NULLs are equal: every row says its side (0 or
 * 1); a group on both sides has minimum 0 and maximum 1, one on the left alone has maximum 0.
 */
function bySide(
  environment: QueryEnvironment,
  operator: 'intersect' | 'except',
  left: Relation,
  right: Relation,
): Relation {
  const { binder } = environment
  const { columnIds } = binder.ctx
  const sides = [literal(0, int4), literal(1, int4)]
  const { stacked, keys, marks } = stackedSides(environment, left, right, [sides])
  const side = marks[0]!
  const least = plainAggregate(binder, columnIds, 'min', [side])
  const most = plainAggregate(binder, columnIds, 'max', [side])
  const grouped = aggregate(stacked, keys, [least, most])
  const span = { start: 0, end: 0 }
  const is = (call: AggregateCall, value: number): Expression =>
    typedCall(binder, '=', [columnReference(call), literal(value, int4)], span)
  const wanted = operator === 'intersect' ? and([is(least, 0), is(most, 1)]) : is(most, 0)
  const kept = filter(grouped, wanted)
  return project(kept, renamed(columnIds, kept.columns.slice(0, keys.length)))
}

/**
 * INTERSECT ALL and EXCEPT ALL by counting each side's rows of a group, which is then repeated as often as it is in both,
 * or as the left has more of it.
 */
function byCounts(
  environment: QueryEnvironment,
  operator: 'intersect' | 'except',
  left: Relation,
  right: Relation,
): Relation {
  const { binder } = environment
  const { columnIds } = binder.ctx
  const [one, none] = [literal(1, int4), literal(null, int4)]
  const ofEach = [
    [one, none],
    [none, one],
  ]
  const { stacked, keys, marks } = stackedSides(environment, left, right, ofEach)
  const counts = marks.map((mark) => plainAggregate(binder, columnIds, 'count', [mark]))
  const grouped = aggregate(stacked, keys, counts)
  const span = { start: 0, end: 0 }
  const [ofLeft, ofRight] = counts.map((count) => columnReference(count))
  const times = typedCall(
    binder,
    operator === 'intersect' ? 'least' : '-',
    [ofLeft!, ofRight!],
    span,
  )
  const series = typedTableCall(binder, 'generate_series', [literal(1n, int8), times])
  const outputs = series.columns.map((column) => ({ ...column, id: columnIds.next() }))
  const repeated = expand(grouped, [{ fn: series.fn, args: series.args, outputs }])
  return project(repeated, renamed(columnIds, repeated.columns.slice(0, keys.length)))
}

/** The rows of both sides, with columns that say of each side what it says; the keys that their groups have. */
function stackedSides(
  environment: QueryEnvironment,
  left: Relation,
  right: Relation,
  ofEach: readonly (readonly Expression[])[],
): {
  readonly stacked: Relation
  readonly keys: readonly NamedExpression[]
  readonly marks: readonly Expression[]
} {
  const { columnIds } = environment.binder.ctx
  const marked = [left, right].map((input, side) =>
    project(input, [
      ...renamed(columnIds, input.columns),
      ...ofEach.map((values) => named(columnIds, 'side', present(values[side], 'side'))),
    ]),
  )
  const stacked = unionAll(columnIds, marked)
  const width = left.columns.length
  return {
    stacked,
    keys: renamed(columnIds, stacked.columns.slice(0, width)),
    marks: stacked.columns.slice(width).map((column) => columnReference(column)),
  }
}
