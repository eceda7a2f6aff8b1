// Ranges, which are keys with texts behind them. The key of one that is not empty has a byte, and two bounds: each is
// a byte, and where it is not infinite the value in `width` bytes, and a byte: whether the bound is behind the value.
// So the bytes of bounds are in the order of the places where ranges begin and end.
import { putInteger } from '../digits'
import { ELSEWHERE, size, start, viewOf, written } from './views'

const SOME: u32 = 1
const BELOW_ALL: u32 = 0
const VALUE: u32 = 1
const ABOVE_ALL: u32 = 2

const EMPTY: i32 = 1
const LOWER_WITHIN: i32 = 2
const UPPER_WITHIN: i32 = 4
const LOWER_INFINITE: i32 = 8
const UPPER_INFINITE: i32 = 16

const CONTAINS: i32 = 0
const OVERLAP: i32 = 1
const BEFORE: i32 = 2
const ENDS_WITHIN: i32 = 3
const BEGINS_WITHIN: i32 = 4
const TOUCH: i32 = 5

const EMPTY_TEXT: usize = memory.data<u8>([0, 101, 109, 112, 116, 121, 1, 0, 0, 0])
const EMPTY_BYTES: usize = 10

// @ts-ignore: decorator
@inline
function isEmpty(view: i64): bool {
  return size(view) == 0 || load<u8>(start(view)) != SOME
}

// @ts-ignore: decorator
@inline
function lowerOf(view: i64): usize {
  return start(view) + 1
}

// @ts-ignore: decorator
@inline
function upperOf(view: i64, width: i32): usize {
  const lower = lowerOf(view)
  return lower + (load<u8>(lower) == VALUE ? <usize>width + 2 : 1)
}

// Below 0, 0 or above 0, as two bounds of any kind lie.
function compareBounds(left: usize, right: usize, width: i32): i32 {
  const apart = <i32>load<u8>(left) - <i32>load<u8>(right)
  if (apart != 0 || load<u8>(left) != VALUE) return apart
  return memory.compare(left + 1, right + 1, <usize>width + 1)
}

// What a test says of two ranges.
export function rangesTest(left: i64, right: i64, width: i32, test: i32): i32 {
  if (isEmpty(left) || isEmpty(right)) return i32(test == CONTAINS && isEmpty(right))
  const a = lowerOf(left)
  const b = lowerOf(right)
  const aEnd = upperOf(left, width)
  const bEnd = upperOf(right, width)
  if (test == CONTAINS) return i32(compareBounds(a, b, width) <= 0 && compareBounds(bEnd, aEnd, width) <= 0)
  if (test == OVERLAP) return i32(compareBounds(a, bEnd, width) < 0 && compareBounds(b, aEnd, width) < 0)
  if (test == BEFORE) return i32(compareBounds(aEnd, b, width) <= 0)
  if (test == ENDS_WITHIN) return i32(compareBounds(aEnd, bEnd, width) <= 0)
  if (test == BEGINS_WITHIN) return i32(compareBounds(a, b, width) >= 0)
  return i32(compareBounds(aEnd, b, width) == 0 || compareBounds(bEnd, a, width) == 0)
}

// The value of a bound in `width` bytes.
// @ts-ignore: decorator
@inline
function valueAt(bound: usize, width: i32): i64 {
  if (width == 4) return <i64>(<i32>(bswap(load<u32>(bound, 1)) ^ 0x80000000))
  return <i64>(bswap(load<u64>(bound, 1)) ^ 0x8000000000000000)
}

// Whether a value is in a range.
export function rangeContains(view: i64, value: i64, width: i32): i32 {
  if (isEmpty(view)) return 0
  const lower = lowerOf(view)
  if (load<u8>(lower) == VALUE) {
    const least = valueAt(lower, width)
    if (value < least || (value == least && load<u8>(lower + <usize>width, 1) != 0)) return 0
  }
  const upper = upperOf(view, width)
  if (load<u8>(upper) != VALUE) return 1
  const most = valueAt(upper, width)
  return i32(value < most || (value == most && load<u8>(upper + <usize>width, 1) != 0))
}

// What a range is like, in bits.
export function rangeTraits(view: i64, width: i32): i32 {
  if (isEmpty(view)) return EMPTY
  const lower = lowerOf(view)
  const upper = upperOf(view, width)
  let traits = 0
  if (load<u8>(lower) != VALUE) traits |= LOWER_INFINITE
  else if (load<u8>(lower + <usize>width, 1) == 0) traits |= LOWER_WITHIN
  if (load<u8>(upper) != VALUE) traits |= UPPER_INFINITE
  else if (load<u8>(upper + <usize>width, 1) != 0) traits |= UPPER_WITHIN
  return traits
}

// The value of the lower or upper bound, 0 where there is none.
export function rangeBound(view: i64, isUpper: i32, width: i32): i64 {
  if (isEmpty(view)) return 0
  const bound = isUpper ? upperOf(view, width) : lowerOf(view)
  return load<u8>(bound) == VALUE ? valueAt(bound, width) : 0
}

function putBound(target: usize, value: i64, width: i32): usize {
  store<u8>(target, <u8>VALUE)
  if (width == 4) store<u32>(target, bswap(<u32>value ^ 0x80000000), 1)
  else store<u64>(target, bswap(<u64>value ^ 0x8000000000000000), 1)
  store<u8>(target + <usize>width, 0, 1)
  return target + <usize>width + 2
}

// The range of integers from one up to another: 80 bytes at most. Errors are left to TypeScript.
export function rangeOfIntegers(lower: i64, hasLower: i32, upper: i64, hasUpper: i32, width: i32, target: usize): i64 {
  if (hasLower && hasUpper) {
    if (lower > upper) return ELSEWHERE
    if (lower == upper) {
      memory.copy(target, EMPTY_TEXT, EMPTY_BYTES)
      return viewOf(target, <u32>EMPTY_BYTES)
    }
  }
  store<u8>(target, <u8>SOME)
  let to = target + 1
  if (hasLower) to = putBound(to, lower, width)
  else store<u8>(to++, <u8>BELOW_ALL)
  if (hasUpper) to = putBound(to, upper, width)
  else store<u8>(to++, <u8>ABOVE_ALL)
  const keyBytes = <u32>(to - target)
  store<u8>(to++, hasLower ? 91 : 40)
  if (hasLower) to = putInteger(lower, to)
  store<u8>(to++, 44)
  if (hasUpper) to = putInteger(upper, to)
  store<u8>(to++, 41)
  store<u32>(to, keyBytes)
  return written(target, to + 4)
}
