// What JavaScript's Math has, so that code gives the very bits that TypeScript gives. The engine calls
// these without JavaScript in between.

// @ts-ignore: decorator
@external('math', 'exp') declare function exp(x: f64): f64
// @ts-ignore: decorator
@external('math', 'log') declare function log(x: f64): f64
// @ts-ignore: decorator
@external('math', 'log10') declare function log10(x: f64): f64
// @ts-ignore: decorator
@external('math', 'pow') declare function pow(x: f64, y: f64): f64
// @ts-ignore: decorator
@external('math', 'cbrt') declare function cbrt(x: f64): f64
// @ts-ignore: decorator
@external('math', 'sin') declare function sin(x: f64): f64
// @ts-ignore: decorator
@external('math', 'cos') declare function cos(x: f64): f64
// @ts-ignore: decorator
@external('math', 'tan') declare function tan(x: f64): f64
// @ts-ignore: decorator
@external('math', 'asin') declare function asin(x: f64): f64
// @ts-ignore: decorator
@external('math', 'acos') declare function acos(x: f64): f64
// @ts-ignore: decorator
@external('math', 'atan') declare function atan(x: f64): f64
// @ts-ignore: decorator
@external('math', 'atan2') declare function atan2(y: f64, x: f64): f64

// @ts-ignore: decorator
@external('math', 'sinh') declare function sinh(x: f64): f64
// @ts-ignore: decorator
@external('math', 'cosh') declare function cosh(x: f64): f64
// @ts-ignore: decorator
@external('math', 'tanh') declare function tanh(x: f64): f64

export function floatExp(x: f64): f64 {
  return exp(x)
}
export function floatLn(x: f64): f64 {
  return log(x)
}
export function floatLog10(x: f64): f64 {
  return log10(x)
}
export function floatPower(x: f64, y: f64): f64 {
  return pow(x, y)
}
export function floatCbrt(x: f64): f64 {
  return cbrt(x)
}
export function floatSin(x: f64): f64 {
  return sin(x)
}
export function floatCos(x: f64): f64 {
  return cos(x)
}
export function floatTan(x: f64): f64 {
  return tan(x)
}
export function floatAsin(x: f64): f64 {
  return asin(x)
}
export function floatAcos(x: f64): f64 {
  return acos(x)
}
export function floatAtan(x: f64): f64 {
  return atan(x)
}
export function floatAtan2(y: f64, x: f64): f64 {
  return atan2(y, x)
}

export function floatSinh(x: f64): f64 {
  return sinh(x)
}
export function floatCosh(x: f64): f64 {
  return cosh(x)
}
export function floatTanh(x: f64): f64 {
  return tanh(x)
}
export function floatCot(x: f64): f64 {
  return 1 / tan(x)
}

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
