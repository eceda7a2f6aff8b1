import { CYCLE_SECONDS, fixedZone, type Calling, type TimeZone } from './time-zone.ts'

/*
 * Zones whose rule is written out, as POSIX has them: `EST5EDT,M3.2.0,M11.1.0`. Offsets are west of Greenwich there.
 * See tzparse in PostgreSQL's localtime.c.
 */

const offsetText = String.raw`([+-]?\d{1,3}(?::\d{1,2}(?::\d{1,2})?)?)`
const nameText = String.raw`(<[^>]*>|[^\d,+\-<>]+)`
const spec = new RegExp(`^${nameText}?${offsetText}(?:${nameText}${offsetText}?(?:[,;](.*))?)?$`)
const FIRST_YEAR = 1_770
const HOUR_SECONDS = 3_600
const DAY_SECONDS = 86_400
const HOURS_MAX = 167
/** The rule of the United States, which is taken where none is written. */
const DEFAULT_RULE = 'M3.2.0,M11.1.0'

/** The zone of such a text; undefined where it is none. */
export function posixZone(text: string): TimeZone | undefined {
  const match = spec.exec(text)
  if (match === null) return undefined
  const [, standardName = '', standardText = '', summerName, summerText, rules] = match
  const west = secondsOf(standardText)
  if (west === undefined) return undefined
  const standard = { offset: -west, name: unquoted(standardName), isSummer: false }
  if (summerName === undefined) return fixedZone(text, -west, standard.name)
  const summerWest = summerText === undefined ? west - HOUR_SECONDS : secondsOf(summerText)
  const [start, end, ...rest] = (rules ?? DEFAULT_RULE).split(',').map(ruleOf)
  if (summerWest === undefined || start === undefined || end === undefined || rest.length > 0) {
    return undefined
  }
  const summer = { offset: -summerWest, name: unquoted(summerName), isSummer: true }
  return zoneByRules(text, standard, summer, [start, end])
}

interface Part extends Calling {
  readonly offset: number
}

/** The seconds from the beginning of a year on at which a change is due, by the clock before it. */
type Rule = (year: number) => number

function zoneByRules(
  name: string,
  standard: Part,
  summer: Part,
  [start, end]: readonly [Rule, Rule],
): TimeZone {
  const changes: { readonly start: number; readonly offset: number }[] = []
  const cycleStart = yearStart(FIRST_YEAR)
  for (let year = FIRST_YEAR; yearStart(year) < cycleStart + CYCLE_SECONDS; year++) {
    const from = yearStart(year)
    changes.push(
      { start: from + start(year) - standard.offset, offset: summer.offset },
      { start: from + end(year) - summer.offset, offset: standard.offset },
    )
  }
  changes.sort((left, right) => left.start - right.start)
  // Before the first change of the cycle it is as after its last one.
  const first = changes.at(-1)?.offset ?? standard.offset
  return {
    name,
    starts: new Float64Array([-Infinity, ...changes.map((change) => change.start)]),
    offsets: new Int32Array([first, ...changes.map(({ offset }) => offset)]),
    cycleStart,
    cyclesBack: true,
    calling: (_, offset) => (offset === summer.offset ? summer : standard),
  }
}

function yearStart(year: number): number {
  return Date.UTC(year, 0, 1) / 1000
}

function secondsOf(text: string): number | undefined {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^([+-]?)(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text) ?? []
  if (sign === undefined) return undefined
  const isWrong = Number(hours) > HOURS_MAX || Number(minutes) > 59 || Number(seconds) > 60
  if (isWrong) return undefined
  const size = Number(hours) * HOUR_SECONDS + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -size : size
}

function unquoted(name: string): string {
  return name.startsWith('<') ? name.slice(1, -1) : name
}

/** `M3.2.0/2`: the second Sunday of March; `J60`: a day that counts no 29th of February; `59`: one that does, from 0 on. */
function ruleOf(text: string): Rule | undefined {
  const [day = '', time = '2'] = text.split('/')
  const seconds = secondsOf(time)
  if (seconds === undefined) return undefined
  const [, month, week, weekday] = /^M(\d{1,2})\.([1-5])\.([0-6])$/.exec(day) ?? []
  if (month !== undefined) {
    const at = Number(month) - 1
    if (at < 0 || at > 11) return undefined
    return (year) => dayOfWeek(year, at, Number(week), Number(weekday)) * DAY_SECONDS + seconds
  }
  const [, julian, count] = /^(J?)(\d{1,3})$/.exec(day) ?? []
  if (count === undefined) return undefined
  const days = Number(count)
  if (julian === '') return days > 365 ? undefined : () => days * DAY_SECONDS + seconds
  if (days < 1 || days > 365) return undefined
  return (year) => (days - (isLeap(year) && days >= 60 ? 0 : 1)) * DAY_SECONDS + seconds
}

function isLeap(year: number): boolean {
  return new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
}

/** Days since the year began until a weekday of a month, from the first to the last (5). */
function dayOfWeek(year: number, month: number, week: number, weekday: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay()
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  let day = ((weekday - first + 7) % 7) + 7 * (week - 1)
  while (day >= length) day -= 7
  return (Date.UTC(year, month, 1 + day) - Date.UTC(year, 0, 1)) / (1000 * DAY_SECONDS)
}
