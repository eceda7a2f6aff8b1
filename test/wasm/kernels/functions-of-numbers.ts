import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  date,
  decimal,
  float8,
  interval,
  numeric,
  plainType,
  text,
  timestamp,
} from '../../../src/data/types/data-type.ts'
import type { IntervalValue } from '../../../src/data/types/scalar.ts'
import { extractField } from '../../../src/functions/datetime/fields.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { formatIntervalBy } from '../../../src/functions/datetime/to-char-interval.ts'
import { momentProgram } from '../../../src/functions/datetime/to-char-inline.ts'
import { formatMoment } from '../../../src/functions/datetime/to-char.ts'
import { FLOAT_DIGITS, shownExact, shownFloat } from '../../../src/functions/math/shown-numbers.ts'
import {
  numberProgram,
  readTemplate,
  romanProgram,
  templateRoom,
} from '../../../src/functions/math/to-char-inline.ts'
import { formatNumber } from '../../../src/functions/math/to-char.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import type { NumericValue, Scalar } from '../../../src/data/types/scalar.ts'
import { QueryError } from '../../../src/base/errors.ts'
import {
  arena,
  below,
  conformance,
  heap,
  kernels,
  pick,
  place,
  placeText,
  signed,
  space,
  textAt,
} from './bench.ts'
import { randomLong } from './long-numerics.ts'
import { numericWords } from './wide-values.ts'

const ROUNDS = 600

function anyFloat(random: Random): number {
  const edges = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e308, 5e-324]
  return random.next() < 0.3
    ? pick(random, edges)
    : (random.next() - 0.5) * 10 ** (below(random, 12) - 4)
}

conformance(['floatBucket'], () => {
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

/** The numeric of 16 bytes at an address. */
function numericAt(at: number): NumericValue {
  const bits = (heap.view.getBigInt64(at + 8, true) << 64n) | heap.view.getBigUint64(at, true)
  return { unscaled: BigInt.asIntN(120, bits), scale: Number(BigInt.asUintN(8, bits >> 120n)) }
}

function placeNumeric({ unscaled, scale }: NumericValue): readonly [bigint, bigint] {
  const bits = BigInt.asUintN(120, unscaled) | (BigInt(scale) << 120n)
  return [BigInt.asIntN(64, bits), BigInt.asIntN(64, bits >> 64n)]
}

/** What `roundedDigits` answers for what it leaves to others. */
const LEFT_OUT = -(2n ** 63n)

const roundings = ['round', 'trunc', 'floor', 'ceil'] as const

conformance(['cutDigits', 'numericRound', 'roundedDigits'], () => {
  test('rounding', () => {
    const random = seededRandom(9)
    const at = space(16)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const value = {
        unscaled: signed(random, pick(random, [8, 30, 64, 90])),
        scale: below(random, 24),
      }
      const places = below(random, 26) - 6
      const mode = below(random, 2)
      const { evaluate } = scalarEntry(`${roundings[mode]}(numeric,int4)`)
      const answer = kernels.call('numericRound', at, ...placeNumeric(value), places, mode)
      const label = `${roundings[mode]} ${value.unscaled} ${value.scale} at ${places}`
      const expected = evaluate([value, places], [numeric, plainType('int4')], numeric)
      if (answer === 0) expect(numericAt(at), label).toEqual(expected)
      else left++
      const digits = kernels.call('roundedDigits', ...placeNumeric(value), places, mode)
      if (digits !== LEFT_OUT) expect({ unscaled: digits, scale: places }, label).toEqual(expected)
      const type = decimal(18, below(random, 19))
      const whole = below(random, 4)
      const unscaled = signed(random, 59)
      const cut = scalarEntry(`${roundings[whole]}(decimal)`).evaluate(
        [unscaled],
        [type],
        decimal(19, 0),
      )
      const scale = type.kind === 'decimal' ? type.scale : 0
      expect(kernels.call('cutDigits', unscaled, scale, whole)).toBe(cut)
    }
    expect(left).toBeLessThan(ROUNDS / 2)
  })
})

function attempt(evaluate: () => Scalar): Scalar | 'error' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof QueryError) return 'error'
    throw error
  }
}

conformance(
  ['floatDecimal', 'floatNumeric', 'floatOfText', 'numericOfText', 'decimalOfText'],
  () => {
    test('floats as exact numbers', () => {
      const random = seededRandom(10)
      const at = space(16)
      for (let round = 0; round < 20 * ROUNDS; round++) {
        const shape = random.next()
        const digits = signed(random, shape < 0.3 ? 20 : 54)
        const value = shape < 0.1 ? anyFloat(random) : Number(digits) / 10 ** below(random, 22)
        // Halves of the sixteenth digit: where rounding is a question.
        const halved = shape > 0.9 ? Number(`${below(random, 1e9)}.${below(random, 9)}5`) : value
        if (kernels.call('floatNumeric', at, halved, 15) === 0) {
          expect(numericAt(at), `${halved}`).toEqual(castScalar(halved, float8, numeric))
        }
        const single = Math.fround(halved)
        if (kernels.call('floatNumeric', at, single, 6) === 0) {
          expect(numericAt(at), `${single}`).toEqual(
            castScalar(single, plainType('float4'), numeric),
          )
        }
        const places = below(random, 19)
        for (const [float, kind, count] of [
          [halved, 'float8', 15],
          [single, 'float4', 6],
        ] as const) {
          const cast = kernels.call('floatDecimal', float, count, places)
          if (cast === LEFT_OUT) continue
          const expected = castScalar(float, plainType(kind), decimal(38, places))
          expect(cast, `${float} at ${places}`).toBe(expected)
        }
      }
    })

    test('texts as numbers', () => {
      const random = seededRandom(12)
      const at = space(16)
      const odd = [
        '',
        '.',
        '-',
        '+.5',
        '5.',
        ' 1.50 ',
        '1..2',
        '1e5',
        'NaN',
        '-0',
        '0x1',
        '1 2',
        '123456789012345678.9',
      ]
      for (let round = 0; round < 2 * ROUNDS; round++) {
        const digits = `${signed(random, pick(random, [8, 40, 64]))}`
        const cut = 1 + below(random, digits.length)
        const source =
          round < 100 ? pick(random, odd) : `${digits.slice(0, cut)}.${digits.slice(cut)}`
        const view = placeText(source)
        const float = kernels.call('floatOfText', view)
        if (!Number.isNaN(float))
          expect(float, source).toBe(attempt(() => castScalar(source, text, float8)))
        if (kernels.call('numericOfText', at, view) === 0) {
          expect(numericAt(at), source).toEqual(attempt(() => castScalar(source, text, numeric)))
        }
        const type = decimal(12, 3)
        const exact = kernels.call('decimalOfText', view, 3, 10n ** 12n)
        if (exact !== -(2n ** 63n))
          expect(exact, source).toBe(attempt(() => castScalar(source, text, type)))
      }
    })
  },
)

/** Numbers of more than 64 bits by a template, of which many are nearly one with more digits. */
function expectLong(
  random: Random,
  { template, view, room }: { template: string; view: bigint; room: number },
): void {
  const long = randomLong(random)
  const nines = { unscaled: 10n ** BigInt(20 + below(random, 30)) - 1n, scale: 20 }
  const value = pick(random, [long, nines, { ...nines, unscaled: -nines.unscaled }])
  const words = numericWords(value)
  const bytes = room + 88 + kernels.call('numericTextBytes', ...words)
  const at = space(bytes)
  const found = kernels.call('exactTemplate', ...words, -1, view, room, at)
  expect(heap.u8[at + bytes], 'bytes behind').toBe(0x5a)
  if (found === -1n) return
  const label = `${template} of ${value.unscaled}e-${value.scale}`
  expect(textAt(found), label).toBe(formatNumber(shownExact(value, 'numeric'), template))
}

conformance(['exactTemplate', 'floatTemplate'], () => {
  test('numbers by templates', () => {
    const random = seededRandom(14)
    const usual = ['9', '9', '9', '0', '0', ',', 'G', '.', 'D', ' ', '"x"', 'é']
    const rare = [
      'S',
      'MI',
      'PL',
      'SG',
      'PR',
      'FM',
      'FM',
      'L',
      'B',
      '$',
      '+',
      '-',
      'TH',
      'th',
      'V',
      'V9',
    ]
    let shown = 0
    for (let round = 0; round < 40 * ROUNDS; round++) {
      const template = Array.from({ length: 1 + below(random, 9) }, () =>
        pick(random, random.next() < 0.8 ? usual : rare),
      ).join('')
      const read = readTemplate(template)
      const program = read && numberProgram(read)
      if (program === undefined) continue
      const view = (BigInt(program.length) << 32n) | BigInt(place(program))
      const room = templateRoom(program)
      const value = { unscaled: signed(random, pick(random, [8, 24, 64])), scale: below(random, 6) }
      const [low, high] = placeNumeric(value)
      const at = space(room + 88)
      expectLong(random, { template, view, room })
      const exact = kernels.call('exactTemplate', low, high, -1, view, room, at)
      if (exact !== -1n) {
        shown++
        const label = `${template} of ${value.unscaled}e-${value.scale}`
        const expected = formatNumber(shownExact(value, 'numeric'), template)
        expect(textAt(exact), label).toBe(expected)
      }
      const halved =
        Number(`${below(random, 1e6)}.${below(random, 99)}5`) * (random.next() - 0.3 < 0 ? -1 : 1)
      const float = pick(random, [halved, halved / 4096, anyFloat(random)])
      for (const kind of ['float4', 'float8'] as const) {
        const given = kind === 'float4' ? Math.fround(float) : float
        const found = kernels.call('floatTemplate', given, FLOAT_DIGITS[kind], view, room, at)
        if (found === -1n) continue
        const expected = formatNumber(shownFloat(given, kind), template)
        expect(textAt(found), `${template} of ${given}`).toBe(expected)
      }
      arena.release()
    }
    expect(shown).toBeGreaterThan(10 * ROUNDS)
    expect(readTemplate('9PR9'), 'a wrong template').toBe(undefined)
  })
})

/** A float that is halfway between two that templates show, or any. */
function floatForTemplates(random: Random): number {
  const halved = Number(`${signed(random, pick(random, [4, 14, 30]))}.5`) / 10 ** below(random, 4)
  return pick(random, [halved, halved * 1e12, halved / 4096, anyFloat(random)])
}

conformance(['exactScientific', 'floatScientific'], () => {
  test('numbers with exponents', () => {
    const random = seededRandom(15)
    let shown = 0
    for (let round = 0; round < 20 * ROUNDS; round++) {
      const places = pick(random, [0, 1, 2, 3, 6, 14, 16, 22])
      const template = places === 0 ? '9EEEE' : `9.${'9'.repeat(places)}EEEE`
      const value = {
        unscaled: pick(random, [signed(random, 8), signed(random, 31), signed(random, 64), 9995n]),
        scale: below(random, 12),
      }
      const [low, high] = placeNumeric(value)
      const at = space(80)
      const exact = kernels.call('exactScientific', low, high, -1, places, 0, at)
      const label = `${template} of ${value.unscaled}e-${value.scale}`
      if (exact !== -1n) {
        expect(textAt(exact), label).toBe(formatNumber(shownExact(value, 'numeric'), template))
      }
      const whole = { unscaled: BigInt.asIntN(31, value.unscaled), scale: 0 }
      const [word, sign] = [whole.unscaled, whole.unscaled >> 63n]
      const even = kernels.call('exactScientific', word, sign, 0, places, 1, at)
      expect(textAt(even), label).toBe(formatNumber(shownExact(whole, 'int4'), template))
      const float = floatForTemplates(random)
      for (const kind of ['float4', 'float8'] as const) {
        const given = kind === 'float4' ? Math.fround(float) : float
        const found = kernels.call('floatScientific', given, places, at)
        if (found === -1n) continue
        shown++
        const expected = formatNumber(shownFloat(given, kind), template)
        expect(textAt(found), `${template} of ${given}`).toBe(expected)
      }
      arena.release()
    }
    expect(shown).toBeGreaterThan(20 * ROUNDS)
  })
})

conformance(['exactRoman', 'floatRoman'], () => {
  test('Roman numerals', () => {
    const random = seededRandom(16)
    const pieces = [
      'RN',
      'rn',
      'FM',
      ',',
      'L',
      'MI',
      'PL',
      'SG',
      '9',
      '0',
      '.',
      '"né"',
      ' ',
      'V',
      'TH',
    ]
    for (let round = 0; round < 10 * ROUNDS; round++) {
      const template = Array.from({ length: below(random, 6) }, () => pick(random, pieces)).join('')
      const read = readTemplate(`${template}RN`)
      if (read === undefined) continue
      const program = romanProgram(read)
      const view = (BigInt(program.length) << 32n) | BigInt(place(program))
      const at = space(program.length * 32 + 16)
      const value = { unscaled: signed(random, pick(random, [5, 13, 40])), scale: below(random, 3) }
      const [low, high] = placeNumeric(value)
      const exact = kernels.call('exactRoman', low, high, -1, view, at)
      const label = `${template} of ${value.unscaled}e-${value.scale}`
      if (exact !== -1n) {
        const expected = formatNumber(shownExact(value, 'numeric'), `${template}RN`)
        expect(textAt(exact), label).toBe(expected)
      }
      const float = floatForTemplates(random)
      const found = kernels.call('floatRoman', float, view, at)
      const expected = formatNumber(shownFloat(float, 'float8'), `${template}RN`)
      expect(textAt(found), `${template} of ${float}`).toBe(expected)
      arena.release()
    }
  })
})

conformance(['momentText'], () => {
  test('timestamps by templates', () => {
    const random = seededRandom(13)
    const fields =
      'HH24 HH12 HH MI SS MS US YYYY YYY YY Y MM DD DDD D ID IW IYYY WW W Q MONTH Month month MON Mon mon DAY Day day DY Dy dy AM pm ' +
      'SSSS J CC IYY IY I IDDD FF1 FF2 FF3 FF4 FF5 FF6 DDth YYYYTH MIth DDDSP Y,YYY Y,YYYth A.M. p.m. P.M. a.m. BC ad B.C. a.d. RM rm ' +
      'TZ tz TZH TZM tzh tzm OF FX TMMonth TMday TMDD RMth'
    const pieces = [...fields.split(' '), '-', ' ', ':', '"at Y"', 'é', 'FM', 'FM', 'x']
    for (let round = 0; round < ROUNDS; round++) {
      const template = Array.from({ length: 1 + below(random, 8) }, () =>
        pick(random, pieces),
      ).join(pick(random, ['', ' ']))
      const micros = signed(random, 57)
      const program = momentProgram(template, { zone: 'UTC' })
      // Some make another field together.
      if (program === undefined) continue
      const view = (BigInt(program.length) << 32n) | BigInt(place(program))
      const found = kernels.call('momentText', micros, view, space(1_024))
      if (found !== -1n)
        expect(textAt(found), `${template} of ${micros}`).toBe(
          formatMoment(micros, template, { name: 'UTC', offset: 0 }),
        )
    }
  })
})

conformance(['intervalTemplate'], () => {
  test('intervals by templates', () => {
    const random = seededRandom(14)
    const fields =
      'HH24 HH12 HH MI SS SSSS MS US YYYY YYY YY Y MM DD DDD WW W CC FF1 FF2 FF3 FF4 FF5 FF6 AM pm HH24th MITH YYth DDSP ' +
      'Y,YYY Y,YYYth A.M. p.m. P.M. a.m. Q Qth J IW IYYY IYY IY I IDDD IYYYth RM rm RMth FX TMDD'
    const pieces = [...fields.split(' '), '-', ' ', ':', '"at Y"', 'é', 'FM', 'FM', 'x']
    for (let round = 0; round < ROUNDS; round++) {
      const template = Array.from({ length: 1 + below(random, 8) }, () =>
        pick(random, pieces),
      ).join(pick(random, ['', ' ']))
      const bits = pick(random, [6, 20, 32])
      const [months, days] = [Number(signed(random, bits)), Number(signed(random, bits))]
      const micros = signed(random, pick(random, [21, 40, 64]))
      const program = momentProgram(template, 'interval')
      if (program === undefined) continue
      const view = (BigInt(program.length) << 32n) | BigInt(place(program))
      const span = (BigInt(days) << 32n) | BigInt.asUintN(32, BigInt(months))
      const found = kernels.call('intervalTemplate', span, micros, view, space(1_024))
      const expected = formatIntervalBy({ months, days, micros }, template)
      expect(textAt(found), `${template} of ${months} ${days} ${micros}`).toBe(expected)
    }
    expect(momentProgram('Day', 'interval'), 'an interval has no weekday').toBe(undefined)
  })
})
