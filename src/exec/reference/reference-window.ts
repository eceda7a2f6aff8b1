import { spend } from '../../base/budget.ts'
import type { ColumnId, Expression, SortKey } from '../../plan/logical/expression.ts'
import type { PhysicalWindow, PhysicalWindowCall } from '../../plan/physical/plan.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { DEFAULT_ROW, NO_ROW, type WindowRows } from '../../functions/window-function.ts'
import { frameBounds, FramePieces, type OrderedRows } from '../windows/frames.ts'
import { plainMemory } from '../windows/row-memory.ts'
import { rangeEnds } from '../windows/range-ends.ts'
import { referenceAggregate } from './reference-aggregate.ts'
import { same, valueOf, type ReferenceRow } from './reference-row.ts'

/** The rows in order with a column a call, each frame gone through row by row. */
export function windowRows(
  plan: PhysicalWindow,
  input: readonly ReferenceRow[],
  compare: (keys: readonly SortKey[], left: ReferenceRow, right: ReferenceRow) => number,
): ReferenceRow[] {
  const partitionKeys = plan.partitionBy.map((expr): SortKey => {
    return { expr, descending: false, nullsFirst: false }
  })
  const keys = [...partitionKeys, ...plan.orderBy]
  const rows = input.toSorted((left, right) => compare(keys, left, right))
  const ordered = orderedRows(rows, plan)
  const columns = plan.calls.map((call) => valuesOf(call, rows, ordered, plan.orderBy))
  return rows.map((row, at) => {
    const made = columns.map(({ id, values }): [ColumnId, Scalar] => [id, values[at] ?? null])
    return new Map([...row, ...made])
  })
}

function orderedRows(rows: readonly ReferenceRow[], plan: PhysicalWindow): OrderedRows {
  // Each row is looked for among all of them, for the ends of its partition and of its peers.
  spend(4 * rows.length * rows.length)
  const order = plan.orderBy.map(({ expr }) => expr)
  const alike = (exprs: readonly Expression[], left: ReferenceRow, right: ReferenceRow): boolean =>
    exprs.every((expr) => same(valueOf(expr, left), valueOf(expr, right), expr.type))
  const together = (left: ReferenceRow, right: ReferenceRow): boolean =>
    alike(plan.partitionBy, left, right)
  const peers = (left: ReferenceRow, right: ReferenceRow): boolean =>
    together(left, right) && alike(order, left, right)
  const first = (test: typeof peers): Int32Array =>
    Int32Array.from(rows, (row) => rows.findIndex((other) => test(row, other)))
  const behind = (test: typeof peers): Int32Array =>
    Int32Array.from(rows, (row) => rows.findLastIndex((other) => test(row, other)) + 1)
  const [partitionStarts, peerStarts] = [first(together), first(peers)]
  const groups = Int32Array.from(rows, (_, at) => {
    const starts = new Set(peerStarts.slice(partitionStarts[at], at + 1))
    return starts.size - 1
  })
  return {
    count: rows.length,
    partitionStarts,
    partitionEnds: behind(together),
    peerStarts,
    peerEnds: behind(peers),
    groups,
  }
}

function valuesOf(
  call: PhysicalWindowCall,
  rows: readonly ReferenceRow[],
  ordered: OrderedRows,
  orderBy: readonly SortKey[],
): { readonly id: ColumnId; readonly values: readonly Scalar[] } {
  const [key] = orderBy
  const rangeKey = {
    type: key?.expr.type ?? { kind: 'int8' as const },
    descending: key?.descending ?? false,
    value: (row: number) => (key === undefined ? null : valueOf(key.expr, rows[row]!)),
  }
  const ends = rangeEnds(ordered, rangeKey, plainMemory)
  const pieces = (): FramePieces => {
    const bounds = frameBounds(ordered, call.frame, ends, plainMemory)
    return new FramePieces(ordered, bounds, call.frame.exclude, plainMemory)
  }
  if (rows.length === 0) return { id: idOf(call), values: [] }
  if (call.kind === 'aggregate') {
    const frame = pieces()
    const values = rows.map((_, at) => referenceAggregate(call.aggregate, framed(rows, frame, at)))
    return { id: call.aggregate.id, values }
  }
  return { id: call.id, values: functionValues(call, rows, ordered, pieces) }
}

function idOf(call: PhysicalWindowCall): ColumnId {
  return call.kind === 'aggregate' ? call.aggregate.id : call.id
}

function framed(rows: readonly ReferenceRow[], frame: FramePieces, at: number): ReferenceRow[] {
  const count = frame.cut(at)
  spend(rows.length)
  return Array.from({ length: count }, (_, run) =>
    rows.slice(frame.runs[run * 2], frame.runs[run * 2 + 1]),
  ).flat()
}

function functionValues(
  call: PhysicalWindowCall & { kind: 'window' },
  rows: readonly ReferenceRow[],
  ordered: OrderedRows,
  pieces: () => FramePieces,
): readonly Scalar[] {
  const { fn } = call
  let frame: FramePieces | undefined
  const seen: WindowRows = {
    ...ordered,
    get frame() {
      return (frame ??= pieces())
    },
    integer: (argument, row) => {
      const value = valueOf(call.args[argument]!, rows[row]!)
      return value === null ? undefined : Number(value)
    },
  }
  const evaluate = fn.evaluate(seen)
  return rows.map((row, at): Scalar => {
    const result = evaluate(at)
    if (fn.gives === 'number') {
      if (Number.isNaN(result)) return null
      return call.type.kind === 'int8' ? BigInt(result) : result
    }
    if (result === NO_ROW) return null
    if (result === DEFAULT_ROW) return valueOf(call.args[2]!, row)
    return valueOf(call.args[0]!, rows[result]!)
  })
}
