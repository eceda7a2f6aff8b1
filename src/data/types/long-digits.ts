/** Longer than any integer, count or part of a time that has a value. */
const DIGITS_MAX = 40

/**
 * The integer that digits with or without a sign say; of more than {@link DIGITS_MAX} digits some
 * integer of so many, which is out of range as well. Reading millions of digits would take seconds.
 */
export function integerOf(text: string): bigint {
  if (text.length <= DIGITS_MAX) return BigInt(text)
  const [, sign = '', digits = ''] = /^([+-]?)0*(\d*)$/.exec(text) ?? []
  const value = BigInt(digits.slice(0, DIGITS_MAX))
  return sign === '-' ? -value : value
}
