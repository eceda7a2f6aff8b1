// Digits of integers. What writes here and in decimal-text.ts, moment-text.ts and float-text.ts takes the address
// last, and gives the end.

const EIGHT_DIGITS: u64 = 100_000_000

const PAIRS: usize = memory.data<u8>([
  0x30, 0x30, 0x30, 0x31, 0x30, 0x32, 0x30, 0x33, 0x30, 0x34, 0x30, 0x35, 0x30, 0x36, 0x30, 0x37,
  0x30, 0x38, 0x30, 0x39, 0x31, 0x30, 0x31, 0x31, 0x31, 0x32, 0x31, 0x33, 0x31, 0x34, 0x31, 0x35,
  0x31, 0x36, 0x31, 0x37, 0x31, 0x38, 0x31, 0x39, 0x32, 0x30, 0x32, 0x31, 0x32, 0x32, 0x32, 0x33,
  0x32, 0x34, 0x32, 0x35, 0x32, 0x36, 0x32, 0x37, 0x32, 0x38, 0x32, 0x39, 0x33, 0x30, 0x33, 0x31,
  0x33, 0x32, 0x33, 0x33, 0x33, 0x34, 0x33, 0x35, 0x33, 0x36, 0x33, 0x37, 0x33, 0x38, 0x33, 0x39,
  0x34, 0x30, 0x34, 0x31, 0x34, 0x32, 0x34, 0x33, 0x34, 0x34, 0x34, 0x35, 0x34, 0x36, 0x34, 0x37,
  0x34, 0x38, 0x34, 0x39, 0x35, 0x30, 0x35, 0x31, 0x35, 0x32, 0x35, 0x33, 0x35, 0x34, 0x35, 0x35,
  0x35, 0x36, 0x35, 0x37, 0x35, 0x38, 0x35, 0x39, 0x36, 0x30, 0x36, 0x31, 0x36, 0x32, 0x36, 0x33,
  0x36, 0x34, 0x36, 0x35, 0x36, 0x36, 0x36, 0x37, 0x36, 0x38, 0x36, 0x39, 0x37, 0x30, 0x37, 0x31,
  0x37, 0x32, 0x37, 0x33, 0x37, 0x34, 0x37, 0x35, 0x37, 0x36, 0x37, 0x37, 0x37, 0x38, 0x37, 0x39,
  0x38, 0x30, 0x38, 0x31, 0x38, 0x32, 0x38, 0x33, 0x38, 0x34, 0x38, 0x35, 0x38, 0x36, 0x38, 0x37,
  0x38, 0x38, 0x38, 0x39, 0x39, 0x30, 0x39, 0x31, 0x39, 0x32, 0x39, 0x33, 0x39, 0x34, 0x39, 0x35,
  0x39, 0x36, 0x39, 0x37, 0x39, 0x38, 0x39, 0x39,
])

// Two digits of a number below 100.
@inline export function putPair(value: u32, to: usize): void {
  store<u16>(to, load<u16>(PAIRS + (<usize>value << 1)))
}

// How many digits a number has; 0 has one.
export function digitCount(value: u32): u32 {
  const few = 1 + u32(value >= 10) + u32(value >= 100) + u32(value >= 1000) + u32(value >= 10000)
  const more = u32(value >= 100000) + u32(value >= 1000000) + u32(value >= 10000000)
  return few + more + u32(value >= 100000000) + u32(value >= 1000000000)
}

// The last `count` digits of a number, zeros in front among them.
export function putLast(value: u32, count: u32, to: usize): usize {
  const end = to + <usize>count
  let at = end
  while (at > to + 1) {
    const rest = value / 100
    at -= 2
    putPair(value - rest * 100, at)
    value = rest
  }
  if (at > to) store<u8>(to, 48 + (value % 10))
  return end
}

// A number without zeros in front. Division of 64 bits is slow: there are as few as may be.
export function putDigits(value: u64, to: usize): usize {
  if (value <= 0xffffffff) return putLast(<u32>value, digitCount(<u32>value), to)
  const upper = value / EIGHT_DIGITS
  const end = putDigits(upper, to)
  const lower = <u32>(value - upper * EIGHT_DIGITS)
  putFour(lower / 10000, end)
  putFour(lower % 10000, end + 4)
  return end + 8
}

@inline function putFour(value: u32, to: usize): void {
  putPair(value / 100, to)
  putPair(value % 100, to + 2)
}

// The eight digits of a number below 100,000,000 as bytes, the first one the lowest: halves, then pairs, then digits side by
// side in one word.
@inline export function eightDigits(value: u32): u64 {
  // Divided by 10,000, as a product.
  const upper = <u32>((<u64>value * 3518437209) >> 45)
  const halves = <u64>upper | (<u64>(value - upper * 10000) << 32)
  const hundreds = ((halves * 10486) >> 20) & 0x0000007f0000007f
  const pairs = hundreds + ((halves - hundreds * 100) << 16)
  const tens = ((pairs * 103) >> 10) & 0x000f000f000f000f
  return tens + ((pairs - tens * 10) << 8)
}

export const DIGITS: u64 = 0x3030303030303030

// Bits of the zeros in front of eight digits, the last of which is none.
@inline export function leadingBits(digits: u64): u64 {
  return ctz(digits | 0x0100000000000000) & ~7
}

// A number below 100,000,000; eight bytes are written, however many digits it has.
@inline export function putShort(value: u32, to: usize): usize {
  const digits = eightDigits(value)
  const bits = leadingBits(digits)
  store<u64>(to, (digits | DIGITS) >> bits)
  return to + 8 - <usize>(bits >> 3)
}

// No byte is written behind those that numbers of the type take at most.
export function putInteger(value: i64, to: usize): usize {
  let size = <u64>value
  if (value < 0) {
    store<u8>(to++, 45)
    size = 0 - size
  }
  if (size < EIGHT_DIGITS) return putShort(<u32>size, to)
  const upper = size / EIGHT_DIGITS
  const end = upper < EIGHT_DIGITS ? putShort(<u32>upper, to) : putDigits(upper, to)
  store<u64>(end, eightDigits(<u32>(size - upper * EIGHT_DIGITS)) | DIGITS)
  return end + 8
}

// Puts a point in front of the last `places` digits of those that end at `end`, and zeros in front of them, so that
// there is a digit before the point. In front of the digits a byte is free, at `from`: few numbers have many digits
// before the point, and reading what was just written is slow.
export function putPoint(from: usize, end: usize, places: u32): usize {
  const first = from + 1
  const count = <u32>(end - first)
  if (count > places) {
    const point = end - <usize>places - 1
    for (let at = from; at < point; at++) store<u8>(at, load<u8>(at + 1))
    store<u8>(point, 46)
    return end
  }
  const zeros = <usize>(places - count)
  const target = first + 1 + zeros
  for (let at = <usize>count; at > 0; at--) store<u8>(target + at - 1, load<u8>(first + at - 1))
  store<u8>(from, 48)
  store<u8>(first, 46)
  for (let at = first + 1; at < target; at++) store<u8>(at, 48)
  return end + zeros + 1
}

const HEX: usize = memory.data<u8>([
  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102,
])

// The last `count` digits of a number in hexadecimal.
export function putHex(value: u64, count: u32, to: usize): usize {
  for (let shift = (<i32>count << 2) - 4; shift >= 0; shift -= 4) {
    store<u8>(to++, load<u8>(HEX + (<usize>(value >> shift) & 15)))
  }
  return to
}
