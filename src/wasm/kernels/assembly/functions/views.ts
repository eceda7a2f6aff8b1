// What kernels on text share. A view is an i64: address in the low 32 bits, byte length in the high 32.
// Kernels that write text take the address of room for it, with PAST bytes behind what they are told
// they may write, and give the view of what they wrote, or ELSEWHERE for what they leave to TypeScript.

// The answer of a kernel that leaves a value to TypeScript; no view has these bits.
export const ELSEWHERE: i64 = -1

const SPACE: usize = memory.data<u8>([0x20])

// A text of one space.
// @ts-ignore: decorator
@inline
export function space(): i64 {
  return viewOf(SPACE, 1)
}

// @ts-ignore: decorator
@inline
export function start(view: i64): usize {
  return <usize>(<u32>view)
}

// @ts-ignore: decorator
@inline
export function size(view: i64): u32 {
  return <u32>(view >>> 32)
}

// @ts-ignore: decorator
@inline
export function viewOf(address: usize, bytes: u32): i64 {
  return (<i64>bytes << 32) | <i64>(<u32>address)
}

// The view of what was written from `target` up to `end`.
// @ts-ignore: decorator
@inline
export function written(target: usize, end: usize): i64 {
  return viewOf(target, <u32>(end - target))
}

// Bytes of the UTF-8 character that starts with this byte.
// @ts-ignore: decorator
@inline
export function width(lead: u32): u32 {
  if (lead < 0x80) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

// Copies bytes and gives the end; up to 15 bytes behind it are overwritten. Short runs are not worth
// the instruction, which is a call of the engine.
// @ts-ignore: decorator
@inline
export function put(target: usize, source: usize, bytes: u32): usize {
  if (bytes > 128) memory.copy(target, source, bytes)
  else {
    for (let at: u32 = 0; at < bytes; at += 16) v128.store(target + at, v128.load(source + at))
  }
  return target + bytes
}

// Whether none of the bytes begins or continues a character of several.
export function isAscii(at: usize, bytes: u32): bool {
  const end = at + bytes
  while (at + 16 <= end) {
    if (i8x16.bitmask(v128.load(at)) != 0) return false
    at += 16
  }
  const left = <u32>(end - at)
  return left == 0 || (i8x16.bitmask(v128.load(at)) & ((1 << left) - 1)) == 0
}

// The character of two or more bytes at an address.
// @ts-ignore: decorator
@inline
export function codeAt(at: usize): u32 {
  const lead = <u32>load<u8>(at)
  if (lead < 0x80) return lead
  const second = <u32>load<u8>(at, 1) & 63
  if (lead < 0xe0) return ((lead & 31) << 6) | second
  const third = <u32>load<u8>(at, 2) & 63
  if (lead < 0xf0) return ((lead & 15) << 12) | (second << 6) | third
  return ((lead & 7) << 18) | (second << 12) | (third << 6) | (<u32>load<u8>(at, 3) & 63)
}

// Writes a character and gives the end.
// @ts-ignore: decorator
@inline
export function putCode(at: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(at, <u8>code)
    return at + 1
  }
  if (code < 0x800) {
    store<u8>(at, <u8>(0xc0 | (code >> 6)))
    store<u8>(at, <u8>(0x80 | (code & 63)), 1)
    return at + 2
  }
  if (code < 0x10000) {
    store<u8>(at, <u8>(0xe0 | (code >> 12)))
    store<u8>(at, <u8>(0x80 | ((code >> 6) & 63)), 1)
    store<u8>(at, <u8>(0x80 | (code & 63)), 2)
    return at + 3
  }
  store<u8>(at, <u8>(0xf0 | (code >> 18)))
  store<u8>(at, <u8>(0x80 | ((code >> 12) & 63)), 1)
  store<u8>(at, <u8>(0x80 | ((code >> 6) & 63)), 2)
  store<u8>(at, <u8>(0x80 | (code & 63)), 3)
  return at + 4
}
