// MD5 (RFC 1321) of a text or of bytes, in hexadecimal.
import { putHex } from '../digits'
import { size, start, viewOf } from './views'

const DIGEST_BYTES: u32 = 32
const BLOCK_BYTES: u32 = 64

// The whole part of 2^32 * abs(sin(i + 1)).
const SINES: usize = memory.data<u32>([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
])
const SHIFTS: usize = memory.data<u8>([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21])

// Adds a block to the four words at `state`.
function addBlock(state: usize, block: usize): void {
  let a = load<u32>(state)
  let b = load<u32>(state, 4)
  let c = load<u32>(state, 8)
  let d = load<u32>(state, 12)
  for (let i: u32 = 0; i < 64; i++) {
    const round = i >> 4
    let f: u32
    let word: u32
    if (round == 0) {
      f = (b & c) | (~b & d)
      word = i
    } else if (round == 1) {
      f = (d & b) | (~d & c)
      word = (5 * i + 1) & 15
    } else if (round == 2) {
      f = b ^ c ^ d
      word = (3 * i + 5) & 15
    } else {
      f = c ^ (b | ~d)
      word = (7 * i) & 15
    }
    f += a + load<u32>(SINES + (i << 2)) + load<u32>(block + (word << 2))
    a = d
    d = c
    c = b
    b += rotl(f, <u32>load<u8>(SHIFTS + (round << 2) + (i & 3)))
  }
  store<u32>(state, load<u32>(state) + a)
  store<u32>(state, load<u32>(state, 4) + b, 4)
  store<u32>(state, load<u32>(state, 8) + c, 8)
  store<u32>(state, load<u32>(state, 12) + d, 12)
}

// Takes 192 bytes at `target`: the digest, and room for the last blocks and the state behind it.
export function textMd5(text: i64, target: usize): i64 {
  const bytes = size(text)
  const p = start(text)
  const last = target + DIGEST_BYTES
  const state = last + 2 * BLOCK_BYTES
  store<u32>(state, 0x67452301)
  store<u32>(state, 0xefcdab89, 4)
  store<u32>(state, 0x98badcfe, 8)
  store<u32>(state, 0x10325476, 12)
  let done: u32 = 0
  for (; done + BLOCK_BYTES <= bytes; done += BLOCK_BYTES) addBlock(state, p + done)
  const left = bytes - done
  const padded: u32 = left < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES
  memory.fill(last, 0, padded)
  memory.copy(last, p + done, left)
  store<u8>(last + left, 0x80)
  store<u64>(last + padded - 8, <u64>bytes << 3)
  for (let at: u32 = 0; at < padded; at += BLOCK_BYTES) addBlock(state, last + at)
  for (let at: u32 = 0; at < 16; at++) putHex(<u64>load<u8>(state + at), 2, target + 2 * at)
  return viewOf(target, DIGEST_BYTES)
}
