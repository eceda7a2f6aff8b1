import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exponential, LN2, nearest, ofFloat, ONE, over } from './fixed-point.ts'

const file = new URL(
  '../../src/wasm/kernels/assembly/functions/exponential-tables.ts',
  import.meta.url,
)

const power = (exponent: bigint): bigint => 10n ** exponent
const rounded = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator)

/** A number as a float of so many bits behind the point, and the float that is nearest to the rest. */
function twoFloats(value: bigint, bits: bigint): readonly [number, number] {
  const unit = ONE >> bits
  const high = nearest(rounded(value, unit) * unit)
  return [high, nearest(value - ofFloat(high))]
}

/** With a point, as AssemblyScript takes others for integers. */
const shown = (value: number): string => (/[.e]/.test(`${value}`) ? `${value}` : `${value}.0`)

function table(name: string, type: string, rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `  ${row.join(', ')},\n`)
  return `export const ${name}: usize = memory.data<${type}>([\n${lines.join('')}])\n`
}

/** Words of 32 bits, the lowest first. */
function words(value: bigint, count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, at) => `0x${((value >> BigInt(32 * at)) & 0xffff_ffffn).toString(16)}`,
  )
}

/** The powers of two from 0 to 63 parts of such. */
function powersOfTwo(parts: bigint): readonly (readonly string[])[] {
  return Array.from({ length: 64 }, (_, at) =>
    twoFloats(exponential((BigInt(at) * LN2) / parts), 26n).map(shown),
  )
}

/** What numerics of so many places are shifted and multiplied by: 64 becomes 96 bits at most, and 1 2^184 log2(e). */
function reduction(places: bigint): readonly string[] {
  let shift = 0n
  while ((64n * power(places)) << (shift + 1n) <= 1n << 96n) shift++
  const factor = rounded(over(ONE, LN2) << (184n - shift), ONE * power(places))
  return [...words(factor, 3), String(shift)]
}

/** A power of ten as a float of 26 bits, one of what the nearest float has more, and one of the rest. */
function unit(places: bigint): readonly string[] {
  const value = power(places)
  const whole = BigInt(Number(value))
  const excess = BigInt(Math.max(whole.toString(2).length - 26, 0))
  const first = rounded(whole, 1n << excess) << excess
  return [Number(first), Number(whole - first), Number(value - whole)].map(shown)
}

test('the tables of exponentials have the digits that they should', () => {
  const [upper, middle] = twoFloats(LN2, 27n)
  const reciprocals = [1n]
  for (let at = 1n; at <= 17n; at++) reciprocals.push(reciprocals.at(-1)! * at)
  const fixed = (value: bigint): readonly string[] => words(rounded(value, ONE >> 160n), 6)
  const places = (count: number): readonly bigint[] =>
    Array.from({ length: count }, (_, at) => BigInt(at))
  const expected = [
    '// Generated: `UPDATE=1 npx vitest run test/wasm/exponential-tables` rewrites it.',
    '',
    '// The natural logarithm of 2, in two parts.',
    `export const LN2_UPPER: f64 = ${shown(upper)}\nexport const LN2_MIDDLE: f64 = ${shown(middle)}`,
    '',
    '// For each number of digits behind the point: log2(e) over that power of ten, and by how many bits numbers are shifted.',
    table('REDUCTIONS', 'u32', places(27).map(reduction)),
    '// 2 to the power of each 64th and each 4096th below 64 of them: 27 bits, and the rest.',
    table('POWERS_OF_TWO', 'f64', powersOfTwo(64n)),
    table('SMALL_POWERS', 'f64', powersOfTwo(4096n)),
    '// Powers of ten: 26 bits, what the nearest float has more, and the rest.',
    table('DECIMAL_UNITS', 'f64', places(64).map(unit)),
    '// In fixed point of 160 bits: the natural logarithm of 2, and 1 over each factorial.',
    table('LN2_LIMBS', 'u32', [fixed(LN2)]),
    table(
      'RECIPROCALS',
      'u32',
      reciprocals.map((factorial) => fixed(ONE / factorial)),
    ),
  ].join('\n')
  if (process.env['UPDATE'] === '1') writeFileSync(file, expected)
  expect(readFileSync(file, 'utf8')).toBe(expected)
})
