import type { Chooser } from '../chooser.ts'

// Texts of numbers and bytes that a type of PostgreSQL reads, the odd ones often.

const INTEGER_BITS = { int2: 16, int4: 32, int8: 64 } as const

/** Integers of all sizes, those at the ends of the type and of narrower ones among them. */
export function integer(choose: Chooser, kind: keyof typeof INTEGER_BITS): string {
  const bits = INTEGER_BITS[kind]
  const roll = choose.between(0, 9)
  if (roll < 4) return String(choose.between(-9, 20))
  if (roll < 6) {
    const edge = 1n << BigInt(choose.pick([7, 8, 15, 16, 31, 32, 63].filter((at) => at < bits)))
    const value = (choose.chance(0.5) ? edge : -edge) + BigInt(choose.between(-2, 1))
    return String(BigInt.asIntN(bits, value))
  }
  const magnitude = BigInt(`0x${digits(choose, bits / 4, 16)}`) >> BigInt(choose.between(0, bits))
  return String(BigInt.asIntN(bits, choose.chance(0.5) ? magnitude : -magnitude))
}

function digits(choose: Chooser, count: number, base = 10): string {
  return Array.from({ length: count }, () => choose.between(0, base - 1).toString(base)).join('')
}

const oddFloats = [
  '0',
  '-0',
  '1',
  '-1',
  '0.5',
  '-0.5',
  'NaN',
  'Infinity',
  '-Infinity',
  '0.1',
  '1e15',
  '1e16',
]
const float8Edges = [
  '1.7976931348623157e308',
  '-1.7976931348623157e308',
  '5e-324',
  '-5e-324',
  '2.2250738585072014e-308',
  '9007199254740993',
  '4503599627370497.5',
  '9223372036854775807',
  '-9223372036854775809',
  '2147483647.5',
  '-2147483648.5',
  '1e-7',
]
const float4Edges = [
  '3.4028235e38',
  '-3.4028235e38',
  '1e-45',
  '1.1754944e-38',
  '16777217',
  '2147483647',
  '1e-5',
  '32767.5',
]

/** Floats: those that are no number or at an end, quarters, and any mantissa and exponent. */
export function float(choose: Chooser, kind: 'float4' | 'float8'): string {
  const roll = choose.between(0, 9)
  if (roll < 2)
    return choose.pick([...oddFloats, ...(kind === 'float8' ? float8Edges : float4Edges)])
  if (roll < 5) return String(choose.between(-400, 400) / 4)
  if (roll < 7)
    return `${choose.chance(0.4) ? '-' : ''}${choose.between(0, 99_999)}.${digits(choose, 5)}`
  const exponentMax = kind === 'float8' ? 290 : 35
  const exponent = choose.chance(0.7)
    ? choose.between(-9, 9)
    : choose.between(-exponentMax, exponentMax)
  return `${choose.chance(0.5) ? '-' : ''}${choose.between(1, 9)}.${digits(choose, choose.between(1, 17))}e${exponent}`
}

/** Floats near 0, as angles, logarithms and exponents have them. */
export function smallFloat(choose: Chooser): string {
  if (choose.chance(0.1))
    return choose.pick(['0', '-0', '1', '-1', '0.5', '-0.5', 'NaN', '2', '1e-300'])
  return String((choose.between(-3_000_000, 3_000_000) / 1_000_000) * choose.pick([1, 1, 10, 100]))
}

/** Numbers of a precision and scale; all nines and trailing zeros among them. */
export function decimal(choose: Chooser, precision: number, scale: number): string {
  const sign = choose.chance(0.4) ? '-' : ''
  const roll = choose.between(0, 9)
  if (roll === 0) return choose.pick(['0', '1', '-1', '0.5', '-0.5', '1.5', '2.5'])
  const whole =
    roll === 1
      ? '9'.repeat(precision - scale)
      : digits(choose, choose.between(1, precision - scale))
  const part = roll < 3 ? '9'.repeat(scale) : roll < 5 ? '' : digits(choose, scale)
  return `${sign}${whole}${part === '' ? '' : `.${part}`}`
}

/** Digits before and behind the point, at most: about as many as 8 and 16 bytes hold, and more. */
const someDigits = [
  [25, 12],
  [20, 20],
  [90, 60],
] as const

/** Numbers of any number of digits, mostly of few. */
export function numeric(choose: Chooser): string {
  const roll = choose.between(0, 9)
  const sign = choose.chance(0.4) ? '-' : ''
  if (roll < 2)
    return choose.pick([
      '0',
      '0.000',
      '1',
      '-1',
      '0.5',
      '-0.5',
      '1.50',
      '10000',
      '9999.9999',
      '1e-20',
      '-99999999',
      '0.00001',
      'NaN',
      'Infinity',
      '-Infinity',
    ])
  if (roll < 7) return decimal(choose, 12, choose.between(0, 6))
  const [whole, part] = roll < 9 ? choose.pick(someDigits) : [300, 300]
  return `${sign}${digits(choose, choose.between(1, whole))}.${digits(choose, choose.between(0, part))}`
}

/** Numerics near 0 with few digits, as exponents have them. */
export function smallNumeric(choose: Chooser): string {
  return decimal(choose, choose.pick([3, 4]), 2)
}

export function bytes(choose: Chooser): string {
  const count = choose.pick([0, 1, 2, 3, 8, 40])
  return `\\x${digits(choose, 2 * count, 16)}`
}

export function uuid(choose: Chooser): string {
  if (choose.chance(0.1)) return choose.pick(['0', '7', '8', 'f']).repeat(32)
  return [8, 4, 4, 4, 12].map((count) => digits(choose, count, 16)).join('-')
}

export function oid(choose: Chooser): string {
  const edges = ['0', '2147483647', '2147483648', '4294967295']
  return choose.chance(0.2) ? choose.pick(edges) : String(choose.between(0, 100_000))
}
