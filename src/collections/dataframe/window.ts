import { givenText, isRecord, wrongArgument } from '../../base/given.ts'
import { givenOneOf, sortKey } from './arguments.ts'
import {
  col,
  Column,
  givenColumn,
  nodeOf,
  type FrameCall,
  type FrameEnd,
  type FrameRows,
  type FrameSortKey,
  type FrameValue,
  type FrameWindowParts,
  type Operand,
} from './expression.ts'

/**
 * Where the rows of a frame begin or end: so many rows (or groups, or so far) behind the row itself, or before it
 * where that is negative; Infinity: with the partition. `before` and `after` are for what is no number, as '1 day'.
 */
export type WindowEnd = number | { readonly before: FrameValue } | { readonly after: FrameValue }

export const exclusions = ['current-row', 'group', 'ties', 'no-others'] as const

/** The rows that a window function sees; immutable. */
export class FrameWindow {
  readonly parts: FrameWindowParts

  constructor(parts: FrameWindowParts) {
    this.parts = parts
  }

  /** Only rows that are equal in these belong together. */
  partitionBy(...keys: readonly (string | Column)[]): FrameWindow {
    const nodes = keys.map((key) => {
      return (typeof key === 'string' ? col(key) : givenColumn('keys', key)).node
    })
    return new FrameWindow({ ...this.parts, partitionBy: [...this.parts.partitionBy, ...nodes] })
  }

  orderBy(...keys: readonly (string | Column | FrameSortKey)[]): FrameWindow {
    return new FrameWindow({
      ...this.parts,
      orderBy: [...this.parts.orderBy, ...keys.map(sortKey)],
    })
  }

  /** Rows from the one to the other, counted from the row itself: `rows(-2, 0)`. */
  rows(start: WindowEnd, end: WindowEnd = 0): FrameWindow {
    return this.#framed('rows', start, end)
  }

  /** Rows whose order's key is so far from the row's own. */
  range(start: WindowEnd, end: WindowEnd = 0): FrameWindow {
    return this.#framed('range', start, end)
  }

  /** Groups of rows that are equal in the order. */
  groups(start: WindowEnd, end: WindowEnd = 0): FrameWindow {
    return this.#framed('groups', start, end)
  }

  /** Leaves rows out of the frame that was said before. */
  exclude(what: FrameRows['exclude']): FrameWindow {
    givenOneOf('what', what, exclusions)
    const { rows } = this.parts
    if (rows === undefined) throw wrongArgument('exclude', 'rows, range or groups before it', what)
    return new FrameWindow({ ...this.parts, rows: { ...rows, exclude: what } })
  }

  #framed(unit: FrameRows['unit'], start: WindowEnd, end: WindowEnd): FrameWindow {
    const rows = {
      unit,
      start: endOf('start', start),
      end: endOf('end', end),
      exclude: 'no-others' as const,
    }
    return new FrameWindow({ ...this.parts, rows })
  }
}

function endOf(name: string, end: WindowEnd): FrameEnd {
  if (typeof end === 'number' && !Number.isNaN(end)) {
    if (end === 0) return { kind: 'current-row' }
    const kind = end < 0 ? 'preceding' : 'following'
    return Number.isFinite(end)
      ? { kind, offset: nodeOf(Math.abs(end)) }
      : { kind: `unbounded-${kind}` }
  }
  if (isRecord(end) && 'before' in end) return { kind: 'preceding', offset: nodeOf(end.before) }
  if (isRecord(end) && 'after' in end) return { kind: 'following', offset: nodeOf(end.after) }
  throw wrongArgument(name, 'a number, { before } or { after }', end)
}

/** All rows, in no order: `window().partitionBy('origin').orderBy('day')`. */
export function window(): FrameWindow {
  return new FrameWindow({ partitionBy: [], orderBy: [], rows: undefined })
}

/** A call of a window function of the catalogue, which needs a window. */
export interface FrameWindowFunction {
  over(window: FrameWindow): Column
}

/** A window function of the SQL catalogue: `windowFunction('lag', col('delay'), 1).over(...)`. */
export function windowFunction(name: string, ...args: readonly Operand[]): FrameWindowFunction {
  const call: FrameCall = {
    name: givenText('name', name),
    args: args.map(nodeOf),
    isDistinct: false,
    filter: undefined,
    orderBy: [],
    within: undefined,
  }
  return { over: (given) => overWindow(call, false, given) }
}

/** Errors: INVALID_PARAMETER_VALUE for anything but a window. */
export function overWindow(call: FrameCall, isAggregate: boolean, given: FrameWindow): Column {
  if (!(given instanceof FrameWindow)) throw wrongArgument('window', 'a window', given)
  return new Column({ kind: 'over', call, isAggregate, window: given.parts })
}
