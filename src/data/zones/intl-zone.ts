import { present } from '../../base/assert.ts'
import { CYCLE_SECONDS, type TimeZone } from './time-zone.ts'

type Table = Pick<TimeZone, 'starts' | 'offsets' | 'cycleStart' | 'cyclesBack'>

/** Before any zone's clocks were set by another clock than the sun's, of those that the database knows. */
const FIRST_SECONDS = Date.UTC(1830, 0, 1) / 1000
/** From here on every zone goes by a rule: until 2087 Morocco's summer time is listed for each Ramadan. */
const RULE_YEAR = 2_090
/** These years begin on each day of the week, with a 29th of February and without. */
const PATTERN_YEARS = 50
const WEEK_SECONDS = 7 * 86_400
const MILLISECONDS = 1_000

const shownOffset = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/

/** Asks Intl for the offset of a zone at moments. Throws RangeError for a zone that it does not know. */
function offsetReader(name: string): (seconds: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    timeZoneName: 'longOffset',
    year: 'numeric',
  })
  return (seconds) => {
    const shown = present(shownOffset.exec(format.format(seconds * MILLISECONDS)), 'an offset')
    const [, sign, hours = '0', minutes = '0', rest = '0'] = shown
    const size = Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)
    return sign === '-' ? -size : size
  }
}

/**
 * What Intl knows of a zone, asked once: the moments at which its offset changes, found between two weeks that differ. From 2090
 * on a zone with summer time has one year for each kind of year, and so 400 years of them.
 */
export function intlTable(name: string): Table {
  const read = offsetReader(name)
  const starts = [-Infinity]
  const offsets = [read(FIRST_SECONDS)]
  const ruleStart = Date.UTC(RULE_YEAR, 0, 1) / 1000
  for (const change of changesBetween(read, FIRST_SECONDS, ruleStart)) {
    starts.push(change.start)
    offsets.push(change.offset)
  }
  const yearBefore = Date.UTC(RULE_YEAR - 1, 0, 1) / 1000
  const hasSummer = present(starts.at(-1), 'a start') >= yearBefore
  if (!hasSummer) return tableOf(starts, offsets, undefined)
  for (const change of cycleChanges(read)) {
    starts.push(change.start)
    offsets.push(change.offset)
  }
  return tableOf(starts, offsets, ruleStart)
}

/** When summer time was the same in all of the United States. */
const nationalYears: readonly (readonly [from: number, to: number])[] = [
  [1_918, 1_919],
  [1_942, 1_945],
  [1_967, Infinity],
]
const NEW_YORK_HOURS = 5

/** A zone of the United States: New York's changes (`own`), by its own clock, in the years in which the law was one for all. */
export function nationalTable(hoursWest: number, own: Table): Table {
  const later = (hoursWest - NEW_YORK_HOURS) * 3_600
  const starts = [-Infinity]
  const offsets = [-hoursWest * 3_600]
  for (const [index, start] of own.starts.entries()) {
    const year = new Date(start * MILLISECONDS).getUTCFullYear()
    if (!nationalYears.some(([from, to]) => year >= from && year <= to)) continue
    starts.push(start + later)
    offsets.push((own.offsets[index] ?? 0) - later)
  }
  return tableOf(starts, offsets, own.cycleStart)
}

function tableOf(starts: number[], offsets: number[], cycleStart: number | undefined): Table {
  return {
    starts: new Float64Array(starts),
    offsets: new Int32Array(offsets),
    cycleStart,
    cyclesBack: false,
  }
}

interface Change {
  readonly start: number
  readonly offset: number
}

function* changesBetween(
  read: (seconds: number) => number,
  from: number,
  to: number,
): Generator<Change> {
  let [at, offset] = [from, read(from)]
  while (at < to) {
    const next = Math.min(at + WEEK_SECONDS, to)
    const after = read(next)
    // Of several changes within a week the first is found first.
    if (after !== offset) {
      let [low, high] = [at, next]
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (read(middle) === offset) low = middle
        else high = middle
      }
      offset = read(high)
      yield { start: high, offset }
      at = high
    } else at = next
  }
}

/** The changes of 400 years, each year's as in a year of the same kind. */
function* cycleChanges(read: (seconds: number) => number): Generator<Change> {
  const patterns = new Map<string, readonly Change[]>()
  const kindOf = (year: number): string => {
    const first = new Date(Date.UTC(year, 0, 1)).getUTCDay()
    return `${first} ${new Date(Date.UTC(year, 1, 29)).getUTCMonth()}`
  }
  for (let year = RULE_YEAR; year < RULE_YEAR + PATTERN_YEARS; year++) {
    const kind = kindOf(year)
    if (patterns.has(kind)) continue
    const [from, to] = [Date.UTC(year, 0, 1) / 1000, Date.UTC(year + 1, 0, 1) / 1000]
    const changes = [...changesBetween(read, from, to)]
    patterns.set(
      kind,
      changes.map(({ start, offset }) => ({ start: start - from, offset })),
    )
  }
  const end = Date.UTC(RULE_YEAR, 0, 1) / 1000 + CYCLE_SECONDS
  for (let year = RULE_YEAR; Date.UTC(year, 0, 1) / 1000 < end; year++) {
    const from = Date.UTC(year, 0, 1) / 1000
    for (const { start, offset } of present(patterns.get(kindOf(year)), 'a kind of year')) {
      yield { start: from + start, offset }
    }
  }
}
