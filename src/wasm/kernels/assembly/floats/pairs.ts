// Numbers as the sum of two floats: T. J. Dekker, "A floating-point technique for extending the available precision",
// Numerische Mathematik 18 (1971). WebAssembly has no fused multiply-add, which would be quicker.

// 2^27 + 1: cuts a float into halves whose products are exact.
const CUTTER: f64 = 134217729

// What is left of a * b beside the nearest float, `product`. Of floats below 2^996.
// @ts-ignore: decorator
@inline
export function productRest(a: f64, b: f64, product: f64): f64 {
  const cutA = a * CUTTER
  const highA = cutA - (cutA - a)
  const lowA = a - highA
  const cutB = b * CUTTER
  const highB = cutB - (cutB - b)
  const lowB = b - highB
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB)
}

// What is left of a + b beside `sum`, where a is 0 or the larger.
// @ts-ignore: decorator
@inline
export function sumRest(a: f64, b: f64, sum: f64): f64 {
  return a - sum + b
}
