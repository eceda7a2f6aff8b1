// The shortest text that reads back as the same float, as PostgreSQL writes it: U. Adams, "Ryu: fast float-to-string
// conversion" (2018), with bounds that do not count as the float, as in PostgreSQL's d2s.c.
import { unsignedHigh } from './decimal'
import { putDigits, putPoint } from './digits'
import { INVERSES, POWERS } from './powers-of-five'

// Bits of the powers in the tables.
const INVERSE_BITS: i32 = 122
const POWER_BITS: i32 = 121

// Digits and their power of ten; globals of this instance, as functions return one value.
let digits: u64 = 0
let power: i32 = 0
// The bounds of what reads back as the float.
let above: u64 = 0
let below: u64 = 0

@inline function bitsOfPower5(e: i32): i32 {
  return <i32>((<u32>e * 1217359) >> 19) + 1
}

// (m * factor) >> shift, where the factor has two words.
function multiplyShift(m: u64, factor: usize, shift: i32): u64 {
  const upper = load<u64>(factor, 8)
  const low = m * upper
  const carried = unsignedHigh(m, load<u64>(factor))
  const sum = low + carried
  const high = unsignedHigh(m, upper) + u64(sum < low)
  const rest = <u64>(shift - 64)
  return rest == 0 ? sum : (high << (64 - rest)) | (sum >> rest)
}

function isMultipleOf5(value: u64, times: u32): bool {
  for (; times > 0; times--) {
    if (value % 5 != 0) return false
    value /= 5
  }
  return true
}

// Finds the shortest digits of m2 * 2^e2, of which the float below is half as far where `narrow` is 0.
function shorten(m2: u64, e2: i32, narrow: u64): void {
  const mv = m2 << 2
  let exact = false
  let vr: u64 = 0
  if (e2 >= 0) {
    const q = <i32>((<u32>e2 * 78913) >> 18) - i32(e2 > 3)
    const shift = q - e2 + INVERSE_BITS + bitsOfPower5(q) - 1
    power = q
    vr = scale(mv, narrow, INVERSES + (<usize>q << 4), shift)
    if (q <= 21) {
      if (mv % 5 == 0) exact = isMultipleOf5(mv, q)
      else above -= u64(isMultipleOf5(mv + 2, q))
    }
  } else {
    const q = <i32>((<u32>(-e2) * 732923) >> 20) - i32(e2 < -1)
    const i = -e2 - q
    power = q + e2
    vr = scale(mv, narrow, POWERS + (<usize>i << 4), q - bitsOfPower5(i) + POWER_BITS)
    if (q <= 1) {
      exact = true
      above--
    } else if (q < 63) exact = (mv & ((<u64>1 << <u64>(q - 1)) - 1)) == 0
  }
  let last: u32 = 0
  for (;;) {
    const aboveTenth = above / 10
    const belowTenth = below / 10
    if (aboveTenth <= belowTenth) break
    exact = exact && last == 0
    const tenth = vr / 10
    last = <u32>(vr - tenth * 10)
    vr = tenth
    above = aboveTenth
    below = belowTenth
    power++
  }
  // Exactly half is rounded to even.
  if (exact && last == 5 && (vr & 1) == 0) last = 4
  digits = vr + u64(vr == below || last >= 5)
}

function scale(mv: u64, narrow: u64, factor: usize, shift: i32): u64 {
  above = multiplyShift(mv + 2, factor, shift)
  below = multiplyShift(mv - 1 - narrow, factor, shift)
  return multiplyShift(mv, factor, shift)
}

// Bytes that a text has at most.
export const FLOAT_BYTES: u32 = 25

// Writes a float8, or a float4 as such; gives the end.
export function putFloat(value: f64, single: bool, to: usize): usize {
  if (value != value) {
    // "NaN"
    store<u32>(to, 0x4e614e)
    return to + 3
  }
  const bits = reinterpret<u64>(value)
  if (bits >> 63 != 0) store<u8>(to++, 45)
  if (abs(value) == Infinity) {
    // "Infinity"
    store<u64>(to, 0x7974696e69666e49)
    return to + 8
  }
  if (value == 0) {
    store<u8>(to, 48)
    return to + 1
  }
  if (single) {
    const word = reinterpret<u32>(<f32>value)
    unpack(<u64>word & 0x7fffff, <i32>((word >> 23) & 0xff), 23, 127)
  } else unpack(bits & 0xfffffffffffff, <i32>((bits >> 52) & 0x7ff), 52, 1023)
  while (digits % 10 == 0) {
    digits /= 10
    power++
  }
  return putShortest(single ? 6 : 15, to)
}

function unpack(mantissa: u64, exponent: i32, mantissaBits: i32, bias: i32): void {
  const narrow = u64(mantissa != 0 || exponent <= 1)
  const base = -bias - mantissaBits - 2
  if (exponent == 0) shorten(mantissa, 1 + base, narrow)
  else shorten(mantissa | (<u64>1 << <u64>mantissaBits), exponent + base, narrow)
}

// Numbers of at least `precision` digits before the point, and very small ones, have an exponent.
function putShortest(precision: i32, to: usize): usize {
  const start = to
  to = putDigits(digits, to)
  const count = <i32>(to - start)
  const exponent = power + count - 1
  if (exponent < -4 || exponent >= precision) {
    if (count > 1) {
      memory.copy(start + 2, start + 1, <usize>count - 1)
      store<u8>(start, 46, 1)
      to++
    }
    // "e", its sign, two digits at least
    store<u8>(to, 101)
    store<u8>(to, exponent < 0 ? 45 : 43, 1)
    to += 2
    const size = <u64>(exponent < 0 ? -exponent : exponent)
    if (size < 10) store<u8>(to++, 48)
    return putDigits(size, to)
  }
  if (power < 0) return putPoint(start, to, <u32>(-power))
  memory.fill(to, 48, <usize>power)
  return to + <usize>power
}
