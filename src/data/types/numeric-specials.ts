import type { NumericSpecial, NumericValue } from './scalar.ts'

/*
 * What numerics are beside numbers: NaN, which equals itself and is above all others, and both infinities. Arithmetic on
 * them is that of floats, where a finite operand counts by its sign alone.
 */

export const NUMERIC_NAN = special('NaN')
export const NUMERIC_INFINITY = special('Infinity')
export const NUMERIC_MINUS_INFINITY = special('-Infinity')

function special(of: NumericSpecial): NumericValue {
  return { unscaled: 0n, scale: 0, special: of }
}

/** The numeric of a float that is no number, or infinite. */
export function specialNumeric(value: number): NumericValue {
  if (Number.isNaN(value)) return NUMERIC_NAN
  return value > 0 ? NUMERIC_INFINITY : NUMERIC_MINUS_INFINITY
}

export function isSpecial({ special: of }: NumericValue): boolean {
  return of !== undefined
}

export function isNaNumeric({ special: of }: NumericValue): boolean {
  return of === 'NaN'
}

/** -1, 0 or 1; NaN for that. */
export function numericSign({ unscaled, special: of }: NumericValue): number {
  if (of !== undefined) return Math.sign(Number(of))
  return unscaled > 0n ? 1 : unscaled < 0n ? -1 : 0
}

/** A special as the float it is, a finite number as its sign. */
function standIn(value: NumericValue): number {
  return value.special === undefined ? numericSign(value) : Number(value.special)
}

/** The result of an operation of which an operand is special, where floats have the same; undefined where none is. */
export function specialResult(
  left: NumericValue,
  right: NumericValue,
  operation: (left: number, right: number) => number,
): NumericValue | undefined {
  if (left.special === undefined && right.special === undefined) return undefined
  const result = operation(standIn(left), standIn(right))
  // Of special operands only a quotient by an infinity is finite.
  return Number.isFinite(result) ? { unscaled: BigInt(result), scale: 0 } : specialNumeric(result)
}

/** PostgreSQL's order where one of two is special; undefined where none is. */
export function compareSpecials(left: NumericValue, right: NumericValue): number | undefined {
  if (left.special === undefined && right.special === undefined) return undefined
  return rank(left) - rank(right)
}

function rank({ special: of }: NumericValue): number {
  return of === undefined ? 1 : of === '-Infinity' ? 0 : of === 'Infinity' ? 2 : 3
}

/** What a text that is no number says, as numeric_in reads it. */
export function readSpecial(source: string): NumericValue | undefined {
  const match = /^\s*(?:(nan)|([+-]?)inf(?:inity)?)\s*$/i.exec(source)
  if (match === null) return undefined
  if (match[1] !== undefined) return NUMERIC_NAN
  return match[2] === '-' ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY
}
