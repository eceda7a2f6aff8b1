/**
 * SQL of a whole number below `modulus` (at most 10^9) that looks like chance but is the same in every
 * engine: two multiplications modulo primes, by Lehmer (Mathematical Methods in Large-scale Computing Units,
 * 1949). `number`: SQL of a bigint from 0 to some 10^9; other `stream`s give other numbers.
 */
export function scattered(number: string, modulus: number, stream: number): string {
  const first = `(${number} + ${stream * 1_009 + 1}) * ${MULTIPLIERS[stream % MULTIPLIERS.length]} % 2147483647`
  return `((${first}) * 69621 % 2147483629 % ${modulus})`
}

const MULTIPLIERS = [48_271, 1_583_458_089, 784_588_716, 950_706_376, 1_226_874_159] as const
