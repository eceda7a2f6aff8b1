// Rows in the order of a key, block by block, for joins that compare by < and >. A block of the list is 32 bytes: the
// address of its first row, how many it has, its smallest low key, its largest high key, and the largest high key of
// it and all blocks before.
import { fixedValue, isNull, KEY_BYTES } from './sort'

const BLOCK_BYTES: usize = 32

// Lists blocks of so many rows that lie one after another, sorted by the low key, or by the high one where there is no
// low one, NULLs last; gives how many blocks there are with rows that are not NULL in what they are sorted by. `keys`
// describes the low key, if there is one, then the high one, if there is one.
export function rangeBlocks(
  keys: usize, hasLow: bool, hasHigh: bool, row: usize, count: u32, rowBytes: u32, blockRows: u32, list: usize,
): u32 {
  const highKey = keys + (hasLow ? KEY_BYTES : 0)
  let most: i64 = i64.MIN_VALUE
  let blocks: u32 = 0
  while (count > 0 && !isNull(keys, row)) {
    const rows = min(count, blockRows)
    store<u32>(list, <u32>row)
    const low = hasLow ? fixedValue(load<u32>(keys), row + load<u32>(keys, 4)) : i64.MIN_VALUE
    store<i64>(list, low, 8)
    let high: i64 = hasHigh ? i64.MIN_VALUE : i64.MAX_VALUE
    let listed: u32 = 0
    for (; listed < rows && !isNull(keys, row); listed++, row += rowBytes) {
      if (hasHigh && !isNull(highKey, row)) {
        high = max(high, fixedValue(load<u32>(highKey), row + load<u32>(highKey, 4)))
      }
    }
    most = max(most, high)
    store<u32>(list, listed, 4)
    store<i64>(list, high, 16)
    store<i64>(list, most, 24)
    list += BLOCK_BYTES
    blocks++
    count -= listed
  }
  return blocks
}
