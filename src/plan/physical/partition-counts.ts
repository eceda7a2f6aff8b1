import { float8, int4, int8 } from '../../data/types/data-type.ts'
import { castTo, caseOf, columnReference, literal } from '../logical/build.ts'
import { defaultFrame, type ColumnId, type Expression } from '../logical/expression.ts'
import { compared } from '../logical/predicates.ts'
import { callId } from './across-tasks.ts'
import type { PhysicalWindow, PhysicalWindowCall } from './plan.ts'
import { bucketOf, cardinal, plus, quotient } from './row-arithmetic.ts'
import { countOfRows, rankingCall, wholePartition } from './window-calls.ts'

/** A window, and what columns are that other calls stand for. */
export interface CountedApart {
  readonly window: PhysicalWindow
  /** By the ids of the calls that the window no longer has. */
  readonly made: ReadonlyMap<ColumnId, Expression>
}

/** Ids of the calls that others are made of. Those of the query are positive. */
const PLACE_IDS_BEGIN = -230_000_000_000
const COUNT_IDS_BEGIN = -200_000_000_000

/**
 * percent_rank, cume_dist and ntile as a row's place and how many rows its partition has: each is known where rows are divided, in
 * a way of its own.
 */
export function countedApart(plan: PhysicalWindow): CountedApart {
  const made = new Map<ColumnId, Expression>()
  const places: PhysicalWindowCall[] = []
  let count: PhysicalWindowCall | undefined
  for (const call of plan.calls) {
    const id = callId(call)
    count ??= countOfRows((COUNT_IDS_BEGIN - id) as ColumnId, wholePartition)
    const all = columnReference({ id: callId(count), name: 'count', type: int8 })
    const own = (PLACE_IDS_BEGIN - id) as ColumnId
    const place = columnReference({ id: own, name: 'place', type: int8 })
    const counted = ofPlace(call, { id: own, place, all })
    if (counted === undefined) continue
    places.push(counted.call)
    made.set(id, counted.expr)
  }
  if (count === undefined || made.size === 0) return { window: plan, made }
  const calls = [...plan.calls.filter((call) => !made.has(callId(call))), ...places, count]
  const kept = plan.columns.filter(({ id }) => !made.has(id))
  const added = [...places, count].map((call) => {
    return { id: callId(call), name: 'place', type: int8, nullable: false }
  })
  return { window: { ...plan, calls, columns: [...kept, ...added] }, made }
}

interface Place {
  readonly id: ColumnId
  readonly place: Expression
  /** How many rows the partition has. */
  readonly all: Expression
}

function ofPlace(
  call: PhysicalWindowCall,
  { id, place, all }: Place,
): { readonly call: PhysicalWindowCall; readonly expr: Expression } | undefined {
  if (call.kind !== 'window') return undefined
  switch (call.fn.name) {
    case 'percent_rank': {
      const isAlone = compared('=', all, cardinal(1))
      const rest = quotient(plus(place, -1), plus(all, -1))
      const expr = caseOf([{ when: isAlone, then: literal(0, float8) }], rest)
      return { call: rankingCall('rank', id), expr }
    }
    case 'cume_dist':
      return { call: countOfRows(id, defaultFrame), expr: quotient(place, all) }
    case 'ntile': {
      const [buckets] = call.args
      const number = buckets?.kind === 'literal' ? Number(buckets.value ?? 0) : 0
      // What is wrong with the number is told by the function itself.
      if (!(number > 0)) return undefined
      const expr = castTo(bucketOf(plus(place, -1), all, number), int4)
      return { call: rankingCall('row_number', id), expr }
    }
    default:
      return undefined
  }
}
