// Tables of regular expressions, as src/functions/text/regexp/image-writer.ts writes them: a row for each state, a cell
// for each class of characters. A cell is where the next row is, plus 1 if there is a match before the character.
import { codeAt, size, start, width } from './views'

// Parts of an image.
export const EDGE: usize = 0
export const FLAGS: usize = 4
export const STARTS: usize = 8
const RANGE_COUNT: usize = 16
const RANGE_STARTS: usize = 20
const RANGE_CLASSES: usize = 24
const KINDS: usize = 28
export const PARTS: usize = 32
// Two ranges of bytes, first and length less 1 each.
const LEADING: usize = 36
const FINDER: usize = 40
const FINDER_STARTS: usize = 44
const CLASSES: usize = 52
export const ROWS: usize = 180

export const IS_ANCHORED: u32 = 1
const HAS_CONDITIONS: u32 = 2
export const HAS_LEADING: u32 = 4

// Where the work space holds how many steps are left.
export const STEPS: usize = 0

// The class of a character beyond ASCII: that of the last range that begins at it or before.
function classOf(image: usize, code: u32): u32 {
  const starts = image + load<u32>(image, RANGE_STARTS)
  let low: u32 = 0
  let high = load<u32>(image, RANGE_COUNT) - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (load<u32>(starts + (middle << 2)) <= code) low = middle
    else high = middle - 1
  }
  return <u32>load<u8>(image + load<u32>(image, RANGE_CLASSES) + low)
}

// The class of the character at a place that begins with the byte `lead`, as the offset of its cells.
// @ts-ignore: decorator
@inline
export function classAt(image: usize, p: usize, lead: u32): u32 {
  return lead < 0x80 ? <u32>load<u8>(image + lead, CLASSES) : classOf(image, codeAt(p))
}

// The next place whose byte may lead on from the row where reading begins; the end if there is none.
export function nextLeading(image: usize, from: usize, end: usize): usize {
  const first = i8x16.splat(load<i8>(image, LEADING))
  const firstLength = i8x16.splat(load<i8>(image, LEADING + 1))
  const second = i8x16.splat(load<i8>(image, LEADING + 2))
  const secondLength = i8x16.splat(load<i8>(image, LEADING + 3))
  for (let p = from; p < end; p += 16) {
    const block = v128.load(p)
    const mask = i8x16.bitmask(
      v128.or(
        i8x16.le_u(i8x16.sub(block, first), firstLength),
        i8x16.le_u(i8x16.sub(block, second), secondLength),
      ),
    )
    if (mask != 0) return min(p + ctz(mask), end)
  }
  return end
}

// The row where reading begins at a place, by the kind of the character before.
export function startRow(image: usize, starts: usize, text: i64, p: usize): u32 {
  if ((load<u32>(image, FLAGS) & HAS_CONDITIONS) == 0 || p == start(text)) {
    return <u32>load<u16>(starts)
  }
  let q = p - 1
  while ((load<u8>(q) & 0xc0) == 0x80) q--
  const behind = classAt(image, q, <u32>load<u8>(q)) >> 1
  const kind = <u32>load<u8>(image + load<u32>(image, KINDS) + behind)
  return <u32>load<u16>(starts + (kind << 1))
}

// Where the match that begins at a place ends, not behind a limit: the last such place; 0 for none. Takes steps.
export function lastMatch(
  image: usize,
  rows: usize,
  first: u32,
  text: i64,
  from: usize,
  limit: usize,
  work: usize,
): usize {
  let row = first
  let p = from
  let last: usize = 0
  while (p < limit) {
    const lead = <u32>load<u8>(p)
    const cell = <u32>load<u16>(rows + row + classAt(image, p, lead))
    if ((cell & 1) != 0) last = p
    row = cell & 0xfffe
    if (row == 0) break
    p += width(lead)
  }
  if (p == limit && endsAt(image, rows + row, text, p)) last = p
  store<i32>(work, load<i32>(work, STEPS) - <i32>(p - from) - 1, STEPS)
  return last
}

// Whether a match may begin at a place or behind it, where the image tells. Takes steps.
export function mayMatchBehind(image: usize, text: i64, from: usize, work: usize): bool {
  const finder = load<u32>(image, FINDER)
  if (finder == 0) return true
  const rows = image + finder
  let row = startRow(image, image + FINDER_STARTS, text, from)
  const end = start(text) + size(text)
  let p = from
  let cell: u32 = row
  while (p < end) {
    const lead = <u32>load<u8>(p)
    cell = <u32>load<u16>(rows + row + classAt(image, p, lead))
    if (cell <= 1) break
    row = cell
    p += width(lead)
  }
  store<i32>(work, load<i32>(work, STEPS) - <i32>(p - from), STEPS)
  return cell <= 1 ? cell == 1 : endsAt(image, rows + row, text, p)
}

// Whether there is a match at a place where a row was come to.
// @ts-ignore: decorator
@inline
export function endsAt(image: usize, row: usize, text: i64, p: usize): bool {
  const ahead =
    p == start(text) + size(text)
      ? load<u32>(image, EDGE)
      : classAt(image, p, <u32>load<u8>(p))
  return (load<u16>(row + ahead) & 1) != 0
}

// Sets the bits of all places where matches that begin at a place end, not behind a limit. Takes steps.
export function markMatches(
  image: usize,
  rows: usize,
  first: u32,
  text: i64,
  from: usize,
  limit: usize,
  places: usize,
  work: usize,
): void {
  let row = first
  let p = from
  while (p < limit) {
    const lead = <u32>load<u8>(p)
    const cell = <u32>load<u16>(rows + row + classAt(image, p, lead))
    if ((cell & 1) != 0) mark(places, <u32>(p - from))
    row = cell & 0xfffe
    if (row == 0) break
    p += width(lead)
  }
  if (p == limit && endsAt(image, rows + row, text, p)) mark(places, <u32>(p - from))
  store<i32>(work, load<i32>(work, STEPS) - <i32>(p - from) - 1, STEPS)
}

// @ts-ignore: decorator
@inline
function mark(places: usize, place: u32): void {
  const byte = places + (place >> 3)
  store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(place & 7)))
}
