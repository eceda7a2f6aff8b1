/**
 * The float of 32 bits nearest to a decimal number, ties to even; infinite or zero where it is out of
 * range. `Math.fround(Number(text))` rounds twice, which goes wrong where the first rounding makes a
 * tie between two floats out of a number that is none.
 */
export function nearestSingle(text: string): number {
  const double = Number(text)
  const single = Math.fround(double)
  // Infinity stands for 2^128 and more.
  const near = Number.isFinite(single) ? single : Math.sign(double) * 2 ** 128
  const error = double - near
  const other = double + error
  const isTie = error !== 0 && Number.isFinite(other) && Math.fround(other) === other
  if (!isTie) return single
  const order = compareExactly(text, double)
  if (order === 0) return single
  return order > 0 === error > 0 ? other : single
}

/** More digits than a double has when it is written out, so that what follows them decides no tie. */
const DIGITS_KEPT = 1_100

/** Whether a decimal number is below (-1), equal to (0) or above (1) a float. */
function compareExactly(text: string, double: number): number {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+(?=\d)/, '')
  const kept = all.slice(0, DIGITS_KEPT)
  // A digit that is no zero behind those that are kept makes the number a little larger.
  const rest = all.length > kept.length ? (/[1-9]/.test(all.slice(kept.length)) ? '1' : '0') : ''
  const digits = BigInt(kept + rest) * (sign === '-' ? -1n : 1n)
  const leftOut = all.length - kept.length - rest.length
  const scale = fraction.length - Number(exponent) - leftOut
  const [units, places] = binaryPlaces(double)
  const left = digits * 10n ** BigInt(Math.max(0, -scale)) * 2n ** BigInt(places)
  const right = units * 10n ** BigInt(Math.max(0, scale))
  return left < right ? -1 : Number(left > right)
}

/** An integer and so many binary places: the float is integer / 2^places. */
function binaryPlaces(double: number): readonly [bigint, number] {
  let [value, places] = [double, 0]
  while (!Number.isInteger(value)) {
    value *= 2
    places++
  }
  return [BigInt(value), places]
}
