// Copies of Lempel-Ziv decoders. They are wild: up to 31 bytes past the end are written, so every
// output buffer has 64 bytes of slack. All three codecs check lengths before they copy.

// Row o spreads the first o bytes of a vector over all 16: the start of a match at distance o < 16.
const PATTERNS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
])
// The largest multiple of the distance that is at most 16: how far a pattern store may advance.
const PATTERN_STEPS: usize = memory.data<u8>([
  0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15,
])

// Copies `length` > 0 bytes between buffers that do not overlap.
// @ts-ignore: decorator
@inline
export function copyWild(target: usize, source: usize, length: u32): void {
  const end = target + length
  do {
    v128.store(target, v128.load(source))
    target += 16
    source += 16
  } while (target < end)
}

// @ts-ignore: decorator
@inline
function repeatPattern(target: usize, distance: u32, length: u32): void {
  const pattern = i8x16.swizzle(
    v128.load(target - distance),
    v128.load(PATTERNS + (<usize>distance << 4)),
  )
  v128.store(target, pattern)
  if (length > 16) {
    const end = target + length
    const step = <usize>load<u8>(PATTERN_STEPS + distance)
    target += step
    while (target < end) {
      v128.store(target, pattern)
      target += step
    }
  }
}

// Repeats the bytes at `target - distance`; for codecs whose matches are mostly up to 16 bytes.
// @ts-ignore: decorator
@inline
export function copyMatch(target: usize, distance: u32, length: u32): void {
  if (distance < 16) {
    repeatPattern(target, distance, length)
    return
  }
  let source = target - distance
  v128.store(target, v128.load(source))
  if (length > 16) {
    const end = target + length
    do {
      target += 16
      source += 16
      v128.store(target, v128.load(source))
    } while (target + 16 < end)
  }
}

// The same with 32 bytes before the first branch on the length: for zstd's longer matches.
// @ts-ignore: decorator
@inline
export function copyLongMatch(target: usize, distance: u32, length: u32): void {
  if (distance < 16) {
    repeatPattern(target, distance, length)
    return
  }
  let source = target - distance
  v128.store(target, v128.load(source))
  v128.store(target, v128.load(source, 16), 16)
  if (length > 32) {
    const end = target + length
    target += 16
    source += 16
    do {
      target += 16
      source += 16
      v128.store(target, v128.load(source))
    } while (target + 16 < end)
  }
}

// The same for matches of a few bytes at any distance of a number's width or more: one branch for all of them.
// @ts-ignore: decorator
@inline
export function copyShortMatch(target: usize, distance: u32, length: u32): void {
  if (distance < 8 || length > 16) {
    copyLongMatch(target, distance, length)
    return
  }
  // The second half may begin with what the first one writes.
  const source = target - distance
  store<u64>(target, load<u64>(source))
  store<u64>(target, load<u64>(source, 8), 8)
}

// Most strings are short: three stores without a branch on the exact length.
// @ts-ignore: decorator
@inline
export function copyShort(target: usize, source: usize, length: u32): void {
  v128.store(target, v128.load(source))
  if (length > 16) {
    v128.store(target, v128.load(source, 16), 16)
    if (length > 32) {
      v128.store(target, v128.load(source, 32), 32)
      if (length > 48) memory.copy(target + 48, source + 48, length - 48)
    }
  }
}
