import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import * as exact from '../fixed-point.ts'
import { call, conformance } from './bench.ts'

/** A function of floats, and what it is of exact numbers. */
interface Case {
  readonly name: string
  readonly exact: (x: bigint, y: bigint) => bigint
  /** Arguments are chosen from here; the second one's bounds stand behind the first's. */
  readonly from: readonly number[]
  /** How many floats away a result may be, and how many of a hundred are not the nearest. */
  readonly stepsMax?: number
  readonly percentMax?: number
}

/** An angle less whole turns. */
function turned(x: bigint): bigint {
  const turn = 4n * exact.HALF_PI
  return x - ((x + (x < 0n ? -turn : turn) / 2n) / turn) * turn
}

const sine = (x: bigint): bigint => exact.sine(turned(x))
const cosine = (x: bigint): bigint => exact.cosine(turned(x))
const tangent = (x: bigint): bigint => exact.over(sine(x), cosine(x))
const cotangent = (x: bigint): bigint => exact.over(cosine(x), sine(x))
const grown = (x: bigint): bigint => exact.exponential(x)
const sinh = (x: bigint): bigint => (grown(x) - grown(-x)) / 2n
const cosh = (x: bigint): bigint => (grown(x) + grown(-x)) / 2n
const tanh = (x: bigint): bigint => exact.over(sinh(x), cosh(x))
const log10 = (x: bigint): bigint =>
  exact.over(exact.logarithm(x), exact.logarithm(10n * exact.ONE))

/** Those of the C library, which is less exact, to the last digit. */
const likeC = { stepsMax: 3, percentMax: 50 }

const cases: readonly Case[] = [
  { name: 'floatExp', exact: grown, from: [-40, 40] },
  { name: 'floatLn', exact: exact.logarithm, from: [0, 1e9] },
  { name: 'floatLn', exact: exact.logarithm, from: [0.98, 1.02] },
  { name: 'floatLog10', exact: log10, from: [0, 1e6], ...likeC },
  {
    name: 'floatPower',
    exact: (x, y) => grown(exact.times(y, exact.logarithm(x))),
    from: [0, 9, -20, 20],
  },
  { name: 'floatSin', exact: sine, from: [-2, 2] },
  { name: 'floatSin', exact: sine, from: [-1e20, 1e20] },
  { name: 'floatCos', exact: cosine, from: [-300, 300] },
  { name: 'floatTan', exact: tangent, from: [-300, 300] },
  { name: 'floatCot', exact: cotangent, from: [-3, 3], ...likeC },
  { name: 'floatAsin', exact: exact.arcsine, from: [-1, 1] },
  { name: 'floatAcos', exact: (x) => exact.HALF_PI - exact.arcsine(x), from: [-1, 1] },
  { name: 'floatAtan', exact: exact.arctangent, from: [-9, 9] },
  {
    name: 'floatAtan2',
    exact: (y, x) => {
      const part = exact.arctangent(exact.over(y, x))
      return x > 0n ? part : part + (y < 0n ? -2n : 2n) * exact.HALF_PI
    },
    from: [-9, 9, -9, 9],
  },
  { name: 'floatSinh', exact: sinh, from: [-40, 40], ...likeC },
  { name: 'floatCosh', exact: cosh, from: [-40, 40], ...likeC },
  { name: 'floatTanh', exact: tanh, from: [-9, 9], ...likeC },
]

const ROUNDS = 60

const bits = new DataView(new ArrayBuffer(8))

function place(value: number): bigint {
  bits.setFloat64(0, value)
  const found = bits.getBigInt64(0)
  return found < 0n ? -(found & 0x7fff_ffff_ffff_ffffn) : found
}

const stepsBetween = (a: number, b: number): number => Math.abs(Number(place(a) - place(b)))

conformance([...new Set(cases.map(({ name }) => name))], () => {
  test.each(cases)('$name from $from', ({ name, exact: reference, from, ...limits }) => {
    const { stepsMax = 1, percentMax = 2 } = limits
    const random = seededRandom(5)
    const [low = 0, high = 0, low2 = 0, high2 = 0] = from
    let off = 0
    for (let round = 0; round < ROUNDS; round++) {
      const x = low + (high - low) * random.next()
      const y = low2 + (high2 - low2) * random.next()
      const nearest = exact.nearest(reference(exact.ofFloat(x), exact.ofFloat(y)))
      const steps = stepsBetween(call(name, x, y), nearest)
      expect(steps, `${name} of ${x}, ${y}: ${nearest}`).toBeLessThanOrEqual(stepsMax)
      if (steps > 0) off++
    }
    expect((100 * off) / ROUNDS, 'of a hundred, not the nearest').toBeLessThanOrEqual(percentMax)
  })
})

/** Answers of PostgreSQL 15 (glibc 2.36) where a formula has an edge. */
const edges: readonly (readonly [string, number, number, number])[] = [
  ['floatSind', 0, 0, 0],
  ['floatSind', 30, 0, 0.5],
  ['floatSind', -30, 0, -0.5],
  ['floatSind', 150, 0, 0.5],
  ['floatSind', 210, 0, -0.5],
  ['floatSind', 359, 0, -0.017452406437283515],
  ['floatSind', 1000000.0, 0, -0.984807753012208],
  ['floatSind', 12.345, 0, 0.2137976902918788],
  ['floatCosd', 0, 0, 1],
  ['floatCosd', 60, 0, 0.5],
  ['floatCosd', 120, 0, -0.5],
  ['floatCosd', -240, 0, -0.5],
  ['floatCosd', 91, 0, -0.017452406437283515],
  ['floatCosd', -1000000.0, 0, 0.17364817766693036],
  ['floatTand', 45, 0, 1],
  ['floatTand', 135, 0, -1],
  ['floatTand', -45, 0, -1],
  ['floatTand', 180, 0, 0],
  ['floatTand', 89.5, 0, 114.58865012930958],
  ['floatCotd', 45, 0, 1],
  ['floatCotd', -135, 0, 1],
  ['floatCotd', 90, 0, 0],
  ['floatCotd', 0.5, 0, 114.58865012930958],
  ['floatAsind', 1, 0, 90],
  ['floatAsind', 0.5, 0, 30],
  ['floatAsind', -0.5, 0, -30],
  ['floatAsind', -1, 0, -90],
  ['floatAsind', 0.3, 0, 17.45760312372209],
  ['floatAcosd', 1, 0, 0],
  ['floatAcosd', 0.5, 0, 60],
  ['floatAcosd', -0.5, 0, 120],
  ['floatAcosd', -1, 0, 180],
  ['floatAcosd', 0.7, 0, 45.5729959991943],
  ['floatAtand', 1, 0, 45],
  ['floatAtand', -1, 0, -45],
  ['floatAtand', 0.1, 0, 5.710593137499643],
  ['floatAtand', 1e300, 0, 90],
  ['floatAsinh', 1e-10, 0, 1e-10],
  ['floatAsinh', 0.5, 0, 0.48121182505960347],
  ['floatAsinh', -1.5, 0, -1.1947632172871094],
  ['floatAsinh', 3, 0, 1.8184464592320668],
  ['floatAsinh', -10000000000.0, 0, -23.7189981105004],
  ['floatAcosh', 1.5, 0, 0.9624236501192069],
  ['floatAcosh', 3, 0, 1.762747174039086],
  ['floatAcosh', 10000000000.0, 0, 23.7189981105004],
  ['floatAcosh', 1.0000001, 0, 0.0004472135919037347],
  ['floatAtanh', 0.1, 0, 0.10033534773107558],
  ['floatAtanh', -0.3, 0, -0.30951960420311175],
  ['floatAtanh', 0.7, 0, 0.8673005276940531],
  ['floatAtanh', -0.999, 0, -3.8002011672501994],
  ['floatAtanh', 1e-10, 0, 1e-10],
  ['floatAtan2d', 1, 0, 90],
  ['floatAtan2d', -1, -1, -135],
  ['floatAtan2d', 3, 7, 23.198590513648192],
  ['floatExp', -745.1, 0, 5e-324],
  ['floatExp', -720, 0, 2.0322308024e-313],
  ['floatExp', -708.4, 0, 2.217119081664265e-308],
  ['floatExp', 709.78, 0, 1.7928227943945155e308],
  ['floatExp', 710, 0, Infinity],
  ['floatLn', 5e-324, 0, -744.4400719213812],
  ['floatLn', 1.7976931348623157e308, 0, 709.782712893384],
  ['floatLog10', 5e-324, 0, -323.3062153431158],
  ['floatPower', 5e-324, 0.5, 2.2227587494850775e-162],
  ['floatPower', 1e-200, 1.6, 1e-320],
  ['floatPower', 2, 1023.99, 1.7852755613304564e308],
  ['floatPower', -2, 3, -8],
  ['floatPower', -1, 1e300, 1],
  ['floatPower', -2, 0.5, NaN],
  ['floatSin', Math.PI, 0, 1.2246467991473532e-16],
  ['floatSin', 1e308, 0, 0.4533964905016491],
  ['floatTan', 1.5707963267948966, 0, 16331239353195370],
  ['floatAsin', 1, 0, 1.5707963267948966],
  ['floatAcos', -1, 0, Math.PI],
  ['floatAtan', -1e300, 0, -1.5707963267948966],
  ['floatAtan2', 1e-300, 1e-300, 0.7853981633974483],
  ['floatAtan2', 5e-324, -1e-323, 2.677945044588987],
  ['floatAtan2', -0, -1, -Math.PI],
  ['floatAtan2', 1e308, 1e300, 1.5707963167948966],
  ['floatSinh', 5e-324, 0, 5e-324],
  ['floatSinh', 710.4, 0, 1.6663642832806494e308],
  ['floatCosh', 711, 0, Infinity],
  ['floatTanh', -30, 0, -1],
  ['floatCbrt', 5e-324, 0, 1.7031839360032601e-108],
  ['floatCbrt', -343, 0, -7],
  ['floatCbrt', 0.7, 0, 0.8879040017426008],
  ['floatCbrt', 1e308, 0, 4.64158883361278e102],
]

conformance(
  [
    'floatCbrt',
    'floatDegrees',
    'floatRadians',
    'floatSind',
    'floatCosd',
    'floatTand',
    'floatCotd',
    'floatAsind',
    'floatAcosd',
    'floatAtand',
    'floatAsinh',
    'floatAcosh',
    'floatAtanh',
    'floatAtan2d',
  ],
  () => {
    test.each(edges)('%s of %d, %d', (name, x, y, expected) => {
      expect(call(name, x, y)).toBe(expected)
    })

    test('the angle that is nearest to a multiple of pi/2', () => {
      // PostgreSQL gives -4.68716592425462e-19. J.-M. Muller, "Elementary Functions", has the digits.
      expect(call('floatCos', 6_381_956_970_095_103 * 2 ** 797)).toBe(-4.687165924254628e-19)
    })

    test('cube roots are at most three floats off', () => {
      const random = seededRandom(6)
      for (let round = 0; round < 2_000; round++) {
        const x = (random.next() - 0.5) * 10 ** (random.next() * 600 - 300)
        expect(stepsBetween(call('floatCbrt', x), Math.cbrt(x)), `${x}`).toBeLessThanOrEqual(3)
      }
    })

    test('degrees and radians', () => {
      expect(call('floatDegrees', 2)).toBe(2 / (Math.PI / 180))
      expect(call('floatRadians', 77)).toBe(77 * (Math.PI / 180))
    })
  },
)
