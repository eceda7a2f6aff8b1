// Lists of Parquet files. Levels of slots are a byte each: the definition level doubled, and 1 where a slot goes on
// with the list of the one before it.
import { putArray } from './collect'

// Puts levels together from those of a page, and makes the bitmap of its slots; gives how many of them have a value.
export function parquetListLevels(
  within: usize, defined: usize, count: u32, most: u32, levels: usize, bitmap: usize,
): u32 {
  memory.fill(bitmap, 0, (<usize>count + 7) >> 3)
  let valid: u32 = 0
  for (let i: usize = 0; i < <usize>count; i++) {
    const level = <u32>load<u8>(defined + i)
    store<u8>(levels + i, (level << 1) | u32(load<u8>(within + i) == 1))
    if (level != most) continue
    valid++
    const byte = bitmap + (i >> 3)
    store<u8>(byte, load<u8>(byte) | <u8>(<u32>1 << <u32>(i & 7)))
  }
  return valid
}

// The slot behind the first lists of so many, looked for from a slot on; `begun`: lists that begin before it. Where
// there are not so many: the count of the slots with bit 63, and in bits 32 to 62 how many begin.
export function parquetListEnd(levels: usize, slot: u32, count: u32, begun: u32, rows: u32): u64 {
  for (; slot < count; slot++) {
    if ((load<u8>(levels + <usize>slot) & 1) != 0) continue
    if (begun == rows) return <u64>slot
    begun++
  }
  return (<u64>1 << 63) | (<u64>begun << 32) | <u64>count
}

// How values of slots lie.
const BITS: u32 = 0
const CODES: u32 = 8
const ROW_BYTES: usize = 24
const VALID: usize = 16

// Writes slots as rows of 24 bytes: the value as lanes have it, and at 16 whether there is one; and lists the rows.
// `layout`: 0 bits, 1 to 5 values of 1 to 16 bytes, 6 texts, 8 to 10 codes of 1 to 4 bytes of texts. `offsets` and
// `texts` are those of the texts.
export function parquetSlotRows(
  layout: u32, values: usize, offsets: usize, texts: usize, validity: usize, first: u32, count: u32, rows: usize,
  list: usize,
): void {
  for (let i: u32 = 0; i < count; i++, rows += ROW_BYTES, list += 4) {
    const slot = <usize>(first + i)
    const valid = validity == 0 || ((load<u8>(validity + (slot >> 3)) >> (slot & 7)) & 1) != 0
    store<u32>(list, <u32>rows)
    store<u8>(rows, u8(valid), VALID)
    if (!valid) continue
    if (layout == BITS) store<u32>(rows, (load<u8>(values + (slot >> 3)) >> (slot & 7)) & 1)
    else if (layout == 1) store<i32>(rows, <i32>load<i8>(values + slot))
    else if (layout == 2) store<i32>(rows, <i32>load<i16>(values + (slot << 1)))
    else if (layout == 3) store<i32>(rows, load<i32>(values + (slot << 2)))
    else if (layout == 4) store<u64>(rows, load<u64>(values + (slot << 3)))
    else if (layout == 5) v128.store(rows, v128.load(values + (slot << 4)))
    else store<u64>(rows, textView(layout, values, offsets, texts, slot))
  }
}

@inline function textView(layout: u32, values: usize, offsets: usize, texts: usize, slot: usize): u64 {
  let at = slot
  if (layout == CODES) at = <usize>load<u8>(values + slot)
  else if (layout == CODES + 1) at = <usize>load<u16>(values + (slot << 1))
  else if (layout == CODES + 2) at = <usize>load<u32>(values + (slot << 2))
  const start = load<u32>(offsets + (at << 2))
  return (<u64>(load<u32>(offsets + (at << 2), 4) - start) << 32) | <u64>(<u32>texts + start)
}

const GOES_ON_EMPTY: u64 = 1 << 60
const EMPTY_WITHIN: u64 = 2 << 60

// Makes arrays of listed rows of slots, each list's own. From the definition level `there` on a list is not NULL,
// from `filled` on the slot holds an element. Offsets count from `target`; validity is a bitmap of zeros. Gives how
// many bytes the arrays have; 1 or 2 in the topmost bits: an empty list that goes on, one within another.
export function parquetLists(
  columns: usize, list: usize, levels: usize, slots: u32, there: u32, filled: u32, target: usize, offsets: usize,
  validity: usize, lists: u32,
): u64 {
  let at = target
  let slot: u32 = 0
  store<u32>(offsets, 0)
  for (let i: u32 = 0; i < lists; i++) {
    const first = slot++
    const level = <u32>load<u8>(levels + <usize>first) >> 1
    for (; slot < slots && (load<u8>(levels + <usize>slot) & 1) != 0; slot++) {
      if (level < filled) return GOES_ON_EMPTY
      if (<u32>load<u8>(levels + <usize>slot) >> 1 < filled) return EMPTY_WITHIN
    }
    if (level >= there) {
      const byte = validity + <usize>(i >> 3)
      store<u8>(byte, load<u8>(byte) | <u8>(<u32>1 << <u32>(i & 7)))
      at = level < filled ? putEmpty(at) : putArray(columns, list + (<usize>first << 2), slot - first, at)
    }
    store<u32>(offsets + (<usize>i << 2), <u32>(at - target), 4)
  }
  return <u64>(at - target)
}

// "{}" between the key of no elements and no dimensions, and its length.
@inline function putEmpty(to: usize): usize {
  store<u16>(to, 0)
  store<u16>(to, 0x7d7b, 2)
  store<u32>(to, 2, 4)
  return to + 8
}
