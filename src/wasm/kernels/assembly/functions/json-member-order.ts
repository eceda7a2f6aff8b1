// Members of an object that is read as a jsonb, and the order of their names.
import { compareBytes } from './json-writing'

// A member: where its name is in the key, its bytes, where the member's text begins, and what its name is sorted by at first: how
// many bytes it has and the first seven of them.
export const MEMBER_BYTES: usize = 24
export const NAME_BYTES: usize = 4
export const MEMBER_TEXT: usize = 8
export const NAME_HEAD: usize = 16
const HEAD_NAME_BYTES: u32 = 7

// @ts-ignore: decorator
@inline
export function headOf(name: usize, bytes: u32): u64 {
  const unused = bytes < HEAD_NAME_BYTES ? <u64>(64 - (bytes << 3)) : 8
  const first = bytes == 0 ? 0 : bswap(load<u64>(name)) >> unused
  return (<u64>min(bytes, 255) << 56) | first
}

export function compareMembers(one: usize, other: usize): i32 {
  const head = load<u64>(one, NAME_HEAD)
  const otherHead = load<u64>(other, NAME_HEAD)
  if (head != otherHead) return head < otherHead ? -1 : 1
  const bytes = load<u32>(one, NAME_BYTES)
  if (bytes <= HEAD_NAME_BYTES) return 0
  return compareBytes(load<u32>(one), bytes, load<u32>(other), load<u32>(other, NAME_BYTES))
}

// @ts-ignore: decorator
@inline
export function memberAt(members: usize, list: usize, at: u32): usize {
  return members + <usize>load<u32>(list + (<usize>at << 2)) * MEMBER_BYTES
}

// So many are sorted one by one.
const FEW: u32 = 16

function sortFew(members: usize, count: u32, list: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const member = members + <usize>i * MEMBER_BYTES
    let at = i
    for (; at > 0 && compareMembers(memberAt(members, list, at - 1), member) > 0; at--) {
      store<u32>(list + (<usize>at << 2), load<u32>(list + (<usize>(at - 1) << 2)))
    }
    store<u32>(list + (<usize>at << 2), i)
  }
}

// Sorts the numbers of members by their names, those of one name as they come: runs are merged from one list to another. Gives
// the list where they are then.
export function sortMembers(members: usize, count: u32, list: usize): usize {
  if (count <= FEW) {
    sortFew(members, count, list)
    return list
  }
  let other = list + (<usize>count << 2)
  for (let i: u32 = 0; i < count; i++) store<u32>(list + (<usize>i << 2), i)
  for (let run: u32 = 1; run < count; run <<= 1) {
    for (let from: u32 = 0; from < count; from += run << 1) {
      const middle = min(from + run, count)
      mergeRuns(members, list, other, from, middle, min(middle + run, count))
    }
    const sorted = other
    other = list
    list = sorted
  }
  return list
}

function mergeRuns(members: usize, list: usize, other: usize, from: u32, middle: u32, end: u32): void {
  let left = from
  let right = middle
  for (let at = from; at < end; at++) {
    const one = load<u32>(list + (<usize>left << 2))
    const isLeft = left < middle && (right == end || compareMembers(members + <usize>one * MEMBER_BYTES, memberAt(members, list, right)) <= 0)
    store<u32>(other + (<usize>at << 2), isLeft ? one : load<u32>(list + (<usize>right << 2)))
    if (isLeft) left++
    else right++
  }
}
