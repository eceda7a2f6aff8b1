// Buckets of numerics that sixteen bytes do not hold, and numerics that they do not hold of floats.
import { unsignedHigh } from '../decimal'
import { ELSEWHERE } from '../functions/views'
import { POWER_MIN, POWERS } from '../powers-of-ten'
import {
  BASE, bytesFor, countOf, DIGITS_SHIFT, endOf, isNegative, limbOf, lowOf, placesOf, powerOf, putLimb, setNegative,
  setPlaces, settle, storeNumber, takeNumber,
} from './numbers'
import { LIMBS_MAX, reachOf } from './operations'
import { dividendLimbs, divideNumbers, multiplyNumbers, quotientPlaces } from './products'
import { addNumbers, NEAREST, roundNumber, TRUNCATED } from './sums'

// Bytes that finding a bucket takes at most; 0 leaves it to TypeScript.
export function longBucketBytes(lo: u64, hi: i64, fromLow: u64, fromHigh: i64, toLow: u64, toHigh: i64): i32 {
  const reach = reachOf(lo, hi, -1) + reachOf(fromLow, fromHigh, -1) + reachOf(toLow, toHigh, -1) + 4
  // A quotient has up to a thousand digits behind the point.
  return reach > LIMBS_MAX ? 0 : 12 * bytesFor(2 * reach + 160)
}

// The number of the bucket, of equal ones between two bounds, that a numeric falls in (compute_bucket in PostgreSQL's
// numeric.c); -1 leaves it to TypeScript. `work`: as many bytes.
export function longBucket(
  work: usize, lo: u64, hi: i64, fromLow: u64, fromHigh: i64, toLow: u64, toHigh: i64, count: i32,
): i32 {
  if (count <= 0 || count == i32.MAX_VALUE) return -1
  const from = takeNumber(work, lo, hi, -1)
  const to = takeNumber(from, fromLow, fromHigh, -1)
  const whole = takeNumber(to, toLow, toHigh, -1)
  addNumbers(whole, to, from, true)
  if (countOf(whole) == 0) return -1
  const way = endOf(whole)
  addNumbers(way, work, from, true)
  const descending = isNegative(whole)
  if (countOf(way) > 0 && isNegative(way) != descending) return 0
  const rest = endOf(way)
  addNumbers(rest, work, to, true)
  if (countOf(rest) == 0 || isNegative(rest) == descending) return count + 1
  const places = max(placesOf(whole), placesOf(way))
  const buckets = rest
  const share = takeNumber(buckets, <u64>count, 0, 0)
  multiplyNumbers(share, way, buckets, share + <usize>bytesFor(countOf(way) + countOf(buckets) + 1))
  setNegative(share, false)
  setNegative(whole, false)
  setPlaces(share, places)
  setPlaces(whole, places)
  const quotient = endOf(share)
  const shown = quotientPlaces(share, whole)
  const room = quotient + <usize>bytesFor(dividendLimbs(share, whole, shown) + 2)
  divideNumbers(quotient, share, whole, shown, NEAREST, room)
  roundNumber(quotient, 0, TRUNCATED)
  let bucket: u64 = 0
  for (let i = countOf(quotient) - 1; i >= 0; i--) bucket = bucket * BASE + limbOf(quotient, i)
  return <i32>(lowOf(quotient) > 0 ? bucket * BASE : bucket) + 1
}

// ------------------------------------------------------------------ floats
// Powers of ten that scale floats.
const POWER_MAX: i32 = 280
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff

// The digits found last: a global of this instance.
let found: u64 = 0

// The integer nearest to a float above 0 times a power of ten, which is below 2^50; false where the power's first 128 bits do
// not say.
function scaledBy(size: f64, power: i32): bool {
  if (power < POWER_MIN || power > POWER_MAX) return false
  const bits = reinterpret<u64>(size)
  const mantissa = (bits & MANTISSA) | (MANTISSA + 1)
  const zeros = clz(mantissa)
  const scaled = mantissa << zeros
  const factor = POWERS + (<usize>(power - POWER_MIN) << 4)
  let upper = unsignedHigh(scaled, load<u64>(factor, 8))
  const lower = scaled * load<u64>(factor, 8)
  upper += u64(lower + unsignedHigh(scaled, load<u64>(factor)) < lower)
  const shift = <i64>zeros - 1 - ((power * 217_706) >> 16) - (<i64>(bits >> 52) - 1_075)
  if (shift < 8 || shift > 60) return false
  const unit: u64 = (<u64>1) << <u64>shift
  const rest = upper & (unit - 1)
  const half = unit >> 1
  // Of what is this near to a half, the power's digits that are cut decide.
  if (rest + 4 > half && rest < half + 4) return false
  found = (upper >> <u64>shift) + u64(rest >= half)
  return true
}

// A float by its first digits, 15 or 6, as printf rounds them: the numeric goes to `slot`, and bytes of its own to `target`, where
// 256 bytes are free. Gives the view of these, 0 where there are none, or ELSEWHERE.
export function longOfFloat(slot: usize, target: usize, value: f64, digits: i32): i64 {
  const size = abs(value)
  if (!(size < Infinity) || size < 1e-250) return ELSEWHERE
  const most = powerOf(digits)
  // From what the exponent says, which may be one too few.
  const exponent = <i32>(reinterpret<u64>(size) >> 52) - 1_023
  let power = digits - 1 - ((exponent * 78_913) >> 18)
  if (!scaledBy(size, power)) return ELSEWHERE
  if (found >= most && !scaledBy(size, --power)) return ELSEWHERE
  let shown = found
  while (shown % 10 == 0) {
    shown /= 10
    power--
  }
  const lowest = -power >> DIGITS_SHIFT
  const shift = powerOf(-power & 7)
  const first = (shown % BASE) * shift
  const second = (shown / BASE) * shift + first / BASE
  putLimb(target, 0, first % BASE)
  putLimb(target, 1, second % BASE)
  putLimb(target, 2, second / BASE)
  settle(target, 3, lowest, value < 0, max(0, power))
  const own = target + <usize>bytesFor(3)
  const view = storeNumber(slot, own, target)
  if (view == 0) return 0
  const bytes = <usize>(view >>> 32)
  memory.copy(target, own, bytes)
  const moved = (<i64>bytes << 32) | <i64>(<u32>target)
  store<i64>(slot, moved)
  return moved
}
