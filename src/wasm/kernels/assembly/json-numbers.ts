// Numbers as JSON writes them.

// @ts-ignore: decorator
@inline
export function digit(c: u32): bool {
  return c - 48 < 10
}

// Behind the longest number at p as JSON writes them (no zero in front, digits around a point), or p.
export function numberEnd(p: usize, end: usize): usize {
  const start = p
  if (load<u8>(p) == 45) p++
  if (p >= end || !digit(load<u8>(p))) return start
  if (load<u8>(p) == 48) p++
  else while (p < end && digit(load<u8>(p))) p++
  if (p < end && load<u8>(p) == 46) {
    p++
    if (p >= end || !digit(load<u8>(p))) return start
    while (p < end && digit(load<u8>(p))) p++
  }
  if (p < end && (load<u8>(p) | 32) == 101) {
    p++
    if (p < end && (load<u8>(p) == 43 || load<u8>(p) == 45)) p++
    if (p >= end || !digit(load<u8>(p))) return start
    while (p < end && digit(load<u8>(p))) p++
  }
  return p
}
