// Bytes as texts: encode and decode in hexadecimal, base64 and with backslashes. The format is a word.
import { putHex } from '../digits'
import { ELSEWHERE, isAscii, size, start, written } from './views'

const HEX: u32 = 1
const BASE64: u32 = 2
const ESCAPE: u32 = 3

const BACKSLASH: u32 = 92
const LINE_BYTES: u32 = 57
const PAD: u32 = 61
const NO_DIGIT: u32 = 255

const LETTERS: usize = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90,
  97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118,
  119, 120, 121, 122, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 43, 47,
])

// The word in small letters, of up to eight: 0 for one that is no format.
function formatOf(word: i64): u32 {
  const length = size(word)
  if (length < 3 || length > 6) return 0
  let letters: u64 = 0
  for (let i: u32 = 0; i < length; i++) {
    const c = <u64>load<u8>(start(word) + i)
    letters |= (c >= 65 && c <= 90 ? c | 32 : c) << (i << 3)
  }
  if (letters == 0x786568) return HEX
  if (letters == 0x343665736162) return BASE64
  return letters == 0x657061637365 ? ESCAPE : 0
}

// The text that stands for bytes: at most four times as many, and a few.
export function bytesEncode(bytes: i64, word: i64, target: usize): i64 {
  const format = formatOf(word)
  const at = start(bytes)
  const end = at + size(bytes)
  if (format == HEX) return written(target, putHexOf(at, end, target))
  if (format == BASE64) return written(target, putBase64(at, end, target))
  return format == ESCAPE ? written(target, putEscaped(at, end, target)) : ELSEWHERE
}

function putHexOf(at: usize, end: usize, to: usize): usize {
  for (; at < end; at++) {
    putHex(<u64>load<u8>(at), 2, to)
    to += 2
  }
  return to
}

// @ts-ignore: decorator
@inline
function letter(bits: u32): u32 {
  return <u32>load<u8>(LETTERS + (bits & 63))
}

// In lines of 76 letters.
function putBase64(at: usize, end: usize, to: usize): usize {
  let line: u32 = 0
  while (at < end) {
    const left = <u32>min<usize>(3, end - at)
    const first = <u32>load<u8>(at)
    const second = left > 1 ? <u32>load<u8>(at, 1) : 0
    const third = left > 2 ? <u32>load<u8>(at, 2) : 0
    store<u8>(to, letter(first >> 2))
    store<u8>(to, letter((first << 4) | (second >> 4)), 1)
    store<u8>(to, left > 1 ? letter((second << 2) | (third >> 6)) : PAD, 2)
    store<u8>(to, left > 2 ? letter(third) : PAD, 3)
    to += 4
    at += left
    line += 3
    if (line >= LINE_BYTES && left == 3) {
      store<u8>(to++, 10)
      line = 0
    }
  }
  return to
}

function putEscaped(at: usize, end: usize, to: usize): usize {
  for (; at < end; at++) {
    const c = <u32>load<u8>(at)
    if (c == 0 || c >= 128) {
      store<u8>(to, BACKSLASH)
      store<u8>(to, 48 + (c >> 6), 1)
      store<u8>(to, 48 + ((c >> 3) & 7), 2)
      store<u8>(to, 48 + (c & 7), 3)
      to += 4
    } else {
      if (c == BACKSLASH) store<u8>(to++, BACKSLASH)
      store<u8>(to++, c)
    }
  }
  return to
}

// The bytes that a text stands for, at most as many as it has; texts that are none are left to TypeScript.
export function bytesDecode(text: i64, word: i64, target: usize): i64 {
  const format = formatOf(word)
  const at = start(text)
  const end = at + size(text)
  if (format == HEX) return takeHex(at, end, target)
  if (format == BASE64) return takeBase64(at, end, target)
  return format == ESCAPE ? takeEscaped(at, end, target) : ELSEWHERE
}

// @ts-ignore: decorator
@inline
function isBlank(c: u32): bool {
  return c == 32 || c == 10 || c == 13 || c == 9
}

function hexDigit(c: u32): u32 {
  const digit = c - 48
  if (digit < 10) return digit
  const letter = (c | 32) - 97
  return letter < 6 ? letter + 10 : NO_DIGIT
}

function takeHex(at: usize, end: usize, target: usize): i64 {
  let to = target
  while (at < end) {
    const c = <u32>load<u8>(at++)
    if (isBlank(c)) continue
    const high = hexDigit(c)
    const low = at < end ? hexDigit(<u32>load<u8>(at++)) : NO_DIGIT
    if (high == NO_DIGIT || low == NO_DIGIT) return ELSEWHERE
    store<u8>(to++, (high << 4) | low)
  }
  return written(target, to)
}

function base64Digit(c: u32): u32 {
  if (c - 65 < 26) return c - 65
  if (c - 97 < 26) return c - 71
  if (c - 48 < 10) return c + 4
  return c == 43 ? 62 : c == 47 ? 63 : NO_DIGIT
}

// Letters by fours; = only at the end of one.
function takeBase64(at: usize, end: usize, target: usize): i64 {
  let to = target
  let bits: u32 = 0
  let count: u32 = 0
  let padding: u32 = 0
  for (; at < end; at++) {
    const c = <u32>load<u8>(at)
    if (isBlank(c)) continue
    let digit: u32 = 0
    if (c == PAD) {
      if (count < 2) return ELSEWHERE
      padding++
    } else {
      digit = base64Digit(c)
      if (digit == NO_DIGIT || padding != 0) return ELSEWHERE
    }
    bits = (bits << 6) | digit
    if (++count < 4) continue
    store<u8>(to, bits >> 16)
    if (padding < 2) store<u8>(to, bits >> 8, 1)
    if (padding < 1) store<u8>(to, bits, 2)
    to += 3 - padding
    // What follows the padding is for TypeScript, which says what is wrong with it.
    if (padding != 0) return isBlankFrom(at + 1, end) ? written(target, to) : ELSEWHERE
    bits = 0
    count = 0
  }
  return count == 0 ? written(target, to) : ELSEWHERE
}

function isBlankFrom(at: usize, end: usize): bool {
  for (; at < end; at++) if (!isBlank(<u32>load<u8>(at))) return false
  return true
}

function takeEscaped(at: usize, end: usize, target: usize): i64 {
  let to = target
  while (at < end) {
    const c = <u32>load<u8>(at)
    if (c != BACKSLASH) {
      store<u8>(to++, c)
      at++
    } else if (at + 1 < end && <u32>load<u8>(at, 1) == BACKSLASH) {
      store<u8>(to++, BACKSLASH)
      at += 2
    } else {
      if (end - at < 4) return ELSEWHERE
      const first = <u32>load<u8>(at, 1) - 48
      const second = <u32>load<u8>(at, 2) - 48
      const third = <u32>load<u8>(at, 3) - 48
      if (first > 3 || second > 7 || third > 7) return ELSEWHERE
      store<u8>(to++, (first << 6) | (second << 3) | third)
      at += 4
    }
  }
  return written(target, to)
}

// Whether a word in any case and with any marks is that of UTF-8 or Latin 1, to which others are left.
function isCommonCharset(word: i64): bool {
  const length = size(word)
  if (length > 12) return false
  let letters: u64 = 0
  let count: u32 = 0
  for (let i: u32 = 0; i < length; i++) {
    const c = <u64>load<u8>(start(word) + i)
    const small = c | 32
    const isLetter = small - 97 < 26
    if (!isLetter && c - 48 >= 10) continue
    if (count == 8) return false
    letters |= (isLetter ? small : c) << (count << 3)
    count++
  }
  return letters == 0x38667475 || letters == 0x316e6974616c
}

// Bytes that are characters of ASCII, but not 0, and mean the same in both encodings.
function isPlain(bytes: i64): bool {
  const end = start(bytes) + size(bytes)
  if (!isAscii(start(bytes), size(bytes))) return false
  let at = start(bytes)
  for (; at + 16 <= end; at += 16) if (i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0))) != 0) return false
  for (; at < end; at++) if (load<u8>(at) == 0) return false
  return true
}

// Bytes as the text that they are, or a text as its bytes, in the encoding of that name.
export function bytesPlain(bytes: i64, charset: i64): i64 {
  return isCommonCharset(charset) && isPlain(bytes) ? bytes : ELSEWHERE
}

// Bytes of one encoding in another.
export function bytesPlainBetween(bytes: i64, from: i64, to: i64): i64 {
  return isCommonCharset(from) && isCommonCharset(to) && isPlain(bytes) ? bytes : ELSEWHERE
}
