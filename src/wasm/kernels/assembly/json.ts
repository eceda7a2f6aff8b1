// JSON objects to field positions: for every record and wanted key a pair (address in front of the
// value, address behind it), which the CSV field parsers take. Strings lose their quotes; one with
// escapes is decoded into the side buffer, and an empty one or one that begins with a quote is
// written there in CSV's quotes. NULL and missing keys are empty pairs.

const OK = 0
const INCOMPLETE = 1
const OBJECT_EXPECTED = 2
const KEY_EXPECTED = 3
const COLON_EXPECTED = 4
const COMMA_EXPECTED = 5
const VALUE_EXPECTED = 6
const BAD_ESCAPE = 7
const TEXT_BEHIND = 8
const BAD_NESTING = 9
const SIDE_FULL = 10

const DEPTH_MAX = 256

let status = OK
// What scanString found: whether there were escapes.
let escaped: bool = false

@inline
function blank(c: u32): bool {
  return c == 32 || c == 9 || c == 13 || c == 10
}

@inline
function skipBlanks(p: usize, end: usize): usize {
  while (p < end && blank(load<u8>(p))) p++
  return p
}

// p behind the opening quote; the address of the closing one, or end with a status.
function scanString(p: usize, end: usize): usize {
  escaped = false
  const quotes = i8x16.splat(34)
  const slashes = i8x16.splat(92)
  const controls = i8x16.splat(32)
  while (p < end) {
    const block = v128.load(p)
    const special = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(block, quotes), i8x16.eq(block, slashes)), i8x16.lt_u(block, controls)),
    )
    if (special == 0) {
      p += 16
      continue
    }
    p += <usize>ctz(special)
    if (p >= end) break
    const c = load<u8>(p)
    if (c == 34) return p
    if (c != 92) {
      status = VALUE_EXPECTED
      return p
    }
    escaped = true
    p += 2
  }
  status = INCOMPLETE
  return end
}

function hexadecimal(p: usize): i32 {
  let value = 0
  for (let i: usize = 0; i < 4; i++) {
    const c = <i32>load<u8>(p + i)
    let digit = c - 48
    if (digit < 0 || digit > 9) {
      digit = (c | 32) - 87
      if (digit < 10 || digit > 15) return -1
    }
    value = (value << 4) | digit
  }
  return value
}

function putUtf8(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, code)
    return to + 1
  }
  if (code < 0x800) {
    store<u8>(to, 0xc0 | (code >> 6))
    store<u8>(to, 0x80 | (code & 63), 1)
    return to + 2
  }
  if (code < 0x10000) {
    store<u8>(to, 0xe0 | (code >> 12))
    store<u8>(to, 0x80 | ((code >> 6) & 63), 1)
    store<u8>(to, 0x80 | (code & 63), 2)
    return to + 3
  }
  store<u8>(to, 0xf0 | (code >> 18))
  store<u8>(to, 0x80 | ((code >> 12) & 63), 1)
  store<u8>(to, 0x80 | ((code >> 6) & 63), 2)
  store<u8>(to, 0x80 | (code & 63), 3)
  return to + 4
}

// The escape at p (behind the backslash); how many bytes it takes goes to escapeLength.
let escapeLength: usize = 0
function escapeAt(p: usize, end: usize): i32 {
  const c = load<u8>(p)
  escapeLength = 1
  if (c == 110) return 10
  if (c == 116) return 9
  if (c == 114) return 13
  if (c == 98) return 8
  if (c == 102) return 12
  if (c == 34 || c == 92 || c == 47) return <i32>c
  if (c != 117 || p + 5 > end) return -1
  const code = hexadecimal(p + 1)
  escapeLength = 5
  if (code < 0xd800 || code > 0xdfff) return code == 0 ? -1 : code
  if (code > 0xdbff || p + 11 > end || load<u16>(p, 5) != 0x755c) return -1
  const low = hexadecimal(p + 7)
  if (low < 0xdc00 || low > 0xdfff) return -1
  escapeLength = 11
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
}

// Decodes [p, end) to `to`; as a field in CSV's quotes when it begins with a quote. Returns the end.
function decodeString(p: usize, end: usize, to: usize, asField: bool): usize {
  const start = to
  let quoted = false
  if (asField && p < end && load<u8>(p) == 92 && escapeAt(p + 1, end) == 34) {
    quoted = true
    store<u8>(to++, 34)
  }
  while (p < end) {
    const c = <u32>load<u8>(p)
    if (c != 92) {
      store<u8>(to++, c)
      p++
      continue
    }
    const code = escapeAt(p + 1, end)
    if (code < 0) {
      status = BAD_ESCAPE
      return start
    }
    if (quoted && code == 34) store<u8>(to++, 34)
    to = putUtf8(to, code)
    p += 1 + escapeLength
  }
  if (quoted) store<u8>(to++, 34)
  return to
}

// Behind the nested value that begins at p.
function skipNested(p: usize, end: usize): usize {
  let depth = 0
  while (p < end) {
    const c = load<u8>(p)
    if (c == 34) {
      p = scanString(p + 1, end)
      if (status != OK) return p
    } else if (c == 123 || c == 91) {
      depth++
      if (depth > DEPTH_MAX) {
        status = BAD_NESTING
        return p
      }
    } else if (c == 125 || c == 93) {
      depth--
      if (depth == 0) return p + 1
    }
    p++
  }
  status = INCOMPLETE
  return end
}

// Behind a number, true, false or null.
function skipPlain(p: usize, end: usize): usize {
  const start = p
  while (p < end) {
    const c = <u32>load<u8>(p)
    if (c == 44 || c == 125 || c == 93 || blank(c)) break
    p++
  }
  if (p >= end) {
    status = INCOMPLETE
    return p
  }
  const length = p - start
  const first = <u32>load<u8>(start)
  if (first == 45 || first - 48 < 10) {
    for (let q = start; q < p; q++) {
      const c = <u32>load<u8>(q)
      if (c - 48 < 10 || c == 46 || c == 45 || c == 43 || (c | 32) == 101) continue
      status = VALUE_EXPECTED
    }
  } else if (length == 4) {
    const word = load<u32>(start)
    if (word != 0x65757274 && word != 0x6c6c756e) status = VALUE_EXPECTED
  } else if (length != 5 || load<u32>(start) != 0x736c6166 || load<u8>(start, 4) != 101) {
    status = VALUE_EXPECTED
  }
  return p
}

// The keys: u32 count, then pairs (address, length). The index of one, or -1; `guess` is tried first.
function keyIndex(keys: usize, p: usize, length: usize, guess: i32): i32 {
  const count = load<i32>(keys)
  if (guess < count && sameKey(keys, guess, p, length)) return guess
  for (let k = 0; k < count; k++) if (sameKey(keys, k, p, length)) return k
  return -1
}

function sameKey(keys: usize, index: i32, p: usize, length: usize): bool {
  const entry = keys + 4 + (<usize>index << 3)
  if (load<u32>(entry, 4) != <u32>length) return false
  const key = <usize>load<u32>(entry)
  for (let i: usize = 0; i < length; i++) if (load<u8>(key + i) != load<u8>(p + i)) return false
  return true
}

let side: usize = 0

// A string's value between p and its closing quote as a pair.
function putString(p: usize, close: usize, pair: usize, sideEnd: usize): void {
  if (p != close && !escaped) {
    store<u32>(pair, <u32>p - 1)
    store<u32>(pair, <u32>close, 4)
    return
  }
  // A quote in front may double every character.
  if (((close - p) << 1) + 8 > sideEnd - side) {
    status = SIDE_FULL
    return
  }
  const start = side
  if (p == close) {
    store<u16>(side, 0x2222)
    side += 2
  } else {
    side = decodeString(p, close, side, true)
  }
  store<u32>(pair, <u32>start - 1)
  store<u32>(pair, <u32>side, 4)
  // The next value must not begin right behind: kernels look at the byte in front.
  side++
}

// One object at p: its wanted values to pairs. Returns the address behind it.
function parseObject(p: usize, end: usize, keys: usize, pairs: usize, sideEnd: usize): usize {
  const count = load<i32>(keys)
  for (let k = 0; k < count; k++) {
    store<u32>(pairs + (<usize>k << 3), <u32>p)
    store<u32>(pairs + (<usize>k << 3), <u32>p + 1, 4)
  }
  p = skipBlanks(p + 1, end)
  if (p < end && load<u8>(p) == 125) return p + 1
  let guess = 0
  while (p < end) {
    if (load<u8>(p) != 34) {
      status = KEY_EXPECTED
      return p
    }
    const close = scanString(p + 1, end)
    if (status != OK) return close
    let index: i32
    if (escaped) {
      if (((close - p) << 1) + 8 > sideEnd - side) {
        status = SIDE_FULL
        return p
      }
      const stop = decodeString(p + 1, close, side, false)
      if (status != OK) return p
      index = keyIndex(keys, side, stop - side, guess)
    } else {
      index = keyIndex(keys, p + 1, close - p - 1, guess)
    }
    if (index >= 0) guess = index + 1
    p = skipBlanks(close + 1, end)
    if (p >= end) break
    if (load<u8>(p) != 58) {
      status = COLON_EXPECTED
      return p
    }
    p = skipBlanks(p + 1, end)
    if (p >= end) break
    const pair = pairs + (<usize>index << 3)
    const c = load<u8>(p)
    const start = p
    if (c == 34) {
      p = scanString(p + 1, end)
      if (status != OK) return p
      if (index >= 0) putString(start + 1, p, pair, sideEnd)
      if (status != OK) return start
      p++
    } else {
      p = c == 123 || c == 91 ? skipNested(p, end) : skipPlain(p, end)
      if (status != OK) return status == INCOMPLETE ? p : start
      if (index >= 0) {
        const isNull = p - start == 4 && load<u32>(start) == 0x6c6c756e
        store<u32>(pair, <u32>start - 1)
        store<u32>(pair, isNull ? <u32>start : <u32>p, 4)
      }
    }
    p = skipBlanks(p, end)
    if (p >= end) break
    const next = load<u8>(p)
    if (next == 125) return p + 1
    if (next != 44) {
      status = COMMA_EXPECTED
      return p
    }
    p = skipBlanks(p + 1, end)
  }
  status = INCOMPLETE
  return end
}

/**
 * Records in [p, end) that begin before `limit`, at most `rowsMax`. lines 1: an object a line, blank
 * lines left out; 0: objects with commas between them (the elements of an array). Reads up to 16
 * bytes behind `end`. Returns the rows; out: [0] status, [1] where, [2] begin of the record that was
 * not taken or the next one, [3] side buffer used up to.
 */
export function jsonRecords(
  p: usize,
  end: usize,
  limit: usize,
  lines: i32,
  keys: usize,
  pairs: usize,
  rowsMax: i32,
  sideStart: usize,
  sideEnd: usize,
  out: usize,
): i32 {
  const rowBytes = <usize>load<u32>(keys) << 3
  side = sideStart
  status = OK
  let rows = 0
  let at = p
  while (rows < rowsMax) {
    p = skipBlanks(p, end)
    if (lines == 0 && p < end && load<u8>(p) == 44) p = skipBlanks(p + 1, end)
    at = p
    if (p >= end || p >= limit || (lines == 0 && load<u8>(p) == 93)) break
    if (load<u8>(p) != 123) {
      status = OBJECT_EXPECTED
      break
    }
    const behind = parseObject(p, end, keys, pairs, sideEnd)
    if (status != OK) {
      at = behind
      break
    }
    if (lines == 1) {
      let q = behind
      while (q < end && load<u8>(q) != 10 && blank(load<u8>(q))) q++
      if (q < end && load<u8>(q) != 10) {
        status = TEXT_BEHIND
        at = q
        break
      }
    }
    p = behind
    pairs += rowBytes
    rows++
  }
  store<u32>(out, status)
  store<u32>(out, <u32>at, 4)
  store<u32>(out, <u32>p, 8)
  store<u32>(out, <u32>side, 12)
  return rows
}
