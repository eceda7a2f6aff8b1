// Long numbers of limbs of 32 bits, the lowest first. What multiplies and divides gives how many limbs there are.

export const LIMB_MASK: u64 = 0xffffffff

// Powers of ten up to 10^38, two words each.
export const POWERS: usize = memory.data<u64>([
  0x1, 0x0, 0xa, 0x0, 0x64, 0x0, 0x3e8, 0x0, 0x2710, 0x0, 0x186a0, 0x0, 0xf4240, 0x0,
  0x989680, 0x0, 0x5f5e100, 0x0, 0x3b9aca00, 0x0, 0x2540be400, 0x0, 0x174876e800, 0x0,
  0xe8d4a51000, 0x0, 0x9184e72a000, 0x0, 0x5af3107a4000, 0x0, 0x38d7ea4c68000, 0x0,
  0x2386f26fc10000, 0x0, 0x16345785d8a0000, 0x0, 0xde0b6b3a7640000, 0x0, 0x8ac7230489e80000, 0x0,
  0x6bc75e2d63100000, 0x5, 0x35c9adc5dea00000, 0x36, 0x19e0c9bab2400000, 0x21e,
  0x2c7e14af6800000, 0x152d, 0x1bcecceda1000000, 0xd3c2, 0x161401484a000000, 0x84595,
  0xdcc80cd2e4000000, 0x52b7d2, 0x9fd0803ce8000000, 0x33b2e3c, 0x3e25026110000000, 0x204fce5e,
  0x6d7217caa0000000, 0x1431e0fae, 0x4674edea40000000, 0xc9f2c9cd0,
  0xc0914b2680000000, 0x7e37be2022, 0x85acef8100000000, 0x4ee2d6d415b,
  0x38c15b0a00000000, 0x314dc6448d93, 0x378d8e6400000000, 0x1ed09bead87c0,
  0x2b878fe800000000, 0x13426172c74d82, 0xb34b9f1000000000, 0xc097ce7bc90715,
  0xf436a000000000, 0x785ee10d5da46d9, 0x98a224000000000, 0x4b3b4ca85a86c47a,
])

@inline export function limb(at: usize, index: i32): u64 {
  return <u64>load<u32>(at + (<usize>index << 2))
}

@inline export function setLimb(at: usize, index: i32, value: u64): void {
  store<u32>(at + (<usize>index << 2), <u32>value)
}

export function lengthOf(at: usize, most: i32): i32 {
  let length = most
  while (length > 0 && limb(at, length - 1) == 0) length--
  return length
}

export function setWide(at: usize, lo: u64, hi: u64): i32 {
  store<u64>(at, lo)
  store<u64>(at, hi, 8)
  return lengthOf(at, 4)
}

// Multiplies in place; gives the length.
export function multiplySmall(at: usize, length: i32, factor: u64): i32 {
  let carry: u64 = 0
  for (let i = 0; i < length; i++) {
    const product = limb(at, i) * factor + carry
    setLimb(at, i, product)
    carry = product >> 32
  }
  if (carry == 0) return length
  setLimb(at, length, carry)
  return length + 1
}

export function shiftDigits(at: usize, length: i32, digits: i32): i32 {
  let left = digits
  let limbs = length
  for (; left >= 9; left -= 9) limbs = multiplySmall(at, limbs, 1_000_000_000)
  return left == 0 ? limbs : multiplySmall(at, limbs, load<u64>(POWERS + (<usize>left << 4)))
}

// Adds the half of another number, rounded down; gives the length.
export function addHalf(at: usize, length: i32, other: usize, otherLength: i32): i32 {
  const most = max(length, otherLength)
  for (let i = length; i <= most; i++) setLimb(at, i, 0)
  let carry: u64 = 0
  for (let i = 0; i <= most; i++) {
    let half: u64 = 0
    if (i < otherLength) {
      const above = i + 1 < otherLength ? limb(other, i + 1) : 0
      half = ((above << 31) | (limb(other, i) >> 1)) & LIMB_MASK
    }
    const sum = limb(at, i) + half + carry
    setLimb(at, i, sum)
    carry = sum >> 32
  }
  return lengthOf(at, most + 1)
}

// Divides by a number of 32 bits, also in place; gives the length.
export function divideSmall(at: usize, length: i32, divisor: u64, quotient: usize): i32 {
  let rest: u64 = 0
  for (let i = length - 1; i >= 0; i--) {
    const part = (rest << 32) | limb(at, i)
    setLimb(quotient, i, part / divisor)
    rest = part % divisor
  }
  return lengthOf(quotient, length)
}

@inline function shiftLeft(at: usize, length: i32, bits: u64): void {
  if (bits == 0) return
  let carry: u64 = 0
  for (let i = 0; i < length; i++) {
    const wide = (limb(at, i) << bits) | carry
    setLimb(at, i, wide)
    carry = wide >> 32
  }
}

// The quotient, rounded down (D. Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D); gives its length.
// Both operands are lost.
export function divide(at: usize, length: i32, by: usize, byLength: i32, quotient: usize): i32 {
  if (length < byLength) return 0
  if (byLength == 1) return divideSmall(at, length, limb(by, 0), quotient)
  const bits = <u64>clz<u32>(<u32>limb(by, byLength - 1))
  shiftLeft(by, byLength, bits)
  setLimb(at, length, 0)
  shiftLeft(at, length + 1, bits)
  const top = limb(by, byLength - 1)
  const next = limb(by, byLength - 2)
  for (let j = length - byLength; j >= 0; j--) {
    const upper = (limb(at, j + byLength) << 32) | limb(at, j + byLength - 1)
    const below = limb(at, j + byLength - 2)
    let guess = upper / top
    let rest = upper % top
    while (guess > LIMB_MASK || guess * next > ((rest << 32) | below)) {
      guess--
      rest += top
      if (rest > LIMB_MASK) break
    }
    let carry: u64 = 0
    let borrow: u64 = 0
    for (let i = 0; i < byLength; i++) {
      const product = guess * limb(by, i) + carry
      carry = product >> 32
      const difference = limb(at, i + j) - (product & LIMB_MASK) - borrow
      setLimb(at, i + j, difference)
      borrow = difference >> 63
    }
    const last = limb(at, j + byLength) - carry - borrow
    setLimb(at, j + byLength, last)
    if (last >> 63) {
      guess--
      carry = 0
      for (let i = 0; i < byLength; i++) {
        const sum = limb(at, i + j) + limb(by, i) + carry
        setLimb(at, i + j, sum)
        carry = sum >> 32
      }
      setLimb(at, j + byLength, limb(at, j + byLength) + carry)
    }
    setLimb(quotient, j, guess)
  }
  return lengthOf(quotient, length - byLength + 1)
}
