// Decimals and numerics as text.
import { divideBillion, quotientHigh, quotientLow } from './decimal'
import { putDigits, putLast, putPoint } from './digits'
import { HEADER_BYTES, isWide } from './numeric'

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

// Bytes that putNumeric writes at most.
export function numericBytes(low: u64, high: i64): u32 {
  if (!isWide(high)) return 41 + <u32>(<u64>high >> 56)
  const at = <usize>(low & 0xffffffff)
  return <u32>max<i32>(load<i32>(at, 4), 0) + <u32>load<u16>(at) + 4
}

// A numeric of bytes of its own.
function putOwnBytes(view: u64, to: usize): usize {
  const at = <usize>(<u32>view)
  const bytes = <i32>(view >> 32) - <i32>HEADER_BYTES
  const places = <i32>load<u16>(at)
  const first = load<i32>(at, 4)
  if (load<u8>(at, 2) != 0) store<u8>(to++, 45)
  for (let power = max(first, 0); power >= -places; power--) {
    if (power == -1) store<u8>(to++, 46)
    const place = first - power
    let digit: u32 = 0
    if (place >= 0 && place >> 1 < bytes) {
      const pair = <u32>load<u8>(at + HEADER_BYTES + <usize>(place >> 1))
      digit = (place & 1) == 0 ? pair / 10 : pair % 10
    }
    store<u8>(to++, 48 + digit)
  }
  return to
}
