import { NODE_STEPS, spend } from '../../base/budget.ts'
import {
  aggregateColumns,
  joinColumns,
  projectColumns,
  unionAllColumns,
  windowColumns,
  expandColumns,
} from './columns-of.ts'
import { areConstants } from './constant-rows.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  ExpressionKind,
  ExpressionOf,
  FrameBound,
  NamedExpression,
  SortKey,
  WindowCall,
} from './expression.ts'
import type { Apply, Join, OutputColumn, Relation, RelationKind, RelationOf } from './relation.ts'

/** What to put in the place of each direct child; returning the child itself leaves it. */
export interface ChildMapper {
  expression(expr: Expression): Expression
  relation(relation: Relation): Relation
}

/**
 * Where the children of every kind of expression are: said here and nowhere else. Each entry replaces
 * the children and returns the node itself when none changed; visiting is mapping to itself.
 */
const expressionChildren: {
  readonly [K in ExpressionKind]: (expr: ExpressionOf<K>, to: ChildMapper) => ExpressionOf<K>
} = {
  column: (expr) => expr,
  literal: (expr) => expr,
  parameter: (expr) => expr,
  call: (expr, to) => withPart(expr, 'args', mapList(expr.args, to.expression)),
  cast: (expr, to) => withPart(expr, 'arg', to.expression(expr.arg)),
  case: (expr, to) => {
    const branches = mapList(expr.branches, (branch) => {
      const changed = withPart(branch, 'when', to.expression(branch.when))
      return withPart(changed, 'then', to.expression(branch.then))
    })
    const changed = withPart(expr, 'branches', branches)
    return withPart(changed, 'otherwise', to.expression(expr.otherwise))
  },
  and: (expr, to) => withPart(expr, 'args', mapList(expr.args, to.expression)),
  or: (expr, to) => withPart(expr, 'args', mapList(expr.args, to.expression)),
  'in-list': (expr, to) => {
    const changed = withPart(expr, 'arg', to.expression(expr.arg))
    return withPart(changed, 'list', mapList(expr.list, to.expression))
  },
  'in-set': (expr, to) => withPart(expr, 'arg', to.expression(expr.arg)),
  let: (expr, to) => {
    const bindings = mapList(expr.bindings, (item) =>
      withPart(item, 'value', to.expression(item.value)),
    )
    return withPart(withPart(expr, 'bindings', bindings), 'body', to.expression(expr.body))
  },
  subquery: (expr, to) => {
    const changed = expr.arg === undefined ? expr : withPart(expr, 'arg', to.expression(expr.arg))
    return withPart(changed, 'input', to.relation(expr.input))
  },
}

/** The same for relations; `columns` follow when an input or an expression changed. */
const relationChildren: {
  readonly [K in RelationKind]: (relation: RelationOf<K>, to: ChildMapper) => RelationOf<K>
} = {
  scan: (scan, to) => withPart(scan, 'filters', mapList(scan.filters, to.expression)),
  values: (values, to) => {
    if (to.expression === same || areConstants(values.rows)) return values
    const rows = mapList(values.rows, (row) => mapList(row, to.expression))
    return withPart(values, 'rows', rows)
  },
  filter: (filter, to) => {
    const changed = withInput(filter, to.relation(filter.input))
    return withPart(changed, 'predicate', to.expression(filter.predicate))
  },
  project: (project, to) => {
    const input = to.relation(project.input)
    const exprs = mapParts(project.exprs, mapNamed, to)
    if (input === project.input && exprs === project.exprs) return project
    return { ...project, input, exprs, columns: projectColumns(input, exprs) }
  },
  join: (join, to) => mapJoin(join, to),
  apply: (apply, to) => mapJoin(apply, to),
  aggregate: (aggregate, to) => {
    const input = to.relation(aggregate.input)
    const keys = mapParts(aggregate.keys, mapNamed, to)
    const aggregates = mapParts(aggregate.aggregates, mapAggregateCall, to)
    const same = keys === aggregate.keys && aggregates === aggregate.aggregates
    if (same && input === aggregate.input) return aggregate
    const columns = aggregateColumns(input, keys, aggregates)
    return { ...aggregate, input, keys, aggregates, columns }
  },
  window: (window, to) => {
    const input = to.relation(window.input)
    const partitionBy = mapList(window.partitionBy, to.expression)
    const orderBy = mapParts(window.orderBy, mapSortKey, to)
    const calls = mapParts(window.calls, mapWindowCall, to)
    let changed = withPart(window, 'partitionBy', partitionBy)
    changed = withPart(withPart(changed, 'orderBy', orderBy), 'calls', calls)
    if (input === window.input) return changed
    return { ...changed, input, columns: windowColumns(input, calls) }
  },
  sort: (sort, to) => {
    const changed = withInput(sort, to.relation(sort.input))
    const keys = mapParts(sort.keys, mapSortKey, to)
    return withPart(changed, 'keys', keys)
  },
  limit: (limit, to) => {
    let changed = withInput(limit, to.relation(limit.input))
    if (limit.limit !== undefined) {
      changed = withPart(changed, 'limit', to.expression(limit.limit))
    }
    if (limit.offset !== undefined) {
      changed = withPart(changed, 'offset', to.expression(limit.offset))
    }
    return changed
  },
  'union-all': (union, to) => {
    const inputs = mapList(union.inputs, to.relation)
    if (inputs === union.inputs) return union
    const columns = unionAllColumns(inputs, union.inputColumns, union.columns)
    return { ...union, inputs, columns }
  },
  with: (cte, to) => {
    const changed = withPart(cte, 'definition', to.relation(cte.definition))
    return withInput(changed, to.relation(cte.input))
  },
  'cte-reference': (reference) => reference,
  recursion: (recursion, to) => {
    const changed = withPart(recursion, 'base', to.relation(recursion.base))
    return withPart(changed, 'step', to.relation(recursion.step))
  },
  'working-table': (table) => table,
  expand: (expanding, to) => {
    const input = to.relation(expanding.input)
    const calls = mapList(expanding.calls, (call) =>
      withPart(call, 'args', mapList(call.args, to.expression)),
    )
    if (input === expanding.input && calls === expanding.calls) return expanding
    const columns = expandColumns(input, calls, expanding.ordinality)
    return { ...expanding, input, calls, columns }
  },
}

/** Replaces the direct children of an expression; the relation of a subquery stays unless asked for. */
export function mapExpressionChildren(
  expr: Expression,
  toExpression: (child: Expression) => Expression,
  toRelation: (child: Relation) => Relation = same,
): Expression {
  if (isLeaf(expr)) return expr
  return mapChildren(expr, { expression: toExpression, relation: toRelation })
}

/** Every walk comes by here with each node, or by {@link mapRelationChildren}: each is a place to end. */
function mapChildren(expr: Expression, mapper: ChildMapper): Expression {
  spend(NODE_STEPS)
  if (isLeaf(expr)) return expr
  return (expressionChildren[expr.kind] as MapExpression)(expr, mapper)
}

/** Replaces the direct inputs and the direct expressions of a relation; columns follow. */
export function mapRelationChildren(relation: Relation, mapper: ChildMapper): Relation {
  spend(NODE_STEPS)
  return (relationChildren[relation.kind] as MapRelation)(relation, mapper)
}

export function mapInputs(relation: Relation, toRelation: (input: Relation) => Relation): Relation {
  return mapRelationChildren(relation, { expression: same, relation: toRelation })
}

export function mapExpressions(
  relation: Relation,
  toExpression: (expr: Expression) => Expression,
): Relation {
  return mapRelationChildren(relation, { expression: toExpression, relation: same })
}

/** Whether an expression is one that has no others in it. */
export function isLeaf({ kind }: Expression): boolean {
  return kind === 'column' || kind === 'literal' || kind === 'parameter'
}

/** Direct sub-expressions, in the order of evaluation; a subquery's relation is not among them. */
export function expressionChildrenOf(expr: Expression): readonly Expression[] {
  spend(NODE_STEPS)
  if (isLeaf(expr)) return none
  if (expr.kind === 'call' || expr.kind === 'and' || expr.kind === 'or') return expr.args
  if (expr.kind === 'cast') return [expr.arg]
  const children: Expression[] = []
  mapExpressionChildren(expr, (child) => {
    children.push(child)
    return child
  })
  return children
}

/** The inputs of a relation; relations inside its expressions' subqueries are not among them. */
export function inputsOf(relation: Relation): readonly Relation[] {
  const inputs: Relation[] = []
  mapInputs(relation, (input) => {
    inputs.push(input)
    return input
  })
  return inputs
}

/** The relation over other inputs, in the order of {@link inputsOf}. */
export function withInputs(relation: Relation, inputs: readonly Relation[]): Relation {
  let next = 0
  return mapInputs(relation, () => inputs[next++]!)
}

/** The relation with other expressions, in the order of {@link expressionsOf}. */
export function withExpressions(relation: Relation, exprs: readonly Expression[]): Relation {
  let next = 0
  return mapExpressions(relation, () => exprs[next++]!)
}

/** The expressions that a relation itself holds. */
export function expressionsOf(relation: Relation): readonly Expression[] {
  const exprs: Expression[] = []
  mapExpressions(relation, (expr) => {
    exprs.push(expr)
    return expr
  })
  return exprs
}

/** Rewrites an expression from the leaves up; subqueries' relations are left alone. */
export function rewriteExpression(
  expr: Expression,
  rewrite: (expr: Expression) => Expression,
): Expression {
  return rewrite(mapExpressionChildren(expr, (child) => rewriteExpression(child, rewrite)))
}

/** Rewrites a relation from the leaves up; relations inside subquery expressions are left alone. */
export function rewriteRelation(
  relation: Relation,
  rewrite: (relation: Relation) => Relation,
): Relation {
  return rewrite(mapInputs(relation, (input) => rewriteRelation(input, rewrite)))
}

/** Rewrites every expression in a whole tree from the leaves up, inside subqueries too. */
export function rewriteAllExpressions(
  relation: Relation,
  rewrite: (expr: Expression) => Expression,
): Relation {
  const mapper: ChildMapper = {
    expression: (expr) => rewrite(mapChildren(expr, mapper)),
    relation: (input) => mapRelationChildren(input, mapper),
  }
  return mapper.relation(relation)
}

/** Rewrites every relation in a whole tree from the leaves up, inside subqueries too. */
export function rewriteAllRelations(
  relation: Relation,
  rewrite: (relation: Relation) => Relation,
): Relation {
  const mapper: ChildMapper = {
    expression: (expr) => mapChildren(expr, mapper),
    relation: (input) => rewrite(mapRelationChildren(input, mapper)),
  }
  return mapper.relation(relation)
}

/** What to do at each node of a walk, parents first; a visitor that returns false skips the children. */
export interface Visitor {
  expression?(expr: Expression): boolean | void
  relation?(relation: Relation): boolean | void
}

/** Walks a whole tree, inside subqueries too. */
export function visitRelation(relation: Relation, visitor: Visitor): void {
  visiting(visitor).relation(relation)
}

/** Walks an expression, inside subqueries too. */
export function visitExpression(expr: Expression, visitor: Visitor): void {
  visiting(visitor).expression(expr)
}

/** Whether some node of the expression satisfies the test; subqueries' relations are not searched. */
export function someExpression(expr: Expression, test: (expr: Expression) => boolean): boolean {
  return test(expr) || expressionChildrenOf(expr).some((child) => someExpression(child, test))
}

/** The columns that an expression needs from its input, those of its subqueries' free ones included. */
export function columnsUsed(expr: Expression): ReadonlySet<ColumnId> {
  return columnsUsedByAll([expr])
}

/** The columns that any of the expressions needs. */
export function columnsUsedByAll(exprs: readonly Expression[]): ReadonlySet<ColumnId> {
  const used = new Set<ColumnId>()
  const bound = new Set<ColumnId>()
  const pending = exprs.slice()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'column') used.add(next.id)
    else if (next.kind === 'subquery') for (const id of freeColumns(next.input)) used.add(id)
    else if (next.kind === 'let') for (const { id } of next.bindings) bound.add(id)
    for (const child of expressionChildrenOf(next)) pending.push(child)
  }
  for (const id of bound) used.delete(id)
  return used
}

/** The columns that a relation's own expressions need (its inputs' own needs are not counted). */
export function columnsUsedBy(relation: Relation): ReadonlySet<ColumnId> {
  return columnsUsedByAll(expressionsOf(relation))
}

/** The columns that a relation refers to and does not produce: its correlated references. */
export function freeColumns(relation: Relation): ReadonlySet<ColumnId> {
  const used = new Set<ColumnId>()
  const produced = new Set<ColumnId>()
  visitRelation(relation, {
    expression: (expr) => {
      if (expr.kind === 'column') used.add(expr.id)
      else if (expr.kind === 'let') for (const { id } of expr.bindings) produced.add(id)
    },
    relation: (inner) => {
      for (const column of inner.columns) produced.add(column.id)
    },
  })
  return new Set([...used].filter((id) => !produced.has(id)))
}

/** Puts expressions in the place of column references, inside subqueries too. */
export function replaceColumns(
  expr: Expression,
  replacement: (id: ColumnId) => Expression | undefined,
): Expression {
  const mapper = replacing(replacement)
  return mapper.expression(expr)
}

/** The same in every expression of a tree; the columns that its relations make keep their ids. */
export function replaceColumnsIn(
  relation: Relation,
  replacement: (id: ColumnId) => Expression | undefined,
): Relation {
  return replacing(replacement).relation(relation)
}

/** What tells of a column whether it is among some: a set, or a map by columns. */
export type ColumnIdSet = Pick<ReadonlySet<ColumnId>, 'has'>

/** Whether every column that the expression needs is among these. */
export function dependsOnlyOn(expr: Expression, columns: ColumnIdSet): boolean {
  for (const id of columnsUsed(expr)) if (!columns.has(id)) return false
  return true
}

const idSets = new WeakMap<readonly OutputColumn[], ReadonlySet<ColumnId>>()

/** The ids of columns; of the same list, which joins of many tables are asked for again and again, the same set. */
export function columnIdSet(columns: readonly OutputColumn[]): ReadonlySet<ColumnId> {
  let ids = idSets.get(columns)
  if (ids === undefined) {
    ids = new Set(columns.map(({ id }) => id))
    idSets.set(columns, ids)
  }
  return ids
}

const none: readonly Expression[] = []

type MapExpression = (expr: Expression, to: ChildMapper) => Expression
type MapRelation = (relation: Relation, to: ChildMapper) => Relation

function same<T>(value: T): T {
  return value
}

function mapList<T>(list: readonly T[], to: (item: T) => T): readonly T[] {
  if (to === same) return list
  let changed: T[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!
    const mapped = to(item)
    if (mapped !== item) changed ??= list.slice(0, index)
    changed?.push(mapped)
  }
  return changed ?? list
}

/** The same for what has expressions in it, which is left alone where expressions are. */
function mapParts<T>(
  list: readonly T[],
  map: (item: T, to: ChildMapper) => T,
  to: ChildMapper,
): readonly T[] {
  return to.expression === same ? list : mapList(list, (item) => map(item, to))
}

function withPart<T extends object, K extends keyof T>(node: T, part: K, value: T[K]): T {
  return node[part] === value ? node : { ...node, [part]: value }
}

function withInput<T extends Relation & { readonly input: Relation }>(node: T, input: Relation): T {
  return node.input === input ? node : { ...node, input, columns: input.columns }
}

function mapNamed(item: NamedExpression, to: ChildMapper): NamedExpression {
  return withPart(item, 'expr', to.expression(item.expr))
}

function mapSortKey(key: SortKey, to: ChildMapper): SortKey {
  return withPart(key, 'expr', to.expression(key.expr))
}

function mapAggregateCall(item: AggregateCall, to: ChildMapper): AggregateCall {
  let changed = withPart(item, 'args', mapList(item.args, to.expression))
  if (item.filter !== undefined) {
    changed = withPart(changed, 'filter', to.expression(item.filter))
  }
  if (item.orderBy !== undefined) {
    const orderBy = mapList(item.orderBy, (key) => mapSortKey(key, to))
    changed = withPart(changed, 'orderBy', orderBy)
  }
  return changed
}

function mapWindowCall(call: WindowCall, to: ChildMapper): WindowCall {
  const { start, end } = call.frame
  const bounds = { start: mapBound(start, to), end: mapBound(end, to) }
  const same = bounds.start === start && bounds.end === end
  let changed = withPart(call, 'args', mapList(call.args, to.expression))
  if (call.filter !== undefined) {
    changed = withPart(changed, 'filter', to.expression(call.filter))
  }
  return same ? changed : { ...changed, frame: { ...call.frame, ...bounds } }
}

function mapBound(bound: FrameBound, to: ChildMapper): FrameBound {
  return bound.offset === undefined ? bound : withPart(bound, 'offset', to.expression(bound.offset))
}

function mapJoin<T extends Join | Apply>(join: T, to: ChildMapper): T {
  const left = to.relation(join.left)
  const right = to.relation(join.right)
  const changed = withPart(join, 'condition', to.expression(join.condition))
  if (left === join.left && right === join.right) return changed
  const columns = joinColumns(join.joinKind, left, right, join.markColumn)
  return { ...changed, left, right, columns }
}

function visiting(visitor: Visitor): ChildMapper {
  const mapper: ChildMapper = {
    expression: (expr) => {
      if (visitor.expression?.(expr) === false) return expr
      return mapChildren(expr, mapper)
    },
    relation: (relation) => {
      if (visitor.relation?.(relation) === false) return relation
      return mapRelationChildren(relation, mapper)
    },
  }
  return mapper
}

function replacing(replacement: (id: ColumnId) => Expression | undefined): ChildMapper {
  const mapper: ChildMapper = {
    expression: (expr) => {
      if (expr.kind === 'column') return replacement(expr.id) ?? expr
      return mapChildren(expr, mapper)
    },
    relation: (relation) => mapRelationChildren(relation, mapper),
  }
  return mapper
}
