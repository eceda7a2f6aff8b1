import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import type { Steps } from '../../base/steps.ts'
import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { int4 } from '../../data/types/data-type.ts'
import type { AstExpression, AstGrouping } from '../../sql/ast/expression.ts'
import type { GroupByClause, GroupingItem } from '../../sql/ast/select.ts'
import {
  aggregate,
  columnReference,
  cteReference,
  literal,
  named,
  project,
  withCte,
  type ColumnIds,
} from '../logical/build.ts'
import { unionAllColumns } from '../logical/columns-of.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { AggregateCall, ColumnId, Expression, NamedExpression } from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { isInsideAggregate, levelOf } from './aggregate-call.ts'
import { bindIn } from './context.ts'
import type { Clause, GroupingCall, Scope } from './context.ts'

/** As in PostgreSQL. */
const CUBE_ELEMENTS_MAX = 12
const SETS_MAX = 4_096
const GROUPING_ARGUMENTS_MAX = 31

type AstSet = readonly AstExpression[]

/**
 * The sets that GROUP BY groups by, each a list of expressions: one of each item, in every combination.
 * Errors: TOO_MANY_COLUMNS, STATEMENT_TOO_COMPLEX.
 */
export function groupingSets({ items }: GroupByClause): readonly AstSet[] {
  let sets: AstExpression[][] = [[]]
  for (const item of items) {
    const own = setsOfItem(item)
    if (sets.length * own.length > SETS_MAX) throw tooManySets()
    const [only, ...others] = own
    // One more expression is added to the sets that are there, as of these lists can be long.
    if (only !== undefined && others.length === 0) for (const set of sets) set.push(...only)
    else sets = sets.flatMap((set) => own.map((more) => [...set, ...more]))
  }
  return sets
}

function tooManySets(): QueryError {
  const message = `too many grouping sets present (maximum ${SETS_MAX})`
  return new QueryError('STATEMENT_TOO_COMPLEX', message)
}

function setsOfItem(item: GroupingItem): readonly AstSet[] {
  switch (item.kind) {
    case 'expr':
      return [item.expr.kind === 'row' ? item.expr.items : [item.expr]]
    case 'set':
      return [item.exprs]
    case 'empty':
      return [[]]
    case 'rollup':
      return Array.from({ length: item.sets.length + 1 }, (_, dropped) =>
        item.sets.slice(0, item.sets.length - dropped).flat(),
      )
    case 'cube':
      return cubeOf(item.sets)
    case 'grouping-sets': {
      const sets = item.sets.flatMap(setsOfItem)
      if (sets.length > SETS_MAX) throw tooManySets()
      return sets
    }
  }
}

function cubeOf(elements: readonly AstSet[]): readonly AstSet[] {
  if (elements.length > CUBE_ELEMENTS_MAX) {
    const span = elements[0]?.[0]?.span
    const message = `CUBE is limited to ${CUBE_ELEMENTS_MAX} elements`
    throw new QueryError('TOO_MANY_COLUMNS', message, { ...(span && { span }) })
  }
  return elements.reduce<readonly AstSet[]>(
    (sets, element) => sets.flatMap((set) => [[...set, ...element], set]),
    [[]],
  )
}

/** Clauses above the groups. */
const allowed: ReadonlySet<Clause> = new Set<Clause>(['SELECT', 'HAVING', 'ORDER BY', 'QUALIFY'])

/**
 * Binds GROUPING(a, b): a number that the set of each row tells, also to subqueries of the query whose columns
 * these are. Errors: GROUPING_ERROR.
 */
export function bindGrouping(scope: Scope, ast: AstGrouping): Expression {
  const { span } = ast
  if (ast.args.length > GROUPING_ARGUMENTS_MAX) {
    const message = 'GROUPING must have fewer than 32 arguments'
    throw new QueryError('TOO_MANY_COLUMNS', message, { span })
  }
  const args = ast.args.map((arg) => bindIn(scope, scope.level.clause, arg))
  const level = levelOf(scope, args)
  if (isInsideAggregate(level)) {
    const message = 'aggregate function calls cannot be nested'
    throw new QueryError('GROUPING_ERROR', message, { span })
  }
  if (!allowed.has(level.clause)) {
    const message = `grouping operations are not allowed in ${level.clause}`
    throw new QueryError('GROUPING_ERROR', message, { span })
  }
  const key = args.map(expressionKey).join()
  const same = level.groupings.find((one) => one.args.map(expressionKey).join() === key)
  const id = same?.id ?? scope.environment.binder.ctx.columnIds.next()
  if (same === undefined) level.groupings.push({ id, args })
  return columnReference({ id, name: 'grouping', type: int4 }, span)
}

/** What a query groups by: all keys, and which of them make each set. */
export interface Grouping {
  readonly keys: readonly NamedExpression[]
  readonly sets: readonly (readonly number[])[]
}

/** Whether GROUP BY says no more than a list of keys. */
export function isPlain({ keys, sets }: Grouping): boolean {
  return sets.length === 1 && sets[0]!.length === keys.length
}

/**
 * Groups rows by each set: the rows are read once a set, and what a set has no key for is NULL in its rows.
 * The result has the keys, the aggregates and a column for each GROUPING.
 */
export function* groupedBySets(
  ids: ColumnIds,
  rows: Relation,
  grouping: Grouping,
  calls: readonly AggregateCall[],
  groupings: readonly GroupingCall[],
): Steps<Relation> {
  const bits = groupings.map((call) => ({ call, positions: positionsOf(grouping, call) }))
  if (isPlain(grouping)) {
    const grouped = aggregate(rows, grouping.keys, calls)
    if (bits.length === 0) return grouped
    const passed = grouped.columns.map((column): NamedExpression => {
      return { id: column.id, name: column.name, expr: columnReference(column) }
    })
    return project(grouped, [...passed, ...bits.map(({ call }) => numberOf(call.id, 0))])
  }
  const inputs = new Inputs(ids)
  const keys = grouping.keys.map((key) => ({ ...key, expr: inputs.add(key.expr) }))
  const over = calls.map((call) => inputs.call(call))
  const definition = project(rows, inputs.exprs)
  const cteId: number = ids.next()
  const parts: Relation[] = []
  const setSteps = NODE_STEPS * (grouping.keys.length + calls.length)
  for (const set of grouping.sets) {
    spend(setSteps)
    if (isOverdue()) yield
    const numbers = bits.map(({ call, positions }) => {
      return numberOf(call.id, maskOf(positions, set))
    })
    const input = cteReference(ids, cteId, 'grouped', definition.columns)
    const own = { definition: definition.columns, keys, set: new Set(set), calls: over, numbers }
    parts.push(groupedBySet(ids, input, own))
  }
  const inputColumns = parts.map(({ columns }) => columns.map(({ id }) => id))
  const types = [...keys.map(({ expr }) => expr.type), ...over.map(({ type }) => type)]
  const made = [...keys, ...over, ...groupings.map(({ id }) => ({ id, name: 'grouping' }))]
  const wanted = made.map(({ id, name }, at): OutputColumn => {
    return { id, name, type: types[at] ?? int4, nullable: false }
  })
  const columns = unionAllColumns(parts, inputColumns, wanted)
  const united: Relation = { kind: 'union-all', inputs: parts, inputColumns, columns }
  return withCte(cteId, 'grouped', definition, united)
}

interface SetParts {
  readonly definition: readonly OutputColumn[]
  readonly keys: readonly NamedExpression[]
  readonly set: ReadonlySet<number>
  readonly calls: readonly AggregateCall[]
  readonly numbers: readonly NamedExpression[]
}

/** The groups of one set, the other keys NULL. */
function groupedBySet(ids: ColumnIds, input: Relation, parts: SetParts): Relation {
  const { definition, keys, set, calls, numbers } = parts
  const own = new Map(definition.map(({ id }, at) => [id, input.columns[at]!]))
  const moved = (expr: Expression): Expression =>
    expr.kind === 'column' ? columnReference(present(own.get(expr.id), 'column of a set')) : expr
  const kept = keys.flatMap((key, at) =>
    set.has(at) ? [[at, named(ids, key.name, moved(key.expr))] as const] : [],
  )
  const made = calls.map((call) => ({ ...mapCall(call, moved), id: ids.next() }))
  const grouped = aggregate(
    input,
    kept.map(([, key]) => key),
    made,
  )
  const byPosition = new Map(kept)
  const outputs = keys.map(({ name, expr }, at) => {
    const key = byPosition.get(at)
    const value = key && columnReference({ id: key.id, name, type: expr.type })
    return named(ids, name, value ?? literal(null, expr.type))
  })
  const aggregates = made.map((call) => named(ids, call.name, columnReference(call)))
  const told = numbers.map(({ name, expr }) => named(ids, name, expr))
  return project(grouped, [...outputs, ...aggregates, ...told])
}

function mapCall(call: AggregateCall, to: (expr: Expression) => Expression): AggregateCall {
  const { args, filter, orderBy } = call
  return {
    ...call,
    args: args.map(to),
    ...(filter && { filter: to(filter) }),
    ...(orderBy && { orderBy: orderBy.map((key) => ({ ...key, expr: to(key.expr) })) }),
  }
}

/** What the sets read of the rows, computed once; constants stay where they are. */
class Inputs {
  readonly exprs: NamedExpression[] = []
  readonly #ids: ColumnIds

  constructor(ids: ColumnIds) {
    this.#ids = ids
  }

  add(expr: Expression): Expression {
    const added = named(this.#ids, 'input', expr)
    this.exprs.push(added)
    return columnReference({ id: added.id, name: added.name, type: expr.type })
  }

  call(call: AggregateCall): AggregateCall {
    return mapCall(call, (expr) => (expr.kind === 'literal' ? expr : this.add(expr)))
  }
}

function positionsOf(grouping: Grouping, { args }: GroupingCall): readonly number[] {
  const known = new Map(grouping.keys.map(({ expr }, at) => [expressionKey(expr), at]))
  return args.map((arg) => {
    const position = known.get(expressionKey(arg))
    if (position !== undefined) return position
    const message =
      'arguments to GROUPING must be grouping expressions of the associated query level'
    throw new QueryError('GROUPING_ERROR', message, { ...(arg.span && { span: arg.span }) })
  })
}

/** A bit an argument, the last one lowest: 1 where the set has no such key. */
function maskOf(positions: readonly number[], set: readonly number[]): number {
  return positions.reduce((mask, position) => mask * 2 + (set.includes(position) ? 0 : 1), 0)
}

function numberOf(id: ColumnId, value: number): NamedExpression {
  return { id, name: 'grouping', expr: literal(value, int4) }
}
