import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { decimal, plainType, type DataType } from '../../../src/data/types/data-type.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../../src/data/types/scalar.ts'
import { uuidText } from '../../../src/data/types/uuid.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { KNOWN_BYTES, WORKSPACE_BYTES } from '../../../src/functions/inline.ts'
import { scalarEntry } from '../../functions/entries.ts'
import {
  below,
  call,
  conformance,
  heap,
  kernels,
  pick,
  signed,
  space,
  placeText,
  textAt,
  zeros,
} from './bench.ts'

// Kernels of functions whose arguments are numbers and intervals, each held to the entry of the catalogue.

const ROUNDS = 800

/** An argument: the lanes that the kernel takes, and what the reference does. */
interface Given {
  readonly lanes: readonly (number | bigint)[]
  readonly value: Scalar
}

type Make = (random: Random) => Given

const integer =
  (low: number, high: number): Make =>
  (random) => {
    const value = low + below(random, high - low + 1)
    return { lanes: [value], value }
  }

const bigint: Make = (random) => {
  const edges = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n]
  const value =
    random.next() < 0.2 ? pick(random, edges) : signed(random, pick(random, [6, 20, 40, 63]))
  return { lanes: [value], value }
}

const seconds: Make = (random) => {
  const value = pick(random, [0, 59.9999999, 60, 0.0000005, 12.3456785, -1, NaN, below(random, 60)])
  return { lanes: [value], value }
}

const factor: Make = (random) => {
  const odd = [0, -0, 1, -1, 0.5, 1.5, NaN, Infinity, 1e300, 1e-300]
  const value = random.next() < 0.3 ? pick(random, odd) : (random.next() - 0.5) * 100
  return { lanes: [value], value }
}

const interval: Make = (random) => {
  const part = (bits: number): number => Number(signed(random, pick(random, [2, 6, bits])))
  const value: IntervalValue = {
    months: part(32),
    days: part(32),
    micros: signed(random, pick(random, [2, 40, 63])),
  }
  const first = (BigInt(value.days) << 32n) | BigInt.asUintN(32, BigInt(value.months))
  return { lanes: [first, value.micros], value }
}

const numeric: Make = (random) =>
  given({
    unscaled: pick(random, [
      0n,
      signed(random, 8),
      signed(random, 40) * 100n,
      signed(random, 64),
      signed(random, 119),
    ]),
    scale: below(random, pick(random, [3, 20, 200])),
  })

/** Mostly above 0, of few and of many digits, near 1 and far from it. */
const positive: Make = (random) => {
  const scale = below(random, pick(random, [4, 22]))
  const near = 10n ** BigInt(scale) + signed(random, 6)
  const size = signed(random, pick(random, [8, 24, 63, 110]))
  return given({ unscaled: pick(random, [near, 10n ** BigInt(scale), size, -size]), scale })
}

const base: Make = (random) =>
  given({ unscaled: BigInt(below(random, 40)) * 5n, scale: below(random, 2) })

const power: Make = (random) =>
  given({ unscaled: signed(random, pick(random, [6, 12, 40])), scale: below(random, 12) })

/** Whole exponents and others, above 0 and below. */
const anyExponent: Make = (random) =>
  given({
    unscaled: signed(random, pick(random, [4, 8, 14])),
    scale: pick(random, [0, 0, 1, 2, 5]),
  })

/** From where powers of e have 254 digits behind the point to where they have 36 before it, of few and of many digits. */
const exponentOfE: Make = (random) => {
  const scale = below(random, pick(random, [3, 20, 30]))
  const whole = BigInt(below(random, pick(random, [2, 30, 90, 640])))
  const sign = random.next() < 0.5 ? 1n : -1n
  const unit = 10n ** BigInt(scale)
  const rest = BigInt.asUintN(119, signed(random, pick(random, [2, 60, 110]))) % unit
  return given({ unscaled: sign * (whole * unit + rest), scale })
}

/** Multiples of a seventh, near bounds of buckets. */
const share: Make = (random) =>
  given({
    unscaled: BigInt(below(random, 300)) * 1_428_571_428_571n + BigInt(below(random, 3)),
    scale: 13,
  })

const count: Make = (random) => {
  const value = BigInt(below(random, 36) - 2)
  return { lanes: [value], value }
}

const exponent: Make = (random) => {
  const scale = below(random, 3)
  return given({ unscaled: BigInt(below(random, 9) - 1) * 10n ** BigInt(scale), scale })
}

function given(value: NumericValue): Given {
  const bits = BigInt.asUintN(120, value.unscaled) | (BigInt(value.scale) << 120n)
  return { lanes: [BigInt.asIntN(64, bits), BigInt.asIntN(64, bits >> 64n)], value }
}

/** How a kernel is held to an entry. */
interface Held {
  readonly kernel: string
  readonly id: string
  readonly given: readonly Make[]
  /** What the kernel takes before the arguments. */
  readonly before?: readonly bigint[]
  /** It takes room for what it found before, and says the same again. */
  readonly knows?: true
  /** What the kernel takes behind the arguments. */
  readonly more?: readonly (number | bigint)[]
  /** Where the result is: 16 bytes at an address that the kernel takes first, or what it gives, which may be this. */
  readonly result: 'numeric' | 'interval' | bigint
  readonly returns: DataType
}

const moments = { result: -(2n ** 63n), returns: plainType('timestamp') } as const
const numerics = { result: 'numeric', returns: plainType('numeric') } as const
const intervals = { result: 'interval', returns: plainType('interval') } as const
const bigints = { more: [2n ** 63n - 1n], result: -1n, returns: plainType('int8') } as const
const [year, month, day] = [integer(-2, 10_001), integer(0, 13), integer(0, 32)]
const [hour, minute] = [integer(-1, 24), integer(-1, 60)]

const held: readonly Held[] = [
  {
    kernel: 'dateMake',
    id: 'make_date(int4,int4,int4)',
    given: [year, month, day],
    result: -(2n ** 31n),
    returns: plainType('date'),
  },
  {
    kernel: 'timeMake',
    id: 'make_time(int4,int4,float8)',
    given: [hour, minute, seconds],
    result: -1n,
    returns: plainType('time'),
  },
  {
    kernel: 'timestampMake',
    id: 'make_timestamp(int4,int4,int4,int4,int4,float8)',
    given: [year, month, day, hour, minute, seconds],
    ...moments,
  },
  {
    kernel: 'intervalScale',
    id: '*(interval,float8)',
    given: [interval, factor],
    more: [0],
    ...intervals,
  },
  {
    kernel: 'intervalScale',
    id: '/(interval,float8)',
    given: [interval, factor],
    more: [1],
    ...intervals,
  },
  {
    kernel: 'intervalJustify',
    id: 'justify_hours(interval)',
    given: [interval],
    more: [0],
    ...intervals,
  },
  {
    kernel: 'intervalJustify',
    id: 'justify_days(interval)',
    given: [interval],
    more: [1],
    ...intervals,
  },
  {
    kernel: 'intervalJustify',
    id: 'justify_interval(interval)',
    given: [interval],
    more: [2],
    ...intervals,
  },
  { kernel: 'integerDivisor', id: 'gcd(int8,int8)', given: [bigint, bigint], ...bigints },
  { kernel: 'integerMultiple', id: 'lcm(int8,int8)', given: [bigint, bigint], ...bigints },
  {
    kernel: 'numericSum',
    id: '+(numeric,numeric)',
    given: [numeric, numeric],
    more: [0],
    ...numerics,
  },
  {
    kernel: 'numericSum',
    id: '-(numeric,numeric)',
    given: [numeric, numeric],
    more: [1],
    ...numerics,
  },
  { kernel: 'numericProduct', id: '*(numeric,numeric)', given: [numeric, numeric], ...numerics },
  {
    kernel: 'numericRest',
    id: '%(numeric,numeric)',
    given: [numeric, numeric],
    more: [0],
    ...numerics,
  },
  {
    kernel: 'numericRest',
    id: 'div(numeric,numeric)',
    given: [numeric, numeric],
    more: [1],
    ...numerics,
  },
  { kernel: 'numericRoot', id: 'sqrt(numeric)', given: [numeric], ...numerics },
  { kernel: 'numericFactorial', id: 'factorial(int8)', given: [count], ...numerics },
  {
    kernel: 'numericCommon',
    id: 'gcd(numeric,numeric)',
    given: [power, power],
    more: [0],
    ...numerics,
  },
  {
    kernel: 'numericCommon',
    id: 'lcm(numeric,numeric)',
    given: [power, power],
    more: [1],
    ...numerics,
  },
  {
    kernel: 'numericBucket',
    id: 'width_bucket(numeric,numeric,numeric,int4)',
    given: [power, power, power, integer(-1, 1_000_000_007)],
    result: -1n,
    returns: plainType('int4'),
  },
  {
    kernel: 'numericBucket',
    id: 'width_bucket(numeric,numeric,numeric,int4)',
    given: [share, base, base, integer(1, 9)],
    result: -1n,
    returns: plainType('int4'),
  },
  { kernel: 'numericSigned', id: '-(numeric)', given: [numeric], more: [0], ...numerics },
  { kernel: 'numericSigned', id: 'abs(numeric)', given: [numeric], more: [1], ...numerics },
  { kernel: 'numericSigned', id: 'sign(numeric)', given: [numeric], more: [2], ...numerics },
  { kernel: 'numericExp', id: 'exp(numeric)', knows: true, given: [power], ...numerics },
  { kernel: 'numericExp', id: 'exp(numeric)', knows: true, given: [exponentOfE], ...numerics },
  { kernel: 'numericLn', id: 'ln(numeric)', given: [positive], ...numerics },
  { kernel: 'numericLog', id: 'log(numeric)', before: [10n, 0n], given: [positive], ...numerics },
  { kernel: 'numericLog', id: 'log(numeric,numeric)', given: [base, positive], ...numerics },
  { kernel: 'numericPower', id: 'power(numeric,numeric)', given: [power, exponent], ...numerics },
  {
    kernel: 'numericPower',
    id: 'power(numeric,numeric)',
    given: [positive, anyExponent],
    ...numerics,
  },
  { kernel: 'numericTrim', id: 'trim_scale(numeric)', given: [numeric], ...numerics },
]

function numericAt(at: number): NumericValue {
  const bits = (heap.view.getBigInt64(at + 8, true) << 64n) | heap.view.getBigUint64(at, true)
  return { unscaled: BigInt.asIntN(120, bits), scale: Number(BigInt.asUintN(8, bits >> 120n)) }
}

function intervalAt(at: number): IntervalValue {
  const months = heap.view.getInt32(at, true)
  return {
    months,
    days: heap.view.getInt32(at + 4, true),
    micros: heap.view.getBigInt64(at + 8, true),
  }
}

/** What a kernel gives; undefined: it leaves the values to TypeScript. */
function answerOf(
  { kernel, result, returns, before = [], more = [] }: Held,
  lanes: readonly (number | bigint)[],
): Scalar | undefined {
  if (typeof result !== 'bigint') {
    const at = space(WORKSPACE_BYTES)
    if (Number(call(kernel, at, ...before, ...lanes, ...more)) !== 0) return undefined
    return result === 'numeric' ? numericAt(at) : intervalAt(at)
  }
  const found = exactCall(kernel, [...lanes, ...more])
  if (found === result) return undefined
  return returns.kind === 'date' || returns.kind === 'int4' ? Number(found) : found
}

function exactCall(kernel: string, lanes: readonly (number | bigint)[]): bigint {
  call(kernel, ...lanes)
  return BigInt(kernels.exports[kernel]!(...lanes))
}

function attempt(evaluate: () => Scalar): Scalar | 'error' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof QueryError) return 'error'
    throw error
  }
}

conformance([...new Set(held.map(({ kernel }) => kernel))], () => {
  test.each(held.map((one) => [one.id, one] as const))('%s', (id, one) => {
    const random = seededRandom(21)
    const entry = scalarEntry(id)
    const types = entry.args.map((kind) => plainType(kind as 'int4'))
    const known = one.knows ? [zeros(KNOWN_BYTES)] : []
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const args = one.given.map((make) => make(random))
      const lanes = args.flatMap((arg) => arg.lanes)
      const found = answerOf(one, [...known, ...lanes])
      if (one.knows) expect(answerOf(one, [...known, ...lanes])).toEqual(found)
      if (found === undefined) left++
      else {
        const values = args.map(({ value }) => value)
        const expected = attempt(() => entry.evaluate(values, types, one.returns))
        expect(found, `${id} of ${values.map(String).join()}`).toEqual(expected)
      }
    }
    expect(left, 'many values are not left to TypeScript').toBeLessThan(ROUNDS * 0.9)
  })
})

conformance(['exactFloat', 'intervalText', 'timeOfText', 'uuidOfText', 'uuidText'], () => {
  test('exact numbers as floats', () => {
    const random = seededRandom(22)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { lanes, value } = numeric(random)
      const [low = 0n, high = 0n] = lanes
      const found = kernels.call('exactFloat', BigInt(low), BigInt(high), -1)
      if (Number.isNaN(found)) left++
      else expect(found).toBe(castScalar(value!, plainType('numeric'), plainType('float8')))
      const whole = signed(random, 60)
      const exact = kernels.call('exactFloat', whole, whole >> 63n, 3)
      if (!Number.isNaN(exact)) {
        expect(exact, `${whole}`).toBe(castScalar(whole, decimal(18, 3), plainType('float8')))
      }
    }
    expect(left).toBeLessThan(ROUNDS * 0.9)
  })

  test('times of day', () => {
    const read = (source: string): bigint => kernels.call('timeOfText', placeText(source))
    const time = (source: string): Scalar =>
      castScalar(source, plainType('text'), plainType('time'))
    for (const source of ['00:00:00', '23:59:59.999999', '07:08:09.5', '12:34:56.123']) {
      expect(read(source), source).toBe(time(source))
    }
    for (const source of [
      '',
      '24:00:00',
      '1:2:3',
      '07:08',
      '07:08:60',
      '07:08:09.',
      '07:08:09.1234567',
      '07-08-09',
      '07:08:09.5 ',
    ]) {
      expect(read(source), source).toBe(-1n)
    }
  })

  test('uuids', () => {
    const random = seededRandom(23)
    for (let round = 0; round < 100; round++) {
      const value = pick(random, [0n, -1n, -(2n ** 127n), 2n ** 127n - 1n, signed(random, 127)])
      const low = BigInt.asIntN(64, value)
      const view = kernels.call('uuidText', low, BigInt.asIntN(64, value >> 64n), space(36))
      expect(textAt(view)).toBe(uuidText(value))
      const [at, spelled] = [space(16), uuidText(value)]
      for (const source of [spelled, spelled.toUpperCase(), spelled.replaceAll('-', '')]) {
        expect(kernels.call('uuidOfText', at, placeText(source)), source).toBe(0)
        expect(heap.view.getBigInt64(at, true), source).toBe(low)
        expect(heap.view.getBigInt64(at + 8, true), source).toBe(BigInt.asIntN(64, value >> 64n))
      }
      const odd = [`{${spelled}}`, spelled.replace(/.$/, 'g'), spelled.slice(1), `${spelled} `, '']
      for (const source of [...odd, spelled.replace('-', '0').replace(/^./, '-')]) {
        expect(kernels.call('uuidOfText', at, placeText(source)), source).toBe(1)
      }
    }
  })

  test('intervals as texts', () => {
    const random = seededRandom(24)
    for (let round = 0; round < ROUNDS; round++) {
      const { lanes, value } = interval(random)
      const [parts = 0n, micros = 0n] = lanes
      const view = kernels.call('intervalText', BigInt(parts), BigInt(micros), space(72))
      expect(textAt(view)).toBe(formatScalar(value!, plainType('interval')))
    }
  })
})
