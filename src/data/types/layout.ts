/**
 * How the values of a vector lie in memory (little-endian, Arrow's layouts).
 *
 * | layout | bytes a value | holds |
 * |---|---|---|
 * | bit | 1/8, least significant bit first | bool |
 * | i8 i16 i32 i64 | 1 2 4 8, two's complement | integers, dates, times, 64-bit decimals; narrower than the type where statistics allow |
 * | i128 | 16, low word first | decimals over 18 digits, uuids (see types/uuid.ts) |
 * | numeric | 16: bits 0-119 the signed unscaled value, byte 15 the scale; 255 there: u32 address and u32 length of bytes that live as long (see types/wide-numeric.ts) | numeric |
 * | f32 f64 | 4 8 | float4, float8 |
 * | interval | 16: i32 months, i32 days, i64 microseconds | interval |
 * | utf8 | u32 offsets (length + 1 of them, relative to `values`), bytes | text, bytea; arrays (see types/sort-key.ts) |
 * | dict8 dict16 dict32 | 1 2 4, unsigned index into `dictionary` | text, bytea |
 */
export type Layout =
  | 'bit'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'numeric'
  | 'f32'
  | 'f64'
  | 'interval'
  | 'utf8'
  | 'dict8'
  | 'dict16'
  | 'dict32'
