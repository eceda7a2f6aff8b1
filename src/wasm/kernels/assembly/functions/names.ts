// Names of SQL, and texts that stay as they are.
import { codeAt, ELSEWHERE, put, size, start, viewOf, width, written } from './views'

const QUOTE: u32 = 34
const BACKSLASH: u32 = 92
const UNDERSCORE: u32 = 95
const SMALL_A: u32 = 97

// Whether a name has only small letters, digits and _, and begins with none of the digits.
function isSimple(name: i64): bool {
  const p = start(name)
  const length = size(name)
  if (length == 0) return false
  for (let i: u32 = 0; i < length; i++) {
    const c = <u32>load<u8>(p + i)
    const isLetter = c - SMALL_A < 26 || c == UNDERSCORE
    if (!isLetter && (i == 0 || c - 48 >= 10)) return false
  }
  return true
}

// Whether it is one of the words: where those of each letter begin (27 numbers of two bytes), then each with a NUL behind.
function isWord(name: i64, words: i64): bool {
  const first = <u32>load<u8>(start(name)) - SMALL_A
  if (first >= 26) return false
  const starts = start(words)
  const all = starts + 54
  let at = all + <usize>load<u16>(starts + (first << 1))
  const end = all + <usize>load<u16>(starts + (first << 1), 2)
  const length = size(name)
  while (at < end) {
    let i: u32 = 0
    while (i < length && load<u8>(at + i) == load<u8>(start(name) + i)) i++
    if (i == length && load<u8>(at + i) == 0) return true
    while (load<u8>(at) != 0) at++
    at++
  }
  return false
}

// A name, in quotes where it needs them: at most twice as long and two bytes more.
export function textIdentifier(name: i64, words: i64, target: usize): i64 {
  if (isSimple(name) && !isWord(name, words)) return written(target, put(target, start(name), size(name)))
  const end = start(name) + size(name)
  let to = target
  store<u8>(to++, QUOTE)
  for (let at = start(name); at < end; at++) {
    const c = <u32>load<u8>(at)
    if (c == QUOTE) store<u8>(to++, QUOTE)
    store<u8>(to++, c)
  }
  store<u8>(to++, QUOTE)
  return written(target, to)
}

const NAME_BYTES: u32 = 63

// The first characters of a text whose bytes a name has room for.
export function textName(text: i64): i64 {
  let bytes = size(text)
  if (bytes <= NAME_BYTES) return text
  bytes = NAME_BYTES
  while ((<u32>load<u8>(start(text) + bytes) & 0xc0) == 0x80) bytes--
  return viewOf(start(text), bytes)
}

// The text if there is no backslash in it.
export function textUnescaped(text: i64): i64 {
  const end = start(text) + size(text)
  for (let at = start(text); at < end; at++) if (<u32>load<u8>(at) == BACKSLASH) return ELSEWHERE
  return text
}

// The text if all of its characters come before one.
export function textBelow(text: i64, limit: i32): i64 {
  const end = start(text) + size(text)
  let at = start(text)
  while (at < end) {
    const lead = <u32>load<u8>(at)
    if (lead >= 0x80 && codeAt(at) >= <u32>limit) return ELSEWHERE
    at += width(lead)
  }
  return text
}
