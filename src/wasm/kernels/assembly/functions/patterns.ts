// Regular expressions by tables. A text takes a step a character, and a search for places as many more as it has
// steps left; what takes more, as texts that are long, is left to TypeScript, which can be cancelled.
import { textLength } from '../text'
import { findGroups, GROUPS } from './pattern-groups'
import { classAt, endsAt, FLAGS, HAS_LEADING, IS_ANCHORED, lastMatch, mayMatchBehind } from './pattern-tables'
import { nextLeading, ROWS, startRow, STARTS, STEPS } from './pattern-tables'
import { ELSEWHERE, put, size, start, width, written } from './views'

const TEXT_BYTES_MAX: u32 = 1048576

// Where the work space holds the match that was found last.
export const FROM: usize = 4
export const TO: usize = 8

// Steps for each byte of a text, and those that a short text has besides.
const STEPS_A_BYTE: i32 = 16
const STEPS_MORE: i32 = 4096

// Steps of a search behind which it is asked whether there is a match at all.
const STEPS_UNASKED: i32 = 64

// Answers of a search.
export const NONE: i32 = 0
export const FOUND: i32 = 1
const TOO_LONG: i32 = -1

// The view of no match where one is asked for.
export const NO_TEXT: i64 = -2

const BACKSLASH: u32 = 0x5c
const AMPERSAND: u32 = 0x26

// Whether a text has a match, by the image of a finder: 1, 0, or -1 for a text that is too long.
export function patternFinds(text: i64, image: usize): i32 {
  const bytes = size(text)
  if (bytes > TEXT_BYTES_MAX) return TOO_LONG
  let p = start(text)
  const end = p + bytes
  const rows = image + ROWS
  const first = <u32>load<u16>(image, STARTS)
  const hasLeading = (load<u32>(image, FLAGS) & HAS_LEADING) != 0
  let row = first
  while (p < end) {
    if (hasLeading && row == first) {
      p = nextLeading(image, p, end)
      if (p == end) break
    }
    const lead = <u32>load<u8>(p)
    const cell = <u32>load<u16>(rows + row + classAt(image, p, lead))
    // Nothing goes on from a match, nor from the first row.
    if (cell <= 1) return <i32>cell
    row = cell
    p += width(lead)
  }
  return i32(endsAt(image, rows + row, text, p))
}

export function begin(text: i64, work: usize): bool {
  const bytes = size(text)
  store<i32>(work, <i32>bytes * STEPS_A_BYTE + STEPS_MORE, STEPS)
  return bytes <= TEXT_BYTES_MAX
}

// Finds the first match that begins at a place or later.
export function search(text: i64, image: usize, from: usize, work: usize): i32 {
  const end = start(text) + size(text)
  const flags = load<u32>(image, FLAGS)
  const isAnchored = (flags & IS_ANCHORED) != 0
  if (from > end || (isAnchored && from != start(text))) return NONE
  const rows = image + ROWS
  const stepsAsked = load<i32>(work, STEPS) - STEPS_UNASKED
  let mayAsk = true
  let p = from
  while (true) {
    if ((flags & HAS_LEADING) != 0) p = nextLeading(image, p, end)
    const row = startRow(image, image + STARTS, text, p)
    const lead = p < end ? <u32>load<u8>(p) : 0
    // Most places are passed by here: no match begins with their character.
    if (p == end || load<u16>(rows + row + classAt(image, p, lead)) != 0) {
      const to = lastMatch(image, rows, row, text, p, end, work)
      if (load<i32>(work, STEPS) < 0) return TOO_LONG
      if (to != 0) {
        store<u32>(work, <u32>p, FROM)
        store<u32>(work, <u32>to, TO)
        return FOUND
      }
      // Many places that lead on far and to nothing: is there any that leads to a match?
      if (mayAsk && load<i32>(work, STEPS) < stepsAsked) {
        if (!mayMatchBehind(image, text, p, work)) return NONE
        mayAsk = false
      }
    }
    if (p == end || isAnchored) return NONE
    p += width(lead)
  }
  return NONE
}

// Where to look on behind the match that was found last: behind an empty one a character further.
export function placeBehind(work: usize, end: usize): usize {
  const to = <usize>load<u32>(work, TO)
  if (load<u32>(work, FROM) < <u32>to) return to
  return to < end ? to + width(<u32>load<u8>(to)) : end + 1
}

// The place of a character, from 1; 0 if there are fewer before it.
function placeOf(text: i64, number: i32): usize {
  let p = start(text)
  const end = p + size(text)
  for (let left = number - 1; left > 0; left--) {
    if (p >= end) return 0
    p += width(<u32>load<u8>(p))
  }
  return p
}

// Finds the match with a number, from 1, that begins at a character or later, and makes it that of a group of it.
function searchNumber(
  text: i64,
  image: usize,
  from: i32,
  number: i32,
  group: u32,
  work: usize,
): i32 {
  if (from < 1 || number < 1 || !begin(text, work)) return TOO_LONG
  const end = start(text) + size(text)
  let place = placeOf(text, from)
  if (place == 0) return NONE
  let left = number
  while (true) {
    const found = search(text, image, place, work)
    if (found != FOUND) return found
    if (left == 1) return group == 0 ? FOUND : takeGroup(text, image, group, work)
    place = placeBehind(work, end)
    left--
  }
  return NONE
}

// Makes the match that was found that of a group of it.
function takeGroup(text: i64, image: usize, group: u32, work: usize): i32 {
  const from = <usize>load<u32>(work, FROM)
  if (!findGroups(image, text, from, <usize>load<u32>(work, TO), work)) return TOO_LONG
  const first = load<u32>(work + (group << 3), GROUPS)
  if (first == 0) return NONE
  store<u32>(work, first, FROM)
  store<u32>(work, load<u32>(work + (group << 3), GROUPS + 4), TO)
  return FOUND
}

// How many matches there are from a character on; -1 for what is left to TypeScript.
export function patternCount(text: i64, image: usize, from: i32, work: usize): i32 {
  if (from < 1 || !begin(text, work)) return TOO_LONG
  const end = start(text) + size(text)
  let place = placeOf(text, from)
  if (place == 0) return 0
  let count = 0
  while (true) {
    const found = search(text, image, place, work)
    if (found != FOUND) return found == NONE ? count : TOO_LONG
    place = placeBehind(work, end)
    count++
  }
  return count
}

// Where a match or a group of it begins, or ends if `ending` is 1, in characters from 1; 0 without one, -1 as above.
export function patternPlace(
  text: i64,
  image: usize,
  from: i32,
  number: i32,
  ending: i32,
  group: u32,
  work: usize,
): i32 {
  if (<u32>ending > 1) return TOO_LONG
  const found = searchNumber(text, image, from, number, group, work)
  if (found != FOUND) return found
  const at = <usize>load<u32>(work + (ending == 1 ? TO : FROM))
  return textLength(written(start(text), at)) + 1
}

// A match or a group of it as a view into the text; -2 without one.
export function patternPart(
  text: i64,
  image: usize,
  from: i32,
  number: i32,
  group: u32,
  work: usize,
): i64 {
  const found = searchNumber(text, image, from, number, group, work)
  if (found == NONE) return NO_TEXT
  if (found != FOUND) return ELSEWHERE
  return written(<usize>load<u32>(work, FROM), <usize>load<u32>(work, TO))
}

function hasBackslash(text: i64): bool {
  const p = start(text)
  const bytes = size(text)
  for (let at: u32 = 0; at < bytes; at++) if (load<u8>(p + at) == BACKSLASH) return true
  return false
}

// Writes what replaces the match that was found last: \1 is a group, \& the match, \\ a backslash.
function putReplacement(target: usize, replacement: i64, work: usize): usize {
  let p = start(replacement)
  const end = p + size(replacement)
  let at = target
  while (p < end) {
    const code = <u32>load<u8>(p++)
    if (code == BACKSLASH && p < end) {
      const mark = <u32>load<u8>(p)
      if (mark == AMPERSAND) at = putPart(at, work + FROM)
      else if (isGroup(mark)) at = putPart(at, work + GROUPS + ((mark - 0x30) << 3))
      if (mark == AMPERSAND || isGroup(mark)) {
        p++
        continue
      }
      if (mark == BACKSLASH) p++
    }
    store<u8>(at++, <u8>code)
  }
  return at
}

// The digits 1 to 9.
// @ts-ignore: decorator
@inline
function isGroup(mark: u32): bool {
  return mark - 0x31 < 9
}

// Writes what is between two places in the work space.
// @ts-ignore: decorator
@inline
function putPart(target: usize, ends: usize): usize {
  const from = load<u32>(ends)
  return put(target, <usize>from, load<u32>(ends, 4) - from)
}

function namesGroup(replacement: i64): bool {
  const p = start(replacement)
  const bytes = size(replacement)
  for (let at: u32 = 0; at + 1 < bytes; at++) {
    if (load<u8>(p + at) != BACKSLASH) continue
    if (isGroup(<u32>load<u8>(p + at, 1))) return true
    at++
  }
  return false
}

// The text with the match of a number replaced, or all with number 0, from a character on.
export function patternReplace(
  text: i64,
  image: usize,
  replacement: i64,
  from: i32,
  number: i32,
  work: usize,
  target: usize,
): i64 {
  if (from < 1 || number < 0 || !begin(text, work)) return ELSEWHERE
  const end = start(text) + size(text)
  const isPlain = !hasBackslash(replacement)
  const groups = !isPlain && namesGroup(replacement)
  let place = placeOf(text, from)
  let done = start(text)
  let at = target
  let found: i32 = NONE
  for (let count = 1; place != 0; count++) {
    found = search(text, image, place, work)
    if (found != FOUND) break
    place = placeBehind(work, end)
    if (number > 0 && count != number) continue
    const first = <usize>load<u32>(work, FROM)
    const last = <usize>load<u32>(work, TO)
    at = put(at, done, <u32>(first - done))
    if (groups && !findGroups(image, text, first, last, work)) return ELSEWHERE
    if (isPlain) at = put(at, start(replacement), size(replacement))
    else at = putReplacement(at, replacement, work)
    done = last
    if (number > 0) break
  }
  if (found == TOO_LONG) return ELSEWHERE
  // Nothing was replaced.
  if (at == target && done == start(text)) return text
  return written(target, put(at, done, <u32>(end - done)))
}
