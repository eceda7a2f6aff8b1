import { givenRecord, givenText, wrongArgument } from '../../base/given.ts'
import { checkText } from '../../base/utf8.ts'
import { sortKey } from './arguments.ts'
import {
  givenColumn,
  nodeOf,
  type Column,
  type FrameCall,
  type FrameSortKey,
  type Operand,
} from './expression.ts'
import { overWindow, type FrameWindow } from './window.ts'

/** An aggregate of a group or, with {@link FrameAggregate.over}, of a window; immutable. */
export class FrameAggregate {
  readonly call: FrameCall

  constructor(call: FrameCall) {
    this.call = call
  }

  /** Of equal arguments one only. */
  distinct(): FrameAggregate {
    return new FrameAggregate({ ...this.call, isDistinct: true })
  }

  /** Only rows for which the condition is true; conditions add up. */
  filter(condition: Column): FrameAggregate {
    const { node } = givenColumn('condition', condition)
    const { filter } = this.call
    const both = filter === undefined ? node : ({ kind: 'and', args: [filter, node] } as const)
    return new FrameAggregate({ ...this.call, filter: both })
  }

  /** The order in which rows are taken, for aggregates that it matters to: `aggregate('array_agg', x)`. */
  orderBy(...keys: readonly (string | Column | FrameSortKey)[]): FrameAggregate {
    return new FrameAggregate({ ...this.call, orderBy: keys.map(sortKey) })
  }

  /** What an ordered-set aggregate sorts: `aggregate('percentile_cont', 0.5).withinGroup('delay')`. */
  withinGroup(...keys: readonly (string | Column | FrameSortKey)[]): FrameAggregate {
    return new FrameAggregate({ ...this.call, within: keys.map(sortKey) })
  }

  /** The aggregate over the rows of a window, for each row. */
  over(window: FrameWindow): Column {
    return overWindow(this.call, true, window)
  }
}

/** Any aggregate of the SQL catalogue. */
export function aggregate(name: string, ...args: readonly Operand[]): FrameAggregate {
  return new FrameAggregate({
    name: givenText('name', name),
    args: args.map(nodeOf),
    isDistinct: false,
    filter: undefined,
    orderBy: [],
    within: undefined,
  })
}

/** Number of rows, or of rows where the argument is not NULL. */
export function count(arg?: Operand): FrameAggregate {
  return arg === undefined ? aggregate('count') : aggregate('count', arg)
}

export function countDistinct(arg: Operand): FrameAggregate {
  return aggregate('count', arg).distinct()
}

export function sum(arg: Operand): FrameAggregate {
  return aggregate('sum', arg)
}

export function avg(arg: Operand): FrameAggregate {
  return aggregate('avg', arg)
}

export function min(arg: Operand): FrameAggregate {
  return aggregate('min', arg)
}

export function max(arg: Operand): FrameAggregate {
  return aggregate('max', arg)
}

/** Errors: INVALID_PARAMETER_VALUE. */
export function namedAggregates(
  aggregates: Readonly<Record<string, FrameAggregate>>,
): readonly (readonly [string, FrameCall])[] {
  return Object.entries(givenRecord('aggregates', aggregates)).map(([name, given]) => {
    if (given instanceof FrameAggregate) return [checkText(name), given.call]
    throw wrongArgument(name, 'an aggregate, as sum(...)', given)
  })
}
