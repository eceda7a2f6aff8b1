// Decimal digits of integers.

// Writes a number without zeros in front; gives the end.
export function putDigits(value: u64, to: usize): usize {
  let end = to + <usize>digitCount(value)
  const behind = end
  // Division of 64 bits is slow: by as few of them as there must be.
  while (value > 0xffffffff) {
    const rest = value / 100
    end -= 2
    putPair(end, <u32>(value - rest * 100))
    value = rest
  }
  let small = <u32>value
  while (small >= 100) {
    const rest = small / 100
    end -= 2
    putPair(end, small - rest * 100)
    small = rest
  }
  if (small >= 10) putPair(end - 2, small)
  else store<u8>(end - 1, 48 + small)
  return behind
}

function digitCount(value: u64): u32 {
  let count: u32 = 1
  while (value >= 10000) {
    value /= 10000
    count += 4
  }
  const small = <u32>value
  return count + u32(small >= 10) + u32(small >= 100) + u32(small >= 1000)
}

// Two digits.
@inline export function putPair(to: usize, value: u32): void {
  const tens = value / 10
  store<u16>(to, 0x3030 + tens + ((value - tens * 10) << 8))
}
