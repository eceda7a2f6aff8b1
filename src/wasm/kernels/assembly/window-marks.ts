// Marks of rows in order, a byte each: 2 where a partition begins, 1 where another group of peers does, 0 elsewhere.

// The next row from `at` on with a mark of at least so much; `count` where there is none.
export function nextMark(marks: usize, at: u32, count: u32, mark: u32): u32 {
  const least = i8x16.splat(<i8>mark)
  for (; at + 16 <= count; at += 16) {
    const found = <u32>i8x16.bitmask(i8x16.ge_u(v128.load(marks + at), least))
    if (found != 0) return at + <u32>ctz(found)
  }
  while (at < count && <u32>load<u8>(marks + at) < mark) at++
  return at
}

// The last row up to `at` with a mark of at least so much; the first has one of 2.
export function lastMark(marks: usize, at: u32, mark: u32): u32 {
  const least = i8x16.splat(<i8>mark)
  for (; at >= 15; at -= 16) {
    const found = <u32>i8x16.bitmask(i8x16.ge_u(v128.load(marks + at - 15), least))
    if (found != 0) return at - 15 + (31 - <u32>clz(found))
    if (at == 15) break
  }
  while (at > 0 && <u32>load<u8>(marks + at) < mark) at--
  return at
}

// How many of the rows from..to - 1 have a mark.
export function marksBetween(marks: usize, from: u32, to: u32): u32 {
  const none = i8x16.splat(0)
  let found: u32 = 0
  for (; from + 16 <= to; from += 16) {
    found += <u32>popcnt(<u32>i8x16.bitmask(i8x16.ne(v128.load(marks + from), none)))
  }
  for (; from < to; from++) found += u32(load<u8>(marks + from) != 0)
  return found
}
