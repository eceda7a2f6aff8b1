import { present } from '../../base/assert.ts'
import { intlTable, nationalTable } from './intl-zone.ts'
import { firstNames } from './names-first.ts'
import { secondNames } from './names-second.ts'
import { posixZone } from './posix-zone.ts'
import { fixedZone, offsetName, type Calling, type TimeZone } from './time-zone.ts'

/** What an offset was called from a moment on. */
interface Period extends Calling {
  readonly start: number
}

type Callings = ReadonlyMap<number, readonly Period[]>

interface NamedZone {
  readonly name: string
  /** As it is written in the data: it is read when it is wanted. */
  readonly callings: string
}

let namedZones: ReadonlyMap<string, NamedZone> | undefined

/** The zones that have a name, by that in small letters. */
function zonesByName(): ReadonlyMap<string, NamedZone> {
  namedZones ??= new Map(
    `${firstNames}${secondNames}`
      .replaceAll('\n ', ' ')
      .split('\n')
      .filter((record) => record !== '')
      .flatMap((record) => {
        const [names = '', callings = ''] = record.split(' =')
        return names.split(' ').map((name) => [name.toLowerCase(), { name, callings }] as const)
      }),
  )
  return namedZones
}

/** The names of all zones. */
export function zoneNames(): readonly string[] {
  return [...zonesByName().values()].map(({ name }) => name)
}

function callingsOf(text: string): Callings {
  const byOffset = new Map<number, Period[]>()
  for (const word of text.split(' ').filter((one) => one !== '')) {
    const [, star, name = '', offset = '0', start] =
      /^(\*?)([^:]+):(-?\d+)(?:@(-?\d+))?$/.exec(word) ?? []
    const periods = byOffset.get(Number(offset)) ?? []
    byOffset.set(Number(offset), periods)
    const from = start === undefined ? -Infinity : Number(start)
    periods.push({ name, isSummer: star === '*', start: from })
  }
  return byOffset
}

/** Hours west of Greenwich of zones of the United States as a whole, which Intl takes for those of some place. */
const standardHours: Readonly<Record<string, number>> = {
  est: 5,
  mst: 7,
  hst: 10,
  est5edt: 5,
  cst6cdt: 6,
  mst7mdt: 7,
  pst8pdt: 8,
}

const ZONES_MAX = 1_024
const made = new Map<string, TimeZone | undefined>()

/**
 * The zone by a name, in any case, or by a rule of POSIX; undefined where there is none. Errors: none. Zones
 * that were asked for are kept.
 */
export function zoneNamed(text: string): TimeZone | undefined {
  const key = text.toLowerCase()
  if (made.has(key)) return made.get(key)
  if (made.size >= ZONES_MAX) made.clear()
  const zone = makeZone(key)
  made.set(key, zone)
  return zone
}

function makeZone(key: string): TimeZone | undefined {
  const named = zonesByName().get(key)
  if (named === undefined) return key.length > 255 ? undefined : posixZone(key.toUpperCase())
  const { name } = named
  const callings = callingsOf(named.callings)
  // What Intl has no word for is always the same.
  const [only] = [...callings.keys()]
  if (/^(?:etc\/)?(?:gmt[+-]?0?|utc|uct|zulu|universal|greenwich)$/.test(key)) {
    return fixedZone(name, 0, callings.get(only ?? 0)?.[0]?.name ?? 'UTC')
  }
  const fixed = /^etc\/gmt([+-]\d+)$/.exec(key)?.[1]
  if (fixed !== undefined) {
    const offset = -Number(fixed) * 3_600 + 0
    return fixedZone(name, offset, offsetName(offset))
  }
  const standard = standardHours[key]
  if (standard !== undefined) {
    const called = callings.get(-standard * 3_600)?.[0]?.name ?? name
    if (!key.endsWith('dt')) return fixedZone(name, -standard * 3_600, called)
    const newYork = present(zoneNamed('America/New_York'), 'the zone of New York')
    const table = nationalTable(standard, newYork)
    return { name, ...table, calling: callingBy(callings, Number.NaN) }
  }
  const table = intlTable(name)
  const first = table.offsets[0] ?? 0
  return { name, ...table, calling: callingBy(callings, first) }
}

/** What an offset was called; where nothing is said of it, itself, and in the beginning the local mean time. */
function callingBy(callings: Callings, first: number): TimeZone['calling'] {
  return (seconds, offset) => {
    const periods = callings.get(offset)
    if (periods === undefined) {
      const isMean = offset === first && offset % 900 !== 0
      return { name: isMean ? 'LMT' : offsetName(offset), isSummer: false }
    }
    return periods.findLast(({ start }) => start <= seconds) ?? periods[0]!
  }
}
