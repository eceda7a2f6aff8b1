// The text of JSON strings: escapes to characters.

// Whether a backslash may stand before this byte.
// @ts-ignore: decorator
@inline
export function isEscape(c: u32): bool {
  return (
    c == 34 || c == 92 || c == 47 || c == 98 || c == 102 || c == 110 || c == 114 || c == 116 || c == 117
  )
}

export function hexadecimal(p: usize): i32 {
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

export function putUtf8(to: usize, code: u32): usize {
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

// The character of the escape at p (behind the backslash), below 0 where it stands for none; how many bytes it takes goes to
// escapeLength.
export let escapeLength: usize = 0
export function escapeAt(p: usize, end: usize): i32 {
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

// Decodes [p, end) to `to`; as a field in CSV's quotes when it begins with a quote. Returns the
// end, 0 for an escape that stands for no character.
export function decodeString(p: usize, end: usize, to: usize, asField: bool): usize {
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
    if (code < 0) return 0
    if (quoted && code == 34) store<u8>(to++, 34)
    to = putUtf8(to, code)
    p += 1 + escapeLength
  }
  if (quoted) store<u8>(to++, 34)
  return to
}
