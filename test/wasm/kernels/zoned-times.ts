import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { MICROS_PER_DAY } from '../../../src/data/types/calendar.ts'
import {
  date,
  plainType,
  timestamptz,
  timetz,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, bytesOfView, cellOf, expectedBytes, viewOf } from '../values/cells.ts'
import { exact } from '../values/json-values.ts'
import { arena, conformance, heap, pick, space } from './bench.ts'

// Times of day with a zone, by kernels and by the entries of their functions.

const ROUNDS = 2_000
const ROOM = 64
const ELSEWHERE = -1n
const interval = plainType('interval')

const clocks = ['00:00', '23:59:59.999999', '24:00', '10:30:15.5', '01:02:03']
const zones = ['', '+02', '-05:30', '+15:59:59', '-15:59:59', '+00:00:01', '-00:30']
const spans = [
  '0',
  '2 hours',
  '-25:00:00.000001',
  '200 hours',
  '-596524 hours',
  '2562047788 hours',
  '1.9 seconds',
  '90 seconds',
  '1 day 3 hours',
  '1 mon',
]

const randomTime = (random: Random): Scalar =>
  parseScalar(`${pick(random, clocks)}${pick(random, zones)}`, timetz)

/** The two lanes of an interval. */
function lanesOf(span: Scalar): readonly [parts: bigint, micros: bigint] {
  const cell = cellOf(span, interval)
  return [heap.view.getBigInt64(cell, true), heap.view.getBigInt64(cell + 8, true)]
}

conformance(['zonedMoment', 'zonedMoved', 'zonedTold'], () => {
  test('times of day with a zone', () => {
    const random = seededRandom(67)
    for (let round = 0; round < ROUNDS; round++) {
      const clock = randomTime(random)
      const view = viewOf(clock, timetz)
      const span = parseScalar(pick(random, spans), interval)
      const [parts, micros] = lanesOf(span)
      const evaluated = (
        id: string,
        args: readonly Scalar[],
        types: readonly DataType[],
      ): unknown => {
        const value = attempt(() => scalarEntry(id).evaluate(args, types, timetz))
        return value === 'error' ? value : expectedBytes(value, timetz)
      }
      const shown = `${String(clock)} ${parts} ${micros}`
      const moved = exact('zonedMoved', view, micros, space(ROOM))
      expect(bytesOfView(moved), shown).toEqual(
        evaluated('+(timetz,interval)', [clock, span], [timetz, interval]),
      )
      const told = exact('zonedTold', view, parts, micros, space(ROOM))
      const wanted = evaluated('timezone(interval,timetz)', [span, clock], [interval, timetz])
      expect(told === ELSEWHERE ? 'error' : bytesOfView(told), shown).toEqual(wanted)
      const days = 19_000
      const moment = scalarEntry('+(date,timetz)').evaluate(
        [days, clock],
        [date, timetz],
        timestamptz,
      )
      expect(BigInt(days) * MICROS_PER_DAY + exact('zonedMoment', view), shown).toBe(moment)
      arena.release()
    }
  })
})
