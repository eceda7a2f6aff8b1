import { assert } from '../../base/assert.ts'
import type { Span } from '../../base/span.ts'
import { bool, sameType } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import {
  aggregateColumns,
  joinColumns,
  projectColumns,
  unionAllColumns,
  windowColumns,
  expandColumns,
} from './columns-of.ts'
import type {
  AggregateCall,
  Call,
  Case,
  Cast,
  ColumnId,
  ColumnReference,
  Expression,
  InList,
  InSet,
  Literal,
  NamedExpression,
  RowsCall,
  SortKey,
  WindowCall,
} from './expression.ts'
import type {
  Aggregate,
  Apply,
  CteReference,
  Expand,
  Filter,
  Join,
  JoinKind,
  Limit,
  Ordinality,
  OutputColumn,
  Project,
  Recursion,
  Relation,
  Scan,
  Sort,
  UnionAll,
  Values,
  Window,
  With,
  WorkingTable,
} from './relation.ts'

/** Hands out the column ids of one query; whatever builds part of its plan draws from the same one. */
export interface ColumnIds {
  next(): ColumnId
}

export function newColumnIds(first = 1): ColumnIds {
  let id = first
  return { next: () => id++ as ColumnId }
}

/** A scan of all columns of a table, or of those at `sourceColumns`, in that order. */
export function scan(
  ids: ColumnIds,
  table: TableEntry,
  sourceColumns: readonly number[] = table.columns.map((_, position) => position),
): Scan {
  const columns = sourceColumns.map((position) => {
    const field = table.columns[position]
    assert(field !== undefined, () => `table ${table.name} has no column at ${position}`)
    return { id: ids.next(), ...field }
  })
  return { kind: 'scan', table, sourceColumns, filters: [], columns }
}

/** Literal rows. `columns` gives names and types; every row has as many expressions. */
export function values(
  rows: readonly (readonly Expression[])[],
  columns: readonly OutputColumn[],
): Values {
  assert(
    rows.every((row) => row.length === columns.length),
    'rows of VALUES differ in length',
  )
  return { kind: 'values', rows, columns }
}

/** One row without columns: the input of a SELECT without FROM. */
export function oneRow(): Values {
  return { kind: 'values', rows: [[]], columns: [] }
}

/** No rows, with the columns of the relation that it stands for. */
export function noRows(columns: readonly OutputColumn[]): Values {
  return { kind: 'values', rows: [], columns }
}

export function filter(input: Relation, predicate: Expression): Filter {
  return { kind: 'filter', input, predicate, columns: input.columns }
}

export function project(input: Relation, exprs: readonly NamedExpression[]): Project {
  return { kind: 'project', input, exprs, columns: projectColumns(input, exprs) }
}

/** What a join or apply may carry beyond its condition. */
export interface JoinOptions {
  readonly nullAware?: boolean
  readonly markColumn?: OutputColumn
}

export function join(
  joinKind: JoinKind,
  left: Relation,
  right: Relation,
  condition: Expression,
  options: JoinOptions = {},
): Join {
  const columns = joinColumns(joinKind, left, right, options.markColumn)
  return { kind: 'join', joinKind, left, right, condition, ...options, columns }
}

/** A join whose right side may refer to columns of its left. */
export function apply(
  joinKind: JoinKind,
  left: Relation,
  right: Relation,
  condition: Expression,
  options: JoinOptions = {},
): Apply {
  const columns = joinColumns(joinKind, left, right, options.markColumn)
  return { kind: 'apply', joinKind, left, right, condition, ...options, columns }
}

export function crossJoin(left: Relation, right: Relation): Join {
  return join('inner', left, right, trueLiteral)
}

export function aggregate(
  input: Relation,
  keys: readonly NamedExpression[],
  aggregates: readonly AggregateCall[],
): Aggregate {
  const columns = aggregateColumns(input, keys, aggregates)
  return { kind: 'aggregate', input, keys, aggregates, columns }
}

export function window(
  input: Relation,
  spec: Pick<Window, 'partitionBy' | 'orderBy'>,
  calls: readonly WindowCall[],
): Window {
  const { partitionBy, orderBy } = spec
  return {
    kind: 'window',
    input,
    partitionBy,
    orderBy,
    calls,
    columns: windowColumns(input, calls),
  }
}

/** The rows of a relation, each repeated for what functions give for it. */
export function expand(
  input: Relation,
  calls: readonly RowsCall[],
  ordinality?: Ordinality,
): Expand {
  const columns = expandColumns(input, calls, ordinality)
  return { kind: 'expand', input, calls, ...(ordinality && { ordinality }), columns }
}

/** The distinct rows of a relation, NULLs being equal; all its columns, under fresh ids. */
export function distinct(ids: ColumnIds, input: Relation): Aggregate {
  return aggregate(input, renamed(ids, input.columns), [])
}

export function sort(input: Relation, keys: readonly SortKey[]): Sort {
  return { kind: 'sort', input, keys, columns: input.columns }
}

export function limit(
  input: Relation,
  rows: { readonly limit?: Expression; readonly offset?: Expression },
): Limit {
  return { kind: 'limit', input, ...rows, columns: input.columns }
}

/** Stacks inputs with equal column types, column by column; names are the first input's. */
export function unionAll(ids: ColumnIds, inputs: readonly Relation[]): UnionAll {
  const [first] = inputs
  assert(first !== undefined, 'UNION ALL without inputs')
  for (const input of inputs) {
    const equal =
      input.columns.length === first.columns.length &&
      input.columns.every((column, i) => sameType(column.type, first.columns[i]!.type))
    assert(equal, 'inputs of UNION ALL differ in their column types')
  }
  const inputColumns = inputs.map((input) => input.columns.map(({ id }) => id))
  const fresh = first.columns.map((column) => ({ ...column, id: ids.next() }))
  const columns = unionAllColumns(inputs, inputColumns, fresh)
  return { kind: 'union-all', inputs, inputColumns, columns }
}

export function withCte(cteId: number, name: string, definition: Relation, input: Relation): With {
  return { kind: 'with', cteId, name, definition, input, columns: input.columns }
}

export function cteReference(
  ids: ColumnIds,
  cteId: number,
  name: string,
  definition: readonly OutputColumn[],
): CteReference {
  const columns = definition.map((column) => ({ ...column, id: ids.next() }))
  return {
    kind: 'cte-reference',
    cteId,
    name,
    definitionColumns: definition.map(({ id }) => id),
    columns,
  }
}

/** The rows of a base, and round by round what a step makes of those before; their column types are equal. */
export function recursion(
  ids: ColumnIds,
  { base, step, ...own }: Pick<Recursion, 'recursionId' | 'name' | 'isDistinct' | 'base' | 'step'>,
): Recursion {
  const equal =
    base.columns.length === step.columns.length &&
    base.columns.every((column, i) => sameType(column.type, step.columns[i]!.type))
  assert(equal, 'the step of a recursion has other columns than its base')
  const idsOf = (relation: Relation): readonly ColumnId[] => relation.columns.map(({ id }) => id)
  // Whether the step gives NULLs depends on whether it meets any.
  const columns = base.columns.map((column) => ({ ...column, id: ids.next(), nullable: true }))
  const inputColumns = [idsOf(base), idsOf(step)] as const
  return { kind: 'recursion', ...own, base, step, inputColumns, columns }
}

/** What the step of a recursion reads. */
export function workingTable(
  ids: ColumnIds,
  recursionId: number,
  name: string,
  made: readonly OutputColumn[],
): WorkingTable {
  const columns = made.map((column) => ({ ...column, id: ids.next(), nullable: true }))
  return { kind: 'working-table', recursionId, name, columns }
}

/** A definition in the place of the one reference to it, whose columns it gives. */
export function inlined(definition: Relation, reference: CteReference): Project {
  const made = new Map(definition.columns.map((column) => [column.id, column]))
  const exprs = reference.columns.map(({ id, name }, at) => {
    const column = made.get(reference.definitionColumns[at]!)
    assert(column !== undefined, () => `CTE ${reference.name} has no column ${name}`)
    return { id, name, expr: columnReference(column) }
  })
  return project(definition, exprs)
}

/** Every column passed on under a fresh id, with its name. */
export function renamed(
  ids: ColumnIds,
  columns: readonly OutputColumn[],
): readonly NamedExpression[] {
  return columns.map((column) => named(ids, column.name, columnReference(column)))
}

export function named(ids: ColumnIds, name: string, expr: Expression): NamedExpression {
  return { id: ids.next(), name, expr }
}

export function columnReference(
  column: Pick<OutputColumn, 'id' | 'name' | 'type'>,
  span?: Span,
): ColumnReference {
  const { id, name, type } = column
  return { kind: 'column', id, name, type, ...spanned(span) }
}

export function literal(value: Scalar, type: DataType, span?: Span): Literal {
  return { kind: 'literal', value, type, ...spanned(span) }
}

export const trueLiteral: Literal = { kind: 'literal', value: true, type: bool }
export const falseLiteral: Literal = { kind: 'literal', value: false, type: bool }

export function call(
  fn: ScalarFunction,
  args: readonly Expression[],
  type: DataType,
  span?: Span,
): Call {
  return { kind: 'call', fn, args, type, ...spanned(span) }
}

/** A cast, or the expression itself where it already has the type. */
export function castTo(expr: Expression, type: DataType): Expression {
  return sameType(expr.type, type) ? expr : cast(expr, type, expr.span)
}

export function cast(arg: Expression, type: DataType, span?: Span, lenient = false): Cast {
  return { kind: 'cast', arg, type, lenient, ...spanned(span) }
}

export function caseOf(branches: Case['branches'], otherwise: Expression, span?: Span): Case {
  return { kind: 'case', branches, otherwise, type: otherwise.type, ...spanned(span) }
}

/** Constants that are compared one by one, which is quicker for so few; more are looked up in a set. */
const LISTED_MEMBERS_MAX = 16
const LISTED_TEXTS_MAX = 4

/** Whether so many constants of a type are a set. */
export function isSet(type: DataType, members: number): boolean {
  return members > (type.kind === 'text' ? LISTED_TEXTS_MAX : LISTED_MEMBERS_MAX)
}

/** `arg IN (list)`, whose members are of arg's type. */
export function inList(arg: Expression, list: readonly Expression[], span?: Span): InList | InSet {
  const base = { arg, type: bool, ...spanned(span) }
  if (!isSet(arg.type, list.length) || !list.every((item) => item.kind === 'literal')) {
    return { kind: 'in-list', ...base, list }
  }
  const values = list.map((item) => item.value).filter((value) => value !== null)
  return { kind: 'in-set', ...base, values, hasNull: values.length < list.length }
}

/** The conjunction: TRUE of none, the argument itself of one; nested ANDs become one. */
export function and(args: readonly Expression[]): Expression {
  return logical('and', args, trueLiteral)
}

/** The disjunction: FALSE of none, the argument itself of one; nested ORs become one. */
export function or(args: readonly Expression[]): Expression {
  return logical('or', args, falseLiteral)
}

/** The conjuncts of a condition: what {@link and} joined; none for literal TRUE. */
export function conjuncts(expr: Expression): readonly Expression[] {
  if (expr.kind === 'and') return expr.args.flatMap(conjuncts)
  return isTrue(expr) ? [] : [expr]
}

export function isTrue(expr: Expression): boolean {
  return expr.kind === 'literal' && expr.value === true
}

function logical(kind: 'and' | 'or', args: readonly Expression[], none: Literal): Expression {
  const flat = args.flatMap((arg) => (arg.kind === kind ? arg.args : [arg]))
  if (flat.length < 2) return flat[0] ?? none
  const [first, last] = [flat[0]?.span, flat.at(-1)?.span]
  const span = first && last && { start: first.start, end: last.end }
  return { kind, args: flat, type: bool, ...spanned(span) }
}

function spanned(span: Span | undefined): { readonly span?: Span } {
  return span === undefined ? {} : { span }
}
