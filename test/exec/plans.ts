import { bool, int8, text, type DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import type { Accumulator } from '../../src/functions/aggregate-form.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import type {
  ColumnId,
  Expression,
  NamedExpression,
  SortKey,
} from '../../src/plan/logical/expression.ts'
import type { OutputColumn } from '../../src/plan/logical/relation.ts'
import { choosesBuild, keepsBuild } from '../../src/plan/physical/plan.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalAggregateCall,
  PhysicalJoinKind,
  PhysicalPlan,
  Stage,
} from '../../src/plan/physical/plan.ts'
import { scalarEntry } from '../functions/entries.ts'

let ids = 0

export function freshId(): ColumnId {
  return ++ids as ColumnId
}

export function scan(table: TableEntry, filters: readonly Expression[] = []): PhysicalPlan {
  return {
    kind: 'scan',
    table,
    columns: table.columns.map(({ name, type }) => ({ id: freshId(), name, type, nullable: true })),
    sourceColumns: table.columns.map((_, index) => index),
    filters,
    rows: table.statistics.rows,
  }
}

export function column(plan: PhysicalPlan, index: number): Expression {
  const { id, type, name } = plan.columns[index]!
  return { kind: 'column', id, type, name }
}

export function literal(type: DataType, value: Scalar): Expression {
  return { kind: 'literal', type, value }
}

export function call(fn: string, type: DataType, ...args: Expression[]): Expression {
  return { kind: 'call', fn: scalarEntry(fn), type, args }
}

/** A function of a text that has no form in code. */
export function calledOut(arg: Expression): Expression {
  // A pattern that each row brings along: regular expressions of constants have code.
  return call('regexp_substr(text,text)', text, arg, arg)
}

export function compare(op: string, left: Expression, right: Expression): Expression {
  return call(`${op}(${left.type.kind},${right.type.kind})`, bool, left, right)
}

export function filter(input: PhysicalPlan, predicate: Expression): PhysicalPlan {
  return { kind: 'filter', input, predicate, columns: input.columns, rows: input.rows }
}

export function project(input: PhysicalPlan, exprs: readonly Expression[]): PhysicalPlan {
  const named = exprs.map((expr): NamedExpression => ({ id: freshId(), name: 'p', expr }))
  return { kind: 'project', input, exprs: named, columns: named.map(outputOf), rows: input.rows }
}

/** As planning says it: a constant is not NULL, so rows keep no validity for it. */
function outputOf({ id, name, expr }: NamedExpression): OutputColumn {
  const nullable = expr.kind !== 'literal' || expr.value === null
  return { id, name, type: expr.type, nullable }
}

export interface AggregateSpec {
  readonly accumulator: Accumulator
  readonly arg?: Expression
  readonly type?: DataType
  readonly filter?: Expression
  readonly distinct?: boolean
}

export function aggregate(
  input: PhysicalPlan,
  keys: readonly Expression[],
  specs: readonly AggregateSpec[],
): HashAggregate {
  const named = keys.map((expr): NamedExpression => ({ id: freshId(), name: 'k', expr }))
  const aggregates = specs.map((spec): PhysicalAggregateCall => ({
    id: freshId(),
    name: spec.accumulator,
    type: spec.type ?? sumType(spec),
    accumulator: spec.accumulator,
    arg: spec.arg,
    distinct: spec.distinct ?? false,
    filter: spec.filter,
    fitsInt64: false,
  }))
  const columns = [
    ...named.map(outputOf),
    ...aggregates.map(({ id, name, type }) => ({ id, name, type, nullable: true })),
  ]
  return {
    kind: 'hash-aggregate',
    input,
    keys: named,
    aggregates,
    phase: 'single',
    columns,
    rows: 10,
  }
}

function sumType({ accumulator, arg }: AggregateSpec): DataType {
  if (arg === undefined || accumulator === 'count') return int8
  if (accumulator !== 'sum' && accumulator !== 'sum-zero') return arg.type
  switch (arg.type.kind) {
    case 'int2':
    case 'int4':
      return int8
    case 'int8':
      return { kind: 'numeric' }
    case 'decimal':
      return { kind: 'decimal', precision: 38, scale: arg.type.scale }
    default:
      return arg.type
  }
}

export interface JoinSpec {
  readonly joinKind: PhysicalJoinKind
  readonly keys: readonly (readonly [Expression, Expression])[]
  readonly nullSafe?: boolean
  readonly residual?: Expression
  readonly nullAware?: boolean
}

export function hashJoin(probe: PhysicalPlan, build: PhysicalPlan, spec: JoinSpec): HashJoin {
  return {
    kind: 'hash-join',
    joinKind: spec.joinKind,
    probe,
    build,
    probeKeys: spec.keys.map(([key]) => key),
    buildKeys: spec.keys.map(([, key]) => key),
    nullSafe: spec.keys.map(() => spec.nullSafe ?? false),
    residual: spec.residual,
    nullAware: spec.nullAware ?? false,
    distribution: 'local',
    ...joinColumns(probe, build, spec.joinKind),
  }
}

export function nestedLoop(
  probe: PhysicalPlan,
  build: PhysicalPlan,
  joinKind: PhysicalJoinKind,
  condition: Expression | undefined,
  nullAware = false,
): NestedLoopJoin {
  return {
    kind: 'nested-loop-join',
    joinKind,
    probe,
    build,
    condition,
    nullAware,
    ...joinColumns(probe, build, joinKind),
  }
}

function joinColumns(probe: PhysicalPlan, build: PhysicalPlan, joinKind: PhysicalJoinKind) {
  const markColumn: OutputColumn | undefined =
    joinKind === 'mark' ? { id: freshId(), name: 'mark', type: bool, nullable: true } : undefined
  const pairs = joinKind !== 'semi' && joinKind !== 'anti' && joinKind !== 'mark'
  const missing = (plan: PhysicalPlan, side: boolean): readonly OutputColumn[] =>
    side ? plan.columns.map((c) => ({ ...c, nullable: true })) : plan.columns
  if (choosesBuild(joinKind)) return { markColumn, columns: build.columns, rows: build.rows }
  const columns = [
    ...missing(probe, keepsBuild(joinKind)),
    ...(pairs ? missing(build, joinKind !== 'inner' && joinKind !== 'right') : []),
    ...(markColumn === undefined ? [] : [markColumn]),
  ]
  return { markColumn, columns, rows: probe.rows }
}

export function sort(
  input: PhysicalPlan,
  keys: readonly SortKey[],
  limitRows?: number,
): PhysicalPlan {
  return { kind: 'sort', input, keys, limitRows, columns: input.columns, rows: input.rows }
}

export function limit(input: PhysicalPlan, limitRows: number, offsetRows = 0): PhysicalPlan {
  return { kind: 'limit', input, limitRows, offsetRows, columns: input.columns, rows: limitRows }
}

export function unionAll(...inputs: PhysicalPlan[]): PhysicalPlan {
  const [first] = inputs
  return {
    kind: 'union-all',
    inputs,
    inputColumns: inputs.map((input) => input.columns.map(({ id }) => id)),
    columns: first!.columns.map((c) => ({ ...c, id: freshId() })),
    rows: 0,
  }
}

export function stageOf(root: PhysicalPlan, changes: Partial<Stage> = {}): Stage {
  return {
    id: 0,
    root,
    partitions: 1,
    output: { kind: 'gather' },
    outputPartitions: 1,
    inputs: [],
    bounds: new Map(),
    ...changes,
  }
}
