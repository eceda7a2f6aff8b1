import { columnReference, window, type ColumnIds } from '../../plan/logical/build.ts'
import { expressionKey } from '../../plan/logical/expression-key.ts'
import {
  defaultFrame,
  type Expression,
  type Frame,
  type FrameBound,
  type SortKey,
  type WindowCall,
} from '../../plan/logical/expression.ts'
import type { OutputColumn, Relation } from '../../plan/logical/relation.ts'
import { isOrderedSet, withinGroupRequired } from '../../functions/aggregates/ordered-sets.ts'
import {
  checkFrame,
  checkWindowClauses,
  typedFrame,
  typedWindowCall,
} from '../../plan/logical/typed-window.ts'
import { coerceToBoolean, settle, typedAggregate, type Typing } from '../../plan/logical/typing.ts'
import type { FrameEnd, FrameExpression, FrameOver, FrameRows } from './expression.ts'
import { partsOf, resolve, resolveKeys, type WindowColumns } from './resolve.ts'

/** Rows with the columns of their window functions. */
export interface Windowed {
  readonly input: Relation
  readonly windows: WindowColumns
}

interface OneWindow {
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: WindowCall[]
}

/** Puts the windows that expressions ask for over rows; calls over equal windows are computed together. */
export function withWindows(
  typing: Typing & { readonly ids: ColumnIds },
  input: Relation,
  nodes: readonly FrameExpression[],
): Windowed {
  const found = new Map<string, OneWindow>()
  const calls = new Map<FrameOver, WindowCall>()
  for (const node of new Set(nodes.flatMap(windowsIn))) {
    const { columns } = input
    const partitionBy = node.window.partitionBy.map((key) =>
      settle(typing, resolve(key, columns, typing)),
    )
    const orderBy = resolveKeys(node.window.orderBy, columns, typing)
    const key = windowKey(partitionBy, orderBy)
    const own = found.get(key) ?? { partitionBy, orderBy, calls: [] }
    found.set(key, own)
    const call = resolveCall(typing, node, columns, orderBy)
    own.calls.push(call)
    calls.set(node, call)
  }
  const over = [...found.values()].reduce<Relation>(
    (rows, { calls: own, ...spec }) => window(rows, spec, own),
    input,
  )
  const columns = new Map(over.columns.map((column) => [column.id, column]))
  const given = [...calls].map(([node, { id }]) => {
    const column = columns.get(id)
    return [node, columnReference(column!)] as const
  })
  return { input: over, windows: new Map(given) }
}

function windowsIn(node: FrameExpression): readonly FrameOver[] {
  return node.kind === 'over' ? [node] : partsOf(node).flatMap(windowsIn)
}

function windowKey(partitionBy: readonly Expression[], orderBy: readonly SortKey[]): string {
  const order = orderBy.map(
    ({ expr, descending, nullsFirst }) => `${expressionKey(expr)} ${descending} ${nullsFirst}`,
  )
  return [...partitionBy.map(expressionKey), 'by', ...order].join()
}

function resolveCall(
  typing: Typing & { readonly ids: ColumnIds },
  { call, isAggregate, window: { rows } }: FrameOver,
  columns: readonly OutputColumn[],
  orderBy: readonly SortKey[],
): WindowCall {
  const { name, isDistinct } = call
  checkWindowClauses(name, isAggregate, {
    isWithin: call.within !== undefined,
    isDistinct,
    isOrdered: call.orderBy.length > 0,
    isFiltered: call.filter !== undefined,
  })
  const given = call.args.map((arg) => resolve(arg, columns, typing))
  const filter =
    call.filter && coerceToBoolean(typing, resolve(call.filter, columns, typing), 'FILTER')
  const frame = rows === undefined ? defaultFrame : frameOf(typing, rows, columns, orderBy)
  const base = { id: typing.ids.next(), frame, ...(filter && { filter }) }
  if (!isAggregate) return { ...typedWindowCall(typing, name, given), ...base }
  const typed = typedAggregate(typing, name, given)
  if (isOrderedSet(typed.fn)) throw withinGroupRequired(typed.fn)
  return { ...typed, ...base, name }
}

function frameOf(
  typing: Typing,
  rows: FrameRows,
  columns: readonly OutputColumn[],
  orderBy: readonly SortKey[],
): Frame {
  checkFrame(rows, orderBy)
  const bound = ({ kind, offset }: FrameEnd): FrameBound =>
    offset === undefined ? { kind } : { kind, offset: resolve(offset, columns, typing) }
  const frame = { ...rows, start: bound(rows.start), end: bound(rows.end) }
  return typedFrame(typing, frame, orderBy)
}
