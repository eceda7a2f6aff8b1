// Where the groups of a match are. A pattern is divided into parts, each with a table of its own: parts take the
// longest or the shortest share, earlier ones first, as src/functions/text/regexp/divide.ts does it.
import { lastMatch, markMatches, PARTS, startRow, STEPS } from './pattern-tables'

// A part: its kind, the number of its group, flags, where its rows are, where reading begins by the kind of the
// character before, and its parts.
const KIND: usize = 0
const GROUP: usize = 4
const FLAGS: usize = 8
const ROWS: usize = 12
const STARTS: usize = 16
const COUNT: usize = 24
const CHILDREN: usize = 28

const IS_SHORT: u32 = 1
const HAS_GROUPS: u32 = 2

// Kinds that are divided; others are whole.
const SEQUENCE: u32 = 1
const CHOICE: u32 = 2
// At most one repetition.
const ONCE: u32 = 3
const WRAPPER: u32 = 4

// Where the work space holds the groups, start and end by number, 0 for none, and a bit for each place of a match.
export const GROUPS: usize = 16
const GROUPS_MAX: u32 = 10
const PLACES: usize = 96
const PLACES_BYTES: u32 = 288

// @ts-ignore: decorator
@inline
function childOf(image: usize, part: usize, index: u32): usize {
  return image + load<u32>(part + (index << 2), CHILDREN)
}

// Where a part's match that begins at a place ends, the last not behind a limit; 0 for none.
function endOf(
  image: usize,
  part: usize,
  text: i64,
  from: usize,
  limit: usize,
  work: usize,
): usize {
  const row = startRow(image, part + STARTS, text, from)
  return lastMatch(image, image + load<u32>(part, ROWS), row, text, from, limit, work)
}

// Divides a match of a part among what it consists of; false for what takes too many steps.
function divide(image: usize, part: usize, text: i64, from: usize, to: usize, work: usize): bool {
  if ((load<u32>(part, FLAGS) & HAS_GROUPS) == 0) return true
  if (!divideInside(image, part, text, from, to, work)) return false
  const group = load<u32>(part, GROUP)
  if (group > 0) {
    store<u32>(work + (group << 3), <u32>from, GROUPS)
    store<u32>(work + (group << 3), <u32>to, GROUPS + 4)
  }
  return true
}

function divideInside(
  image: usize,
  part: usize,
  text: i64,
  from: usize,
  to: usize,
  work: usize,
): bool {
  const kind = load<u32>(part, KIND)
  if (kind == SEQUENCE) return cut(image, part, text, from, to, work)
  if (kind == ONCE) {
    const child = childOf(image, part, 0)
    if (from == to) {
      // Nothing is a repetition if that can match it and does not prefer less.
      if ((load<u32>(child, FLAGS) & IS_SHORT) != 0) return true
      if (endOf(image, child, text, from, to, work) != to) return true
    }
    return divide(image, child, text, from, to, work)
  }
  const count = load<u32>(part, COUNT)
  for (let index: u32 = 0; index < count; index++) {
    const child = childOf(image, part, index)
    if (kind == CHOICE) {
      if (endOf(image, child, text, from, to, work) == to) {
        return divide(image, child, text, from, to, work)
      }
    } else if (!divide(image, child, text, from, to, work)) return false
  }
  return kind != CHOICE
}

// Cuts a match in two at the place that the first part prefers, of those where the rest matches, too.
function cut(image: usize, part: usize, text: i64, from: usize, to: usize, work: usize): bool {
  const first = childOf(image, part, 0)
  const rest = childOf(image, part, 1)
  const bytes = <u32>(to - from)
  if (bytes >= PLACES_BYTES << 3) return false
  const places = work + PLACES
  memory.fill(places, 0, (bytes >> 3) + 1)
  const row = startRow(image, first + STARTS, text, from)
  markMatches(image, image + load<u32>(first, ROWS), row, text, from, to, places, work)
  const short = (load<u32>(first, FLAGS) & IS_SHORT) != 0
  for (let at: u32 = 0; at <= bytes; at++) {
    const place = short ? at : bytes - at
    if (((load<u8>(places + (place >> 3)) >> <u8>(place & 7)) & 1) == 0) continue
    const middle = from + place
    if (load<i32>(work, STEPS) < 0) return false
    if (endOf(image, rest, text, middle, to, work) != to) continue
    return (
      divide(image, first, text, from, middle, work) && divide(image, rest, text, middle, to, work)
    )
  }
  return false
}

// Finds the groups of a match of the whole pattern; false for what is left to TypeScript.
export function findGroups(image: usize, text: i64, from: usize, to: usize, work: usize): bool {
  const parts = load<u32>(image, PARTS)
  if (parts == 0) return false
  memory.fill(work + GROUPS, 0, GROUPS_MAX << 3)
  return divide(image, image + parts, text, from, to, work)
}
