import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import { plainLocale } from '../../../src/data/types/datetime/locale.ts'
import { timestamptz } from '../../../src/data/types/data-type.ts'
import { offsetAt, offsetByClock } from '../../../src/data/zones/time-zone.ts'
import { zoneNamed } from '../../../src/data/zones/zone-names.ts'
import { zoneTable } from '../../../src/functions/datetime/zone-table.ts'
import { bytesOfView } from '../values/cells.ts'
import { exact } from '../values/json-values.ts'
import { conformance, heap, place, space } from './bench.ts'

// Offsets of zones, by kernels and by what their tables are made of.

const ROUNDS = 3_000
const MICROS = 1_000_000
const KEPT_BYTES = 24
const YEAR_SECONDS = 31_556_952
const ROOM = 64

const names = [
  'Europe/Berlin',
  'America/New_York',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'PST8PDT',
  'EST5EDT4,M4.1.0/3,M10.5.0',
  '<+03>-3',
]

conformance(['zoneOffset', 'zoneClockOffset', 'zoneText'], () => {
  test.each(names)('offsets in %s', (name) => {
    const random = seededRandom(31)
    const zone = present(zoneNamed(name), name)
    const table = zoneTable(zone)
    const view = (BigInt(table.length) << 32n) | BigInt(place(table))
    const kept = [space(KEPT_BYTES), space(KEPT_BYTES)] as const
    for (const at of kept) heap.u8.fill(0, at, at + KEPT_BYTES)
    for (let round = 0; round < ROUNDS; round++) {
      // Mostly near, some just beside a change, some far away.
      const change = zone.starts[1 + Math.floor(random.next() * (zone.starts.length - 1))] ?? 0
      const near = random.next() < 0.5 ? change : (random.next() - 0.3) * 100 * YEAR_SECONDS
      const far = random.next() < 0.05 ? (random.next() - 0.02) * 200_000 * YEAR_SECONDS : 0
      const seconds = Math.floor(near + far + (random.next() - 0.5) * 14_400)
      const micros = BigInt(seconds) * BigInt(MICROS) + BigInt(Math.floor(random.next() * MICROS))
      const shown = `${name} at ${seconds}`
      const offset = exact('zoneOffset', micros, view, kept[0])
      expect(offset, shown).toBe(BigInt(offsetAt(zone, seconds)) * BigInt(MICROS))
      const byClock = exact('zoneClockOffset', micros, view, kept[1])
      expect(byClock, shown).toBe(BigInt(offsetByClock(zone, seconds)) * BigInt(MICROS))
      const written = exact('zoneText', micros, view, kept[0], space(ROOM))
      const expected = formatScalar(micros, timestamptz, { ...plainLocale, zone })
      expect(bytesOfView(written), shown).toBe(expected)
    }
  })
})
