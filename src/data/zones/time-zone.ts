/**
 * A time zone as a table: its offset east of Greenwich from each start on, all in seconds, starts since 1970-01-01 UTC
 * and in order. The first start is before all moments.
 */
export interface TimeZone {
  /** As PostgreSQL shows it. */
  readonly name: string
  readonly starts: Float64Array
  readonly offsets: Int32Array
  /** From here on the table holds 400 years, which come again and again: the calendar does, too. */
  readonly cycleStart: number | undefined
  /** Whether they also come before. */
  readonly cyclesBack: boolean
  /** What its offset was called at a moment, and whether that is summer time. */
  calling(seconds: number, offset: number): Calling
}

export interface Calling {
  readonly name: string
  readonly isSummer: boolean
}

/** 400 years of the Gregorian calendar, in seconds. */
export const CYCLE_SECONDS = 146_097 * 86_400
const DAY_SECONDS = 86_400

/** A moment within the table at which all is as at the one given. */
function withinTable({ cycleStart, cyclesBack }: TimeZone, seconds: number): number {
  if (cycleStart === undefined) return seconds
  const isOutside = seconds >= cycleStart + CYCLE_SECONDS || (cyclesBack && seconds < cycleStart)
  if (!isOutside) return seconds
  return seconds - Math.floor((seconds - cycleStart) / CYCLE_SECONDS) * CYCLE_SECONDS
}

/** The last start that is not after a moment. */
function indexAt({ starts }: TimeZone, seconds: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= seconds) low = middle
    else high = middle
  }
  return low
}

/** The offset at a moment. */
export function offsetAt(zone: TimeZone, seconds: number): number {
  return zone.offsets[indexAt(zone, withinTable(zone, seconds))]!
}

/**
 * The offset when a zone's clocks show so many seconds since 1970-01-01 00:00. A time that they pass over is told by the clock
 * before, one that they show twice by the clock after. See DetermineTimeZoneOffset in PostgreSQL's datetime.c.
 */
export function offsetByClock(zone: TimeZone, local: number): number {
  const { starts, offsets } = zone
  const shown = withinTable(zone, local)
  const index = indexAt(zone, shown - DAY_SECONDS)
  const before = offsets[index]!
  const boundary = starts[index + 1]
  if (boundary === undefined) {
    // The table ends here, or begins again.
    return zone.cycleStart === undefined ? before : offsetAt(zone, shown - before)
  }
  const after = offsets[index + 1]!
  const [early, late] = [shown - before, shown - after]
  if (early < boundary && late < boundary) return before
  if (early > boundary && late >= boundary) return after
  return early > late ? before : after
}

/** What the offset at a moment is called: an abbreviation, or the offset itself. */
export function callingAt(zone: TimeZone, seconds: number): Calling {
  return zone.calling(withinTable(zone, seconds), offsetAt(zone, seconds))
}

/** An offset as zones without a name for it are called: `+0530`. */
export function offsetName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60)
  const rest = minutes % 60 === 0 ? '' : twoDigits(minutes % 60)
  return `${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}${rest}`
}

/** A zone that is always so far east of Greenwich. */
export function fixedZone(name: string, offset: number, called: string): TimeZone {
  const calling = { name: called, isSummer: false }
  return {
    name,
    starts: new Float64Array([-Infinity]),
    offsets: new Int32Array([offset]),
    cycleStart: undefined,
    cyclesBack: false,
    calling: () => calling,
  }
}

/** The zone that PostgreSQL makes of a number of hours or of an interval. */
export function zoneOfOffset(offset: number): TimeZone {
  const away = Math.abs(offset)
  const parts = [Math.floor(away / 3_600), Math.floor(away / 60) % 60, away % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  const shown = parts.map(twoDigits).join(':')
  return offset < 0
    ? fixedZone(`<-${shown}>+${shown}`, offset, `-${shown}`)
    : fixedZone(`<+${shown}>-${shown}`, offset, `+${shown}`)
}

export const utc = fixedZone('UTC', 0, 'UTC')

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
