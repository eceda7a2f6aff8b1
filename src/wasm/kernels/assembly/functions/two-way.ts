// Searching in time that grows with both lengths together, in no room of its own: M. Crochemore, D. Perrin, "Two-way
// string matching" (1991).

// @ts-ignore: decorator
@inline
function byteAt(at: usize, index: u32): u32 {
  return <u32>load<u8>(at + index)
}

// What `largestSuffix` found: the period of the suffix.
let period: u32 = 0

// Where the suffix of a text begins that comes last in the order of bytes, or in its reverse.
function largestSuffix(q: usize, bytes: u32, reversed: bool): u32 {
  let from: u32 = 0
  let rival: u32 = 1
  let same: u32 = 0
  period = 1
  while (rival + same < bytes) {
    const a = byteAt(q, from + same)
    const b = byteAt(q, rival + same)
    if (a == b) {
      same++
      if (same == period) {
        rival += period
        same = 0
      }
    } else if (reversed ? a < b : a > b) {
      rival += same + 1
      same = 0
      period = rival - from
    } else {
      from = rival
      rival++
      same = 0
      period = 1
    }
  }
  return from
}

function isSame(a: usize, b: usize, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) if (byteAt(a, i) != byteAt(b, i)) return false
  return true
}

// The place of a text of `bytes` bytes at `q` among `whole` bytes at `p`, from a place on, or -1.
export function twoWayFind(p: usize, whole: u32, q: usize, bytes: u32, from: u32): i32 {
  let cut = largestSuffix(q, bytes, false)
  let step = period
  const other = largestSuffix(q, bytes, true)
  if (other > cut) {
    cut = other
    step = period
  }
  // How much of the text is known to be the same behind a step, where the text repeats itself.
  let kept: u32 = 0
  if (isSame(q, q + step, cut)) kept = bytes - step
  else step = max(cut, bytes - cut) + 1
  let known: u32 = 0
  let at = from
  while (at + bytes <= whole) {
    let i = max(cut, known)
    while (i < bytes && byteAt(q, i) == byteAt(p, at + i)) i++
    if (i < bytes) {
      at += i - cut + 1
      known = 0
      continue
    }
    let left = cut
    while (left > known && byteAt(q, left - 1) == byteAt(p, at + left - 1)) left--
    if (left <= known) return <i32>at
    at += step
    known = kept
  }
  return -1
}
