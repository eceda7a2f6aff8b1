// Bytes that are written as texts: in hexadecimal behind \x, or with backslashes in front of octal digits.
import { ELSEWHERE, size, start, written } from './views'

const BACKSLASH: u32 = 92
const SMALL_X: u32 = 120
const NO_DIGIT: u32 = 255

// @ts-ignore: decorator
@inline
function hexDigit(c: u32): u32 {
  const digit = c - 48
  if (digit < 10) return digit
  const letter = (c | 32) - 97
  return letter < 6 ? letter + 10 : NO_DIGIT
}

// @ts-ignore: decorator
@inline
function isBlank(c: u32): bool {
  return c == 32 || c == 10 || c == 13 || c == 9
}

// Eight digits as four bytes, or -1.
// @ts-ignore: decorator
@inline
function fourBytes(digits: u64): i64 {
  // Every letter has bit 6, and says 9 less than it counts; it counts ten or more, digits less.
  const letters = (digits >> 6) & 0x0101010101010101
  const values = (digits & 0x0f0f0f0f0f0f0f0f) + letters * 9
  const shown = values + 0x3030303030303030 + letters * 39
  const isWritten = (digits | (letters << 5)) == shown && (((values + 0x7676767676767676) >> 7) & 0x0101010101010101) == letters
  if (!isWritten || ((values + 0x7070707070707070) & 0x8080808080808080) != 0) return -1
  const pairs = ((values & 0x000f000f000f000f) << 4) | ((values >> 8) & 0x000f000f000f000f)
  const halves = (pairs | (pairs >> 8)) & 0x0000ffff0000ffff
  return <i64>((halves | (halves >> 16)) & 0xffffffff)
}

function bytesOfHex(at: usize, end: usize, target: usize): i64 {
  let to = target
  while (at < end) {
    if (end - at >= 8) {
      const four = fourBytes(load<u64>(at))
      if (four >= 0) {
        store<u32>(to, <u32>four)
        to += 4
        at += 8
        continue
      }
    }
    const c = <u32>load<u8>(at)
    if (isBlank(c)) {
      at++
      continue
    }
    const high = hexDigit(c)
    const low = at + 1 < end ? hexDigit(<u32>load<u8>(at, 1)) : NO_DIGIT
    if (high == NO_DIGIT || low == NO_DIGIT) return ELSEWHERE
    store<u8>(to++, (high << 4) | low)
    at += 2
  }
  return written(target, to)
}

// The bytes of a text, as many as it has at most; texts that are none are left to TypeScript.
export function bytesOfText(text: i64, target: usize): i64 {
  let at = start(text)
  const end = at + size(text)
  if (size(text) >= 2 && load<u8>(at) == BACKSLASH && load<u8>(at, 1) == SMALL_X) return bytesOfHex(at + 2, end, target)
  let to = target
  while (at < end) {
    const c = <u32>load<u8>(at++)
    if (c != BACKSLASH) {
      store<u8>(to++, c)
      continue
    }
    if (at < end && load<u8>(at) == BACKSLASH) {
      store<u8>(to++, BACKSLASH)
      at++
      continue
    }
    if (end - at < 3) return ELSEWHERE
    const first = <u32>load<u8>(at) - 48
    const second = <u32>load<u8>(at, 1) - 48
    const third = <u32>load<u8>(at, 2) - 48
    if (first > 3 || second > 7 || third > 7) return ELSEWHERE
    store<u8>(to++, (first << 6) | (second << 3) | third)
    at += 3
  }
  return written(target, to)
}
