// 128-bit integers as (low, high) pairs. A kernel gives one word; the caller asks for each.

// @ts-ignore: decorator
@inline
export function unsignedHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff
  const a1 = a >> 32
  const b0 = b & 0xffffffff
  const b1 = b >> 32
  const low = a0 * b0
  const middle = a1 * b0 + (low >> 32)
  const cross = a0 * b1 + (middle & 0xffffffff)
  return a1 * b1 + (middle >> 32) + (cross >> 32)
}

// 10^38
const LIMIT_LOW: u64 = 0x098a224000000000
const LIMIT_HIGH: u64 = 0x4b3b4ca85a86c47a

// The high word of the product; i64.MIN_VALUE when its magnitude is 10^38 or more.
export function decimalMultiplyHigh(aLow: i64, aHigh: i64, bLow: i64, bHigh: i64): i64 {
  const negative = (aHigh ^ bHigh) < 0
  let a0 = <u64>aLow
  let a1 = <u64>aHigh
  if (aHigh < 0) {
    a1 = ~a1 + u64(a0 == 0)
    a0 = -a0
  }
  let b0 = <u64>bLow
  let b1 = <u64>bHigh
  if (bHigh < 0) {
    b1 = ~b1 + u64(b0 == 0)
    b0 = -b0
  }
  if (a1 != 0 && b1 != 0) return i64.MIN_VALUE
  if (unsignedHigh(a1, b0) != 0 || unsignedHigh(a0, b1) != 0) return i64.MIN_VALUE
  const cross = a1 * b0 + a0 * b1
  const carried = unsignedHigh(a0, b0)
  const high = cross + carried
  const low = a0 * b0
  if (high < carried || high > LIMIT_HIGH) return i64.MIN_VALUE
  if (high == LIMIT_HIGH && low >= LIMIT_LOW) return i64.MIN_VALUE
  return negative ? <i64>(~high + u64(low == 0)) : <i64>high
}

// What divideBillion left; globals of this instance, as functions return one value.
export let quotientLow: u64 = 0
export let quotientHigh: u64 = 0
const BILLION: u64 = 1_000_000_000

// Divides by 10^9, in digits of 32 bits; gives the remainder, and keeps the quotient.
export function divideBillion(low: u64, high: u64): u64 {
  const upper = high / BILLION
  const middle = ((high % BILLION) << 32) | (low >> 32)
  const rest = ((middle % BILLION) << 32) | (low & 0xffffffff)
  quotientHigh = upper
  quotientLow = ((middle / BILLION) << 32) | (rest / BILLION)
  return rest % BILLION
}
