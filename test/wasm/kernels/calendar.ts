import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import {
  addMonths,
  dateFields,
  splitTimestamp,
  truncateDate,
} from '../../../src/wasm/kernels/reference/calendar.ts'
import { below, call, conformance, kernels, pick } from './bench.ts'

// What Date has: 100,000,000 days around 1970.
const DAYS_MAX = 99_990_000
const borders = [0, -1, 59, 11_016, -719_528, -719_163, -719_162, 19_782, DAYS_MAX, -DAYS_MAX]

function randomDays(seed: number): readonly number[] {
  const random = seededRandom(seed)
  const near = Array.from({ length: 4_000 }, () => below(random, 400_000) - 200_000)
  const far = Array.from({ length: 1_000 }, () => below(random, 2 * DAYS_MAX) - DAYS_MAX)
  return [...borders, ...near, ...far]
}

conformance(Object.keys(dateFields), () => {
  test.each(Object.entries(dateFields))('%s', (name, reference) => {
    for (const days of randomDays(11)) expect(call(name, days), `day ${days}`).toBe(reference(days))
  })
})

/** After so many days all dates come again: 400 years. */
const ERA_DAYS = 146_097

conformance([...Object.keys(dateFields), 'dateTruncate'], () => {
  // Up to PostgreSQL's last year, 5874897, and around the days from which on years are worked out otherwise.
  test.each([0, 1, 3_497, 3_498, 3_499, 14_680, -1, -2, -3_496, -3_498, -3_500])(
    '%i eras away',
    (eras) => {
      const random = seededRandom(21)
      for (let i = 0; i < 1_000; i++) {
        const days = below(random, ERA_DAYS)
        const there = days + eras * ERA_DAYS
        const isAfter = call('dateYear', there) > 0
        for (const name of Object.keys(dateFields)) {
          const years = name === 'dateYear' || name === 'dateIsoYear' ? eras * 400 : 0
          // There is no year 0.
          if (years < 0 && isAfter) continue
          const expected = call(name, days) + years - (years < 0 ? 1 : 0)
          expect(call(name, there), `${name} of day ${there}`).toBe(expected)
        }
        for (const unit of [0, 1, 2, 3]) {
          const moved = call('dateTruncate', days, unit) + eras * ERA_DAYS
          expect(call('dateTruncate', there, unit), `day ${there}`).toBe(moved)
        }
      }
    },
  )
})

conformance(['dateTruncate'], () => {
  test.each([0, 1, 2, 3, 4, 5, 6])('to unit %i', (unit) => {
    for (const day of randomDays(12)) {
      // The reference has no days so far away that their millennium began before Date's.
      const days = day % 90_000_000
      expect(call('dateTruncate', days, unit), `day ${days}`).toBe(truncateDate(days, unit))
    }
  })
})

conformance(['timestampDate', 'timestampTime', 'timestampAddMonths'], () => {
  test('timestamps', () => {
    const random = seededRandom(13)
    for (const day of randomDays(14)) {
      const days = day % 90_000_000
      const time = BigInt(pick(random, [0, 1, 86_399_999_999, below(random, 86_400_000_000)]))
      const micros = BigInt(days) * 86_400_000_000n + time
      const months = pick(random, [0, 1, -1, 12, -12, below(random, 5_000) - 2_500])
      const found = {
        days: BigInt(kernels.call('timestampDate', micros)),
        time: kernels.call('timestampTime', micros),
        later: kernels.call('timestampAddMonths', micros, months),
      }
      const expected = { ...splitTimestamp(micros), later: addMonths(micros, months) }
      expect(found, `${micros} and ${months} months`).toEqual(expected)
    }
  })

  test('beyond 64 bits', () => {
    const none = -(2n ** 63n)
    expect(kernels.call('timestampAddMonths', 2n ** 63n - 1n, 1)).toBe(none)
    expect(kernels.call('timestampAddMonths', 1n - 2n ** 63n, -1)).toBe(none)
    expect(kernels.call('timestampAddMonths', 0n, 2_147_483_647)).toBe(none)
  })
})
