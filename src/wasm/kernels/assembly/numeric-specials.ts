// NaN and infinity among numerics (data/types/wide-numeric.ts): powers of ten from here on stand for them.
export const SPECIAL_EXPONENT: i32 = 1 << 30

// Whether the numeric whose own bytes lie at an address is no finite number.
@inline export function isSpecial(at: usize): bool {
  return load<i32>(at, 4) >= SPECIAL_EXPONENT
}
