// The calendar of JavaScript's Date, which is the proleptic Gregorian one. Days and microseconds
// count from 1970-01-01; days must be within 100,000,000 of it, as Date wants them.

const DAY_MS = 86_400_000
const DAY_MICROS = 86_400_000_000n

/** The references of `dateYear` to `dateIsoYear`; years before 1 AD count from -1 downwards. */
export const dateFields = {
  dateYear: (days: number) => withoutZero(dateOf(days).getUTCFullYear()),
  dateMonth: (days: number) => dateOf(days).getUTCMonth() + 1,
  dateDay: (days: number) => dateOf(days).getUTCDate(),
  dateDayOfYear: (days: number) => days - startOfYear(dateOf(days).getUTCFullYear()) + 1,
  dateWeekday: (days: number) => dateOf(days).getUTCDay(),
  dateIsoWeek: (days: number) => {
    const thursday = isoThursday(days)
    return Math.floor((thursday - startOfYear(dateOf(thursday).getUTCFullYear())) / 7) + 1
  },
  dateIsoYear: (days: number) => withoutZero(dateOf(isoThursday(days)).getUTCFullYear()),
} as const

/**
 * The reference of `dateTruncate`: start of the month (0), quarter (1), year (2), ISO week (3), decade (4), century
 * (5) or millennium (6).
 */
export function truncateDate(days: number, unit: number): number {
  const date = dateOf(days)
  const month = date.getUTCMonth()
  if (unit === 3) return days - ((date.getUTCDay() + 6) % 7)
  const year = date.getUTCFullYear()
  if (unit === 4) return startOfYear(Math.floor(year / 10) * 10)
  if (unit > 4) {
    const years = unit === 5 ? 100 : 1_000
    return startOfYear(Math.floor((year - 1) / years) * years + 1)
  }
  return daysOf(year, [month, month - (month % 3), 0][unit]!, 1)
}

/** The references of `timestampDate` and `timestampTime`. */
export function splitTimestamp(micros: bigint): { readonly days: bigint; readonly time: bigint } {
  const time = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS
  return { days: (micros - time) / DAY_MICROS, time }
}

/** The reference of `timestampAddMonths`: the day is kept where the month has it. */
export function addMonths(micros: bigint, months: number): bigint {
  const { days, time } = splitTimestamp(micros)
  const date = dateOf(Number(days))
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  const monthDays = dateOf(daysOf(year, month + 1, 0)).getUTCDate()
  return BigInt(daysOf(year, month, Math.min(date.getUTCDate(), monthDays))) * DAY_MICROS + time
}

function dateOf(days: number): Date {
  return new Date(days * DAY_MS)
}

/** Months count from 0; months and days outside a year or month go on into others. */
function daysOf(year: number, month: number, day: number): number {
  // Date.UTC takes years 0 to 99 for those of the twentieth century.
  return new Date(0).setUTCFullYear(year, month, day) / DAY_MS
}

function startOfYear(year: number): number {
  return daysOf(year, 0, 1)
}

function isoThursday(days: number): number {
  return days + 3 - ((dateOf(days).getUTCDay() + 6) % 7)
}

function withoutZero(year: number): number {
  return year > 0 ? year : year - 1
}
