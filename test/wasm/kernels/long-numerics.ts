import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { numeric, type DataType, type TypeKind } from '../../../src/data/types/data-type.ts'
import { addNumeric, multiplyNumeric } from '../../../src/data/types/numeric-arithmetic.ts'
import type { NumericValue, Scalar } from '../../../src/data/types/scalar.ts'
import { encodeWideNumeric, isInlineNumeric } from '../../../src/data/types/wide-numeric.ts'
import { castScalar } from '../../../src/functions/cast-scalar.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'
import { longOperations } from '../../../src/functions/long-forms.ts'
import {
  isWideSlot,
  NUMERIC_SLOT_BYTES,
  readNumericSlot,
} from '../../../src/data/vectors/numeric-slots.ts'
import { arena, below, conformance, heap, kernels, pick, space } from './bench.ts'
import { numericWords } from './wide-values.ts'

/** A number of up to 300 digits, with runs of zeros and nines, at any scale. */
export function randomLong(random: Random): NumericValue {
  const length = pick(random, [1, 8, 17, 30, 36, 40, 90, 300])
  let digits = ''
  while (digits.length < length) {
    const run = 1 + below(random, 20)
    const kind = below(random, 4)
    for (let at = 0; at < run; at++) {
      digits += kind === 0 ? '0' : kind === 1 ? '9' : String(below(random, 10))
    }
  }
  const unscaled = BigInt(digits.slice(0, length)) * (random.next() < 0.5 ? 1n : -1n)
  return { unscaled, scale: pick(random, [0, 1, 2, 7, 8, 9, 20, 100, 254, 255, 400]) }
}

interface Operands {
  readonly a: NumericValue
  readonly b: NumericValue
  readonly extra: number
}

/** Two numbers of 32 bits in one. */
const WORD = 2 ** 32

type Reference = (operands: Operands) => Scalar

/** What an entry of the catalogue makes of its arguments, given one of each. */
function called(
  name: string,
  kinds: readonly TypeKind[],
  argsOf: (o: Operands) => Scalar[],
): Reference {
  const entry = builtInFunctions.scalar
    .named(name)
    .find(({ args }) => args.length === kinds.length && args.every((arg, at) => arg === kinds[at]))
  if (entry === undefined) throw new Error(`no ${name}(${kinds.join()})`)
  const types = kinds.map((kind) => ({ kind }) as DataType)
  return (operands) => entry.evaluate(argsOf(operands), types, numeric)
}

const one: readonly TypeKind[] = ['numeric']
const two: readonly TypeKind[] = ['numeric', 'numeric']
const unary = (name: string): Reference => called(name, one, ({ a }) => [a])
const binary = (name: string): Reference => called(name, two, ({ a, b }) => [a, b])
const atPlaces = (name: string): Reference =>
  called(name, ['numeric', 'int4'], ({ a, extra }) => [a, extra])
const spread = (name: string): Reference =>
  called(`${name}_final`, ['numeric', 'numeric', 'int8'], ({ a, b, extra }) => [
    a,
    b,
    BigInt(extra),
  ])

const operations: Readonly<Record<string, readonly [operation: number, reference: Reference]>> = {
  sum: [longOperations.sum, binary('+')],
  difference: [longOperations.difference, binary('-')],
  product: [longOperations.product, binary('*')],
  quotient: [longOperations.quotient, binary('/')],
  remainder: [longOperations.remainder, binary('%')],
  'whole quotient': [longOperations.wholeQuotient, binary('div')],
  negated: [longOperations.negated, unary('-')],
  absolute: [longOperations.absolute, unary('abs')],
  sign: [longOperations.sign, unary('sign')],
  trimmed: [longOperations.trimmed, unary('trim_scale')],
  root: [longOperations.root, unary('sqrt')],
  nearest: [longOperations.rounded, atPlaces('round')],
  truncated: [longOperations.rounded + 1, atPlaces('trunc')],
  floor: [longOperations.rounded + 2, unary('floor')],
  ceil: [longOperations.rounded + 3, unary('ceil')],
  power: [longOperations.power, binary('power')],
  factorial: [
    longOperations.factorial,
    called('factorial', ['int8'], ({ extra }) => [BigInt(extra)]),
  ],
  limited: [
    longOperations.limited,
    called('limit_digits', ['numeric', 'int4', 'int4'], ({ a, extra }) => [
      a,
      Math.floor(extra / WORD),
      extra % WORD,
    ]),
  ],
  var_pop: [longOperations.spread, spread('var_pop')],
  var_samp: [longOperations.spread + 1, spread('var_samp')],
  stddev_pop: [longOperations.spread + 2, spread('stddev_pop')],
  stddev_samp: [longOperations.spread + 3, spread('stddev_samp')],
}

/** Operands as an operation takes them. */
function operandsOf(name: string, random: Random): Operands {
  const a = randomLong(random)
  const b = randomLong(random)
  const extra = pick(random, [-30, -8, -1, 0, 1, 2, 7, 8, 9, 20, 300])
  if (name === 'floor' || name === 'ceil') return { a, b, extra: 0 }
  if (name === 'power') return { a, b: { unscaled: BigInt(below(random, 9) - 4), scale: 0 }, extra }
  if (name === 'factorial') return { a, b, extra: below(random, 200) }
  if (name === 'limited') {
    return { a, b, extra: (36 + below(random, 600)) * WORD + pick(random, [0, 2, 8, 30]) }
  }
  // Squares that numbers with that sum may have.
  if (!name.includes('_')) return { a, b, extra }
  return { a, b: multiplyNumeric(b, b), extra: 2 + below(random, 1_000) }
}

const OWN_PLACES = -1

/** The numeric that the kernels make, undefined where they leave it to others. */
function longNumeric(operation: number, { a, b, extra }: Operands): NumericValue | undefined {
  const [x, y] = [numericWords(a), numericWords(b)]
  const args = [operation, ...x, OWN_PLACES, ...y, OWN_PLACES, BigInt(extra)] as const
  const bytes = kernels.call('longBytes', ...args)
  if (bytes === 0) return undefined
  const [slot, target] = [space(NUMERIC_SLOT_BYTES), space(bytes)]
  const view = kernels.call('longNumeric', slot, target, ...args)
  expect(heap.u8[target + bytes], 'bytes behind').toBe(0x5a)
  if (view === -1n) return undefined
  const value = readNumericSlot(heap, slot)
  // The words and bytes are those that TypeScript writes, the hash of equal values included.
  expect(isWideSlot(heap.view, slot)).toBe(!isInlineNumeric(value))
  if (view !== 0n) {
    const [at, length] = [Number(view & 0xffff_ffffn), Number(view >> 32n)]
    expect(at).toBe(target)
    expect(heap.u8.slice(at, at + length)).toEqual(encodeWideNumeric(value))
  }
  return value
}

function referenceOf(reference: Reference, operands: Operands): Scalar | undefined {
  try {
    return reference(operands)
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

const written = ({ unscaled, scale }: NumericValue): string => `${unscaled}e-${scale}`

conformance(['longBytes', 'longNumeric'], () => {
  test.each(Object.entries(operations))('%s', (name, [operation, reference]) => {
    const random = seededRandom(operation + 1)
    let made = 0
    for (let round = 0; round < 400; round++) {
      const operands = operandsOf(name, random)
      const { a, b, extra } = operands
      const label = `${written(a)} ${written(b)} ${extra}`
      const expected = referenceOf(reference, operands)
      const found = longNumeric(operation, operands)
      if (found === undefined) continue
      made++
      expect(found, label).toEqual(expected)
    }
    // What raises is left to TypeScript, and what is too long.
    expect(made).toBeGreaterThan(150)
  })
})

const BUCKETS_LEFT_OUT = -1

conformance(['longBucketBytes', 'longBucket', 'numericNeededPlaces'], () => {
  test('buckets', () => {
    const random = seededRandom(61)
    const kinds: readonly TypeKind[] = ['numeric', 'numeric', 'numeric', 'int4']
    let found = 0
    for (let round = 0; round < 4_000; round++) {
      const [low, high] = [randomLong(random), randomLong(random)]
      // Between the bounds, at their edges and anywhere; ones that are nearly the next bucket's.
      const share = { unscaled: BigInt(below(random, 12) - 1), scale: 1 }
      const between = addNumeric(
        low,
        multiplyNumeric(addNumeric(high, { ...low, unscaled: -low.unscaled }), share),
      )
      const least = { unscaled: BigInt(below(random, 3) - 1), scale: pick(random, [0, 40, 300]) }
      const value = round % 3 === 0 ? randomLong(random) : addNumeric(between, least)
      const count = pick(random, [-1, 0, 1, 10, 7, 1_000, 2 ** 31 - 2, 2 ** 31 - 1])
      const words = [...numericWords(value), ...numericWords(low), ...numericWords(high)] as const
      const bytes = kernels.call('longBucketBytes', ...words)
      if (bytes === 0) continue
      const work = space(bytes)
      const bucket = kernels.call('longBucket', work, ...words, count)
      expect(heap.u8[work + bytes], 'bytes behind').toBe(0x5a)
      arena.release()
      if (bucket === BUCKETS_LEFT_OUT) continue
      found++
      const reference = called('width_bucket', kinds, () => [value, low, high, count])
      const operands = { a: value, b: low, extra: count }
      const label = `${[value, low, high].map(written).join()} ${count}`
      expect(bucket, label).toBe(referenceOf(reference, operands))
    }
    expect(found).toBeGreaterThan(1_500)
  })

  test('digits behind the point that are needed', () => {
    const random = seededRandom(62)
    for (let round = 0; round < 1_000; round++) {
      const a = randomLong(random)
      const found = kernels.call('numericNeededPlaces', ...numericWords(a))
      expect(found, written(a)).toBe(unary('min_scale')({ a, b: a, extra: 0 }))
      arena.release()
    }
  })
})

conformance(['longOfFloat'], () => {
  test('numerics of floats', () => {
    const random = seededRandom(63)
    const [slot, target] = [space(NUMERIC_SLOT_BYTES), space(256)]
    let made = 0
    for (let round = 0; round < 20_000; round++) {
      const float = (random.next() - 0.5) * 10 ** (below(random, 540) - 250)
      const whole = (below(random, 1_000_000) + 1) * 10 ** below(random, 40)
      const value = pick(random, [float, float, whole, Math.fround(float), 2 ** below(random, 300)])
      for (const [kind, digits] of [
        ['float8', 15],
        ['float4', 6],
      ] as const) {
        const given = kind === 'float4' ? Math.fround(value) : value
        if (!Number.isFinite(given) || given === 0) continue
        if (kernels.call('longOfFloat', slot, target, given, digits) === -1n) continue
        made++
        const expected = castScalar(given, { kind } as DataType, numeric)
        expect(readNumericSlot(heap, slot), String(given)).toEqual(expected)
      }
    }
    expect(made).toBeGreaterThan(20_000)
  })
})
