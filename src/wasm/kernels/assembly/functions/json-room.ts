// The room that a text takes as a jsonb, see json-reading.ts.
import { digitsOf } from '../json-members'
import { LEVEL_BYTES } from './json-reading'
import { COLON, COMMA, DEPTH_MAX, exponentAt, OPEN_LIST } from './json-scanning'
import { size, start } from './views'

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
