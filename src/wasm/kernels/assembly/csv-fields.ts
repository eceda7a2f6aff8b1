// CSV, stage 2: typed parsers, one column at a time. Common arguments: `position` is the address of
// the index entry that ends the first row's field (the entry before it is where the field begins),
// `stride` the bytes to the next row's entry. `validity` is all ones on entry, NULLs clear their bit.
// `settings`: u32 quote (256: none), u32 flags, u32 count of NULL strings, then 32 bytes each: u32
// length and the bytes. Fields that are not of the fast form and not NULL are listed by row in
// `odd` (from its second u32 on; the first is the number of NULLs) and their number is returned:
// TypeScript parses them or says what is wrong. A NULL's or odd field's slot holds 0.
const EMPTY_IS_NULL: u32 = 1
const HAS_NULL_STRINGS: u32 = 2
// A NULL string that a fast parser would take for a value.
const NULLS_FIRST: u32 = 4
// The types come from a sample: numbers with zeros in front are odd (they are codes), and so are
// booleans of one letter or digit.
const STRICT: u32 = 8

// The NULLs of the column under work, and where its next odd row is listed.
let nulls: u32 = 0
let oddEnd: usize = 0

export function beginColumn(odd: usize): void {
  nulls = 0
  oddEnd = odd + 4
}

export function endColumn(odd: usize): i32 {
  store<u32>(odd, nulls)
  return <i32>((oddEnd - odd - 4) >> 2)
}

export function addNull(validity: usize, row: i32): void {
  nulls++
  const at = validity + (<usize>row >> 3)
  store<u8>(at, <u8>(<u32>load<u8>(at) & ~((<u32>1) << (row & 7))))
}

export function addOdd(row: i32): void {
  store<u32>(oddEnd, row)
  oddEnd += 4
}

export function emptyIsNull(settings: usize): bool {
  return (load<u32>(settings, 4) & EMPTY_IS_NULL) != 0
}

/** Whether fields must be compared with the NULL strings before they are parsed. */
export function nullsFirst(settings: usize): bool {
  return (load<u32>(settings, 4) & NULLS_FIRST) != 0
}

export function isStrict(settings: usize): bool {
  return (load<u32>(settings, 4) & STRICT) != 0
}

export function hasNullStrings(settings: usize): bool {
  return (load<u32>(settings, 4) & HAS_NULL_STRINGS) != 0
}

/** Whether a number has a zero in front of its first digit. Reads two bytes behind its sign. */
@inline
export function isPadded(s: usize, e: usize): bool {
  const first = load<u8>(s)
  s += <usize>(first == 45 || first == 43)
  return e - s > 1 && load<u8>(s) == 48 && <u32>load<u8>(s, 1) - 48 < 10
}

export function isNull(s: usize, e: usize, settings: usize): bool {
  if (s >= e) return emptyIsNull(settings)
  return (load<u32>(settings, 4) & HAS_NULL_STRINGS) != 0 && isNullString(s, e - s, settings)
}

function isNullString(s: usize, length: usize, settings: usize): bool {
  const count = load<u32>(settings, 8)
  for (let k: u32 = 0; k < count; k++) {
    const entry = settings + 12 + (<usize>k << 5)
    if (load<u32>(entry) != length) continue
    let same = true
    for (let i: usize = 0; i < length; i++) same = same && load<u8>(s + i) == load<u8>(entry + 4 + i)
    if (same) return true
  }
  return false
}

/** Whether a field is NULL; its row is marked then. */
export function takeNull(s: usize, e: usize, row: i32, validity: usize, settings: usize): bool {
  if (!isNull(s, e, settings)) return false
  addNull(validity, row)
  return true
}

/** 1 when the field is quoted: so many bytes at both its ends are not content. */
@inline
export function quoteBytes(s: usize, e: usize, settings: usize): usize {
  return <usize>(<u32>load<u8>(s) == load<u32>(settings) && e - s > 1)
}

// Nonzero when one of eight bytes is not a digit.
@inline
export function notDigits(y: u64): u64 {
  return (
    ((y & 0xf0f0f0f0f0f0f0f0) ^ 0x3030303030303030) |
    (((y + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) ^ 0x3030303030303030)
  )
}

// Eight digits in reading order, first in the lowest byte.
@inline
export function digits8(x: u64): u64 {
  x = ((x & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8
  x = ((x & 0x00ff00ff00ff00ff) * 6553601) >> 16
  return ((x & 0x0000ffff0000ffff) * 42949672960001) >> 32
}

// The `length` (1 to 8) bytes at s, right-aligned, zeros in front.
@inline
export function aligned8(s: usize, length: u64): u64 {
  return rightAligned(load<u64>(s), length)
}

// The first `length` (1 to 8) of eight bytes, right-aligned, zeros in front.
@inline
function rightAligned(bytes: u64, length: u64): u64 {
  return (bytes << (64 - (length << 3))) | ((<u64>0x3030303030303030 >> 1) >> ((length << 3) - 1))
}

@inline
export function isDigit(c: u32): bool {
  return c - 48 < 10
}

// What the scalar parsers leave: whether the text was of their form, and a fraction's digits.
let parsedWell: bool = false
let parsedScale: i32 = 0

// One to 19 digits with a sign.
function parseInteger(s: usize, e: usize): i64 {
  parsedWell = false
  if (s >= e) return 0
  const negative = load<u8>(s) == 45
  if (negative || load<u8>(s) == 43) s++
  const length = <u64>(e - s)
  if (length - 1 > 18) return 0
  let value: u64 = 0
  if (length <= 16) {
    let x = aligned8(e - <usize>min<u64>(length, 8), min<u64>(length, 8))
    let wrong = notDigits(x)
    value = digits8(x)
    if (length > 8) {
      x = aligned8(s, length - 8)
      wrong |= notDigits(x)
      value += digits8(x) * 100000000
    }
    parsedWell = wrong == 0
  } else {
    for (; s < e; s++) {
      const digit = <u32>load<u8>(s) - 48
      if (digit > 9) return 0
      value = value * 10 + digit
    }
    // 19 digits fit in 64 unsigned bits.
    parsedWell = value <= <u64>i64.MAX_VALUE + <u64>negative
  }
  return negative ? -(<i64>value) : <i64>value
}

// `strict` is a constant where this is inlined, so that a column's loop does without what it doesn't ask.
@inline
function integers<T>(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  strict: bool,
): i32 {
  const slow = <u64>nullsFirst(settings)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    const negative = <u64>(load<u8>(s) == 45)
    const length = <u64>(e - s) - negative
    const bytes = load<u64>(s + <usize>negative)
    const x = rightAligned(bytes, length)
    // A zero and a byte of the digits' row behind it.
    const padded = strict ? <u64>((<u32>bytes & 0xf0ff) == 0x3030) : 0
    // int2 may overflow in eight digits, the wider types may not.
    const wrong = slow | padded | <u64>(length - 1 > (sizeof<T>() == 2 ? 3 : 7)) | notDigits(x)
    let value = <i64>((digits8(x) ^ (0 - negative)) + negative)
    if (wrong != 0) {
      value = 0
      if (!takeNull(s, e, i, validity, settings)) {
        const quoted = quoteBytes(s, e, settings)
        value = parseInteger(s + quoted, e - quoted)
        parsedWell = parsedWell && (!strict || !isPadded(s + quoted, e - quoted))
        if (!parsedWell || <i64>(<T>value) != value) {
          value = 0
          addOdd(i)
        }
      }
    }
    store<T>(to, <T>value)
    to += sizeof<T>()
  }
  return endColumn(odd)
}

/** Integers of `width` bytes: 2, 4 or 8. */
export function csvIntegers(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  width: i32,
): i32 {
  if (isStrict(settings)) {
    if (width == 2) return integers<i16>(position, stride, rows, to, validity, odd, settings, true)
    if (width == 4) return integers<i32>(position, stride, rows, to, validity, odd, settings, true)
    return integers<i64>(position, stride, rows, to, validity, odd, settings, true)
  }
  if (width == 2) return integers<i16>(position, stride, rows, to, validity, odd, settings, false)
  if (width == 4) return integers<i32>(position, stride, rows, to, validity, odd, settings, false)
  return integers<i64>(position, stride, rows, to, validity, odd, settings, false)
}

const powersOfTen = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
  100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
  10000000000000000, 100000000000000000, 1000000000000000000,
])

@inline
function powerOfTen(exponent: i32): i64 {
  return load<i64>(powersOfTen + (<usize>exponent << 3))
}

// Sign, digits, perhaps a point and digits: at most 18 digits in all. The unscaled value.
function parseFixed(s: usize, e: usize): i64 {
  parsedWell = false
  parsedScale = 0
  if (s >= e) return 0
  const negative = load<u8>(s) == 45
  if (negative || load<u8>(s) == 43) s++
  let value: i64 = 0
  let count = 0
  let point: usize = 0
  for (; s < e; s++) {
    const c = <u32>load<u8>(s)
    if (isDigit(c)) {
      value = value * 10 + <i64>(c - 48)
      count++
      if (count > 18) return 0
    } else if (c == 46 && point == 0) {
      point = s + 1
    } else {
      return 0
    }
  }
  parsedWell = count > 0
  parsedScale = point == 0 ? 0 : <i32>(e - point)
  return negative ? -value : value
}

// To another scale, halves away from zero; parsedWell tells whether it fits under the limit.
function rescale(value: i64, scale: i32, limit: i64): i64 {
  let scaled = value
  if (parsedScale > scale) {
    const power = powerOfTen(parsedScale - scale)
    const rest = value % power
    scaled = value / power
    if ((rest < 0 ? -rest : rest) >= power - (rest < 0 ? -rest : rest)) scaled += value < 0 ? -1 : 1
  } else if (parsedScale < scale) {
    const power = powerOfTen(scale - parsedScale)
    const bound = limit / power
    if (value > bound || value < -bound) {
      parsedWell = false
      return 0
    }
    scaled = value * power
  }
  if (scaled >= limit || scaled <= -limit) parsedWell = false
  return scaled
}

@inline
function decimals<Wide>(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  precision: i32, scale: i32,
): i32 {
  const limit = powerOfTen(min(precision, 18))
  // The fast form has exactly `scale` digits behind the point.
  const slow = <u64>nullsFirst(settings) | <u64>(scale < 1 || scale > 7)
  const tail = <usize>(scale < 1 || scale > 7 ? 1 : scale)
  const tailBits = <u64>tail << 3
  const tailMask = ~((<u64>-1) >> tailBits)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    const negative = <u64>(load<u8>(s) == 45)
    // Digits in all; the point is taken out, so that eight of them are one word.
    const digits = <u64>(e - s) - negative - 1
    const joined = (load<u64>(e - tail - 9) >> tailBits) | (load<u64>(e - 8) & tailMask)
    const used = <u64>-1 << (64 - (digits << 3))
    const x = (joined & used) | (0x3030303030303030 & ~used)
    let wrong =
      slow |
      <u64>(digits - tail - 1 > 7 - tail) |
      <u64>(load<u8>(e - tail - 1) ^ 46) |
      notDigits(x)
    const magnitude = digits8(x)
    wrong |= <u64>(magnitude >= <u64>limit)
    let value = <i64>((magnitude ^ (0 - negative)) + negative)
    if (wrong != 0) {
      value = 0
      if (!takeNull(s, e, i, validity, settings)) {
        const quoted = quoteBytes(s, e, settings)
        value = parseFixed(s + quoted, e - quoted)
        if (parsedWell && scale <= 18) value = rescale(value, scale, limit)
        if (!parsedWell || scale > 18) {
          value = 0
          addOdd(i)
        }
      }
    }
    store<i64>(to, value)
    to += 8
    if (sizeof<Wide>() == 16) {
      store<i64>(to, value >> 63)
      to += 8
    }
  }
  return endColumn(odd)
}

/** Decimals of up to 18 digits and `precision`, as integers of `width` bytes: 8 or 16. */
export function csvDecimals(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
  width: i32, precision: i32, scale: i32,
): i32 {
  return width == 8
    ? decimals<i64>(position, stride, rows, to, validity, odd, settings, precision, scale)
    : decimals<v128>(position, stride, rows, to, validity, odd, settings, precision, scale)
}

/** Numerics of at most 18 digits: unscaled value in bits 0 to 119, scale in the last byte. */
export function csvNumerics(
  position: usize, stride: usize, rows: i32, to: usize, validity: usize, odd: usize, settings: usize,
): i32 {
  const strict = isStrict(settings)
  beginColumn(odd)
  for (let i = 0; i < rows; i++) {
    const s = <usize>load<u32>(position - 4) + 1
    const e = <usize>load<u32>(position)
    position += stride
    let value: i64 = 0
    parsedScale = 0
    if (!takeNull(s, e, i, validity, settings)) {
      const quoted = quoteBytes(s, e, settings)
      value = parseFixed(s + quoted, e - quoted)
      if (!parsedWell || (strict && isPadded(s + quoted, e - quoted))) {
        value = 0
        parsedScale = 0
        addOdd(i)
      }
    }
    store<i64>(to, value)
    store<u64>(to, (<u64>(value >> 63) & 0x00ffffffffffffff) | (<u64>parsedScale << 56), 8)
    to += 16
  }
  return endColumn(odd)
}
