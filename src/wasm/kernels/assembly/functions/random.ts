// Values of functions that give another one at each call, for a batch at once.

// Floats from 0 up to 1, 1 excluded, of 53 bits each: xoroshiro128** (Blackman and Vigna 2018), the generator
// that PostgreSQL 15 has. The seeds may not both be 0.
export function randomFloats(target: usize, count: u32, first: u64, second: u64): void {
  for (let index: u32 = 0; index < count; index++) {
    const value = rotl(first * 5, 7) * 9
    store<f64>(target + 8 * index, <f64>(value >> 11) * 1.1102230246251565e-16)
    second ^= first
    first = rotl(first, 24) ^ second ^ (second << 16)
    second = rotl(second, 37)
  }
}

// Makes uuids of random words, two each: 122 of the bits stay, the others say version 4 (RFC 4122).
export function randomUuids(target: usize, count: u32): void {
  for (let at = target, end = target + 16 * count; at != end; at += 16) {
    store<u64>(at, (load<u64>(at) & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000)
    // The topmost bit is turned, as for all uuids.
    store<u64>(at, ((load<u64>(at, 8) & 0xffff_ffff_ffff_0fff) | 0x4000) ^ 0x8000_0000_0000_0000, 8)
  }
}
