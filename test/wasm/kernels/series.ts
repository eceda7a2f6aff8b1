import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../../src/data/types/calendar.ts'
import type { IntervalValue, Scalar } from '../../../src/data/types/scalar.ts'
import { seriesFunctions, signOf } from '../../../src/functions/tables/series.ts'
import { below, call, conformance, heap, integers, pick, signed, space, zeros } from './bench.ts'

conformance(['seriesIntegers'], () => {
  test('integers one step apart', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 100; round++) {
      const wide = below(random, 2)
      const bytes = wide === 1 ? 8 : 4
      const [rows, first, step] = [below(random, 40), signed(random, 30), signed(random, 20)]
      const at = space(rows * bytes)
      call('seriesIntegers', at, wide, rows, first, step)
      const expected = Array.from({ length: rows }, (_, row) => first + BigInt(row) * step)
      expect(integers(at, bytes, rows)).toEqual(expected)
      expect(heap.u8[at + rows * bytes]).toBe(0x5a)
    }
  })
})

const MONTH_MICROS = 30n * 86_400_000_000n

function randomStep(random: Random): IntervalValue {
  return {
    months: pick(random, [0, 1, -1, 13, -25, 120_000]),
    days: pick(random, [0, 0, 1, -40, 2 ** 31 - 1]),
    micros: pick(random, [0n, 1n, -3_600_000_000n, 2n ** 62n]),
  }
}

/** So many moments as TypeScript makes them; 'error' at the end where the next one is out of range. */
function referenceMoments(args: readonly Scalar[], most: number): readonly (Scalar | 'error')[] {
  const fn = seriesFunctions.find(
    ({ id }) => id === 'generate_series(timestamp,timestamp,interval)',
  )
  const found: (Scalar | 'error')[] = []
  try {
    for (const value of present(fn, 'series of timestamps').rows(args, [])) {
      if (found.length === most) break
      found.push(value as Scalar)
    }
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError)
    found.push('error')
  }
  return found
}

conformance(['seriesMoments'], () => {
  test('moments a step apart, piece by piece', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 400; round++) {
      const step = randomStep(random)
      const sign = signOf(step)
      if (sign === 0) continue
      const first = pick(random, [
        signed(random, 55),
        TIMESTAMP_MIN,
        TIMESTAMP_MAX,
        951_696_000_000_000n + BigInt(below(random, 400)) * 86_400_000_000n,
      ])
      const far = first + BigInt(sign * below(random, 60)) * MONTH_MICROS
      const last = far > TIMESTAMP_MAX ? TIMESTAMP_MAX : far < TIMESTAMP_MIN ? TIMESTAMP_MIN : far
      const size = 1 + below(random, 9)
      const state = zeros(16)
      heap.view.setBigInt64(state, first, true)
      const found: (Scalar | 'error')[] = []
      const { months, days, micros } = step
      for (let calls = 0; calls < 8 && heap.view.getUint32(state + 8, true) === 0; calls++) {
        const at = space(size * 8)
        const by = [last, months, days, micros, Number(sign > 0)] as const
        const count = call('seriesMoments', at, size, state, ...by)
        found.push(...integers(at, 8, count))
        expect(heap.u8[at + size * 8]).toBe(0x5a)
      }
      const ended = heap.view.getUint32(state + 8, true)
      const expected = referenceMoments([first, last, step], ended === 0 ? found.length : 1_000)
      if (ended === 2) found.push('error')
      expect(found, `${first} to ${last} by ${months} ${days} ${micros}`).toEqual(expected)
    }
  })
})
