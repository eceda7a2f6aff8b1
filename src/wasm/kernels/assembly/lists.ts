// Lists of rows that groups keep, see listCells and listBlock in compile/model/row-layout.ts. A list's cells are
// four words: its first and last block, where the next row goes, and where the block ends. A block begins with
// two words: the next block, and where its rows end once it is full. `group` and `groups` name rows of groups
// that lie one after another; `cells` is where these have the cells of the list.
import { ENTRY_BYTES, prefixOfKeys, sortBounds } from './sort'
import { sortRadix, sortTies } from './sort-order'

const HEAD_BYTES: u32 = 8
const BLOCK_BYTES_MAX: u32 = 65_536
// Most groups have few rows.
const FIRST_ROWS: u32 = 2

// Makes room for another row in a list whose block is full, from `space` (words next free byte, end). Returns 0, or
// how many bytes that would take where there are fewer.
export function listGrow(space: usize, cells: usize, rowBytes: u32): u32 {
  const last = load<u32>(cells, 4)
  let rows = FIRST_ROWS
  if (last != 0) {
    const before = (load<u32>(cells, 12) - last - HEAD_BYTES) / rowBytes
    rows = min(before << 2, max(1, (BLOCK_BYTES_MAX - HEAD_BYTES) / rowBytes))
  }
  const bytes = HEAD_BYTES + rows * rowBytes
  const free = load<u32>(space)
  const padding = (0 - free) & 7
  if (load<u32>(space, 4) - free < bytes + padding) return bytes + 8
  const block = free + padding
  store<u32>(space, block + bytes)
  store<u32>(block, 0)
  if (last != 0) {
    store<u32>(last, block)
    store<u32>(last, load<u32>(cells, 8), 4)
  } else store<u32>(cells, block)
  store<u32>(cells, block, 4)
  store<u32>(cells, block + HEAD_BYTES, 8)
  store<u32>(cells, block + bytes, 12)
  return 0
}

// Puts the rows of a list behind those of another.
export function listMerge(into: usize, from: usize): void {
  const first = load<u32>(from)
  if (first == 0) return
  const last = load<u32>(into, 4)
  if (load<u32>(into) == 0) store<u32>(into, first)
  else {
    store<u32>(last, first)
    store<u32>(last, load<u32>(into, 8), 4)
  }
  store<u32>(into, load<u32>(from, 4), 4)
  store<u64>(into, load<u64>(from, 8), 8)
}

@inline function endOf(cells: usize, block: u32): u32 {
  return block == load<u32>(cells, 4) ? load<u32>(cells, 8) : load<u32>(block, 4)
}

// The block behind one; 0 behind the last. The chain of a list that was merged into another goes on there.
@inline function nextOf(cells: usize, block: u32): u32 {
  return block == load<u32>(cells, 4) ? 0 : load<u32>(block)
}

// Writes how many rows the groups have up to each, itself included.
export function listCount(
  group: usize, groups: u32, groupBytes: u32, cells: u32, rowBytes: u32, ends: usize,
): void {
  let rows: u32 = 0
  for (let i: u32 = 0; i < groups; i++, group += groupBytes) {
    const at = group + cells
    for (let block = load<u32>(at); block != 0; block = nextOf(at, block)) {
      rows += (endOf(at, block) - block - HEAD_BYTES) / rowBytes
    }
    store<u32>(ends + (<usize>i << 2), rows)
  }
}

// Widens the bounds of a sort key to the rows of the groups, as sortBounds does.
export function listBounds(
  key: usize, group: usize, groups: u32, groupBytes: u32, cells: u32, rowBytes: u32, bounds: usize,
): void {
  for (let i: u32 = 0; i < groups; i++, group += groupBytes) {
    const at = group + cells
    for (let block = load<u32>(at); block != 0; block = nextOf(at, block)) {
      const rows = (endOf(at, block) - block - HEAD_BYTES) / rowBytes
      sortBounds(key, block + HEAD_BYTES, rows, rowBytes, bounds)
    }
  }
}

// Lists the rows of the groups as they came.
export function listRows(
  group: usize, groups: u32, groupBytes: u32, cells: u32, rowBytes: u32, list: usize,
): void {
  for (let i: u32 = 0; i < groups; i++, group += groupBytes) {
    const at = group + cells
    for (let block = load<u32>(at); block != 0; block = nextOf(at, block)) {
      const end = endOf(at, block)
      for (let row = block + HEAD_BYTES; row < end; row += rowBytes, list += 4) store<u32>(list, row)
    }
  }
}

// Lists the rows of the groups with the prefixes of their keys.
export function listEntries(
  keys: usize, keyCount: u32, group: usize, groups: u32, groupBytes: u32, cells: u32, rowBytes: u32,
  entries: usize,
): void {
  for (let i: u32 = 0; i < groups; i++, group += groupBytes) {
    const at = group + cells
    for (let block = load<u32>(at); block != 0; block = nextOf(at, block)) {
      const end = endOf(at, block)
      for (let row = block + HEAD_BYTES; row < end; row += rowBytes, entries += ENTRY_BYTES) {
        store<u64>(entries, prefixOfKeys(keys, keyCount, row))
        store<u64>(entries, <u64>row, 8)
      }
    }
  }
}

// Sorts the entries of each group, which end as `ends` says, counted from `first`. See sortRadix and sortTies.
export function listSort(
  keys: usize, keyCount: u32, bits: u32, exact: bool, entries: usize, other: usize, counts: usize,
  ends: usize, groups: u32, first: u32,
): void {
  let start = first
  for (let i: u32 = 0; i < groups; i++) {
    const end = load<u32>(ends + (<usize>i << 2))
    const rows = end - start
    const at = entries + <usize>(start - first) * ENTRY_BYTES
    if (rows > 1) {
      sortRadix(at, other, rows, bits, counts)
      if (!exact) sortTies(keys, keyCount, at, rows, other)
    }
    start = end
  }
}
