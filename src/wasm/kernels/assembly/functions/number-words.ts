// Numbers by templates of to_char that show them otherwise than digit by digit: with an exponent (EEEE), or as Roman numerals
// (RN). What is written is told by src/functions/math/to-char.ts, which follows PostgreSQL's.
import { digitCount, putDigits } from '../digits'
import { findShortest, shortestDigits, shortestPower } from '../float-text'
import { productRest } from '../floats/pairs'
import { isWide } from '../numeric'
import { cutDigits, POWERS_OF_FLOATS } from './rounding'
import { ELSEWHERE, put, size, start, written } from './views'

const DIGITS_MAX: i32 = 18
const EIGHTEEN_DIGITS: u64 = 1_000_000_000_000_000_000
// Floats have so many digits as they are written; of more all that is behind the point counts.
const FLOAT_DIGITS_MAX: u32 = 15
// What is nearer to zero has fewer digits.
const NORMAL_MIN: f64 = 1e-290
const EXACT_POWER_MAX: i32 = 22
// Integers below have no other one beside them that reads back as the same float.
const INTEGERS_MAX: f64 = 9_007_199_254_740_992

// ------------------------------------------------------------------ exponents
// How halves are rounded: away from zero, and of a carry two digits stay before the point, as numerics do; to the even digit,
// as C's printf does.
const AWAY: i32 = 0

function powerOfTen(digits: i32): u64 {
  let unit: u64 = 1
  for (let left = digits; left > 0; left--) unit *= 10
  return unit
}

function countOf(value: u64): i32 {
  if (value >= EIGHTEEN_DIGITS) return value >= EIGHTEEN_DIGITS * 10 ? 20 : 19
  const upper = value / 1_000_000_000
  return upper > 0 ? 9 + <i32>digitCount(<u32>upper) : <i32>digitCount(<u32>value)
}

// Puts a number of which digits are shown, with zeros behind them up to `places` behind the point.
function putScientific(negative: bool, shown: u64, zeros: i32, places: i32, exponent: i32, target: usize): i64 {
  store<u8>(target, negative ? 45 : 32)
  // A byte is free for the point.
  const first = target + 1
  let end = putDigits(shown, first + 1)
  for (let left = zeros; left > 0; left--) store<u8>(end++, 48)
  const point = places > 0 ? end - <usize>places - 1 : end - 1
  for (let at = first; at < point; at++) store<u8>(at, load<u8>(at + 1))
  if (places > 0) store<u8>(point, 46)
  else end--
  store<u8>(end, 101)
  store<u8>(end, exponent < 0 ? 45 : 43, 1)
  end += 2
  const size = abs(exponent)
  if (size < 10) store<u8>(end++, 48)
  return written(target, putDigits(<u64>size, end))
}

// An exact number of so many digits behind the point, -1 for a numeric that says them, with `places` shown.
export function exactScientific(low: i64, high: i64, digits: i32, places: i32, halves: i32, target: usize): i64 {
  if (digits < 0 && isWide(high)) return ELSEWHERE
  const scale = digits < 0 ? <i32>(<u64>high >> 56) : digits
  const upper = digits < 0 ? (high << 8) >> 8 : high
  if (upper != low >> 63) return ELSEWHERE
  const magnitude = low < 0 ? 0 - <u64>low : <u64>low
  const count = countOf(magnitude)
  const exponent = magnitude == 0 ? 0 : count - 1 - scale
  const cut = count - places - 1
  if (cut <= 0) return putScientific(low < 0, magnitude, -cut, places, exponent, target)
  const unit = powerOfTen(cut)
  let shown = magnitude / unit
  const rest = magnitude - shown * unit
  const half = unit >> 1
  if (rest > half || (rest == half && (halves == AWAY || (shown & 1) != 0))) shown++
  if (halves == AWAY || countOf(shown) == places + 1) return putScientific(low < 0, shown, 0, places, exponent, target)
  return putScientific(low < 0, shown / 10, 0, places, exponent + 1, target)
}

// A float. Its shortest digits are rounded instead of all that it has: they are as near to it as a half of their last digit, so
// that only where they end at a half it counts what the float has behind them.
export function floatScientific(value: f64, places: i32, target: usize): i64 {
  const magnitude = abs(value)
  const negative = reinterpret<i64>(value) < 0
  if (magnitude == 0) return putScientific(negative, 0, places, places, 0, target)
  if (!(magnitude >= NORMAL_MIN && magnitude < Infinity) || <u32>places >= FLOAT_DIGITS_MAX) return ELSEWHERE
  findShortest(magnitude)
  const count = countOf(shortestDigits)
  const exponent = shortestPower + count - 1
  const cut = count - places - 1
  if (cut <= 0) return putScientific(negative, shortestDigits, -cut, places, exponent, target)
  const unit = powerOfTen(cut)
  let shown = shortestDigits / unit
  const rest = shortestDigits - shown * unit
  const half = unit >> 1
  if (rest == half) {
    if (!isShortestExact(magnitude)) return ELSEWHERE
    shown += shown & 1
  } else shown += u64(rest > half)
  if (countOf(shown) == places + 1) return putScientific(negative, shown, 0, places, exponent, target)
  return putScientific(negative, shown / 10, 0, places, exponent + 1, target)
}

// Whether the shortest digits are all that a float has.
function isShortestExact(value: f64): bool {
  if (shortestPower >= 0) return value < INTEGERS_MAX
  if (-shortestPower > EXACT_POWER_MAX) return false
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>(-shortestPower) << 3))
  const product = value * unit
  return product == <f64>shortestDigits && productRest(value, unit, product) == 0
}

// ------------------------------------------------------------------ Roman numerals
const LETTERS: u32 = 0
const FILLED: u32 = 1
const SMALL: u32 = 2
const ROMAN_MAX: i64 = 3_999
const ROMAN_WIDTH: usize = 15
const HASHES: u64 = 0x2323232323232323
const SPACES: u64 = 0x2020202020202020

// 1000, 900, 500 and so on, each with its letters, the first of them lowest.
const NUMERALS: usize = memory.data<u32>([
  1000, 0x4d, 900, 0x4d43, 500, 0x44, 400, 0x4443, 100, 0x43, 90, 0x4358, 50, 0x4c, 40, 0x4c58, 10, 0x58, 9, 0x5849, 5, 0x56, 4, 0x5649,
  1, 0x49,
])
const NUMERAL_BYTES: usize = 8

function putNumerals(value: u32, at: usize): usize {
  for (let numeral = NUMERALS; value > 0; numeral += NUMERAL_BYTES) {
    const step = load<u32>(numeral)
    const letters = load<u32>(numeral, 4)
    for (; value >= step; value -= step) {
      store<u16>(at, <u16>letters)
      at += letters > 0xff ? 2 : 1
    }
  }
  return at
}

// Numerals at the end of 15 characters, or as many as there are.
function putRoman(value: i64, form: u32, at: usize): usize {
  const isShown = value >= 1 && value <= ROMAN_MAX
  if (!isShown) {
    store<u64>(at, HASHES)
    store<u64>(at, HASHES, 7)
    return at + ROMAN_WIDTH
  }
  store<u64>(at, SPACES)
  store<u64>(at, SPACES, 8)
  const room = at + ROMAN_WIDTH + 1
  const end = putNumerals(<u32>value, room)
  const bytes = end - room
  if ((form & SMALL) != 0) for (let p = room; p < end; p++) store<u8>(p, load<u8>(p) | 0x20)
  const target = (form & FILLED) != 0 ? at + ROMAN_WIDTH - bytes : at
  memory.copy(target, room, bytes)
  return target + bytes
}

function walk(value: i64, program: i64, target: usize): i64 {
  let p = start(program)
  const end = p + size(program)
  let at = target
  while (p < end) {
    const step = <u32>load<u8>(p++)
    const operand = <u32>load<u8>(p++)
    if (step == LETTERS) {
      at = put(at, p, operand)
      p += operand
    } else at = putRoman(value, operand, at)
  }
  return written(target, at)
}

// An exact number as an integer of 32 bits, which it has to be.
export function exactRoman(low: i64, high: i64, digits: i32, program: i64, target: usize): i64 {
  if (digits < 0 && isWide(high)) return ELSEWHERE
  const scale = digits < 0 ? <i32>(<u64>high >> 56) : digits
  const upper = digits < 0 ? (high << 8) >> 8 : high
  if (upper != low >> 63 || scale > DIGITS_MAX) return ELSEWHERE
  const value = cutDigits(low, scale, 0)
  return <i64>(<i32>value) == value ? walk(value, program, target) : ELSEWHERE
}

// A float, rounded to the nearest integer, of two the even one; what has no numeral, NaN included, is shown as such.
export function floatRoman(value: f64, program: i64, target: usize): i64 {
  const whole = nearest(value)
  return walk(whole >= 1 && whole <= <f64>ROMAN_MAX ? <i64>whole : 0, program, target)
}
