// Arrays of what patterns find, see patterns.ts.
import { beginPieces, endPieces, putNone, putPiece } from './array-texts'
import { findGroups, GROUPS } from './pattern-groups'
import { begin, FOUND, FROM, NO_TEXT, NONE, placeBehind, search, TO } from './patterns'
import { ELSEWHERE, size, start, written } from './views'

// No piece is NULL by what it says.
const NO_NULL: i64 = -1

// The pieces of a text between matches. Empty ones at its beginning or end, or right behind another one, divide nothing. Takes
// 12 bytes for each byte of the text and 64 more.
export function patternSplit(text: i64, image: usize, work: usize, target: usize): i64 {
  if (!begin(text, work)) return ELSEWHERE
  const end = start(text) + size(text)
  beginPieces(target)
  let count: u32 = 1
  let place = start(text)
  let from = place
  let before = place
  while (true) {
    const found = search(text, image, place, work)
    if (found == NONE) break
    if (found != FOUND) return ELSEWHERE
    const first = <usize>load<u32>(work, FROM)
    const last = <usize>load<u32>(work, TO)
    if (first < end && last > before) {
      putPiece(written(from, first), NO_NULL)
      count++
      from = last
    }
    before = last
    place = placeBehind(work, end)
  }
  putPiece(written(from, end), NO_NULL)
  return endPieces(count, target)
}

// So many groups of the first match, or with none the match itself; -2 without one. Takes as much as above for each of them.
export function patternGroups(text: i64, image: usize, groups: u32, work: usize, target: usize): i64 {
  if (!begin(text, work)) return ELSEWHERE
  const found = search(text, image, start(text), work)
  if (found == NONE) return NO_TEXT
  if (found != FOUND) return ELSEWHERE
  const first = <usize>load<u32>(work, FROM)
  const last = <usize>load<u32>(work, TO)
  beginPieces(target)
  if (groups == 0) {
    putPiece(written(first, last), NO_NULL)
    return endPieces(1, target)
  }
  if (!findGroups(image, text, first, last, work)) return ELSEWHERE
  for (let group: u32 = 1; group <= groups; group++) {
    const from = <usize>load<u32>(work + (group << 3), GROUPS)
    if (from == 0) putNone()
    else putPiece(written(from, <usize>load<u32>(work + (group << 3), GROUPS + 4)), NO_NULL)
  }
  return endPieces(groups, target)
}
