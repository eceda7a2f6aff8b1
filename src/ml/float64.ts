/** Arithmetic on float64 beyond single operations. */

const EXPONENT_STEP = 1000

/** value * 2^exponent, for any exponent. */
export function timesPowerOfTwo(value: number, exponent: number): number {
  let [result, left] = [value, exponent]
  while (Math.abs(left) > EXPONENT_STEP) {
    const step = Math.sign(left) * EXPONENT_STEP
    result *= 2 ** step
    left -= step
    if (result === 0 || !Number.isFinite(result)) return result
  }
  return result * 2 ** left
}

/** An exponent with `value` about 2^exponent; undefined for 0. */
export function exponentOf(value: number): number | undefined {
  return value === 0 ? undefined : Math.round(Math.log2(Math.abs(value)))
}

/**
 * The sum of products as if computed with twice the digits, then rounded (algorithm Dot2 of Ogita,
 * Rump & Oishi, Accurate Sum and Dot Product, 2005). Factors are below 2^500.
 */
export function totalOfProducts(pairs: readonly (readonly [number, number])[]): number {
  let sum = 0
  let rest = 0
  for (const [left, right] of pairs) {
    const product = left * right
    const next = sum + product
    const taken = next - sum
    rest += sum - (next - taken) + (product - taken) + productError(left, right, product)
    sum = next
  }
  return sum + rest
}

/** What rounding took off a product (Dekker). */
function productError(left: number, right: number, product: number): number {
  const [leftHigh, leftLow] = halves(left)
  const [rightHigh, rightLow] = halves(right)
  const most = product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow
  return leftLow * rightLow - most
}

/** A number as two of half its digits (Veltkamp). */
function halves(value: number): readonly [number, number] {
  const shifted = 134_217_729 * value
  const high = shifted - (shifted - value)
  return [high, value - high]
}
