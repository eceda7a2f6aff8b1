import { unreachable } from '../../base/assert.ts'
import type { ColumnId } from '../logical/expression.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalAggregateCall,
  PhysicalPlan,
  PhysicalScan,
  PhysicalUnionAll,
  ValueBounds,
} from './plan.ts'
import { expressionBounds, typeBounds, union, type BoundsByColumn } from './value-bounds.ts'

/** What is guaranteed of a plan's result: how many rows at most, and the columns' values. */
export interface Guarantees {
  /** Undefined: no limit is known. */
  readonly rowsMax: bigint | undefined
  /** Bounds of every integer-like column made anywhere in the plan. */
  readonly bounds: BoundsByColumn
}

/** Remembers what it found out, so that it can be asked for every node of a plan while it is built. */
export interface BoundsAnalysis {
  of(plan: PhysicalPlan): Guarantees
}

/**
 * Value ranges of all columns, from exact statistics alone. Filters do not narrow a column, as the
 * bounds hold for the column wherever it appears.
 */
export function newBoundsAnalysis(): BoundsAnalysis {
  const known = new WeakMap<PhysicalPlan, Guarantees>()
  const analysis: BoundsAnalysis = {
    of: (plan) => {
      let found = known.get(plan)
      if (found === undefined) {
        found = guaranteesOf(analysis, plan)
        known.set(plan, found)
      }
      return found
    },
  }
  return analysis
}

function guaranteesOf(analysis: BoundsAnalysis, plan: PhysicalPlan): Guarantees {
  switch (plan.kind) {
    case 'scan':
      return scanGuarantees(plan)
    case 'values':
      return { rowsMax: BigInt(plan.rowExprs.length), bounds: valuesBounds(plan) }
    case 'filter':
      return analysis.of(plan.input)
    case 'project': {
      const input = analysis.of(plan.input)
      const bounds = new Map(input.bounds)
      for (const { id, expr } of plan.exprs) {
        setBounds(bounds, id, expressionBounds(expr, input.bounds))
      }
      return { rowsMax: input.rowsMax, bounds }
    }
    case 'hash-join':
    case 'nested-loop-join':
      return joinGuarantees(analysis.of(plan.probe), analysis.of(plan.build), plan)
    case 'hash-aggregate':
      return aggregateGuarantees(analysis.of(plan.input), plan)
    case 'sort':
    case 'limit': {
      const input = analysis.of(plan.input)
      return { ...input, rowsMax: least(input.rowsMax, plan.limitRows) }
    }
    case 'union-all':
      return unionGuarantees(plan.inputs.map(analysis.of), plan)
    case 'exchange': {
      const input = analysis.of(plan.input)
      const bounds = new Map(input.bounds)
      for (const [i, { id }] of plan.columns.entries()) {
        const source = plan.input.columns[i]
        if (source !== undefined) setBounds(bounds, id, input.bounds.get(source.id))
      }
      return { rowsMax: input.rowsMax, bounds }
    }
    case 'stage-input':
      return { rowsMax: undefined, bounds: new Map() }
    default:
      return unreachable(plan)
  }
}

function setBounds(
  bounds: Map<ColumnId, ValueBounds>,
  id: ColumnId,
  value: ValueBounds | undefined,
): void {
  if (value !== undefined) bounds.set(id, value)
}

function least(rowsMax: bigint | undefined, limitRows: number | undefined): bigint | undefined {
  if (limitRows === undefined || !Number.isFinite(limitRows)) return rowsMax
  const limit = BigInt(limitRows)
  return rowsMax === undefined || limit < rowsMax ? limit : rowsMax
}

function scanGuarantees(scan: PhysicalScan): Guarantees {
  const { statistics, columns } = scan.table
  const bounds = new Map<ColumnId, ValueBounds>()
  if (!statistics.exact) return { rowsMax: undefined, bounds }
  for (const [i, column] of scan.columns.entries()) {
    const position = scan.sourceColumns[i]
    if (position === undefined || columns[position] === undefined) continue
    const known = statistics.columns[position]
    if (known?.min !== undefined && known.max !== undefined) {
      bounds.set(column.id, { min: known.min, max: known.max })
    }
  }
  return { rowsMax: BigInt(Math.ceil(statistics.rows)), bounds }
}

function valuesBounds(plan: Extract<PhysicalPlan, { kind: 'values' }>): BoundsByColumn {
  const bounds = new Map<ColumnId, ValueBounds>()
  const none: BoundsByColumn = new Map()
  for (const [i, { id }] of plan.columns.entries()) {
    let all: ValueBounds | undefined
    const complete = plan.rowExprs.every((row) => {
      const expr = row[i]
      if (expr === undefined || (expr.kind === 'literal' && expr.value === null)) return true
      const one = expressionBounds(expr, none)
      if (one !== undefined) all = all === undefined ? one : union(all, one)
      return one !== undefined
    })
    if (complete) setBounds(bounds, id, all)
  }
  return bounds
}

function joinGuarantees(
  probe: Guarantees,
  build: Guarantees,
  plan: HashJoin | NestedLoopJoin,
): Guarantees {
  const bounds = new Map([...probe.bounds, ...build.bounds])
  return { rowsMax: joinRowsMax(probe.rowsMax, build.rowsMax, plan.joinKind), bounds }
}

function joinRowsMax(
  probe: bigint | undefined,
  build: bigint | undefined,
  kind: HashJoin['joinKind'],
): bigint | undefined {
  if (kind === 'semi' || kind === 'anti' || kind === 'mark' || kind === 'single') return probe
  if (probe === undefined || build === undefined) return undefined
  const pairs = probe * build
  if (kind === 'inner') return told(pairs)
  return told(kind === 'left' ? pairs + probe : pairs + probe + build)
}

/** More rows than can ever be are as good as no limit; products of them would only grow and grow. */
const ROWS_TOLD_MAX = 2n ** 64n

function told(rows: bigint): bigint | undefined {
  return rows > ROWS_TOLD_MAX ? undefined : rows
}

function aggregateGuarantees(input: Guarantees, plan: HashAggregate): Guarantees {
  const bounds = new Map(input.bounds)
  for (const { id, expr } of plan.keys) setBounds(bounds, id, expressionBounds(expr, input.bounds))
  for (const call of plan.aggregates) setBounds(bounds, call.id, accumulated(call, input))
  return { rowsMax: plan.keys.length === 0 ? 1n : input.rowsMax, bounds }
}

function accumulated(call: PhysicalAggregateCall, input: Guarantees): ValueBounds | undefined {
  const arg = call.arg && expressionBounds(call.arg, input.bounds)
  switch (call.accumulator) {
    case 'count-star':
    case 'count':
      return input.rowsMax === undefined ? undefined : { min: 0n, max: input.rowsMax }
    case 'sum':
    case 'sum-zero': {
      if (arg === undefined || input.rowsMax === undefined) return undefined
      const rows = input.rowsMax
      // No value at all: what is known of one row holds, and is not upside down.
      if (rows === 0n) return arg
      const sum = {
        min: arg.min < 0n ? arg.min * rows : call.accumulator === 'sum' ? arg.min : 0n,
        max: arg.max > 0n ? arg.max * rows : call.accumulator === 'sum' ? arg.max : 0n,
      }
      const range = typeBounds(call.type)
      return range !== undefined && (sum.min < range.min || sum.max > range.max) ? range : sum
    }
    case 'min':
    case 'max':
    case 'any-value':
      return arg
    case 'sum-squares':
    case 'deviation':
    case 'deviation-merge':
      return undefined
    case 'bool-and':
    case 'bool-or':
      return { min: 0n, max: 1n }
    default:
      return unreachable(call.accumulator)
  }
}

function unionGuarantees(inputs: readonly Guarantees[], plan: PhysicalUnionAll): Guarantees {
  const bounds = new Map(inputs.flatMap((input) => [...input.bounds]))
  for (const [position, { id }] of plan.columns.entries()) {
    const parts = inputs.map((input, i) => {
      const source = plan.inputColumns[i]?.[position]
      return source === undefined ? undefined : input.bounds.get(source)
    })
    let all = parts[0]
    for (const part of parts) all = all && part && union(all, part)
    setBounds(bounds, id, all)
  }
  let rowsMax: bigint | undefined = 0n
  for (const input of inputs) {
    rowsMax =
      rowsMax === undefined || input.rowsMax === undefined
        ? undefined
        : told(rowsMax + input.rowsMax)
  }
  return { rowsMax, bounds }
}

const int64SumMax = 2n ** 62n

/** Whether sums of the argument stay within 64 bits, and for how many rows they do at least. */
export function sumWidth(
  arg: ValueBounds | undefined,
  rowsMax: bigint | undefined,
): { readonly fitsInt64: boolean; readonly int64RowsMax?: number } {
  if (arg === undefined) return { fitsInt64: false }
  const largest = -arg.min > arg.max ? -arg.min : arg.max
  if (largest <= 0n) return { fitsInt64: true }
  const safe = int64SumMax / largest
  const int64RowsMax = Number(
    safe < BigInt(Number.MAX_SAFE_INTEGER) ? safe : Number.MAX_SAFE_INTEGER,
  )
  return { fitsInt64: rowsMax !== undefined && rowsMax < safe, int64RowsMax }
}
