// SHA-224, SHA-256, SHA-384 and SHA-512 (FIPS 180-4) of bytes.
import { CUBE_ROOTS, STARTS_224, STARTS_256, STARTS_384, STARTS_512 } from './sha-tables'
import { size, start, viewOf } from './views'

const BLOCK_32: u32 = 64
const BLOCK_64: u32 = 128
// Words that a block is stretched to, behind the digest and the last blocks.
const LAST: u32 = 64
const SCHEDULE: u32 = 64 + 256

function addBlock32(state: usize, block: usize, words: usize): void {
  for (let i: u32 = 0; i < 16; i++) store<u32>(words + (i << 2), bswap<u32>(load<u32>(block + (i << 2))))
  for (let i: u32 = 16; i < 64; i++) {
    const at = words + (i << 2)
    const early = load<u32>(at - 60)
    const late = load<u32>(at - 8)
    const first = rotr(early, 7) ^ rotr(early, 18) ^ (early >> 3)
    const second = rotr(late, 17) ^ rotr(late, 19) ^ (late >> 10)
    store<u32>(at, load<u32>(at - 64) + first + load<u32>(at - 28) + second)
  }
  let a = load<u32>(state)
  let b = load<u32>(state, 4)
  let c = load<u32>(state, 8)
  let d = load<u32>(state, 12)
  let e = load<u32>(state, 16)
  let f = load<u32>(state, 20)
  let g = load<u32>(state, 24)
  let h = load<u32>(state, 28)
  for (let i: u32 = 0; i < 64; i++) {
    const sum = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)
    const one = h + sum + ((e & f) ^ (~e & g)) + load<u32>(CUBE_ROOTS + (i << 3), 4) + load<u32>(words + (i << 2))
    const other = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = d + one
    d = c
    c = b
    b = a
    a = one + other
  }
  store<u32>(state, load<u32>(state) + a)
  store<u32>(state, load<u32>(state, 4) + b, 4)
  store<u32>(state, load<u32>(state, 8) + c, 8)
  store<u32>(state, load<u32>(state, 12) + d, 12)
  store<u32>(state, load<u32>(state, 16) + e, 16)
  store<u32>(state, load<u32>(state, 20) + f, 20)
  store<u32>(state, load<u32>(state, 24) + g, 24)
  store<u32>(state, load<u32>(state, 28) + h, 28)
}

function addBlock64(state: usize, block: usize, words: usize): void {
  for (let i: u32 = 0; i < 16; i++) store<u64>(words + (i << 3), bswap<u64>(load<u64>(block + (i << 3))))
  for (let i: u32 = 16; i < 80; i++) {
    const at = words + (i << 3)
    const early = load<u64>(at - 120)
    const late = load<u64>(at - 16)
    const first = rotr(early, 1) ^ rotr(early, 8) ^ (early >> 7)
    const second = rotr(late, 19) ^ rotr(late, 61) ^ (late >> 6)
    store<u64>(at, load<u64>(at - 128) + first + load<u64>(at - 56) + second)
  }
  let a = load<u64>(state)
  let b = load<u64>(state, 8)
  let c = load<u64>(state, 16)
  let d = load<u64>(state, 24)
  let e = load<u64>(state, 32)
  let f = load<u64>(state, 40)
  let g = load<u64>(state, 48)
  let h = load<u64>(state, 56)
  for (let i: u32 = 0; i < 80; i++) {
    const sum = rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)
    const one = h + sum + ((e & f) ^ (~e & g)) + load<u64>(CUBE_ROOTS + (i << 3)) + load<u64>(words + (i << 3))
    const other = (rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = d + one
    d = c
    c = b
    b = a
    a = one + other
  }
  store<u64>(state, load<u64>(state) + a)
  store<u64>(state, load<u64>(state, 8) + b, 8)
  store<u64>(state, load<u64>(state, 16) + c, 16)
  store<u64>(state, load<u64>(state, 24) + d, 24)
  store<u64>(state, load<u64>(state, 32) + e, 32)
  store<u64>(state, load<u64>(state, 40) + f, 40)
  store<u64>(state, load<u64>(state, 48) + g, 48)
  store<u64>(state, load<u64>(state, 56) + h, 56)
}

// The digest of so many bits. It takes 960 bytes at `target`: the digest, the last blocks, and the words of one.
export function bytesSha(bytes: i64, bits: i32, target: usize): i64 {
  const isLong = bits > 256
  const block = isLong ? BLOCK_64 : BLOCK_32
  const starts = bits == 224 ? STARTS_224 : bits == 256 ? STARTS_256 : bits == 384 ? STARTS_384 : STARTS_512
  memory.copy(target, starts, block >> 1)
  const last = target + LAST
  const words = target + SCHEDULE
  const whole = size(bytes)
  let done: u32 = 0
  for (; done + block <= whole; done += block) addBlock(isLong, target, start(bytes) + done, words)
  const left = whole - done
  // The length takes an eighth of a block.
  const padded = left < block - (block >> 3) ? block : 2 * block
  memory.fill(last, 0, padded)
  memory.copy(last, start(bytes) + done, left)
  store<u8>(last + left, 0x80)
  store<u64>(last + padded - 8, bswap<u64>(<u64>whole << 3))
  for (let at: u32 = 0; at < padded; at += block) addBlock(isLong, target, last + at, words)
  for (let at: u32 = 0; at < block >> 1; at += isLong ? 8 : 4) {
    if (isLong) store<u64>(target + at, bswap<u64>(load<u64>(target + at)))
    else store<u32>(target + at, bswap<u32>(load<u32>(target + at)))
  }
  return viewOf(target, <u32>bits >> 3)
}

function addBlock(isLong: bool, state: usize, block: usize, words: usize): void {
  if (isLong) addBlock64(state, block, words)
  else addBlock32(state, block, words)
}
