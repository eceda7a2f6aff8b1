// The hash of two words that keys are made of.
export const K0: u64 = 0x9e3779b97f4a7c15
export const K1: u64 = 0xa0761d6478bd642f

@inline export function mix(a: u64, b: u64): u64 {
  const m = (a ^ K1) * (b ^ K0)
  return m ^ (m >> 32)
}
