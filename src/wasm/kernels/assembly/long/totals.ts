// Adds numerics of any length to a sum, which has bytes of its own where it needs some.
import { isWide } from '../numeric'
import { ELSEWHERE } from '../functions/views'
import { bytesFor, copyBlocks, countOf, placesOf, storedBytes, storeUnhashed, takeNumber } from './numbers'
import { LIMBS_MAX, PLACES_MAX, reachOf, WHOLE_DIGITS_MAX, wholeDigits } from './operations'
import { multiplyNumbers } from './products'
import { addNumbers } from './sums'

// Room for a sum's bytes comes in pieces of so many, as exec/rows/numeric-sums.ts has it.
const ROOM_BYTES: i32 = 64

@inline function roomOf(bytes: i32): i32 {
  return (bytes + ROOM_BYTES - 1) & -ROOM_BYTES
}

// Bytes that adding a numeric, or its square, to the sum at an address takes at most; 0 leaves it to TypeScript.
export function longSumBytes(sum: usize, lo: u64, hi: i64, isSquare: i32): i32 {
  const own = reachOf(load<u64>(sum), load<i64>(sum, 8), -1)
  const reach = own + (reachOf(lo, hi, -1) << (isSquare != 0 ? 1 : 0)) + 2
  return reach > LIMBS_MAX ? 0 : 6 * bytesFor(reach) + storedBytes(reach) + ROOM_BYTES
}

// Adds a numeric, or its square, to the sum at an address; `work` is as many bytes. Gives 0 where that is done, ELSEWHERE
// what TypeScript is to do, or the view of bytes that the caller is to keep: the sum is to have the address where
// they then are.
export function longSumInto(sum: usize, lo: u64, hi: i64, isSquare: i32, work: usize): i64 {
  const own = load<i64>(sum, 8)
  const before = isWide(own) ? <i32>load<u32>(sum, 4) : 0
  let addend = takeNumber(work, load<u64>(sum), own, -1)
  let result = takeNumber(addend, lo, hi, -1)
  if (isSquare != 0) {
    const square = result
    multiplyNumbers(square, addend, addend, square + <usize>bytesFor(2 * countOf(addend) + 1))
    result = square + <usize>bytesFor(countOf(square))
    addend = square
  }
  addNumbers(result, work, addend, false)
  if (wholeDigits(result) > WHOLE_DIGITS_MAX || placesOf(result) > PLACES_MAX) return ELSEWHERE
  const slot = result + <usize>bytesFor(countOf(result))
  const target = slot + 16
  // Whoever reads the sum has its hash put.
  const view = storeUnhashed(slot, target, result)
  if (view == 0) {
    v128.store(sum, v128.load(slot))
    return 0
  }
  const bytes = <i32>(view >>> 32)
  if (before > 0 && roomOf(bytes) <= roomOf(before)) {
    copyBlocks(<usize>load<u32>(sum), target, <usize>bytes)
    store<i32>(sum, bytes, 4)
    return 0
  }
  v128.store(sum, v128.load(slot))
  return (<i64>roomOf(bytes) << 32) | <i64>(<u32>target)
}
