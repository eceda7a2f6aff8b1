// CSV, stage 2: text, booleans and floats. Arguments as in csv-fields.ts.
import {
  addNull, addOdd, beginColumn, emptyIsNull, endColumn, hasNullStrings, isDigit, isNull, isPadded,
  isStrict, nullsFirst, quoteBytes, takeNull,
} from './csv-fields'

// Copies a quoted field's content (s behind the opening quote, e its end with the closing quote).
// Returns the end of the copy, or 0 when the closing quote is not at the end.
function unquote(s: usize, e: usize, to: usize, quote: u32): usize {
  const quotes = i8x16.splat(<i8>quote)
  while (s < e) {
    const block = v128.load(s)
    v128.store(to, block)
    const found = i8x16.bitmask(i8x16.eq(block, quotes))
    const run: usize = found == 0 ? 16 : <usize>ctz(found)
    if (s + run >= e) return 0
    s += run
    to += run
    if (found == 0) continue
    if (s + 1 == e) return to
    if (<u32>load<u8>(s, 1) != quote || s + 2 >= e) return 0
    // The first of two quotes was copied with the block.
    to++
    s += 2
  }
  return 0
}

/**
 * Text to offsets (rows + 1, relative to `base`) and bytes from `to` on. Needs as many bytes as the
 * fields have and 64 more. A field whose quotes are not in order is odd and comes out empty.
 */
export function csvTexts(
  position: usize, stride: usize, rows: i32, offsets: usize, to: usize, validity: usize, odd: usize,
  settings: usize,
): i32 {
  const base = to
  const quote = load<u32>(settings)
  const nullStrings = hasNullStrings(settings)
  const isEmptyNull = emptyIsNull(settings)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    store<u32>(offsets, to - base)
    offsets += 4
    if (s >= e) {
      if (isEmptyNull) addNull(validity, i)
      continue
    }
    if (<u32>load<u8>(s) == quote) {
      const end = unquote(s + 1, e, to, quote)
      if (end == 0) addOdd(i)
      else to = end
      continue
    }
    if (nullStrings && isNull(s, e, settings)) {
      addNull(validity, i)
      continue
    }
    const length = e - s
    v128.store(to, v128.load(s))
    if (length > 16) {
      v128.store(to, v128.load(s, 16), 16)
      v128.store(to, v128.load(s, 32), 32)
      if (length > 48) memory.copy(to + 48, s + 48, length - 48)
    }
    to += length
  }
  store<u32>(offsets, to - base)
  return endColumn(odd)
}

// 1 true, 0 false, -1 neither; PostgreSQL's whole words, any case.
function booleanAt(s: usize, e: usize, strict: bool): i32 {
  const length = e - s
  if (length == 1 && !strict) {
    const c = <u32>load<u8>(s)
    const lower = c | 32
    if (lower == 116 || lower == 121 || c == 49) return 1
    if (lower == 102 || lower == 110 || c == 48) return 0
    return -1
  }
  if (length == 4 && (load<u32>(s) | 0x20202020) == 0x65757274) return 1
  if (length == 5 && (load<u32>(s) | 0x20202020) == 0x736c6166 && (load<u8>(s, 4) | 32) == 101) {
    return 0
  }
  return -1
}

/** Booleans to a bitmap. */
export function csvBooleans(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
): i32 {
  const slow = nullsFirst(settings)
  const strict = isStrict(settings)
  let bits: u32 = 0
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    let value = slow ? -1 : booleanAt(s, e, strict)
    if (value < 0) {
      value = 0
      if (!takeNull(s, e, i, validity, settings)) {
        const quoted = quoteBytes(s, e, settings)
        value = booleanAt(s + quoted, e - quoted, strict)
        if (value < 0) {
          value = 0
          addOdd(i)
        }
      }
    }
    bits |= <u32>value << (i & 7)
    if ((i & 7) == 7) {
      store<u8>(to, <u8>bits)
      to++
      bits = 0
    }
  }
  if ((rows & 7) != 0) store<u8>(to, <u8>bits)
  return endColumn(odd)
}

const exactPowers = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
])

let productHigh: u64 = 0
let productLow: u64 = 0

function multiply(a: u64, b: u64): void {
  const al = a & 0xffffffff
  const ah = a >> 32
  const bl = b & 0xffffffff
  const bh = b >> 32
  const low = al * bl
  const middle = ah * bl + (low >> 32)
  const other = al * bh + (middle & 0xffffffff)
  productHigh = ah * bh + (middle >> 32) + (other >> 32)
  productLow = (other << 32) | (low & 0xffffffff)
}

let floatWell: bool = false
// An integer with more digits than a float holds surely.
let floatIsLong: bool = false

// mantissa * 10^exponent, rounded to nearest even (D. Lemire, "Number parsing at a gigabyte per
// second", 2021). `powers`: 128-bit truncated powers of five from 5^-342 to 5^308, high word first.
// Not floatWell: subnormal, infinite, or the product cannot decide.
function scaleByPower(mantissa: u64, exponent: i32, powers: usize): f64 {
  floatWell = true
  if (mantissa == 0) return 0
  if (mantissa <= 9007199254740992 && exponent >= -22 && exponent <= 22) {
    return exponent < 0
      ? <f64>mantissa / load<f64>(exactPowers + (<usize>-exponent << 3))
      : <f64>mantissa * load<f64>(exactPowers + (<usize>exponent << 3))
  }
  floatWell = false
  if (exponent < -342 || exponent > 308) return 0
  const zeros = clz(mantissa)
  const w = mantissa << zeros
  const entry = powers + (<usize>(exponent + 342) << 4)
  multiply(w, load<u64>(entry))
  let high = productHigh
  let low = productLow
  if ((high & 0x1ff) == 0x1ff) {
    multiply(w, load<u64>(entry, 8))
    low += productHigh
    if (productHigh > low) high++
    if (low == -1 && (exponent < -27 || exponent > 55)) return 0
  }
  const upper = high >> 63
  let bits = high >> (upper + 9)
  let power = <i32>((217706 * exponent) >> 16) + 63 + <i32>upper - <i32>zeros + 1023
  if (power <= 0) return 0
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << (upper + 9) == high) {
    bits &= ~1
  }
  bits += bits & 1
  bits >>= 1
  if (bits >= <u64>2 << 52) {
    bits = <u64>1 << 52
    power++
  }
  if (power >= 0x7ff) return 0
  floatWell = true
  return reinterpret<f64>((bits & ~(<u64>1 << 52)) | (<u64>power << 52))
}

function floatAt(s: usize, e: usize, powers: usize): f64 {
  floatWell = false
  floatIsLong = false
  if (s >= e) return 0
  const negative = load<u8>(s) == 45
  if (negative || load<u8>(s) == 43) s++
  let mantissa: u64 = 0
  let digits = 0
  let exponent = 0
  let seen = false
  let point = false
  for (; s < e; s++) {
    const c = <u32>load<u8>(s)
    if (isDigit(c)) {
      seen = true
      if (mantissa != 0 || c != 48) digits++
      if (digits > 19) return 0
      mantissa = mantissa * 10 + <u64>(c - 48)
      if (point) exponent--
    } else if (c == 46 && !point) {
      point = true
    } else {
      break
    }
  }
  if (!seen) return 0
  floatIsLong = s == e && !point && mantissa > 9007199254740992
  if (s < e) {
    if ((load<u8>(s) | 32) != 101) return 0
    s++
    if (s >= e) return 0
    const down = load<u8>(s) == 45
    if (down || load<u8>(s) == 43) s++
    if (s >= e || e - s > 4) return 0
    let written = 0
    for (; s < e; s++) {
      const c = <u32>load<u8>(s)
      if (!isDigit(c)) return 0
      written = written * 10 + <i32>(c - 48)
    }
    exponent += down ? -written : written
  }
  const value = scaleByPower(mantissa, exponent, powers)
  return negative ? -value : value
}

// A float of 32 bits must be rounded once: from 64 bits it is rounded a second time, which goes wrong
// where the first rounding made a tie. Ties, and what is subnormal or too large, are left to TypeScript.
@inline
function roundsToSingle(value: f64): bool {
  const isTie = (reinterpret<u64>(value) & 0x1fffffff) == 0x10000000
  const isNormal = value == 0 || abs(value) >= <f64>f32.MIN_NORMAL_VALUE
  return !isTie && isNormal && abs(<f32>value) <= f32.MAX_VALUE
}

@inline
function floats<T>(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  powers: usize,
): i32 {
  const slow = nullsFirst(settings)
  const strict = isStrict(settings)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    let value: f64 = 0
    if (slow) floatWell = false
    else value = floatAt(s, e, powers)
    if (strict && (floatIsLong || isPadded(s, e))) floatWell = false
    if (!floatWell) {
      value = 0
      if (!takeNull(s, e, i, validity, settings)) {
        const quoted = quoteBytes(s, e, settings)
        value = floatAt(s + quoted, e - quoted, powers)
        if (strict && (floatIsLong || isPadded(s + quoted, e - quoted))) floatWell = false
        if (!floatWell) {
          value = 0
          addOdd(i)
        }
      }
    }
    if (sizeof<T>() == 4 && !roundsToSingle(value)) {
      value = 0
      addOdd(i)
    }
    store<T>(to, <T>value)
    to += sizeof<T>()
  }
  return endColumn(odd)
}

/** Floats of `width` bytes: 4 or 8. */
export function csvFloats(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  width: i32, powers: usize,
): i32 {
  return width == 4
    ? floats<f32>(position, stride, rows, to, validity, odd, settings, powers)
    : floats<f64>(position, stride, rows, to, validity, odd, settings, powers)
}
