// Texts of a sort key as numbers: a digit for each place behind their common beginning, whose base is how many
// different bytes they have there. What is noted of a key: u32 1 if that is wanted, u32 the complement of the bytes of
// the shortest behind the beginning, then for each place a byte for each of 256 bytes, 1 if a text has it there.
// What bytes count: u32 places, u32 unused, then for each place a u64 for each byte, and 64 bytes between places: letters
// are alike from place to place, and must not all come to the same lines of the cache.
import { isNull } from './sort'

const PLACES_MAX: u32 = 24
const HEADER_BYTES: usize = 8
const PLACE_BYTES: usize = 2048 + 64

// Notes the bytes of a page's texts; the key's description tells with how many bytes all begin.
export function sortLetters(key: usize, row: usize, rows: u32, rowBytes: u32, noted: usize): void {
  if (load<u32>(noted) == 0) return
  const offset = <usize>load<u32>(key, 4)
  const skipped = load<u32>(key, 36)
  let shortest = ~load<u32>(noted, 4)
  for (let i: u32 = 0; i < rows; i++, row += rowBytes) {
    if (isNull(key, row)) continue
    const view = load<u64>(row + offset)
    const bytes = <u32>(view >> 32) - skipped
    shortest = min(shortest, bytes)
    let at = <usize>(view & 0xffffffff) + <usize>skipped
    let place = noted + HEADER_BYTES
    for (const end = at + <usize>min(bytes, PLACES_MAX); at < end; at++, place += 256) {
      store<u8>(place + <usize>load<u8>(at), 1)
    }
  }
  store<u32>(noted, ~shortest, 4)
}

// What eight bytes count at places from one on.
@inline function eightPlaces(place: usize, word: u64): u64 {
  const low = load<u64>(place + (<usize>(word & 0xff) << 3)) +
    load<u64>(place + PLACE_BYTES + (<usize>((word >> 8) & 0xff) << 3)) +
    load<u64>(place + 2 * PLACE_BYTES + (<usize>((word >> 16) & 0xff) << 3)) +
    load<u64>(place + 3 * PLACE_BYTES + (<usize>((word >> 24) & 0xff) << 3))
  return low +
    load<u64>(place + 4 * PLACE_BYTES + (<usize>((word >> 32) & 0xff) << 3)) +
    load<u64>(place + 5 * PLACE_BYTES + (<usize>((word >> 40) & 0xff) << 3)) +
    load<u64>(place + 6 * PLACE_BYTES + (<usize>((word >> 48) & 0xff) << 3)) +
    load<u64>(place + 7 * PLACE_BYTES + (<usize>(word >> 56) << 3))
}

// The number of a text's first places. What ends before a place counts nothing there, nor do zeros: no text has one.
@inline export function spelledNumber(table: usize, view: u64, skipped: u32): u64 {
  const bytes = <u32>(view >> 32) - skipped
  const last = min(load<u32>(table), bytes)
  const start = <usize>(view & 0xffffffff) + <usize>skipped
  let place = table + HEADER_BYTES
  let value: u64 = 0
  for (let at: u32 = 0; at < last; at += 8, place += 8 * PLACE_BYTES) {
    const rest = bytes - at
    const word = load<u64>(start + at)
    // Places behind the last count nothing, whatever stands there.
    value += eightPlaces(place, rest >= 8 ? word : word & ((<u64>1 << (rest << 3)) - 1))
  }
  return value
}
