// Decimals and numerics as text.
import { divideBillion, quotientHigh, quotientLow } from './decimal'
import { putDigits, putLast, putPair, putPoint } from './digits'
import { HEADER_BYTES, isWide } from './numeric'
import { isSpecial, SPECIAL_EXPONENT } from './numeric-specials'

// A number of 128 bits with so many digits behind the point.
export function putDecimal(low: u64, high: i64, places: u32, to: usize): usize {
  if (high < 0) {
    store<u8>(to++, 45)
    low = 0 - low
    high = ~high + i64(low == 0)
  }
  const start = to + usize(places > 0)
  const end = high == 0 ? putDigits(low, start) : putMagnitude(low, <u64>high, start)
  return places == 0 ? end : putPoint(to, end, places)
}

// Nine digits at a time, of a magnitude of more than 64 bits.
function putMagnitude(low: u64, high: u64, to: usize): usize {
  const e = <u32>divideBillion(low, high)
  const d = <u32>divideBillion(quotientLow, quotientHigh)
  if (quotientHigh == 0) return putLast(e, 9, putLast(d, 9, putDigits(quotientLow, to)))
  const c = <u32>divideBillion(quotientLow, quotientHigh)
  return putLast(e, 9, putLast(d, 9, putLast(c, 9, putDigits(quotientLow, to))))
}

export function putNumeric(low: u64, high: i64, to: usize): usize {
  if (isWide(high)) return putOwnBytes(low, to)
  return putDecimal(low, (high << 8) >> 8, <u32>(<u64>high >> 56), to)
}

// Bytes of "-Infinity" with quotes, and those behind that are spoilt.
const SPECIAL_BYTES: u32 = 16

// "NaN", "Infinity" or "-Infinity".
function putSpecial(at: usize, to: usize): usize {
  if (load<i32>(at, 4) > SPECIAL_EXPONENT) {
    store<u32>(to, 0x004e_614e)
    return to + 3
  }
  if (load<u8>(at, 2) != 0) store<u8>(to++, 45)
  store<u64>(to, 0x7974_696e_6966_6e49)
  return to + 8
}

// Whether a numeric is no finite number.
export function isSpecialNumeric(low: u64, high: i64): bool {
  return isWide(high) && isSpecial(<usize>(low & 0xffffffff))
}

// Bytes that putNumeric writes at most.
export function numericBytes(low: u64, high: i64): u32 {
  if (!isWide(high)) return 41 + <u32>(<u64>high >> 56)
  const at = <usize>(low & 0xffffffff)
  if (isSpecial(at)) return SPECIAL_BYTES
  return <u32>max<i32>(load<i32>(at, 4), 0) + <u32>load<u16>(at) + 4
}

const ZERO: u8 = 48

// A numeric of bytes of its own: all digits side by side, then those before the point a byte back.
function putOwnBytes(view: u64, to: usize): usize {
  const at = <usize>(<u32>view)
  if (isSpecial(at)) return putSpecial(at, to)
  const bytes = <i32>(view >> 32) - <i32>HEADER_BYTES
  const places = <i32>load<u16>(at)
  const first = load<i32>(at, 4)
  if (load<u8>(at, 2) != 0) store<u8>(to++, 45)
  const whole = max(first, 0) + 1
  const from = to + usize(places > 0)
  const end = from + <usize>(whole + places)
  let next = from
  if (first < 0) {
    next = min(end, from + <usize>-first)
    memory.fill(from, ZERO, next - from)
  }
  let pair = at + HEADER_BYTES
  const pairs = pair + <usize>bytes
  for (; pair < pairs && next + 2 <= end; pair++, next += 2) putPair(<u32>load<u8>(pair), next)
  if (pair < pairs && next < end) store<u8>(next++, ZERO + load<u8>(pair) / 10)
  memory.fill(next, ZERO, end - next)
  if (places > 0) {
    memory.copy(to, from, <usize>whole)
    store<u8>(to + <usize>whole, 46)
  }
  return end
}
