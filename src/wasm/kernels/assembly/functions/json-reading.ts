// Texts as jsonb. One pass writes the key and PostgreSQL's text of a value side by side, in the order in which things come; an
// object whose names come in another order than that of jsonb, or more than once, is put in order when it ends. What is
// wrong, nested too deeply or no numeric is left to TypeScript, which finds the words for it.
//
// The room has, one behind the other: the key, the text, a stack, and a place for members on their way.
import { putTogether } from '../collect'
import { digitsOf, specialsOf } from '../json-members'
import { escapeAt, escapeLength, putUtf8 } from '../json-text'
import {
  JSON_ARRAY, JSON_BOOL, JSON_NULL, JSON_NUMBER, JSON_OBJECT, JSON_STRING, putByte, putNumber, putWord,
} from '../value-keys'
import { putCharacter } from '../value-text'
import {
  BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, DEPTH_MAX, EXPONENT_MAX, exponent, fractionDigits, isShifted, OPEN_LIST,
  OPEN_OBJECT, pastBlanks, QUOTE, scanNumber, wholeDigits, wordBytes,
} from './json-scanning'
import {
  compareMembers, headOf, MEMBER_BYTES, MEMBER_TEXT, memberAt, NAME_BYTES, NAME_HEAD, sortMembers,
} from './json-member-order'
import { itemsOf, kindOfKey } from './json-parts'
import { BEHIND_NAME, BETWEEN, HEAD_BYTES, putPair } from './json-writing'
import { ELSEWHERE, put, size, start, written } from './views'

// A level of the stack: whether it is an object, where its key and its text begin, its items so far, whether its names come in
// order, the level around it; behind it the members of an object.
export const LEVEL_BYTES: usize = 24
const KEY_AT: usize = 4
const TEXT_AT: usize = 8
const ITEMS: usize = 12
const IN_ORDER: usize = 16
const OUTER: usize = 20

// PostgreSQL's bounds of a numeric.
const SCALE_MAX: i32 = 16_383
const WHOLE_DIGITS_MAX: i32 = 131_072

// Globals are each thread's own.
let key: usize = 0
let to: usize = 0
let stack: usize = 0
let level: usize = 0
let spare: usize = 0
let zerosLeft: u32 = 0

// Puts the bytes of a string to the key and its text, p behind the opening quote. Gives the end, or 0.
function putString(p: usize, end: usize): usize {
  let bytes = key
  let shown = putByte(QUOTE, to)
  while (p < end) {
    const block = v128.load(p)
    const specials = specialsOf(block)
    v128.store(bytes, block)
    v128.store(shown, block)
    if (specials == 0) {
      p += 16
      bytes += 16
      shown += 16
      continue
    }
    const plain = <usize>ctz(specials)
    p += plain
    bytes += plain
    shown += plain
    if (p >= end) return 0
    const c = <u32>load<u8>(p)
    if (c == QUOTE) {
      key = putByte(0, bytes)
      to = putByte(QUOTE, shown)
      return p + 1
    }
    if (c != BACKSLASH || p + 1 >= end) return 0
    const code = escapeAt(p + 1, end)
    if (code < 0) return 0
    p += 1 + escapeLength
    bytes = putUtf8(bytes, code)
    shown = code < 0x80 ? putCharacter(code, shown) : putUtf8(shown, code)
  }
  return 0
}

// Puts the number at p. Gives the end, or 0.
function putNumeral(p: usize, end: usize): usize {
  const behind = scanNumber(p, end)
  if (behind == 0) return 0
  const isNegative = load<u8>(p) == 45
  const from = p + usize(isNegative)
  const text = to
  const whole = wholeDigits
  key = putByte(JSON_NUMBER, key)
  if (isShifted) {
    if (!putShifted(from, isNegative)) return 0
  } else {
    const bytes = <u32>(behind - p)
    if (<i32>whole > WHOLE_DIGITS_MAX || <i32>fractionDigits > SCALE_MAX) return 0
    to = put(to, p, bytes)
    if (bytes <= 16 && load<u8>(from) != 48) {
      key = putShortNumber(from, whole, fractionDigits, isNegative, key)
      return behind
    }
  }
  const sign = key
  key = putNumber(text, to, key)
  // There is no -0.
  if (isNegative && key == sign + 1) {
    memory.copy(text, text + 1, to - text - 1)
    to--
  }
  return behind
}

// The key of a number of up to 16 digits, the first of which is none: to `first`. Gives the end.
// @ts-ignore: decorator
@inline
function putShortNumber(from: usize, whole: u32, fraction: u32, isNegative: bool, first: usize): usize {
  store<u32>(first, 0xc0 | (0x02 << 8) | (whole << 24))
  v128.store(first + 4, v128.load(from))
  let last = first + 4 + whole
  if (fraction > 0) {
    v128.store(last, v128.load(from + whole + 1))
    last += fraction
  }
  while (load<u8>(last - 1) == 48) last--
  store<u8>(last++, 0)
  if (!isNegative) return last
  store<u32>(first, 0x40 | 0xfffd00 | (~whole << 24))
  for (let at = first + 4; at < last; at++) store<u8>(at, ~load<u8>(at))
  return last
}

// The digits of a number with an exponent, as a numeric has them.
function putShifted(from: usize, isNegative: bool): bool {
  if (exponent >= EXPONENT_MAX || exponent <= -EXPONENT_MAX) return false
  const count = <i32>(wholeDigits + fractionDigits)
  const point = from + wholeDigits
  const scale = <i32>fractionDigits - exponent
  if (scale > SCALE_MAX) return false
  const zeros = <u32>abs(exponent) + 2
  if (zeros > zerosLeft) return false
  zerosLeft -= zeros
  let first: i32 = 0
  while (first < count && digitAt(from, point, first) == 48) first++
  // Digits from the first one that is none of the zeros in front up to the point.
  const whole = count - first - scale
  if (first < count && whole > WHOLE_DIGITS_MAX) return false
  if (isNegative) to = putByte(45, to)
  if (first == count || whole <= 0) to = putByte(48, to)
  if (first == count) {
    if (scale > 0) to = putZeros(scale, putByte(46, to))
    return true
  }
  if (whole <= 0) to = putZeros(-whole, putByte(46, to))
  for (let at = first; at < count; at++) {
    if (at - first == whole && whole > 0) to = putByte(46, to)
    to = putByte(digitAt(from, point, at), to)
  }
  if (scale < 0) to = putZeros(-scale, to)
  return true
}

// @ts-ignore: decorator
@inline
function digitAt(from: usize, point: usize, at: i32): u32 {
  const place = from + <usize>at
  return load<u8>(place < point ? place : place + 1)
}

function putZeros(count: i32, at: usize): usize {
  memory.fill(at, 48, count)
  return at + <usize>count
}

function putWordAt(p: usize, end: usize): usize {
  const bytes = wordBytes(p, end)
  if (bytes == 0) return 0
  to = put(to, p, bytes)
  const first = <u32>load<u8>(p)
  if (first == 110) key = putByte(JSON_NULL, key)
  else key = putByte(u32(first == 116), putByte(JSON_BOOL, key))
  return p + bytes
}

// Begins an array or object, whose key begins at `at`, its text at `shown`, and its level at `top`.
// @ts-ignore: decorator
@inline
function begin(isObject: bool, at: usize, shown: usize, top: usize): void {
  store<u32>(top, <u32>level, OUTER)
  level = top
  store<u32>(top, u32(isObject))
  store<u32>(top, <u32>at, KEY_AT)
  store<u32>(top, <u32>shown, TEXT_AT)
  store<u32>(top, 1, ITEMS)
  store<u32>(top, 1, IN_ORDER)
  store<u8>(at, isObject ? JSON_OBJECT : JSON_ARRAY)
  store<u8>(shown, isObject ? OPEN_OBJECT : OPEN_LIST)
}

// Puts the name of a member and a colon. Gives the end, or 0.
function putName(p: usize, end: usize): usize {
  if (p >= end || load<u8>(p) != QUOTE) return 0
  const member = stack
  const name = key
  const text = to
  stack += MEMBER_BYTES
  p = putString(p + 1, end)
  if (p == 0) return 0
  const bytes = <u32>(key - name) - 1
  putMember(member, name, bytes, text, headOf(name, bytes))
  to = putPair(BEHIND_NAME, to)
  return behindColon(p, end)
}

// A member whose name of so many bytes is in the key at `name`, and its text at `text`.
// @ts-ignore: decorator
@inline
function putMember(member: usize, name: usize, bytes: u32, text: usize, head: u64): void {
  store<u32>(member, <u32>name)
  store<u32>(member, bytes, NAME_BYTES)
  store<u32>(member, <u32>text, MEMBER_TEXT)
  store<u64>(member, head, NAME_HEAD)
  if (member == level + LEVEL_BYTES) return
  const before = load<u64>(member - MEMBER_BYTES, NAME_HEAD)
  if (head <= before && (head < before || compareMembers(member - MEMBER_BYTES, member) >= 0)) store<u32>(level, 0, IN_ORDER)
}

// ------------------------------------------------------------------ what most texts have
// So many bytes of a string are more than are put at once.
const LONG: u32 = 16

// Puts a string without escapes of less than 16 bytes, p behind the opening quote, to the key at `at` and its text at `shown`.
// Gives its bytes, or LONG for another one.
// @ts-ignore: decorator
@inline
function putShortString(p: usize, end: usize, at: usize, shown: usize): u32 {
  const block = v128.load(p)
  const specials = specialsOf(block)
  if (specials == 0) return LONG
  const bytes = <u32>ctz(specials)
  if (load<u8>(p + bytes) != QUOTE || p + bytes >= end) return LONG
  v128.store(at, block)
  store<u8>(at + bytes, 0)
  store<u8>(shown, <u8>QUOTE)
  v128.store(shown, block, 1)
  store<u8>(shown + bytes, <u8>QUOTE, 1)
  return bytes
}

// Puts the name of a member, and what is behind it, if it is such a string.
// @ts-ignore: decorator
@inline
function putShortName(p: usize, end: usize, at: usize, shown: usize, member: usize): u32 {
  const bytes = load<u8>(p) == QUOTE ? putShortString(p + 1, end, at, shown) : LONG
  if (bytes < LONG) {
    putMember(member, at, bytes, shown, headOf(p + 1, bytes))
    putPair(BEHIND_NAME, shown + bytes + 2)
  }
  return bytes
}

// The digits before the point of a number that has at most 15 characters behind its sign, and begins with none, and eight bits
// above those behind it; 0 for another one.
// @ts-ignore: decorator
@inline
function shortNumberAt(from: usize, end: usize): u32 {
  const left = end - from
  if (left < 16 || load<u8>(from) == 48) return 0
  const digits = digitsOf(v128.load(from))
  const whole = <u32>ctz(~digits)
  if (whole - 1 > 13) return 0
  const next = <u32>load<u8>(from + whole)
  if (next != 46) return (next | 32) == 101 ? 0 : whole
  const fraction = <u32>ctz(~(digits >> (whole + 1)))
  const length = whole + 1 + fraction
  if (fraction == 0 || length > 14 || (load<u8>(from + length) | 32) == 101) return 0
  return whole | (fraction << 8)
}

// Puts such a string or number. Gives the bytes of its text, and eight bits above those of its key; 0 for anything else.
// @ts-ignore: decorator
@inline
function putShortScalar(c: u32, p: usize, end: usize, at: usize, shown: usize): u32 {
  if (c == QUOTE) {
    const bytes = putShortString(p + 1, end, at + 1, shown)
    if (bytes == LONG) return 0
    store<u8>(at, JSON_STRING)
    return (bytes + 2) * 0x101
  }
  const sign = u32(c == 45)
  const digits = sign != 0 || c - 48 < 10 ? shortNumberAt(p + sign, end) : 0
  if (digits == 0) return 0
  const whole = digits & 255
  const fraction = digits >> 8
  store<u8>(at, JSON_NUMBER)
  v128.store(shown, v128.load(p))
  const behind = putShortNumber(p + sign, whole, fraction, sign != 0, at + 1)
  return (<u32>(behind - at) << 8) | (sign + whole + fraction + u32(fraction > 0))
}

// Ends the innermost array or object, whose text ends at `shown`, and goes on with that around it.
// @ts-ignore: decorator
@inline
function finish(count: u32, shown: usize): void {
  const first = load<u32>(level, KEY_AT)
  store<u8>(shown, load<u32>(level) != 0 ? CLOSE_OBJECT : CLOSE_LIST)
  putWord(count, first + 1)
  level = load<u32>(level, OUTER)
}

// Puts the members of the innermost object in the order of their names, of equal ones the last. Gives how many stay.
function putInOrder(): u32 {
  const members = level + LEVEL_BYTES
  const count = <u32>((stack - members) / MEMBER_BYTES)
  const list = sortMembers(members, count, stack)
  const keys = load<u32>(level, KEY_AT) + HEAD_BYTES
  const texts = <usize>load<u32>(level, TEXT_AT) + 1
  let kept: u32 = 0
  let at = spare
  for (let i: u32 = 0; i < count; i++) {
    const number = load<u32>(list + (<usize>i << 2))
    const member = members + <usize>number * MEMBER_BYTES
    if (i + 1 < count && compareMembers(member, memberAt(members, list, i + 1)) == 0) continue
    store<u32>(list + (<usize>kept << 2), number)
    kept++
    const end = number + 1 < count ? <usize>load<u32>(member, MEMBER_BYTES) : key
    at = put(at, load<u32>(member), <u32>(end - load<u32>(member)))
  }
  key = put(keys, spare, <u32>(at - spare))
  at = spare
  for (let i: u32 = 0; i < kept; i++) {
    const number = load<u32>(list + (<usize>i << 2))
    const member = members + <usize>number * MEMBER_BYTES
    const first = load<u32>(member, MEMBER_TEXT)
    const end = number + 1 < count ? <usize>load<u32>(member, MEMBER_BYTES + MEMBER_TEXT) - 2 : to
    if (i > 0) at = putPair(BETWEEN, at)
    at = put(at, first, <u32>(end - first))
  }
  to = put(texts, spare, <u32>(at - spare))
  return kept
}

// ------------------------------------------------------------------ values
// Puts a value that is no array and no object.
function putScalar(c: u32, p: usize, end: usize): usize {
  if (c == QUOTE) {
    key = putByte(JSON_STRING, key)
    return putString(p + 1, end)
  }
  return c == 45 || c - 48 < 10 ? putNumeral(p, end) : putWordAt(p, end)
}

// @ts-ignore: decorator
@inline
function keep(at: usize, shown: usize, top: usize): void {
  key = at
  to = shown
  stack = top
}

// Behind the colon that comes next; 0: there is none.
// @ts-ignore: decorator
@inline
function behindColon(p: usize, end: usize): usize {
  p = pastBlanks(p, end)
  return p < end && load<u8>(p) == COLON ? p + 1 : 0
}

// Puts the value that is all of a text. Gives the end, or 0. Where it is in the key, the text and the stack stays in registers
// as long as what comes is like most; what is not is put by functions that have it in globals.
function putDocument(p: usize, end: usize): usize {
  let depth: u32 = 0
  let isObject = false
  let at = key
  let shown = to
  let top = stack
  while (true) {
    p = pastBlanks(p, end)
    if (p >= end) return 0
    if (isObject) {
      const bytes = putShortName(p, end, at, shown, top)
      if (bytes < LONG) {
        at += bytes + 1
        shown += bytes + 4
        top += MEMBER_BYTES
        p = behindColon(p + bytes + 2, end)
      } else {
        keep(at, shown, top)
        p = putName(p, end)
        at = key
        shown = to
        top = stack
      }
      p = p == 0 ? end : pastBlanks(p, end)
      if (p >= end) return 0
    }
    const c = <u32>load<u8>(p)
    if ((c & 0xdf) == OPEN_LIST) {
      if (++depth > DEPTH_MAX) return 0
      begin(c == OPEN_OBJECT, at, shown++, top)
      at += HEAD_BYTES
      p = pastBlanks(p + 1, end)
      // Braces and brackets are closed by what is two behind them.
      if (p >= end || <u32>load<u8>(p) != c + 2) {
        isObject = c == OPEN_OBJECT
        top += LEVEL_BYTES
        continue
      }
      p++
      depth--
      finish(0, shown++)
    } else {
      const bytes = putShortScalar(c, p, end, at, shown)
      if (bytes > 0) {
        at += bytes >> 8
        shown += bytes & 255
        p += bytes & 255
      } else {
        keep(at, shown, top)
        p = putScalar(c, p, end)
        at = key
        shown = to
      }
    }
    if (p == 0) return 0
    // Behind a value.
    while (depth > 0) {
      p = pastBlanks(p, end)
      if (p >= end) return 0
      const next = <u32>load<u8>(p++)
      if (next == COMMA) {
        shown = putPair(BETWEEN, shown)
        store<u32>(level, load<u32>(level, ITEMS) + 1, ITEMS)
        break
      }
      if (next != (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return 0
      let count = load<u32>(level, ITEMS)
      if (isObject && load<u32>(level, IN_ORDER) == 0) {
        keep(at, shown, top)
        count = putInOrder()
        at = key
        shown = to
      }
      top = level
      finish(count, shown++)
      depth--
      isObject = depth > 0 && load<u32>(level) != 0
    }
    if (depth == 0) break
  }
  keep(at, shown, top)
  return pastBlanks(p, end)
}

// A text as jsonb; `sizes` are those of the room's parts.
export function jsonbOfText(text: i64, sizes: usize, target: usize): i64 {
  // No bytes may begin and end at 0, which stands for no document.
  if (size(text) == 0) return ELSEWHERE
  const end = start(text) + size(text)
  const first = target + load<u32>(sizes)
  key = target
  to = first
  stack = first + load<u32>(sizes, 4)
  spare = stack + load<u32>(sizes, 8)
  zerosLeft = load<u32>(sizes, 12)
  level = 0
  // A text of no bytes may be nowhere: at 0.
  if (size(text) == 0 || putDocument(start(text), end) != end) return ELSEWHERE
  // An array of no items that is all of a value has a key of its own.
  if (kindOfKey(target) == JSON_ARRAY && itemsOf(target) == 0) key = putByte(0, target)
  return written(target, putTogether(target, key, first, to))
}
