// Rows that repeat one row with another integer each.

// Writes so many rows, each a copy of `row` with an integer one step further: at `value`, of 8 bytes if `wide`,
// else of 4, and marked by a byte at `valid`. `position`: where the number of the row goes, of which the first
// is `number`, or -1; its mark is at `positionValid`.
export function repeatRow(
  row: usize, target: usize, rowBytes: u32, rows: u32, value: u32, wide: bool, valid: u32, first: i64, step: i64,
  position: i32, positionValid: u32, number: i64,
): void {
  let next = first
  const end = target + <usize>rows * rowBytes
  for (let to = target; to < end; to += rowBytes) {
    for (let at: u32 = 0; at < rowBytes; at += 8) store<u64>(to + at, load<u64>(row + at))
    if (wide) store<i64>(to + value, next)
    else store<i32>(to + value, <i32>next)
    store<u8>(to + valid, 1)
    next += step
    if (position < 0) continue
    store<i64>(to + <usize>position, number++)
    store<u8>(to + positionValid, 1)
  }
}
