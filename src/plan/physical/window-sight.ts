import type { TypeKind } from '../../data/types/data-type.ts'
import { isInterval, type Scalar } from '../../data/types/scalar.ts'
import type { Frame, FrameBound, SortKey } from '../logical/expression.ts'
import type { PhysicalWindow, PhysicalWindowCall, Sight } from './plan.ts'
import { reachOf } from './window-reach.ts'

/** How far away from each row, in some order, those are that a call looks at. */
export interface CallInSight {
  readonly call: PhysicalWindowCall
  /** The values of the order's key, or the numbers of rows or of groups of equal ones. */
  readonly by: 'keys' | 'rows' | 'groups'
  readonly before: Sight['before']
  readonly after: Sight['after']
}

const here: FrameBound = { kind: 'current-row' }

/**
 * A call whose frames are a stretch of the order around the row, as long as the statement says; undefined where they are not, or the distance
 * between values of the key is not told by numbers.
 */
export function inSight(given: PhysicalWindowCall, plan: PhysicalWindow): CallInSight | undefined {
  const reach = reachOf(given)
  if (reach !== undefined) {
    const { before, after } = reach
    return { call: given, by: 'rows', before: BigInt(before), after: BigInt(after) }
  }
  if (!isOfFrame(given) || plan.orderBy.length === 0) return undefined
  const call = { ...given, frame: toOwnPeers(given) }
  const { unit, start, end } = call.frame
  if (unit === 'rows') return undefined
  const by = unit === 'range' ? 'keys' : unit
  const distances = [start, end].map((bound) => distanceOf(bound, unit, plan.orderBy))
  const [from, to] = distances
  if (from === undefined || to === undefined) return undefined
  // Rows behind the row itself are no nearer than it is.
  return {
    call,
    by: isOfPeers(call.frame) ? 'keys' : by,
    before: start.kind === 'preceding' ? from : 0,
    after: end.kind === 'following' ? to : 0,
  }
}

/** What is far enough for several calls. */
export function farthest(calls: readonly CallInSight[]): Pick<Sight, 'before' | 'after'> {
  const far = (one: Sight['before'], other: Sight['before']): Sight['before'] =>
    other > one ? other : one
  return {
    before: calls.map(({ before }) => before).reduce(far, 0),
    after: calls.map(({ after }) => after).reduce(far, 0),
  }
}

/** Whether a call is of the rows of its frame. */
function isOfFrame(call: PhysicalWindowCall): boolean {
  return call.kind === 'aggregate' || ofFrame.has(call.fn.name)
}

const ofFrame: ReadonlySet<string> = new Set(['first_value', 'last_value', 'nth_value'])

/** The first of the rows from the first equal one on is one of these, whatever comes behind. */
function toOwnPeers({ frame, ...call }: PhysicalWindowCall): Frame {
  const isFirst = call.kind === 'window' && call.fn.name === 'first_value'
  const isFromPeers = frame.start.kind === 'current-row' && frame.exclude === 'no-others'
  return isFirst && isFromPeers && frame.unit !== 'rows' ? { ...frame, end: here } : frame
}

function isOfPeers({ unit, start, end }: Frame): boolean {
  return unit !== 'rows' && start.kind === 'current-row' && end.kind === 'current-row'
}

function distanceOf(
  { kind, offset }: FrameBound,
  unit: Frame['unit'],
  orderBy: readonly SortKey[],
): Sight['before'] | undefined {
  if (kind === 'current-row') return 0
  if (offset?.kind !== 'literal' || offset.value === null) return undefined
  const { value } = offset
  // What is wrong with a distance below 0 is told when there are rows.
  if (unit !== 'range') return Number(value) >= 0 ? BigInt(Number(value)) : undefined
  const [key] = orderBy
  return key && distanceOfKeys(key, value)
}

const MICROS_A_DAY = 86_400_000_000n
const HOURS_MORE = 3_600_000_000n

const integers: ReadonlySet<TypeKind> = new Set(['int2', 'int4', 'int8'])
const moments: ReadonlySet<TypeKind> = new Set(['date', 'timestamp', 'timestamptz'])

/** At least as far as the offset reaches, in what the key's values are counted in. */
function distanceOfKeys({ expr }: SortKey, offset: Scalar): Sight['before'] | undefined {
  const { kind } = expr.type
  if (integers.has(kind)) return typeof offset === 'bigint' && offset >= 0n ? offset : undefined
  if (!moments.has(kind) || !isInterval(offset)) return undefined
  const { months, days, micros } = offset
  if (months < 0 || days < 0 || micros < 0n) return undefined
  // A month has up to 31 days, and a day of some time zones 25 hours.
  const most = BigInt(months * 31 + days) * (MICROS_A_DAY + HOURS_MORE) + micros
  return kind === 'date' ? most / MICROS_A_DAY + 1n : most
}
