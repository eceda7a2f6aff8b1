import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  arcsine,
  arctangent,
  cosine,
  exponential,
  HALF_PI,
  LN2,
  logarithm,
  nearest,
  ofFloat,
  ONE,
  over,
  ratio,
  root,
  sine,
  times,
} from './fixed-point.ts'

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** A float, and the float that is left. */
function pair(value: bigint): readonly number[] {
  const high = nearest(value)
  return [high, nearest(value - ofFloat(high))]
}

/** The same with `bits` bits behind the point of the first. */
function cut(value: bigint, bits: number): readonly number[] {
  const high = Math.round(nearest(value) * 2 ** bits) / 2 ** bits
  return [high, nearest(value - ofFloat(high))]
}

const powers = upTo(128).flatMap((i) => {
  const power = exponential((LN2 * BigInt(i)) / 128n)
  const high = nearest(power)
  return [high, nearest(over(power - ofFloat(high), power))]
})

const logarithms = upTo(128).flatMap((i) => {
  // Mantissas from 0.6875 to 1.375, as floats have them; both intervals at 1 are divided by 1.
  const middle = i < 80 ? 0.6875 + (i + 0.5) / 256 : 1 + (i - 80 + 0.5) / 128
  const inverse = Math.abs(middle - 1) < 0.004 ? 1 : Math.round(512 / middle) / 512
  return [inverse, ...cut(-logarithm(ofFloat(inverse)), 42)]
})

const sines = upTo(102).flatMap((i) => [
  ...pair(sine(ratio(i, 128))),
  ...pair(cosine(ratio(i, 128))),
])

const TERMS = 8

/** Of a function at a place: its value, and the factors of the powers of a distance, the first less 1. */
function around(
  value: bigint,
  slope: bigint,
  next: (k: bigint, one: bigint, two: bigint) => bigint,
) {
  const factors = [0n, slope]
  for (let k = 0n; factors.length <= TERMS; k++) {
    factors.push(next(k, factors[Number(k) + 1]!, factors[Number(k)]!))
  }
  const [, first = 0n, ...others] = factors
  return [...pair(value), nearest(first - ONE), ...others.map(nearest)]
}

/** From (1 - x^2) y'' = x y', term by term. */
const arcsines = upTo(65).flatMap((i) => {
  const at = ratio(i, 128)
  const left = ONE - times(at, at)
  return around(
    arcsine(at),
    over(ONE, root(left)),
    (k, one, two) =>
      over((k + 1n) * (2n * k + 1n) * times(at, one) + k * k * two, left) / ((k + 1n) * (k + 2n)),
  )
})

/** From (1 + x^2) y'' = -2 x y'. */
const arctangents = upTo(129).flatMap((i) => {
  const at = ratio(i, 128)
  const right = ONE + times(at, at)
  return around(
    arctangent(at),
    over(ONE, right),
    (k, one, two) => over(-2n * (k + 1n) * times(at, one) - k * two, right) / (k + 2n),
  )
})

const TURN_WORDS = 40

/** 2 / pi in words of 32 bits, of which two stand before the point, for angles up to 2^1024. */
const turns = upTo(TURN_WORDS).map((i) => {
  const bits = 32 * (TURN_WORDS + 4)
  const inverse = (1n << BigInt(2 * bits)) / halfPiBits(bits)
  return Number((inverse >> BigInt(bits - 32 * (i - 1))) & 0xffff_ffffn)
})

/** pi / 2 with so many bits behind the point. */
function halfPiBits(bits: number): bigint {
  const scale = 1n << BigInt(bits + 32)
  const tangent = (denominator: bigint): bigint => {
    let [sum, power] = [0n, scale / denominator]
    for (let odd = 1n; power !== 0n; odd += 2n) {
      sum += (odd % 4n === 1n ? power : -power) / odd
      power /= denominator * denominator
    }
    return sum
  }
  return (2n * (4n * tangent(5n) - tangent(239n))) >> 32n
}

/** Parts of a number: all but the last have so few bits that products with small integers are exact. */
function parts(value: bigint, count: number, bits: number): readonly number[] {
  const found: number[] = []
  let left = value
  for (let at = 0; at < count - 1; at++) {
    const near = nearest(left)
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(near))) + 1 - bits)
    const part = Math.trunc(near / unit) * unit
    found.push(part)
    left -= ofFloat(part)
  }
  return [...found, nearest(left)]
}

function literal(value: number): string {
  const text = Object.is(value, -0) ? '-0.0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** `width` of them are an entry. */
function table(name: string, comment: string, values: readonly number[], width: number): string {
  const lines: string[] = []
  for (let at = 0; at < values.length; at += width) {
    lines.push(
      `  ${values
        .slice(at, at + width)
        .map(literal)
        .join(', ')},`,
    )
  }
  return `// ${comment}\nexport const ${name}: usize = memory.data<f64>([\n${lines.join('\n')}\n])\n`
}

function constants(names: readonly string[], values: readonly number[]): string {
  return names.map((name, at) => `export const ${name}: f64 = ${literal(values[at]!)}\n`).join('')
}

const generated = '// Generated: `UPDATE=1 npx vitest run test/wasm/float-tables` rewrites it.\n'

const files: Readonly<Record<string, readonly string[]>> = {
  'tables.ts': [
    generated,
    constants(['LN2_128_HIGH', 'LN2_128_LOW'], parts(LN2 / 128n, 2, 34)),
    constants(['LN2_HIGH', 'LN2_LOW'], cut(LN2, 42)),
    constants(['HALF_PI_1', 'HALF_PI_2', 'HALF_PI_3', 'HALF_PI_4'], parts(HALF_PI, 4, 33)),
    constants(['HALF_PI', 'HALF_PI_REST'], pair(HALF_PI)),
    table('POWERS', '2^(i/128): the nearest float, and what is left, by the whole.', powers, 4),
    table(
      'LOGARITHMS',
      'Short inverses of mantissas, and their logarithms less than 0 in two floats.',
      logarithms,
      3,
    ),
    table('SINES', 'Sine and cosine of i/128, each in two floats.', sines, 4),
    '// 2 / pi in words of 32 bits, of which two stand before the point.',
    `export const TURNS: usize = memory.data<u32>([\n  ${turns.join(', ')},\n])\n`,
  ],
  'arc-tables.ts': [
    generated,
    table(
      'ARCSINES',
      'At i/128: arc sine in two floats, and the factors of the powers of a distance, the first less 1.',
      arcsines,
      TERMS + 2,
    ),
    table('ARCTANGENTS', 'The same of arc tangents.', arctangents, TERMS + 2),
  ],
}

test.each(Object.entries(files))('%s is what it says', (name, texts) => {
  const file = new URL(`../../src/wasm/kernels/assembly/floats/${name}`, import.meta.url)
  const expected = texts.join('\n')
  if (process.env['UPDATE'] === '1') writeFileSync(file, expected)
  expect(readFileSync(file, 'utf8')).toBe(expected)
})
