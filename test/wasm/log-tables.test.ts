import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lnNumeric } from '../../src/functions/math/transcendental.ts'

const file = new URL('../../src/wasm/kernels/assembly/functions/log-tables.ts', import.meta.url)

/** Digits that are computed; two floats have about 32. */
const PLACES = 60
const ONE = 10n ** BigInt(PLACES)

/** A number in fixed point as two floats, the second of which is what the first leaves out. */
function twoFloats(fixed: bigint): readonly [number, number] {
  const high = Number(`${fixed}e-${PLACES}`)
  return [high, Number(`${fixed - exactly(high)}e-${PLACES}`)]
}

/** A float in fixed point, cut off behind that. */
function exactly(value: number): bigint {
  let [mantissa, halvings] = [value, 0n]
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    halvings++
  }
  return (BigInt(mantissa) * ONE) / 2n ** halvings
}

const ln = (whole: bigint): bigint => lnNumeric({ unscaled: whole * ONE, scale: PLACES }).unscaled

function table(name: string, rows: readonly (readonly number[])[]): string {
  return `export const ${name}: usize = memory.data<f64>([\n${rows.map((row) => `  ${row.map(shown).join(', ')},\n`).join('')}])\n`
}

/** With a point, as AssemblyScript takes others for integers. */
const shown = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

test('the tables of logarithms have the digits that they should', () => {
  // 256ths near the reciprocal of the middle of each 128th from 1 to 2, and minus their logarithms.
  const logarithms = Array.from({ length: 128 }, (_, at) => {
    const factor = Math.round(256 / (1 + (at + 0.5) / 128)) / 256
    const minus = 8n * ln(2n) - ln(BigInt(factor * 256))
    return [factor, ...twoFloats(minus)]
  })
  const constants = [
    ['LN2', twoFloats(ln(2n))],
    ['LN10', twoFloats(ln(10n))],
  ] as const
  const expected = [
    '// Generated: `UPDATE=1 npx vitest run test/wasm/log-tables` rewrites it.',
    '',
    ...constants.map(
      ([name, [high, low]]) =>
        `export const ${name}_HIGH: f64 = ${high}\nexport const ${name}_LOW: f64 = ${low}`,
    ),
    '',
    '// Numbers by which those from 1 to 2 come close to 1, by their first 7 bits, and minus their logarithms, in two parts.',
    table('LOGARITHMS', logarithms),
  ].join('\n')
  if (process.env['UPDATE'] === '1') writeFileSync(file, expected)
  expect(readFileSync(file, 'utf8')).toBe(expected)
})
