import { assert } from '../../base/assert.ts'
import { sameType, typeName } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { ArgumentKind } from '../../functions/function.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  Let,
  NamedExpression,
  SortKey,
  WindowCall,
} from './expression.ts'
import type {
  Aggregate,
  Apply,
  Join,
  OutputColumn,
  Relation,
  RelationKind,
  RelationOf,
} from './relation.ts'
import { expressionChildrenOf } from './walk.ts'
import { expandColumns } from './columns-of.ts'

/**
 * Asserts that a plan is well formed: every column an expression refers to is produced by the input or,
 * inside subqueries and the right side of an Apply, by an enclosing one; no column is made twice; types
 * fit throughout; calls have the argument types that their overloads declare; `columns` are what the
 * relation says. A failure is a fault of whatever made the plan.
 */
export function verifyRelation(relation: Relation): void {
  const state: VerifyState = { made: new Set(), bound: new Map(), ctes: new Map() }
  verify(relation, noColumns, state)
}

type Visible = ReadonlyMap<ColumnId, DataType>

interface VerifyState {
  readonly made: Set<ColumnId>
  /** What the LETs around an expression name; ids are bound once, so one list serves all. */
  readonly bound: Map<ColumnId, DataType>
  readonly ctes: Map<number, readonly OutputColumn[]>
}

const noColumns: Visible = new Map()

type Check<K extends RelationKind> = (
  relation: RelationOf<K>,
  outer: Visible,
  state: VerifyState,
) => void

/** What holds of each kind of relation, its inputs included. */
const checks: { readonly [K in RelationKind]: Check<K> } = {
  scan: (scan, outer, state) => {
    assert(scan.sourceColumns.length === scan.columns.length, 'scan: columns differ')
    makes(scan.columns, state)
    verifyConditions(scan.filters, visible(scan.columns, outer), state)
  },
  values: (values, outer, state) => {
    makes(values.columns, state)
    for (const row of values.rows) verifyRow(row, values.columns, outer, state)
  },
  filter: (filter, outer, state) => {
    verify(filter.input, outer, state)
    verifyConditions([filter.predicate], visible(filter.input.columns, outer), state)
    passesOn(filter, filter.input)
  },
  project: (project, outer, state) => {
    verify(project.input, outer, state)
    verifyNamed(project.exprs, project, project.input, outer, state)
  },
  join: verifyJoin,
  apply: verifyJoin,
  aggregate: verifyAggregate,
  window: (window, outer, state) => {
    const { input, partitionBy, orderBy, calls, columns } = window
    verify(input, outer, state)
    const seen = visible(input.columns, outer)
    for (const expr of partitionBy) verifyExpression(expr, seen, state)
    verifyKeys(orderBy, seen, state)
    const outputs = columns.slice(input.columns.length)
    sameIds(columns.slice(0, input.columns.length), input.columns, 'window')
    assert(outputs.length === calls.length, 'window: columns differ')
    calls.forEach((call, at) => verifyWindowCall(call, outputs[at], seen, state))
    makes(outputs, state)
  },
  sort: (sort, outer, state) => {
    verify(sort.input, outer, state)
    verifyKeys(sort.keys, visible(sort.input.columns, outer), state)
    passesOn(sort, sort.input)
  },
  limit: (limit, outer, state) => {
    verify(limit.input, outer, state)
    for (const count of [limit.limit, limit.offset]) {
      if (count !== undefined) verifyExpression(count, outer, state)
    }
    passesOn(limit, limit.input)
  },
  'union-all': (union, outer, state) => {
    for (const input of union.inputs) verify(input, outer, state)
    verifyUnion(union.inputs, union.inputColumns, union.columns)
    makes(union.columns, state)
  },
  with: (cte, outer, state) => {
    verify(cte.definition, outer, state)
    state.ctes.set(cte.cteId, cte.definition.columns)
    verify(cte.input, outer, state)
    passesOn(cte, cte.input)
  },
  expand: (expanding, outer, state) => {
    const { input, calls, columns } = expanding
    verify(input, outer, state)
    const seen = visible(input.columns, outer)
    for (const call of calls) {
      verifyArguments(() => `function ${call.fn.id}`, call.args, call.fn.args, false)
      for (const arg of call.args) verifyExpression(arg, seen, state)
    }
    sameIds(columns, expandColumns(input, calls, expanding.ordinality), 'expand')
    makes(columns.slice(input.columns.length), state)
  },
  recursion: (recursion, outer, state) => {
    const { recursionId, base, step, inputColumns, columns } = recursion
    verify(base, outer, state)
    state.ctes.set(recursionId, columns)
    verify(step, outer, state)
    verifyUnion([base, step], inputColumns, columns)
    makes(columns, state)
  },
  'working-table': ({ recursionId, name, columns }, _, state) => {
    const made = state.ctes.get(recursionId)
    assert(made !== undefined, () => `the working table of ${name} is read outside of its step`)
    const same = columns.every(({ type }, at) => sameType(type, made[at]?.type ?? type))
    assert(same && columns.length <= made.length, () => `the working table of ${name} differs`)
    makes(columns, state)
  },
  'cte-reference': (reference, _, state) => {
    verifyCteReference(reference, state)
    makes(reference.columns, state)
  },
}

function verify<K extends RelationKind>(
  relation: RelationOf<K>,
  outer: Visible,
  state: VerifyState,
): void {
  const check = checks[relation.kind] as Check<K>
  check(relation, outer, state)
}

function verifyKeys(keys: readonly SortKey[], seen: Visible, state: VerifyState): void {
  for (const { expr } of keys) verifyExpression(expr, seen, state)
}

function verifyJoin(relation: Join | Apply, outer: Visible, state: VerifyState): void {
  const { left, right, joinKind, markColumn } = relation
  verify(left, outer, state)
  const rightOuter = relation.kind === 'apply' ? visible(left.columns, outer) : outer
  verify(right, rightOuter, state)
  const both = [...left.columns, ...right.columns]
  verifyConditions([relation.condition], visible(both, outer), state)
  assert(
    (joinKind === 'mark') === (markColumn !== undefined),
    'a mark join, and no other, has a mark column',
  )
  const onlyLeft = joinKind === 'semi' || joinKind === 'anti' || joinKind === 'mark'
  const expected = onlyLeft ? left.columns : both
  const marked = markColumn === undefined ? expected : [...expected, markColumn]
  if (markColumn !== undefined) makes([markColumn], state)
  sameIds(relation.columns, marked, `${joinKind} ${relation.kind}`)
}

function verifyAggregate(relation: Aggregate, outer: Visible, state: VerifyState): void {
  const { input, keys, aggregates, columns } = relation
  verify(input, outer, state)
  const keyColumns = columns.slice(0, keys.length)
  verifyNamed(keys, { ...relation, columns: keyColumns }, input, outer, state)
  const outputs = columns.slice(keys.length)
  assert(outputs.length === aggregates.length, 'aggregate: columns differ')
  const seen = visible(input.columns, outer)
  for (const [index, call] of aggregates.entries()) {
    verifyAggregateCall(call, outputs[index], seen, state)
  }
  makes(outputs, state)
}

function verifyNamed(
  exprs: readonly NamedExpression[],
  relation: Relation,
  input: Relation,
  outer: Visible,
  state: VerifyState,
): void {
  const { columns, kind } = relation
  assert(exprs.length === columns.length, () => `${kind}: columns differ`)
  const columnsSeen = visible(input.columns, outer)
  const inputIds = new Set(input.columns.map((column) => column.id))
  for (const [index, { id, name, expr }] of exprs.entries()) {
    const column = columns[index]!
    verifyExpression(expr, columnsSeen, state)
    assert(column.id === id, () => `${kind}: column ${name} has another id`)
    assert(sameType(column.type, expr.type), () => `${kind}: column ${name} has another type`)
    const passed = expr.kind === 'column' && expr.id === id && inputIds.has(id)
    if (!passed) makes([column], state)
  }
}

function verifyAggregateCall(
  call: AggregateCall,
  column: OutputColumn | undefined,
  seen: Visible,
  state: VerifyState,
): void {
  const what = (): string => `aggregate ${call.fn.id}`
  assert(
    column?.id === call.id && sameType(column.type, call.type),
    () => `${what()}: column differs`,
  )
  const { args, variadic } = call.fn
  verifyArguments(what, call.args, args, variadic === true)
  for (const arg of call.args) verifyExpression(arg, seen, state)
  for (const key of call.orderBy ?? []) verifyExpression(key.expr, seen, state)
  if (call.filter !== undefined) verifyConditions([call.filter], seen, state)
}

function verifyWindowCall(
  call: WindowCall,
  column: OutputColumn | undefined,
  seen: Visible,
  state: VerifyState,
): void {
  const { fn, args, filter, frame } = call
  assert(
    column?.id === call.id && sameType(column.type, call.type),
    () => `window ${fn.id}: column differs`,
  )
  verifyArguments(() => `window ${fn.id}`, args, fn.args, false)
  for (const arg of args) verifyExpression(arg, seen, state)
  if (filter !== undefined) verifyConditions([filter], seen, state)
  for (const { offset } of [frame.start, frame.end]) {
    if (offset !== undefined) verifyExpression(offset, noColumns, state)
  }
}

function verifyUnion(
  inputs: readonly Relation[],
  inputColumns: readonly (readonly ColumnId[])[],
  columns: readonly OutputColumn[],
): void {
  assert(inputs.length === inputColumns.length, 'union-all: inputs differ')
  for (const [index, ids] of inputColumns.entries()) {
    assert(ids.length === columns.length, 'union-all: columns differ')
    const produced = visible(inputs[index]!.columns, noColumns)
    for (const [position, id] of ids.entries()) {
      const type = produced.get(id)
      assert(type !== undefined, () => `union-all: input ${index} has no column #${id}`)
      assert(sameType(type, columns[position]!.type), () => `union-all: types of #${id} differ`)
    }
  }
}

function verifyCteReference(
  relation: Extract<Relation, { kind: 'cte-reference' }>,
  state: VerifyState,
): void {
  const definition = state.ctes.get(relation.cteId)
  assert(definition !== undefined, () => `CTE ${relation.name} is not defined around its use`)
  const produced = visible(definition, noColumns)
  for (const [index, id] of relation.definitionColumns.entries()) {
    const [type, column] = [produced.get(id), relation.columns[index]]
    assert(
      type !== undefined && column !== undefined,
      () => `CTE ${relation.name} has no column #${id}`,
    )
    assert(sameType(type, column.type), () => `CTE ${relation.name}: types of #${id} differ`)
  }
}

function verifyRow(
  row: readonly Expression[],
  columns: readonly OutputColumn[],
  outer: Visible,
  state: VerifyState,
): void {
  assert(row.length === columns.length, 'values: a row of another length')
  for (const [index, expr] of row.entries()) {
    verifyExpression(expr, outer, state)
    assert(sameType(expr.type, columns[index]!.type), 'values: a row of another type')
  }
}

function verifyConditions(
  conditions: readonly Expression[],
  seen: Visible,
  state: VerifyState,
): void {
  for (const condition of conditions) {
    verifyExpression(condition, seen, state)
    assert(condition.type.kind === 'bool', () => `a condition of type ${typeName(condition.type)}`)
  }
}

function verifyExpression(expr: Expression, seen: Visible, state: VerifyState): void {
  assert(expr.type.kind !== 'unknown', () => `a ${expr.kind} of unknown type is left in the plan`)
  switch (expr.kind) {
    case 'column': {
      const type = seen.get(expr.id) ?? state.bound.get(expr.id)
      assert(
        type !== undefined,
        () => `column ${expr.name}#${expr.id} is not produced by the input`,
      )
      assert(sameType(type, expr.type), () => `column ${expr.name}#${expr.id} has another type`)
      break
    }
    case 'call': {
      const { args, variadic } = expr.fn
      verifyArguments(() => `call ${expr.fn.id}`, expr.args, args, variadic === true)
      break
    }
    case 'case':
      for (const { when, then } of expr.branches) {
        assert(when.type.kind === 'bool', 'CASE: a condition that is not boolean')
        assert(sameType(then.type, expr.type), 'CASE: a branch of another type')
      }
      assert(sameType(expr.otherwise.type, expr.type), 'CASE: ELSE of another type')
      break
    case 'and':
    case 'or':
      assert(expr.args.length > 1, () => `${expr.kind} of fewer than two`)
      for (const arg of expr.args)
        assert(arg.type.kind === 'bool', () => `${expr.kind}: not boolean`)
      break
    case 'in-list':
      for (const item of expr.list) {
        assert(sameType(item.type, expr.arg.type), 'IN: a member of another type')
      }
      break
    case 'subquery':
      verify(expr.input, seen, state)
      break
    case 'let':
      return verifyLet(expr, seen, state)
    case 'in-set':
      assert(!expr.values.includes(null), 'IN: NULL among the values')
      break
    case 'literal':
    case 'parameter':
    case 'cast':
      break
  }
  for (const child of expressionChildrenOf(expr)) verifyExpression(child, seen, state)
}

function verifyLet(expr: Let, seen: Visible, state: VerifyState): void {
  const { bound } = state
  for (const { id, value } of expr.bindings) {
    verifyExpression(value, seen, state)
    assert(!bound.has(id) && !seen.has(id), () => `#${id} is bound twice`)
    bound.set(id, value.type)
  }
  assert(sameType(expr.body.type, expr.type), 'let: a body of another type')
  verifyExpression(expr.body, seen, state)
  for (const { id } of expr.bindings) bound.delete(id)
}

function verifyArguments(
  what: () => string,
  args: readonly Expression[],
  kinds: readonly ArgumentKind[],
  variadic: boolean,
): void {
  const fits = variadic ? args.length >= kinds.length : args.length === kinds.length
  assert(fits, () => `${what()}: ${args.length} arguments`)
  for (const [index, arg] of args.entries()) {
    const kind = kinds[Math.min(index, kinds.length - 1)]
    const same = kind === 'any' || kind === arg.type.kind
    assert(same, () => `${what()}: argument ${index + 1} is ${typeName(arg.type)}, not ${kind}`)
  }
}

function passesOn(relation: Relation, input: Relation): void {
  sameIds(relation.columns, input.columns, relation.kind)
}

function sameIds(
  actual: readonly OutputColumn[],
  expected: readonly OutputColumn[],
  what: string,
): void {
  const same =
    actual.length === expected.length &&
    actual.every((column, index) => {
      const other = expected[index]!
      return column.id === other.id && sameType(column.type, other.type)
    })
  assert(same, () => `${what}: its columns are not those of its inputs`)
}

function makes(columns: readonly OutputColumn[], state: VerifyState): void {
  for (const { id, name } of columns) {
    assert(!state.made.has(id), () => `column ${name}#${id} is made twice`)
    state.made.add(id)
  }
}

function visible(columns: readonly OutputColumn[], outer: Visible): Visible {
  const all = new Map(outer)
  for (const { id, type } of columns) all.set(id, type)
  return all
}
