// CSV, stage 1: the structural index. A chunk is a run of records that begins outside quotes.
// Positions are addresses of separators, so a field lies between one position and the next; typed
// parsers (csv-fields.ts) take the address of the position that ends a field and a stride.

@inline
function mask64(a: v128, b: v128, c: v128, d: v128, x: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(i8x16.eq(a, x)) | (<u32>i8x16.bitmask(i8x16.eq(b, x)) << 16)) |
    (<u64>(<u32>i8x16.bitmask(i8x16.eq(c, x)) | (<u32>i8x16.bitmask(i8x16.eq(d, x)) << 16)) << 32)
  )
}

// Eight positions, whether or not there are so many: the list has room behind it.
@inline
function flatten8(to: usize, bits: u64, base: u32): u64 {
  store<u32>(to, base + <u32>ctz(bits))
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 4)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 8)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 12)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 16)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 20)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 24)
  bits &= bits - 1
  store<u32>(to, base + <u32>ctz(bits), 28)
  return bits & (bits - 1)
}

@inline
function prefixXor(bits: u64): u64 {
  bits ^= bits << 1
  bits ^= bits << 2
  bits ^= bits << 4
  bits ^= bits << 8
  bits ^= bits << 16
  return bits ^ (bits << 32)
}

/**
 * Addresses of the separators (delimiters and newlines outside quotes) of [p, end), which begins a
 * record. `quote` is 256 when there is none. Returns how many there are up to the last newline.
 * Needs room for 4 * (end - p) + 64 bytes at `positions`; reads up to 64 bytes behind `end`.
 * out: [0] newlines, [1] quotes, [2] 1 = a quote where none may be, 2 = bytes over 127 or NUL,
 * [3] 1 = the end lies inside quotes, [4] address behind the last newline (p when there is none).
 */
export function csvIndex(
  p: usize,
  end: usize,
  delimiter: i32,
  quote: i32,
  positions: usize,
  out: usize,
): i32 {
  const start = p
  const delimiters = i8x16.splat(<i8>delimiter)
  const newlines = i8x16.splat(10)
  const quotes = i8x16.splat(<i8>quote)
  const hasQuotes = quote < 256
  let to = positions
  let inside: u64 = 0
  let afterBoundary: u64 = 1
  let afterClosing: u64 = 0
  let stray: u64 = 0
  let newlineCount: u64 = 0
  let quoteCount: u64 = 0
  // The least byte seen, signed: above 0 all of them are ASCII and none is NUL.
  let least = i8x16.splat(127)
  for (; p < end; p += 64) {
    const a = v128.load(p)
    const b = v128.load(p, 16)
    const c = v128.load(p, 32)
    const d = v128.load(p, 48)
    let lines = mask64(a, b, c, d, newlines)
    let separators = mask64(a, b, c, d, delimiters)
    let valid: u64 = -1
    if (end - p < 64) {
      valid = ((<u64>1) << (end - p)) - 1
      lines &= valid
      separators &= valid
      // Bytes behind the end do not count.
      for (let q = p; q < end; q++) if (load<i8>(q) <= 0) least = i8x16.splat(0)
    } else {
      least = i8x16.min_s(least, i8x16.min_s(i8x16.min_s(a, b), i8x16.min_s(c, d)))
    }
    if (hasQuotes) {
      const any = v128.or(
        v128.or(i8x16.eq(a, quotes), i8x16.eq(b, quotes)),
        v128.or(i8x16.eq(c, quotes), i8x16.eq(d, quotes)),
      )
      if (v128.any_true(any) || (inside | afterClosing) != 0) {
        const found = mask64(a, b, c, d, quotes) & valid
        const returns = mask64(a, b, c, d, i8x16.splat(13))
        quoteCount += popcnt(found)
        const within = prefixXor(found) ^ inside
        const boundary = separators | lines | found
        const closing = found & ~within
        stray |= found & within & ~((boundary << 1) | afterBoundary)
        stray |= ((closing << 1) | afterClosing) & valid & ~(boundary | returns)
        afterBoundary = boundary >> 63
        afterClosing = closing >> 63
        inside = <u64>(<i64>within >> 63)
        lines &= ~within
        separators &= ~within
      } else {
        afterBoundary = (separators | lines) >> 63
      }
    }
    newlineCount += popcnt(lines)
    separators |= lines
    const count = <i32>popcnt(separators)
    const base = <u32>p
    let rest = flatten8(to, separators, base)
    if (count > 8) {
      rest = flatten8(to + 32, rest, base)
      let k: usize = to + 64
      while (rest != 0) {
        store<u32>(k, base + <u32>ctz(rest))
        rest &= rest - 1
        k += 4
      }
    }
    to += <usize>count << 2
  }
  while (to > positions && load<u8>(load<u32>(to - 4)) != 10) to -= 4
  const isPlain = i8x16.all_true(i8x16.gt_s(least, i8x16.splat(0)))
  store<u32>(out, <u32>newlineCount)
  store<u32>(out, <u32>quoteCount, 4)
  store<u32>(out, (stray != 0 ? 1 : 0) | (isPlain ? 0 : 2), 8)
  store<u32>(out, <u32>(inside & 1), 12)
  store<u32>(out, to > positions ? load<u32>(to - 4) + 1 : <u32>start, 16)
  return <i32>((to - positions) >> 2)
}

/**
 * Whether every `columns`-th position is a newline; with as many newlines as rows this proves that
 * each record has `columns` fields. Returns -1 if not, else how many records end in CR LF.
 */
export function csvShape(positions: usize, columns: i32, rows: i32): i32 {
  const stride = <usize>columns << 2
  let p = positions + stride - 4
  let bad = 0
  let returns = 0
  for (let i = 0; i < rows; i++) {
    const at = <usize>load<u32>(p)
    bad |= <i32>(load<u8>(at) != 10)
    returns += <i32>(load<u8>(at - 1) == 13)
    p += stride
  }
  return bad != 0 ? -1 : returns
}

/**
 * The general form of a chunk: pairs (position before a field, position that ends it) record by
 * record, blank lines left out when there are several columns, CR before a newline cut off.
 * Stops at the first record with another number of fields. Returns the records taken;
 * out: [0] positions used, [1] fields of the record that did not fit (0: none), [2] its address.
 */
export function csvRecords(
  positions: usize,
  count: i32,
  columns: i32,
  pairs: usize,
  out: usize,
): i32 {
  let rows = 0
  let i = 0
  store<u32>(out, 0, 4)
  while (i < count) {
    const first = i
    const base = positions + (<usize>first << 2)
    const before = load<u32>(base - 4)
    while (load<u8>(load<u32>(positions + (<usize>i << 2))) != 10) i++
    i++
    const fields = i - first
    const at = load<u32>(positions + (<usize>i << 2) - 4)
    const cut = <u32>(at - before > 1) & <u32>(load<u8>(<usize>at - 1) == 13)
    if (columns > 1 && fields == 1 && at - cut == before + 1) continue
    if (fields != columns) {
      store<u32>(out, first)
      store<u32>(out, fields, 4)
      store<u32>(out, before + 1, 8)
      return rows
    }
    for (let k = 0; k < fields; k++) {
      const from = base + (<usize>k << 2)
      store<u32>(pairs, load<u32>(from - 4))
      store<u32>(pairs, load<u32>(from) - (k == fields - 1 ? cut : 0), 4)
      pairs += 8
    }
    rows++
  }
  store<u32>(out, count)
  return rows
}

/** Address of the first byte of this value in [p, end), or end. Reads up to 64 bytes behind end. */
export function findByte(p: usize, end: usize, byte: i32): usize {
  const wanted = i8x16.splat(<i8>byte)
  for (; p < end; p += 64) {
    const bits = mask64(
      v128.load(p),
      v128.load(p, 16),
      v128.load(p, 32),
      v128.load(p, 48),
      wanted,
    )
    if (bits != 0) {
      const at = p + <usize>ctz(bits)
      return at < end ? at : end
    }
  }
  return end
}

/** How often a byte occurs in [p, end). Reads up to 64 bytes behind end. */
export function countByte(p: usize, end: usize, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte)
  let total: u64 = 0
  for (; p < end; p += 64) {
    let bits = mask64(
      v128.load(p),
      v128.load(p, 16),
      v128.load(p, 32),
      v128.load(p, 48),
      wanted,
    )
    if (end - p < 64) bits &= ((<u64>1) << (end - p)) - 1
    total += popcnt(bits)
  }
  return <i32>total
}

/**
 * Address of the first byte that is not UTF-8 (overlong forms, surrogates and values over U+10FFFF
 * are not) or is NUL, which no text may have, or 0. Sixteen bytes at a time where they are ASCII.
 */
export function findInvalidUtf8(p: usize, end: usize): usize {
  while (p < end) {
    while (p + 16 <= end && i8x16.all_true(i8x16.gt_s(v128.load(p), i8x16.splat(0)))) p += 16
    if (p >= end) return 0
    const first = <u32>load<u8>(p)
    if (first < 0x80) {
      if (first == 0) return p
      p++
      continue
    }
    let length: usize = 2
    let low: u32 = 0x80
    let highest: u32 = 0xbf
    if (first < 0xc2 || first > 0xf4) return p
    if (first >= 0xf0) {
      length = 4
      if (first == 0xf0) low = 0x90
      if (first == 0xf4) highest = 0x8f
    } else if (first >= 0xe0) {
      length = 3
      if (first == 0xe0) low = 0xa0
      if (first == 0xed) highest = 0x9f
    }
    if (p + length > end) return p
    const second = <u32>load<u8>(p, 1)
    if (second < low || second > highest) return p
    for (let k: usize = 2; k < length; k++) if ((load<u8>(p + k) & 0xc0) != 0x80) return p
    p += length
  }
  return 0
}
