// JSON objects to field positions: for every record and wanted key a pair (address in front of the
// value, address behind it), which the CSV field parsers take. Strings lose their quotes; one with
// escapes is decoded into the side buffer, and an empty one or one that begins with a quote is
// written there in CSV's quotes. A key may ask for values as they stand instead, quotes and escapes
// included. NULL and missing keys are empty pairs.

import { AS_IT_STANDS, expectedKey, keyEntry, keyIndex } from './json-keys'
import {
  hasEnded, nextKey, secondAt, shortNumberEnd, SIMPLE_SLACK, simpleMembers, specialsOf, twoObjects,
} from './json-members'
import { numberEnd } from './json-numbers'
import { decodeString, hexadecimal, isEscape } from './json-text'

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
const UNKNOWN_KEY = 11
const COMMA_BEHIND = 12

const DEPTH_MAX = 256

let status = OK
// What scanString found: whether there were escapes.
let escaped: bool = false

@inline
function blank(c: u32): bool {
  return c <= 32 && (c == 32 || c == 9 || c == 13 || c == 10)
}

@inline
function skipBlanks(p: usize, end: usize): usize {
  while (p < end && blank(load<u8>(p))) p++
  return p
}

// p behind the opening quote; the address of the closing one, or end with a status.
function scanString(p: usize, end: usize): usize {
  escaped = false
  while (p < end) {
    const special = specialsOf(v128.load(p))
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
    if (p + 1 >= end) break
    const isCode = load<u8>(p, 1) == 117
    if (isCode && p + 6 > end) break
    if (!isEscape(load<u8>(p, 1)) || (isCode && hexadecimal(p + 2) < 0)) {
      status = BAD_ESCAPE
      return p
    }
    p += isCode ? 6 : 2
  }
  status = INCOMPLETE
  return end
}

// What may come next inside a nested value.
const ANY_VALUE = 0
const VALUE_OR_END = 1
const KEY = 2
const KEY_OR_END = 3
const COMMA_OR_END = 4

// One bit a level of nesting, the innermost lowest: 1 for an object. Globals are each thread's own,
// memory is not.
let levels0: u64 = 0
let levels1: u64 = 0
let levels2: u64 = 0
let levels3: u64 = 0

function pushLevel(isObject: u64): void {
  levels3 = (levels3 << 1) | (levels2 >> 63)
  levels2 = (levels2 << 1) | (levels1 >> 63)
  levels1 = (levels1 << 1) | (levels0 >> 63)
  levels0 = (levels0 << 1) | isObject
}

function popLevel(): void {
  levels0 = (levels0 >> 1) | (levels1 << 63)
  levels1 = (levels1 >> 1) | (levels2 << 63)
  levels2 = (levels2 >> 1) | (levels3 << 63)
  levels3 >>= 1
}

// What closes the innermost level.
@inline
function closer(): u32 {
  return (levels0 & 1) != 0 ? 125 : 93
}

// Behind the nested value that begins at p, by JSON's grammar.
function skipNested(p: usize, end: usize): usize {
  let depth = 0
  let expected = ANY_VALUE
  while (p < end) {
    const c = <u32>load<u8>(p)
    if (blank(c)) {
      p++
      continue
    }
    if (expected == COMMA_OR_END) {
      if (c == 44) {
        expected = closer() == 125 ? KEY : ANY_VALUE
        p++
        continue
      }
    } else if (expected == KEY || (expected == KEY_OR_END && c == 34)) {
      if (c != 34) {
        status = KEY_EXPECTED
        return p
      }
      p = scanString(p + 1, end)
      if (status != OK) return p
      p = skipBlanks(p + 1, end)
      if (p >= end) break
      if (load<u8>(p) != 58) {
        status = COLON_EXPECTED
        return p
      }
      p++
      expected = ANY_VALUE
      continue
    } else if (expected != KEY_OR_END && c != 93 && c != 125) {
      if (c == 34) {
        p = scanString(p + 1, end)
        if (status != OK) return p
        p++
        expected = COMMA_OR_END
      } else if (c == 123 || c == 91) {
        depth++
        if (depth > DEPTH_MAX) {
          status = BAD_NESTING
          return p
        }
        pushLevel(<u64>(c == 123))
        expected = c == 123 ? KEY_OR_END : VALUE_OR_END
        p++
      } else {
        p = skipPlain(p, end)
        if (status != OK) return p
        expected = COMMA_OR_END
      }
      continue
    }
    // The end of this level, or nothing that may stand here.
    if (expected == ANY_VALUE || c != closer()) {
      status = VALUE_EXPECTED
      return p
    }
    depth--
    popLevel()
    p++
    if (depth == 0) return p
    expected = COMMA_OR_END
  }
  status = INCOMPLETE
  return end
}

@inline
function endsPlain(c: u32): bool {
  return c == 44 || c == 125 || c == 93 || blank(c)
}

// Behind a number, true, false or null.
function skipPlain(p: usize, end: usize): usize {
  const start = p
  const word = load<u32>(p)
  if (word == 0x65757274 || word == 0x6c6c756e) p += 4
  else if (word == 0x736c6166 && load<u8>(p, 4) == 101) p += 5
  else p = numberEnd(p, end)
  if (p > start && p < end && endsPlain(load<u8>(p))) return p
  // Malformed, or not all of it is there.
  p = start
  while (p < end && !endsPlain(load<u8>(p))) p++
  status = p < end ? VALUE_EXPECTED : INCOMPLETE
  return p < end ? start : p
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
    if (side == 0) {
      status = BAD_ESCAPE
      side = start
      return
    }
  }
  store<u32>(pair, <u32>start - 1)
  store<u32>(pair, <u32>side, 4)
  // The next value must not begin right behind: kernels look at the byte in front.
  side++
}

// What otherKey found: the key's index, or -1.
let foundKey: i32 = -1

// The key at p, whichever it is and however it is written. Returns the address of what comes next.
function otherKey(p: usize, end: usize, keys: usize, guess: i32, sideEnd: usize): usize {
  const close = scanString(p + 1, end)
  if (status != OK) return close
  if (escaped) {
    if (((close - p) << 1) + 8 > sideEnd - side) {
      status = SIDE_FULL
      return p
    }
    const stop = decodeString(p + 1, close, side, false)
    if (stop == 0) {
      status = BAD_ESCAPE
      return p
    }
    foundKey = keyIndex(keys, side, stop - side, guess)
  } else {
    foundKey = keyIndex(keys, p + 1, close - p - 1, guess)
  }
  return skipBlanks(close + 1, end)
}

// Empty pairs for the wanted keys from `guess` on; `p`: the record.
function clearPairs(p: usize, keys: usize, pairs: usize, guess: i32): void {
  const count = load<i32>(keys)
  for (let k = guess; k < count; k++) {
    const wanted = load<i32>(keyEntry(keys, k), 8)
    if (wanted < 0) continue
    const slot = wanted & ~AS_IT_STANDS
    store<u32>(pairs + (<usize>slot << 3), <u32>p)
    store<u32>(pairs + (<usize>slot << 3), <u32>p + 1, 4)
  }
}

// One object at p: its wanted values to pairs. Returns the address behind it.
function parseObject(p: usize, end: usize, keys: usize, pairs: usize, sideEnd: usize): usize {
  clearPairs(p, keys, pairs, 0)
  p = skipBlanks(p + 1, end)
  if (p < end && load<u8>(p) == 125) return p + 1
  return parseMembers(p, end, keys, pairs, sideEnd, 0)
}

// The members of an object from the key at p on, which `guess` mostly is. Returns the address behind the object.
function parseMembers(
  p: usize, end: usize, keys: usize, pairs: usize, sideEnd: usize, guess: i32,
): usize {
  p = simpleMembers(p, end, keys, pairs, guess)
  if (hasEnded) return p
  guess = nextKey
  while (p < end) {
    let key = guess
    const length = expectedKey(keys, guess, p, end)
    if (length > 0) p += length
    else {
      if (load<u8>(p) != 34) {
        status = KEY_EXPECTED
        return p
      }
      const keyStart = p
      p = otherKey(p, end, keys, guess, sideEnd)
      if (status != OK) return p
      key = foundKey
      if (p < end && load<u8>(p) != 58) {
        status = COLON_EXPECTED
        return p
      }
      if (p < end && key < 0 && load<u32>(keys, 8) != 0) {
        status = UNKNOWN_KEY
        return keyStart
      }
      p++
    }
    if (key >= 0) guess = key + 1
    p = skipBlanks(p, end)
    if (p >= end) break
    const index = key < 0 ? -1 : load<i32>(keyEntry(keys, key), 8)
    const pair = pairs + (<usize>(index & ~AS_IT_STANDS) << 3)
    const start = p
    const c = load<u8>(p)
    if (c == 34 && index > 0 && (index & AS_IT_STANDS) != 0) {
      p = scanString(start + 1, end)
      if (status != OK) return p
      p++
      store<u32>(pair, <u32>start - 1)
      store<u32>(pair, <u32>p, 4)
    } else if (c == 34) {
      // Most strings are short and have no escapes.
      const special = specialsOf(v128.load(p + 1))
      p += 1 + <usize>ctz(special)
      if (special != 0 && p < end && load<u8>(p) == 34) {
        if (index >= 0 && p != start + 1) {
          store<u32>(pair, <u32>start)
          store<u32>(pair, <u32>p, 4)
        } else if (index >= 0) {
          putString(p, p, pair, sideEnd)
          if (status != OK) return start
        }
      } else {
        p = scanString(start + 1, end)
        if (status != OK) return p
        if (index >= 0) {
          putString(start + 1, p, pair, sideEnd)
          if (status != OK) return start
        }
      }
      p++
    } else {
      if (end - p >= 20) p = shortNumberEnd(p)
      if (p == start || !endsPlain(load<u8>(p))) {
        p = start
        p = c == 123 || c == 91 ? skipNested(p, end) : skipPlain(p, end)
        if (status != OK) return p
      }
      if (index >= 0) {
        const isNull = p - start == 4 && load<u32>(start) == 0x6c6c756e
        store<u32>(pair, <u32>start - 1)
        store<u32>(pair, isNull ? <u32>start : <u32>p, 4)
      }
    }
    // A comma and the next key, as most files have them.
    if (load<u16>(p) == 0x222c && p + 1 < end) {
      p = simpleMembers(p + 1, end, keys, pairs, guess)
      if (hasEnded) return p
      guess = nextKey
      continue
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

// The line behind the one at p, if it begins with an object before `limit` and not right before the end; 0 for none.
function objectOnNextLine(p: usize, end: usize, limit: usize): usize {
  const stop = min(end - SIMPLE_SLACK, limit)
  const newlines = i8x16.splat(10)
  while (p < stop) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(p), newlines))
    if (found == 0) {
      p += 16
      continue
    }
    p += <usize>ctz(found) + 1
    return p < stop && load<u8>(p) == 123 ? p : 0
  }
  return 0
}

// Behind the blanks from p on that end a line; status where anything else stands there.
// @ts-ignore: decorator
@inline
function lineRest(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) != 10 && blank(load<u8>(p))) p++
  if (p < end && load<u8>(p) != 10) status = TEXT_BEHIND
  return p
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
  const rowBytes = <usize>load<u32>(keys, 4) << 3
  side = sideStart
  status = OK
  let rows = 0
  let at = p
  // The line behind the last record where it was begun beside it: how far it is read, to which key, and whether to its end.
  let line: usize = 0
  let begun: usize = 0
  let key = 0
  let ended: bool = false
  while (rows < rowsMax) {
    let behind: usize = 0
    if (begun != 0) {
      p = line
      at = p
      behind = ended ? begun : parseMembers(begun, end, keys, pairs, sideEnd, key)
      begun = 0
    } else {
      p = skipBlanks(p, end)
      if (lines == 0 && p < end && load<u8>(p) == 44) {
        const comma = p
        p = skipBlanks(p + 1, end)
        // The comma is looked at again with what comes behind it.
        if (p >= end) {
          p = comma
          at = p
          break
        }
        if (load<u8>(p) == 93) {
          status = COMMA_BEHIND
          p = comma
          at = p
          break
        }
      }
      at = p
      if (p >= end || p >= limit || (lines == 0 && load<u8>(p) == 93)) break
      if (load<u8>(p) != 123) {
        status = OBJECT_EXPECTED
        break
      }
      line = lines == 1 && rows + 1 < rowsMax ? objectOnNextLine(p, end, limit) : 0
      if (line != 0) {
        behind = twoObjects(p + 1, line + 1, end, keys, pairs, pairs + rowBytes)
        ended = hasEnded
        key = nextKey
        // Objects that begin otherwise are begun one by one.
        if (key > 0) begun = secondAt
      }
      if (begun == 0) {
        behind = parseObject(p, end, keys, pairs, sideEnd)
      } else {
        clearPairs(p, keys, pairs, key)
        clearPairs(line, keys, pairs + rowBytes, key)
        if (!ended) behind = parseMembers(behind, end, keys, pairs, sideEnd, key)
        // An object of several lines: what was taken for the next one is a part of it.
        if (behind > line) begun = 0
      }
    }
    if (status != OK) {
      at = behind
      break
    }
    if (lines == 1) {
      const rest = lineRest(behind, end)
      if (status != OK) {
        at = rest
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
