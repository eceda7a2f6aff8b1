// Texts of Parquet pages: offsets and bytes.
// Sources are followed by 64 readable bytes, targets by 64 writable ones; callers
// have checked that the source holds as many values as they ask for, unless a kernel takes its end.
import { copyShort } from './copy'

// PLAIN byte arrays (length, bytes) to `count + 1` offsets from `base` and bytes from `target` on,
// which has room for all of the source. Returns the end of the bytes, 0 when a length is not within
// the source.
export function parquetPlainText(
  source: usize,
  end: usize,
  count: i32,
  offsets: usize,
  base: usize,
  target: usize,
): usize {
  for (let i = 0; i < count; i++) {
    if (end - source < 4) return 0
    const length = load<u32>(source)
    source += 4
    if (length > end - source) return 0
    store<u32>(offsets, <u32>(target - base))
    copyShort(target, source, length)
    offsets += 4
    source += length
    target += length
  }
  store<u32>(offsets, <u32>(target - base))
  return target
}

// Offsets of `count` values of `width` bytes each, `count + 1` of them, from `first` on.
export function parquetFixedOffsets(first: u32, width: u32, count: i32, offsets: usize): void {
  for (let i = 0; i <= count; i++) {
    store<u32>(offsets, first)
    offsets += 4
    first += width
  }
}

// Adds `delta` to offsets while they are copied.
export function parquetMoveOffsets(source: usize, count: i32, delta: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    store<u32>(target + (<usize>i << 2), load<u32>(source + (<usize>i << 2)) + delta)
  }
}

// Offsets of packed values to `count + 1` offsets of all rows: a NULL's text is empty.
export function parquetSpreadOffsets(packed: usize, bitmap: usize, count: i32, target: usize): void {
  for (let i = 0; i < count; i++) {
    store<u32>(target, load<u32>(packed))
    packed += <usize>((load<u8>(bitmap + (i >> 3)) >> <u8>(i & 7)) & 1) << 2
    target += 4
  }
  store<u32>(target, load<u32>(packed))
}

// Björn Höhrmann's UTF-8 automaton (bjoern.hoehrmann.de/utf-8/decoder/dfa, MIT): byte classes, then
// transitions by state * 12 / 12 + class.
const UTF8_CLASSES: usize = memory.data<u8>([
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  8, 8, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
  10, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 11, 6, 6, 6, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
])
// The class of bytes that are in no text, of which NUL is one here.
const UTF8_NEVER: usize = 8
const UTF8_STATES: usize = memory.data<u8>([
  0, 12, 24, 36, 60, 96, 84, 12, 12, 12, 48, 72,
  12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
  12, 0, 12, 12, 12, 12, 12, 0, 12, 0, 12, 12,
  12, 24, 12, 12, 12, 12, 12, 24, 12, 24, 12, 12,
  12, 12, 12, 12, 12, 12, 12, 24, 12, 12, 12, 12,
  12, 24, 12, 12, 12, 12, 12, 12, 12, 24, 12, 12,
  12, 12, 12, 12, 12, 12, 12, 36, 12, 36, 12, 12,
  12, 36, 12, 12, 12, 12, 12, 36, 12, 36, 12, 12,
  12, 36, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
])

// ASCII without NUL: as signed bytes all of them are above 0.
function isPlain(source: usize, length: usize): bool {
  let least = i8x16.splat(127)
  const end = source + (length & ~15)
  while (source < end) {
    least = i8x16.min_s(least, v128.load(source))
    source += 16
  }
  let rest: i32 = 127
  for (let i: usize = 0; i < (length & 15); i++) rest = min<i32>(rest, load<i8>(source + i))
  return i8x16.all_true(i8x16.gt_s(least, i8x16.splat(0))) && rest > 0
}

// The first of `count` texts (offsets from `base`) that is not UTF-8 or has a NUL, -1 when none is.
// Texts lie one after another, so all-ASCII bytes are proved at once.
export function utf8FirstInvalid(offsets: usize, count: i32, base: usize): i32 {
  if (count == 0) return -1
  const first = load<u32>(offsets)
  if (isPlain(base + first, load<u32>(offsets + (<usize>count << 2)) - first)) return -1
  for (let i = 0; i < count; i++) {
    let at = base + load<u32>(offsets)
    const end = base + load<u32>(offsets, 4)
    offsets += 4
    let state: usize = 0
    while (at < end) {
      const byte = <usize>load<u8>(at++)
      const kind = byte < 128 ? (byte == 0 ? UTF8_NEVER : 0) : <usize>load<u8>(UTF8_CLASSES + (byte - 128))
      state = load<u8>(UTF8_STATES + state + kind)
    }
    if (state != 0) return i
  }
  return -1
}

