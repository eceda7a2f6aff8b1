// The case of letters and the order of characters, as src/functions/text/letters.ts has them. Characters
// of one and two bytes by tables; of others those that have no case, the rest is left to TypeScript.
import { LETTERS, LOWER, UPPER } from './letter-tables'
import { codeAt, ELSEWHERE, isAscii, putCode, size, start, viewOf, width, written } from './views'

// Characters of two bytes have tables.
const TABLE_END: u32 = 0x800

// @ts-ignore: decorator
@inline
function changedAscii(text: i64, target: usize, first: i8): i64 {
  const bytes = size(text)
  const p = start(text)
  const low = i8x16.splat(first)
  const high = i8x16.splat(first + 25)
  const bit = i8x16.splat(0x20)
  for (let at: u32 = 0; at < bytes; at += 16) {
    const block = v128.load(p + at)
    const letters = v128.and(i8x16.ge_s(block, low), i8x16.le_s(block, high))
    v128.store(target + at, v128.xor(block, v128.and(letters, bit)))
  }
  return viewOf(target, bytes)
}

// Whether characters of three or four bytes are in one of the blocks of Unicode that know no case.
function isCaseless(code: u32): bool {
  if (code < 0x2e80) return code - 0x900 < 0x7a0 || code - 0x2000 < 0x100
  if (code < 0x10000) return code < 0xa640 || code - 0xac00 < 0x2c00 || code - 0xf900 < 0x200
  return code - 0x1f000 < 0xb00 || code - 0x20000 < 0x20000
}

// A character in lower case, -1 for those that are left to TypeScript.
export function lowerOf(code: u32): i32 {
  if (code < 0x80) return <i32>(code - 0x41 < 26 ? code | 0x20 : code)
  if (code < TABLE_END) return <i32>load<u16>(LOWER + ((code - 0x80) << 1))
  return isCaseless(code) ? <i32>code : -1
}

// @ts-ignore: decorator
@inline
function changed(text: i64, target: usize, table: usize, firstAscii: u32): i64 {
  let p = start(text)
  const end = p + size(text)
  let at = target
  while (p < end) {
    let code = <u32>load<u8>(p)
    if (code < 0x80) {
      store<u8>(at, <u8>(code - firstAscii < 26 ? code ^ 0x20 : code))
      at++
      p++
      continue
    }
    code = codeAt(p)
    if (code < TABLE_END) at = putCode(at, <u32>load<u16>(table + ((code - 0x80) << 1)))
    else if (isCaseless(code)) at = putCode(at, code)
    else return ELSEWHERE
    p += width(<u32>load<u8>(p))
  }
  return written(target, at)
}

// A text in upper case; half as long again at most.
export function textUpper(text: i64, target: usize): i64 {
  if (isAscii(start(text), size(text))) return changedAscii(text, target, 0x61)
  return changed(text, target, UPPER, 0x61)
}

export function textLower(text: i64, target: usize): i64 {
  if (isAscii(start(text), size(text))) return changedAscii(text, target, 0x41)
  return changed(text, target, LOWER, 0x41)
}

// @ts-ignore: decorator
@inline
function isWordByte(code: u32): bool {
  return code - 0x30 < 10 || (code | 0x20) - 0x61 < 26
}

// Each word with its first letter in upper case, the rest in lower case.
export function textInitcap(text: i64, target: usize): i64 {
  let p = start(text)
  const end = p + size(text)
  let at = target
  let inside = false
  while (p < end) {
    const lead = <u32>load<u8>(p)
    if (lead < 0x80) {
      const first: u32 = inside ? 0x41 : 0x61
      store<u8>(at, <u8>(lead - first < 26 ? lead ^ 0x20 : lead))
      inside = isWordByte(lead)
      at++
      p++
      continue
    }
    const code = codeAt(p)
    if (code >= TABLE_END) return ELSEWHERE
    const index = code - 0x80
    at = putCode(at, <u32>load<u16>((inside ? LOWER : UPPER) + (index << 1)))
    inside = ((load<u8>(LETTERS + (index >> 3)) >> <u8>(index & 7)) & 1) != 0
    p += 2
  }
  return written(target, at)
}

// The characters from the last to the first.
export function textReverse(text: i64, target: usize): i64 {
  const bytes = size(text)
  let p = start(text)
  const end = p + bytes
  let at = target + bytes
  while (p + 8 <= end) {
    const block = load<u64>(p)
    if ((block & 0x8080808080808080) != 0) break
    at -= 8
    store<u64>(at, bswap(block))
    p += 8
  }
  while (p < end) {
    const count = width(<u32>load<u8>(p))
    at -= count
    for (let i: u32 = 0; i < count; i++) store<u8>(at + i, load<u8>(p + i))
    p += count
  }
  return viewOf(target, bytes)
}

// The code point of the first character, 0 without one.
export function textCode(text: i64): i32 {
  return size(text) == 0 ? 0 : <i32>codeAt(start(text))
}

// The character with a code point; those that there are not are left to TypeScript, which says why.
export function textCharacter(code: i32, target: usize): i64 {
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code >= 0xe000)
  return isCharacter ? written(target, putCode(target, <u32>code)) : ELSEWHERE
}
