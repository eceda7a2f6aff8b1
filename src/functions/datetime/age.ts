import {
  civilFromDays,
  daysInMonth,
  MICROS_PER_DAY,
  splitMicros,
} from '../../data/types/calendar.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import { checkInterval } from './interval-arithmetic.ts'

/** Years, months, days and time between two timestamps, counted on the calendar (timestamp_age). */
export function age(later: bigint, earlier: bigint): IntervalValue {
  const backwards = later < earlier
  const [from, to] = backwards ? [later, earlier] : [earlier, later]
  const [start, end] = [splitMicros(from), splitMicros(to)]
  const [a, b] = [civilFromDays(start.days), civilFromDays(end.days)]
  let months = (b.year - a.year) * 12 + (b.month - a.month)
  let days = b.day - a.day
  let micros = end.rest - start.rest
  if (micros < 0n) {
    micros += MICROS_PER_DAY
    days--
  }
  if (days < 0) {
    // Borrows the days of the month that the earlier date lies in.
    days += daysInMonth(a.year, a.month)
    months--
  }
  const sign = backwards ? -1 : 1
  return checkInterval(months * sign, days * sign, backwards ? -micros : micros)
}
