import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { date, interval, timestamp } from '../../../src/data/types/data-type.ts'
import type { IntervalValue } from '../../../src/data/types/scalar.ts'
import { extractField } from '../../../src/functions/datetime/fields.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { below, call, conformance, heap, kernels, pick, signed, space } from './bench.ts'

const ROUNDS = 600

const floats: Readonly<Record<string, (x: number, y: number) => number>> = {
  floatAcos: Math.acos,
  floatAsin: Math.asin,
  floatAtan: Math.atan,
  floatAtan2: Math.atan2,
  floatCbrt: Math.cbrt,
  floatCos: Math.cos,
  floatExp: Math.exp,
  floatLn: Math.log,
  floatLog10: Math.log10,
  floatPower: Math.pow,
  floatSin: Math.sin,
  floatTan: Math.tan,
}

function anyFloat(random: Random): number {
  const edges = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e308, 5e-324]
  return random.next() < 0.3
    ? pick(random, edges)
    : (random.next() - 0.5) * 10 ** (below(random, 12) - 4)
}

conformance([...Object.keys(floats), 'floatBucket'], () => {
  test.each(Object.entries(floats))('%s', (name, reference) => {
    const random = seededRandom(5)
    for (let round = 0; round < ROUNDS; round++) {
      const [x, y] = [anyFloat(random), anyFloat(random)]
      expect(call(name, x, y), `${name} of ${x}, ${y}`).toBe(reference(x, y))
    }
  })

  test('buckets', () => {
    const random = seededRandom(6)
    const { evaluate } = scalarEntry('width_bucket(float8,float8,float8,int4)')
    for (let round = 0; round < ROUNDS; round++) {
      const args = [
        anyFloat(random),
        anyFloat(random),
        anyFloat(random),
        below(random, 50),
      ] as const
      const found = kernels.call('floatBucket', ...args)
      if (found >= 0) expect(found, args.join()).toBe(evaluate(args, [], { kind: 'int4' }))
    }
    expect(kernels.call('floatBucket', 3.5, 0, 10, 5)).toBe(2)
  })
})

conformance(['dateAge', 'dateDecade', 'dateIsoWeekday', 'timestampAge'], () => {
  test('fields of dates', () => {
    const random = seededRandom(7)
    for (let round = 0; round < ROUNDS; round++) {
      const days = below(random, 3_000_000) - 2_000_000
      const field = (name: string): number => Number(extractField(name, days, date).unscaled)
      expect(kernels.call('dateAge', days, 100), `${days}`).toBe(field('century'))
      expect(kernels.call('dateAge', days, 1_000), `${days}`).toBe(field('millennium'))
      expect(kernels.call('dateDecade', days), `${days}`).toBe(field('decade'))
      expect(kernels.call('dateIsoWeekday', days), `${days}`).toBe(field('isodow'))
    }
  })

  test('ages', () => {
    const random = seededRandom(8)
    const { evaluate } = scalarEntry('age(timestamp,timestamp)')
    const at = space(16)
    for (let round = 0; round < ROUNDS; round++) {
      const [later, earlier] = [signed(random, 58), signed(random, 58)]
      kernels.call('timestampAge', at, later, earlier)
      const found: IntervalValue = {
        months: heap.view.getInt32(at, true),
        days: heap.view.getInt32(at + 4, true),
        micros: heap.view.getBigInt64(at + 8, true),
      }
      const expected = evaluate([later, earlier], [timestamp, timestamp], interval)
      expect(found, `${later} ${earlier}`).toEqual(expected)
    }
  })
})
