import { QueryError } from '../../base/errors.ts'
import { bool, int8 } from '../../data/types/data-type.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { SequenceEntry, SequenceNumbers, SequenceOptions } from './catalog.ts'

/** What a sequence shows of itself. */
export const sequenceColumns: Schema = [
  { name: 'last_value', type: int8, nullable: false },
  { name: 'log_cnt', type: int8, nullable: false },
  { name: 'is_called', type: bool, nullable: false },
]

/** Numbers that a write to PostgreSQL's log covers ahead (SEQ_LOG_VALS). */
const LOGGED_AHEAD = 32

/** The numbers of a sequence that begins anew. */
export function numbersFrom(first: bigint): SequenceNumbers {
  return { last: first, isCalled: false, logged: 0 }
}

/** Numbers one step apart. */
export interface NumberRun {
  readonly first: bigint
  readonly count: number
}

type Numbered = Pick<SequenceEntry, 'name' | 'options' | 'numbers'>

/**
 * Takes the next numbers of a sequence, so many at most, one at least: as many as there are before it ends or begins
 * anew. Errors: SEQUENCE_LIMIT_EXCEEDED.
 */
export function takeNumbers({ name, options, numbers }: Numbered, wanted: number): NumberRun {
  const { increment } = options
  const first = numbers.isCalled ? following(name, options, numbers.last) : numbers.last
  const room =
    increment > 0n ? (options.max - first) / increment : (first - options.min) / -increment
  const count = Number(room < BigInt(wanted - 1) ? room + 1n : BigInt(wanted))
  for (let taken = 0; taken < Math.min(count, LOGGED_AHEAD + 1); taken++) {
    const isFresh = !numbers.isCalled && taken === 0
    numbers.logged = isFresh || numbers.logged < 1 ? LOGGED_AHEAD : numbers.logged - 1
  }
  // What was taken beyond a round of the log comes to the same place after whole rounds.
  const beyond = Math.max(0, count - LOGGED_AHEAD - 1) % (LOGGED_AHEAD + 1)
  numbers.logged = (numbers.logged - beyond + LOGGED_AHEAD + 1) % (LOGGED_AHEAD + 1)
  numbers.last = first + increment * BigInt(count - 1)
  numbers.isCalled = true
  return { first, count }
}

function following(name: string, options: SequenceOptions, last: bigint): bigint {
  const { increment, min, max, cycles } = options
  const next = last + increment
  if (next >= min && next <= max) return next
  if (cycles) return increment > 0n ? min : max
  const [end, bound] = increment > 0n ? ['maximum', max] : ['minimum', min]
  const message = `nextval: reached ${end} value of sequence "${name}" (${bound})`
  throw new QueryError('SEQUENCE_LIMIT_EXCEEDED', message)
}

/** Sets where a sequence has come to. Errors: NUMERIC_OUT_OF_RANGE. */
export function setNumbers(
  { name, options: { min, max }, numbers }: Numbered,
  value: bigint,
  isCalled: boolean,
): void {
  if (value < min || value > max) {
    const message = `setval: value ${value} is out of bounds for sequence "${name}" (${min}..${max})`
    throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
  }
  numbers.last = value
  numbers.isCalled = isCalled
  numbers.logged = 0
}
