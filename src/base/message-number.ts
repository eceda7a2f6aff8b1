/** Digits of a number in a message, and from where on it has an exponent. */
const MESSAGE_DIGITS = 6
const EXPONENT_MIN = -4

/** A number in a message as PostgreSQL writes it, by C's %g. */
export function messageNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const [digits = '', power = '0'] = value.toExponential(MESSAGE_DIGITS - 1).split('e')
  const exponent = Number(power)
  if (exponent >= EXPONENT_MIN && exponent < MESSAGE_DIGITS) {
    return String(Number(value.toPrecision(MESSAGE_DIGITS)))
  }
  const shown = String(Math.abs(exponent)).padStart(2, '0')
  return `${Number(digits)}e${exponent < 0 ? '-' : '+'}${shown}`
}
