// Keys of JSON objects: which of those that are known one is.

// The keys: u32 count, u32 number of slots, u32 whether others are an error; then 20 bytes each: u32
// address, length, and slot of the value in a record, -1 when it is not wanted, AS_IT_STANDS among its
// bits when strings keep their quotes; address and length of the key as it is mostly written, quotes and
// colon included, or a byte that no text has where strings keep their quotes, so that no quick path takes
// it. They stand in the order in which objects have them, mostly: the search begins behind the key before.

export const AS_IT_STANDS: i32 = 0x40000000

// The index of a key, or -1.
export function keyIndex(keys: usize, p: usize, length: usize, guess: i32): i32 {
  const count = load<i32>(keys)
  for (let k = guess; k < count; k++) if (sameKey(keys, k, p, length)) return k
  const before = min(guess, count)
  for (let k = 0; k < before; k++) if (sameKey(keys, k, p, length)) return k
  return -1
}

export const KEY_ENTRY_BYTES: usize = 20

// @ts-ignore: decorator
@inline
export function keyEntry(keys: usize, index: i32): usize {
  return keys + 12 + <usize>index * KEY_ENTRY_BYTES
}

function sameKey(keys: usize, index: i32, p: usize, length: usize): bool {
  const entry = keyEntry(keys, index)
  if (load<u32>(entry, 4) != <u32>length) return false
  const key = <usize>load<u32>(entry)
  for (let i: usize = 0; i < length; i++) if (load<u8>(key + i) != load<u8>(p + i)) return false
  return true
}

// @ts-ignore: decorator
@inline
function differences(a: usize, b: usize): u32 {
  return i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b)))
}

// How many bytes at p are the key that is expected, as it is mostly written; 0 if it is not there so.
// @ts-ignore: decorator
@inline
export function expectedKey(keys: usize, guess: i32, p: usize, end: usize): usize {
  if (guess >= load<i32>(keys)) return 0
  const entry = keyEntry(keys, guess)
  const written = <usize>load<u32>(entry, 12)
  const length = <usize>load<u32>(entry, 16)
  // A value follows, and whole blocks are read.
  if (end - p < length + 16) return 0
  return isWritten(written, length, p) ? length : 0
}

// Whether the bytes at p are a key of `length` bytes as it is mostly written; reads 16 bytes at least.
// @ts-ignore: decorator
@inline
export function isWritten(written: usize, length: usize, p: usize): bool {
  if (length < 16) return (differences(p, written) & ((1 << <u32>length) - 1)) == 0
  for (let i: usize = 0; i + 16 < length; i += 16) {
    if (differences(p + i, written + i) != 0) return false
  }
  return differences(p + length - 16, written + length - 16) == 0
}

// isWritten at both p and p2.
// @ts-ignore: decorator
@inline
export function isWrittenTwice(written: usize, length: usize, p: usize, p2: usize): bool {
  if (length < 16) {
    const block = v128.load(written)
    const others = v128.or(i8x16.ne(v128.load(p), block), i8x16.ne(v128.load(p2), block))
    return (<u32>i8x16.bitmask(others) & ((1 << <u32>length) - 1)) == 0
  }
  return isWritten(written, length, p) && isWritten(written, length, p2)
}
