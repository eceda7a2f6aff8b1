import type { Expression, FrameBound } from '../logical/expression.ts'
import type { PhysicalWindowCall, Reach } from './plan.ts'

/** How far away the rows are that a call looks at, where that is a constant number of rows; undefined otherwise. */
export function reachOf(call: PhysicalWindowCall): Reach | undefined {
  const name = call.kind === 'window' ? call.fn.name : 'aggregate'
  switch (name) {
    case 'lag':
      return away(call, -1)
    case 'lead':
      return away(call, 1)
    case 'aggregate':
    case 'first_value':
    case 'last_value':
    case 'nth_value':
      return ofFrame(call)
    default:
      return undefined
  }
}

/** Rows before and behind that are enough for several calls. */
export function widest(reaches: readonly Reach[]): Reach {
  return {
    before: Math.max(0, ...reaches.map(({ before }) => before)),
    after: Math.max(0, ...reaches.map(({ after }) => after)),
  }
}

function away(call: PhysicalWindowCall, sign: 1 | -1): Reach | undefined {
  const [, offset] = call.kind === 'window' ? call.args : []
  const rows = offset === undefined ? 1 : constantRows(offset)
  return rows === undefined ? undefined : between(sign * rows, sign * rows)
}

function ofFrame({ frame: { unit, start, end, exclude } }: FramedCall): Reach | undefined {
  // Rows are read in the order of their numbers, which tells nothing of peers.
  if (unit !== 'rows' || exclude === 'group' || exclude === 'ties') return undefined
  const [from, to] = [position(start), position(end)]
  return from === undefined || to === undefined ? undefined : between(from, to)
}

type FramedCall = Pick<PhysicalWindowCall, 'frame'>

function between(from: number, to: number): Reach {
  return { before: Math.max(0, -from), after: Math.max(0, to) }
}

/** Where a frame ends, from its row on; undefined where that is not told by the statement, or not a number of rows. */
function position({ kind, offset }: FrameBound): number | undefined {
  if (kind === 'current-row') return 0
  const rows = offset === undefined ? undefined : constantRows(offset)
  // What is wrong with a number below 0 is told when there are rows.
  if (rows === undefined || rows < 0) return undefined
  return kind === 'preceding' ? -rows : rows
}

function constantRows(offset: Expression): number | undefined {
  if (offset.kind !== 'literal' || offset.value === null) return undefined
  const rows = Number(offset.value)
  return Number.isSafeInteger(rows) ? rows : undefined
}
