const RADIAN: f64 = 3.141592653589793 / 180

export function floatDegrees(x: f64): f64 {
  return x / RADIAN
}
export function floatRadians(x: f64): f64 {
  return x * RADIAN
}

// The number of the bucket, of equal ones between two bounds, that a value falls in; -1 leaves what is no
// such question to TypeScript.
export function floatBucket(value: f64, low: f64, high: f64, count: i32): i32 {
  const isAsked = value == value && count > 0 && count < i32.MAX_VALUE && low != high
  if (!isAsked || !(abs(low) < Infinity) || !(abs(high) < Infinity)) return -1
  const ascending = low < high
  if (ascending ? value < low : value > low) return 0
  if (ascending ? value >= high : value <= high) return count + 1
  const bucket = floor((<f64>count * (value - low)) / (high - low))
  return bucket >= 0 && bucket <= <f64>count ? <i32>bucket + 1 : -1
}
