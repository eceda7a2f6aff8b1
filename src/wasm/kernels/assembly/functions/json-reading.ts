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
  BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, DEPTH_MAX, EXPONENT_MAX, exponent, exponentAt, fractionDigits, isShifted, OPEN_LIST,
  OPEN_OBJECT, pastBlanks, QUOTE, scanNumber, wholeDigits, wordBytes,
} from './json-scanning'
import { itemsOf, kindOfKey } from './json-parts'
import { BEHIND_NAME, BETWEEN, compareBytes, HEAD_BYTES, putPair } from './json-writing'
import { ELSEWHERE, put, size, start, written } from './views'

// A level of the stack: whether it is an object, where its key and its text begin, its items so far, whether its names come in
// order, the level around it; behind it the members of an object: where the name is in the key, its bytes, where the member's
// text begins, and what its name is sorted by at first: how many bytes it has and the first seven of them.
const LEVEL_BYTES: usize = 24
const KEY_AT: usize = 4
const TEXT_AT: usize = 8
const ITEMS: usize = 12
const IN_ORDER: usize = 16
const OUTER: usize = 20
const MEMBER_BYTES: usize = 24
const NAME_BYTES: usize = 4
const MEMBER_TEXT: usize = 8
const NAME_HEAD: usize = 16
const HEAD_NAME_BYTES: u32 = 7
// A member, and its number in two lists that are merged.
const MEMBER_ROOM: u64 = 32

// Bytes behind the parts of the room that may be spoilt.
const PAST: u64 = 32
// The key of a number of one digit, and that of an array or object of nothing, beyond the bytes of their texts.
const ITEM_ROOM: u64 = 11

// Texts of so many bytes are given the most that as many may take, and room for some zeros; longer ones are looked through.
const SHORT_BYTES: u32 = 512
const SHORT_KEY: u32 = 7
const SHORT_PAST: u32 = 48
const SHORT_ZEROS: u32 = 1024

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

function shortRoom(bytes: u32, sizes: usize): i64 {
  const keys = bytes * SHORT_KEY + SHORT_PAST
  const texts = bytes * 2 + SHORT_PAST + SHORT_ZEROS
  const stacked = bytes * <u32>LEVEL_BYTES + SHORT_PAST
  store<u32>(sizes, keys)
  store<u32>(sizes, texts, 4)
  store<u32>(sizes, stacked, 8)
  store<u32>(sizes, SHORT_ZEROS, 12)
  return <i64>((keys + texts) * 2 + stacked)
}

// Bytes of the room for a text: of its parts they are put to `sizes`, three words, and behind them how many zeros exponents may
// make. -1 leaves it to TypeScript.
export function jsonbTextBytes(text: i64, sizes: usize): i64 {
  if (size(text) <= SHORT_BYTES) return shortRoom(size(text), sizes)
  const first = start(text)
  const end = first + size(text)
  let items: u64 = 1
  let names: u64 = 0
  let zeros: u64 = 0
  let carried: u32 = 0
  for (let p = first; p < end; p += 16) {
    const block = v128.load(p)
    const left = <u32>(end - p)
    const mask: u32 = left < 16 ? (1 << left) - 1 : 0xffff
    // Braces are brackets with one bit more.
    const opens = i8x16.eq(v128.and(block, i8x16.splat(<i8>0xdf)), i8x16.splat(<i8>OPEN_LIST))
    const commas = i8x16.eq(block, i8x16.splat(<i8>COMMA))
    items += <u64>popcnt(<u32>i8x16.bitmask(v128.or(opens, commas)) & mask)
    names += <u64>popcnt(<u32>i8x16.bitmask(i8x16.eq(block, i8x16.splat(<i8>COLON))) & mask)
    const digits = digitsOf(block)
    const letters = <u32>i8x16.bitmask(i8x16.eq(v128.or(block, i8x16.splat(32)), i8x16.splat(101)))
    let exponents = letters & ((digits << 1) | carried) & mask
    carried = (digits >> 15) & 1
    for (; exponents != 0; exponents &= exponents - 1) {
      zeros += <u64>abs(exponentAt(p + <usize>ctz(exponents) + 1, end)) + 2
    }
  }
  const bytes = <u64>size(text)
  const keys = bytes + items * ITEM_ROOM + PAST
  const texts = bytes + items + names + zeros + PAST
  // A name may be without its colon.
  const stacked = (names + 1) * MEMBER_ROOM + min(items, <u64>DEPTH_MAX + 1) * LEVEL_BYTES
  if (keys + texts + stacked > 0x7fffffff) return -1
  store<u32>(sizes, <u32>keys)
  store<u32>(sizes, <u32>texts, 4)
  store<u32>(sizes, <u32>stacked, 8)
  store<u32>(sizes, <u32>zeros, 12)
  return <i64>(keys + texts + stacked + (names > 1 ? max(keys, texts) : 0))
}

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
      putShortNumber(from, whole, fractionDigits, isNegative)
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

// The key of a number of up to 16 digits, the first of which is none.
// @ts-ignore: decorator
@inline
function putShortNumber(from: usize, whole: u32, fraction: u32, isNegative: bool): void {
  const first = key
  store<u32>(first, 0xc0 | (0x02 << 8) | (whole << 24))
  v128.store(first + 4, v128.load(from))
  let last = first + 4 + whole
  if (fraction > 0) {
    v128.store(last, v128.load(from + whole + 1))
    last += fraction
  }
  while (load<u8>(last - 1) == 48) last--
  store<u8>(last++, 0)
  key = last
  if (!isNegative) return
  store<u32>(first, 0x40 | 0xfffd00 | (~whole << 24))
  for (let at = first + 4; at < last; at++) store<u8>(at, ~load<u8>(at))
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

// Begins an array or object.
function begin(isObject: bool): void {
  store<u32>(stack, <u32>level, OUTER)
  level = stack
  stack += LEVEL_BYTES
  store<u32>(level, u32(isObject))
  store<u32>(level, <u32>key, KEY_AT)
  store<u32>(level, <u32>to, TEXT_AT)
  store<u32>(level, 0, ITEMS)
  store<u32>(level, 1, IN_ORDER)
  key = putByte(isObject ? JSON_OBJECT : JSON_ARRAY, key) + 4
  to = putByte(isObject ? OPEN_OBJECT : OPEN_LIST, to)
}

// @ts-ignore: decorator
@inline
function headOf(name: usize, bytes: u32): u64 {
  const unused = bytes < HEAD_NAME_BYTES ? <u64>(64 - (bytes << 3)) : 8
  const first = bytes == 0 ? 0 : bswap(load<u64>(name)) >> unused
  return (<u64>min(bytes, 255) << 56) | first
}

// Puts the name of a member and a colon. Gives the end, or 0.
function putName(p: usize, end: usize): usize {
  if (p >= end || load<u8>(p) != QUOTE) return 0
  const member = stack
  stack += MEMBER_BYTES
  store<u32>(member, <u32>key)
  store<u32>(member, <u32>to, MEMBER_TEXT)
  p = putString(p + 1, end)
  if (p == 0) return 0
  const bytes = <u32>key - load<u32>(member) - 1
  store<u32>(member, bytes, NAME_BYTES)
  const head = headOf(load<u32>(member), bytes)
  store<u64>(member, head, NAME_HEAD)
  if (member > level + LEVEL_BYTES) {
    const before = load<u64>(member - MEMBER_BYTES, NAME_HEAD)
    if (head <= before && (head < before || compareMembers(member - MEMBER_BYTES, member) >= 0)) store<u32>(level, 0, IN_ORDER)
  }
  p = pastBlanks(p, end)
  if (p >= end || load<u8>(p) != COLON) return 0
  to = putPair(BEHIND_NAME, to)
  return p + 1
}

// Ends the innermost array or object, and goes on with that around it.
function finish(): void {
  const first = load<u32>(level, KEY_AT)
  const isObject = load<u32>(level) != 0
  let count = load<u32>(level, ITEMS)
  if (isObject && load<u32>(level, IN_ORDER) == 0) count = putInOrder()
  putWord(count, first + 1)
  to = putByte(isObject ? CLOSE_OBJECT : CLOSE_LIST, to)
  stack = level
  level = load<u32>(level, OUTER)
}

// ------------------------------------------------------------------ members in order
function compareMembers(one: usize, other: usize): i32 {
  const head = load<u64>(one, NAME_HEAD)
  const otherHead = load<u64>(other, NAME_HEAD)
  if (head != otherHead) return head < otherHead ? -1 : 1
  const bytes = load<u32>(one, NAME_BYTES)
  if (bytes <= HEAD_NAME_BYTES) return 0
  return compareBytes(load<u32>(one), bytes, load<u32>(other), load<u32>(other, NAME_BYTES))
}

// @ts-ignore: decorator
@inline
function memberAt(members: usize, list: usize, at: u32): usize {
  return members + <usize>load<u32>(list + (<usize>at << 2)) * MEMBER_BYTES
}

// So many are sorted one by one.
const FEW: u32 = 16

function sortFew(members: usize, count: u32, list: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const member = members + <usize>i * MEMBER_BYTES
    let at = i
    for (; at > 0 && compareMembers(memberAt(members, list, at - 1), member) > 0; at--) {
      store<u32>(list + (<usize>at << 2), load<u32>(list + (<usize>(at - 1) << 2)))
    }
    store<u32>(list + (<usize>at << 2), i)
  }
}

// Sorts the numbers of members by their names, those of one name as they come: runs are merged from one list to another. Gives
// the list where they are then.
function sortMembers(members: usize, count: u32, list: usize): usize {
  if (count <= FEW) {
    sortFew(members, count, list)
    return list
  }
  let other = list + (<usize>count << 2)
  for (let i: u32 = 0; i < count; i++) store<u32>(list + (<usize>i << 2), i)
  for (let run: u32 = 1; run < count; run <<= 1) {
    for (let from: u32 = 0; from < count; from += run << 1) {
      const middle = min(from + run, count)
      mergeRuns(members, list, other, from, middle, min(middle + run, count))
    }
    const sorted = other
    other = list
    list = sorted
  }
  return list
}

function mergeRuns(members: usize, list: usize, other: usize, from: u32, middle: u32, end: u32): void {
  let left = from
  let right = middle
  for (let at = from; at < end; at++) {
    const one = load<u32>(list + (<usize>left << 2))
    const isLeft = left < middle && (right == end || compareMembers(members + <usize>one * MEMBER_BYTES, memberAt(members, list, right)) <= 0)
    store<u32>(other + (<usize>at << 2), isLeft ? one : load<u32>(list + (<usize>right << 2)))
    if (isLeft) left++
    else right++
  }
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
// @ts-ignore: decorator
@inline
function putScalar(c: u32, p: usize, end: usize): usize {
  if (c == QUOTE) {
    key = putByte(JSON_STRING, key)
    return putString(p + 1, end)
  }
  return c == 45 || c - 48 < 10 ? putNumeral(p, end) : putWordAt(p, end)
}

// Puts the value that is all of a text. Gives the end, or 0.
function putDocument(p: usize, end: usize): usize {
  let depth: u32 = 0
  while (true) {
    p = pastBlanks(p, end)
    if (p >= end) return 0
    const c = <u32>load<u8>(p)
    if ((c & 0xdf) == OPEN_LIST) {
      if (++depth > DEPTH_MAX) return 0
      begin(c == OPEN_OBJECT)
      p = pastBlanks(p + 1, end)
      if (p >= end) return 0
      // Braces and brackets are closed by what is two behind them.
      if (<u32>load<u8>(p) != c + 2) {
        store<u32>(level, 1, ITEMS)
        if (c == OPEN_OBJECT) p = putName(p, end)
        if (p == 0) return 0
        continue
      }
      p++
      finish()
      depth--
    } else p = putScalar(c, p, end)
    if (p == 0) return 0
    // Behind a value.
    while (depth > 0) {
      p = pastBlanks(p, end)
      if (p >= end) return 0
      const next = <u32>load<u8>(p++)
      const isObject = load<u32>(level) != 0
      if (next == COMMA) {
        to = putPair(BETWEEN, to)
        store<u32>(level, load<u32>(level, ITEMS) + 1, ITEMS)
        if (isObject) p = putName(pastBlanks(p, end), end)
        break
      }
      if (next != (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return 0
      finish()
      depth--
    }
    if (depth == 0) return pastBlanks(p, end)
    if (p == 0) return 0
  }
  return 0
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
