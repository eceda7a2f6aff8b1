// Decimal digits of integers.

const BILLION: u64 = 1_000_000_000

// Writes a number without zeros in front; gives the end. Division of 64 bits is slow: there are as few as may be.
export function putDigits(value: u64, to: usize): usize {
  if (value <= 0xffffffff) return putShort(<u32>value, to)
  const upper = value / BILLION
  return putNine(<u32>(value - upper * BILLION), putDigits(upper, to))
}

function putShort(value: u32, to: usize): usize {
  const few = 1 + u32(value >= 10) + u32(value >= 100) + u32(value >= 1000) + u32(value >= 10000)
  const more = u32(value >= 100000) + u32(value >= 1000000) + u32(value >= 10000000)
  const end = to + <usize>(few + more + u32(value >= 100000000) + u32(value >= 1000000000))
  let at = end
  while (value >= 100) {
    const rest = value / 100
    at -= 2
    putPair(at, value - rest * 100)
    value = rest
  }
  if (value >= 10) putPair(at - 2, value)
  else store<u8>(at - 1, 48 + value)
  return end
}

// Nine digits, zeros in front among them.
export function putNine(value: u32, to: usize): usize {
  for (let at = to + 7; at > to; at -= 2) {
    const rest = value / 100
    putPair(at, value - rest * 100)
    value = rest
  }
  store<u8>(to, 48 + value)
  return to + 9
}

// Two digits.
@inline export function putPair(to: usize, value: u32): void {
  const tens = value / 10
  store<u16>(to, 0x3030 + tens + ((value - tens * 10) << 8))
}
