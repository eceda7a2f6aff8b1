// A number by a template of to_char, which comes as a program of bytes, see src/functions/math/to-char-inline.ts. What is
// written, and when, is the Writer's of src/functions/math/to-char.ts, which follows PostgreSQL's.
import { isSpecialNumeric, putDecimal, putNumeric } from '../decimal-text'
import { digitCount } from '../digits'
import { isWide } from '../numeric'
import { productRest } from '../floats/pairs'
import { cutDigits, POWERS_OF_FLOATS } from './rounding'
import { putOrdinalLetters } from './moments'
import { ELSEWHERE, put, size, start, written } from './views'

// The head of a program.
const PRE: usize = 0
const POST: usize = 1
const HAS: usize = 2
const ZERO_START: usize = 3
const ZERO_END: usize = 4
const SIGN_AT: usize = 5
const SHIFT: usize = 6
const HEAD_BYTES: usize = 7

// What a template has.
const FILL: u32 = 1
const POINT: u32 = 2
const ZERO: u32 = 4
const SIGN: u32 = 8
const BRACKET: u32 = 16
const PLUS: u32 = 32
const MINUS: u32 = 64

// Steps behind the head.
const LETTERS: u32 = 0
const NINE: u32 = 1
const ZERO_PLACE: u32 = 2
const POINT_PLACE: u32 = 3
const COMMA: u32 = 4
const CURRENCY: u32 = 5
const MINUS_SIGN: u32 = 6
const PLUS_SIGN: u32 = 7
const EITHER_SIGN: u32 = 8

const BEFORE: u32 = 1
const BEHIND: u32 = 2

const SPACE: u8 = 0x20
const DOT: u8 = 0x2e
const DIGIT_ZERO: u8 = 0x30
const HASH: u8 = 0x23
const DIGITS_MAX: i32 = 18
const WHOLE_MAX: f64 = 1e15
// Powers of ten that are exact as floats.
const FLOAT_SHIFT_MAX: usize = 22

// The walk; globals of this instance.
let has: u32 = 0
let pre: i32 = 0
let post: i32 = 0
let zeroAt: i32 = 0
let signAt: u32 = 0
let number: usize = 0
let numberEnd: usize = 0
let negative: bool = false
let fills: bool = false
let bracketed: bool = false
let signed: bool = false
let inNumber: bool = false
let ended: bool = false
let spaces: i32 = 0
let lastKept: i32 = -1
let usualEnd: i32 = 0
let place: i32 = 0
let at: i32 = 0
let out: usize = 0

// @ts-ignore: decorator
@inline
function letter(byte: u8): void {
  store<u8>(out++, byte)
}

// @ts-ignore: decorator
@inline
function blank(): void {
  if (!fills) letter(SPACE)
}

// Whether the number's only digit before the point is a 0 that is not shown.
function isHiddenZero(): bool {
  return (has & ZERO) == 0 && at == 0 && load<u8>(number) == DIGIT_ZERO && post != 0
}

function endsAtPoint(): bool {
  return lastKept >= 0 && load<u8>(number + <usize>lastKept) == DOT
}

function putSign(): void {
  if (has & SIGN) {
    if (signAt != BEFORE) return
    letter(negative ? 0x2d : 0x2b)
  } else if (bracketed) letter(negative ? 0x3c : SPACE)
  else if (negative) letter(0x2d)
  else blank()
  signed = true
}

function putEnd(): void {
  if (signed && bracketed) letter(negative ? 0x3e : SPACE)
  else if (has & SIGN && signAt == BEHIND) letter(negative ? 0x2d : 0x2b)
}

function putDigit(step: u32): void {
  const isEnd = number + <usize>at >= numberEnd
  const digit: u8 = isEnd ? 0 : load<u8>(number + <usize>at)
  if (digit == DOT) letter(DOT)
  else if (lastKept < 0 || at <= lastKept || step == ZERO_PLACE) {
    if (!isHiddenZero()) {
      if (isEnd) {
        ended = true
        return
      }
      letter(digit)
      inNumber = true
    } else if (!fills) letter(SPACE)
    else if (endsAtPoint()) letter(DIGIT_ZERO)
  }
  if (!isEnd) at++
}

function putPlace(step: u32): void {
  inNumber = false
  const begins = place >= spaces || zeroAt == place
  if (!signed && begins && (!isHiddenZero() || endsAtPoint())) putSign()
  if (place < spaces && zeroAt > place) blank()
  else if (place < spaces) {
    letter(DIGIT_ZERO)
    inNumber = true
  } else putDigit(step)
  if (ended) return
  const end = lastKept >= 0 && lastKept == at ? place : usualEnd
  if (place + 1 == end) putEnd()
  place++
}

// What stands behind the number as the first, second, where that is shown: in capitals (1), in small letters (2). Whether it
// ends in a digit.
function putOrdinal(suffix: u32): bool {
  if (negative || (has & POINT) != 0 || load<u8>(number) == HASH) return true
  const last = <u32>load<u8>(numberEnd - 1) - 48
  if (last > 9) return false
  const isTeen = numberEnd - number > 1 && load<u8>(numberEnd - 2) == 0x31
  out = putOrdinalLetters(last, isTeen, suffix, out)
  return true
}

// The last decimal that is not 0, or that a 0 of the template stands for; -1: without a point.
function lastRelevant(zeroEnd: i32): i32 {
  const count = <i32>(numberEnd - number)
  let point = 0
  while (point < count && load<u8>(number + <usize>point) != DOT) point++
  if (point == count) return -1
  let last = count - 1
  while (last > point && load<u8>(number + <usize>last) == DIGIT_ZERO) last--
  return zeroEnd > spaces ? max(last, min(count - 1, zeroEnd - spaces)) : last
}

// The same of a number of one word, which is put at an address.
function begin(program: usize, magnitude: u64, places: i32, scratch: usize): void {
  number = scratch
  numberEnd = putDecimal(magnitude, 0, <u32>places, scratch)
  beginNumber(program, places)
}

// Reads the head of the program for the number whose digits were put, with so many of them behind the point.
function beginNumber(program: usize, places: i32): void {
  has = <u32>load<u8>(program, HAS)
  pre = <i32>load<u8>(program, PRE)
  post = places
  signAt = <u32>load<u8>(program, SIGN_AT)
  zeroAt = has & ZERO ? <i32>load<u8>(program, ZERO_START) - 1 : i32.MAX_VALUE
  fills = (has & FILL) != 0
  const whole = <i32>(numberEnd - number) - (places > 0 ? places + 1 : 0)
  spaces = max(0, pre - whole)
  if (whole > pre) {
    const dot = number + <usize>pre
    numberEnd = dot + 1 + <usize>places
    for (let p = number; p < numberEnd; p++) store<u8>(p, p == dot ? DOT : HASH)
  }
  const isApart = (has & (PLUS | MINUS)) != 0
  bracketed = (has & BRACKET) != 0 && (isApart || negative || !fills)
  signed = isApart ? (has & MINUS) != 0 : !negative && fills && (has & SIGN) == 0
  lastKept = fills && (has & POINT) != 0 ? lastRelevant(<i32>load<u8>(program, ZERO_END)) : -1
  usualEnd = post + pre - 1 + i32(!signed && spaces == 0) + i32(spaces > 0) + i32((has & POINT) != 0)
  place = 0
  at = 0
  inNumber = false
  ended = false
}

// Walks over the steps, up to where a digit is wanted behind the last.
function walk(program: i64, target: usize): i64 {
  let p = start(program) + HEAD_BYTES
  const end = start(program) + size(program)
  out = target
  while (p < end && !ended) {
    const step = <u32>load<u8>(p++)
    if (step == LETTERS) {
      const count = <u32>load<u8>(p)
      out = put(out, p + 1, count)
      p += 1 + count
    } else if (step <= POINT_PLACE) putPlace(step)
    else if (step == COMMA) {
      if (inNumber) letter(0x2c)
      else blank()
    } else if (step == CURRENCY) letter(SPACE)
    else if (step == MINUS_SIGN) {
      if (negative) letter(0x2d)
      else blank()
    } else if (step == PLUS_SIGN) {
      if (!negative) letter(0x2b)
      else blank()
    } else if (step == EITHER_SIGN) letter(negative ? 0x2d : 0x2b)
    else if (!putOrdinal(step - EITHER_SIGN)) return ELSEWHERE
  }
  return written(target, out)
}

// An exact number with so many digits behind the point, -1 for a numeric that says them. The digits are put behind
// the `room` bytes at `target` that the text has at most.
export function exactTemplate(low: i64, high: i64, places: i32, program: i64, room: u32, target: usize): i64 {
  const head = start(program)
  if (places < 0 && isWide(high)) return longTemplate(low, high, places, program, room, target)
  const scale = (places < 0 ? <i32>(<u64>high >> 56) : places) - <i32>load<u8>(head, SHIFT)
  const upper = places < 0 ? (high << 8) >> 8 : high
  const wanted = <i32>load<u8>(head, POST)
  if (upper != low >> 63 || scale - wanted > DIGITS_MAX || wanted - scale > DIGITS_MAX) {
    return longTemplate(low, high, places, program, room, target)
  }
  let value = low
  if (scale >= wanted) value = cutDigits(low, scale - wanted, 0)
  else {
    for (let more = wanted - scale; more > 0; more--) {
      if (value > i64.MAX_VALUE / 10 || value < -(i64.MAX_VALUE / 10)) {
        return longTemplate(low, high, places, program, room, target)
      }
      value *= 10
    }
  }
  negative = value < 0
  begin(head, negative ? 0 - <u64>value : <u64>value, wanted, target + room)
  return walk(program, target)
}

// The same of a number of more than 64 bits: its text is rounded.
function longTemplate(low: i64, high: i64, places: i32, program: i64, room: u32, target: usize): i64 {
  const head = start(program)
  if (load<u8>(head, SHIFT) != 0 || (places < 0 && isSpecialNumeric(low, high))) return ELSEWHERE
  const wanted = <i32>load<u8>(head, POST)
  // Rounding may put a digit in front.
  const scratch = target + room + 1
  let end = places < 0 ? putNumeric(low, high, scratch) : putDecimal(low, high, <u32>places, scratch)
  const isWideView = places < 0 && isWide(high)
  const scale = places >= 0 ? places : isWideView ? <i32>load<u16>(<usize>(low & 0xffffffff)) : <i32>(<u64>high >> 56)
  negative = load<u8>(scratch) == 0x2d
  number = scratch + usize(negative)
  if (scale <= wanted) {
    if (scale == 0 && wanted > 0) store<u8>(end++, DOT)
    for (let more = wanted - scale; more > 0; more--) store<u8>(end++, DIGIT_ZERO)
    numberEnd = end
  } else {
    const kept = end - <usize>(scale - wanted)
    numberEnd = wanted == 0 ? kept - 1 : kept
    if (load<u8>(kept) >= 0x35) addLast()
  }
  if (negative && isAllZero()) negative = false
  beginNumber(head, wanted)
  return walk(program, target)
}

// Adds one to the last digit of the number's text.
function addLast(): void {
  for (let p = numberEnd - 1; p >= number; p--) {
    const digit = load<u8>(p)
    if (digit == DOT) continue
    if (digit != 0x39) return store<u8>(p, digit + 1)
    store<u8>(p, DIGIT_ZERO)
  }
  store<u8>(--number, 0x31)
}

function isAllZero(): bool {
  for (let p = number; p < numberEnd; p++) {
    const digit = load<u8>(p)
    if (digit != DIGIT_ZERO && digit != DOT) return false
  }
  return true
}

// A float, of which so many digits are shown at most: rounded by its exact value, halves to the even digit.
export function floatTemplate(value: f64, digits: i32, program: i64, room: u32, target: usize): i64 {
  const head = start(program)
  const shift = <usize>load<u8>(head, SHIFT)
  if (shift > FLOAT_SHIFT_MAX) return ELSEWHERE
  const whole = abs(value) * load<f64>(POWERS_OF_FLOATS + (shift << 3))
  if (!(whole < WHOLE_MAX)) return ELSEWHERE
  const integral = <u64>nearest(whole)
  const count = integral > 0xffffffff ? 10 + <i32>digitCount(<u32>(integral / 10_000_000_000)) : <i32>digitCount(<u32>integral)
  const places = max(0, min(<i32>load<u8>(head, POST), digits - count))
  const unit = load<f64>(POWERS_OF_FLOATS + (<usize>places << 3))
  const product = whole * unit
  const rest = productRest(whole, unit, product)
  let magnitude = <i64>nearest(product)
  const distance = product - <f64>magnitude
  // At a half of the product, what it leaves out decides.
  if (distance == 0.5 && rest > 0) magnitude++
  else if (distance == -0.5 && rest < 0) magnitude--
  negative = reinterpret<i64>(value) < 0
  begin(head, <u64>magnitude, places, target + room)
  return walk(program, target)
}
